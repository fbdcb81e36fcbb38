"""Versions of rows whose time is over: what was in between goes, and undoing stays right."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from pratik.calendars.models import InternshipCalendar
from pratik.core import history_pruning
from pratik.core.enums import OperationKind
from pratik.core.history_pruning import prune_history, pruned_models
from pratik.core.locks import sign_of_life
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.tasks import prune_history as task
from pratik.core.undo import revert_row, undo_operation
from pratik.core.writes import delete_rows, set_columns
from pratik.internships.models import Placement
from pratik.law.models import LegalParameter
from pratik.privacy.models import ErasureRequest
from pratik.schedule import SCHEDULE
from pratik.verification.models import VerificationDocument
from tests import factories as make
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

YEAR = datetime.timedelta(days=366)


@pytest.fixture(autouse=True)
def ten_years(settings):
    settings.HISTORY_KEPT_YEARS = 10


def dated(running, years):
    """Moves an operation and its lines so many years back. Returns it."""
    moment = timezone.now() - years * YEAR
    row = running.written
    Operation.objects.filter(pk=row.pk).update(started_at=moment)
    InternshipCalendar.history.filter(operation=row).update(history_date=moment)
    return Operation.objects.get(pk=row.pk)


def students(actor, row, number, *, years):
    """One edit of the number of students, so many years ago. Returns its operation."""
    with operation(kind=OperationKind.EDIT, actor=actor, subject=InternshipCalendar) as running:
        set_columns(InternshipCalendar, [row.pk], number_of_students=number)
    return dated(running, years)


def versions(row):
    lines = InternshipCalendar.history.filter(id=row.pk).order_by("history_id")
    return list(lines.values_list("number_of_students", flat=True))


@pytest.fixture
def calendar(administrator):
    """A calendar of 14 years ago with a change in many a year; and the operations of the changes."""
    row = make.calendar(number_of_students=1)
    InternshipCalendar.history.filter(id=row.pk).update(history_date=timezone.now() - 14 * YEAR)
    row.operations = {
        years: students(administrator, row, 20 - years, years=years) for years in (13, 12, 11, 5, 1)
    }
    return row


def test_the_first_version_stays_and_the_one_that_held_when_the_time_begins(calendar, actor):
    assert versions(calendar) == [1, 7, 8, 9, 15, 19]
    assert prune_history(actor=actor) == 2
    assert versions(calendar) == [1, 9, 15, 19]
    assert prune_history(actor=actor) == 0, "a second passage finds nothing"


def test_what_went_is_an_operation_that_nobody_takes_back(calendar, actor):
    prune_history(actor=actor)
    act = Operation.objects.get(kind=OperationKind.ERASURE)
    assert act.total("deleted") == 2
    assert act.reason.startswith("Versions antérieures au ")
    assert act.is_final
    prune_history(actor=actor)
    assert Operation.objects.filter(kind=OperationKind.ERASURE).count() == 1, "nothing went, nothing is told"


def test_what_was_changed_within_the_time_returns_to_its_version_before_it(calendar, administrator):
    prune_history(actor=administrator)
    undo_operation(actor=administrator, operation=calendar.operations[1])
    undo_operation(actor=administrator, operation=calendar.operations[5])
    assert InternshipCalendar.objects.get(pk=calendar.pk).number_of_students == 9


def test_an_operation_of_before_is_not_taken_back_any_more(calendar, administrator):
    """It would return the row to its first version, since those between are gone."""
    prune_history(actor=administrator)
    for years in (5, 1):
        InternshipCalendar.history.filter(operation=calendar.operations[years]).delete()
    assert calendar.operations[11].is_final and not calendar.operations[5].is_final
    with pytest.raises(ValidationError, match="trop ancienne"):
        undo_operation(actor=administrator, operation=calendar.operations[11])


def test_a_row_returns_to_a_version_that_stayed(calendar, administrator):
    prune_history(actor=administrator)
    line = InternshipCalendar.history.filter(id=calendar.pk, number_of_students=9).get()
    revert_row(actor=administrator, row=InternshipCalendar.objects.get(pk=calendar.pk), line=line)
    assert InternshipCalendar.objects.get(pk=calendar.pk).number_of_students == 9


def test_of_a_row_that_was_removed_the_first_version_and_the_removal_stay(administrator):
    row = make.calendar(number_of_students=1)
    InternshipCalendar.history.filter(id=row.pk).update(history_date=timezone.now() - 14 * YEAR)
    students(administrator, row, 2, years=13)
    with operation(kind=OperationKind.DELETE, actor=administrator, subject=InternshipCalendar) as running:
        delete_rows(InternshipCalendar, [row.pk])
    dated(running, 12)
    assert prune_history(actor=administrator) == 1
    lines = InternshipCalendar.history.filter(id=row.pk).order_by("history_id")
    assert list(lines.values_list("history_type", flat=True)) == ["+", "-"]


def test_what_binds_or_proves_keeps_all_its_versions():
    kept = {Placement, VerificationDocument, LegalParameter, ErasureRequest}
    assert kept.isdisjoint(pruned_models())
    assert InternshipCalendar in pruned_models()


def test_nothing_goes_where_all_is_kept_for_good(calendar, administrator, settings):
    settings.HISTORY_KEPT_YEARS = 0
    assert prune_history(actor=administrator) == 0
    assert len(versions(calendar)) == 6
    assert not calendar.operations[13].is_final


@pytest.mark.parametrize("killed_at", [1, 2])
def test_a_passage_that_was_stopped_goes_on_where_it_was(administrator, monkeypatch, killed_at):
    monkeypatch.setattr(history_pruning, "BATCH", 1)
    rows = [make.calendar(number_of_students=1) for _number in range(3)]
    InternshipCalendar.history.update(history_date=timezone.now() - 14 * YEAR)
    for row in rows:
        for years in (13, 12, 11):
            students(administrator, row, 20 - years, years=years)
    real, calls = history_pruning._prune_rows, []

    def killed(model, *args):
        if model is InternshipCalendar:
            calls.append(args)
            if len(calls) == killed_at:
                raise KeyboardInterrupt
        return real(model, *args)

    monkeypatch.setattr(history_pruning, "_prune_rows", killed)
    with pytest.raises(KeyboardInterrupt):
        prune_history(actor=administrator)
    assert sum(len(versions(row)) for row in rows) == 12 - 2 * (killed_at - 1)
    monkeypatch.setattr(history_pruning, "_prune_rows", real)
    prune_history(actor=administrator)
    assert [versions(row) for row in rows] == [[1, 9]] * 3


def test_the_task_runs_each_month(calendar):
    assert SCHEDULE["prune_history"].cron == "30 1 1 * *"
    task()
    run_queue()
    assert len(versions(calendar)) == 4


def test_a_passage_may_take_longer_than_other_tasks():
    """Cut off after ten minutes, one that needs twenty would begin again each month and never end."""
    task()
    assert OrmQ.objects.get().task["timeout"] > 600


@pytest.mark.postgresql
def test_while_somebody_is_at_it_others_leave_at_once(calendar, administrator):
    """A task that takes long is delivered again while it runs."""
    begun, may_end = threading.Event(), threading.Event()

    def passage():
        try:
            with sign_of_life(history_pruning.AT_WORK):
                begun.set()
                may_end.wait(60)
        finally:
            connection.close()

    somebody = threading.Thread(target=passage)
    somebody.start()
    assert begun.wait(60)
    try:
        assert prune_history(actor=administrator) == 0
    finally:
        may_end.set()
        somebody.join(60)
    assert prune_history(actor=administrator) == 2


def test_the_history_page_says_that_changes_may_be_joined(calendar, administrator, client_for):
    prune_history(actor=administrator)
    young, client = make.calendar(), client_for(administrator)
    pages = [
        client.get(f"/console/calendars/internshipcalendar/{row.pk}/history/").text
        for row in (calendar, young)
    ]
    said = "seules la première version et la dernière sont gardées"
    assert [said in page for page in pages] == [True, False]
