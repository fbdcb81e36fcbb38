"""The page « Rôles et droits » says what the table, the workflows and the scopes say, at no cost."""

import csv
import io

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from backoffice import rights
from backoffice.rights import Reach, Verb, cell_of, matrix, reach, sheet
from backoffice.roles import SEE, TABLE, TWINS, VIEW, read_only, verbs_of
from pratik.accounts.enums import STAFF_ROLES, Role
from pratik.accounts.models import User
from pratik.calendars.models import InternshipCalendar
from pratik.core.querysets import ScopedQuerySet
from pratik.partners.models import CompanyProfile
from pratik.reference.models import Commune
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.conftest import person
from tests.kit.world import PAGES, own_row, undone

pytestmark = pytest.mark.django_db

PAGE = "/console/roles/"


# Read-only twins


@pytest.mark.parametrize("role", list(TABLE), ids=str)
def test_read_only_twin_of_any_role_sees_what_it_sees_and_changes_nothing(role):
    twin = read_only(TABLE[role])
    assert all(verbs <= SEE for verbs in twin.values())
    assert {model for model, verbs in TABLE[role].items() if verbs & VIEW} == set(twin)
    for model, verbs in twin.items():
        assert verbs == TABLE[role][model] & SEE


def test_twin_follows_its_role_when_the_role_changes():
    assert read_only({"a.b": {"view", "add", "export"}, "a.c": {"add"}}) == {"a.b": {"view", "export"}}


@pytest.mark.parametrize("twin", list(TWINS), ids=str)
def test_twin_has_no_verb_of_a_workflow_but_everyones_and_the_sight_of_its_role(twin):
    """Everyone may withdraw what they asked about their own data, whatever their role."""
    assert TABLE[twin] == read_only(TABLE[TWINS[twin]])
    for model in rights.models():
        others = [role for role in TABLE if role not in (twin, TWINS[twin])]
        everyones = set.intersection(*(set(rights.acts_of(role, model)) for role in others))
        assert set(rights.acts_of(twin, model)) <= everyones
        assert reach(twin, model) == reach(TWINS[twin], model)


# What the page says


def test_every_cell_says_what_the_table_says():
    for role in TABLE:
        for model in rights.models():
            cell = cell_of(role, model)
            had = {right.label for right in cell.rights if not right.lost}
            assert had == {verb.label for verb in Verb if verb in verbs_of(role, model._meta.label_lower)}


def test_table_has_no_verb_that_the_page_does_not_know():
    assert {verb for rights in TABLE.values() for verbs in rights.values() for verb in verbs} == set(
        Verb.values
    )


def test_cell_of_a_twin_shows_what_it_lacks_of_its_role():
    cell = cell_of(Role.AUDITOR, CompanyProfile)
    assert {right.label for right in cell.rights if right.lost} == {
        Verb.ADD.label,
        Verb.CHANGE.label,
        Verb.DELETE.label,
        Verb.IMPORT.label,
    }
    assert [act.lost for act in cell.acts] == [True] * len(CompanyProfile.workflow.transitions)


@pytest.mark.parametrize(
    ("role", "model", "scope", "told"),
    [
        (Role.ADMINISTRATOR, User, "visible_to", Reach.ALL),
        (Role.EDITOR, User, "editable_by", Reach.OWN_AND_MORE),
        (Role.STUDENT, User, "visible_to", Reach.OWN),
        (Role.SCHOOL, InternshipCalendar, "visible_to", Reach.OWN),
        (Role.COMPANY, InternshipCalendar, "visible_to", Reach.PUBLIC),
        (Role.COMPANY, InternshipCalendar, "editable_by", Reach.NONE),
        (Role.STUDENT, Commune, "visible_to", Reach.ALL),
        (Role.STUDENT, SchoolProfile, "visible_to", Reach.PUBLIC),
    ],
)
def test_reach_of_a_scope(role, model, scope, told):
    assert reach(role, model, scope) == told


