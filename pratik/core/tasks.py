"""Entry points of the queue."""

from . import uploads


def forget_abandoned_uploads():
    """Removes the files that nobody confirmed."""
    uploads.forget_abandoned_uploads()
