from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import schools_with_public_calendars
from pratik.core.calendar import today
from pratik.reference.models import SchoolHoliday

from .. import feeds
from ..drawing import Timeline
from ..forms import CalendarFilters
from ..kept import kept
from ..shown import CALENDARS
from .paging import page_of

PER_PAGE = 30
OTHERS = 6


def _shown():
    return InternshipCalendar.objects.public().select_related("school__commune")


@require_safe
@kept(CALENDARS, CalendarFilters.words_of_address("page", "vue"))
def calendar_list(request):
    """Placements, as a list or as a timeline by week."""
    now = today()
    filters = CalendarFilters(request.GET)
    page = page_of(request, filters.narrow(_shown(), now), PER_PAGE)
    as_timeline = request.GET.get("vue") == "frise"
    context = {
        "filters": filters,
        "page": page,
        "query": "&".join(filter(None, (filters.query, "vue=frise" if as_timeline else ""))),
        "as_timeline": as_timeline,
        "today": now,
        "timeline": _timeline(list(page), now) if as_timeline and page.object_list else None,
    }
    return render(request, "public/calendars.html", context)


def _timeline(calendars, now):
    timeline = Timeline(calendars, now)
    axis = timeline.axis
    return timeline.shade(SchoolHoliday.objects.for_pupils().touching(axis.first, axis.last))


@require_safe
@kept(CALENDARS)
def calendar_page(request, pk, slug):
    """One placement. Its address follows its name: an old one leads to the right one."""
    calendar = get_object_or_404(_shown().select_related("program_manager"), pk=pk)
    if request.path != calendar.get_absolute_url():
        return redirect(calendar.get_absolute_url(), permanent=True)
    now = today()
    others = list(_shown().filter(school=calendar.school).not_over(now).exclude(pk=calendar.pk)[:OTHERS])
    together = sorted([calendar, *others], key=lambda row: (row.start_on, row.program_key))
    manager = calendar.program_manager
    context = {
        "calendar": calendar,
        "manager": manager if manager and manager.is_active else None,
        "others": others,
        "timeline": _timeline(together, now) if others else None,
        "today": now,
    }
    return render(request, "public/calendar.html", context)


@require_safe
@kept(CALENDARS)
def calendar_event(request, pk):
    """One placement as a file for a diary."""
    return feeds.event_response(get_object_or_404(_shown(), pk=pk))


@require_safe
@kept(CALENDARS, CalendarFilters.words_of_address())
def calendar_feed(request):
    """The placements of the list, with the same filters, for a diary that follows them."""
    filters = CalendarFilters(request.GET)
    return feeds.feed_response(
        filters.narrow(_shown(), today()), name=lambda: _("PRATIK\u00a0: stages en Guyane")
    )


@require_safe
@kept(CALENDARS)
def school_feed(request, uai):
    """The placements of one school, for a diary that follows them."""
    school = schools_with_public_calendars().filter(uai=uai.upper()).first()
    if school is None:
        raise Http404
    return feeds.feed_response(
        _shown().filter(school=school).not_over(today()),
        name=lambda: _("PRATIK\u00a0: stages, %(school)s") % {"school": school.name},
    )
