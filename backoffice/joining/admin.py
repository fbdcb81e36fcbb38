from django.contrib import admin, messages
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    MultipleChoicesDropdownFilter,
)
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter
from pratik.accounts.enums import AccountType
from pratik.core.calendar import CAYENNE, today
from pratik.joining import rules, services
from pratik.joining.enums import (
    DRAFT_COLORS,
    INVITATION_COLORS,
    ORGANISATION_TYPES,
    REQUEST_COLORS,
)
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft

from .filters import InvitationStateFilter, OrganisationKindFilter
from .forms import InvitationForm

# A request that nobody answers for so many days presses.
PRESSING_DAYS = 7


def age(obj):
    """How long an open row has waited, and how much that presses; nothing for one that is closed."""
    if not obj.is_open:
        return None
    days = (today() - localdate(obj.created_at, CAYENNE)).days
    if days <= 0:
        return "calm", _("aujourd’hui")
    text = ngettext("%(days)d jour", "%(days)d jours", days) % {"days": days}
    return ("late" if days >= PRESSING_DAYS else "near"), text


AGE_COLORS = {"calm": "info", "near": "warning", "late": "danger"}


@admin.register(JoinRequest)
class JoinRequestAdmin(ScopedAdmin):
    """Who asks to become a member of which organisation."""

    resource_classes = [
        list_resource(
            JoinRequest,
            "user",
            "created_at",
            "state",
            "decided_at",
            "answer",
            organisation=gettext_lazy("organisation"),
            related_to=ORGANISATION_TYPES,
        )
    ]
    verbs = {
        "accept": services.accept_requests,
        "refuse": services.refuse_requests,
        "withdraw": services.withdraw_requests,
    }
    assess_verb = staticmethod(services.assess_requests)
    list_display = (
        "shown_person",
        "shown_organisation",
        "shown_kind",
        "shown_state",
        "shown_age",
        "decided_at",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        OrganisationKindFilter,
        ("created_at", DaysFilter),
    )
    list_select_related = ("user", *ORGANISATION_TYPES)
    date_hierarchy = "created_at"
    told_in_words = ORGANISATION_TYPES
    searched_in_full = ("user__search_text",)
    search_fields = ("user__search_text", *(f"{kind}__search_text" for kind in ORGANISATION_TYPES))
    search_help_text = gettext_lazy("Nom, adresse e-mail ou organisation")
    fields = (
        ("shown_person", "shown_address"),
        ("shown_organisation", "shown_kind"),
        "message",
        ("state", "created_at"),
        ("decided_at", "answer"),
    )
    readonly_fields = (
        "shown_person",
        "shown_address",
        "shown_organisation",
        "shown_kind",
        "message",
        "state",
        "created_at",
        "decided_at",
        "answer",
    )

    def offers(self, request, obj, verb):
        """One's own request is taken back, those of others are answered."""
        return rules.request_refusal(obj, actor=request.user, verb=verb) is None

    @display(description=gettext_lazy("personne"), ordering="user__search_text")
    def shown_person(self, obj):
        return str(obj.user)

    @display(description=gettext_lazy("adresse e-mail"))
    def shown_address(self, obj):
        return obj.user.email

    @display(description=gettext_lazy("organisation"))
    def shown_organisation(self, obj):
        return str(obj.organisation)

    @display(description=gettext_lazy("type"))
    def shown_kind(self, obj):
        return AccountType(obj.organisation_type).label

    @display(description=gettext_lazy("attend depuis"), ordering="created_at", label=AGE_COLORS)
    def shown_age(self, obj):
        return age(obj)

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in REQUEST_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()


