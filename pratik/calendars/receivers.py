"""Reactions to facts: from the queue, so that publishing is quick."""

from pratik.core.queue import enqueue

from .signals import calendars_published, calendars_withdrawn


def tell_partners_later(sender, pks, **kwargs):
    """Partner companies hear of a publication."""
    enqueue("pratik.calendars.tasks.tell_partners", list(pks))


def tell_schools_later(sender, pks, operation, **kwargs):
    """A school hears what became of its calendars."""
    enqueue("pratik.calendars.tasks.tell_schools", list(pks), operation.pk)


def connect():
    calendars_published.connect(tell_partners_later, dispatch_uid="calendars.tell_partners")
    for signal in (calendars_published, calendars_withdrawn):
        signal.connect(tell_schools_later, dispatch_uid="calendars.tell_schools")
