from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    MultipleChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display
from unfold.enums import ActionVariant

from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import text_of
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter
from backoffice.base.organisations import InvitingList
from pratik.accounts.enums import ACCOUNT_COLORS, VERIFICATION_COLORS, AccountType
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.accounts.workflow import CHECKERS
from pratik.security.rules import impersonation_refusal
from pratik.verification.services import assess_accounts, revoke_verifications, verify_accounts

from .forms import AccountForm, StudentProfileForm

admin.site.unregister(Group)
# What the sign-in keeps (secrets of second factors, open sessions) is its owner's alone.
for model in (Authenticator, EmailAddress, UserSession):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(InvitingList, ScopedAdmin):
    form = AccountForm
    resource_classes = [
        list_resource(
            User,
            "email",
            "first_name",
            "last_name",
            "account_type",
            "staff_role",
            "phone",
            "verification",
            "is_active",
            "created_at",
            "last_login",
        )
    ]
    verbs = {"verify": verify_accounts, "revoke": revoke_verifications}
    assess_verb = staticmethod(assess_accounts)
    list_display = (
        "email",
        "full_name",
        "shown_type",
        "staff_role",
        "shown_verification",
        "is_active",
        "last_login",
    )
    list_filter = (
        ("account_type", MultipleChoicesDropdownFilter),
        ("staff_role", ChoicesDropdownFilter),
        ("verification", ChoicesDropdownFilter),
        ("is_active", BooleanRadioFilter),
        ("created_at", DaysFilter),
    )
    date_hierarchy = "created_at"
    search_help_text = _("Nom ou adresse e-mail")
    staff_only_fields = ("email", "account_type", "staff_role", "is_active")
    readonly_fields = (
        "verification",
        "verified_at",
        "verified_by",
        "verified_until",
        "last_login",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (
            _("Personne"),
            {
                "classes": ["tab"],
                "fields": (
                    "email",
                    ("first_name", "last_name"),
                    ("phone", "language"),
                    ("wants_email", "avatar"),
                ),
            },
        ),
        (
            _("Accès"),
            {
                "classes": ["tab"],
                "fields": (
                    ("account_type", "staff_role"),
                    "is_active",
                    "verification",
                    ("verified_at", "verified_by", "verified_until"),
                    "last_login",
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).people()

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.actor = request.user
        return form

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        if request.impersonator is not None:
            return (*fields, "account_type", "staff_role", "email", "is_active")
        if request.user.is_administrator:
            return fields
        return (*fields, "account_type", "staff_role", "email")

    def acts(self, request):
        """Whether people were verified is said in one's own name."""
        return [] if request.impersonator is not None else super().acts(request)

    def buttons(self, request, obj):
        """With those of the workflow, the way to the account's papers for those who check them, and what an
        administrator does for a person: acting in their name, and letting in somebody who lost their second
        factor.
        """
        buttons = super().buttons(request, obj)
        mine = obj.pk == request.user.pk or request.impersonator is not None
        if request.user.role in CHECKERS and not obj.is_staff and request.impersonator is None:
            buttons.append(
                {
                    "title": _("Pièces justificatives"),
                    "icon": "folder_shared",
                    "variant": ActionVariant.DEFAULT,
                    "path": reverse("admin:verification_papers_of", args=[obj.pk]),
                }
            )
        if request.user.is_administrator and not mine and obj.authenticator_set.exists():
            buttons.append(
                {
                    "title": _("Retirer le second facteur"),
                    "icon": "phonelink_erase",
                    "variant": ActionVariant.DANGER,
                    "path": reverse("access:take_second_factor_away", args=[obj.pk]),
                }
            )
        if impersonation_refusal(administrator=request.user, target=obj) is None:
            buttons.append(
                {
                    "title": _("Agir en son nom"),
                    "icon": "supervised_user_circle",
                    "variant": ActionVariant.DEFAULT,
                    "path": reverse("access:act_for", args=[obj.pk]),
                }
            )
        return buttons

    @display(description=_("nom"), ordering="last_name")
    def full_name(self, obj):
        return obj.get_full_name() or "–"

    @display(
        description=_("type"),
        ordering="account_type",
        label={str(kind): ACCOUNT_COLORS.get(kind, "default") for kind in AccountType},
    )
    def shown_type(self, obj):
        return obj.account_type, obj.get_account_type_display()

    @display(
        description=_("vérification"),
        ordering="verification",
        label={str(state): color for state, color in VERIFICATION_COLORS.items()},
    )
    def shown_verification(self, obj):
        return obj.verification, obj.get_verification_display()


class PersonalProfileAdmin(ScopedAdmin):
    """The profile of one person, which that person keeps too."""

    list_select_related = ("user", "commune")
    search_fields = ("user__search_text",)
    autocomplete_fields = ("user", "commune")
    staff_only_fields = ("user",)


@admin.register(StudentProfile)
class StudentProfileAdmin(PersonalProfileAdmin):
    told_in_words = ("diploma", "year_in_cycle")
    form = StudentProfileForm
    resource_classes = [
        list_resource(StudentProfile, "user", "diploma", "year_in_cycle", "domain", "status", "commune")
    ]
    list_display = ("user", "shown_level", "domain", "status", "commune", "is_public")
    list_filter = (
        ("level", ChoicesDropdownFilter),
        ("status", MultipleChoicesDropdownFilter),
        ("commune", ScopedAutocompleteFilter),
        ("is_public", BooleanRadioFilter),
    )
    fieldsets = (
        (
            _("Études"),
            {"classes": ["tab"], "fields": ("user", ("level_text", "domain"), "status", "skills", "bio")},
        ),
        (
            _("Personne"),
            {"classes": ["tab"], "fields": (("commune", "born_on"), "is_public")},
        ),
    )

    def get_fieldsets(self, request, obj=None):
        """A birth date that an internship rests on is read, with whom to ask."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.reserved_fields(request.user):
            return fieldsets
        studies, (name, options) = fieldsets
        return studies, (name, {**options, "fields": (("commune", "settled_birth"), "is_public")})

    def get_readonly_fields(self, request, obj=None):
        return (*super().get_readonly_fields(request, obj), "settled_birth")

    @display(description=_("niveau"), ordering="level")
    def shown_level(self, obj):
        return obj.level_label

    level_text = shown_level

    @display(description=_("date de naissance"))
    def settled_birth(self, obj):
        return gettext(
            "%(day)s. Un stage repose sur cette date : si elle est fausse, demandez à l’équipe PRATIK de la"
            " corriger."
        ) % {"day": text_of(obj.born_on)}


@admin.register(LandlordProfile)
class LandlordProfileAdmin(PersonalProfileAdmin):
    resource_classes = [
        list_resource(LandlordProfile, "user", "lodging_kind", "commune", "number_of_lodgings")
    ]
    list_display = ("user", "lodging_kind", "commune", "number_of_lodgings")
    list_filter = (("lodging_kind", ChoicesDropdownFilter), ("commune", ScopedAutocompleteFilter))
    fields = (
        "user",
        ("lodging_kind", "number_of_lodgings"),
        "address",
        "commune",
        "description",
    )


@admin.register(DriverProfile)
class DriverProfileAdmin(PersonalProfileAdmin):
    resource_classes = [list_resource(DriverProfile, "user", "vehicle", "seats", "commune")]
    list_display = ("user", "vehicle", "seats", "commune", "licence_expires_on")
    list_filter = (("commune", ScopedAutocompleteFilter), ("licence_expires_on", RangeDateFilter))
    fields = (
        "user",
        ("vehicle", "registration_number"),
        ("licence_number", "licence_expires_on"),
        ("seats", "commune"),
    )
