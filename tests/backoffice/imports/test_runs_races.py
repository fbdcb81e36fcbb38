"""Long files, several people and several workers at once, and workers that are killed."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from backoffice.base.imports import engine, runs
from pratik.calendars.models import InternshipCalendar
from pratik.core.enums import RunState
from pratik.core.models import ImportRow, ImportRun, Operation, Upload
from pratik.core.uploads import forget_abandoned_uploads
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.core.test_races import at_once, in_thread, while_locked
from tests.kit.cluster import Cluster, until
from tests.kit.files import CASES, EBOUE, make_ready
from tests.kit.queue import run_queue
from tests.kit.worker import kill, stopped_worker
from tests.kit.world import url

from .test_runs import (
    LONG,
    between_batches,
    confirmed,
    long_file,
    nothing_is_written,
    read,
    sent,
    told,
    words,
)

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

PATIENCE = 180

# A worker that stops in the midst of a file, says so, and waits to be killed.
WORKER = """
import time
import django
django.setup()
from backoffice.base.imports import engine, runs
engine.BATCH = 5
runs.PULSE_SECONDS = 0.1
class Pulse(runs.Pulse):
    def at(self, number):
        super().at(number)
        if number == 10:
            print("here", flush=True)
            time.sleep(600)
runs.Pulse = Pulse
runs.{task}({pk})
"""


@pytest.fixture(autouse=True)
def soon_long(settings, monkeypatch):
    settings.IMPORT_ROWS_AT_ONCE = 3
    monkeypatch.setattr(engine, "BATCH", 5)
    monkeypatch.setattr(runs, "PULSE_SECONDS", 0.05)


@pytest.fixture
def client(client_for, editor):
    make_ready("calendars")
    return client_for(editor)


@pytest.fixture
def confirmed_file(client):
    """A long file that is to be written, as its address."""
    address, page = read(client, long_file())
    confirmed(client, address, page)
    return address


def the_run():
    return ImportRun.objects.get()


def worker(task, run=None):
    """A process of its own on the test's database, up to where it stops."""
    return stopped_worker(WORKER.format(task=task, pk=(run or the_run()).pk))


def silent_for(minutes):
    """As if so much time had passed since the last sign of life."""
    moment = timezone.now() - datetime.timedelta(minutes=minutes)
    ImportRun.objects.update(alive_at=moment, asked_at=moment)


# Killed


