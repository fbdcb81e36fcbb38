"""Facts that this area announces, in the transaction that makes them true; a receiver only queues work."""

from django.dispatch import Signal

# Each is sent with `pks`, the keys of the rows, and `operation`, what wrote them.
requests_made = Signal()
requests_answered = Signal()
drafts_submitted = Signal()
drafts_answered = Signal()
invitations_accepted = Signal()
