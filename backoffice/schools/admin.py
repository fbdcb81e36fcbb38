from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    MultipleChoicesDropdownFilter,
)
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin, ScopedTabularInline
from backoffice.base.display import figure_column
from backoffice.base.exports import list_resource
from backoffice.base.filters import ScopedAutocompleteFilter
from backoffice.base.importing import ImportableAdmin
from backoffice.base.organisations import InvitingPage, MembershipAdmin, MembershipInline
from pratik.schools.models import (
    ProgramManager,
    SchoolMembership,
    SchoolProfile,
    TrainingCenterMembership,
    TrainingCenterProfile,
)

from .enrolments import StudentEnrolmentAdmin
from .resources import ProgramManagerResource, SchoolResource

__all__ = ["StudentEnrolmentAdmin"]
PROGRAMS_SHOWN = 2


class ProgramManagerInline(ScopedTabularInline):
    model = ProgramManager
    fields = ("title", "first_name", "last_name", "email", "phone", "is_active")
    ordering = ("sort_name",)


class SchoolMembershipInline(MembershipInline):
    model = SchoolMembership


@admin.register(SchoolProfile)
class SchoolAdmin(InvitingPage, ImportableAdmin):
    resource_classes = [SchoolResource]
    list_display = (
        "name",
        "uai",
        "kind",
        "sector",
        "commune",
        figure_column("number_of_students", _("effectif")),
        "managers",
        "is_visible",
    )
    list_filter = (
        ("kind", MultipleChoicesDropdownFilter),
        ("sector", ChoicesDropdownFilter),
        ("commune", ScopedAutocompleteFilter),
        ("has_vocational_track", BooleanRadioFilter),
        ("is_visible", BooleanRadioFilter),
    )
    list_select_related = ("commune",)
    search_help_text = _("Nom, UAI, SIRET, code postal ou adresse e-mail")
    autocomplete_fields = ("commune",)
    told_apart = ("commune", "uai")
    staff_only_fields = ("uai", "name", "kind", "sector", "siret", "is_visible", "opened_on")
    inlines = (ProgramManagerInline, SchoolMembershipInline)
    readonly_fields = ("created_at", "updated_at")
    fieldsets = (
        (
            _("Établissement"),
            {
                "classes": ["tab"],
                "fields": (
                    ("uai", "name"),
                    ("kind", "sector"),
                    ("siret", "number_of_students"),
                    "description",
                    ("logo", "is_visible"),
                ),
            },
        ),
        (
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
        ),
        (
            _("Formations"),
            {
                "classes": ["tab"],
                "fields": (
                    ("has_general_track", "has_technological_track"),
                    ("has_vocational_track", "has_apprenticeship"),
                    ("has_higher_education", "opened_on"),
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )

    def get_queryset(self, request):
        managers = (
            ProgramManager.objects.filter(school=OuterRef("pk"), is_active=True)
            .order_by()
            .values("school")
            .annotate(number=Count("pk"))
            .values("number")
        )
        return super().get_queryset(request).annotate(manager_count=Subquery(managers))

    @display(description=_("responsables"), ordering="manager_count")
    def managers(self, obj):
        return obj.manager_count or 0

    def totals(self, rows):
        found = rows.order_by().aggregate(schools=Count("pk"), students=Sum("number_of_students", default=0))
        schools, students = found["schools"], found["students"]
        return [
            (schools, ngettext("établissement", "établissements", schools)),
            (students, ngettext("élève ou étudiant", "élèves et étudiants", students)),
        ]

    def view_on_site_path(self, obj):
        return obj.get_absolute_url() if obj.is_visible else None


@admin.register(ProgramManager)
class ProgramManagerAdmin(ImportableAdmin):
    resource_classes = [ProgramManagerResource]
    list_display = ("shown_name", "school", "email", "phone", "shown_programs", "is_active")
    list_editable = ("email", "phone", "is_active")
    list_filter = (
        ("school", ScopedAutocompleteFilter),
        ("school__commune", ScopedAutocompleteFilter),
        ("is_active", BooleanRadioFilter),
    )
    list_select_related = ("school",)
    search_fields = ("search_text", "school__search_text")
    search_help_text = _("Nom, adresse e-mail, filière ou établissement")
    autocomplete_fields = ("school", "user")
    staff_only_fields = ("user",)
    readonly_fields = ("created_at", "updated_at")
    fieldsets = (
        (
            _("Personne"),
            {
                "classes": ["tab"],
                "fields": (
                    "school",
                    "title",
                    ("first_name", "last_name"),
                    ("email", "phone"),
                    ("office_hours", "is_active"),
                ),
            },
        ),
        (
            _("Filières"),
            {"classes": ["tab"], "fields": ("programs", "user", ("created_at", "updated_at"))},
        ),
    )

    @display(description=_("nom"), ordering="sort_name")
    def shown_name(self, obj):
        return str(obj)

    @display(description=_("filières"))
    def shown_programs(self, obj):
        shown = " | ".join(obj.programs[:PROGRAMS_SHOWN])
        more = len(obj.programs) - PROGRAMS_SHOWN
        if more <= 0:
            return shown
        return ngettext("%(shown)s et %(more)d autre", "%(shown)s et %(more)d autres", more) % {
            "shown": shown,
            "more": more,
        }

    def get_changeform_initial_data(self, request):
        """A member of one school need not choose it."""
        initial = super().get_changeform_initial_data(request)
        own = list(SchoolProfile.objects.editable_by(request.user)[:2])
        return {"school": own[0].pk, **initial} if len(own) == 1 else initial


class TrainingCenterMembershipInline(MembershipInline):
    model = TrainingCenterMembership


@admin.register(TrainingCenterProfile)
class TrainingCenterAdmin(InvitingPage, ScopedAdmin):
    resource_classes = [
        list_resource(
            TrainingCenterProfile,
            "siret",
            "name",
            "commune",
            "email",
            "phone",
            "is_qualiopi_certified",
            "certified_until",
        )
    ]
    list_display = ("name", "siret", "commune", "is_qualiopi_certified", "certified_until")
    list_filter = (("commune", ScopedAutocompleteFilter), ("is_qualiopi_certified", BooleanRadioFilter))
    list_select_related = ("commune",)
    autocomplete_fields = ("commune",)
    staff_only_fields = ("siret", "is_qualiopi_certified", "certification_number", "certified_until")
    inlines = (TrainingCenterMembershipInline,)
    fieldsets = (
        (
            _("Centre"),
            {
                "classes": ["tab"],
                "fields": (("siret", "name"), "description", "specialities", "logo"),
            },
        ),
        (
            _("Coordonnées"),
            {
                "classes": ["tab"],
                "fields": ("address", "postcode", "commune", ("phone", "email"), "website"),
            },
        ),
        (
            _("Certification"),
            {
                "classes": ["tab"],
                "fields": (
                    "activity_declaration_number",
                    "is_qualiopi_certified",
                    ("certification_number", "certified_until"),
                ),
            },
        ),
    )


@admin.register(SchoolMembership)
class SchoolMembershipAdmin(MembershipAdmin):
    resource_classes = [list_resource(SchoolMembership, "organisation", "user", "role", "is_active")]


@admin.register(TrainingCenterMembership)
class TrainingCenterMembershipAdmin(MembershipAdmin):
    resource_classes = [list_resource(TrainingCenterMembership, "organisation", "user", "role", "is_active")]
