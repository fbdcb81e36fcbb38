"""Facts that core announces."""

from django.dispatch import Signal

# Sent in the transaction, once for each set or single row that was written with its history, whoever did it:
# `sender` the model, `pks`, `history_type` (+, ~ or -) and `operation`, the running one.
rows_written = Signal()

# Sent in the transaction when columns were written without history, since nobody did it or nobody is to know
# what they held: `sender` the model.
columns_written = Signal()
