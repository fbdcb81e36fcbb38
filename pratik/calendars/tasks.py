"""Entry points of the queue."""

from . import services


def tell_partners(pks):
    """Tells partner companies of the calendars with these keys."""
    services.tell_partners(pks=pks)
