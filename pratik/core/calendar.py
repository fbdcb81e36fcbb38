"""Days as they are counted in French Guiana: today, and the weeks a period touches."""

import calendar
import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format

# Named here and not left to TIME_ZONE: a user may show moments in another zone, and « today » must
# still be the day in French Guiana.
CAYENNE = ZoneInfo("America/Cayenne")


def today() -> datetime.date:
    """The day it is in Cayenne, whatever the zone of the server or of the user."""
    return timezone.localdate(timezone=CAYENNE)


def weeks_between(start: datetime.date, end: datetime.date) -> list[datetime.date]:
    """The Mondays of the ISO weeks that a period touches, first and last day included.

    A Sunday alone gives the Monday six days earlier. ValueError when the period ends before it starts.
    """
    if end < start:
        raise ValueError(f"The period ends on {end}, before it starts on {start}.")
    first = start - datetime.timedelta(days=start.weekday())
    count = (end - first).days // 7 + 1
    return [first + datetime.timedelta(weeks=week) for week in range(count)]


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or that month's last day when it is shorter; earlier for less than 0.

    This is how a period of months ends (regulation 1182/71, article 3(2)(c)).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def day_label(day: datetime.date) -> str:
    """A day in figures, as people write it: 01/12/2026."""
    return date_format(day, "SHORT_DATE_FORMAT")
