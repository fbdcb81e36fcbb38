"""Entry points of the queue."""

from . import services


def tell_of_offers(label, pks, operation_pk):
    """Tells people what an operation did to listings."""
    services.tell_of_offers(label=label, pks=pks, operation_pk=operation_pk)


def tell_requests_made(label, pks, operation_pk):
    """Tells owners of new requests."""
    services.tell_requests_made(label=label, pks=pks, operation_pk=operation_pk)


def tell_of_requests(label, pks, verb, operation_pk):
    """Tells students what became of their requests."""
    services.tell_of_requests(label=label, pks=pks, verb=verb, operation_pk=operation_pk)


def tell_of_badges(pks, operation_pk):
    """Tells owners which listings came or went with their badge."""
    services.tell_of_badges(pks=pks, operation_pk=operation_pk)


def close_what_is_over():
    """Closes requests and listings whose days have passed."""
    services.close_what_is_over()
