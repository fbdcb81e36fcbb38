"""The classes that every page of the console is built on.

Rows go through `visible_to` and `editable_by`, rights through the table of roles, writes through the
services and an operation. A room's own class only declares what is shown, and in which order.
"""

from functools import partial

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.http import Http404
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminURLInputWidget

from backoffice.base.reasons import typed_reason
from backoffice.roles import verbs_of
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.fields import TextListField
from pratik.core.operations import operation
from pratik.core.searching import with_words
from pratik.core.services import remove_rows, save_row
from pratik.reference.identifiers import read_postcode, read_siret, read_uai

from . import paging
from .actions import DONE_AT_ONCE, ConfirmedActionsMixin
from .changelist import AskedList
from .display import grouped, list_text
from .exports import UNANSWERABLE, ExportPages
from .fields import IdentifierFormField, RowAutocomplete, TextListFormField
from .history import HistoryMixin
from .paging import DoneLast
from .readonly import OpenableField  # noqa: F401 - its import gives every page its fields

IDENTIFIERS = {"siret": read_siret, "uai": read_uai, "postcode": read_postcode}

# What a person, and an organisation, is called: the folded name without the address.
NAMES = ("name_text", "sort_name")

OVERRIDES = {
    TextListField: {"form_class": TextListFormField},
    models.URLField: {"widget": UnfoldAdminURLInputWidget, "assume_scheme": "https"},
}


# What filters write behind a column in the address of a list.
FILTER_LOOKUPS = ("exact", "in", "isnull", "isempty", "gte", "lte")


def _bounds(name):
    """What the two boxes of a filter from … to … are called."""
    return {f"{name}_from", f"{name}_to"}


