"""Bringing along the numbers of the law that are known when PRATIK is released."""

from datetime import date
from decimal import Decimal

from pratik.core.reference_rows import load_missing

from .models import LegalParameter


def load_parameters(*, actor, path):
    """Adds the numbers of a CSV file that are not there yet; what administrators changed stays.

    Returns how many were added.
    """
    return load_missing(actor=actor, model=LegalParameter, path=path, read=_parameter)


def _parameter(line):
    return LegalParameter(
        code=line["code"],
        value=Decimal(line["value"]),
        valid_from=date.fromisoformat(line["valid_from"]),
        source=line["source"],
    )
