"""Reactions to facts: whichever way accounts are written, an administrator is left."""

from pratik.core.enums import HistoryType
from pratik.core.signals import rows_written

from . import services
from .models import User


def administrator_stays(sender, pks, history_type, operation, **kwargs):
    """A form, an import, a set of rows, an undoing: all are heard here, in their own transaction."""
    if sender is User:
        services.keep_an_administrator(
            pks=pks, operation=operation, removing=history_type == HistoryType.DELETED
        )


def connect():
    rows_written.connect(administrator_stays, dispatch_uid="accounts.administrators")
