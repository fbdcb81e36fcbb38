"""Entry points of the queue."""

from . import services


def tell_of_follows(pks, verb, operation_pk):
    """Tells students and companies what was asked or answered."""
    services.tell_of_follows(pks=pks, verb=verb, operation_pk=operation_pk)


def tell_followers(operation_pk):
    """Tells the followers of students what an operation changed in their profiles."""
    services.tell_followers(operation_pk=operation_pk)


def tell_followers_left():
    """Goes on where a worker stopped before every follower was told."""
    services.tell_followers_left()
