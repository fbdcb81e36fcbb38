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

One file is worked on at a time, so that the other workers of the cluster are there for all else. A task that
comes while another file is worked on leaves its run to wait; whoever ends a run asks for a task for the one
that has waited longest (`take_up`).
"""

import logging
import secrets
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backoffice.roles import verbs_of
from pratik.core import working
from pratik.core.enums import RUNS_UNDER_WAY, RunState, ShownRow
from pratik.core.locks import wait_for_turn
from pratik.core.models import ImportRow, ImportRun, Upload
from pratik.core.origin import Origin, coming_from, current_origin
from pratik.core.queue import enqueue, keep_failure
from pratik.core.working import (
    LOST,
    PULSE_SECONDS,
    SILENCE_WHILE_LOCKED,
    TASK_SECONDS,
    TRIES,
    WAITS_LONG,
    Stopped,
    stopped_by_signal,
)
from pratik.security.rules import impersonation_refusal

from . import shown
from .engine import open_plan, planned, write_table
from .notices import tell_end
from .plan import RowStatus
from .reading import UnreadableFile, open_file

logger = logging.getLogger(__name__)

READ = "backoffice.base.imports.tasks.read_import"
WRITE = "backoffice.base.imports.tasks.write_import"
# Who has given no sign of life for so long is gone.
SILENCE = timedelta(minutes=2)
# Files of one person that may be read, written, or wait for it at a time.
RUNS_EACH = 3
ROWS_AT_ONCE = 1_000
TURN = "imports"


class PlanChanged(Exception):
    """Confirming would no longer do what was shown."""


class TooMuch(Exception):
    """Somebody has as many files under way as one person may; its words say so."""


class _Cancelled(Exception):
    """The owner gave the run up."""


class _Superseded(Exception):
    """The run is another worker's, or nobody's any more."""


class _NotAllowed(Exception):
    """Somebody lost the right to do this; its words say who."""


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
    keeps it. Raises `TooMuch` where its owner has enough under way.
    """
    _refuse_too_many(upload.owner_id)
    language = get_language() or upload.owner.language
    run = ImportRun.objects.create(upload=upload, language=language, rows_total=expected)
    _put(run)
    return run


def confirm(run, *, digest, all_or_nothing=False):
    """Has the cluster write what was shown, once, whoever clicks twice. Returns whether it does, or did.

    Raises `PlanChanged` when something else was shown meanwhile, and `TooMuch` as `begin` does.
    """
    if run.state != RunState.READY:
        return True
    with transaction.atomic():
        _wait_for_others_of(run.upload.owner_id)
        run = _locked(run)
        if run.state != RunState.READY:
            return True
        if run.digest != digest:
            raise PlanChanged
        counts = run.counts
        if not (counts["created"] or counts["updated"]) or (all_or_nothing and counts["refused"]):
            return False
        _refuse_too_many(run.upload.owner_id)
        _ask(run, RunState.WRITING)
        run.all_or_nothing = all_or_nothing
        origin = current_origin()
        run.impersonator, run.address, run.device = origin.impersonator, origin.address, origin.device[:300]
        run.has_changed = False
        run.rows_total = sum(counts.values())
        run.save()
        _put(run)
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
    nothing was written. Returns whether there was anything to resume. Raises `TooMuch` as `begin` does.
    """
    if is_locked(run) and not is_interrupted(run):
        return False
    with transaction.atomic():
        _wait_for_others_of(run.upload.owner_id)
        run = _locked(run)
        if run.state in (RunState.CANCELLED, RunState.FAILED):
            _refuse_too_many(run.upload.owner_id)
            _ask(run, RunState.WAITING)
            run.save()
        elif not run.is_under_way or not _is_left(run):
            return False
        if _needs_task(run):
            _put(run)
    return True


def rows_in_sight(run, user):
    """What was kept of a file's rows, but for those of records that this person may change no longer."""
    return run.rows.of_records(apps.get_model(run.upload.purpose).objects.editable_by(user))


def read_where_out_of_sight(run, user):
    """Has the cluster read a file anew that was read when this person had other rights, so that nothing is
    shown of what is not theirs any more. Returns whether it does.
    """
    if rows_in_sight(run, user).count() == run.rows.count():
        return False
    with transaction.atomic():
        run = _locked(run)
        if run.state == RunState.READY:
            _ask(run, RunState.WAITING)
            run.has_changed = True
            run.save()
            _put(run)
    return True


