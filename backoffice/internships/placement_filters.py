"""Filters of the list of placements."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, TextFilter


class WaitsForFilter(DropdownFilter):
    """Placements by whom they wait for."""

    title = gettext_lazy("attend")
    parameter_name = "attend"

    def lookups(self, request, model_admin):
        return [
            ("organisme", _("L’accord de l’organisme d’accueil")),
            ("ecole", _("L’accord de l’établissement")),
            ("signature", _("La signature")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case "organisme":
                return queryset.awaiting_host()
            case "ecole":
                return queryset.awaiting_school()
            case "signature":
                return queryset.to_sign()
            case _:
                return queryset


class ClassFilter(TextFilter):
    """Placements of a class, by its name or a part of it."""

    title = gettext_lazy("classe")
    parameter_name = "classe"

    def queryset(self, request, queryset):
        words = " ".join((self.value() or "").split())
        return queryset.filter(class_group__icontains=words) if words else queryset


class CertificateFilter(DropdownFilter):
    """Placements that are over and whose intern waits for the certificate."""

    title = gettext_lazy("attestation")
    parameter_name = "attestation"

    def lookups(self, request, model_admin):
        return [("manque", _("À remettre"))]

    def queryset(self, request, queryset):
        return queryset.without_certificate() if self.value() == "manque" else queryset
