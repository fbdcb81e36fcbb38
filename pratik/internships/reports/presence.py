"""On which days interns are present: the one place where a placement's dates become days and hours."""

from pratik.law.rules import presence
from pratik.reference.models import PublicHoliday

from ..models import PlacementBreak


def presences(placements):
    """The days and hours of these placements, to the last day that counts: {key: `Presence`}.

    An unsaved placement is under None. Two queries, however many.
    """
    placements = list(placements)
    if not placements:
        return {}
    breaks = breaks_of(placements)
    holidays = holidays_of(placements)
    return {row.pk: presence_of(row, breaks.get(row.pk, ()), holidays) for row in placements}


def presence_of(placement, breaks, holidays):
    """The days and hours of one placement, of which everything is known; makes no query."""
    return presence(placement.week, placement.start_on, placement.last_day, breaks, holidays)


def breaks_of(placements):
    """The days off of these placements: {key: ((from, until), …)}; one query."""
    found = {}
    rows = PlacementBreak.objects.filter(placement__in=[row.pk for row in placements if row.pk])
    for pk, *days in rows.order_by("from_on").values_list("placement", "from_on", "until_on"):
        found.setdefault(pk, []).append(tuple(days))
    return {pk: tuple(spans) for pk, spans in found.items()}


def holidays_of(placements):
    """The public holidays between the first and the last day of these placements; one query."""
    first = min(row.start_on for row in placements)
    last = max(row.end_on for row in placements)
    return frozenset(PublicHoliday.objects.filter(day__range=(first, last)).values_list("day", flat=True))