def is_locked(run):
    """Whether nobody else can write anything before the rows of this run are written."""
    return connection.vendor == "sqlite" and run.state == RunState.WRITING and bool(run.worker)


def is_interrupted(run):
    """Whether the worker of a run has given no sign of life for too long."""
    silence = SILENCE_WHILE_LOCKED if is_locked(run) else SILENCE
    return run.is_under_way and bool(run.worker) and run.silent_since(timezone.now() - silence)


def waits_for_turn(run):
    """Whether a run waits for another one to end."""
    silence = SILENCE_WHILE_LOCKED if connection.vendor == "sqlite" else SILENCE
    return run.is_under_way and not run.worker and _is_anothers_turn(run, silence)


def waits_long(run):
    """Whether no worker has taken a run up that any cluster would have begun."""
    asked_at = max(run.asked_at, run.queued_at or run.asked_at)
    is_long = run.is_under_way and not run.worker and asked_at < timezone.now() - WAITS_LONG
    return is_long and not waits_for_turn(run)


# What the cluster does


def read(pk):
    """Reads a file and keeps what its owner is to look at. Does nothing where another worker is at it, and
    leaves it where another file is worked on.
    """
    run = _taken(pk, RunState.READING, of=(RunState.WAITING, RunState.READING))
    if run is not None:
        with _ended_well(run), Pulse(run) as pulse:
            _owner_with_right(run)
            ImportRow.objects.filter(run=run).delete()
            _read(run, pulse)
    take_up()


def write(pk):
    """Writes a confirmed file. Does nothing where another worker is at it, or it is written already, and
    leaves it where another file is worked on.
    """
    run = _taken(pk, RunState.WRITING, of=(RunState.WRITING,))
    if run is not None:
        with _ended_well(run):
            _write_once(run)
    take_up()


def take_up():
    """Asks for a task for the file that has waited longest, for its turn or since its worker left it, where
    none is worked on. Returns how many it asked for.
    """
    with transaction.atomic():
        wait_for_turn(TURN)
        now = timezone.now()
        if ImportRun.objects.at_work(now - SILENCE).exists():
            return 0
        run = ImportRun.objects.without_task(now - LOST).order_by("asked_at", "pk").first()
        if run is None:
            return 0
        _put(run)
    return 1


class Pulse(working.Pulse):
    """Says how far a run is and that its worker lives, and hears whether it is given up.

    On SQLite it is said by the worker itself, between two batches, and not while it writes.
    """

    def __init__(self, run):
        super().__init__(f"Import {run.pk}", every=PULSE_SECONDS)
        self.run = run
        self.done = 0

    def at(self, number):
        """So many rows are done. Raises where the run is given up, or another's."""
        self.done = number
        if not self.speaks_by_itself and self.run.state == RunState.READING:
            try:
                self.say()
            except OperationalError:
                logger.info("The database is being written: how far %s is will be said later.", self.name)
        _check(self.run)

    def say(self):
        ImportRun.objects.filter(pk=self.run.pk, worker=self.run.worker).update(
            rows_done=self.done, alive_at=timezone.now()
        )


def _locked(run):
    return ImportRun.objects.select_for_update(of=("self",)).select_related("upload").get(pk=run.pk)


def _ask(run, state):
    """Sets a run to where a worker is to take it up."""
    run.state, run.asked_at, run.finished_at = state, timezone.now(), None
    run.worker, run.tries, run.rows_done, run.error = "", 0, 0, ""
    run.started_at = run.alive_at = run.cancel_asked_at = run.queued_at = None


def _put(run):
    """Asks the queue for the task that a saved run needs."""
    run.queued_at = timezone.now()
    run.save(update_fields=["queued_at"])
    enqueue(WRITE if run.state == RunState.WRITING else READ, run.pk, seconds=TASK_SECONDS)


def _needs_task(run):
    """Whether no task is on its way to a run, and one would do something."""
    has_task = run.queued_at is not None and run.queued_at > timezone.now() - LOST
    return not has_task and not _is_anothers_turn(run, SILENCE)


def _is_anothers_turn(run, silence):
    return ImportRun.objects.at_work(timezone.now() - silence).exclude(pk=run.pk).exists()


def _wait_for_others_of(owner_id):
    wait_for_turn(f"{TURN} of {owner_id}")


