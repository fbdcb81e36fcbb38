"""The history page: what changed, from what to what, by whom, why, and the way back."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.base.reasons import typed_reason
from pratik.core.enums import HistoryType
from pratik.core.history_pruning import kept_since, pruned_models
from pratik.core.models import Operation
from pratik.core.undo import kept_on_return, revert_row, set_to_line

from .display import BLANK, field_text

PER_PAGE = 25
UNTOLD = frozenset({"created_at", "updated_at", "id"})


@dataclass
class ToldChange:
    """One field of one line of history, in words."""

    label: str
    old: str
    new: str


@dataclass
class ToldLine:
    """One line of history, ready to be shown."""

    line: object
    operation: object
    changes: list

    @property
    def kind(self):
        return self.line.history_type

    @property
    def what(self):
        """What the line tells, in a word: créée, modifiée, supprimée."""
        return HistoryType(self.line.history_type).label


def fields_told(model):
    """The fields of a model that its history may tell anybody about."""
    return [field for field in model.history.model.tracked_fields if field.name not in UNTOLD]


def tell(model, pairs, names_told):
    """Turns (line before or None, line) pairs into `ToldLine`s; one query for each kind of related row.

    `names_told` gives, for a line, the names of the columns that whoever looks may be told of.
    """
    every = fields_told(model)
    differing = []
    for before, line in pairs:
        may = names_told(line)
        fields = [field for field in every if field.name in may]
        changed = [f for f in fields if before is None or _value(before, f) != _value(line, f)]
        differing.append((before, line, fields, changed))
    related = _related_rows(differing)
    told = []
    for before, line, fields, changed in differing:
        changes = [
            ToldChange(
                label=capfirst(field.verbose_name),
                old="" if before is None else field_text(field, _value(before, field), related),
                new=field_text(field, _value(line, field), related),
            )
            for field in changed
        ]
        if before is None:
            changes = [change for change in changes if change.new != BLANK]
        if line.history_type == HistoryType.DELETED:
            values = [(field, field_text(field, _value(line, field), related)) for field in fields]
            changes = [
                ToldChange(label=capfirst(field.verbose_name), old=text, new="")
                for field, text in values
                if text != BLANK
            ]
        told.append(ToldLine(line, line.operation, changes))
    return told


def _value(line, field):
    return getattr(line, field.attname)


def _related_rows(differing):
    wanted = {}
    for before, line, fields, changed in differing:
        for field in fields if line.history_type == HistoryType.DELETED else changed:
            if isinstance(field, models.ForeignKey):
                values = {_value(line, field), _value(before, field) if before is not None else None}
                wanted.setdefault(field.related_model, set()).update(values - {None})
    return {
        (model, row.pk): row
        for model, pks in wanted.items()
        for row in models.QuerySet(model).filter(pk__in=pks)
    }


def rows_as_of(model, lines):
    """The rows as these lines hold them: {history_id: row}; one query for each relation.

    A line's own `instance` fetches its row each time, for the columns that history leaves out.
    """
    rows = {}
    for line in lines:
        rows[line.history_id] = row = model(pk=getattr(line, model._meta.pk.attname))
        set_to_line(row, line)
    relations = [field.name for field in model.history.model.tracked_fields if field.is_relation]
    models.prefetch_related_objects(list(rows.values()), *relations)
    return rows


class HistoryMixin:
    """Gives a page its history and the return of a row to an earlier version.

    A history tells whoever reads it what the page tells them, and no more.
    """

    # The columns that the page tells in words of its own, where no field of its form has their name.
    told_in_words: tuple[str, ...] = ()

    def told_fields(self, request, obj):
        """The names of the columns that the page of this row shows this person."""
        shown = {*flatten_fieldsets(self.get_fieldsets(request, obj)), *self.get_list_display(request)}
        columns = {self._column_of(name) for name in shown if isinstance(name, str)}
        workflow = getattr(self.model, "workflow", None)
        return {*columns, *self.told_in_words, *((workflow.field,) if workflow else ())}

    def _column_of(self, name):
        """The column behind what a page calls by this name: what a display is sorted by."""
        ordering = getattr(getattr(self, name, None), "admin_order_field", None)
        return ordering.removeprefix("-").split("__")[0] if isinstance(ordering, str) else name

    def names_told(self, request, rows):
        """The columns of each of these rows, {history_id: row}, that the person may be told of: {history_id:
        names}. Of a row that is there, but out of their sight, nothing is told.
        """
        if not self.has_view_permission(request):
            return dict.fromkeys(rows, frozenset())
        keys = {row.pk for row in rows.values()}
        there = set(models.QuerySet(self.model).filter(pk__in=keys).values_list("pk", flat=True))
        seen = {row.pk: row for row in self.get_queryset(request).filter(pk__in=keys)}
        self.know_editable(request, seen)
        told = {}
        for row in rows.values():
            if row.pk not in told:
                shown = row if row.pk not in there else seen.get(row.pk)
                told[row.pk] = frozenset() if shown is None else self.told_fields(request, shown)
        return {line: told[row.pk] for line, row in rows.items()}

    def told_lines(self, request, lines):
        """Of these lines of history, those that this person is told of; all, unless a page says less."""
        return lines

    def get_urls(self):
        opts = self.model._meta
        return [
            path(
                "<path:object_id>/history/<int:line_id>/",
                self.admin_site.admin_view(self.revert_view),
                name=f"{opts.app_label}_{opts.model_name}_revert",
            ),
            *super().get_urls(),
        ]

    def _kept_since(self, shown):
        """From which day every version is there, where lines on the page are from before it."""
        since = kept_since() if self.model in pruned_models() else None
        return since and since.date() if since and shown and shown[-1].history_date < since else None

    def history_view(self, request, object_id, extra_context=None):
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        lines = obj.history.select_related("operation__impersonator").order_by("-history_id")
        lines = self.told_lines(request, lines)
        may = self.told_fields(request, obj)
        page = Paginator(lines, PER_PAGE).get_page(request.GET.get("p"))
        shown = list(page.object_list)
        older = lines.filter(history_id__lt=shown[-1].history_id).first() if shown else None
        pairs = list(zip([*shown[1:], older], shown, strict=True)) if shown else []
        context = {
            **self.admin_site.each_context(request),
            "title": _("Historique : %(name)s") % {"name": obj},
            "opts": self.model._meta,
            "object": obj,
            "page": page,
            "told": tell(self.model, pairs, lambda line: may),
            "latest": lines.first(),
            "kept_since": self._kept_since(shown),
            "may_revert": self.has_change_permission(request, obj),
            "back": self.change_url(obj),
            "visible_operations": self._visible_operations(request, shown),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/history.html", context)

    @staticmethod
    def _visible_operations(request, lines):
        """Those of the operations behind these lines whose page the person may open."""
        operations = Operation.objects.visible_to(request.user)
        return set(
            operations.filter(pk__in={line.operation_id for line in lines}).values_list("pk", flat=True)
        )

    def revert_view(self, request, object_id, line_id):
        """Shows what returning to a version would change, and does it on a POST."""
        obj = self.get_object(request, object_id)
        lines = obj.history.select_related("operation") if obj else None
        line = self.told_lines(request, lines).filter(history_id=line_id).first() if obj else None
        if line is None:
            raise Http404
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        reason = typed_reason(request)
        error = None
        if request.method == "POST":
            try:
                revert_row(
                    actor=request.user,
                    row=obj,
                    line=line,
                    reason=reason,
                    names=self.told_fields(request, obj),
                    save=lambda row: self.save_model(request, row, None, True),
                )
            except ValidationError as problem:
                error = " ".join(problem.messages)
            else:
                messages.success(request, _("La fiche a repris ses valeurs d’alors."))
                return HttpResponseRedirect(self.change_url(obj))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Revenir à une version antérieure : %(name)s") % {"name": obj},
            "opts": self.model._meta,
            "object": obj,
            "line": line,
            "changes": self._back_to(request, obj, line),
            "reason": reason,
            "error": error,
            "back": f"{self.change_url(obj).removesuffix('change/')}history/",
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/revert.html", context, status=422 if error else 200)

    def _back_to(self, request, obj, line):
        latest = obj.history.order_by("-history_id").first()
        target = type(line)()
        set_to_line(target, latest)
        kept = kept_on_return(obj, request.user)
        set_to_line(target, line, [field for field in type(line).tracked_fields if field.name not in kept])
        target.operation = line.operation
        may = self.told_fields(request, obj)
        return tell(self.model, [(latest, target)], lambda line: may)[0].changes
