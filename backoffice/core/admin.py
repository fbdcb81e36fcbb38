from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import CharField, Count, Value
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.admin import ListAdmin, Unlogged
from backoffice.base.changelist import AskedList
from backoffice.base.display import grouped
from backoffice.base.exports import ExportPages, list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter, blank_filter
from backoffice.base.history import HistoryMixin, fields_told, rows_as_of, tell
from pratik.core.enums import OPERATION_COLORS
from pratik.core.history import tracked_models
from pratik.core.models import Operation

from .undo_pages import Undone, UndoPages, undone

LINES_PER_PAGE = 25


def counted(operation):
    """The totals of an operation that are not zero, as (number, word), in the order they are told in."""
    words = {
        "created": lambda number: ngettext("créée", "créées", number),
        "updated": lambda number: ngettext("modifiée", "modifiées", number),
        "deleted": lambda number: ngettext("supprimée", "supprimées", number),
        "unchanged": lambda number: ngettext("inchangée", "inchangées", number),
        "refused": lambda number: ngettext("refusée", "refusées", number),
        "left": lambda number: ngettext("laissée", "laissées", number),
    }
    totals = [(operation.total(name), word) for name, word in words.items()]
    return [(number, word(number)) for number, word in totals if number]


def _written(operation):
    """The kinds of rows that an operation wrote, as (label, name, how many), in one query."""
    models = tracked_models()
    counts = [
        model.history.model.objects.filter(operation=operation)
        .order_by()
        .annotate(told_model=Value(label, output_field=CharField()))
        .values("told_model")
        .annotate(told_number=Count("history_id"))
        .values_list("told_model", "told_number")
        for label, model in models.items()
    ]
    first, *others = counts
    return [
        (label, models[label]._meta.verbose_name_plural, number)
        for label, number in first.union(*others, all=True)
        if number
    ]


