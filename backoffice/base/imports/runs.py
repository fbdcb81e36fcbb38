"""Files too long to be waited for: read by the cluster, shown, and once confirmed written by it.

    state      the file …                                      moved on by
    ---------  ----------------------------------------------  -----------------------------------------------
    WAITING    waits to be read                                `read`: READING
    READING    is being read by `worker`                       it: READY, REFUSED, CANCELLED, FAILED
    READY      is shown to its owner, who confirms             `confirm`: WRITING
    WRITING    waits to be written, or is, by `worker`         it: DONE, CANCELLED, FAILED; WAITING where the
                                                               rows have changed since they were shown
    DONE       is written, under `upload.operation`            nobody
    CANCELLED  was given up by its owner                       `resume`: WAITING
    REFUSED    is of no use, and `problems` say why            nobody
    FAILED     was given up by the cluster, `error` says why   `resume`: WAITING

A worker marks the run with a word of its own, and whatever it writes of it is written under that mark: one
whose run was taken from it, since it was silent for too long, finds the mark gone and leaves nothing.

The rows are written in one transaction, under one operation, with the end of the run: a worker that is killed
leaves none of them, and the run as it was. How far it is and that it lives is said meanwhile by a connection
of its own (`Pulse`). SQLite has one writer at a time: nothing is said while the rows are written, whoever
would take the run over waits until that transaction is over.
"""

import logging
import secrets
import threading
from contextlib import contextmanager
from datetime import timedelta

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backoffice.roles import verbs_of
from pratik.core.enums import RunState, ShownRow
from pratik.core.models import ImportRow, ImportRun, Upload
from pratik.core.origin import Origin, coming_from, current_origin
from pratik.core.queue import enqueue

from . import shown
from .engine import open_plan, planned, write_table
from .notices import tell_end
from .plan import RowStatus
from .reading import UnreadableFile, open_file

logger = logging.getLogger(__name__)

READ = "backoffice.base.imports.tasks.read_import"
WRITE = "backoffice.base.imports.tasks.write_import"
# A file of 500,000 rows is read and written well within.
TASK_SECONDS = 2 * 60 * 60
# Who has given no sign of life for so long is gone.
SILENCE = timedelta(minutes=2)
# While SQLite is written, nothing can be said.
SILENCE_WHILE_LOCKED = timedelta(minutes=30)
# A cluster that runs takes up what waits within a second, unless all its workers are busy.
WAITS_LONG = timedelta(seconds=30)
TRIES = 3
PULSE_SECONDS = 1
# Refused rows that are kept for the workbook to correct them in: more are corrected in the file itself.
REFUSED_KEPT = 50_000
KEPT = {RowStatus.CREATED: shown.SHOWN, RowStatus.UPDATED: shown.SHOWN, RowStatus.REFUSED: REFUSED_KEPT}
ROWS_AT_ONCE = 1_000


class PlanChanged(Exception):
    """Confirming would no longer do what was shown."""


class _Cancelled(Exception):
    """The owner gave the run up."""


class _Superseded(Exception):
    """The run is another worker's, or nobody's any more."""


@contextmanager
def opened(upload, resource):
    """The table of a kept file. Raises `UnreadableFile` when it is of no use."""
    with (
        upload.file.open("rb") as file,
        open_file(name=upload.name, content=file, score=resource.known_in) as table,
    ):
        yield table


# What the owner does


def begin(upload, *, expected=None):
    """Has the cluster read a file that was just kept, of about so many rows. Call it in the transaction that
    keeps it.
    """
    language = get_language() or upload.owner.language
    run = ImportRun.objects.create(upload=upload, language=language, rows_total=expected)
    enqueue(READ, run.pk, seconds=TASK_SECONDS)
    return run


def confirm(run, *, digest, all_or_nothing=False):
    """Has the cluster write what was shown, once, whoever clicks twice. Returns whether it does, or did.

    Raises `PlanChanged` when something else was shown meanwhile.
    """
    if run.state != RunState.READY:
        return True
    with transaction.atomic():
        run = _locked(run)
        if run.state != RunState.READY:
            return True
        if run.digest != digest:
            raise PlanChanged
        counts = run.counts
        if not (counts["created"] or counts["updated"]) or (all_or_nothing and counts["refused"]):
            return False
        _ask(run, RunState.WRITING)
        run.all_or_nothing = all_or_nothing
        run.impersonator = current_origin().impersonator
        run.has_changed = False
        run.rows_total = sum(counts.values())
        run.save()
        enqueue(WRITE, run.pk, seconds=TASK_SECONDS)
    return True


