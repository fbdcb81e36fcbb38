from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, MultipleChoicesDropdownFilter
from unfold.decorators import action, display

from backoffice.base.actions import ConfirmedActionsMixin
from backoffice.base.admin import ListAdmin
from backoffice.base.display import BLANK
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter, blank_filter
from pratik.notifications import services
from pratik.notifications.enums import MAIL_COLORS, UNSETTLED, MailState
from pratik.notifications.models import Notice, OutgoingMail
from pratik.notifications.reports import outbox_figures

from .preferences import PreferencePages


class MailDisplay:
    """What the lists of notices and of e-mails show alike."""

    @display(description=_("lien"))
    def link(self, obj):
        """The page that the notice is about."""
        if not obj.path.startswith("/") or obj.path.startswith("//"):
            return BLANK
        return format_html('<a class="pratik-link" href="{}">{}</a>', obj.path, _("Ouvrir la page concernée"))

    @display(
        description=_("e-mail"),
        ordering="mail_state",
        label={str(state): color for state, color in MAIL_COLORS.items()},
    )
    def shown_mail(self, obj):
        return obj.mail_state, obj.get_mail_state_display()


@admin.register(Notice)
class NoticeAdmin(PreferencePages, MailDisplay, ListAdmin):
    resource_classes = [
        list_resource(
            Notice, "created_at", "recipient", "kind", "subject", "body", "mail_state", "mailed_at", "read_at"
        )
    ]
    list_before_template = "backoffice/notifications/before_list.html"
    list_display = ("subject", "recipient", "kind", "created_at", "shown_read", "shown_mail")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("recipient", ScopedAutocompleteFilter),
        blank_filter("read_at", _("lecture"), blank=_("Non lus"), filled=_("Lus")),
        ("mail_state", ChoicesDropdownFilter),
        ("created_at", DaysFilter),
    )
    list_select_related = ("recipient",)
    date_hierarchy = "created_at"
    search_fields = ("search_text",)
    actions = ("mark_read",)
    fields = (
        ("subject", "kind"),
        "body",
        "link",
        ("recipient", "created_at"),
        ("read_at", "mail_state", "mailed_at"),
    )
    readonly_fields = (
        "subject",
        "kind",
        "body",
        "link",
        "recipient",
        "created_at",
        "read_at",
        "mail_state",
        "mailed_at",
    )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Opening one's own notice reads it; somebody who acts in the person's name leaves it unread."""
        notice = self.get_object(request, object_id)
        if request.method == "GET" and notice is not None and notice.recipient_id == request.user.pk:
            services.mark_read(actor=request.user, pks=[notice.pk])
        return super().change_view(request, object_id, form_url, extra_context)

    @display(description=_("lu"), boolean=True)
    def shown_read(self, obj):
        return obj.read_at is not None

    @action(description=_("Marquer comme lus"))
    def mark_read(self, request, queryset):
        """Marks the person's own notices as read; those of others are left."""
        number = services.mark_read(actor=request.user, pks=list(queryset.values_list("pk", flat=True)))
        self.say_read(request, number)
        return HttpResponseRedirect(request.get_full_path())

    def say_read(self, request, number):
        """How many notices were marked."""
        messages.success(
            request,
            ngettext("%(number)d avis marqué comme lu.", "%(number)d avis marqués comme lus.", number)
            % {"number": number},
        )

    def view_on_site_path(self, obj):
        return obj.path or None


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ConfirmedActionsMixin, MailDisplay, ListAdmin):
    """The outbox: what leaves by e-mail, what waits, what failed, and what nobody knows of."""

    list_title = _("E-mails sortants")
    resource_classes = [
        list_resource(
            OutgoingMail,
            "created_at",
            "recipient",
            "kind",
            "subject",
            "mail_state",
            "mail_attempts",
            "mail_after",
            "claimed_at",
            "mailed_at",
        )
    ]
    verbs = {
        "hold": services.hold_mails,
        "release": services.release_mails,
        "discard": services.discard_mails,
        "send_again": services.send_again,
        "consider_sent": services.consider_sent,
    }
    assess_verb = staticmethod(services.assess_mails)
    list_display = ("subject", "recipient", "kind", "shown_mail", "mail_attempts", "shown_moment")
    list_filter = (
        ("mail_state", MultipleChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("recipient", ScopedAutocompleteFilter),
        ("created_at", DaysFilter),
        ("mailed_at", DaysFilter),
    )
    list_select_related = ("recipient",)
    date_hierarchy = "created_at"
    fields = (
        ("subject", "kind"),
        "body",
        "link",
        ("recipient", "created_at"),
        ("mail_state", "mail_attempts", "mail_after"),
        ("claimed_at", "mailed_at"),
    )
    readonly_fields = (
        "subject",
        "kind",
        "body",
        "link",
        "recipient",
        "created_at",
        "mail_state",
        "mail_attempts",
        "mail_after",
        "claimed_at",
        "mailed_at",
    )

    def done_with(self, today):
        """What left, or never will, stands after what is still to come."""
        return ~Q(mail_state__in=[*UNSETTLED, MailState.FAILED])

    def totals(self, rows):
        figures = outbox_figures(rows)
        return [
            (figures["waiting"], ngettext("à envoyer", "à envoyer", figures["waiting"])),
            (figures["digest"], _("au prochain résumé")),
            (figures["held"], ngettext("retenu", "retenus", figures["held"])),
            (figures["in_doubt"], ngettext("incertain", "incertains", figures["in_doubt"])),
            (figures["failed"], ngettext("en échec", "en échec", figures["failed"])),
            (
                figures["sent"],
                ngettext("envoyé en 24 heures", "envoyés en 24 heures", figures["sent"]),
            ),
        ]

    @display(description=_("quand"))
    def shown_moment(self, obj):
        """When it left, was handed over, or is tried."""
        match obj.mail_state:
            case MailState.SENT:
                return obj.mailed_at
            case MailState.SENDING | MailState.IN_DOUBT:
                return obj.claimed_at
            case MailState.WAITING:
                return obj.mail_after
        return BLANK

    def change_url(self, obj):
        """The address of an e-mail's page."""
        return reverse("admin:notifications_outgoingmail_change", args=[obj.pk])

    def list_url(self):
        return reverse("admin:notifications_outgoingmail_changelist")
