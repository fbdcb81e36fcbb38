"""The drawings of the site, as whole numbers for the templates to write into SVG.

Only attributes place things, since the site's content policy refuses styles in the page.
"""

import datetime
from dataclasses import dataclass

from pratik.core.calendar import weeks_between

WEEK = datetime.timedelta(weeks=1)


@dataclass(frozen=True)
class Span:
    """A stretch along an axis, in units of the drawing, with what it stands for."""

    x: int
    width: int
    label: object = ""

    @property
    def middle(self):
        return self.x + self.width // 2


class WeekAxis:
    """Weeks side by side, `day` units for each day; what lies outside is cut at its edges."""

    def __init__(self, first, last, *, day):
        self.mondays = weeks_between(first, last)
        self.first = self.mondays[0]
        self.last = self.mondays[-1] + datetime.timedelta(days=6)
        self.day = day
        self.width = len(self.mondays) * 7 * day

    @property
    def weeks(self):
        """One span for each week, labelled with its Monday."""
        return [Span(self.position(monday), 7 * self.day, monday) for monday in self.mondays]

    @property
    def months(self):
        """One span for each month, labelled with the first of its days that is drawn."""
        spans, start = [], self.first
        while start <= self.last:
            following = (start.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
            end = min(following - datetime.timedelta(days=1), self.last)
            spans.append(self.span(start, end, start))
            start = following
        return spans

    def position(self, date):
        """Where a day begins; the edge for a day outside."""
        date = min(max(date, self.first), self.last + datetime.timedelta(days=1))
        return (date - self.first).days * self.day

    def span(self, start, end, label=""):
        """From the beginning of one day to the end of another; None when all of it lies outside."""
        if end < self.first or start > self.last:
            return None
        x = self.position(start)
        return Span(x, self.position(end + datetime.timedelta(days=1)) - x, label)

    def spans(self, rows):
        """The spans of rows that start and end on a day and touch the axis, labelled with the row."""
        found = (self.span(row.start_on, row.end_on, row) for row in rows)
        return [span for span in found if span]

    def mark(self, date):
        """The middle of a day, or None when it lies outside."""
        if not self.first <= date <= self.last:
            return None
        return self.position(date) + self.day // 2


@dataclass(frozen=True)
class Bar:
    """The students of one week."""

    monday: datetime.date
    number: int
    x: int
    y: int
    width: int
    height: int
    is_peak: bool = False

    @property
    def middle(self):
        return self.x + self.width // 2


class WeeklyBars:
    """How many students are out each week, as bars under their months."""

    day = 4
    height = 150
    # Room above the highest bar for its number.
    headroom = 26
    footing = 26

    def __init__(self, totals, holidays):
        self.axis = WeekAxis(totals[0][0], totals[-1][0], day=self.day)
        self.holidays = self.axis.spans(holidays)
        self.peak = max((number for _, number in totals), default=0)
        self.bars = [self._bar(monday, number) for monday, number in totals]
        # The first of the weeks with most students is the one that the drawing names.
        self.peak_bar = next((bar for bar in self.bars if bar.is_peak), None)

    def _bar(self, monday, number):
        # A week with a single student is still to be seen.
        height = max(3, round(number * self.height / self.peak)) if number else 0
        return Bar(
            monday=monday,
            number=number,
            x=self.axis.position(monday) + 3,
            y=self.floor - height,
            width=7 * self.day - 6,
            height=height,
            is_peak=bool(number) and number == self.peak,
        )

    @property
    def width(self):
        return self.axis.width

    @property
    def floor(self):
        return self.headroom + self.height

    @property
    def total_height(self):
        return self.floor + self.footing

    @property
    def peak_label_x(self):
        """Where the number of the highest bar stands: above it, but never beyond the drawing."""
        room = 30
        return min(max(self.peak_bar.middle, room), self.width - room)


@dataclass(frozen=True)
class TimelineRow:
    """A calendar and its bar; None when it lies outside of the weeks that are drawn."""

    calendar: object
    bar: Span | None


class Timeline:
    """Calendars one below the other, ISO weeks from left to right."""

    row_height = 44
    header_height = 44
    # Days are as wide as the room of a screen allows, between what can be read and what looks empty.
    room = 700
    narrowest_day, widest_day = 3, 8
    fewest_weeks = 12
    # A year and a half: wider, a page would weigh more than a telephone should load.
    most_weeks = 78

    def __init__(self, calendars, today):
        first = min(calendar.start_on for calendar in calendars)
        wanted = len(weeks_between(first, max(calendar.end_on for calendar in calendars)))
        weeks = min(max(wanted, self.fewest_weeks), self.most_weeks)
        day = min(max(self.room // (7 * weeks), self.narrowest_day), self.widest_day)
        self.is_cut = wanted > weeks
        self.axis = WeekAxis(first, first + (weeks - 1) * WEEK, day=day)
        self.today = self.axis.mark(today)
        self.rows = [
            TimelineRow(calendar, self.axis.span(calendar.start_on, calendar.end_on))
            for calendar in calendars
        ]

    def shade(self, holidays):
        """Takes in the school holidays to shade."""
        self.holidays = self.axis.spans(holidays)
        self.has_assumed_holidays = any(span.label.is_assumed for span in self.holidays)
        return self

    @property
    def width(self):
        return self.axis.width
