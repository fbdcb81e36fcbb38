"""Rows that are copied into PostgreSQL are the rows that an INSERT would have made."""

import contextlib
import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from pratik.calendars.models import InternshipCalendar
from pratik.core.copying import WORTH_A_COPY, insert_rows, upsert_rows
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import create_rows, update_rows
from pratik.reference.models import Commune
from tests import factories as make

pytestmark = pytest.mark.django_db

AWKWARD = 'Tabulation\t, retour\n, barre \\N \\., « guillemets », "x", ; et é'


@pytest.fixture
def running(actor):
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


def test_many_rows_are_kept_as_few_are(running):
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


def test_keys_go_on_where_the_copy_ended(running):
    rows = create_rows([Commune(name=f"C{n}", insee_code=f"{n:05d}") for n in range(WORTH_A_COPY)])
    keys = [row.pk for row in rows]
    assert len(set(keys)) == WORTH_A_COPY
    (after,) = create_rows([Commune(name="Après", insee_code="99999")])
    assert after.pk > max(keys)


def test_a_broken_constraint_is_said_as_ever_and_nothing_is_kept(running):
    create_rows([Commune(name="Déjà là", insee_code="00007")])
    with pytest.raises(IntegrityError), transaction.atomic():
        create_rows([Commune(name=f"C{n}", insee_code=f"{n:05d}") for n in range(WORTH_A_COPY)])
    assert Commune.objects.count() == 1


def test_two_updates_in_one_transaction_do_not_meet(running):
    rows = create_rows([Commune(name=f"C{n}", insee_code=f"{n:05d}") for n in range(WORTH_A_COPY)])
    for population in (1, 2):
        for row in rows:
            row.population = population + row.pk % 2
        update_rows(rows, ["population"])
    kept = dict(Commune.objects.values_list("pk", "population"))
    assert kept == {row.pk: 2 + row.pk % 2 for row in rows}
    assert Commune.history.count() == 3 * WORTH_A_COPY
    assert connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_many_rows_are_written_all_or_none_without_a_transaction_of_the_callers_too():
    rows = [Commune(name=f"C{n}", insee_code=f"{n:05d}") for n in range(WORTH_A_COPY)]
    insert_rows(Commune, rows)
    for row in rows:
        row.population = 7
    upsert_rows(Commune, rows, ["population"])
    assert Commune.objects.filter(population=7).count() == WORTH_A_COPY
    rows[0].insee_code = rows[1].insee_code
    with pytest.raises(IntegrityError):
        upsert_rows(Commune, rows, ["insee_code", "population"])
    with pytest.raises(IntegrityError):
        insert_rows(Commune, [Commune(name="Encore", insee_code="00001") for _row in rows])
    assert Commune.objects.filter(population=7).count() == Commune.objects.count() == WORTH_A_COPY


def test_nothing_more_is_written_in_a_transaction_in_which_a_row_was_refused():
    """Who goes on must have put an attempt around it; nothing is half written for want of one."""
    rows = [Commune(name=f"C{n}", insee_code="00001") for n in range(WORTH_A_COPY)]
    with transaction.atomic():
        with contextlib.suppress(IntegrityError):
            insert_rows(Commune, rows)
        with pytest.raises(TransactionManagementError):
            Commune.objects.exists()
    assert not Commune.objects.exists()
