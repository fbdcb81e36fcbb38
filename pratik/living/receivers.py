"""Reactions to facts: from the queue, so that a decision is quick."""

from pratik.core.queue import enqueue
from pratik.verification.signals import badges_given, badges_withdrawn

from . import signals


def tell_of_offers_later(sender, pks, operation, **kwargs):
    """People hear what became of listings."""
    enqueue("pratik.living.tasks.tell_of_offers", sender._meta.label_lower, list(pks), operation.pk)


def tell_requests_made_later(sender, pks, operation, **kwargs):
    """Owners hear of new requests."""
    enqueue("pratik.living.tasks.tell_requests_made", sender._meta.label_lower, list(pks), operation.pk)


def tell_of_requests_later(sender, pks, verb, operation, **kwargs):
    """Students hear what became of their requests."""
    enqueue("pratik.living.tasks.tell_of_requests", sender._meta.label_lower, list(pks), verb, operation.pk)


def tell_of_badges_later(sender, pks, operation, **kwargs):
    """Owners hear which listings came or went with their badge, and so do those who have a place there."""
    enqueue("pratik.living.tasks.tell_of_badges", list(pks), operation.pk)


def connect():
    for signal, heard in (
        (signals.offers_moved, tell_of_offers_later),
        (signals.requests_made, tell_requests_made_later),
        (signals.requests_moved, tell_of_requests_later),
        (badges_given, tell_of_badges_later),
        (badges_withdrawn, tell_of_badges_later),
    ):
        signal.connect(heard, dispatch_uid=f"living.{heard.__name__}")
