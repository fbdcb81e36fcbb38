"""Indexes of long tables are made beside the work, made again where they were stopped, and undone alone."""

import threading
import time
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.state import ProjectState

from pratik.core.indexes import AddIndexBeside, RemoveIndexBeside, ordered
from pratik.reference.models import Commune
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = {
    "accounts": "0005_lists_at_scale",
    "calendars": "0002_lists_at_scale",
    "partners": "0003_lists_at_scale",
    "schools": "0003_lists_at_scale",
}
TABLE = "reference_commune"
INDEX = models.Index(fields=["population"], name="commune_by_population")
PATIENCE = 180


def done(*operations, label="reference", back=False):
    """Does operations of a migration, as `migrate` does them outside a transaction; or undoes them."""
    state = ProjectState.from_apps(apps)
    with connection.schema_editor(atomic=False) as editor:
        for one in reversed(operations) if back else operations:
            way = one.database_backwards if back else one.database_forwards
            way(label, editor, state, state)


def indexes(table=TABLE):
    """The names of a table's indexes that serve: one that was not finished is not among them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
                " WHERE indrelid = %s::regclass AND indisvalid",
                [table],
            )
            return {name for (name,) in cursor.fetchall()}
        return set(connection.introspection.get_constraints(cursor, table))


@pytest.mark.parametrize("label", LISTS)
def test_lists_migration_is_undone_without_the_others(label):
    """What finds words stays: the lists of the other areas stand on it."""
    migration = import_module(f"pratik.{label}.migrations.{LISTS[label]}").Migration
    for other, name in LISTS.items():
        done(*import_module(f"pratik.{other}.migrations.{name}").Migration.operations, label=other)
    table = "accounts_user" if label != "accounts" else "schools_schoolprofile"
    before = indexes(table)
    done(*migration.operations, label=label, back=True)
    assert indexes(table) == before
    done(*migration.operations, label=label)


@pytest.fixture
def no_trace():
    yield
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX IF EXISTS "{INDEX.name}"')


def test_index_of_a_model_is_added_and_removed_both_ways(no_trace):
    adding = AddIndexBeside("commune", INDEX)
    done(adding)
    assert INDEX.name in indexes()
    done(adding, back=True)
    assert INDEX.name not in indexes()


def test_index_of_a_model_is_removed_and_put_back():
    (index, *_rest) = apps.get_model("calendars.internshipcalendar")._meta.indexes
    table = "calendars_internshipcalendar"
    removing = RemoveIndexBeside("internshipcalendar", index.name)
    done(removing, label="calendars")
    assert index.name not in indexes(table)
    done(removing, label="calendars", back=True)
    assert index.name in indexes(table)


WAYS = pytest.mark.parametrize(
    "operation",
    [AddIndexBeside("commune", INDEX), ordered(INDEX.name, TABLE, "population")],
    ids=["of-a-model", "of-postgresql"],
)


@pytest.mark.postgresql
@WAYS
def test_index_that_was_stopped_half_way_is_made_anew(no_trace, operation):
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE INDEX "{INDEX.name}" ON {TABLE} (population)')
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [INDEX.name])
    assert INDEX.name not in indexes()
    done(operation)
    assert INDEX.name in indexes()


@pytest.mark.postgresql
@WAYS
def test_who_writes_while_an_index_is_made_waits_for_nobody(no_trace, operation):
    """The index waits for the writing under way; who comes after does not queue up behind it."""
    row = make.commune()

    def index():
        try:
            done(operation)
        finally:
            connection.close()

    def write_meanwhile():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
                models.QuerySet(Commune).filter(pk=row.pk).update(population=7)
                written.append(row.pk)
        finally:
            connection.close()

    written, making, writing = [], threading.Thread(target=index), threading.Thread(target=write_meanwhile)
    with transaction.atomic():
        make.commune()
        making.start()
        waits_by = time.monotonic() + PATIENCE
        while not _somebody_waits():
            assert time.monotonic() < waits_by
            time.sleep(0.05)
        writing.start()
        writing.join(PATIENCE)
    making.join(PATIENCE)
    assert written == [row.pk]
    assert INDEX.name in indexes()


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks waiting JOIN pg_locks held USING (pid)"
            " WHERE NOT waiting.granted AND held.database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return cursor.fetchone()[0]
