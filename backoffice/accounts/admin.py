from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    MultipleChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from backoffice.base.filters import ScopedAutocompleteFilter
from pratik.accounts import services
from pratik.accounts.enums import ACCOUNT_COLORS, VERIFICATION_COLORS, AccountType
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User

from .forms import AccountForm, NewAccountForm, StudentProfileForm

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(ScopedAdmin):
    form = AccountForm
    add_form = NewAccountForm
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
    verbs = {"verify": services.verify_accounts, "revoke": services.revoke_verifications}
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
        ("created_at", RangeDateFilter),
    )
    date_hierarchy = "created_at"
    search_help_text = _("Nom ou adresse e-mail")
    staff_only_fields = ("email", "account_type", "staff_role", "is_active")
    readonly_fields = (
        "verification",
        "verified_at",
        "verified_by",
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
                    ("verified_at", "verified_by"),
                    "last_login",
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "email",
                    ("first_name", "last_name"),
                    ("account_type", "staff_role"),
                    ("phone", "language"),
                    "password1",
                )
            },
        ),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).people()

    def get_form(self, request, obj=None, **kwargs):
        kwargs["form"] = self.form if obj else self.add_form
        form = super().get_form(request, obj, **kwargs)
        form.actor = request.user
        return form

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        if obj is None or request.user.is_administrator:
            return fields
        return (*fields, "account_type", "staff_role", "email")

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            return
        if obj.account_type == AccountType.STAFF and not request.user.is_administrator:
            raise PermissionDenied
        services.open_account(actor=request.user, user=obj, password=form.cleaned_data["password1"] or None)

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

    @display(description=_("niveau"), ordering="level")
    def shown_level(self, obj):
        return obj.level_label

    level_text = shown_level


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
