"""Operations that wrote too much to be taken back while somebody waits: the cluster does it.

    the run …                                          until …
    -------------------------------------------------  -----------------------------------------------------
    waits for a worker                                 one takes it up, which sets `started_at`
    is at work: its worker gives a sign of life        it is over, or given up: then the run is gone
    was left: its worker is no more                    `take_up`, or somebody (`resume`), asks for another
    is over: `report` tells of it, or `error` why not  somebody asks again (`ask`), or two days have passed

All rows go back in one transaction, with the end of the run: whoever is killed leaves nothing behind, and the
next one begins anew. The sign of life goes with the worker's connection (`pratik.core.locks`), how far it is
comes by another one (`Pulse`). On SQLite, which has one writer at a time and no such signs, nothing is said
meanwhile, and a worker is taken for dead after half an hour.

One long operation is taken back at a time, and one long file worked on, so that of three workers of the
cluster one is there for all else.
"""

import logging
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pratik.core import working
from pratik.core.locks import is_alive, sign_of_life, wait_for_turn
from pratik.core.models import UndoRun
from pratik.core.origin import Origin, coming_from, current_origin
from pratik.core.queue import enqueue, keep_failure
from pratik.core.undo import refuse_undoing, undo_operation
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

from .notices import tell_undone

logger = logging.getLogger(__name__)

TASK = "backoffice.core.tasks.undo"
# Of what was left, how many rows are named.
NAMED = 50
KEPT = timedelta(days=2)
TURN = "undoings"


class _GivenUp(Exception):
    """Nobody wants the operation taken back any more."""


class _NotAllowed(Exception):
    """Somebody lost the right to do this; its words say who."""


def rows_of(operation):
    """How many rows an operation wrote, as far as its totals tell."""
    return sum(operation.total(what) for what in ("created", "updated", "deleted"))


def is_long(operation):
    """Whether taking an operation back is too much to be waited for."""
    return rows_of(operation) > settings.UNDO_ROWS_AT_ONCE


# What people do


def ask(*, actor, operation, reason=""):
    """Has the cluster take a long operation back, once, whoever clicks twice. Returns the run.

    Raises `PermissionDenied` and `ValidationError` where `undo_operation` would refuse the whole of it.
    """
    refuse_undoing(actor=actor, operation=operation)
    origin = current_origin()
    with transaction.atomic():
        wait_for_turn(f"{TURN} of {operation.pk}")
        run = UndoRun.objects.filter(operation=operation).first()
        if run is not None and run.finished_at is None:
            return run
        UndoRun.objects.filter(operation=operation).delete()
        run = UndoRun.objects.create(
            operation=operation,
            owner=actor,
            impersonator=origin.impersonator,
            address=origin.address,
            device=origin.device[:300],
            language=get_language() or actor.language,
            reason=reason,
            rows_total=rows_of(operation),
        )
        _put(run)
    return run


def cancel(run):
    """Gives a run up: at once where no worker is at it, else at the end of the batch. Returns whether that
    is still possible.
    """
    if is_locked(run):
        return False
    try:
        with transaction.atomic():
            run = UndoRun.objects.select_for_update(of=("self",)).filter(pk=run.pk, finished_at=None).first()
            if run is None:
                return False
            if is_at_work(run):
                run.cancel_asked_at = timezone.now()
                run.save(update_fields=["cancel_asked_at"])
            else:
                run.delete()
    except OperationalError:
        if connection.vendor != "sqlite":
            raise
        # The rows are being written since a moment ago.
        return False
    return True


def resume(run):
    """Has another worker go on with a run that its own left. Returns whether one will."""
    with transaction.atomic():
        run = UndoRun.objects.select_for_update(of=("self",)).filter(pk=run.pk).first()
        if run is not None and is_interrupted(run):
            return _put(run)
    return run is not None and run.finished_at is None and run.started_at is None


def is_at_work(run):
    """Whether a worker is at it."""
    if run.started_at is None or run.finished_at is not None:
        return False
    alive = is_alive(_name(run.pk))
    return run.started_at > timezone.now() - SILENCE_WHILE_LOCKED if alive is None else alive


