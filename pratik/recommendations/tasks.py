"""Entry points of the queue."""

from . import services


def tell_of_moves(pks, operation_pk):
    """Tells people what an operation did to recommendations."""
    services.tell_of_moves(pks=pks, operation_pk=operation_pk)


def forget_unanswered():
    """Removes the recommendations that were never sent, or never answered, for two years."""
    services.forget_unanswered()
