"""Every write has an author, a reason and a place in the history; a write without them does not happen."""

import pytest
from django.contrib.auth.models import AnonymousUser

from pratik.accounts.enums import Role
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import WriteOutsideService, current_operation, operation
from pratik.core.writes import create_rows, delete_rows, set_columns, update_rows
from pratik.reference.models import Commune
from tests import factories as make

pytestmark = pytest.mark.django_db


def commune(name, number):
    return Commune(name=name, insee_code=f"97{number:03d}")


class Source:
    name, sha256, size = "communes.csv", "a" * 64, 1234


def test_an_operation_says_who_did_what_why_and_from_which_file(actor):
    with operation(
        kind=OperationKind.IMPORT, actor=actor, subject=Commune, reason="Rentrée", source=Source
    ) as running:
        create_rows([commune("Cayenne", 302), commune("Kourou", 304)])
    row = Operation.objects.get(pk=running.written.pk)
    assert (row.kind, row.actor, row.actor_label, row.reason) == ("import", actor, str(actor), "Rentrée")
    assert (row.subject, row.subject_model) == ("reference.commune", Commune)
    assert (row.source_name, row.source_sha256, row.source_size) == ("communes.csv", "a" * 64, 1234)
    assert row.total("created") == 2
    assert row.started_at <= row.finished_at


def test_an_operation_opened_inside_another_joins_it(actor):
    other = make.user(Role.EDITOR)
    before = Operation.objects.count()
    with operation(kind=OperationKind.IMPORT, actor=actor, reason="dehors") as outer:
        create_rows([commune("Cayenne", 302)])
        with operation(kind=OperationKind.EDIT, actor=other, reason="dedans") as inner:
            create_rows([commune("Kourou", 304)])
        assert inner is outer
        commune("Mana", 306).save()
    assert Operation.objects.count() == before + 1
    row = outer.written
    assert (row.kind, row.actor, row.reason, row.total("created")) == ("import", actor, "dehors", 3)
    assert {line.operation for line in Commune.history.all()} == {row}


def test_an_operation_that_writes_nothing_leaves_no_trace(actor):
    before = Operation.objects.count()
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        running.count("refused", 12)
        create_rows([])
    assert running.written is None
    assert Operation.objects.count() == before


def test_an_operation_that_fails_leaves_nothing_behind(actor):
    before = Operation.objects.count()

    def fail():
        with operation(kind=OperationKind.CREATE, actor=actor):
            create_rows([commune("Cayenne", 302)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Commune.objects.exists()
    assert not Commune.history.exists()
    assert Operation.objects.count() == before
    with pytest.raises(WriteOutsideService):
        current_operation()


@pytest.mark.parametrize("nobody", [None, AnonymousUser()], ids=["nobody", "a visitor"])
def test_an_operation_needs_somebody_with_an_account(nobody):
    with pytest.raises(WriteOutsideService), operation(kind=OperationKind.EDIT, actor=nobody):
        pass


WRITES = {
    "save a new row": lambda row: commune("Kourou", 304).save(),
    "save a row": lambda row: row.save(),
    "save one column": lambda row: row.save(update_fields=["name"]),
    "create": lambda row: Commune.objects.create(name="Kourou", insee_code="97304"),
    "get_or_create": lambda row: Commune.objects.get_or_create(name="Kourou", insee_code="97304"),
    "queryset.update": lambda row: Commune.objects.update(name="Kourou"),
    "queryset.bulk_create": lambda row: Commune.objects.bulk_create([commune("Kourou", 304)]),
    "queryset.bulk_update": lambda row: Commune.objects.bulk_update([row], ["name"]),
    "queryset.delete": lambda row: Commune.objects.all().delete(),
    "delete a row": lambda row: row.delete(),
    "create_rows": lambda row: create_rows([commune("Kourou", 304)]),
    "update_rows": lambda row: update_rows([row], ["name"]),
    "set_columns": lambda row: set_columns(Commune, [row.pk], name="Kourou"),
    "delete_rows": lambda row: delete_rows(Commune, [row.pk]),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_outside_an_operation_fails_and_changes_nothing(write):
    row = make.commune(name="Cayenne", insee_code="97302")
    lines = Commune.history.count()
    row.name = "Kourou"
    with pytest.raises(WriteOutsideService):
        write(row)
    assert list(Commune.objects.values_list("name", "insee_code")) == [("Cayenne", "97302")]
    assert Commune.history.count() == lines


QUERYSET_WRITES = ["queryset.update", "queryset.bulk_create", "queryset.bulk_update", "queryset.delete"]


@pytest.mark.parametrize("name", QUERYSET_WRITES)
def test_the_querysets_own_set_writes_stay_closed_inside_an_operation(name, actor):
    """They would write rows without their lines of history."""
    row = make.commune(name="Cayenne", insee_code="97302")
    with operation(kind=OperationKind.EDIT, actor=actor), pytest.raises(WriteOutsideService):
        WRITES[name](row)
    assert list(Commune.objects.values_list("name", "insee_code")) == [("Cayenne", "97302")]


def test_signing_in_needs_no_operation_and_leaves_no_history(client_for):
    """The moment of the last sign-in is no change of the account."""
    user = make.user(Role.STUDENT)
    lines = user.history.count()
    client_for(user)
    user.refresh_from_db()
    assert user.last_login is not None
    assert user.history.count() == lines