def cancel(run):
    """Gives a run up: at once where nobody is at it, else at the end of the batch. Returns whether that is
    still possible.
    """
    if is_locked(run):
        return False
    try:
        with transaction.atomic():
            run = _locked(run)
            if not run.is_under_way:
                return run.state == RunState.CANCELLED
            if _is_left(run):
                _end(run, RunState.CANCELLED)
                ImportRow.objects.filter(run=run).delete()
            else:
                run.cancel_asked_at = timezone.now()
                run.save(update_fields=["cancel_asked_at"])
    except OperationalError:
        if connection.vendor != "sqlite":
            raise
        # The rows are being written since a moment ago.
        return False
    return True


def resume(run):
    """Has the cluster go on with a run that was given up, or that a worker left: from its beginning, since
    nothing was written. Returns whether there was anything to resume.
    """
    if is_locked(run) and not is_interrupted(run):
        return False
    with transaction.atomic():
        run = _locked(run)
        if run.state in (RunState.CANCELLED, RunState.FAILED):
            _ask(run, RunState.WAITING)
            run.save()
        elif not run.is_under_way or not _is_left(run):
            return False
        enqueue(WRITE if run.state == RunState.WRITING else READ, run.pk, seconds=TASK_SECONDS)
    return True


def is_locked(run):
    """Whether nobody else can write anything before the rows of this run are written."""
    return connection.vendor == "sqlite" and run.state == RunState.WRITING and bool(run.worker)


def is_interrupted(run):
    """Whether the worker of a run has given no sign of life for too long."""
    silence = SILENCE_WHILE_LOCKED if is_locked(run) else SILENCE
    return run.is_under_way and bool(run.worker) and run.silent_since(timezone.now() - silence)


def waits_long(run):
    """Whether no worker has taken a run up that any cluster would have begun."""
    return run.is_under_way and not run.worker and run.asked_at < timezone.now() - WAITS_LONG


# What the cluster does


def read(pk):
    """Reads a file and keeps what its owner is to look at. Does nothing where another worker is at it."""
    run = _taken(pk, RunState.READING, of=(RunState.WAITING, RunState.READING))
    if run is None:
        return
    with _ended_well(run), Pulse(run) as pulse:
        ImportRow.objects.filter(run=run).delete()
        _read(run, pulse)


def write(pk):
    """Writes a confirmed file. Does nothing where another worker is at it, or it is written already."""
    run = _taken(pk, RunState.WRITING, of=(RunState.WRITING,))
    if run is None:
        return
    with _ended_well(run):
        if not _may_import(run.upload):
            _finish(
                run,
                RunState.FAILED,
                error=_("Vous n’avez plus le droit d’importer ces fiches : rien n’est écrit."),
            )
            return
        try:
            with Pulse(run) as pulse, transaction.atomic():
                _write(run, pulse)
        except PlanChanged:
            _read_again(run)
        except (IntegrityError, PermissionDenied) as error:
            # What was planned may have changed under the rows: somebody wrote the same ones, or a right was
            # lost. Then the file is shown again; else it is a fault.
            with Pulse(run) as pulse:
                if _digest_now(run, pulse) == run.digest:
                    raise error
            _read_again(run)


def take_up():
    """Has the cluster go on with runs that a worker left, or whose task was lost. Returns how many."""
    silent = ImportRun.objects.silent(timezone.now() - SILENCE)
    taken = 0
    for pk, state in list(silent.values_list("pk", "state")):
        enqueue(WRITE if state == RunState.WRITING else READ, pk, seconds=TASK_SECONDS)
        taken += 1
    return taken


class Pulse:
    """Says how far a run is and that its worker lives, and hears whether it is given up.

    On PostgreSQL from a thread with a connection of its own, since what is said in the transaction that
    writes the rows is heard by nobody. On SQLite by the worker itself, between two batches, and not while
    it writes.
    """

    def __init__(self, run):
        self.run = run
        self.done = 0
        self._over = threading.Event()
        self._thread = None

    def __enter__(self):
        if connection.vendor == "postgresql":
            self._thread = threading.Thread(target=self._say_regularly, name=f"import {self.run.pk}")
            self._thread.daemon = True
            self._thread.start()
        return self

    def __exit__(self, *_error):
        self.stop()

    def stop(self):
        """Says nothing more: the run's row is about to be written by the worker itself."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def at(self, number):
        """So many rows are done. Raises where the run is given up, or another's."""
        self.done = number
        if self._thread is None and self.run.state == RunState.READING:
            try:
                self._say()
            except OperationalError:
                logger.info(
                    "The database is being written: how far import %s is will be said later.", self.run.pk
                )
        _check(self.run)

    def _say(self):
        ImportRun.objects.filter(pk=self.run.pk, worker=self.run.worker).update(
            rows_done=self.done, alive_at=timezone.now()
        )

    def _say_regularly(self):
        try:
            while not self._over.wait(PULSE_SECONDS):
                try:
                    self._say()
                except DatabaseError:
                    logger.warning("Import %s gave no sign of life.", self.run.pk, exc_info=True)
                    connection.close()
        finally:
            connection.close()