def test_reach_is_true_of_real_rows():
    """All means all, none none, and one's own neither shows what is a stranger's."""
    scoped = [model for model in PAGES if issubclass(type(model.objects.all()), ScopedQuerySet)]
    for role in TABLE:
        account = person(role)
        for model in scoped:
            with undone():
                own = own_row(model, account)
                seen, all_rows = model.objects.visible_to(account).count(), model.objects.count()
                match reach(role, model):
                    case Reach.ALL:
                        assert seen == all_rows, (role, model)
                    case Reach.NONE:
                        assert seen == 0, (role, model)
                    case Reach.PUBLIC:
                        assert seen == model.objects.visible_to(AnonymousUser()).count(), (role, model)
                    case Reach.OWN:
                        assert (seen > 0) == (own is not None), (role, model)


# The page itself


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ANONYMOUS], ids=str)
@pytest.mark.parametrize("name", ["roles", "roles_xlsx", "roles_csv"])
def test_page_is_the_teams(client_for, role, name):
    client = client_for(person(role))
    status = 200 if role in STAFF_ROLES else 403
    assert client.get(reverse(f"admin:{name}")).status_code == status
    in_menu = f'href="{PAGE}"' in client.get("/console/").content.decode()
    assert in_menu == (role in STAFF_ROLES)


def test_visitor_signs_in_first(client):
    for name in ("roles", "roles_xlsx", "roles_csv"):
        response = client.get(reverse(f"admin:{name}"))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login"))


def test_page_asks_the_database_no_more_for_all_roles_than_for_one(client_for, auditor):
    client = client_for(auditor)
    client.get(PAGE)
    asked = []
    for address in (PAGE, f"{PAGE}?role=school&area=calendars"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12
    reach.cache_clear()
    with CaptureQueriesContext(connection) as queries:
        sheet(matrix(rights.roles(), [label for label, _name in rights.areas()]))
    assert len(queries) == 0


def test_page_has_a_cell_for_each_role_and_model(client_for, administrator):
    html = client_for(administrator).get(PAGE).content.decode()
    assert html.count("<td data-role") == len(TABLE) * len(rights.models())
    assert html.count('scope="row"') == len(rights.models())


def test_icons_have_words(client_for, administrator):
    html = client_for(administrator).get(f"{PAGE}?role=auditor&area=partners").content.decode()
    assert "Consulter</span>" in html
    assert "Retiré\N{NO-BREAK SPACE}: Supprimer</span>" in html
    assert "Voit toutes les lignes." in html


def test_filters_keep_what_was_chosen_and_forget_what_does_not_exist(client_for, administrator):
    client = client_for(administrator)
    context = client.get(f"{PAGE}?role=school&role=editor&role=nobody&area=calendars").context_data
    assert [role for role, _origin in context["roles"]] == [Role.EDITOR, Role.SCHOOL]
    assert [area.label for area in context["areas"]] == ["calendars"]
    context = client.get(f"{PAGE}?role=%00&area=' OR 1=1").context_data
    assert len(context["roles"]) == len(TABLE)


def test_files_hold_the_same_table_with_the_same_filters(client_for, administrator):
    client = client_for(administrator)
    query = {"role": ["school", "auditor"], "area": "calendars"}
    text = client.get(reverse("admin:roles_csv"), query).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    book = load_workbook(io.BytesIO(client.get(reverse("admin:roles_xlsx"), query).content))
    assert [list(row) for row in book.active.iter_rows(values_only=True)] == [
        [cell or None for cell in row] for row in rows
    ]
    header, auditor, school = rows
    told = dict(zip(header, school, strict=True))
    assert told["Rôle"] == "Établissement scolaire"
    assert told["Importer"] == "oui"
    assert told["Actions"] == " | ".join(rights.acts_of(Role.SCHOOL, InternshipCalendar))
    assert told["Lignes modifiables"] == "ses propres lignes"
    told = dict(zip(header, auditor, strict=True))
    assert (told["Consulter"], told["Modifier"]) == ("oui", "non")
    assert told["Lignes modifiables"] == "aucune ligne"


def test_new_school_is_told_nothing_of_by_the_page(client_for, administrator):
    """The page speaks of kinds of rows; it holds none of them."""
    make.school(name="Lycée Zanzibar")
    assert "Zanzibar" not in client_for(administrator).get(PAGE).content.decode()