@admin.register(Operation)
class OperationAdmin(UndoPages, ListAdmin):
    """What was done on the platform, by whom, and the way to take it back."""

    resource_classes = [
        list_resource(
            Operation,
            "id",
            "started_at",
            "kind",
            "subject",
            "actor_label",
            "reason",
            "source_name",
            "finished_at",
        )
    ]
    list_display = (
        "shown_title",
        "shown_kind",
        "shown_author",
        "started_at",
        "summary",
        "source_name",
        "shown_undone",
    )
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("actor", ScopedAutocompleteFilter),
        blank_filter(
            "impersonator",
            gettext_lazy("au nom d’un autre"),
            blank=gettext_lazy("La personne elle-même"),
            filled=gettext_lazy("Un administrateur en son nom"),
        ),
        ("started_at", DaysFilter),
    )
    list_select_related = ("actor", "impersonator")
    date_hierarchy = "started_at"
    search_help_text = gettext_lazy("Auteur, motif ou nom de fichier")
    fields = ("kind",)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("undoings__undoings")

    def get_urls(self):
        return [*self.undo_urls(), *super().get_urls()]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @display(description=gettext_lazy("opération"))
    def shown_title(self, obj):
        return obj.title

    @display(
        description=gettext_lazy("nature"),
        ordering="kind",
        label={str(kind): color for kind, color in OPERATION_COLORS.items()},
    )
    def shown_kind(self, obj):
        return obj.kind, obj.get_kind_display()

    @display(description=gettext_lazy("auteur"), ordering="actor_label")
    def shown_author(self, obj):
        if obj.impersonator is None:
            return obj.actor_label
        return _("%(who)s, au nom de %(name)s") % {"who": obj.impersonator, "name": obj.actor_label}

    @display(description=gettext_lazy("bilan"))
    def summary(self, obj):
        return ", ".join(f"{grouped(number)} {word}" for number, word in counted(obj))

    @display(
        description=gettext_lazy("annulation"),
        label={str(Undone.WHOLE): "warning", str(Undone.PART): "default"},
    )
    def shown_undone(self, obj):
        state = undone(obj)
        return (state, state.label) if state else None

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The operation with all the rows that it wrote, before → after."""
        operation = self.get_object(request, object_id)
        if operation is None or not self.has_view_permission(request):
            raise Http404
        if request.method == "POST":
            raise PermissionDenied
        lines = self._lines(request, operation)
        state = undone(operation)
        may_undo = not operation.is_final and self.may_undo(request, operation)
        run = self.run_to_tell(operation, state) if may_undo else None
        context = {
            "title": operation.title,
            "operation": operation,
            "counts": counted(operation),
            "undoings": operation.undoings.all(),
            "undone": state,
            "told_run": run,
            "may_undo": may_undo,
            "is_being_undone": run is not None and run.finished_at is None,
            **lines,
        }
        return self._page(request, "backoffice/operation.html", context)

    def _lines(self, request, operation):
        """One page of the rows that the operation wrote, of the model that the person looks at."""
        written = _written(operation)
        chosen = request.GET.get("model")
        label = (
            chosen
            if chosen in {name for name, _title, _number in written}
            else (written[0][0] if written else None)
        )
        if label is None:
            return {"written": [], "told": [], "page": None, "chosen": None}
        model = tracked_models()[label]
        history = model.history.model
        room = self.admin_site._registry.get(model)
        room = room if isinstance(room, HistoryMixin) else None
        told_lines = room.told_lines if room else lambda request, lines: lines
        lines = history.objects.filter(operation=operation).select_related("operation").order_by("history_id")
        lines = told_lines(request, lines)
        page = Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("p"))
        shown = list(page.object_list)
        key = model._meta.pk.attname
        earlier = {}
        candidates = history.objects.filter(
            **{f"{key}__in": [getattr(line, key) for line in shown]},
            history_id__lt=max((line.history_id for line in shown), default=0),
        ).order_by("history_id")
        by_row = {}
        for line in told_lines(request, candidates):
            by_row.setdefault(getattr(line, key), []).append(line)
        for line in shown:
            before = [old for old in by_row.get(getattr(line, key), ()) if old.history_id < line.history_id]
            earlier[line.history_id] = before[-1] if before else None
        rows = rows_as_of(model, shown)
        # What has no page of its own is written along with what has one, by whoever did it.
        may = (
            room.names_told(request, rows)
            if room
            else dict.fromkeys(rows, frozenset(field.name for field in fields_told(model)))
        )
        told = tell(
            model,
            [(earlier[line.history_id], line) for line in shown],
            lambda line: may[line.history_id],
        )
        for entry in told:
            row = rows[entry.line.history_id]
            out_of_sight = _("n° %(number)s") % {"number": row.pk}
            entry.title = str(row) if may[entry.line.history_id] else out_of_sight
        return {"written": written, "told": told, "page": page, "chosen": label}


for model in (Schedule, Success, Failure, OrmQ):
    # The queue registers its table only where the database is its broker.
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class QueueAdmin(Unlogged, ExportPages, ModelAdmin):
    """What the queue does, to be looked at: its rows are made by the platform's own code."""

    show_full_result_count = False

    def get_changelist(self, request, **kwargs):
        return AskedList

    def _may(self, request, *args, **kwargs):
        opts = self.model._meta
        return request.user.has_perm(f"{opts.app_label}.view_{opts.model_name}")

    has_module_permission = has_view_permission = has_export_permission = _may

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Schedule)
class ScheduleAdmin(QueueAdmin):
    resource_classes = [list_resource(Schedule, "name", "func", "cron", "next_run")]
    list_display = ("name", "func", "cron", "next_run")


@admin.register(Failure)
class FailureAdmin(QueueAdmin):
    resource_classes = [list_resource(Failure, "name", "func", "started", "stopped", "attempt_count")]
    list_display = ("name", "func", "started", "stopped", "attempt_count")
    list_per_page = 50
