"""The drawing of the students on placement week by week, as whole numbers for the template's SVG."""

import datetime
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.display import grouped
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import students_by_week_and_state
from pratik.core.calendar import weeks_between
from pratik.reference.models import SchoolHoliday

from .parts import day, list_url

WEEKS_BEFORE = 1
WEEKS_AFTER = 20
WEEK = datetime.timedelta(weeks=1)
# The states that mean that students will be, or may be, out.
STATES = (CalendarState.PUBLISHED, CalendarState.DRAFT)


@dataclass(frozen=True)
class Column:
    """One ISO week: how many students, where its bars stand, and the way to its calendars."""

    monday: datetime.date
    published: int
    draft: int
    x: int
    middle: int
    published_y: int
    published_height: int
    draft_y: int
    draft_height: int
    is_current: bool
    holiday: str

    @property
    def total(self):
        return self.published + self.draft

    @property
    def total_y(self):
        """Where the week's number of students stands: above its bars."""
        return min(self.published_y, self.draft_y) - 5

    @property
    def sunday(self):
        return self.monday + datetime.timedelta(days=6)

    @property
    def number(self):
        return self.monday.isocalendar().week

    @property
    def url(self):
        return self.url_of(*STATES)

    @property
    def published_url(self):
        return self.url_of(CalendarState.PUBLISHED)

    @property
    def draft_url(self):
        return self.url_of(CalendarState.DRAFT)

    def url_of(self, *states):
        """The list of the calendars in these states that touch the week."""
        return list_url(
            InternshipCalendar,
            state__exact=[str(state) for state in states],
            start_on_to=self.sunday,
            end_on_from=self.monday,
        )

    @property
    def label(self):
        """The week in one sentence, for whoever points at it or hears it read."""
        told = _(
            "Semaine %(week)d, du %(start)s au %(end)s\u00a0: %(published)s en stage publié,"
            " %(draft)s en brouillon."
        ) % {
            "week": self.number,
            "start": day(self.monday),
            "end": day(self.sunday),
            "published": ngettext("%(number)s élève", "%(number)s élèves", self.published)
            % {"number": grouped(self.published)},
            "draft": grouped(self.draft),
        }
        return f"{told} {self.holiday}." if self.holiday else told


@dataclass(frozen=True)
class Stretch:
    """A stretch of the axis with its name: a month, or school holidays."""

    x: int
    width: int
    name: str


class WeekChart:
    """Students on placement from last week to twenty weeks ahead, published below and drafts on top."""

    day_width = 5
    left = 52
    right = 8
    top = 30
    bars_height = 170
    gap = 6
    footing = 46

    def __init__(self, user, today):
        first = today - datetime.timedelta(days=today.weekday()) - WEEKS_BEFORE * WEEK
        self.mondays = weeks_between(first, first + (WEEKS_BEFORE + WEEKS_AFTER) * WEEK)
        self.first, self.last = first, self.mondays[-1] + datetime.timedelta(days=6)
        calendars = InternshipCalendar.objects.visible_to(user)
        weeks = students_by_week_and_state(calendars, self.first, self.last, STATES)
        published, drafts = (dict(weeks[state]) for state in STATES)
        holidays = list(SchoolHoliday.objects.for_pupils().touching(self.first, self.last))
        self.has_assumed_holidays = any(holiday.is_assumed for holiday in holidays)
        self.holidays = [
            self._stretch(holiday.start_on, holiday.end_on, holiday.name) for holiday in holidays
        ]
        self.peak = max(published[monday] + drafts[monday] for monday in self.mondays)
        self.step = _round_step(self.peak)
        self.columns = [
            self._column(monday, published[monday], drafts[monday], holidays, today)
            for monday in self.mondays
        ]

    def _column(self, monday, published, draft, holidays, today):
        sunday = monday + datetime.timedelta(days=6)
        x = self._position(monday) + self.gap // 2
        published_y = self.floor - self._height(published)
        return Column(
            monday=monday,
            published=published,
            draft=draft,
            x=x,
            middle=x + self.bar_width // 2,
            published_y=published_y,
            published_height=self._height(published),
            draft_y=published_y - self._height(draft),
            draft_height=self._height(draft),
            is_current=monday <= today <= sunday,
            holiday=", ".join(
                row.name for row in holidays if row.start_on <= sunday and row.end_on >= monday
            ),
        )

    def _height(self, number):
        # A week with a single student is still to be seen.
        return max(2, round(number * self.bars_height / (4 * self.step))) if number else 0

    def _position(self, date):
        shown = min(max(date, self.first), self.last + datetime.timedelta(days=1))
        return self.left + (shown - self.first).days * self.day_width

    def _stretch(self, start, end, name):
        x = self._position(start)
        return Stretch(x, self._position(end + datetime.timedelta(days=1)) - x, name)

    @property
    def is_empty(self):
        return not self.peak

    @property
    def bar_width(self):
        return 7 * self.day_width - self.gap

    @property
    def week_width(self):
        return 7 * self.day_width

    @property
    def right_edge(self):
        return self.left + len(self.mondays) * self.week_width

    @property
    def width(self):
        return self.right_edge + self.right

    @property
    def floor(self):
        return self.top + self.bars_height

    @property
    def height(self):
        return self.floor + self.footing

    @property
    def lines(self):
        """The lines across the drawing: (height, number)."""
        return [(self.floor - self._height(self.step * line), self.step * line) for line in range(1, 5)]

    @property
    def months(self):
        """The months below the weeks; each begins with the week of its first day that is drawn."""
        found = []
        start = self.first
        while start <= self.last:
            following = (start.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
            found.append(
                self._stretch(start, following - datetime.timedelta(days=1), date_format(start, "F Y"))
            )
            start = following
        return found

    @property
    def description(self):
        """What the drawing says, in words."""
        if self.is_empty:
            return _("Aucun élève en stage d’ici le %(last)s.") % {"last": day(self.last)}
        fullest = max(self.columns, key=lambda column: column.total)
        return ngettext(
            "La semaine la plus chargée est celle du %(monday)s, avec %(number)s élève en stage.",
            "La semaine la plus chargée est celle du %(monday)s, avec %(number)s élèves en stage.",
            fullest.total,
        ) % {"monday": day(fullest.monday), "number": grouped(fullest.total)}


def _round_step(peak):
    """A quarter of the axis: the smallest round number of which four hold the peak."""
    scale = 1
    while True:
        for tenths in (10, 15, 20, 25, 30, 40, 50, 60, 80):
            step, rest = divmod(tenths * scale, 10)
            if not rest and 4 * step >= peak:
                return step
        scale *= 10
