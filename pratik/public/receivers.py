"""Reactions to facts: what is written and shown on the site is shown anew."""

from pratik.core.signals import columns_written, rows_written

from .generations import raise_generation
from .shown import EVERYTHING


def follow_what_is_shown(sender, **kwargs):
    """A form, an import, a set of rows, an undoing: all are heard here, in their own transaction."""
    if sender in EVERYTHING:
        raise_generation(sender)


def connect():
    rows_written.connect(follow_what_is_shown, dispatch_uid="public.rows")
    columns_written.connect(follow_what_is_shown, dispatch_uid="public.columns")
