"""Entry points of the queue."""

from . import undoing


def undo(pk):
    """Takes a long operation back, as somebody asked."""
    undoing.undo(pk)


def take_up_undoings():
    """Has the cluster go on taking back long operations that a stopped worker left, and forgets what was told
    of those that are over.
    """
    undoing.forget_over()
    undoing.take_up()
