"""From a table of cells to a plan, and from a plan to rows: in sets, never a query for each row.

Reading goes column by column and each distinct cell is read once, since a file of 10,000 rows has few
schools, levels and dates. Rows that exist are fetched by their natural keys in batches, compared, and
written by `pratik.core.writes` under one operation.
"""

import gc
from contextlib import contextmanager
from functools import cache
from itertools import islice

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.constraints import violations
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.text import fold, nearest
from pratik.core.writes import create_rows, update_rows

from .columns import BLANK, or_suggestion
from .plan import CellProblem, Change, Plan, PlannedRow, RowStatus
from .seen import FirstRows

BATCH = 5_000
# Distinct cells of one column whose reading is kept.
REMEMBERED = 20_000
# How alike, from 0 to 100, a title is that may stand for a missing column: asked, never assumed.
LOOKS_LIKE = 60


class _Unreadable:
    """Stands for the value of a cell that was refused."""

    __slots__ = ("message",)

    def __init__(self, message):
        self.message = message


@cache
def fields_by_name(model):
    """The concrete fields of a model by name."""
    return {field.name: field for field in model._meta.concrete_fields}


class _ColumnReading:
    """One column of one file: reads each distinct cell once, by its reader and its model field's rules."""

    def __init__(self, name, column, index, header, model):
        self.name = name
        self.column = column
        self.index = index
        self.header = header
        self.read = {}
        self.model_field = None if column.virtual else fields_by_name(model).get(column.attribute)

    def value(self, cells, values):
        raw = cells[self.index] if self.index is not None else ""
        needed = tuple(values.get(name) for name in self.column.depends)
        key = (type(raw), raw, needed)
        try:
            return self.read[key]
        except KeyError:
            if len(self.read) == REMEMBERED:
                self.read.clear()
            value = self.read[key] = self._read(raw, dict(zip(self.column.depends, needed, strict=True)))
            return value

    def _read(self, raw, needed):
        try:
            value = self.column.reader.clean(raw, **needed)
            if self.column.required and value in (*BLANK, []):
                raise ValidationError(_("Cette case ne peut pas être vide."), code="blank")
            field = self.model_field
            if field is not None and not field.is_relation:
                if value is None and not field.null:
                    value = field.get_default()
                elif not (value in field.empty_values and field.blank):
                    value = field.clean(value, None)
            return value
        except ValidationError as error:
            return _Unreadable(" ".join(error.messages))


def open_plan(resource, table):
    """The plan of a table whose columns are understood and whose rows are not looked at yet.

    A plan with `problems` has no more to say: the file as a whole can't be used.
    """
    plan = Plan(resource=resource, headers=table.headers)
    readings = _match_columns(resource, table, plan)
    if not plan.problems:
        plan.readings = [reading for reading in readings if reading.index is not None]
        plan.read_for = readings
        for reading in readings:
            reading.column.reader.prepare(resource)
    return plan


def planned(plan, table, *, lock=False):
    """What becomes of the rows of a table, in batches of `PlannedRow`; writes nothing.

    The plan counts and marks them as they pass and holds none of them, so that a file of 500,000 rows takes
    the memory of one batch. With `lock`, in a transaction, the rows that exist stay as they were compared
    until it ends. Raises `UnreadableFile` when the file turns out to be of no use further down.
    """
    seen = FirstRows()
    rows = iter(table.rows)
    while batch := list(islice(rows, BATCH)):
        with _paused_collector():
            done = _plan_batch(plan, batch, seen, lock)
            plan.take_note_of(done)
        yield done
    plan.notes = [*table.notes, *plan.notes]


def build_plan(resource, table, *, lock=False):
    """What this table would do for the actor that the resource was made for; holds its rows."""
    plan = open_plan(resource, table)
    if plan.problems:
        plan.notes = [*table.notes, *plan.notes]
        return plan
    for batch in planned(plan, table, lock=lock):
        plan.rows += batch
    return plan


