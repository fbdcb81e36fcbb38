import datetime

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pratik.core.calendar import today, weeks_between

days = st.dates(min_value=datetime.date(2000, 1, 1), max_value=datetime.date(2099, 12, 31))


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime.datetime(2026, 9, 1, 2, 59, tzinfo=datetime.UTC), datetime.date(2026, 8, 31)),
        (datetime.datetime(2026, 9, 1, 3, 0, tzinfo=datetime.UTC), datetime.date(2026, 9, 1)),
    ],
)
@pytest.mark.parametrize("shown_in", ["UTC", "Asia/Tokyo", "America/Cayenne"])
def test_today_is_the_day_of_cayenne_in_every_zone(monkeypatch, utc, day, shown_in):
    monkeypatch.setattr(timezone, "now", lambda: utc)
    with timezone.override(shown_in):
        assert today() == day


def test_weeks_touched_by_a_period():
    assert weeks_between(datetime.date(2026, 9, 2), datetime.date(2026, 9, 14)) == [
        datetime.date(2026, 8, 31),
        datetime.date(2026, 9, 7),
        datetime.date(2026, 9, 14),
    ]


def test_a_sunday_belongs_to_the_week_that_ends_with_it():
    sunday = datetime.date(2027, 1, 3)
    assert weeks_between(sunday, sunday) == [datetime.date(2026, 12, 28)]


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="before it starts"):
        weeks_between(datetime.date(2026, 9, 2), datetime.date(2026, 9, 1))


@given(days, st.integers(min_value=0, max_value=400))
def test_each_day_of_the_period_is_in_exactly_one_week(start, length):
    end = start + datetime.timedelta(days=length)
    mondays = weeks_between(start, end)
    period = {start + datetime.timedelta(days=day) for day in range(length + 1)}
    assert {day - datetime.timedelta(days=day.weekday()) for day in period} == set(mondays)
    assert mondays == sorted(set(mondays))
