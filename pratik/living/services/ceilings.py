"""What a shared trip may cost: the reference rows."""

from datetime import date
from decimal import Decimal

from pratik.core.reference_rows import load_missing

from ..models import CostCeiling


def load_ceilings(*, actor, path):
    """Adds the ceilings of a CSV file that are not there yet. Returns how many."""
    return load_missing(actor=actor, model=CostCeiling, path=path, read=_ceiling)


def _ceiling(line):
    return CostCeiling(
        from_on=date.fromisoformat(line["from_on"]), per_km=Decimal(line["per_km"]), source=line["source"]
    )
