"""Resources: one for each file that a user really has, read and written by the set engine."""

from functools import cached_property

import tablib
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from import_export.resources import ModelResource
from import_export.results import InvalidRow, Result, RowResult

from pratik.core.text import fold

from .columns import BLANK, Column
from .engine import build_plan, fields_by_name, write_plan
from .plan import RowStatus
from .reading import Row, Table


class _Declared(type(ModelResource)):
    """Takes the declared columns, and no other field of the model, in the order they are written in."""

    def __new__(mcs, name, bases, attrs):
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "fields"):
            meta.fields = tuple(key for key, value in attrs.items() if isinstance(value, Column))
        return super().__new__(mcs, name, bases, attrs)


class SetResource(ModelResource, metaclass=_Declared):
    """A django-import-export resource whose import works in sets, with history, for one actor.

    `key_columns` are the columns of the natural key. `layouts` are files that people have whose column
    names mean something else than the same names elsewhere: (headers that tell it, {header: column}).
    `spoken_as` names the column to blame for a model field that no column holds by itself.
    """

    kind = ""
    key_columns: tuple[str, ...] = ()
    layouts: tuple = ()
    spoken_as: dict = {}
    related: tuple[str, ...] = ()

    def __init__(self, *, actor=None, **kwargs):
        super().__init__(**kwargs)
        self.actor = actor

    @property
    def model(self):
        return self._meta.model

    @cached_property
    def columns(self):
        """The columns by name, in the order of the template."""
        return {name: self.fields[name] for name in self._meta.fields}

    def layout_for(self, headers):
        """How to read the columns of a file that is known by its headers, or None."""
        folded = {fold(header) for header in headers}
        for signature, layout in self.layouts:
            if signature <= folded:
                return layout
        return None

    def known_in(self, titles):
        """How many of these cells are titles of columns, as a file's own layout names them or as any file."""
        folded = {fold(str(title)) for title in titles} - {""}
        layout = self.layout_for(folded)
        if layout:
            return len(folded & layout.keys())
        return sum(not folded.isdisjoint(column.aliases) for column in self.columns.values())

    def presence_of(self, name):
        """Whether a file must have a column, in words."""
        return _("obligatoire") if self.columns[name].required else _("facultative")

    def can_do_without(self, name, found):
        """Whether a required column may be absent, given those that were found."""
        return False

    def key_of(self, values):
        """The natural key that a row's values make, or None when a part is blank: a blank never matches."""
        key = tuple(self.key_part(name, values.get(name)) for name in self.key_columns)
        return None if any(part in BLANK for part in key) else key

    def key_part(self, name, value):
        """One value as it stands in the natural key of the table."""
        return getattr(value, "pk", value)

    def existing(self, keys, *, lock=False):
        """The rows that already have these natural keys, by key; a fixed number of queries."""
        if not keys:
            return {}
        fields = [fields_by_name(self.model)[name] for name in self.model.natural_key_fields]
        attributes = [field.attname for field in fields]
        narrowed = Q()
        for position, field in enumerate(fields):
            column = f"{field.name}__pk" if field.is_relation else field.name
            narrowed &= Q(**{f"{column}__among": {key[position] for key in keys}})
        # Thousands of rows have few schools: one object of each serves them all.
        rows = self.model.objects.editable_by(self.actor).filter(narrowed).prefetch_related(*self.related)
        if lock:
            rows = rows.select_for_update(of=("self",))
        return {tuple(getattr(row, attribute) for attribute in attributes): row for row in rows}

    def model_fields(self, attributes):
        """The model fields that stand behind these attributes."""
        known = fields_by_name(self.model)
        for attribute in attributes:
            yield from (attribute,) if attribute in known else self.composed_of(attribute)

    def composed_of(self, attribute):
        """The model fields of an attribute that is no field itself."""
        raise LookupError(attribute)

    def missing_values(self, instance, found):
        """Required fields that a new row leaves without a value, as {field: [ValidationError]}."""
        missing = {}
        for name, field in fields_by_name(self.model).items():
            if field.blank or field.null or not field.editable or name in found or field.primary_key:
                continue
            if getattr(instance, field.attname) in field.empty_values:
                missing[name] = [ValidationError(_("Cette case ne peut pas être vide."), code="blank")]
        return missing

    def warnings(self, rows):
        """What is said of planned rows that may be written all the same: {row number: [sentence]}. A fixed
        number of queries.
        """
        return {}

    def get_export_order(self):
        return list(self.columns)

    def get_export_queryset(self, queryset):
        return queryset.select_related(*self.related)

    def filter_export(self, queryset, **kwargs):
        return self.get_export_queryset(queryset)

    def import_data(self, dataset, dry_run=False, raise_errors=False, all_or_nothing=False, **kwargs):
        """django-import-export's own entry: the same plan and the same writing, as its `Result`."""
        rows = [Row(number, tuple(cells), ()) for number, cells in enumerate(dataset, start=2)]
        table = Table(tuple(dataset.headers or ()), rows, "dataset", None, None, None, 0, [])
        with transaction.atomic():
            plan = build_plan(self, table, lock=not dry_run)
            if not dry_run:
                write_plan(plan, all_or_nothing=all_or_nothing)
        result = self.get_result_class()()
        self._tell(plan, result)
        if raise_errors and (plan.problems or plan.refused):
            raise ValidationError([*plan.problems, *(message for _row, _column, message in plan.refused)])
        return result

    def _tell(self, plan, result: Result):
        types = {
            RowStatus.CREATED: RowResult.IMPORT_TYPE_NEW,
            RowStatus.UPDATED: RowResult.IMPORT_TYPE_UPDATE,
            RowStatus.UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
            RowStatus.REFUSED: RowResult.IMPORT_TYPE_INVALID,
        }
        result.total_rows = plan.total
        for message in plan.problems:
            result.append_base_error(self.get_error_result_class()(ValidationError(message)))
        for row in plan.rows:
            told = RowResult()
            told.number = row.number
            told.import_type = types[row.status]
            told.object_id = row.instance.pk if row.instance is not None else None
            result.append_row_result(told)
            if row.status is RowStatus.REFUSED:
                errors = {}
                for problem in row.problems:
                    errors.setdefault(problem.column or "__all__", []).append(problem.message)
                result.invalid_rows.append(InvalidRow(row.number, ValidationError(errors), row.cells))
        result.totals.update(
            {
                types[status]: number
                for status, number in ((status, plan.counts[status.value]) for status in RowStatus)
            }
        )

    def template(self):
        """The headers and one example row of the file that this resource reads."""
        shown = list(self.columns.values())
        return tablib.Dataset(
            [column.example for column in shown], headers=[column.column_name for column in shown]
        )