def is_locked(run):
    """Whether nobody else can write anything before this run is over."""
    return connection.vendor == "sqlite" and is_at_work(run)


def is_interrupted(run):
    """Whether the worker of a run is no more, and no other was asked for."""
    return run.finished_at is None and run.started_at is not None and not is_at_work(run)


def waits_for_turn(run):
    """Whether a run waits for another one to end."""
    return run.started_at is None and _others_at_work(run)


def waits_long(run):
    """Whether no worker has taken a run up that any cluster would have begun."""
    asked_at = max(run.asked_at, run.queued_at or run.asked_at)
    is_waiting = not (run.finished_at or run.started_at) and asked_at < timezone.now() - WAITS_LONG
    return is_waiting and not waits_for_turn(run)


# What the cluster does


def undo(pk):
    """Takes a long operation back. Does nothing where another worker is at it, or nobody wants it any more,
    and leaves it where another operation is being taken back.
    """
    if is_alive(_name(pk)):
        # Should it be the sign of a session that is about to end, whoever looks next asks again.
        UndoRun.objects.filter(pk=pk, started_at=None, finished_at=None).update(queued_at=None)
        return
    with sign_of_life(_name(pk)):
        run = _taken(pk)
        if run is not None:
            _undo(run)
    take_up()


def take_up():
    """Asks for a task for the run that has waited longest, for its turn or since its worker left it, where
    none is at work. Returns how many it asked for.
    """
    with transaction.atomic():
        wait_for_turn(TURN)
        runs = list(UndoRun.objects.to_do())
        if any(map(is_at_work, runs)):
            return 0
        lost = timezone.now() - LOST
        for run in runs:
            if (run.queued_at is None or run.queued_at < lost) and _put(run):
                return 1
    return 0


def forget_over(*, now=None):
    """Removes the runs that were over two days ago. Returns how many."""
    return UndoRun.objects.over((now or timezone.now()) - KEPT).delete()[0]


class Pulse(working.Pulse):
    """Says how far a run is, and hears whether it is given up."""

    def __init__(self, run):
        super().__init__(f"Undoing {run.pk}", every=PULSE_SECONDS)
        self.run = run
        self.done, self.total = 0, run.rows_total

    def at(self, done, total):
        """So many rows, of how many, are dealt with. Raises where the run is given up."""
        self.done, self.total = done, total
        _check(self.run)

    def say(self):
        UndoRun.objects.filter(pk=self.run.pk).update(rows_done=self.done, rows_total=self.total)


def _name(pk):
    return f"backoffice.core.undoing:{pk}"


def _put(run):
    """Asks the queue for the task that a saved run needs. Returns whether it was not over meanwhile."""
    run.queued_at, run.started_at = timezone.now(), None
    to_do = UndoRun.objects.filter(pk=run.pk, finished_at=None)
    if not to_do.update(queued_at=run.queued_at, started_at=None):
        return False
    enqueue(TASK, run.pk, seconds=TASK_SECONDS)
    return True


def _others_at_work(run):
    return any(map(is_at_work, UndoRun.objects.to_do().exclude(pk=run.pk).exclude(started_at=None)))


def _taken(pk):
    """The run, from now on this worker's; None where it is over, tried too often, where nobody wants it any
    more, or where it is another run's turn.
    """
    with transaction.atomic():
        wait_for_turn(TURN)
        rows = UndoRun.objects.select_for_update(of=("self",)).select_related("operation")
        run = rows.filter(pk=pk, finished_at=None).first()
        if run is None or is_locked(run):
            return None
        if run.cancel_asked_at:
            run.delete()
            return None
        if run.tries >= TRIES:
            with translation.override(run.language):
                _fail(run, _("L’annulation s’est arrêtée plusieurs fois en chemin : rien n’a changé."))
            return None
        run.queued_at = run.started_at = None
        if not _others_at_work(run):
            run.started_at, run.tries, run.rows_done = timezone.now(), run.tries + 1, 0
        run.save(update_fields=["queued_at", "started_at", "tries", "rows_done"])
    return run if run.started_at else None


