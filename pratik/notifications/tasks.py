"""Entry points of the queue."""

from . import services


def send_mails():
    """Sends the notices that wait for it."""
    services.send_mails()
