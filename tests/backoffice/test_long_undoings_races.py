"""Long undoings, several people and workers at once, and workers that are killed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django_q.models import OrmQ

from backoffice.core import undoing
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import Operation, UndoRun
from tests.core.test_races import at_once, in_thread
from tests.kit.cluster import Cluster, until
from tests.kit.files import CASES, make_ready
from tests.kit.queue import run_queue
from tests.kit.worker import kill, stopped_worker

from .test_long_undoings import LONG, asked, progress_url, rows_of, told, undo_url, words

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

PATIENCE = 180

# A worker that stops once ten rows are taken back, says so, and waits to be killed.
WORKER = """
import time
import django
django.setup()
from pratik.core import writes
from backoffice.core import undoing
writes.BATCH = 5
undoing.PULSE_SECONDS = 0.1
class Pulse(undoing.Pulse):
    def at(self, done, total):
        super().at(done, total)
        if done == 10:
            print("here", flush=True)
            time.sleep(600)
undoing.Pulse = Pulse
undoing.undo({pk})
"""


@pytest.fixture(autouse=True)
def soon_long(settings, monkeypatch):
    settings.UNDO_ROWS_AT_ONCE = 5
    monkeypatch.setattr("pratik.core.writes.BATCH", 5)
    monkeypatch.setattr(undoing, "PULSE_SECONDS", 0.05)


@pytest.fixture
def imported(editor):
    make_ready("calendars")
    return CASES["calendars"].write(editor, rows_of())[1]


@pytest.fixture
def client(client_for, editor):
    return client_for(editor)


def worker(run):
    return stopped_worker(WORKER.format(pk=run.pk))


def is_undone_once():
    return (
        not InternshipCalendar.objects.exists()
        and InternshipCalendar.history.filter(history_type="-").count() == LONG
        and Operation.objects.filter(kind="undo").count() == 1
    )


def nothing_is_undone():
    return InternshipCalendar.objects.count() == LONG and not Operation.objects.filter(kind="undo").exists()


def test_worker_that_is_killed_leaves_nothing_and_is_taken_over(client, imported):
    run = asked(client, imported)
    OrmQ.objects.all().delete()
    process = worker(run)
    try:
        assert until(lambda: told(client, imported)["share"] == 10 * 100 // LONG, PATIENCE), (
            "how far it is, from within its transaction"
        )
        assert nothing_is_undone()
        # Another worker that is given the same task leaves it, and so does the schedule.
        undoing.undo(run.pk)
        assert undoing.take_up() == 0
        assert not told(client, imported)["may_resume"]
    finally:
        kill(process)
    assert until(lambda: told(client, imported)["may_resume"], PATIENCE)
    assert "s’est interrompu" in words(client.get(progress_url(imported)))
    assert nothing_is_undone()
    assert undoing.take_up() == 1
    run_queue()
    assert is_undone_once()


def test_worker_that_is_asked_to_stop_gives_back_at_once_and_it_is_no_failed_try(client, imported):
    """A new version is brought out while a long operation is taken back."""
    run = asked(client, imported)
    OrmQ.objects.all().delete()
    process = worker(run)
    process.terminate()
    process.wait(PATIENCE)
    process.stdout.close()
    run.refresh_from_db()
    assert (run.started_at, run.tries, run.finished_at) == (None, 0, None)
    assert nothing_is_undone()
    assert undoing.TASK in run_queue()
    assert is_undone_once()


def test_what_is_given_up_while_a_worker_is_at_it_leaves_nothing(client, imported, monkeypatch):
    run = asked(client, imported)
    stop = undoing.Pulse.stop

    def stopped(pulse):
        """All rows are dealt with, and the last word is not said."""
        stop(pulse)
        if UndoRun.objects.filter(cancel_asked_at=None).exists():
            [answer] = at_once(lambda: undoing.cancel(UndoRun.objects.get()))
            assert answer is True

    monkeypatch.setattr(undoing.Pulse, "stop", stopped)
    undoing.undo(run.pk)
    assert nothing_is_undone() and not UndoRun.objects.exists()


def test_whoever_is_too_late_to_give_up_is_told(client, imported, monkeypatch):
    """Their click comes after the last look, and waits for what it was to stop."""
    run, finish, answers = asked(client, imported), undoing._finish, []

    def finished(run, **values):
        answers.append(in_thread(pool, lambda: undoing.cancel(UndoRun.objects.get())))
        finish(run, **values)

    monkeypatch.setattr(undoing, "_finish", finished)
    with ThreadPoolExecutor(1) as pool:
        undoing.undo(run.pk)
        assert answers[0].result(PATIENCE) is False
    assert is_undone_once()


def test_asking_twice_at_the_same_moment_asks_once(client, client_for, editor, imported):
    other = client_for(editor)
    answers = at_once(
        lambda: client.post(undo_url(imported)).status_code,
        lambda: other.post(undo_url(imported)).status_code,
    )
    assert answers == [302, 302]
    assert UndoRun.objects.count() == OrmQ.objects.count() == 1
    run_queue()
    assert is_undone_once()


def test_two_workers_with_the_same_task_do_it_once(client, imported):
    run = asked(client, imported)
    at_once(lambda: undoing.undo(run.pk), lambda: undoing.undo(run.pk))
    assert is_undone_once()
    run.refresh_from_db()
    assert (run.error, run.report["done"]) == ("", LONG)


def test_another_long_undoing_waits_for_its_turn(client, editor, imported):
    _plan, other = CASES["calendars"].write(editor, rows_of(Effectif=30))
    client.post(undo_url(other))
    client.post(undo_url(imported))
    first, second = UndoRun.objects.order_by("pk")
    OrmQ.objects.all().delete()
    process = worker(first)
    try:
        undoing.undo(second.pk)
        second.refresh_from_db()
        assert (second.started_at, second.queued_at) == (None, None)
        assert "attend son tour" in told(client, imported)["now"]
    finally:
        kill(process)
    assert until(lambda: undoing.take_up() == 1, PATIENCE)
    run_queue()
    assert Operation.objects.filter(kind="undo").count() == 2
    assert not InternshipCalendar.objects.exists()


def test_real_cluster_takes_back(client, imported):
    asked(client, imported)
    cluster = Cluster()
    try:
        assert until(lambda: told(client, imported)["over"], PATIENCE), told(client, imported)
    finally:
        cluster.kill()
    assert is_undone_once()
