"""Rows that a release brings along, in CSV files, and that administrators then change."""

import csv

from .enums import OperationKind
from .operations import operation
from .writes import create_rows


def load_missing(*, actor, model, path, read):
    """Adds the rows of a CSV file whose natural key is not there yet; `read` makes a row of a line of it.

    Returns how many. One that is there is left as it is: administrators change them, and a release must not
    take that back.
    """

    def key(row):
        return tuple(getattr(row, name) for name in model.natural_key_fields)

    with path.open(encoding="utf-8", newline="") as file:
        rows = [read(line) for line in csv.DictReader(file)]
    known = set(model.objects.values_list(*model.natural_key_fields))
    fresh = [row for row in rows if key(row) not in known]
    for row in fresh:
        row.full_clean()
    with operation(kind=OperationKind.SETUP, actor=actor, subject=model):
        create_rows(fresh)
    return len(fresh)
