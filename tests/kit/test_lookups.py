"""What the address of a list may ask: what its filters ask, for the person who has them, and nothing else.

A column that a list does not show is found out by halving, if the address of the list may ask for it.
"""

import pytest
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db import models
from django.test import RequestFactory

from backoffice.base.admin import ListAdmin
from pratik.accounts.enums import Role
from pratik.internships.models import Application, InternshipOffer
from pratik.recommendations.models import RecommendedStudent
from tests import factories as make
from tests.kit.addresses import World
from tests.kit.world import NEW, PAGES, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NONSENSE = ("-1", "9999", "9" * 40, "0001-01-01", "9999-12-31", "2027-02-31")
NONSENSE += ("\x00", "é" * 300, "1e400", "{{7*7}}")


def asked_of(account, query=None):
    request = RequestFactory().get("/", query)
    request.user, request.impersonator = account, None
    return request


def column_of(item):
    """The column of a filter; None for one that has a name of its own."""
    return None if isinstance(item, type) else item[0]


def hidden_lookups(page, request):
    """Each column that no filter of the list is about, asked for in the ways that find a value out."""
    filtered = {column_of(item) for item in page.get_list_filter(request)} | {page.date_hierarchy}
    for field in page.model._meta.concrete_fields:
        if field.name in filtered:
            continue
        yield from (
            field.name,
            *(f"{field.name}__{how}" for how in ("exact", "startswith", "lt", "gte", "in")),
        )
        if isinstance(field, models.ForeignKey):
            other = next(each for each in field.related_model._meta.concrete_fields if not each.primary_key)
            yield from (f"{field.name}__{other.name}__startswith", f"{field.name}__id__exact")


@pytest.fixture
def made_world(request, db):
    """Gone after its test: the others count the rows that they made."""
    return World(request.param)


def test_lists_answer_their_filters_and_nothing_else(client, world):
    wrong = []
    for model, page in PAGES.items():
        if world.may(model, "view") and isinstance(page, ListAdmin):
            request = asked_of(world.account)
            own = {getattr(item, "parameter_name", None) for item in page.get_list_filter(request)}
            wrong += [
                (model.__name__, lookup)
                for lookup in hidden_lookups(page, request)
                if lookup not in own and page.lookup_allowed(lookup, "x", request)
            ]
            listed = client.get(url(model, "changelist")).context_data["cl"]
            asked = [name for spec in listed.filter_specs for name in spec.expected_parameters() or ()]
            wrong += [
                (model.__name__, name, "refused")
                for name in asked
                if name and not page.lookup_allowed(name, "x", request)
            ]
    assert not wrong


@pytest.mark.parametrize(
    "model", [model for model, page in PAGES.items() if isinstance(page, ListAdmin)], ids=lambda m: m.__name__
)
def test_nonsense_in_the_address_asks_for_nothing(client_for, administrator, model):
    """Never an error, whatever is asked of whichever column; nor where the rows leave as a file."""
    page = PAGES[model]
    NEW[model]()
    specs = page.get_changelist_instance(asked_of(administrator)).filter_specs
    names = {name for spec in specs for name in spec.expected_parameters() or () if name}
    days = [field for field in model._meta.concrete_fields if isinstance(field, models.DateField)]
    names |= {f"{field.name}__year" for field in days} | {"id__exact", "inconnu"}
    for name in sorted(names):
        for value in NONSENSE:
            for asks in (page.get_changelist_instance, page.get_export_queryset):
                try:
                    answer = asks(asked_of(administrator, {name: value}))
                    list(getattr(answer, "result_list", answer))
                except (IncorrectLookupParameters, BadRequest):
                    continue
    client, address = client_for(administrator), url(model, "changelist")
    if page.date_hierarchy:
        for value in ("-1", "9999", "9" * 40):
            assert client.get(address, {f"{page.date_hierarchy}__year": value}).status_code in (200, 302)
    assert client.get(address, {"inconnu": "\x00"}).status_code == 302
    for asked in ({"inconnu": "1"}, {"id__exact": "\x00"}):
        assert client.get(url(model, "export"), asked).status_code == 400


def test_a_birthday_is_not_found_out_by_halving(client_for):
    """A company reads who is recommended, and neither when they were born nor where they can be reached."""
    row = make.recommendation(state="accepted")
    member = make.member(make.company()).user
    client = client_for(member)
    address = url(RecommendedStudent, "changelist")
    assert client.get(address).context_data["cl"].result_count == 1
    for query in ("born_on__lt=2100-01-01", "born_on__lt=1900-01-01", "user__email__startswith=a", "bio="):
        answer = client.get(f"{address}?{query}")
        assert (answer.status_code, answer["Location"]) == (302, f"{address}?e=1"), query
    assert client.get(f"{address}?level__exact={row.student.level or 4}").status_code == 200


def test_a_letter_is_not_read_word_by_word(client_for, verifier):
    make.application(letter="Je vous écris.")
    client = client_for(verifier)
    for query in ("letter__startswith=Je", "letter__startswith=Tu", "refusal_text__contains=x"):
        assert client.get(f"{url(Application, 'changelist')}?{query}").status_code == 302


@pytest.mark.parametrize("year", ["-1", "0", "99999"])
def test_a_year_that_no_calendar_has_is_no_error(client_for, year):
    member = make.user(Role.EDITOR)
    assert (
        client_for(member).get(url(InternshipOffer, "changelist"), {"start_on__year": year}).status_code
        == 302
    )
