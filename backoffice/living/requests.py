"""Requests for a place, in the console: students see theirs, owners answer."""

from functools import partial

from django.contrib import admin
from django.db.models import Case, Count, Q, When
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import AGE_COLORS, BLANK, period, waited
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter
from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.living import services
from pratik.living.enums import OPEN_STATES, REQUEST_COLORS, RequestState
from pratik.living.models import CarpoolRequest, HousingRequest
from pratik.living.reports import contact_of, contact_of_student, places_left_for

from .asking import AskPages
from .display import days_text
from .forms import DatedRideForm, RegularRideForm, StayForm


class RequestAdmin(AskPages, ScopedAdmin):
    """Requests for a place: students see theirs, owners answer those for their listings."""

    class Media:
        css = {"all": ("backoffice/living.css",)}

    list_before_template = "backoffice/living/requests.html"
    change_form_outer_before_template = "backoffice/living/notes.html"
    list_display = ("shown_student", "shown_offer", "shown_days", "shown_state", "shown_left", "shown_age")
    student_list_display = ("shown_offer", "shown_days", "shown_state", "created_at")
    date_hierarchy = "from_on"
    told_in_words = ("student", "offer", "until_on", "days")
    readonly_fields = (
        "shown_student",
        "offer_page",
        "all_days",
        "state",
        "message",
        "created_at",
        "decided_at",
        "answer",
        "left_text",
    )
    # Where students look for something to ask for.
    site_list = ""
    search_label = ""
    # Above what a student who has a place reads of it.
    contact_title = ""

    def acts(self, request):
        """Who gets a place is answered, and a place is given up, in one’s own name."""
        return [] if request.impersonator is not None else super().acts(request)

    def get_queryset(self, request):
        return super().get_queryset(request).with_names()

    def get_ordering(self, request):
        """What waits for an answer comes first, whoever asked first before the others."""
        waiting = Case(When(state=RequestState.REQUESTED, then="created_at")).asc(nulls_last=True)
        return (waiting, *super().get_ordering(request))

    def get_list_display(self, request):
        return self.student_list_display if self._is_students(request) else self.list_display

    @staticmethod
    def _is_students(request):
        return request.user.role == Role.STUDENT

    def get_fieldsets(self, request, obj=None):
        who = () if self._is_students(request) else (("shown_student", "left_text"),)
        return (
            (
                None,
                {
                    "fields": (
                        *who,
                        ("offer_page", "all_days"),
                        "message",
                        ("state", "created_at"),
                        ("decided_at", "answer"),
                    )
                },
            ),
        )

    def get_changelist_instance(self, request):
        """How many places are free on the days of each request of this page, in one query."""
        listed = super().get_changelist_instance(request)
        rows = listed.result_list = list(listed.result_list)
        if not self._is_students(request):
            left = places_left_for([row for row in rows if row.state in OPEN_STATES], today())
            for row in rows:
                row.left = left.get(row.pk)
        return listed

    def changelist_view(self, request, extra_context=None):
        extra = {"site_url": reverse(self.site_list), "search_label": self.search_label}
        if not self._is_students(request):
            extra["site_url"] = ""
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            own = obj.student_id == request.user.pk
            context["contact"] = (
                contact_of(obj.offer, request.user) if own else contact_of_student(obj, request.user)
            )
            context["contact_title"] = self.contact_title if own else _("L’étudiant que vous avez accepté")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def totals(self, rows):
        found = rows.order_by().aggregate(
            requested=Count("pk", filter=Q(state=RequestState.REQUESTED)),
            waiting=Count("pk", filter=Q(state=RequestState.WAITING)),
            accepted=Count("pk", filter=Q(state=RequestState.ACCEPTED)),
        )
        accepted = found["accepted"]
        return [
            (found["requested"], _("en attente de réponse")),
            (found["waiting"], _("sur liste d’attente")),
            (accepted, ngettext("acceptée", "acceptées", accepted)),
        ]

    @display(description=gettext_lazy("étudiant"), ordering="student__search_text")
    def shown_student(self, obj):
        return str(obj.student)

    @display(description=gettext_lazy("annonce"))
    def shown_offer(self, obj):
        return str(obj.offer)

    @display(description=gettext_lazy("annonce"))
    def offer_page(self, obj):
        """The listing, with the way to it on the site while visitors see it."""
        if not obj.offer.is_online:
            return _("%(offer)s (hors ligne)") % {"offer": obj.offer}
        page = obj.offer.get_absolute_url()
        return format_html('<a class="underline" href="{}">{}</a>', page, obj.offer)

    @display(description=gettext_lazy("jours"), ordering="from_on")
    def shown_days(self, obj):
        return period(obj.from_on, obj.until_on)

    @display(description=gettext_lazy("jours"))
    def all_days(self, obj):
        """Every day that is asked for, one by one where they were chosen so."""
        return days_text(getattr(obj, "days", "")) or period(obj.from_on, obj.until_on)

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in REQUEST_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("places libres"))
    def shown_left(self, obj):
        left = getattr(obj, "left", None)
        return BLANK if left is None else max(left, 0)

    @display(description=gettext_lazy("places libres ces jours-là"))
    def left_text(self, obj):
        if obj.state not in OPEN_STATES:
            return BLANK
        left = max(places_left_for([obj], today())[obj.pk], 0)
        return _("%(left)d sur %(all)d") % {"left": left, "all": obj.offer.capacity}

    @display(description=gettext_lazy("attend depuis"), ordering="created_at", label=AGE_COLORS)
    def shown_age(self, obj):
        return waited(obj.created_at) if obj.state in OPEN_STATES else None


