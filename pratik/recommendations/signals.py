"""Facts that this area announces, in the transaction that makes them true; a receiver only queues work."""

from django.dispatch import Signal

# Sent with `pks`, the keys of the recommendations, and `operation`, whose verb says what happened.
recommendations_moved = Signal()
