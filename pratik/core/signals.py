"""Facts that core announces."""

from django.dispatch import Signal

# Sent in the transaction, once for each set or single row that was written with its history, whoever did it:
# `sender` the model, `pks`, `history_type` (+, ~ or -) and `operation`, the running one.
rows_written = Signal()
