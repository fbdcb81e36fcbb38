"""Facts that this area announces, in the transaction that makes them true; a receiver only queues work."""

from django.dispatch import Signal

# Both are sent with `pks`, the keys of the enrolments, and `operation`, what made or moved them.
enrolments_asked = Signal()
enrolments_moved = Signal()
