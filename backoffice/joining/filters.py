"""Filters of the lists of requests and invitations."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from pratik.joining.enums import EXPIRED, SHOWN_STATES, InvitationState
from pratik.joining.models import ORGANISATION_CHOICES


class OrganisationKindFilter(DropdownFilter):
    """Rows about organisations of one kind."""

    title = _("type d’organisation")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return ORGANISATION_CHOICES if request.user.is_staff else []

    def queryset(self, request, queryset):
        value = self.value()
        if value in dict(ORGANISATION_CHOICES):
            return queryset.filter(**{f"{value}__isnull": False})
        return queryset


class InvitationStateFilter(DropdownFilter):
    """The states of invitations as they are shown, « expirée » among them."""

    title = _("état")
    parameter_name = "shown_state"

    def lookups(self, request, model_admin):
        return list(SHOWN_STATES.items())

    def queryset(self, request, queryset):
        value = self.value()
        now = timezone.now()
        if value == EXPIRED:
            return queryset.expired(now)
        if value == InvitationState.SENT:
            return queryset.open(now)
        return queryset.filter(state=value) if value in InvitationState.values else queryset
