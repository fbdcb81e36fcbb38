"""Facts that this area announces, in the transaction that makes them true.

A receiver only queues work: the queue is part of the database, so its entry is committed with the fact or
not at all (deploy/decisions/0003-facts-in-the-transaction.md).
"""

from django.dispatch import Signal

# Sent with `pks`, the keys of the calendars.
calendars_published = Signal()
