"""Answers about calendars that are not rows of calendars."""

import datetime

from django.db.models import Count, Max, Sum

from pratik.core.calendar import weeks_between
from pratik.schools.models import SchoolProfile

from .models import LEVELS, InternshipCalendar


def schools_with_public_calendars():
    """Schools of which visitors see at least one calendar, with their communes."""
    shown = InternshipCalendar.objects.public().order_by().values("school")
    return SchoolProfile.objects.public().filter(pk__in=shown).select_related("commune")


def levels_of_public_calendars():
    """The levels that visitors meet, lowest first: [(level, name)]."""
    met = set(InternshipCalendar.objects.public().order_by().values_list("level", flat=True).distinct())
    return [(level, name) for level, name in LEVELS if level in met]


def students_by_week(calendars, first, last):
    """How many students are out on placement in each ISO week of a stretch of days: [(Monday, number)].

    A placement counts in full in each week that it touches.
    """
    mondays = weeks_between(first, last)
    totals = dict.fromkeys(mondays, 0)
    end = mondays[-1] + datetime.timedelta(days=6)
    periods = (
        calendars.touching(mondays[0], end)
        .order_by()
        .values_list("start_on", "end_on")
        .annotate(students=Sum("number_of_students"))
    )
    for start_on, end_on, students in periods:
        for monday in weeks_between(max(start_on, mondays[0]), min(end_on, end)):
            totals[monday] += students
    return list(totals.items())


def latest_change():
    """When a calendar or a school last changed, whatever is shown of it, and how many calendars there are.

    What leaves the site changes too, so a copy made after this moment is still right. (None, 0) when there
    is no calendar yet.
    """
    calendars = InternshipCalendar.objects.order_by().aggregate(changed=Max("updated_at"), number=Count("pk"))
    schools = SchoolProfile.objects.order_by().aggregate(changed=Max("updated_at"))
    moments = [moment for moment in (calendars["changed"], schools["changed"]) if moment]
    return max(moments, default=None), calendars["number"]
