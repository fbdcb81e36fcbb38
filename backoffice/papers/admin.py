from django.contrib import admin
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, MultipleChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from pratik.papers import services
from pratik.papers.enums import TEMPLATE_COLORS, TemplateState
from pratik.papers.models import PaperTemplate

from .forms import PaperTemplateForm
from .preview import PreviewPages


@admin.register(PaperTemplate)
class PaperTemplateAdmin(PreviewPages, ScopedAdmin):
    """The texts that agreements, amendments, certificates and recommendations are made from."""

    class Media:
        css = {"all": ("backoffice/templates.css",)}

    form = PaperTemplateForm
    resource_classes = [
        list_resource(
            PaperTemplate, "kind", "audience", "name", "valid_from", "state", "activated_at", "body"
        )
    ]
    verbs = {"activate": services.activate_templates, "retire": services.retire_templates}
    assess_verb = staticmethod(services.assess_templates)
    change_form_outer_before_template = "backoffice/papers/notes.html"
    list_display = ("name", "kind", "shown_audience", "valid_from", "shown_state", "activated_at")
    list_filter = (
        ("kind", MultipleChoicesDropdownFilter),
        ("state", MultipleChoicesDropdownFilter),
        ("audience", ChoicesDropdownFilter),
    )
    search_help_text = _("Nom ou document")
    readonly_fields = ("state", "activated_at", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": (("kind", "audience"), ("name", "valid_from"), "body")}),
        (_("Suivi"), {"fields": (("state", "activated_at"), ("created_at", "updated_at"))}),
    )
    # A new template has nothing to follow yet.
    add_fieldsets = fieldsets[:1]

    def get_fieldsets(self, request, obj=None):
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_ordering(self, request):
        """What is in force first, then what is being written."""
        standing = Case(
            When(state=TemplateState.ACTIVE, then=0), When(state=TemplateState.DRAFT, then=1), default=2
        )
        return (standing, *super().get_ordering(request))

    def done_with(self, today):
        return Q(state=TemplateState.RETIRED)

    @display(description=_("pour"), ordering="audience")
    def shown_audience(self, obj):
        return obj.get_audience_display() or _("tous")

    @display(description=_("état"), ordering="state", label={str(s): c for s, c in TEMPLATE_COLORS.items()})
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()
