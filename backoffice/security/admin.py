import ipaddress

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, MultipleChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.admin import ListAdmin
from backoffice.base.display import BLANK
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter, blank_filter
from pratik.accounts.models import User
from pratik.core.text import fold
from pratik.security.enums import ACCESS_COLORS, AccessKind, ImpersonationEnd
from pratik.security.models import AccessEvent, Impersonation

# How many accounts of a name are looked for among those that lines are about.
NAMED_AT_MOST = 200


class ReadOnlyAdmin(ListAdmin):
    """A journal: searched, filtered, exported; nothing in it is ever typed, changed or removed."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


def _kinds_by_word(words):
    """For each word, the natures of lines whose name in the person's language holds it."""
    labels = {kind: fold(str(kind.label)) for kind in AccessKind}
    return {word: [kind for kind, label in labels.items() if word in label] for word in words}


@admin.register(AccessEvent)
class AccessEventAdmin(ReadOnlyAdmin):
    list_title = _("Journal des accès")
    resource_classes = [
        list_resource(
            AccessEvent,
            "happened_at",
            "kind",
            "actor_label",
            "impersonator",
            "address",
            "device",
            "subject",
            "object_pk",
            "detail",
        )
    ]
    list_display = (
        "shown_moment",
        "shown_kind",
        "shown_who",
        "shown_subject",
        "shown_detail",
        "shown_place",
    )
    list_display_links = ("shown_moment",)
    list_filter = (
        ("kind", MultipleChoicesDropdownFilter),
        ("actor", ScopedAutocompleteFilter),
        blank_filter(
            "impersonator",
            _("au nom d’un autre"),
            blank=_("La personne elle-même"),
            filled=_("Un administrateur en son nom"),
        ),
        ("happened_at", DaysFilter),
    )
    list_select_related = ("impersonator",)
    search_help_text = _("Nom, adresse e-mail, adresse IP, nature ou détail")
    fields = (
        ("kind", "shown_moment"),
        ("shown_who", "shown_subject"),
        "detail",
        ("address", "shown_device"),
        "device",
    )
    readonly_fields = ("shown_moment", "shown_who", "shown_subject", "shown_device")

    def get_search_results(self, request, queryset, search_term):
        """An IP address is looked up as one, whole; words, in what is told and in whom it is about."""
        try:
            address = str(ipaddress.ip_address(search_term.strip()))
        except ValueError:
            pass
        else:
            return queryset.filter(address=address), False
        words = fold(search_term).split()
        if not words:
            return queryset, False
        accounts = User.objects.visible_to(request.user)
        for word in words:
            accounts = accounts.filter(search_text__contains=word)
        named = accounts.values_list("pk", flat=True)[:NAMED_AT_MOST]
        return queryset.found(words, named, kinds=_kinds_by_word(words)), False

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        changelist.result_list = self._with_accounts(request, list(changelist.result_list))
        return changelist

    def get_object(self, request, object_id, from_field=None):
        line = super().get_object(request, object_id, from_field)
        return self._with_accounts(request, [line])[0] if line else None

    @staticmethod
    def _with_accounts(request, lines):
        """The lines, each with the account that it is about; one query for all."""
        keys = {line.account_pk for line in lines} - {None}
        accounts = User.objects.visible_to(request.user).in_bulk(keys)
        for line in lines:
            line.account = accounts.get(line.account_pk)
        return lines

    @display(description=_("moment"), ordering="happened_at")
    def shown_moment(self, obj):
        """To the second: attempts follow one another within a minute."""
        moment = localtime(obj.happened_at)
        return f"{date_format(moment, 'SHORT_DATE_FORMAT')} {moment:%H:%M:%S}"

    @display(
        description=_("nature"),
        ordering="kind",
        label={str(kind): color for kind, color in ACCESS_COLORS.items()},
    )
    def shown_kind(self, obj):
        return obj.kind, obj.get_kind_display()

    @display(description=_("qui"), ordering="actor_label")
    def shown_who(self, obj):
        if obj.impersonator is None:
            return obj.actor_label or BLANK
        return gettext("%(who)s, au nom de %(name)s") % {"who": obj.impersonator, "name": obj.actor_label}

    @display(description=_("concerne"))
    def shown_subject(self, obj):
        if obj.account is not None:
            if obj.account.pk == obj.actor_id:
                return BLANK
            page = reverse("admin:accounts_user_change", args=[obj.account.pk])
            return format_html('<a class="pratik-link" href="{}">{}</a>', page, obj.account)
        model = obj.subject_model
        return capfirst(model._meta.verbose_name_plural) if model else BLANK

    @display(description=_("détail"))
    def shown_detail(self, obj):
        """What stands beside the name already is not said again."""
        return obj.detail if obj.detail and obj.detail != obj.actor_label else BLANK

    @display(description=_("appareil"))
    def shown_device(self, obj):
        return obj.device_name or BLANK

    @display(description=_("depuis"), ordering="address")
    def shown_place(self, obj):
        """The address, and under it the device."""
        told = [part.replace(" ", "\u00a0") for part in (obj.address, obj.device_name) if part]
        return format_html_join(mark_safe("<br>"), "{}", ((part,) for part in told)) or BLANK


@admin.register(Impersonation)
class ImpersonationAdmin(ReadOnlyAdmin):
    resource_classes = [
        list_resource(
            Impersonation,
            "administrator",
            "target",
            "reason",
            "started_at",
            "expires_at",
            "ended_at",
            "ended_how",
        )
    ]
    list_display = ("started_at", "administrator", "target", "shown_state", "reason")
    list_filter = (
        ("administrator", ScopedAutocompleteFilter),
        ("target", ScopedAutocompleteFilter),
        ("ended_how", ChoicesDropdownFilter),
        ("started_at", DaysFilter),
    )
    list_select_related = ("administrator", "target")
    search_help_text = _("Nom, adresse e-mail ou motif")
    fields = (
        ("administrator", "target"),
        "reason",
        ("started_at", "expires_at"),
        ("ended_at", "ended_how"),
    )

    @display(description=_("fin"), label={"open": "danger", "over": "default"})
    def shown_state(self, obj):
        """When and how it ended, or until when it may last."""
        if obj.ended_at is None and obj.expires_at > timezone.now():
            limit = date_format(localtime(obj.expires_at), "TIME_FORMAT")
            return "open", gettext("En cours, jusqu’à %(time)s") % {"time": limit}
        ended = date_format(localtime(obj.ended_at or obj.expires_at), "TIME_FORMAT")
        how = obj.get_ended_how_display() or ImpersonationEnd.EXPIRED.label
        return "over", gettext("%(time)s, %(how)s") % {"time": ended, "how": how}
