"""What the pages of every organisation share."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import action
from unfold.enums import ActionVariant

from backoffice.roles import verbs_of
from pratik.joining.services import change_membership

from .admin import ScopedAdmin, ScopedTabularInline
from .filters import ScopedAutocompleteFilter

INVITATION = "joining.invitation"


def may_invite(request):
    """Whether the person may invite at all; whom, and into what, the service says."""
    return "add" in verbs_of(request.user.role, INVITATION)


class InvitingList:
    """A list of people with the way to invite another."""

    actions_list = ("invite",)

    @action(
        description=gettext_lazy("Inviter"),
        icon="person_add",
        url_path="inviter",
        permissions=["invite"],
        variant=ActionVariant.PRIMARY,
    )
    def invite(self, request):
        return redirect("admin:joining_invitation_add")

    def has_invite_permission(self, request):
        return may_invite(request)


class InvitingPage:
    """The page of an organisation, with the way to invite somebody into it."""

    def buttons(self, request, obj):
        buttons = super().buttons(request, obj)
        if not may_invite(request):
            return buttons
        kind = self.model.account_type.value
        chosen = urlencode({"account_type": kind, kind: obj.pk})
        invite = {
            "title": _("Inviter"),
            "icon": "person_add",
            "variant": ActionVariant.DEFAULT,
            "path": f"{reverse('admin:joining_invitation_add')}?{chosen}",
        }
        return [*buttons, invite]


class MembershipInline(ScopedTabularInline):
    """The members of an organisation, within its page; each is changed on a page of its own.

    A box to choose an account in every line would ask the database once for each member.
    """

    fields = readonly_fields = ("shown_user", "role", "is_active")
    list_select_related = ("user",)
    ordering = ("-is_active", "user__search_text")
    per_page = 50

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def shown_user(self, obj):
        return f"{obj.user} ({obj.user.email})"

    shown_user.short_description = gettext_lazy("compte")


class MembershipAdmin(InvitingList, ScopedAdmin):
    """Who belongs to an organisation; those who answer for it change a role or close a place."""

    list_display = ("user", "organisation", "role", "is_active")
    list_filter = (("organisation", ScopedAutocompleteFilter), ("is_active", BooleanRadioFilter))
    list_select_related = ("user", "organisation")
    search_fields = ("user__search_text", "organisation__search_text")
    autocomplete_fields = ("user", "organisation")
    staff_only_fields = ("user", "organisation")
    fields = ("organisation", "user", ("role", "is_active"))

    def save_model(self, request, obj, form, change):
        change_membership(actor=request.user, membership=obj)
