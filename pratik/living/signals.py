"""Facts that this area announces, in the transaction that makes them true; a receiver only queues work."""

from django.dispatch import Signal

# The sender is the model of the offers or of the requests. Sent with `pks`, their keys, and `operation`.
offers_moved = Signal()
requests_made = Signal()
# With `verb` too: one act may move requests as a consequence of something else.
requests_moved = Signal()
