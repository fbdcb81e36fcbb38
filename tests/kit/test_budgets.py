"""How many queries a page may take: few, and as many for a full list as for a short one."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratik.accounts.enums import Role
from pratik.calendars.models import InternshipCalendar
from pratik.internships.models import Placement
from pratik.recommendations.enums import RecommendationState
from pratik.recommendations.models import RecommendedStudent
from pratik.schools.models import ProgramManager
from tests import factories as make
from tests.kit.world import NEW, PAGES, own_row, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LIST_BUDGET = 15
ROW_BUDGET = 20
SHORT, LONG = 5, 20

# The NAF has 21 sections, and 8 types of account may be asked for 8 papers: no longer lists exist.
LONGEST = {"reference.activitysection": 21, "verification.requirement": 64}


def willing_student():
    """A student who agreed that others read what a company says of them: the list shows nobody else."""
    row = make.recommendation(state=RecommendationState.ACCEPTED)
    return RecommendedStudent._base_manager.get(pk=row.student_id)


SHOWN = {**NEW, RecommendedStudent: willing_student}


@pytest.fixture(autouse=True)
def seen_lately(monkeypatch):
    """When somebody was last seen is noted now and then, which is not a query of the page."""
    monkeypatch.setattr("pratik.access.middleware.ACTIVITY_INTERVAL", datetime.timedelta(days=1))


def asked(client, address):
    """The queries of a page, past those by which Django learns its own types once."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200
    return queries


def fill(model, number):
    while (there := model._base_manager.count()) < number:
        for _ in range(number - there):
            SHOWN[model]()


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label_lower)
def test_list_takes_as_many_queries_whatever_its_length(client_for, administrator, model):
    client = client_for(administrator)
    longest = LONGEST.get(model._meta.label_lower, LONG)
    short = min(SHORT, longest - 1)
    fill(model, short)
    address = url(model, "changelist") + "?all="
    few = asked(client, address)
    fill(model, longest)
    many = asked(client, address)
    told = "\n".join(query["sql"][:200] for query in many)
    assert len(many) == len(few), told
    assert len(many) <= LIST_BUDGET, told
    assert len(asked(client, url(model, "changelist"))) <= LIST_BUDGET


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label_lower)
def test_page_of_a_row_stays_within_its_budget(client_for, administrator, model):
    client = client_for(administrator)
    row = SHOWN[model]()
    queries = asked(client, url(model, "change", row.pk))
    assert len(queries) <= ROW_BUDGET, "\n".join(query["sql"][:200] for query in queries)


def test_page_of_a_school_does_not_grow_with_its_managers(client_for, editor):
    client = client_for(editor)
    school = make.school()
    address = url(type(school), "change", school.pk)

    def more(number):
        for _ in range(number):
            make.manager(school=school)

    more(2)
    few = asked(client, address)
    more(10)
    many = asked(client, address)
    assert len(many) == len(few) <= ROW_BUDGET


def test_school_sees_its_lists_within_the_same_budget(client_for, school_user):
    client = client_for(school_user)
    for model in (InternshipCalendar, ProgramManager, Placement):
        for _ in range(LONG):
            own_row(model, school_user)
        queries = asked(client, url(model, "changelist"))
        assert len(queries) <= LIST_BUDGET, "\n".join(query["sql"][:200] for query in queries)


def test_history_does_not_take_more_queries_for_more_lines(client_for, administrator):
    from pratik.core.services import save_row

    client = client_for(administrator)
    company = make.company()
    address = url(type(company), "history", company.pk)

    def edit(times):
        for number in range(times):
            company.description = f"Version {number} de {times}"
            save_row(actor=administrator, row=company)

    edit(2)
    few = asked(client, address)
    edit(20)
    many = asked(client, address)
    assert len(many) == len(few) <= ROW_BUDGET


def test_palette_asks_once_for_each_list(client_for):
    account = make.user(Role.EDITOR)
    client = client_for(account)
    for _ in range(30):
        make.company(name="Menuiserie du Larivot")
    queries = asked(client, "/console/search/?s=larivot&extended=1")
    assert len(queries) <= len(PAGES) + 2
