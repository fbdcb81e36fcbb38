"""Entry points of the queue: e-mails leave after the page was answered, however slow the mail server is."""

from pratik.accounts.models import User

from . import mails


def send_reset_link(address):
    """Sends a link for a new password to the account of this address; to nobody when there is none.

    The link is made here, so that the queue's table never holds one, and goes to the address that the
    account has, not to the one that was typed.
    """
    user = User.objects.with_address(address).filter(is_active=True).first()
    if user is not None:
        mails.reset_link(user).send()
