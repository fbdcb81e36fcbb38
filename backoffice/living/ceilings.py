"""What sharing a trip may cost, in the console."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from pratik.core.calendar import today
from pratik.living.enums import MODERATORS
from pratik.living.models import CostCeiling
from pratik.living.reports import trips_above_ceiling

from .filters import CeilingFilter


def ceiling_notes(user):
    """Tells the team which published trips ask for more than the ceiling in force, with the way to them."""
    if user.role not in MODERATORS:
        return []
    number = trips_above_ceiling(user, today()).count()
    if not number:
        return []
    told = ngettext(
        "%(number)d trajet publié demande plus que le plafond en vigueur : suspendez-le, avec un motif, pour"
        " que son conducteur baisse le prix.",
        "%(number)d trajets publiés demandent plus que le plafond en vigueur : suspendez-les, avec un motif,"
        " pour que leurs conducteurs baissent le prix.",
        number,
    ) % {"number": number}
    page = f"{reverse('admin:living_carpooloffer_changelist')}?{CeilingFilter.parameter_name}=depasse"
    return [("warning", told, page, _("Voir ces trajets"))]


@admin.register(CostCeiling)
class CostCeilingAdmin(ScopedAdmin):
    """What a kilometre may cost those who share a trip, from a day on."""

    class Media:
        css = {"all": ("backoffice/living.css",)}

    list_before_template = "backoffice/living/listings.html"
    resource_classes = [list_resource(CostCeiling, "from_on", "per_km", "source")]
    list_display = ("from_on", "per_km", "source")
    # A handful of rows.
    search_fields = ()
    fieldsets = ((None, {"fields": (("from_on", "per_km"), "source")}),)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(
            request, {"notes": ceiling_notes(request.user), **(extra_context or {})}
        )
