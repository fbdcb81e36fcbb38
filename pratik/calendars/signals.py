"""Facts that this area announces, in the transaction that makes them true.

A receiver only queues work: the queue is part of the database, so its entry is committed with the fact or
not at all (deploy/decisions/0003-facts-in-the-transaction.md).
"""

from django.dispatch import Signal

# Both are sent with `pks`, the keys of the calendars, and `operation`, what moved them.
calendars_published = Signal()
calendars_withdrawn = Signal()
