"""The classes that every page of the console is built on.

Rows go through `visible_to` and `editable_by`, rights through the table of roles, writes through the
services and an operation. A room's own class only declares what is shown, and in which order.
"""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminURLInputWidget

from backoffice.roles import verbs_of
from pratik.core.enums import OperationKind
from pratik.core.fields import TextListField
from pratik.core.operations import operation
from pratik.core.services import remove_rows, save_row
from pratik.core.text import fold
from pratik.reference.identifiers import read_postcode, read_siret, read_uai

from .actions import ConfirmedActionsMixin
from .display import list_text
from .exports import ExportPages
from .fields import IdentifierFormField, TextListFormField
from .history import HistoryMixin

IDENTIFIERS = {"siret": read_siret, "uai": read_uai, "postcode": read_postcode}

OVERRIDES = {
    TextListField: {"form_class": TextListFormField},
    models.URLField: {"widget": UnfoldAdminURLInputWidget, "assume_scheme": "https"},
}


class Scoped:
    """What pages and inlines share: rights from the table, rows from the scope."""

    formfield_overrides = OVERRIDES
    staff_only_fields: tuple[str, ...] = ()

    @property
    def readonly_preprocess_fields(self):
        """Lists are read as words on a page that is read only."""
        fields = self.model._meta.concrete_fields
        return {field.name: list_text for field in fields if isinstance(field, TextListField)}

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
    tab = True

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.select_related(*self.list_select_related) if self.list_select_related else rows

    list_select_related: tuple[str, ...] = ()


class ScopedTabularInline(ScopedInline, TabularInline):
    pass


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

    list_per_page = 50
    list_max_show_all = 500
    show_full_result_count = False
    list_filter_submit = True
    list_filter_sheet = False
    compressed_fields = True
    warn_unsaved_form = True
    search_fields = ("search_text",)

    list_before_template = "backoffice/totals.html"

    def totals(self, rows):
        """Figures over all the rows that the filters leave, as (number, name); none unless a page says so."""
        return []

    def changelist_view(self, request, extra_context=None):
        title = capfirst(self.model._meta.verbose_name_plural)
        response = super().changelist_view(request, {"title": title, **(extra_context or {})})
        data = getattr(response, "context_data", None) or {}
        if "cl" in data:
            data["totals"] = self.totals(data["cl"].queryset)
        return response

    def has_export_permission(self, request):
        return self.may(request, "export")

    def get_export_resource_kwargs(self, request, **kwargs):
        return {"actor": request.user}

    def get_search_results(self, request, queryset, search_term):
        """Every word must be found, whatever its accents and case, in one of the folded columns."""
        for word in fold(search_term).split():
            anywhere = Q()
            for column in self.search_fields:
                anywhere |= Q(**{f"{column}__contains": word})
            queryset = queryset.filter(anywhere)
        return queryset, False

    def get_object(self, request, object_id, from_field=None):
        """The row, or None, which becomes a 404: a row out of scope does not exist for the person."""
        try:
            return super().get_object(request, object_id, from_field)
        except (ValueError, ValidationError, OverflowError):
            return None

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
        reason = request.POST.get("_reason", "").strip()[:500]

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
        return _refusing(request, super().get_form(request, obj, change=change, **kwargs))

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