@admin.register(OrganisationDraft)
class OrganisationDraftAdmin(ScopedAdmin):
    """Organisations that people asked to add: the team checks and corrects them, then answers."""

    resource_classes = [
        list_resource(
            OrganisationDraft,
            "name",
            "account_type",
            "uai",
            "siret",
            "applicant",
            "commune",
            "created_at",
            "state",
            "decided_at",
            "answer",
        )
    ]
    verbs = {
        "accept": services.accept_drafts,
        "refuse": services.refuse_drafts,
        "withdraw": services.withdraw_drafts,
    }
    assess_verb = staticmethod(services.assess_drafts)
    list_display = (
        "name",
        "shown_number",
        "account_type",
        "shown_applicant",
        "shown_state",
        "shown_age",
        "decided_at",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        ("account_type", ChoicesDropdownFilter),
        ("commune", ScopedAutocompleteFilter),
        ("created_at", DaysFilter),
    )
    list_select_related = ("applicant", "commune")
    date_hierarchy = "created_at"
    search_fields = ("search_text", "applicant__search_text")
    search_help_text = gettext_lazy("Nom, UAI, SIRET ou demandeur")
    autocomplete_fields = ("commune",)
    readonly_fields = (
        "shown_applicant",
        "shown_address",
        "shown_kind",
        "shown_match",
        "message",
        "state",
        "created_at",
        "decided_at",
        "answer",
    )

    def get_fieldsets(self, request, obj=None):
        is_school = obj is not None and obj.account_type == AccountType.SCHOOL
        numbers = ("uai", "siret") if is_school else ("siret",)
        kind = ("shown_kind", "school_kind") if is_school else ("shown_kind",)
        match = ("shown_match",) if request.user.is_staff else ()
        return (
            (
                gettext_lazy("Organisme"),
                {
                    "classes": ["tab"],
                    "fields": (
                        kind,
                        "name",
                        numbers,
                        *match,
                        "address",
                        ("postcode", "commune"),
                        "phone",
                    ),
                },
            ),
            (
                gettext_lazy("Demande"),
                {
                    "classes": ["tab"],
                    "fields": (
                        ("shown_applicant", "shown_address"),
                        "message",
                        ("state", "created_at"),
                        ("decided_at", "answer"),
                    ),
                },
            ),
        )

    def say(self, request, act, outcome):
        """Also says where somebody joined an organisation that was there already."""
        super().say(request, act, outcome)
        for draft in outcome.changed:
            if getattr(draft, "existing", None):
                messages.info(
                    request,
                    _(
                        "%(organisation)s avait déjà ce numéro\u00a0: le demandeur en devient membre, aucune"
                        " fiche n’est créée."
                    )
                    % {"organisation": draft.existing},
                )

    @display(description=gettext_lazy("numéro"))
    def shown_number(self, obj):
        return obj.identifier

    @display(description=gettext_lazy("type"))
    def shown_kind(self, obj):
        return obj.get_account_type_display()

    @display(description=gettext_lazy("demandeur"), ordering="applicant__search_text")
    def shown_applicant(self, obj):
        return str(obj.applicant)

    @display(description=gettext_lazy("adresse e-mail"))
    def shown_address(self, obj):
        return obj.applicant.email

    @display(description=gettext_lazy("organisme déjà connu sous ce numéro"))
    def shown_match(self, obj):
        """The organisation that has the number by now, with the way to it."""
        found = obj.kind.known_by([obj.identifier]).first()
        if found is None:
            return _("aucun")
        opts = found._meta
        page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[found.pk])
        return format_html('<a class="underline" href="{}">{}</a>', page, found)

    @display(description=gettext_lazy("attend depuis"), ordering="created_at", label=AGE_COLORS)
    def shown_age(self, obj):
        return age(obj)

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in DRAFT_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()


def _only_for(*kinds):
    """A field of the form is shown for these types of account; members have their own type and no choice."""
    asked = " || ".join(f"account_type == '{kind}'" for kind in kinds)
    return f"typeof account_type === 'undefined' || {asked}"


