"""Reactions to facts: what changes an account's rights is in the journal, whichever way it came about."""

from pratik.accounts.models import User
from pratik.core.signals import rows_written

from . import services


def journal_of_rights(sender, pks, operation, **kwargs):
    """A form, an import, a set of rows, an undoing: all are heard here, in their own transaction."""
    if sender is User:
        services.record_rights(pks=pks, operation=operation)


def connect():
    rows_written.connect(journal_of_rights, dispatch_uid="security.rights")
