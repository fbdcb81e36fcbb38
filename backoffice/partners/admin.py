from django.contrib import admin
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    MultipleChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from backoffice.base.filters import ScopedAutocompleteFilter
from backoffice.base.importing import ImportableAdmin
from backoffice.base.organisations import InvitingPage, MembershipAdmin, MembershipInline
from pratik.partners import services
from pratik.partners.enums import PARTNERSHIP_COLORS, Partnership
from pratik.partners.models import (
    CompanyMembership,
    CompanyProfile,
    PartnerMembership,
    PartnerProfile,
    RecruiterMembership,
    RecruiterProfile,
)

from .resources import CompanyResource


class CompanyMembershipInline(MembershipInline):
    model = CompanyMembership


class RecruiterMembershipInline(MembershipInline):
    model = RecruiterMembership


class PartnerMembershipInline(MembershipInline):
    model = PartnerMembership


PLACE = (
    _("Coordonnées"),
    {
        "classes": ["tab"],
        "fields": (
            "address",
            "postcode",
            "commune",
            ("phone", "email"),
            "website",
            ("latitude", "longitude"),
        ),
    },
)


@admin.register(CompanyProfile)
class CompanyAdmin(InvitingPage, ImportableAdmin):
    resource_classes = [CompanyResource]
    verbs = {"mark_partner": services.mark_partners, "unmark_partner": services.unmark_partners}
    list_display = ("name", "siret", "activity", "commune", "size_band", "shown_partnership", "partner_since")
    list_filter = (
        ("partnership", MultipleChoicesDropdownFilter),
        ("activity__section", RelatedDropdownFilter),
        ("commune", ScopedAutocompleteFilter),
        ("size_band", ChoicesDropdownFilter),
        ("partner_since", RangeDateFilter),
        ("is_visible_on_partners_page", BooleanRadioFilter),
    )
    list_select_related = ("activity", "commune")
    search_help_text = _("Nom, sigle, SIRET, code postal ou adresse e-mail")
    autocomplete_fields = ("activity", "commune")
    told_apart = ("commune", "siret")
    staff_only_fields = ("siret", "partner_badge")
    inlines = (CompanyMembershipInline,)
    readonly_fields = (
        "partnership",
        "partner_since",
        "total_interns_hosted",
        "average_rating",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (
            _("Entreprise"),
            {
                "classes": ["tab"],
                "fields": (
                    ("siret", "name"),
                    "acronym",
                    ("size_band", "headcount"),
                    "activity",
                    "description",
                    ("logo", "created_on"),
                ),
            },
        ),
        PLACE,
        (
            _("Partenariat"),
            {
                "classes": ["tab"],
                "fields": (
                    ("partnership", "partner_since"),
                    ("is_visible_on_partners_page", "partner_badge"),
                    ("total_interns_hosted", "average_rating"),
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )

    # A new company is no partner yet.
    add_fieldsets = fieldsets[:2]

    @display(
        description=_("partenariat"),
        ordering="partnership",
        label={str(state): color for state, color in PARTNERSHIP_COLORS.items()},
    )
    def shown_partnership(self, obj):
        return obj.partnership, obj.get_partnership_display()

    def totals(self, rows):
        found = rows.order_by().aggregate(
            companies=Count("pk"),
            partners=Count("pk", filter=Q(partnership=Partnership.PARTNER)),
            communes=Count("commune", distinct=True),
        )
        companies, partners, communes = found["companies"], found["partners"], found["communes"]
        return [
            (companies, ngettext("entreprise", "entreprises", companies)),
            (partners, ngettext("partenaire", "partenaires", partners)),
            (communes, ngettext("commune", "communes", communes)),
        ]

    def view_on_site_path(self, obj):
        return obj.get_absolute_url() if obj.is_public else None


@admin.register(RecruiterProfile)
class RecruiterAdmin(InvitingPage, ScopedAdmin):
    resource_classes = [list_resource(RecruiterProfile, "siret", "name", "commune", "email", "phone")]
    list_display = ("name", "siret", "commune", "email", "total_placements")
    list_filter = (("commune", ScopedAutocompleteFilter),)
    list_select_related = ("commune",)
    autocomplete_fields = ("commune",)
    staff_only_fields = ("siret",)
    readonly_fields = ("total_placements",)
    inlines = (RecruiterMembershipInline,)
    fieldsets = (
        (
            _("Cabinet"),
            {
                "classes": ["tab"],
                "fields": (("siret", "name"), "description", "specialities", ("logo", "total_placements")),
            },
        ),
        PLACE,
    )


@admin.register(PartnerProfile)
class PartnerAdmin(InvitingPage, ScopedAdmin):
    resource_classes = [
        list_resource(PartnerProfile, "siret", "name", "institution_kind", "commune", "email", "phone")
    ]
    list_display = ("name", "institution_kind", "commune", "agreement_start_on", "agreement_end_on")
    list_filter = (("institution_kind", ChoicesDropdownFilter), ("commune", ScopedAutocompleteFilter))
    list_select_related = ("commune",)
    autocomplete_fields = ("commune",)
    staff_only_fields = ("siret", "agreement_start_on", "agreement_end_on")
    inlines = (PartnerMembershipInline,)
    fieldsets = (
        (
            _("Institution"),
            {
                "classes": ["tab"],
                "fields": (
                    ("siret", "name"),
                    "institution_kind",
                    "mission",
                    "description",
                    ("agreement_start_on", "agreement_end_on"),
                    "logo",
                ),
            },
        ),
        PLACE,
    )


@admin.register(CompanyMembership)
class CompanyMembershipAdmin(MembershipAdmin):
    resource_classes = [list_resource(CompanyMembership, "organisation", "user", "role", "is_active")]


@admin.register(RecruiterMembership)
class RecruiterMembershipAdmin(MembershipAdmin):
    resource_classes = [list_resource(RecruiterMembership, "organisation", "user", "role", "is_active")]


@admin.register(PartnerMembership)
class PartnerMembershipAdmin(MembershipAdmin):
    resource_classes = [list_resource(PartnerMembership, "organisation", "user", "role", "is_active")]
