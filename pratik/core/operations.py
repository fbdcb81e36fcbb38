"""Every write belongs to an operation: who, what kind, why, from which file, how many rows.

    with operation(kind=OperationKind.IMPORT, actor=user, subject=School) as op:
        create_rows(rows)

The row of the operation is written with the first change it covers, so that a form that was refused or a
file that changed nothing leaves no trace. An operation that is opened inside another one joins it.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from .origin import current_origin
from .text import fold


class WriteOutsideService(RuntimeError):
    """A business row was about to change without an operation, so without actor, reason and history."""


_current = ContextVar("pratik_operation", default=None)


class Running:
    """The operation under way; `row` is its database row, made when something is first written."""

    def __init__(self, *, kind, actor, subject=None, verb="", reason="", source=None, undoes=None):
        if actor is None or actor.pk is None:
            raise WriteOutsideService("An operation needs an actor who has an account.")
        self.kind = kind
        self.actor = actor
        self.subject = subject._meta.label_lower if subject is not None else ""
        self.verb = verb
        self.reason = reason
        self.source = source
        self.undoes = undoes
        self.counts = {}
        self._row = None

    @property
    def row(self):
        if self._row is None:
            source = self.source
            self._row = apps.get_model("core", "Operation").objects.create(
                kind=self.kind,
                verb=self.verb,
                subject=self.subject,
                actor=self.actor,
                actor_label=str(self.actor)[:200],
                impersonator=current_origin().impersonator,
                reason=self.reason,
                started_at=timezone.now(),
                source_name=source.name[:200] if source else "",
                source_sha256=source.sha256 if source else "",
                source_size=source.size if source else None,
                undoes=self.undoes,
                search_text=fold(f"{self.actor} {self.reason} {source.name if source else ''}")[:900],
            )
        return self._row

    @property
    def written(self):
        """The operation's row if anything was written, else None."""
        return self._row

    def keep(self):
        """Has the operation's row written, though no row of history belongs to it."""
        return self.row

    def count(self, what, number=1):
        """Adds to one of the operation's totals: created, updated, unchanged, refused, deleted, left."""
        self.counts[what] = self.counts.get(what, 0) + number

    def close(self):
        if self._row is not None:
            self._row.counts = self.counts
            self._row.finished_at = timezone.now()
            self._row.save(update_fields=["counts", "finished_at"])


@contextmanager
def operation(*, kind, actor, subject=None, verb="", reason="", source=None, undoes=None):
    """Opens an operation in one transaction, or joins the one that is already open.

    Yields the `Running` operation. `source` is anything with `name`, `sha256` and `size`.
    Raises `WriteOutsideService` when there is no actor.
    """
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    running = Running(
        kind=kind, actor=actor, subject=subject, verb=verb, reason=reason, source=source, undoes=undoes
    )
    with transaction.atomic():
        token = _current.set(running)
        try:
            yield running
            running.close()
        finally:
            _current.reset(token)


@contextmanager
def attempt():
    """A part of the open operation that may fail alone: what it wrote and counted is then as before it."""
    running = current_operation()
    before = running._row, dict(running.counts)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        running._row, running.counts = before
        raise


def forget_reasons(operations):
    """Empties the words that were given for these operations, a queryset of `Operation`, and what they are
    found by: they were said to somebody whose data are gone. What was done, when and by whom stays.
    """
    for row in operations:
        row.reason = ""
        row.search_text = fold(f"{row.actor_label} {row.source_name}")[:900]
        row.save(update_fields=["reason", "search_text"])


def current_operation():
    """The operation under way. Raises `WriteOutsideService` when there is none."""
    running = _current.get()
    if running is None:
        raise WriteOutsideService("A business row changes only inside an operation (pratik.core.operations).")
    return running
