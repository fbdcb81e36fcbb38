"""What a preview shows of a file: words about its rows, the same whether it is read at once or by the
cluster, which keeps them until somebody looks.
"""

import datetime
import json
import re
from decimal import Decimal
from itertools import takewhile
from math import isfinite

from .plan import RowStatus

SHOWN = 100
# Rows of a file that are looked at for what is to be known of them.
LOOKED_AT = 1_000
# What the refused rows that are kept may weigh together, for the workbook to correct them in: characters, and
# so many more for each cell. What is beyond is corrected in the file itself.
REFUSED_WEIGHT = 16 * 1024 * 1024
CELL_WEIGHT = 32
# The characters that PostgreSQL keeps in no text, which a workbook may hold.
NOWHERE_KEPT = re.compile("[\0\ud800-\udfff]")

# The kinds of cells that JSON knows not, with how they are read again.
_PACKED = {
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "duration": lambda seconds: datetime.timedelta(seconds=seconds),
    "decimal": Decimal,
}


def created(plan, row):
    """A row to create: what was understood of its cells."""
    return {"number": row.number, "read": plan.read_values(row)}


def updated(row):
    """A row to change: each value before and after."""
    changes = [
        {"column": change.column, "old": change.shown_old, "new": change.shown_new} for change in row.changes
    ]
    return {"number": row.number, "label": str(row.instance), "changes": changes}


def refused(row):
    """A row that can't be written: its cells as they came, and why."""
    problems = [{"column": problem.column, "message": problem.message} for problem in row.problems]
    return {"number": row.number, "problems": problems, "cells": [_packed(cell) for cell in row.cells]}


class Room:
    """What is left for refused rows, where they come one after the other."""

    def __init__(self):
        self.left = REFUSED_WEIGHT

    def takes(self, said):
        """Whether this refused row finds room. Once one does not, none does."""
        if self.left >= 0:
            weight = len(json.dumps(said, ensure_ascii=False)) + CELL_WEIGHT * len(said["cells"])
            self.left -= weight
        return self.left >= 0


def fitting(rows):
    """The first refused ones of planned rows, in words, as far as there is room."""
    return takewhile(Room().takes, map(refused, rows))


def warned(row, sentences):
    """A row that would be written, but of which something is to be known."""
    return {"number": row.number, "label": str(row.instance), "sentences": [str(said) for said in sentences]}


def written(rows):
    """Those of planned rows that would be written."""
    return [row for row in rows if row.status in (RowStatus.CREATED, RowStatus.UPDATED)]


def refused_cells(said):
    """The cells of a refused row as they came, with why at their end."""
    reasons = " ".join(
        f"{problem['column']} : {problem['message']}" if problem["column"] else problem["message"]
        for problem in said["problems"]
    )
    return (*(_unpacked(cell) for cell in said["cells"]), reasons)


def of_plan(plan, *, warns):
    """What the preview shows of a plan whose rows are all held; `warns` looks at those that would be written
    for what is to be known of them.
    """
    rows = {status: plan.of(status) for status in RowStatus}
    told = []
    if warns:
        looked_at = written(plan.rows)[:LOOKED_AT]
        said = plan.resource.warnings(looked_at)
        told = [warned(row, said[row.number]) for row in looked_at if row.number in said]
    return {
        **_figures(plan.counts, len(told), sum(1 for _said in fitting(rows[RowStatus.REFUSED]))),
        "digest": plan.digest,
        "problems": plan.problems,
        "notes": plan.notes,
        "read_headers": plan.read_headers,
        "refused": [refused(row) for row in rows[RowStatus.REFUSED][:SHOWN]],
        "warned": told[:SHOWN],
        "updated": [updated(row) for row in rows[RowStatus.UPDATED][:SHOWN]],
        "created": [created(plan, row) for row in rows[RowStatus.CREATED][:SHOWN]],
    }


def of_run(run, rows, *, warns):
    """The same of a file that the cluster has read, from what it kept and may be shown of its rows."""

    def kept(kind):
        return list(rows.filter(kind=kind).values_list("said", flat=True)[:SHOWN])

    return {
        **_figures(run.counts, run.warned if warns else 0, rows.filter(kind=RowStatus.REFUSED).count()),
        "digest": run.digest,
        "problems": run.problems,
        "notes": run.notes,
        "read_headers": run.read_headers,
        "refused": kept(RowStatus.REFUSED),
        "warned": kept("warned") if warns else [],
        "updated": kept(RowStatus.UPDATED),
        "created": kept(RowStatus.CREATED),
    }


def storable(said):
    """The same without the characters that PostgreSQL keeps in no text."""
    if isinstance(said, str):
        return NOWHERE_KEPT.sub("", said)
    if isinstance(said, dict):
        return {name: storable(value) for name, value in said.items()}
    return [storable(value) for value in said] if isinstance(said, list | tuple) else said


def _figures(counts, warned_number, refused_kept):
    counts = {status.value: counts.get(status.value, 0) for status in RowStatus}
    to_write = counts["created"] + counts["updated"]
    return {
        "counts": counts,
        "total": sum(counts.values()),
        "writes": bool(to_write),
        "warned_number": warned_number,
        "looked_at": LOOKED_AT,
        "not_all_looked_at": to_write > LOOKED_AT,
        "not_all_kept": refused_kept if refused_kept < counts["refused"] else 0,
        "refused_more": max(0, counts["refused"] - SHOWN),
        "warned_more": max(0, warned_number - SHOWN),
        "updated_more": max(0, counts["updated"] - SHOWN),
        "created_more": max(0, counts["created"] - SHOWN),
    }


def _packed(cell):
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return {type(cell).__name__: cell.isoformat()}
    if isinstance(cell, datetime.timedelta):
        return {"duration": cell.total_seconds()}
    if isinstance(cell, Decimal):
        return {"decimal": str(cell)}
    is_plain = cell is None or isinstance(cell, str | int) or (isinstance(cell, float) and isfinite(cell))
    return cell if is_plain else str(cell)


def _unpacked(cell):
    if not isinstance(cell, dict):
        return cell
    [(kind, written_as)] = cell.items()
    return _PACKED[kind](written_as)