def _refuse_too_many(owner_id):
    """Raises `TooMuch` where somebody has as many files under way as one person may."""
    _wait_for_others_of(owner_id)
    if ImportRun.objects.filter(upload__owner=owner_id, state__in=RUNS_UNDER_WAY).count() >= RUNS_EACH:
        raise TooMuch(
            _(
                "Vous avez déjà %(number)d longs fichiers en cours de traitement. Attendez que l’un d’eux"
                " soit terminé, ou annulez-le."
            )
            % {"number": RUNS_EACH}
        )


def _end(run, state):
    run.state, run.worker, run.finished_at = state, "", timezone.now()
    run.address, run.device = None, ""
    run.save(update_fields=["state", "worker", "finished_at", "address", "device"])
    ImportRow.objects.filter(run=run).delete()


def _is_left(run):
    return run.silent_since(timezone.now() - SILENCE)


def _taken(pk, state, *, of):
    """The run, marked as this worker's; None where it is another's, over, tried too often, or where it is
    another run's turn.
    """
    with transaction.atomic():
        wait_for_turn(TURN)
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
        run.queued_at = None
        if _is_anothers_turn(run, SILENCE):
            run.save(update_fields=["queued_at"])
            return None
        run.state, run.worker, run.tries, run.rows_done = state, secrets.token_hex(16), run.tries + 1, 0
        run.started_at = run.alive_at = timezone.now()
        names = ["state", "worker", "tries", "rows_done", "started_at", "alive_at", "queued_at"]
        run.save(update_fields=names)
    return run


@contextmanager
def _ended_well(run):
    """Says of whatever stops a run what has become of it, in its owner's language."""
    with translation.override(run.language), stopped_by_signal():
        try:
            yield
        except _Superseded:
            logger.warning("Import %s is another worker's now: nothing is left of this one.", run.pk)
        except _Cancelled:
            _finish(run, RunState.CANCELLED)
        except _NotAllowed as why:
            _finish(run, RunState.FAILED, error=str(why))
        except Stopped:
            # What was interrupted may be a query: the connection is of no more use.
            if not connection.in_atomic_block:
                connection.close()
            _try_again(run, is_counted=False)
            raise
        except (UnreadableFile, FileNotFoundError) as problem:
            is_there = isinstance(problem, UnreadableFile)
            sentence = str(problem) if is_there else _("Ce fichier n’est plus là : envoyez-le de nouveau.")
            _finish(run, RunState.REFUSED, problems=shown.storable([sentence]))
        except OperationalError:
            # A deadlock, a connection that was lost: the next worker may fare better.
            logger.exception("Import %s is to be tried again.", run.pk)
            _try_again(run)
        except Exception as error:
            # Not raised: the queue would deliver the task again, which then does nothing, and would take that
            # for a success.
            logger.exception("Import %s failed.", run.pk)
            keep_failure(WRITE if run.state == RunState.WRITING else READ, run.pk, error=error)
            _finish(
                run,
                RunState.FAILED,
                error=_(
                    "Une erreur inattendue a arrêté le traitement : rien n’est écrit. L’équipe technique la"
                    " trouve parmi les échecs."
                ),
            )


def _finish(run, state, **values):
    """Ends the worker's part of a run, unless it is another's, or was given up where its owner would take
    the end for a success. Returns whether it did.
    """
    mine = ImportRun.objects.filter(pk=run.pk, worker=run.worker)
    is_well = state in (RunState.READY, RunState.DONE)
    if is_well:
        mine = mine.filter(cancel_asked_at=None)
    with transaction.atomic():
        is_mine = bool(
            mine.update(state=state, worker="", finished_at=timezone.now(), address=None, device="", **values)
        )
        if is_mine:
            if not is_well:
                ImportRow.objects.filter(run=run).delete()
            tell_end(run, state)
    return is_mine


def _finish_well(run, state, **values):
    """Ends a run that came to where it should. Raises where it is given up, or another's."""
    if not _finish(run, state, **values):
        _check(run)
        raise _Superseded


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