@contextmanager
def _paused_collector():
    """Thousands of rows that are all kept would have the collector of cycles look at each several times."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _match_columns(resource, table, plan):
    columns = resource.columns
    layout = resource.layout_for(table.headers)
    found, used = {}, {}
    unknown = []
    for index, header in enumerate(table.headers):
        if not header:
            continue
        folded = fold(header)
        name = (
            layout.get(folded)
            if layout
            else next((name for name, column in columns.items() if folded in column.aliases), None)
        )
        if name is None:
            unknown.append(header)
        elif name in found:
            plan.problems.append(
                _("Les colonnes « %(first)s » et « %(second)s » disent la même chose : gardez-en une.")
                % {"first": used[name], "second": header}
            )
        else:
            found[name], used[name] = index, header
    missing = [
        column.column_name
        for name, column in columns.items()
        if column.required and name not in found and not resource.can_do_without(name, found)
    ]
    absent = [column.column_name for name, column in columns.items() if name not in found]
    ignored = []
    for header in unknown:
        near = [] if layout else nearest(header, absent, limit=1, cutoff=85)
        if near:
            plan.problems.append(
                or_suggestion(_("La colonne « %(name)s » n’est pas connue.") % {"name": header}, near)
            )
        else:
            ignored.append(header)
    if missing:
        plan.problems.append(
            ngettext(
                "Il manque la colonne %(names)s. Les colonnes attendues sont dans le modèle à télécharger.",
                "Il manque les colonnes %(names)s. Les colonnes attendues sont dans le modèle à télécharger.",
                len(missing),
            )
            % {"names": ", ".join(f"«\u00a0{name}\u00a0»" for name in missing)}
        )
        names = {alias: column.column_name for column in columns.values() for alias in column.aliases}
        wanted = {alias: name for alias, name in names.items() if name in missing}
        for header in ignored:
            for alias in nearest(header, wanted, limit=1, cutoff=LOOKS_LIKE):
                plan.problems.append(
                    _("La colonne « %(header)s » est-elle « %(name)s » ? Si oui, renommez-la ainsi.")
                    % {"header": header, "name": wanted[alias]}
                )
    if ignored:
        plan.notes.append(
            ngettext(
                "La colonne %(names)s n’est pas connue : elle n’est pas reprise.",
                "Les colonnes %(names)s ne sont pas connues : elles ne sont pas reprises.",
                len(ignored),
            )
            % {"names": ", ".join(f"«\u00a0{name}\u00a0»" for name in ignored)}
        )
    return [
        _ColumnReading(name, column, found.get(name), used.get(name, column.column_name), resource.model)
        for name, column in columns.items()
        if name in found
        or any(name_needed in found and columns[name_needed].virtual for name_needed in column.depends)
        or (column.required and not column.virtual)
    ]


def _plan_batch(plan, rows, seen, lock):
    resource, readings = plan.resource, plan.read_for
    model = resource.model
    pending = []
    for row in rows:
        planned = PlannedRow(row.number, row.cells)
        values = {}
        for reading in readings:
            value = reading.value(row.cells, values)
            if type(value) is _Unreadable:
                if value.message:
                    planned.problems.append(CellProblem(reading.header, value.message))
                values[reading.name] = None
            else:
                values[reading.name] = value
        if row.extra:
            planned.problems.append(
                CellProblem(
                    "",
                    _("La ligne a plus de cases que l’en-tête : « %(cells)s » n’a pas de colonne.")
                    % {"cells": ", ".join(str(cell) for cell in row.extra if cell not in BLANK)},
                )
            )
        key = resource.key_of(values)
        if key is not None:
            first = seen.first(key, row.number)
            if first != row.number:
                planned.problems.append(
                    CellProblem(
                        _key_header(resource, readings),
                        _("La ligne %(number)d décrit déjà la même fiche.") % {"number": first},
                    )
                )
        pending.append((planned, values, key))
    existing = resource.existing([key for _planned, _values, key in pending if key is not None], lock=lock)
    written = [reading for reading in readings if not reading.column.virtual]
    headers = {reading.column.attribute: reading.header for reading in readings}
    headers |= {
        name: headers[attribute] for name, attribute in resource.spoken_as.items() if attribute in headers
    }
    for planned, values, key in pending:
        before = existing.get(key) if key is not None else None
        if before is None:
            planned.instance = model(
                **{r.column.attribute: values[r.name] for r in written if values[r.name] is not None}
            )
            planned.status = RowStatus.CREATED
        else:
            _compare(planned, before, values, written)
        if planned.problems:
            _tell_broken_rules(planned, model, values, written, headers)
        elif planned.status is not RowStatus.UNCHANGED:
            _validate(resource, planned, before, headers)
        if planned.problems:
            planned.status = RowStatus.REFUSED
    return [planned for planned, _values, _key in pending]


def _key_header(resource, readings):
    return next((r.header for r in readings if r.name == resource.key_columns[0]), "")


def _tell_broken_rules(planned, model, values, written, headers):
    """Says of a row with an unreadable cell which rules its readable cells break: all errors at once."""
    readable = {r.column.attribute: values[r.name] for r in written if values[r.name] is not None}
    told = {problem.column for problem in planned.problems}
    for name, errors in violations(model(**readable)).items():
        column = headers.get(name, "")
        if column not in told:
            planned.problems += [CellProblem(column, " ".join(map(str, e.messages))) for e in errors]


def _compare(planned, before, values, written):
    planned.instance = before
    if planned.problems:
        return
    changed = []
    for reading in written:
        attribute = reading.column.attribute
        new = values[reading.name]
        old = getattr(before, attribute)
        if not reading.column.reader.is_same(old, new):
            render = reading.column.reader.render
            planned.changes.append(Change(reading.header, render(old, before), render(new, before)))
            changed.append((attribute, new))
    if changed:
        if why := before.edit_refusal():
            planned.problems.append(CellProblem("", str(why)))
            return
        for attribute, new in changed:
            setattr(before, attribute, new)
        planned.fields = tuple(attribute for attribute, _new in changed)
        planned.status = RowStatus.UPDATED


def _validate(resource, planned, before, headers):
    instance = planned.instance
    instance.derive()
    found = violations(instance)
    try:
        instance.clean()
    except ValidationError as error:
        for name, errors in error.error_dict.items() if hasattr(error, "error_dict") else [("", [error])]:
            found.setdefault(name, []).extend(errors)
    if before is None:
        found |= resource.missing_values(instance, found)
    for name, errors in found.items():
        column = headers.get(name, "") if name != NON_FIELD_ERRORS else ""
        for error in errors:
            planned.problems.append(CellProblem(column, " ".join(map(str, error.messages))))


def write_plan(plan, *, source=None, all_or_nothing=False):
    """Writes the accepted rows of a plan under one operation, in one transaction.

    With `all_or_nothing`, one refused row keeps all from being written. Returns the operation, or None when
    there was nothing to write. Raises `PermissionDenied`, with nothing written, when a row would end up
    outside what the actor may change.
    """
    counts = plan.counts
    if plan.problems or not plan.writes or (all_or_nothing and counts["refused"]):
        return None
    with _operation_of(plan, source) as running:
        write_rows(plan, plan.rows)
        return running.written


def write_table(plan, table, *, source=None, each=None):
    """Plans and writes the rows of a table batch by batch, under one operation, which it returns.

    The transaction is the caller's. `each` is called with each batch of `PlannedRow` once it is written, and
    may raise to have nothing written. Raises `PermissionDenied` as `write_plan` does.
    """
    with _operation_of(plan, source) as running:
        for rows in planned(plan, table, lock=True):
            write_rows(plan, rows)
            if each is not None:
                each(rows)
        return running.written


@contextmanager
def _operation_of(plan, source):
    resource = plan.resource
    with operation(
        kind=OperationKind.IMPORT, actor=resource.actor, subject=resource.model, source=source
    ) as running:
        yield running
        for status in (RowStatus.UNCHANGED, RowStatus.REFUSED):
            running.count(status.value, plan.counts[status.value])


def write_rows(plan, rows):
    """Writes the accepted ones of planned rows, inside the plan's operation.

    Raises `PermissionDenied` when one would end up outside what the actor may change.
    """
    resource = plan.resource
    created = [row.instance for row in rows if row.status is RowStatus.CREATED]
    changed = [row for row in rows if row.status is RowStatus.UPDATED]
    updated = [row.instance for row in changed]
    with _paused_collector():
        create_rows(created)
        update_rows(updated, {name for row in changed for name in resource.model_fields(row.fields)})
    _refuse_out_of_scope(resource.model, resource.actor, [*created, *updated])


def _refuse_out_of_scope(model, actor, rows):
    for start in range(0, len(rows), BATCH):
        batch = [row.pk for row in rows[start : start + BATCH]]
        if model.objects.editable_by(actor).filter(pk__among=batch).count() != len(batch):
            raise PermissionDenied
