"""Reactions to facts: from the queue, so that asking thirty students is quick."""

from pratik.core.queue import enqueue

from .signals import enrolments_asked, enrolments_moved


def tell_who_is_asked(sender, pks, operation, **kwargs):
    """Students hear which school proposes itself, schools which student names them."""
    enqueue("pratik.schools.tasks.tell_who_is_asked", list(pks), operation.pk)


def tell_what_was_answered(sender, pks, operation, **kwargs):
    """Whoever asked hears the answer."""
    enqueue("pratik.schools.tasks.tell_what_was_answered", list(pks), operation.pk)


def connect():
    enrolments_asked.connect(tell_who_is_asked, dispatch_uid="schools.tell_who_is_asked")
    enrolments_moved.connect(tell_what_was_answered, dispatch_uid="schools.tell_what_was_answered")