def _locked(run):
    return ImportRun.objects.select_for_update(of=("self",)).select_related("upload").get(pk=run.pk)


def _ask(run, state):
    """Sets a run to where a worker is to take it up."""
    run.state, run.asked_at, run.finished_at = state, timezone.now(), None
    run.worker, run.tries, run.rows_done, run.error = "", 0, 0, ""
    run.started_at = run.alive_at = run.cancel_asked_at = None


def _end(run, state):
    run.state, run.worker, run.finished_at = state, "", timezone.now()
    run.save(update_fields=["state", "worker", "finished_at"])


def _is_left(run):
    return run.silent_since(timezone.now() - SILENCE)


def _taken(pk, state, *, of):
    """The run, marked as this worker's; None where it is another's, over, or tried too often."""
    with transaction.atomic():
        run = (
            ImportRun.objects.select_for_update(of=("self",))
            .select_related("upload__owner")
            .filter(pk=pk)
            .first()
        )
        if run is None or run.state not in of or not _is_left(run):
            return None
        if run.cancel_asked_at:
            _end(run, RunState.CANCELLED)
            return None
        if run.tries >= TRIES:
            with translation.override(run.language):
                run.error = _(
                    "Le traitement s’est arrêté plusieurs fois sans aller au bout : rien n’est écrit."
                )
                run.save(update_fields=["error"])
                _end(run, RunState.FAILED)
                tell_end(run, RunState.FAILED)
            return None
        run.state, run.worker, run.tries, run.rows_done = state, secrets.token_hex(16), run.tries + 1, 0
        run.started_at = run.alive_at = timezone.now()
        run.save(update_fields=["state", "worker", "tries", "rows_done", "started_at", "alive_at"])
    return run


@contextmanager
def _ended_well(run):
    """Says of whatever stops a run what has become of it, in its owner's language."""
    with translation.override(run.language):
        try:
            yield
        except _Superseded:
            logger.warning("Import %s is another worker's now: nothing is left of this one.", run.pk)
        except _Cancelled:
            if _finish(run, RunState.CANCELLED):
                ImportRow.objects.filter(run=run).delete()
        except (UnreadableFile, FileNotFoundError) as problem:
            is_there = isinstance(problem, UnreadableFile)
            sentence = str(problem) if is_there else _("Ce fichier n’est plus là : envoyez-le de nouveau.")
            if _finish(run, RunState.REFUSED, problems=shown.storable([sentence])):
                ImportRow.objects.filter(run=run).delete()
        except OperationalError:
            # A deadlock, a connection that was lost: the next worker may fare better.
            logger.exception("Import %s is to be tried again.", run.pk)
            _try_again(run)
        except Exception:
            _finish(
                run,
                RunState.FAILED,
                error=_(
                    "Une erreur inattendue a arrêté le traitement : rien n’est écrit. L’équipe technique la"
                    " trouve parmi les échecs."
                ),
            )
            raise


def _finish(run, state, **values):
    """Ends the worker's part of a run, unless it is another's. Returns whether it was still this one's."""
    mine = ImportRun.objects.filter(pk=run.pk, worker=run.worker)
    with transaction.atomic():
        is_mine = bool(mine.update(state=state, worker="", finished_at=timezone.now(), **values))
        if is_mine:
            tell_end(run, state)
    return is_mine


def _check(run):
    """Raises where a run is given up, or another's."""
    asked = ImportRun.objects.filter(pk=run.pk, worker=run.worker).values_list("cancel_asked_at", flat=True)
    for moment in asked:
        if moment:
            raise _Cancelled
        return
    raise _Superseded


def _resource(upload):
    """What reads this file for its owner: the resource of the page to which it was sent."""
    page = admin.site.get_model_admin(apps.get_model(upload.purpose))
    return page.resource_classes[0](actor=upload.owner)


