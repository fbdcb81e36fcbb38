from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin, ScopedTabularInline
from backoffice.base.exports import list_resource
from backoffice.base.filters import SchoolYearFilter, ScopedAutocompleteFilter
from pratik.reference.models import (
    Activity,
    ActivitySection,
    Commune,
    Postcode,
    PublicHoliday,
    SchoolHoliday,
)
from pratik.reference.school_years import school_year_label


class PostcodeInline(ScopedTabularInline):
    model = Postcode
    fields = ("code", "is_cedex")


@admin.register(Commune)
class CommuneAdmin(ScopedAdmin):
    resource_classes = [
        list_resource(Commune, "insee_code", "name", "arrondissement", "population", "latitude", "longitude")
    ]
    list_display = ("name", "insee_code", "population", "arrondissement")
    fields = ("insee_code", "name", ("arrondissement", "population"), ("latitude", "longitude"))
    inlines = (PostcodeInline,)


@admin.register(Postcode)
class PostcodeAdmin(ScopedAdmin):
    resource_classes = [list_resource(Postcode, "code", "commune", "is_cedex")]
    list_display = ("code", "commune", "is_cedex")
    list_filter = (("commune", ScopedAutocompleteFilter), ("is_cedex", BooleanRadioFilter))
    list_select_related = ("commune",)
    search_fields = ("code", "commune__search_text")
    autocomplete_fields = ("commune",)
    fields = ("code", "commune", "is_cedex")


@admin.register(ActivitySection)
class ActivitySectionAdmin(ScopedAdmin):
    resource_classes = [list_resource(ActivitySection, "code", "label")]
    list_display = ("code", "label")
    fields = ("code", "label")


@admin.register(Activity)
class ActivityAdmin(ScopedAdmin):
    resource_classes = [list_resource(Activity, "code", "label", "section")]
    list_display = ("code", "label", "section")
    list_filter = (("section", RelatedDropdownFilter),)
    list_select_related = ("section",)
    autocomplete_fields = ("section",)
    fields = ("code", "label", "section")


@admin.register(PublicHoliday)
class PublicHolidayAdmin(ScopedAdmin):
    resource_classes = [list_resource(PublicHoliday, "day", "name")]
    list_display = ("day", "name")
    date_hierarchy = "day"
    fields = ("day", "name")


@admin.register(SchoolHoliday)
class SchoolHolidayAdmin(ScopedAdmin):
    resource_classes = [
        list_resource(SchoolHoliday, "school_year", "name", "population", "start_on", "end_on", "is_assumed")
    ]
    list_display = ("name", "shown_year", "population", "start_on", "end_on", "is_assumed")
    list_filter = (SchoolYearFilter, ("is_assumed", BooleanRadioFilter))
    date_hierarchy = "start_on"
    fields = ("name", ("school_year", "population"), ("start_on", "end_on"), "is_assumed")

    @display(description=_("année scolaire"), ordering="school_year")
    def shown_year(self, obj):
        return school_year_label(obj.school_year)
