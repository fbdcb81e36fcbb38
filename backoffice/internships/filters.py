"""Filters of the lists of offers and applications."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from pratik.core.calendar import today
from pratik.internships.enums import OPEN_APPLICATIONS, OfferState
from pratik.internships.models import InternshipOffer


class OpenFilter(DropdownFilter):
    """What people may apply for today, and what is published and yet over."""

    title = gettext_lazy("visible sur le site")
    parameter_name = "enligne"

    def lookups(self, request, model_admin):
        return [("oui", _("En ligne")), ("non", _("Publiée, mais hors ligne"))]

    def queryset(self, request, queryset):
        online = InternshipOffer.objects.open_to_applicants(today()).order_by().values("pk")
        match self.value():
            case "oui":
                return queryset.filter(pk__in=online)
            case "non":
                return queryset.filter(state=OfferState.PUBLISHED).exclude(pk__in=online)
            case _:
                return queryset


class PaidFilter(DropdownFilter):
    """Offers with a stipend, and those without."""

    title = gettext_lazy("gratification")
    parameter_name = "gratifiee"

    def lookups(self, request, model_admin):
        return [("oui", _("Avec une gratification")), ("non", _("Sans gratification"))]

    def queryset(self, request, queryset):
        match self.value():
            case "oui":
                return queryset.filter(stipend_hourly__gt=0)
            case "non":
                return queryset.exclude(stipend_hourly__gt=0)
            case _:
                return queryset


class WaitingFilter(DropdownFilter):
    """Applications that the company has still to answer."""

    title = gettext_lazy("réponse")
    parameter_name = "reponse"

    def lookups(self, request, model_admin):
        return [("attendue", _("Attendue")), ("donnee", _("Donnée"))]

    def queryset(self, request, queryset):
        match self.value():
            case "attendue":
                return queryset.filter(state__in=OPEN_APPLICATIONS)
            case "donnee":
                return queryset.exclude(state__in=OPEN_APPLICATIONS)
            case _:
                return queryset