def _may_import(upload):
    return upload.owner.is_active and "import" in verbs_of(upload.owner.role, upload.purpose)


def _read(run, pulse):
    resource = _resource(run.upload)
    with opened(run.upload, resource) as table:
        plan = open_plan(resource, table)
        if plan.problems:
            problems, notes = map(shown.storable, (plan.problems, [*table.notes, *plan.notes]))
            _finish(run, RunState.REFUSED, problems=problems, notes=notes)
            return
        keeper = _Keeper(run, plan)
        for rows in planned(plan, table):
            keeper.keep(rows)
            pulse.at(plan.total)
    pulse.stop()
    is_mine = _finish(
        run,
        RunState.READY,
        headers=shown.storable(plan.headers),
        read_headers=shown.storable(plan.read_headers),
        notes=shown.storable(plan.notes),
        problems=[],
        counts=plan.counts,
        digest=plan.digest,
        warned=keeper.warned,
        rows_done=plan.total,
        rows_total=plan.total,
        is_estimated=False,
        tries=0,
    )
    if not is_mine:
        raise _Superseded


class _Keeper:
    """Keeps of the rows that pass those which people look at."""

    def __init__(self, run, plan):
        self.run, self.plan = run, plan
        self.left = dict(KEPT)
        self.looked_at = self.warned = 0

    def keep(self, rows):
        kept = [row for status in self.left for row in self._rows_of(status, rows)]
        kept += self._warned(rows)
        with transaction.atomic():
            # Nobody takes the run between this look and the writing.
            if (
                not ImportRun.objects.select_for_update()
                .filter(pk=self.run.pk, worker=self.run.worker)
                .exists()
            ):
                raise _Superseded
            ImportRow.objects.bulk_create(kept, batch_size=ROWS_AT_ONCE)

    def _rows_of(self, status, rows):
        if not self.left[status]:
            return []
        found = [row for row in rows if row.status is status][: self.left[status]]
        self.left[status] -= len(found)
        say = {
            RowStatus.CREATED: lambda row: shown.created(self.plan, row),
            RowStatus.UPDATED: shown.updated,
            RowStatus.REFUSED: shown.refused,
        }[status]
        return [self._row(ShownRow(status.value), say(row)) for row in found]

    def _warned(self, rows):
        looked_at = shown.written(rows)[: shown.LOOKED_AT - self.looked_at]
        if not looked_at:
            return []
        self.looked_at += len(looked_at)
        said = self.plan.resource.warnings(looked_at)
        found = [row for row in looked_at if row.number in said]
        room = max(0, shown.SHOWN - self.warned)
        self.warned += len(found)
        return [self._row(ShownRow.WARNED, shown.warned(row, said[row.number])) for row in found[:room]]

    def _row(self, kind, said):
        return ImportRow(run=self.run, kind=kind, number=said["number"], said=shown.storable(said))


def _write(run, pulse):
    upload = Upload.objects.select_for_update(of=("self",)).select_related("owner").get(pk=run.upload_id)
    if not upload.operation_id:
        resource = _resource(upload)
        with opened(upload, resource) as table, coming_from(Origin(impersonator=run.impersonator)):
            plan = open_plan(resource, table)
            if plan.problems:
                raise PlanChanged
            upload.operation = write_table(plan, table, source=upload, each=lambda rows: pulse.at(plan.total))
            if plan.digest != run.digest:
                raise PlanChanged
        upload.save(update_fields=["operation"])
    pulse.stop()
    _check(run)
    if not _finish(run, RunState.DONE, rows_done=run.rows_total):
        raise _Superseded


def _digest_now(run, pulse):
    """The mark of what the file would do now."""
    resource = _resource(run.upload)
    with opened(run.upload, resource) as table:
        plan = open_plan(resource, table)
        for _rows in () if plan.problems else planned(plan, table):
            pulse.at(0)
    return plan.digest


def _read_again(run):
    """Shows the file anew: what was confirmed is not what it would do now."""
    with transaction.atomic():
        mine = _locked(run)
        if mine.worker != run.worker:
            return
        _ask(mine, RunState.WAITING)
        mine.has_changed = True
        mine.save()
        enqueue(READ, run.pk, seconds=TASK_SECONDS)


def _try_again(run):
    """Leaves the run to the next worker, at once."""
    with transaction.atomic():
        if ImportRun.objects.filter(pk=run.pk, worker=run.worker).update(worker="", alive_at=None):
            enqueue(WRITE if run.state == RunState.WRITING else READ, run.pk, seconds=TASK_SECONDS)