def _undo(run):
    """Takes the operation back, and says of whatever stops it what has become of it."""
    with translation.override(run.language), stopped_by_signal():
        try:
            _undo_once(run)
        except _GivenUp:
            UndoRun.objects.filter(pk=run.pk).delete()
        except _NotAllowed as why:
            _fail(run, str(why))
        except PermissionDenied:
            why = _("%(name)s n’a plus le droit d’annuler cette opération : rien n’a changé.")
            _fail(run, why % {"name": run.owner})
        except ValidationError as why:
            _fail(run, " ".join(why.messages))
        except Stopped:
            # What was interrupted may be a query: the connection is of no more use.
            if not connection.in_atomic_block:
                connection.close()
            _try_again(run, is_counted=False)
            raise
        except (OperationalError, IntegrityError):
            # A deadlock, a connection that was lost, a row that somebody removed while another was given back
            # that points at it: the next worker may fare better.
            logger.exception("Undoing %s is to be tried again.", run.pk)
            _try_again(run)
        except Exception as error:
            # Not raised: the queue would deliver the task again, which then does nothing, and would take that
            # for a success.
            logger.exception("Undoing %s failed.", run.pk)
            keep_failure(TASK, run.pk, error=error)
            _fail(
                run,
                _(
                    "Une erreur inattendue a arrêté l’annulation : rien n’a changé. L’équipe technique la"
                    " trouve parmi les échecs."
                ),
            )


def _undo_once(run):
    origin = Origin(address=run.address, device=run.device, impersonator=run.impersonator)
    with Pulse(run) as pulse, coming_from(origin), transaction.atomic():
        owner = _owner_with_right(run)
        report = undo_operation(
            actor=owner, operation=run.operation, reason=run.reason, each=pulse.at, named=NAMED
        )
        pulse.stop()
        # What an account may is asked again: the rows took their time.
        if _owner_with_right(run).role != owner.role:
            raise PermissionDenied
        _check(run, is_last=True)
        _finish(run, undoing=report.operation, report=_kept(report))


def _owner_with_right(run):
    """Who asked, as they are now. Raises `_NotAllowed` where they, or who asked in their name, have lost the
    right to it meanwhile.
    """
    now = UndoRun.objects.select_related("owner", "impersonator").filter(pk=run.pk).first()
    if now is None:
        raise _GivenUp
    if not now.owner.is_active:
        raise PermissionDenied
    if now.impersonator and impersonation_refusal(administrator=now.impersonator, target=now.owner):
        raise _NotAllowed(
            _("%(name)s, qui l’a demandée au nom de %(owner)s, n’en a plus le droit : rien n’a changé.")
            % {"name": now.impersonator, "owner": now.owner}
        )
    return now.owner


def _check(run, *, is_last=False):
    """Raises where a run is given up; with `is_last`, whoever would give it up waits until the end."""
    wanted = UndoRun.objects.filter(pk=run.pk, cancel_asked_at=None)
    if is_last:
        wanted = wanted.select_for_update(of=("self",))
    if not wanted.values_list("pk", flat=True):
        raise _GivenUp


def _kept(report):
    """Of what was done, what somebody is to read: the rows that were left are counted by their reasons, and
    the first of them named.
    """
    why = Counter(left.reason for left in report.left)
    named = [(left.model._meta.label_lower, left.pk, left.label, left.reason) for left in report.left[:NAMED]]
    return {"done": report.done, "left": len(report.left), "why": why.most_common(NAMED), "named": named}


def _fail(run, error):
    with transaction.atomic():
        _finish(run, error=error)


def _finish(run, **values):
    """Ends a run that nobody deleted meanwhile; where it was asked for from is forgotten."""
    for name, value in {"finished_at": timezone.now(), "address": None, "device": "", **values}.items():
        setattr(run, name, value)
    names = ("finished_at", "address", "device", "error", "undoing", "report")
    if UndoRun.objects.filter(pk=run.pk).update(**{name: getattr(run, name) for name in names}):
        tell_undone(run)


def _try_again(run, *, is_counted=True):
    """Leaves the run to the next worker, at once; unless it `is_counted`, as if it had not been tried."""
    with transaction.atomic():
        left = UndoRun.objects.filter(pk=run.pk, finished_at=None)
        if left.update(tries=F("tries") - (0 if is_counted else 1)):
            _put(run)
