"""Files of thousands of rows are written in sets, with the same history and the same rules."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from pratik.accounts.models import User
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import create_rows, delete_rows, dependants, set_columns, set_each, update_rows
from pratik.partners.models import CompanyProfile
from pratik.reference.models import Commune, Postcode, PublicHoliday
from pratik.schools.models import ProgramManager, SchoolProfile
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def under_an_operation(actor):
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        # Its own row is written with its first change, which is not what is counted below.
        assert running.row
        yield running


def communes(number, start=0):
    return [Commune(name=f"Commune {n}", insee_code=f"{n:05d}") for n in range(start, start + number)]


def queries(write):
    with CaptureQueriesContext(connection) as captured:
        write()
    return len(captured)


def per_statement(model):
    """How many rows one INSERT may hold: SQLite bounds the values of a statement, PostgreSQL does not."""
    limit = connection.features.max_query_params
    return limit // len(model._meta.concrete_fields) if limit else 1_000_000


@pytest.mark.parametrize("number", [10, 500])
def test_rows_are_created_in_as_many_queries_as_the_database_needs_statements(number):
    statements = -(-number // per_statement(Commune))
    # Many are given their keys at once, before they are copied.
    assert queries(lambda: create_rows(communes(number))) <= statements + 4
    assert Commune.objects.count() == Commune.history.count() == number


@pytest.mark.parametrize("number", [10, 500])
def test_rows_are_changed_in_as_many_queries_as_the_database_needs_statements(number):
    rows = create_rows(communes(number))
    for row in rows:
        row.population = 7
    statements = -(-number // per_statement(Commune))
    # Many are copied into a table of their own, which is made and removed.
    assert queries(lambda: update_rows(rows, ["population"])) <= statements + 4
    assert Commune.objects.filter(population=7).count() == number
    assert Commune.history.filter(history_type="~", population=7).count() == number


@pytest.mark.parametrize("number", [10, 500])
def test_columns_are_set_in_two_queries_and_rows_removed_in_two(number):
    pks = [row.pk for row in create_rows(communes(number))]
    assert queries(lambda: set_columns(Commune, pks, population=9)) == 2
    assert queries(lambda: delete_rows(Commune, pks)) == 2
    assert not Commune.objects.exists()
    assert Commune.history.filter(history_type="-", population=9).count() == number


@pytest.mark.parametrize("number", [10, 500])
def test_each_row_is_given_a_value_of_its_own_in_two_queries(number):
    first = datetime.date(2027, 1, 1)
    rows = create_rows(
        [PublicHoliday(day=first + datetime.timedelta(days=n), name=f"Fête {n}") for n in range(number)]
    )
    own = {row.pk: None if row.pk % 2 else row.day + datetime.timedelta(days=4_000) for row in rows}
    own = {pk: day for pk, day in own.items() if day}
    assert queries(lambda: set_each(PublicHoliday, "day", own, name="L’été d’après")) == 2
    after = dict(PublicHoliday.objects.values_list("pk", "day"))
    assert after == {row.pk: own.get(row.pk, row.day) for row in rows}
    told = PublicHoliday.history.filter(history_type="~")
    assert dict(told.values_list("id", "day")) == own
    assert set(told.values_list("name", flat=True)) == {"L’été d’après"}


def test_a_value_of_its_own_may_be_none_at_all(actor):
    users = [make.user(verified_until=datetime.date(2027, 1, day)) for day in (1, 2, 3)]
    own = {users[0].pk: None, users[1].pk: datetime.date(2028, 2, 29)}
    set_each(User, "verified_until", own, verified_by_id=actor.pk)
    found = dict(User.objects.values_list("pk", "verified_until"))
    assert [found[user.pk] for user in users] == [None, datetime.date(2028, 2, 29), datetime.date(2027, 1, 3)]
    assert User.objects.get(pk=users[2].pk).verified_by is None
    set_each(User, "verified_until", {})
    set_each(User, "verified_until", {users[2].pk: None})
    assert User.objects.get(pk=users[2].pk).verified_until is None


@pytest.mark.parametrize("number", [10, 500])
def test_dependants_are_counted_in_one_query_for_each_kind(number, actor):
    few = queries(lambda: dependants(SchoolProfile, [1]))
    assert queries(lambda: dependants(SchoolProfile, list(range(number)))) == few


def test_rows_get_their_keys_and_what_follows_from_their_values():
    rows = create_rows([Commune(name="Saint-Élie", insee_code="97358")])
    assert rows[0].pk
    assert Commune.objects.get(pk=rows[0].pk).sort_name == "saint elie"
    rows[0].name = "Iracoubo"
    update_rows(rows, ["name"])
    assert Commune.objects.get(pk=rows[0].pk).sort_name == "iracoubo"


def test_only_the_named_columns_are_written():
    """Somebody else may have changed the others since the rows were read."""
    company = make.company(name="Boulangerie", description="")
    read_earlier = CompanyProfile.objects.get(pk=company.pk)
    set_columns(CompanyProfile, [company.pk], description="Ouverte le dimanche")
    read_earlier.name = "Boulangerie du Port"
    update_rows([read_earlier], ["name"])
    now = CompanyProfile.objects.get(pk=company.pk)
    assert (now.name, now.description) == ("Boulangerie du Port", "Ouverte le dimanche")
    assert (now.siret, now.slug, now.created_at) == (company.siret, company.slug, company.created_at)
    assert now.updated_at > company.updated_at
    assert now.search_text.startswith("boulangerie du port")


def test_companies_of_one_name_get_addresses_of_their_own():
    make.company(name="Épicerie Chez Wong")
    rows = create_rows([CompanyProfile(name="Épicerie chez Wong", siret=make.siret()) for _ in range(3)])
    slugs = [row.slug for row in rows]
    assert slugs == [f"epicerie-chez-wong-{row.siret}" for row in rows]
    (unnamed,) = create_rows([CompanyProfile(name="✿", siret=make.siret())])
    assert unnamed.slug == "fiche"


def test_addresses_are_given_in_one_query_for_the_whole_set():
    rows = [CompanyProfile(name=f"Garage {n}", siret=make.siret()) for n in range(200)]
    statements = -(-200 // per_statement(CompanyProfile))
    assert queries(lambda: create_rows(rows)) <= statements + 5
    assert len({row.slug for row in rows}) == 200


def test_a_row_that_breaks_a_rule_takes_the_whole_set_back():
    rows = [*communes(3), Commune(name="Encore", insee_code="00001")]
    with pytest.raises(IntegrityError), transaction.atomic():
        create_rows(rows)
    assert not Commune.objects.exists()
    assert not Commune.history.exists()


def test_what_depends_on_a_row_is_counted_by_kind():
    school, lonely = make.school(), make.school()
    make.calendars(3, school=school)
    make.manager(school=school)
    found = dependants(SchoolProfile, [school.pk, lonely.pk])
    assert set(found) == {school.pk}
    assert {(model._meta.model_name, number) for model, number in found[school.pk]} == {
        ("internshipcalendar", 3),
        ("programmanager", 1),
    }


def test_a_row_that_others_point_at_cannot_be_removed_behind_their_back():
    postcode = make.postcode()

    def remove():
        with transaction.atomic():
            delete_rows(Commune, [postcode.commune_id])
            connection.check_constraints()

    with pytest.raises(IntegrityError):
        remove()
    assert Postcode.objects.get().commune == postcode.commune


def test_writing_nothing_asks_nothing():
    def write():
        create_rows([])
        update_rows([], ["name"])
        set_columns(ProgramManager, [], is_active=False)
        delete_rows(ProgramManager, [])

    assert queries(write) == 0
