"""What a file would do, row by row, before anything is written."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from backoffice.base.display import text_of


class RowStatus(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(slots=True)
class CellProblem:
    """Why a row is refused: the column as the file names it, and a sentence."""

    column: str
    message: str


@dataclass(slots=True)
class Change:
    """One value that a file would change."""

    column: str
    old: object
    new: object

    @property
    def shown_old(self):
        return text_of(self.old)

    @property
    def shown_new(self):
        return text_of(self.new)


@dataclass(slots=True)
class PlannedRow:
    """One row of the file and what would become of it."""

    number: int
    cells: tuple
    status: RowStatus = RowStatus.UNCHANGED
    instance: object = None
    fields: tuple = ()
    changes: list = field(default_factory=list)
    problems: list = field(default_factory=list)


@dataclass
class Plan:
    """A file's rows with their fate, as many as are held. With `problems` the file as a whole can't be used.

    `counts` and `digest` speak of every row that was planned, held or not.
    """

    resource: object
    headers: tuple = ()
    rows: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    readings: list = field(default_factory=list)
    read_for: list = field(default_factory=list)
    counts: dict = field(default_factory=lambda: dict.fromkeys((status.value for status in RowStatus), 0))
    _mark: object = field(default_factory=hashlib.sha256)

    def take_note_of(self, rows):
        """Counts planned rows and marks what would become of them."""
        for row in rows:
            self.counts[row.status.value] += 1
            told = (
                row.number,
                row.status.value,
                [(change.column, str(change.old), str(change.new)) for change in row.changes],
                _targets(row) if row.status is RowStatus.CREATED else (),
            )
            self._mark.update(repr(told).encode())

    @property
    def read_headers(self):
        """The columns that were understood, as the file names them."""
        return [reading.header for reading in self.readings]

    def read_values(self, row):
        """What was understood of a row's cells, in words, in the order of `read_headers`."""
        shown = []
        for reading in self.readings:
            column = reading.column
            shown.append(text_of(column.reader.render(column.get_value(row.instance), row.instance)))
        return shown

    def of(self, status):
        return [row for row in self.rows if row.status is status]

    @property
    def total(self):
        """How many rows were planned."""
        return sum(self.counts.values())

    @property
    def writes(self):
        """Whether confirming would write anything."""
        return bool(self.counts[RowStatus.CREATED] or self.counts[RowStatus.UPDATED])

    @property
    def refused(self):
        """Every problem of every refused row that is held."""
        return problems_of(self.rows)

    @property
    def digest(self):
        """A mark that is the same as long as confirming would do the same."""
        mark = self._mark.copy()
        mark.update(repr(self.problems).encode())
        return mark.hexdigest()


def problems_of(rows):
    """Every problem of every refused one of planned rows: (row number, column, message)."""
    return [
        (row.number, problem.column, problem.message)
        for row in rows
        if row.status is RowStatus.REFUSED
        for problem in row.problems
    ]


def _targets(row):
    """The rows that a new one would point at: the same cells may come to name another school."""
    fields = row.instance._meta.concrete_fields
    return [getattr(row.instance, field.attname) for field in fields if field.is_relation]
