"""Hours and days of presence, the only measure of an internship's length that the law knows."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pratik.reference.school_years import school_year_of

from ..enums import LegalCode
from .schedule import hours_of

ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Presence:
    """The days on which somebody is present, each with its minutes, in order."""

    by_day: tuple[tuple[datetime.date, int], ...] = ()

    @cached_property
    def minutes(self):
        return sum(minutes for _day, minutes in self.by_day)

    @property
    def hours(self):
        """Hours of presence, with two decimals."""
        return hours_of(self.minutes)

    @property
    def days(self):
        """Days with presence, however long each."""
        return len(self.by_day)

    @cached_property
    def by_week(self):
        """The hours of each ISO week that has some, by its Monday."""
        weeks = Counter()
        for day, minutes in self.by_day:
            weeks[day - day.weekday() * ONE_DAY] += minutes
        return {monday: hours_of(minutes) for monday, minutes in weeks.items()}

    @cached_property
    def minutes_by_school_year(self):
        """The minutes of each school year, by the days on which they were spent."""
        years = Counter()
        for day, minutes in self.by_day:
            years[school_year_of(day)] += minutes
        return dict(years)

    def between(self, start, end):
        """The part of it within these days, both included."""
        return Presence(tuple((day, minutes) for day, minutes in self.by_day if start <= day <= end))

    def legal_days(self, parameters):
        """Whole days in the law's sense: each seven hours, in a row or not (article D124-6)."""
        return self.minutes // parameters.minutes(LegalCode.HOURS_PER_DAY)

    def legal_months(self, parameters):
        """Whole months in the law's sense: each twenty-two such days (article D124-6)."""
        return self.legal_days(parameters) // int(parameters[LegalCode.DAYS_PER_MONTH])


def presence(
    schedule,
    start: datetime.date,
    end: datetime.date,
    breaks: Iterable[tuple[datetime.date, datetime.date]] = (),
    holidays: Iterable[datetime.date] = (),
) -> Presence:
    """Who follows a weekly schedule from one day to another, both included, is present on these days.

    `breaks` are stretches of days off, both ends included; public `holidays` are off unless the schedule
    works on them. Part time is the schedule itself. A period that ends before it starts has no day.
    """
    off = set() if schedule.works_holidays else set(holidays)
    breaks = tuple(breaks)
    week = tuple(map(schedule.minutes_on, range(7)))
    found = []
    for number in range((end - start).days + 1):
        day = start + number * ONE_DAY
        minutes = week[day.weekday()]
        if minutes and day not in off and not any(first <= day <= last for first, last in breaks):
            found.append((day, minutes))
    return Presence(tuple(found))
