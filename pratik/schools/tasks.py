"""Entry points of the queue."""

from pratik.core.calendar import today

from . import services


def tell_who_is_asked(pks, operation_pk):
    """Tells people of the enrolments that they are to confirm."""
    services.tell_who_is_asked(pks=pks, operation_pk=operation_pk)


def tell_what_was_answered(pks, operation_pk):
    """Tells people what became of enrolments."""
    services.tell_what_was_answered(pks=pks, operation_pk=operation_pk)


def end_past_enrolments():
    """Ends the enrolments of school years that are over."""
    services.end_past_enrolments(today=today())
