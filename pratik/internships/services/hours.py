"""Days, hours and stipend of placements: they follow from other columns and other tables."""

from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction

from pratik.core.calendar import today
from pratik.core.writes import write_derived

from ..models import Placement, PlacementBreak
from ..reports.presence import presences

CENT = Decimal("0.01")
AT_ONCE = 1_000
DERIVED = ("hours", "days", "stipend_total")


def recompute(*, pks):
    """Works out again how long these placements are and what they pay, and keeps it.

    Returns how many changed. A fixed number of queries for each thousand.
    """
    pks, changed = sorted(pks), 0
    for start in range(0, len(pks), AT_ONCE):
        with transaction.atomic():
            # Held while they are counted: what somebody changes meanwhile is not overwritten with old hours.
            chosen = Placement.objects.filter(pk__in=pks[start : start + AT_ONCE]).order_by("pk")
            rows = list(chosen.select_for_update(of=("self",), no_key=True))
            found = presences(rows)
            moved = []
            for row in rows:
                before = [getattr(row, name) for name in DERIVED]
                derive_hours(row, found[row.pk])
                if before != [getattr(row, name) for name in DERIVED]:
                    moved.append(row)
            write_derived(moved, DERIVED)
        changed += len(moved)
    return changed


def derive_hours(placement, presence):
    """Sets what follows from the days of presence; makes no query and writes nothing."""
    placement.hours = presence.hours
    placement.days = presence.days
    hourly = placement.stipend_hourly
    placement.stipend_total = (
        None if hourly is None else (presence.hours * hourly).quantize(CENT, rounding=ROUND_HALF_UP)
    )


def recompute_hours_to_come():
    """Works out again the hours of the placements that are not over, where a public holiday was corrected.

    Returns how many changed.
    """
    coming = Placement.objects.not_cancelled().filter(end_on__gte=today(), ended_on=None)
    return recompute(pks=coming.order_by().values_list("pk", flat=True))


def placements_of_breaks(pks, history_type):
    """The placements that these breaks belong to, or belonged to before they went."""
    if history_type == "-":
        lines = PlacementBreak.history.filter(id__in=pks, history_type="-").order_by()
        return set(lines.values_list("placement_id", flat=True))
    breaks = PlacementBreak.objects.filter(pk__in=pks).order_by()
    return set(breaks.values_list("placement", flat=True))
