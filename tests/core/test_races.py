"""Two people at once: one wins, the other is told; nothing is done twice and nothing is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction

from pratik.accounts.enums import Role
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import archive_calendars, publish_calendars
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.core.writes import update_rows
from pratik.schools.models import SchoolProfile
from tests import factories as make

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

PATIENCE = 60


def in_thread(pool, function):
    """Runs a function on a connection of its own. Its result is the function's, or what it raised."""

    def run():
        try:
            return function()
        except Exception as error:
            return error
        finally:
            connection.close()

    return pool.submit(run)


def at_once(*functions):
    """Runs the functions at the same moment, each in a thread. Returns what each returned or raised."""
    start = threading.Barrier(len(functions), timeout=PATIENCE)

    def after_start(function):
        start.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        runs = [in_thread(pool, lambda function=function: after_start(function)) for function in functions]
        return [run.result(PATIENCE) for run in runs]


def somebody_waits_for_us():
    """Whether another connection is held up by this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


def while_locked(holder, other, then=None):
    """Runs `other` while the writes of `holder` are not committed; commits once `other` waits for them, after
    `then` if there is more to do.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            holder()
            run = in_thread(pool, other)
            deadline = monotonic() + PATIENCE
            while not (run.done() or somebody_waits_for_us()) and monotonic() < deadline:
                sleep(0.01)
            if then:
                then()
        return run.result(PATIENCE)


def person():
    return make.user(Role.EDITOR)


def test_two_people_publish_the_same_calendars():
    pks = [row.pk for row in make.calendars(20)]
    people = [person(), person()]
    outcomes = at_once(*(lambda who=who: publish_calendars(actor=who, pks=pks) for who in people))
    assert sorted(len(outcome.changed) for outcome in outcomes) == [0, 20]
    assert sorted(len(outcome.refused) for outcome in outcomes) == [0, 20]
    assert {row.state for row in InternshipCalendar.objects.all()} == {CalendarState.PUBLISHED}
    assert InternshipCalendar.history.filter(history_type="~").count() == 20


def test_a_verb_that_waited_sees_what_the_other_did():
    row = make.calendar()
    first, second = person(), person()
    outcome = while_locked(
        lambda: archive_calendars(actor=first, pks=[row.pk]),
        lambda: publish_calendars(actor=second, pks=[row.pk]),
    )
    assert outcome.changed == []
    assert [why for _row, why in outcome.refused] == ["L’état « Archivé » ne permet pas cette action."]
    row.refresh_from_db()
    assert row.state == CalendarState.ARCHIVED


def test_rows_are_locked_in_the_order_of_their_keys_and_not_of_their_list():
    """The later calendar stands first in the list; whoever has the one and wants the other gets it."""
    late, early = make.calendar(), make.calendar()
    models.QuerySet(InternshipCalendar).filter(pk=early.pk).update(start_on=late.start_on - timedelta(days=9))
    assert list(InternshipCalendar.objects.all()) == [early, late]
    first, second = person(), person()
    outcome = while_locked(
        lambda: archive_calendars(actor=first, pks=[late.pk]),
        lambda: publish_calendars(actor=second, pks=[late.pk, early.pk]),
        lambda: archive_calendars(actor=first, pks=[early.pk]),
    )
    assert outcome.changed == [] and len(outcome.refused) == 2


def test_two_people_undo_the_same_operation():
    actor = person()
    op = publish_calendars(actor=actor, pks=[row.pk for row in make.calendars(20)]).operation
    results = at_once(*(lambda who=who: undo_operation(actor=who, operation=op) for who in (actor, person())))
    refused = [result for result in results if isinstance(result, ValidationError)]
    (report,) = [result for result in results if result not in refused]
    assert [error.code for error in refused] == ["already_undone"]
    assert (report.restored, report.left) == (20, [])
    assert op.undoings.count() == 1


def test_undoing_leaves_a_row_that_is_being_edited():
    """The edit was not there when the undoing began; it is there when it ends."""
    row = make.calendar(description="Avant")
    actor, colleague = person(), person()
    row.description = "Importée"
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        update_rows([row], ["description"])

    def edit():
        mine = InternshipCalendar.objects.get(pk=row.pk)
        mine.description = "Corrigée à la main"
        save_row(actor=colleague, row=mine)

    report = while_locked(edit, lambda: undo_operation(actor=actor, operation=running.written))
    assert report.done == 0
    assert [left.pk for left in report.left] == [row.pk]
    row.refresh_from_db()
    assert row.description == "Corrigée à la main"


def test_a_form_sent_while_the_calendar_is_published_does_not_take_it_back():
    row = make.calendar()
    actor, colleague = person(), person()
    opened_earlier = InternshipCalendar.objects.get(pk=row.pk)
    opened_earlier.number_of_students = 3
    result = while_locked(
        lambda: publish_calendars(actor=actor, pks=[row.pk]),
        lambda: save_row(actor=colleague, row=opened_earlier),
    )
    assert isinstance(result, ValidationError)
    row.refresh_from_db()
    assert (row.state, row.number_of_students) == (CalendarState.PUBLISHED, 24)


def test_the_same_form_sent_twice_makes_one_row():
    """A double click, or two people who enter the same school: the second is told, and sees no error page."""
    uai = make.uai()
    first, second = person(), person()

    def enter(who):
        return save_row(actor=who, row=SchoolProfile(name="Lycée", uai=uai, kind="lycee"))

    result = while_locked(lambda: enter(first), lambda: enter(second))
    assert isinstance(result, ValidationError), result
    assert result.message_dict == {"uai": ["Un établissement a déjà cet UAI."]}
    assert SchoolProfile.objects.get().history.get().history_user == first
