"""Entry points of the queue."""

from . import services


def tell_partners(pks):
    """Tells partner companies of the calendars with these keys."""
    services.tell_partners(pks=pks)


def tell_schools(pks, operation_pk):
    """Tells schools what an operation did to their calendars."""
    services.tell_schools(pks=pks, operation_pk=operation_pk)


def remind_of_calendars():
    """Reminds schools and partner companies of placements that start soon."""
    services.remind_of_calendars()
