"""Reactions to facts."""

from pratik.core.queue import enqueue

from .signals import calendars_published


def tell_partners_later(sender, pks, **kwargs):
    """Partner companies hear of a publication from the queue, so that publishing is quick."""
    enqueue("pratik.calendars.tasks.tell_partners", list(pks))


def connect():
    calendars_published.connect(tell_partners_later, dispatch_uid="calendars.tell_partners")