class Scoped:
    """What pages and inlines share: rights from the table, rows from the scope."""

    formfield_overrides = OVERRIDES
    staff_only_fields: tuple[str, ...] = ()
    # The columns that tell rows of one name apart, where one of them is chosen.
    told_apart: tuple[str, ...] = ()
    # The texts that are given with such a row, to fill other boxes of the page from.
    given_besides: tuple[str, ...] = ()
    # The columns that are searched there; those of the list, unless a page says less.
    lookup_fields: tuple[str, ...] = ()

    def offered(self, request, name, rows):
        """The rows that may be chosen for the field `name` of this page, as they are looked up while somebody
        types; all that the person sees unless a page says less.
        """
        return rows

    @property
    def readonly_preprocess_fields(self):
        """On a page that is read only, lists are read as words, and texts keep their lines."""
        fields = self.model._meta.concrete_fields
        lists = {field.name: list_text for field in fields if isinstance(field, TextListField)}
        return lists | {field.name: linebreaksbr for field in fields if isinstance(field, models.TextField)}

    @property
    def label(self):
        return self.model._meta.label_lower

    def may(self, request, verb):
        """Whether the role of the person has this verb on the model."""
        return request.user.is_active and verb in verbs_of(request.user.role, self.label)

    def editable(self, request, obj):
        """Whether this very row may be changed by the person; asked once for each request and row."""
        known = request.__dict__.setdefault("_editable_rows", {})
        key = (self.model, obj.pk)
        if key not in known:
            known[key] = self.model.objects.editable_by(request.user).filter(pk=obj.pk).exists()
        return known[key]

    def know_editable(self, request, pks):
        """Asks for all these rows at once whether the person may change them."""
        known = request.__dict__.setdefault("_editable_rows", {})
        editable = set(
            self.model.objects.editable_by(request.user).filter(pk__in=list(pks)).values_list("pk", flat=True)
        )
        known.update({(self.model, pk): pk in editable for pk in pks})

    def get_queryset(self, request):
        rows = self.model.objects.visible_to(request.user)
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def has_module_permission(self, request):
        return self.may(request, "view")

    def has_view_permission(self, request, obj=None):
        return self.may(request, "view")

    def has_add_permission(self, request, obj=None):
        return self.may(request, "add")

    def has_change_permission(self, request, obj=None):
        if not self.may(request, "change"):
            return False
        if obj is None or not isinstance(obj, self.model):
            return True
        return obj.edit_refusal() is None and self.editable(request, obj)

    def has_delete_permission(self, request, obj=None):
        if not self.may(request, "delete"):
            return False
        if obj is None or not isinstance(obj, self.model):
            return True
        return obj.deletion_refusal() is None and self.editable(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", db_field.related_model.objects.visible_to(request.user))
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", RowAutocomplete(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if read := IDENTIFIERS.get(db_field.name):
            kwargs["form_class"] = partial(IdentifierFormField, read=read)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_staff else (*fields, *self.staff_only_fields)


class ScopedInline(Scoped):
    """Rows that are shown within the page of another row, written under the same operation."""

    extra = 0
    show_change_link = True
    view_on_site = False
    tab = True

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    list_select_related: tuple[str, ...] = ()


class ScopedTabularInline(ScopedInline, TabularInline):
    pass


def _named(model, path):
    """The column of the name alone, where what is searched of a related row holds an address besides."""
    *steps, column = path.split("__")
    if not steps or column != "search_text":
        return path
    for step in steps:
        model = model._meta.get_field(step).related_model
    held = {field.name for field in model._meta.concrete_fields}
    name = next((name for name in NAMES if name in held), column)
    return "__".join((*steps, name))


class Unlogged:
    """Pages without Django's own log, which tells less than the history and its operations do."""

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """A row that does not exist for the person is a 404, where Django goes home with a message."""
        raise Http404

    def history_view(self, request, object_id, extra_context=None):
        """Only business rows have a history page (`HistoryMixin`)."""
        raise Http404

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        extra = {"show_history": isinstance(self, HistoryMixin), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, extra)

    def log_addition(self, request, obj, message):
        """Django's own log is left out: the history tells more, with the operation."""

    log_change = log_addition

    def log_deletions(self, request, queryset):
        """As above."""


class ListAdmin(Scoped, Unlogged, ExportPages, ModelAdmin):
    """A list that people search, filter and export, whether or not its rows can be changed here."""

    list_per_page = 100
    list_max_show_all = 500
    show_full_result_count = False
    # The counts behind each choice of a filter would read the table once for each.
    show_facets = ShowFacets.NEVER
    list_filter_submit = True
    list_filter_sheet = False
    compressed_fields = True
    warn_unsaved_form = True
    search_fields = ("search_text",)
    # Of them, those of other rows whose address stands on this page for everybody who sees it.
    searched_in_full: tuple[str, ...] = ()

    # What the list is called in menus and at its head, where that is not the plural of its rows.
    list_title = ""
    # What its blank page is called, where « Ajouter » is not the word.
    add_title = ""

    list_before_template = "backoffice/totals.html"

    def done_with(self, today):
        """The rows that nobody works on any more, which a list shows last; none unless a page says so."""
        return None

    def get_ordering(self, request):
        ordering = super().get_ordering(request) or self.model._meta.ordering
        done = self.done_with(today())
        if done is None:
            return ordering
        return (DoneLast(done).asc(), *ordering)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """A page is named after its row; a blank one after what it adds."""
        name = self.model._meta.verbose_name
        blank = self.add_title or _("Ajouter : %(name)s") % {"name": name}
        context["title"] = blank if obj is None else str(obj)
        context["typed_reason"] = request.POST.get("_reason", "")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def totals(self, rows):
        """Figures over all the rows that the filters leave, as (number, name); none unless a page says so."""
        return []

    def tells_totals(self, request):
        """Whether this person is told the totals of the list; everybody unless a page says less."""
        return True

    def changelist_view(self, request, extra_context=None):
        title = self.list_title or capfirst(self.model._meta.verbose_name_plural)
        response = super().changelist_view(request, {"title": title, **(extra_context or {})})
        data = getattr(response, "context_data", None) or {}
        if "cl" in data:
            self._tell_totals(request, data)
            data["selection_note_all"] = self._said_of_all(data["cl"])
        return response

    def _said_of_all(self, cl):
        """What is said once all rows are chosen; of a list that nobody counted, how many an action takes."""
        if cl.found.is_exact:
            return _("Toutes les lignes trouvées sont choisies.")
        most = {"number": grouped(DONE_AT_ONCE)}
        return (
            _("Toutes les lignes trouvées sont choisies\u00a0; une action en prend %(number)s au plus.")
            % most
        )

    def _tell_totals(self, request, data):
        """The totals of the rows, as far as they are counted: beyond, they would all be read each time."""
        cl, worked_out = data["cl"], type(self).totals is not ListAdmin.totals
        told = worked_out and cl.result_count and self.tells_totals(request)
        data["totals"] = self.totals(cl.queryset) if told and cl.found.is_exact else []
        data["totals_up_to"] = paging.COUNTED if told and not cl.found.is_exact else 0

    def lookup_allowed(self, lookup, value, request):
        """Whether the address of a list may ask this: what the filters that the person has there ask.

        Django lets every column of the rows be asked for, so that one which is shown nowhere is found out by
        halving: a birthday, or the beginning of a letter.
        """
        return lookup in self._lookups_of_filters(request)

    def _lookups_of_filters(self, request):
        """What the filters of this list ask, as it stands in addresses; worked out once for each request."""
        known = request.__dict__.setdefault("_lookups_of_filters", {})
        if self.model not in known:
            known[self.model] = set().union(*map(self._lookups_of, self.get_list_filter(request)))
            if self.date_hierarchy:
                known[self.model] |= {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}
        return known[self.model]

    def _lookups_of(self, one):
        """What one filter asks: by its own name, or of the column that it stands for."""
        if isinstance(one, type):
            return {one.parameter_name, *_bounds(one.parameter_name)}
        name = one[0] if isinstance(one, tuple) else one
        field = get_fields_from_path(self.model, name)[-1]
        columns = [name, f"{name}__{field.target_field.name}"] if field.is_relation else [name]
        lookups = {f"{column}__{lookup}" for column in columns for lookup in FILTER_LOOKUPS}
        return {name, *_bounds(name), *lookups}

    def get_changelist_instance(self, request):
        """What no list is asked, or no database can answer, asks for nothing, as any other nonsense there."""
        try:
            return super().get_changelist_instance(request)
        except UNANSWERABLE as error:
            raise IncorrectLookupParameters(error) from error

    def get_changelist(self, request, **kwargs):
        return AskedList

    def has_export_permission(self, request):
        return self.may(request, "export")

    def get_export_resource_kwargs(self, request, **kwargs):
        return {"actor": request.user}

    def as_searched(self, request, columns):
        """These columns, as far as this person looks through them: of people and organisations that rows
        point at the name alone, unless the person is of the team or the page shows the address.

        What a box finds is known letter by letter: it never looks through what the page does not show.
        """
        if request.user.is_staff:
            return columns
        return tuple(name if name in self.searched_in_full else _named(self.model, name) for name in columns)

    def get_search_results(self, request, queryset, search_term):
        """Every word must be found, whatever its accents and case, in one of the folded columns."""
        return self.with_words(request, queryset, search_term, self.search_fields), False

    def with_words(self, request, rows, words, columns):
        """The rows that have each of these words in a folded column that the person looks through."""
        known = request.__dict__.setdefault("_rows_with_words", {})
        return with_words(rows, words, self.as_searched(request, columns), known=known)

    def get_object(self, request, object_id, from_field=None):
        """The row, or None, which becomes a 404: a row out of scope does not exist for the person."""
        try:
            return super().get_object(request, object_id, from_field)
        except (ValueError, ValidationError, OverflowError):
            return None

    def as_kept(self, request, obj):
        """The row as it is kept, or None: on a page that was refused, `obj` holds what somebody typed."""
        if obj is None or request.method != "POST":
            return obj
        return self.get_object(request, str(obj.pk))

    def view_on_site_path(self, obj):
        """Where the row is shown to visitors, or None while it is not."""
        return None

    def get_view_on_site_url(self, obj=None):
        return self.view_on_site_path(obj) if obj is not None and obj.pk else None

    def get_actions(self, request):
        """The confirmed actions and the export; Django's own deletion knows no operation."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


def _refusing(request, form_class):
    """The form or formset, or one that says what a service refused of what was typed in it."""
    refusals = getattr(request, "refusals", None)
    if not refusals:
        return form_class

    def clean(self):
        form_class.clean(self)
        raise ValidationError(refusals)

    return type(form_class.__name__, (form_class,), {"clean": clean})


class ScopedAdmin(ConfirmedActionsMixin, HistoryMixin, ListAdmin):
    """The page of a business model: written by the services, each save one operation with its history."""

    change_form_after_template = "backoffice/change_reason.html"

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        request.refusals = self._changed_meanwhile(request, object_id)
        kind = OperationKind.EDIT if object_id else OperationKind.CREATE
        reason = typed_reason(request, "_reason")

        def save():
            with operation(kind=kind, actor=request.user, subject=self.model, reason=reason):
                return super(ScopedAdmin, self).changeform_view(request, object_id, form_url, extra_context)

        return self._saved_or_shown_again(request, save)

    def changelist_view(self, request, extra_context=None):
        if request.method != "POST" or "_save" not in request.POST:
            return super().changelist_view(request, extra_context)

        def save():
            with operation(kind=OperationKind.EDIT, actor=request.user, subject=self.model):
                return super(ScopedAdmin, self).changelist_view(request, extra_context)

        return self._saved_or_shown_again(request, save)

    @staticmethod
    def _saved_or_shown_again(request, save):
        """Saves; what a service refuses is shown on the same page, with everything that was typed."""
        try:
            return save()
        except ValidationError as error:
            request.refusals = error.messages
        except IntegrityError:
            # What a form points at was removed between its check and the commit.
            request.refusals = [
                _("Une fiche liée a disparu entre-temps. Vérifiez vos choix, puis enregistrez.")
            ]
        return save()

    def _changed_meanwhile(self, request, object_id):
        """Whether somebody else saved the row while the person was typing, in a sentence."""
        seen = request.POST.get("_seen")
        obj = self.get_object(request, object_id) if seen and object_id else None
        if obj is None or obj.updated_at.isoformat() == seen:
            return []
        line = obj.history.select_related("operation").order_by("-history_id").first()
        return [
            _("%(who)s a modifié cette fiche pendant que vous la modifiiez. Vérifiez-la, puis enregistrez.")
            % {"who": line.operation.actor_label if line else "?"}
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = _refusing(request, super().get_form(request, obj, change=change, **kwargs))
        form.viewer = request
        return form

    def get_changelist_formset(self, request, **kwargs):
        return _refusing(request, super().get_changelist_formset(request, **kwargs))

    def save_model(self, request, obj, form, change):
        save_row(actor=request.user, row=obj)

    def save_formset(self, request, form, formset, change):
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            outcome = remove_rows(actor=request.user, model=type(row), pks=[row.pk])
            for refused, why in outcome.refused:
                messages.error(request, _("%(row)s : %(why)s") % {"row": refused, "why": why})
        for row in rows:
            save_row(actor=request.user, row=row)
        formset.save_m2m()

    def delete_view(self, request, object_id, extra_context=None):
        """Deleting one row asks and answers as every other action does."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_delete_permission(request):
            raise PermissionDenied
        return self.confirm(request, self.removal(), [obj.pk], one=obj)

    def change_url(self, obj):
        """The address of a row's page."""
        opts = self.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk])

    def list_url(self):
        opts = self.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
