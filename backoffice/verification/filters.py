"""Filters of the list of documents."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from pratik.accounts.models import User
from pratik.accounts.workflow import CHECKERS
from pratik.core.calendar import today

EXPIRING_DAYS = 30


class ClaimFilter(DropdownFilter):
    """Who looks at the document just now: I, nobody, or one of those who check documents."""

    title = gettext_lazy("examinée par")
    parameter_name = "examinateur"

    def lookups(self, request, model_admin):
        checkers = User.objects.people().filter(staff_role__in=CHECKERS, is_active=True).order_by("pk")
        return [
            ("moi", _("moi")),
            ("personne", _("personne")),
            *((str(user.pk), str(user)) for user in checkers if user.pk != request.user.pk),
        ]

    def queryset(self, request, queryset):
        value, now = self.value(), timezone.now()
        if value == "personne":
            return queryset.exclude(claim__until__gt=now)
        if value == "moi":
            return queryset.filter(claim__reviewer=request.user, claim__until__gt=now)
        # Sixteen figures are more than any key has, and fewer than a database refuses.
        if value and value.isdecimal() and value.isascii() and len(value) < 16:
            return queryset.filter(claim__reviewer=int(value), claim__until__gt=now)
        return queryset


class DuplicateFilter(DropdownFilter):
    """Documents whose very file another account sent too."""

    title = gettext_lazy("doublons")
    parameter_name = "doublons"

    def lookups(self, request, model_admin):
        return [("oui", _("Le même fichier pour deux comptes"))]

    def queryset(self, request, queryset):
        return queryset.duplicated() if self.value() == "oui" else queryset


class ExpiringFilter(DropdownFilter):
    """Documents in force that end soon, and those that are over."""

    title = gettext_lazy("échéance")
    parameter_name = "echeance"

    def lookups(self, request, model_admin):
        return [("bientot", _("Dans les 30 jours")), ("passee", _("Passée"))]

    def queryset(self, request, queryset):
        day = today()
        match self.value():
            case "bientot":
                soon = day + datetime.timedelta(days=EXPIRING_DAYS)
                return queryset.in_force(day).filter(expires_on__lte=soon)
            case "passee":
                return queryset.filter(expires_on__lt=day)
            case _:
                return queryset


class VersionFilter(DropdownFilter):
    """The latest version of each document, or those that were replaced."""

    title = gettext_lazy("version")
    parameter_name = "version"

    def lookups(self, request, model_admin):
        return [("derniere", _("Dernière")), ("remplacee", _("Remplacée"))]

    def queryset(self, request, queryset):
        chosen = {"derniere": True, "remplacee": False}.get(self.value())
        return queryset if chosen is None else queryset.filter(is_current=chosen)
