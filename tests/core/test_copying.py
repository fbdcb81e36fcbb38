"""Rows that are copied into PostgreSQL are the rows that an INSERT would have made."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from pratik.calendars.models import InternshipCalendar
from pratik.core.copying import WORTH_A_COPY
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import create_rows, update_rows
from pratik.reference.models import Commune
from tests import factories as make

pytestmark = pytest.mark.django_db

AWKWARD = 'Tabulation\t, retour\n, barre \\N \\., « guillemets », "x", ; et é'


@pytest.fixture(autouse=True)
def under_an_operation(actor):
    with operation(kind=OperationKind.IMPORT, actor=actor):
        yield


def calendars(school, number, first=0):
    start = datetime.date(2027, 1, 4)
    return [
        InternshipCalendar(
            school=school,
            program_name=f"Filière {first + place}",
            level=5,
            diploma="BTS",
            year_in_cycle=1,
            start_on=start,
            end_on=start + datetime.timedelta(days=25),
            number_of_students=12,
            skills_sought=["Vente", AWKWARD],
            description=AWKWARD,
        )
        for place in range(number)
    ]


def as_kept(rows, *, but=("id", "program_name", "program_key", "search_text", "created_at", "updated_at")):
    """What the table and the history hold of rows, apart from what is each one's own."""
    pks = [row.pk for row in rows]
    found = []
    for queryset in (
        InternshipCalendar.objects.filter(pk__in=pks),
        InternshipCalendar.history.filter(id__in=pks),
    ):
        own = {*but, "history_id", "history_date"}
        names = [f.attname for f in queryset.model._meta.concrete_fields if f.attname not in own]
        found.append({str(values) for values in queryset.values_list(*names)})
    return found


def test_many_rows_are_kept_as_few_are():
    school = make.school()
    few = create_rows(calendars(school, 3))
    many = create_rows(calendars(school, WORTH_A_COPY, first=10))
    assert as_kept(few) == as_kept(many)
    assert InternshipCalendar.objects.get(pk=many[7].pk).description == AWKWARD
    assert all(row.pk and not row._state.adding for row in many)
    many[0].description = "Corrigée"
    update_rows(many, ["description"])
    update_rows(few, ["description"])
    assert InternshipCalendar.objects.get(pk=many[0].pk).description == "Corrigée"
    assert as_kept(few) == as_kept(many[1:])


def test_keys_go_on_where_the_copy_ended():
    rows = create_rows([Commune(name=f"C{n}", insee_code=f"{n:05d}") for n in range(WORTH_A_COPY)])
    keys = [row.pk for row in rows]
    assert len(set(keys)) == WORTH_A_COPY
    (after,) = create_rows([Commune(name="Après", insee_code="99999")])
    assert after.pk > max(keys)


def test_a_broken_constraint_is_said_as_ever_and_nothing_is_kept():
    create_rows([Commune(name="Déjà là", insee_code="00007")])
    with pytest.raises(IntegrityError), transaction.atomic():
        create_rows([Commune(name=f"C{n}", insee_code=f"{n:05d}") for n in range(WORTH_A_COPY)])
    assert Commune.objects.count() == 1


def test_two_updates_in_one_transaction_do_not_meet():
    rows = create_rows([Commune(name=f"C{n}", insee_code=f"{n:05d}") for n in range(WORTH_A_COPY)])
    for population in (1, 2):
        for row in rows:
            row.population = population + row.pk % 2
        update_rows(rows, ["population"])
    kept = dict(Commune.objects.values_list("pk", "population"))
    assert kept == {row.pk: 2 + row.pk % 2 for row in rows}
    assert Commune.history.count() == 3 * WORTH_A_COPY
    assert connection.in_atomic_block
