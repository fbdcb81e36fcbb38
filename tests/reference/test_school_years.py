import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pratik.reference.school_years import school_year_label, school_year_of


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (datetime.date(2026, 8, 31), 2025),
        (datetime.date(2026, 9, 1), 2026),
        (datetime.date(2026, 12, 31), 2026),
        (datetime.date(2027, 1, 1), 2026),
        (datetime.date(2024, 2, 29), 2023),
    ],
)
def test_the_school_year_turns_on_the_first_of_september(day, year):
    assert school_year_of(day) == year


@given(st.dates(min_value=datetime.date(2000, 1, 1)))
def test_every_day_is_in_its_school_year(day):
    year = school_year_of(day)
    assert datetime.date(year, 9, 1) <= day
    assert (day.year, day.month) <= (year + 1, 8)


def test_label():
    assert school_year_label(2026) == "2026-2027"
    assert school_year_label(1999) == "1999-2000"
