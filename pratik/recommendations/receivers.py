"""Reactions to facts: from the queue, so that a decision is quick."""

from pratik.core.queue import enqueue

from .signals import recommendations_moved


def tell_of_moves_later(sender, pks, operation, **kwargs):
    """People hear what became of recommendations."""
    enqueue("pratik.recommendations.tasks.tell_of_moves", list(pks), operation.pk)


def connect():
    recommendations_moved.connect(tell_of_moves_later, dispatch_uid="recommendations.tell_of_moves_later")
