"""Facts that this area announces, in the transaction that makes them true; a receiver only queues work."""

from django.dispatch import Signal

# Sent with `pks`, the keys of the follows, `verb`, what was done to them, and `operation`.
follows_moved = Signal()
