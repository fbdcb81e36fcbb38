"""Facts that this area announces, in the transaction that makes them true; a receiver only queues work."""

from django.dispatch import Signal

# Sent with `pks`, the keys of the offers, and `operation`, what moved them.
offers_moved = Signal()
# Sent with `pks`, the keys of the applications, and `operation`.
applications_sent = Signal()
# With `verb` too: one act may move applications as a consequence of something else.
applications_moved = Signal()
# Students have a place: their placements are to be prepared.
applications_accepted = Signal()
# Placements were prepared: the parties have something to do. `pks`, `operation`.
placements_drafted = Signal()
# Placements that were prepared without a school found theirs. `pks`, `operation`.
placements_adopted = Signal()
# Sent with `pks`, `verb` and `operation`.
placements_moved = Signal()
# The account of these placements' intern is erased; what was signed goes on. `pks`, `operation`.
interns_erased = Signal()
# Papers were made, or moved: `pks`, `verb` ("make", "file_replaced" or one of their table) and `operation`.
papers_moved = Signal()
