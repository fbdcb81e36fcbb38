"""Filters of the lists of lodgings, trips and requests."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from pratik.core.calendar import today
from pratik.living.enums import OfferState, Weekday
from pratik.living.reports import trips_above_ceiling


class OnlineFilter(DropdownFilter):
    """What visitors see, and what is published and yet not seen."""

    title = gettext_lazy("visible sur le site")
    parameter_name = "enligne"

    def lookups(self, request, model_admin):
        return [("oui", _("En ligne")), ("non", _("Publiée, mais hors ligne"))]

    def queryset(self, request, queryset):
        online = queryset.model.objects.online(today())
        match self.value():
            case "oui":
                return queryset.filter(pk__in=online.order_by().values("pk"))
            case "non":
                published = queryset.filter(state=OfferState.PUBLISHED)
                return published.exclude(pk__in=online.order_by().values("pk"))
            case _:
                return queryset


class CeilingFilter(DropdownFilter):
    """Published trips that ask for more than the ceiling in force lets them."""

    title = gettext_lazy("partage des frais")
    parameter_name = "plafond"

    def lookups(self, request, model_admin):
        return [("depasse", _("Publié, au-dessus du plafond"))]

    def queryset(self, request, queryset):
        if self.value() != "depasse":
            return queryset
        above = trips_above_ceiling(request.user, today())
        return queryset.filter(pk__in=above.order_by().values("pk"))


class WeekdayFilter(DropdownFilter):
    """Trips that are made on a day of the week."""

    title = gettext_lazy("jour de la semaine")
    parameter_name = "jour"

    def lookups(self, request, model_admin):
        return Weekday.choices

    def queryset(self, request, queryset):
        value = self.value()
        return queryset.filter(runs_on__contains=value) if value in Weekday.values else queryset
