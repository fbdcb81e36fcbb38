from django.contrib import admin
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    MultipleChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display

from backoffice.base.display import figure_column
from backoffice.base.filters import SchoolYearFilter, ScopedAutocompleteFilter, blank_filter
from backoffice.base.importing import ImportableAdmin
from pratik.calendars import services
from pratik.calendars.enums import CALENDAR_COLORS, CalendarState
from pratik.calendars.models import LONGEST, InternshipCalendar

from .forms import CalendarForm
from .resources import CalendarResource


@admin.register(InternshipCalendar)
class InternshipCalendarAdmin(ImportableAdmin):
    form = CalendarForm
    resource_classes = [CalendarResource]
    verbs = {
        "publish": services.publish_calendars,
        "withdraw": services.withdraw_calendars,
        "archive": services.archive_calendars,
    }
    assess_verb = staticmethod(services.assess_calendars)
    list_display = (
        "program_name",
        "school",
        "shown_level",
        "start_on",
        "end_on",
        "weeks",
        figure_column("number_of_students", _("effectif")),
        "shown_state",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        ("school", ScopedAutocompleteFilter),
        ("level", MultipleChoicesDropdownFilter),
        ("school__commune", ScopedAutocompleteFilter),
        SchoolYearFilter,
        ("start_on", RangeDateFilter),
        ("end_on", RangeDateFilter),
        blank_filter(
            "program_manager", _("responsable"), blank=_("Sans responsable"), filled=_("Avec un responsable")
        ),
        ("is_visible_to_companies", BooleanRadioFilter),
    )
    list_select_related = ("school",)
    date_hierarchy = "start_on"
    told_in_words = ("diploma", "year_in_cycle")
    search_fields = ("search_text", "school__search_text")
    search_help_text = _("Filière, compétence, établissement ou UAI")
    autocomplete_fields = ("school", "program_manager")
    readonly_fields = ("state", "shown_school_year", "published_at", "created_at", "updated_at")
    fieldsets = (
        (
            _("Stage"),
            {
                "classes": ["tab"],
                "fields": (
                    "school",
                    "program_manager",
                    "program_name",
                    ("level_text", "number_of_students"),
                    ("start_on", "end_on"),
                    "is_visible_to_companies",
                ),
            },
        ),
        (_("Pour les entreprises"), {"classes": ["tab"], "fields": ("skills_sought", "description")}),
        (
            _("Suivi"),
            {
                "classes": ["tab"],
                "fields": (
                    ("state", "published_at"),
                    "shown_school_year",
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )

    # A new calendar has nothing to follow yet.
    add_fieldsets = fieldsets[:2]

    @display(description=_("état"), ordering="state", label={str(s): c for s, c in CALENDAR_COLORS.items()})
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=_("niveau"), ordering="level")
    def shown_level(self, obj):
        return obj.level_label

    @display(description=_("niveau"))
    def level_text(self, obj):
        """The level on a page that is read only, in place of its box."""
        return obj.level_label

    @display(description=_("semaines"))
    def weeks(self, obj):
        return obj.number_of_weeks

    @display(description=_("année scolaire"))
    def shown_school_year(self, obj):
        return obj.school_year_label

    def done_with(self, today):
        # No placement is longer than a year, so that the list begins a year ago at the earliest.
        over = Q(end_on__lt=today) | Q(start_on__lt=today - LONGEST)
        return Q(state=CalendarState.ARCHIVED) | over

    def totals(self, rows):
        found = rows.order_by().aggregate(
            calendars=Count("pk"),
            students=Sum("number_of_students", default=0),
            schools=Count("school", distinct=True),
        )
        calendars, students, schools = found["calendars"], found["students"], found["schools"]
        return [
            (calendars, ngettext("calendrier", "calendriers", calendars)),
            (students, ngettext("élève ou étudiant", "élèves et étudiants", students)),
            (schools, ngettext("établissement", "établissements", schools)),
        ]

    def get_changeform_initial_data(self, request):
        """A member of one school need not choose it."""
        initial = super().get_changeform_initial_data(request)
        own = list(InternshipCalendar.school.field.related_model.objects.editable_by(request.user)[:2])
        return {"school": own[0].pk, **initial} if len(own) == 1 else initial

    def view_on_site_path(self, obj):
        return obj.get_absolute_url() if obj.is_public else None
