"""Entry points of the queue."""

from pratik.accounts.services import system_actor

from . import services


def expire_documents():
    """Marks the documents whose last day is over and withdraws the badges that stood on them."""
    services.expire_documents()


def remind_of_expiry():
    """Reminds people of documents that end in 30, 7 or 1 days."""
    services.remind_of_expiry()


def delete_due_files():
    """Removes the files that were kept for long enough after their decision."""
    services.delete_due_files()


def refresh_badges(pks):
    """Brings the badges of these accounts to what their documents say."""
    services.refresh_badges(actor=system_actor(), pks=pks)


def refresh_badges_of(account_types):
    """Brings the badges of all accounts of these types to what their documents say."""
    services.refresh_badges_of(account_types=account_types)


def follow_closed_accounts(owners):
    """Sets, or takes away, the day on which the files of accounts that were closed or opened go."""
    services.follow_closed_accounts(owners=owners)


def tell_submitted(pks, operation_pk):
    """Tells those who check documents of new ones."""
    services.tell_submitted(pks=pks, operation_pk=operation_pk)


def tell_decided(pks, operation_pk):
    """Tells people what an operation decided on their documents."""
    services.tell_decided(pks=pks, operation_pk=operation_pk)


def tell_expired(pks):
    """Tells people that documents of theirs are over."""
    services.tell_expired(pks=pks)


def tell_badges(pks, operation_pk, given):
    """Tells people that an operation gave or took their badge."""
    services.tell_badges(pks=pks, operation_pk=operation_pk, given=given)