@admin.register(Invitation)
class InvitationAdmin(ScopedAdmin):
    """Links by which people come in: who was invited into what, and what became of it."""

    form = InvitationForm
    # It is sent, not changed: the message says what there is to say.
    change_form_after_template = None
    add_title = gettext_lazy("Inviter quelqu’un")
    resource_classes = [
        list_resource(
            Invitation,
            "email",
            "account_type",
            "role",
            "invited_by",
            "sent_at",
            "times_sent",
            "expires_at",
            "state",
            "accepted_at",
            organisation=gettext_lazy("organisation"),
            related_to=ORGANISATION_TYPES,
        )
    ]
    verbs = {
        "accept": services.accept_invitations,
        "resend": services.resend_invitations,
        "revoke": services.revoke_invitations,
    }
    assess_verb = staticmethod(services.assess_invitations)
    list_display = (
        "email",
        "shown_organisation",
        "shown_role",
        "shown_state",
        "shown_inviter",
        "sent_at",
        "times_sent",
        "expires_at",
    )
    list_filter = (
        InvitationStateFilter,
        ("account_type", ChoicesDropdownFilter),
        OrganisationKindFilter,
        ("sent_at", DaysFilter),
    )
    list_select_related = ("invited_by", *ORGANISATION_TYPES)
    date_hierarchy = "sent_at"
    told_in_words = (*ORGANISATION_TYPES, "role", "staff_role", "accepted_by")
    search_fields = (
        "search_text",
        "invited_by__search_text",
        *(f"{kind}__search_text" for kind in ORGANISATION_TYPES),
    )
    search_help_text = gettext_lazy("Adresse e-mail, organisation ou personne qui invite")
    autocomplete_fields = ORGANISATION_TYPES
    conditional_fields = {
        **{kind.value: _only_for(kind) for kind in ORGANISATION_TYPES},
        "role": _only_for(*ORGANISATION_TYPES),
        "staff_role": _only_for(AccountType.STAFF),
    }
    readonly_fields = (
        "shown_organisation",
        "shown_role",
        "state",
        "shown_inviter",
        "shown_accepted_by",
        "sent_at",
        "times_sent",
        "expires_at",
        "accepted_at",
    )

    def get_fieldsets(self, request, obj=None):
        if obj is not None:
            fields = (
                ("email", "language"),
                ("account_type", "shown_role"),
                "shown_organisation",
                "message",
                ("state", "shown_inviter"),
                ("sent_at", "times_sent"),
                "expires_at",
                ("accepted_at", "shown_accepted_by"),
            )
        elif request.user.is_staff:
            roles = ("staff_role",) if request.user.is_administrator else ()
            fields = (
                ("email", "language"),
                "account_type",
                *roles,
                *ORGANISATION_TYPES,
                "role",
                "message",
            )
        else:
            own = [kind for kind in ORGANISATION_TYPES if kind == request.user.account_type]
            fields = (("email", "language"), *own, "role", "message")
        return ((None, {"fields": fields}),)

    def get_autocomplete_fields(self, request):
        """Members choose among their few own organisations."""
        return self.autocomplete_fields if request.user.is_staff else ()

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.user
        return form

    def get_changeform_initial_data(self, request):
        """What the page of an organisation sends along; a member of one organisation need not choose it."""
        initial = super().get_changeform_initial_data(request)
        for kind in ORGANISATION_TYPES:
            asked = str(initial.pop(kind, ""))
            chosen = self._organisations(request, kind).filter(pk=asked) if asked.isdecimal() else ()
            if found := next(iter(chosen), None):
                initial[kind] = found.pk
        own = request.user.account_type
        if own in ORGANISATION_TYPES and own not in initial:
            mine = list(self._organisations(request, own)[:2])
            if len(mine) == 1:
                initial[own] = mine[0].pk
        return initial

    @staticmethod
    def _organisations(request, kind):
        """The organisations of a kind that the person sees."""
        return Invitation._meta.get_field(kind).related_model.objects.visible_to(request.user)

    def has_add_permission(self, request):
        """People are invited in one’s own name."""
        return request.impersonator is None and super().has_add_permission(request)

    def acts(self, request):
        return [] if request.impersonator is not None else super().acts(request)

    def offers(self, request, obj, verb):
        """Who received an invitation accepts it; who sent it sends it again."""
        return (verb == "accept") == (obj.email == request.user.email) or verb == "revoke"

    def response_add(self, request, obj, post_url_continue=None):
        """Says that something left, and how long its link serves."""
        until = date_format(localdate(obj.expires_at, CAYENNE), "SHORT_DATE_FORMAT")
        text = _("Invitation envoyée à %(email)s. Le lien sert jusqu’au %(day)s.")
        messages.success(request, text % {"email": obj.email, "day": until})
        return self.response_post_save_add(request, obj)

    def save_model(self, request, obj, form, change):
        services.invite(actor=request.user, invitation=obj)

    @display(description=gettext_lazy("organisation"))
    def shown_organisation(self, obj):
        return str(obj.organisation or obj.get_account_type_display())

    @display(description=gettext_lazy("rôle"))
    def shown_role(self, obj):
        if obj.staff_role:
            return obj.get_staff_role_display()
        return obj.get_role_display() if obj.organisation_type else None

    @display(description=gettext_lazy("invité par"), ordering="invited_by__search_text")
    def shown_inviter(self, obj):
        return str(obj.invited_by)

    @display(description=gettext_lazy("acceptée par"))
    def shown_accepted_by(self, obj):
        return str(obj.accepted_by) if obj.accepted_by_id else None

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in INVITATION_COLORS.items()},
    )
    def shown_state(self, obj):
        now = timezone.now()
        return obj.state_at(now), obj.state_label_at(now)
