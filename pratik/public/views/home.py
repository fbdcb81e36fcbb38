import datetime

from django.shortcuts import render
from django.views.decorators.http import require_safe

from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import students_by_week
from pratik.core.calendar import today
from pratik.partners.models import CompanyProfile
from pratik.partners.reports import public_partners_by_sector
from pratik.reference.models import SchoolHoliday

from ..drawing import WeeklyBars
from ..kept import kept
from ..shown import CALENDARS, PARTNERS

NEXT_STARTS = 6
WEEKS_DRAWN = 30
SECTORS_SHOWN = 8


@require_safe
@kept(CALENDARS | PARTNERS)
def home(request):
    """What PRATIK is, three figures, the weeks to come, the next placements and the partners' sectors."""
    now = today()
    coming = InternshipCalendar.objects.public().not_over(now)
    last = now + datetime.timedelta(weeks=WEEKS_DRAWN - 1)
    holidays = SchoolHoliday.objects.for_pupils().touching(now, last)
    sectors = public_partners_by_sector()
    context = {
        "today": now,
        "calendars": coming.count(),
        "schools": coming.order_by().values("school").distinct().count(),
        "partners": CompanyProfile.objects.public().count(),
        "weeks": WeeklyBars(students_by_week(coming, now, last), holidays),
        "next_starts": coming.filter(start_on__gte=now).select_related("school__commune")[:NEXT_STARTS],
        "sectors": sectors[:SECTORS_SHOWN],
        "largest_sector": sectors[0]["number"] if sectors else 0,
    }
    return render(request, "public/home.html", context)