def test_worker_that_is_killed_while_it_reads_is_taken_over(client):
    address = sent(client, long_file(row1={"Effectif": "x"}))
    OrmQ.objects.all().delete()
    kill(worker("read"))
    assert the_run().state == RunState.READING
    assert runs.take_up() == 0, "it gave a sign of life a moment ago"
    silent_for(3)
    assert "Le traitement s’est interrompu" in words(client.get(address))
    assert runs.take_up() == 1
    run_queue()
    page = client.get(address)
    assert page.context_data["counts"] == {"created": LONG - 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert ImportRow.objects.filter(kind="refused").count() == 1
    assert ImportRow.objects.filter(kind="created").count() == LONG - 1


def test_worker_that_is_killed_while_it_writes_leaves_nothing_and_is_taken_over(client, confirmed_file):
    OrmQ.objects.all().delete()
    process = worker("write")
    try:
        assert until(lambda: the_run().rows_done == 10, PATIENCE), (
            "how far it is, from within its transaction"
        )
        first = the_run().alive_at
        assert until(lambda: the_run().alive_at > first, PATIENCE), "it lives, though it is held up"
        assert told(client, confirmed_file)["share"] == 10 * 100 // LONG
        assert nothing_is_written()
        # Another worker that is given the same task leaves it.
        runs.write(the_run().pk)
        assert the_run().state == RunState.WRITING
    finally:
        kill(process)
    assert until(nothing_is_written, PATIENCE)
    silent_for(3)
    assert runs.take_up() == 1
    run_queue()
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.objects.count() == InternshipCalendar.history.count() == LONG
    assert Operation.objects.filter(kind="import").count() == 1


def test_real_cluster_reads_and_writes(client):
    """From the upload to the rows, nothing run by hand."""
    address = sent(client, long_file(row1={"Effectif": "x"}))
    cluster = Cluster()
    try:
        assert until(lambda: the_run().state == RunState.READY, PATIENCE), the_run().state
        confirmed(client, address, client.get(address))
        assert until(lambda: the_run().state == RunState.DONE, PATIENCE), the_run().state
    finally:
        cluster.kill()
    assert InternshipCalendar.objects.count() == InternshipCalendar.history.count() == LONG - 1


def test_worker_that_is_asked_to_stop_gives_its_file_back_at_once_and_it_is_no_failed_try(confirmed_file):
    """A new version is brought out while a long file is written."""
    OrmQ.objects.all().delete()
    process = worker("write")
    process.terminate()
    process.wait(PATIENCE)
    process.stdout.close()
    run = the_run()
    assert (run.state, run.worker, run.tries) == (RunState.WRITING, "", 0)
    assert nothing_is_written()
    assert run_queue() == [runs.WRITE]
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.objects.count() == LONG


# At once


@pytest.mark.parametrize("other", ["is read", "is written"])
def test_two_files_are_not_worked_on_at_once(client, client_for, administrator, other):
    """One worker of the cluster is always there for all else."""
    address = sent(client, long_file(), name="premier.csv")
    if other == "is written":
        run_queue()
        confirmed(client, address, client.get(address))
    sent(client_for(administrator), long_file(5), name="second.csv")
    first, second = ImportRun.objects.order_by("pk")
    OrmQ.objects.all().delete()
    process = worker("write" if other == "is written" else "read", first)
    try:
        runs.read(second.pk)
        second.refresh_from_db()
        assert (second.state, second.worker, second.queued_at) == (RunState.WAITING, "", None)
        assert runs.waits_for_turn(second) and not runs.waits_long(second)
        assert runs.take_up() == 0
    finally:
        kill(process)
    silent_for(3)
    run_queue()
    assert runs.take_up() == 1
    run_queue()
    assert {run.state for run in ImportRun.objects.all()} <= {RunState.READY, RunState.DONE}


def test_many_files_at_the_same_moment_end_one_after_the_other_and_all_of_them(
    client, client_for, administrator
):
    """Whoever is left to wait is taken up by whoever ends, whatever the moment."""
    for sender in (client, client_for(administrator)):
        for number in range(3):
            sent(sender, long_file(4 + number), name=f"{number}.csv")
    OrmQ.objects.all().delete()
    assert at_once(*[lambda pk=run.pk: runs.read(pk) for run in ImportRun.objects.all()]) == [None] * 6
    run_queue()
    assert {run.state for run in ImportRun.objects.all()} == {RunState.READY}


def test_one_person_has_so_many_files_under_way_however_fast_they_send_them(client_for, editor):
    make_ready("calendars")
    senders = [client_for(editor) for _ in range(runs.RUNS_EACH + 2)]

    def send(sender):
        file = SimpleUploadedFile("stages.csv", long_file())
        return sender.post(url(InternshipCalendar, "import"), {"file": file}).status_code

    answers = at_once(*[lambda sender=sender: send(sender) for sender in senders])
    assert sorted(answers) == [302] * runs.RUNS_EACH + [422] * 2
    assert ImportRun.objects.count() == runs.RUNS_EACH


def test_file_that_is_confirmed_while_the_old_ones_are_swept_away_stays(client):
    _address, page = read(client, long_file())
    Upload.objects.update(created_at=timezone.now() - datetime.timedelta(days=5))
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        runs.confirm(the_run(), digest=page.context_data["digest"])
        assert in_thread(pool, forget_abandoned_uploads).result(PATIENCE) == 0
    run_queue()
    assert the_run().state == RunState.DONE
    assert InternshipCalendar.objects.count() == LONG


def test_who_gives_up_before_the_last_word_is_heard(client, confirmed_file, monkeypatch):
    """A cancel that is answered with yes just before the end has nothing written."""
    stop = runs.Pulse.stop

    def stopped(pulse):
        stop(pulse)
        if ImportRun.objects.filter(cancel_asked_at=None).exists():
            with ThreadPoolExecutor(1) as pool:
                cancel = in_thread(pool, lambda: runs.cancel(ImportRun.objects.get()))
                assert cancel.result(PATIENCE) is True

    monkeypatch.setattr(runs.Pulse, "stop", stopped)
    run_queue()
    assert the_run().state == RunState.CANCELLED
    assert nothing_is_written()


def test_confirming_twice_at_the_same_moment_writes_once(client, client_for, editor):
    address, page = read(client, long_file())
    other = client_for(editor)
    answers = at_once(
        lambda: confirmed(client, address, page).status_code,
        lambda: confirmed(other, address, page).status_code,
    )
    assert answers == [302, 302]
    assert run_queue() == [runs.WRITE]
    assert InternshipCalendar.history.count() == LONG


@pytest.mark.parametrize("task", [runs.read, runs.write])
def test_two_workers_with_the_same_task_do_it_once(client, task):
    address = sent(client, long_file(row1={"Effectif": "x"}))
    if task is runs.write:
        run_queue()
        confirmed(client, address, client.get(address))
    pk = the_run().pk
    assert at_once(*[lambda: task(pk)] * 3) == [None] * 3
    assert ImportRow.objects.filter(kind="refused").count() == 1
    if task is runs.write:
        assert the_run().state == RunState.DONE
        assert InternshipCalendar.history.count() == LONG - 1
        assert Operation.objects.filter(kind="import").count() == 1


def test_writing_that_is_given_up_is_rolled_back(client, client_for, editor, confirmed_file, monkeypatch):
    other = client_for(editor)

    def give_up():
        assert InternshipCalendar.objects.count() == 10
        with ThreadPoolExecutor(1) as pool:
            response = in_thread(pool, lambda: other.post(f"{confirmed_file}cancel/")).result(PATIENCE)
        assert response.status_code == 302

    with between_batches(monkeypatch, give_up):
        run_queue()
    assert the_run().state == RunState.CANCELLED
    assert nothing_is_written()
    assert not Upload.objects.get().operation_id
    assert "L’import est annulé : rien n’est écrit." in words(client.get(confirmed_file))


def test_who_gives_up_as_the_last_row_is_written_is_told_that_it_is_too_late(client, confirmed_file):
    """Either all is written or nothing, and the person hears which."""
    run = the_run()
    late = while_locked(lambda: runs.write(run.pk), lambda: runs.cancel(ImportRun.objects.get(pk=run.pk)))
    assert (late, the_run().state) == (False, RunState.DONE)
    assert InternshipCalendar.objects.count() == LONG


def test_same_row_that_somebody_writes_meanwhile_is_shown_again(client, confirmed_file, monkeypatch):
    """A row that is not there yet can't be locked: the file is read again, and shows it as it is."""
    first = CASES["calendars"].rows[0]

    def write_the_same():
        with ThreadPoolExecutor(1) as pool:
            made = in_thread(
                pool,
                lambda: make.calendar(
                    school=SchoolProfile.objects.get(uai=EBOUE),
                    program_name="BTS MCO 011",
                    start_on=first["Début"],
                    end_on=first["Fin"],
                ),
            ).result(PATIENCE)
        assert made.pk

    really = engine.write_rows

    def written(plan, rows):
        if plan.total == LONG:
            write_the_same()
        really(plan, rows)

    monkeypatch.setattr(engine, "write_rows", written)
    assert run_queue() == [runs.WRITE, runs.READ]
    assert InternshipCalendar.objects.count() == 1
    page = client.get(confirmed_file)
    assert page.context_data["counts"]["updated"] == 1
    assert "Les données ont changé depuis l’aperçu" in words(page)


def test_connection_that_says_how_far_it_is_goes_with_the_worker(client, confirmed_file):
    """No connection is left behind, whatever became of the run."""

    def connections():
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()")
            return cursor.fetchone()[0]

    before = connections()
    run_queue()
    assert until(lambda: connections() <= before, PATIENCE)