def _verbs(model):
    return {
        "accept": partial(services.accept_requests, model=model),
        "hold": partial(services.hold_requests, model=model),
        "decline": partial(services.decline_requests, model=model),
        "withdraw": partial(services.withdraw_requests, model=model),
    }


@admin.register(HousingRequest)
class HousingRequestAdmin(RequestAdmin):
    ask = staticmethod(services.ask_for_lodging)
    site_list = "public:lodgings"
    search_label = gettext_lazy("Chercher un logement")
    contact_title = gettext_lazy("Votre logement")
    resource_classes = [
        list_resource(
            HousingRequest,
            "student",
            "offer",
            "from_on",
            "until_on",
            "message",
            "state",
            "created_at",
            "decided_at",
            "answer",
        )
    ]
    verbs = _verbs(HousingRequest)
    assess_verb = staticmethod(partial(services.assess_requests, model=HousingRequest))
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        ("from_on", RangeDateFilter),
        ("created_at", DaysFilter),
    )
    search_fields = ("student__search_text", "offer__search_text", "offer__commune__search_text")
    search_help_text = gettext_lazy("Étudiant ou logement")

    def form_for(self, offer):
        return StayForm


@admin.register(CarpoolRequest)
class CarpoolRequestAdmin(RequestAdmin):
    ask = staticmethod(services.ask_for_seat)
    site_list = "public:trips"
    search_label = gettext_lazy("Chercher un trajet")
    contact_title = gettext_lazy("Votre conducteur")
    resource_classes = [
        list_resource(
            CarpoolRequest,
            "student",
            "from_on",
            "until_on",
            "days",
            "message",
            "state",
            "created_at",
            "decided_at",
            "answer",
            offer=gettext_lazy("trajet"),
            related_to=("offer__origin", "offer__destination"),
        )
    ]
    verbs = _verbs(CarpoolRequest)
    assess_verb = staticmethod(partial(services.assess_requests, model=CarpoolRequest))
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        ("from_on", RangeDateFilter),
        ("created_at", DaysFilter),
    )
    search_fields = (
        "student__search_text",
        "offer__origin__search_text",
        "offer__destination__search_text",
    )
    search_help_text = gettext_lazy("Étudiant ou commune")

    def form_for(self, offer):
        return RegularRideForm if offer.is_regular else DatedRideForm

    @display(description=gettext_lazy("jours"), ordering="from_on")
    def shown_days(self, obj):
        if not obj.days:
            return period(obj.from_on, obj.until_on)
        number = len(obj.offer.days_of(obj))
        if number == 1:
            return period(obj.from_on, obj.from_on)
        told = ngettext("%(number)d date", "%(number)d dates", number) % {"number": number}
        return _("%(dates)s, %(period)s") % {"dates": told, "period": period(obj.from_on, obj.until_on)}
