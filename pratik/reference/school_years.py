"""School years: the key of the legal caps, and the period of calendars and cohorts."""

import datetime

# In French Guiana as in the rest of France, lessons begin around this day; the law's « année
# d'enseignement » is read as running from it to the eve of the next.
_FIRST_MONTH = 9


def school_year_of(day: datetime.date) -> int:
    """The year in which the school year of this day began: 2026 from 1 September 2026 to 31 August 2027."""
    return day.year if day.month >= _FIRST_MONTH else day.year - 1


def school_year_label(start_year: int) -> str:
    """The school year as schools write it: 2026 gives « 2026-2027 »."""
    return f"{start_year}-{start_year + 1}"
