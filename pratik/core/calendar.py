"""Days as they are counted in French Guiana: today, and the weeks a period touches."""

import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

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
