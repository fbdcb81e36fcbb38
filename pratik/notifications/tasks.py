"""Entry points of the queue."""

from . import services


def send_mails():
    """Sends the notices that wait for it."""
    services.send_mails()


def send_digests():
    """Sends what people wanted with the digest of the morning."""
    services.send_digests()


def clean_up():
    """Removes the notices that were read long ago."""
    services.clean_up()
