from django.contrib import admin
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from backoffice.base.admin import ListAdmin, ScopedAdmin
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, blank_filter
from pratik.core.calendar import today
from pratik.privacy import rules, services
from pratik.privacy.enums import REQUEST_COLORS
from pratik.privacy.models import ErasureRequest, RetentionRun
from pratik.privacy.services.requests import receive

from .register import RegisterPages

PRESSURE_COLORS = {"late": "danger", "near": "warning", "calm": "info", "closed": "default"}


@admin.register(ErasureRequest)
class ErasureRequestAdmin(ScopedAdmin):
    """Requests to be erased, the most pressing first, with the day by which the law wants an answer."""

    resource_classes = [
        list_resource(
            ErasureRequest, "user", "contact", "received_on", "due_on", "state", "answer", "decided_at"
        )
    ]
    verbs = {
        "complete": services.complete_requests,
        "refuse": services.refuse_requests,
        "extend": services.extend_requests,
        "withdraw": services.withdraw_requests,
    }
    assess_verb = staticmethod(services.assess_requests)
    list_display = ("shown_person", "shown_kind", "received_on", "shown_due", "shown_state", "decided_at")
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        blank_filter(
            "contact",
            gettext_lazy("personne"),
            blank=gettext_lazy("Comptes"),
            filled=gettext_lazy("Contacts"),
        ),
        ("received_on", RangeDateFilter),
        ("due_on", RangeDateFilter),
    )
    list_select_related = ("user", "contact")
    date_hierarchy = "received_on"
    search_fields = ("user__search_text", "contact__search_text")
    search_help_text = gettext_lazy("Nom ou adresse e-mail")
    autocomplete_fields = ("user", "contact")
    readonly_fields = ("told_due", "state", "answer", "decided_at")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("user", "contact"),
                    ("received_on", "told_due"),
                    "reason",
                    ("state", "decided_at"),
                    "answer",
                )
            },
        ),
    )
    # A request that came by letter or by telephone is written down with the day it arrived.
    add_fieldsets = ((None, {"fields": (("user", "contact"), "received_on", "reason")}),)

    def acts(self, request):
        """Who asked to be erased takes it back in their own name."""
        return [] if request.impersonator is not None else super().acts(request)

    def save_model(self, request, obj, form, change):
        receive(actor=request.user, request=obj)

    @display(description=gettext_lazy("personne"), ordering="user__search_text")
    def shown_person(self, obj):
        return str(obj.person)

    @display(description=gettext_lazy("qui"))
    def shown_kind(self, obj):
        return obj.user.get_account_type_display() if obj.user else _("Responsable de stages")

    @display(description=gettext_lazy("réponse due"), ordering="due_on", label=PRESSURE_COLORS)
    def shown_due(self, obj):
        pressure = rules.pressure(obj.due_on, today()) if obj.is_open else "closed"
        return pressure, self.told_due(obj)

    @display(description=gettext_lazy("réponse due"))
    def told_due(self, obj):
        """The day, and while an answer is due how long is left."""
        day = date_format(obj.due_on, "SHORT_DATE_FORMAT")
        if not obj.is_open:
            return day
        left = obj.days_left(today())
        if left < 0:
            told = ngettext("%(day)s (%(days)d jour de retard)", "%(day)s (%(days)d jours de retard)", -left)
        else:
            told = ngettext("%(day)s (encore %(days)d jour)", "%(day)s (encore %(days)d jours)", left)
        return told % {"day": day, "days": abs(left)}

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in REQUEST_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()


@admin.register(RetentionRun)
class RetentionRunAdmin(RegisterPages, ListAdmin):
    """What the daily removal did, run by run; the register itself is a page of its own."""

    resource_classes = [list_resource(RetentionRun, "started_at", "finished_at", "warned", "treated")]
    list_display = ("started_at", "shown_end", "warned", "treated", "shown_left")
    list_filter = (("started_at", DaysFilter),)
    date_hierarchy = "started_at"
    search_fields = ()
    fields = (("started_at", "finished_at"), ("warned", "treated"), "shown_results")
    readonly_fields = ("started_at", "finished_at", "warned", "treated", "shown_results")

    @display(
        description=gettext_lazy("fin"),
        ordering="finished_at",
        label={"stopped": "warning", "ended": "success"},
    )
    def shown_end(self, obj):
        if obj.finished_at is None:
            return "stopped", _("interrompu")
        return "ended", date_format(obj.finished_at, "SHORT_DATETIME_FORMAT")

    @display(description=gettext_lazy("laissées"))
    def shown_left(self, obj):
        return sum(result.get("left", 0) for result in obj.results.values())

    @display(description=gettext_lazy("bilan par règle"))
    def shown_results(self, obj):
        return self.results_table(obj)
