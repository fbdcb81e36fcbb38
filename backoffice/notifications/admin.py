from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display

from backoffice.base.admin import ListAdmin
from backoffice.base.exports import list_resource
from backoffice.base.filters import ScopedAutocompleteFilter, blank_filter
from pratik.notifications import services
from pratik.notifications.enums import MAIL_COLORS
from pratik.notifications.models import Notice


@admin.register(Notice)
class NoticeAdmin(ListAdmin):
    resource_classes = [
        list_resource(
            Notice, "created_at", "recipient", "kind", "subject", "body", "mail_state", "mailed_at", "read_at"
        )
    ]
    list_display = ("subject", "recipient", "kind", "created_at", "shown_read", "shown_mail")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("recipient", ScopedAutocompleteFilter),
        blank_filter("read_at", _("lecture"), blank=_("Non lus"), filled=_("Lus")),
        ("mail_state", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("recipient",)
    date_hierarchy = "created_at"
    search_fields = ("search_text",)
    actions = ("mark_read",)
    fields = (
        ("subject", "kind"),
        "body",
        "path",
        ("recipient", "created_at"),
        ("read_at", "mail_state", "mailed_at"),
    )
    readonly_fields = (
        "subject",
        "kind",
        "body",
        "path",
        "recipient",
        "created_at",
        "read_at",
        "mail_state",
        "mailed_at",
    )

    @display(description=_("lu"), boolean=True)
    def shown_read(self, obj):
        return obj.read_at is not None

    @display(
        description=_("e-mail"),
        ordering="mail_state",
        label={str(state): color for state, color in MAIL_COLORS.items()},
    )
    def shown_mail(self, obj):
        return obj.mail_state, obj.get_mail_state_display()

    @action(description=_("Marquer comme lus"))
    def mark_read(self, request, queryset):
        """Marks the person's own notices as read; those of others are left."""
        number = services.mark_read(actor=request.user, pks=list(queryset.values_list("pk", flat=True)))
        messages.success(
            request,
            ngettext("%(number)d avis marqué comme lu.", "%(number)d avis marqués comme lus.", number)
            % {"number": number},
        )
        return HttpResponseRedirect(request.get_full_path())

    def view_on_site_path(self, obj):
        return obj.path or None
