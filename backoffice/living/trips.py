"""Shared trips in the console."""

from functools import partial

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import BooleanRadioFilter, MultipleChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.display import BLANK, euros, period
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter
from pratik.core.calendar import today
from pratik.living import services
from pratik.living.models import CarpoolOffer
from pratik.living.reports import next_departures

from .ceilings import ceiling_notes
from .display import days_text, weekdays_text
from .filters import CeilingFilter, OnlineFilter, WeekdayFilter
from .forms import TripForm
from .offers import OfferAdmin, verbs_of


class TripList(
    list_resource(
        CarpoolOffer,
        "driver",
        "origin",
        "meeting_point",
        "destination",
        "destination_point",
        "weekdays",
        "days",
        "starts_on",
        "ends_on",
        "departs_at",
        "returns_at",
        "seats",
        "distance_km",
        "cost_share",
        "is_instant",
        "state",
        "submitted_at",
        "published_at",
    )
):
    """The trips as a file, their days in words."""

    def dehydrate_weekdays(self, row):
        return weekdays_text(row.weekdays)

    def dehydrate_days(self, row):
        return days_text(row.days)


@admin.register(CarpoolOffer)
class CarpoolOfferAdmin(OfferAdmin):
    form = TripForm
    resource_classes = [TripList]
    verbs = verbs_of(CarpoolOffer)
    assess_verb = staticmethod(partial(services.assess_offers, model=CarpoolOffer))
    list_display = (
        "shown_route",
        "shown_owner",
        "shown_days",
        "shown_share",
        "shown_seats",
        "shown_state",
        "shown_online",
        "shown_age",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        OnlineFilter,
        ("origin", ScopedAutocompleteFilter),
        ("destination", ScopedAutocompleteFilter),
        WeekdayFilter,
        CeilingFilter,
        ("is_instant", BooleanRadioFilter),
        ("submitted_at", DaysFilter),
    )
    told_in_words = ("driver",)
    search_fields = (
        "search_text",
        "origin__search_text",
        "destination__search_text",
        "driver__search_text",
    )
    search_help_text = gettext_lazy("Commune, lieu ou conducteur")
    autocomplete_fields = ("origin", "destination")
    readonly_fields = (
        "owner_page",
        "state",
        "online_text",
        "submitted_at",
        "published_at",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (
            gettext_lazy("Trajet"),
            {
                "classes": ["tab"],
                "fields": (
                    "owner_page",
                    ("origin", "meeting_point"),
                    ("destination", "destination_point"),
                    "weekdays",
                    ("starts_on", "ends_on"),
                    "days",
                    ("departs_at", "returns_at"),
                    "description",
                ),
            },
        ),
        (
            gettext_lazy("Places et frais"),
            {
                "classes": ["tab"],
                "fields": (("seats", "distance_km"), "cost_share", "is_instant"),
            },
        ),
        (
            gettext_lazy("Suivi"),
            {
                "classes": ["tab"],
                "fields": (
                    ("state", "online_text"),
                    ("submitted_at", "published_at"),
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    ("origin", "meeting_point"),
                    ("destination", "destination_point"),
                    "weekdays",
                    ("starts_on", "ends_on"),
                    "days",
                    ("departs_at", "returns_at"),
                    ("seats", "distance_km"),
                    "cost_share",
                    "is_instant",
                    "description",
                )
            },
        ),
    )

    @property
    def readonly_preprocess_fields(self):
        """Days are read as words and dates on a page that is read only."""
        return super().readonly_preprocess_fields | {"weekdays": weekdays_text, "days": days_text}

    def get_queryset(self, request):
        return super().get_queryset(request).with_names()

    def list_notes(self, request):
        return super().list_notes(request) + ceiling_notes(request.user)

    def get_changelist_instance(self, request):
        """When each trip of this page is made next, with its free seats; two queries at most."""
        listed = super().get_changelist_instance(request)
        rows = listed.result_list = list(listed.result_list)
        coming = next_departures(rows, today())
        for row in rows:
            row.next_departure = coming.get(row.pk)
        return listed

    @display(description=gettext_lazy("trajet"), ordering="origin__sort_name")
    def shown_route(self, obj):
        places = " → ".join(filter(None, (obj.meeting_point, obj.destination_point)))
        return format_html('{}<span class="living-sub">{}</span>', obj, places)

    @display(description=gettext_lazy("jours"))
    def shown_days(self, obj):
        if obj.is_regular:
            return weekdays_text(obj.weekdays)
        number = len(obj.single_days)
        return ngettext("%(number)d date", "%(number)d dates", number) % {"number": number}

    @display(description=gettext_lazy("par place"), ordering="cost_share")
    def shown_share(self, obj):
        return euros(obj.cost_share) if obj.cost_share else _("gratuit")

    @display(description=gettext_lazy("places libres"))
    def shown_seats(self, obj):
        departure = obj.next_departure
        if departure is None:
            return BLANK
        left = _("%(left)d sur %(all)d") % {"left": max(departure.seats_left, 0), "all": obj.seats}
        return format_html('{}<span class="living-sub">{}</span>', left, period(departure.day, departure.day))