def _owner_with_right(run):
    """The owner of a run as they are now. Raises `_NotAllowed` where they, or who confirmed in their name,
    have lost the right to import meanwhile.
    """
    now = ImportRun.objects.select_related("upload__owner", "impersonator").get(pk=run.pk)
    owner = now.upload.owner
    if not (owner.is_active and "import" in verbs_of(owner.role, now.upload.purpose)):
        raise _NotAllowed(_("Vous n’avez plus le droit d’importer ces fiches : rien n’est écrit."))
    acts = now.impersonator if run.state == RunState.WRITING else None
    if acts is not None and impersonation_refusal(administrator=acts, target=owner):
        raise _NotAllowed(
            _("La personne qui a confirmé cet import en votre nom n’en a plus le droit : rien n’est écrit.")
        )
    return owner


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
    _finish_well(
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


class _Keeper:
    """Keeps of the rows that pass those which people look at."""

    def __init__(self, run, plan):
        self.run, self.plan = run, plan
        self.left = {RowStatus.CREATED: shown.SHOWN, RowStatus.UPDATED: shown.SHOWN}
        self.room = shown.Room()
        self.looked_at = self.warned = 0

    def keep(self, rows):
        kept = [row for status in self.left for row in self._first(status, rows)]
        kept += self._refused(rows)
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

    def _first(self, status, rows):
        if not self.left[status]:
            return []
        found = [row for row in rows if row.status is status][: self.left[status]]
        self.left[status] -= len(found)
        is_new = status is RowStatus.CREATED
        said = [shown.created(self.plan, row) if is_new else shown.updated(row) for row in found]
        return [self._row(ShownRow(status.value), row, words) for row, words in zip(found, said, strict=True)]

    def _refused(self, rows):
        told = ((row, shown.refused(row)) for row in rows if row.status is RowStatus.REFUSED)
        fitting = takewhile(lambda pair: self.room.takes(pair[1]), told)
        return [self._row(ShownRow.REFUSED, row, words) for row, words in fitting]

    def _warned(self, rows):
        looked_at = shown.written(rows)[: shown.LOOKED_AT - self.looked_at]
        if not looked_at:
            return []
        self.looked_at += len(looked_at)
        said = self.plan.resource.warnings(looked_at)
        found = [row for row in looked_at if row.number in said]
        room = max(0, shown.SHOWN - self.warned)
        self.warned += len(found)
        return [self._row(ShownRow.WARNED, row, shown.warned(row, said[row.number])) for row in found[:room]]

    def _row(self, kind, row, words):
        about = row.instance.pk
        return ImportRow(run=self.run, kind=kind, number=row.number, said=shown.storable(words), about=about)


def _write_once(run):
    try:
        with Pulse(run) as pulse, transaction.atomic():
            _write(run, pulse)
    except PlanChanged:
        _read_again(run)
    except (IntegrityError, PermissionDenied):
        # What was planned may have changed under the rows: somebody wrote the same ones, or a right was lost.
        # Then the file is shown again. Else it is something that the mark does not tell, such as an address
        # that somebody else's row has taken, and the next try finds another.
        with Pulse(run) as pulse:
            is_same = _digest_now(run, pulse) == run.digest
        if not is_same:
            _read_again(run)
        elif run.tries < TRIES:
            logger.warning("Import %s is to be tried again.", run.pk, exc_info=True)
            _try_again(run)
        else:
            raise


def _write(run, pulse):
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=run.upload_id)
    upload.owner = _owner_with_right(run)
    if not upload.operation_id:
        resource = _resource(upload)
        origin = Origin(address=run.address, device=run.device, impersonator=run.impersonator)
        with opened(upload, resource) as table, coming_from(origin):
            plan = open_plan(resource, table)
            if plan.problems:
                raise PlanChanged
            upload.operation = write_table(plan, table, source=upload, each=lambda rows: pulse.at(plan.total))
            if plan.digest != run.digest:
                raise PlanChanged
        upload.save(update_fields=["operation"])
    pulse.stop()
    # What an account may is asked again: the rows took their time.
    if _owner_with_right(run).role != upload.owner.role:
        raise PlanChanged
    _finish_well(run, RunState.DONE, rows_done=run.rows_total)


def _digest_now(run, pulse):
    """The mark of what the file would do now."""
    run.upload.owner = _owner_with_right(run)
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
        _put(mine)


def _try_again(run, *, is_counted=True):
    """Leaves the run to the next worker, at once; unless it `is_counted`, as if it had not been tried."""
    mine = ImportRun.objects.filter(pk=run.pk, worker=run.worker)
    with transaction.atomic():
        if mine.update(worker="", alive_at=None, tries=F("tries") - (0 if is_counted else 1)):
            _put(run)
