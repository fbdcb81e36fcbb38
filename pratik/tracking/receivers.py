"""Reactions to facts: whichever way profiles are written, those who follow them are told."""

from pratik.accounts.models import StudentProfile
from pratik.core.enums import HistoryType
from pratik.core.queue import enqueue
from pratik.core.signals import rows_written

from . import services, signals


def record_what_changed(sender, pks, history_type, operation, **kwargs):
    """A form, an import, a set of rows, an undoing: all are heard here, in their own transaction."""
    if sender is StudentProfile and history_type == HistoryType.CHANGED:
        services.record_changes(pks=pks, operation=operation)


def tell_of_follows_later(sender, pks, verb, operation, **kwargs):
    """People hear what was asked of them, and what was answered."""
    enqueue("pratik.tracking.tasks.tell_of_follows", list(pks), verb, operation.pk)


def connect():
    rows_written.connect(record_what_changed, dispatch_uid="tracking.record_what_changed")
    signals.follows_moved.connect(tell_of_follows_later, dispatch_uid="tracking.tell_of_follows_later")
