"""What is asked of whom: the reference rows."""

from pratik.core.reference_rows import load_missing

from ..models import Requirement

YES = "1"


def load_requirements(*, actor, path):
    """Adds the requirements of a CSV file that are not there yet. Returns how many."""
    return load_missing(actor=actor, model=Requirement, path=path, read=_requirement)


def _requirement(row):
    return Requirement(
        account_type=row["account_type"],
        need=row["need"],
        document_type=row["document_type"],
        is_active=row["is_active"] == YES,
        expiry_required=row["expiry_required"] == YES,
        max_age_days=int(row["max_age_days"]) if row["max_age_days"] else None,
        validity_months=int(row["validity_months"]) if row["validity_months"] else None,
        note=row["note"],
    )
