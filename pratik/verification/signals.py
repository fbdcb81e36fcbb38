"""Facts that this area announces, in the transaction that makes them true; a receiver only queues work."""

from django.dispatch import Signal

# Sent with `pks`, the keys of the documents, and `operation`, what wrote them.
documents_submitted = Signal()
documents_decided = Signal()
documents_expired = Signal()

# Sent with `pks`, the keys of the accounts, and `operation`: whose documents became complete, and whose no
# longer are. What stands on the badge (listings) hears these.
badges_given = Signal()
badges_withdrawn = Signal()
