"""Hours and days of presence, worked by hand."""

import datetime
from decimal import Decimal

import pytest

from pratik.law.enums import InternshipKind
from pratik.law.rules import Presence, WeekSchedule, presence, spells_of
from tests.law.conftest import FULL_TIME, HOST, MONDAY, days_after

DAY = datetime.date
# Abolition of slavery in French Guiana, a Thursday in 2027.
TENTH_OF_JUNE = DAY(2027, 6, 10)


def test_a_week_of_full_time():
    week = presence(FULL_TIME, MONDAY, days_after(MONDAY, 6))
    assert (week.days, week.hours) == (5, 35)
    assert week.by_week == {MONDAY: 35}


def test_the_first_and_the_last_day_count():
    one = presence(FULL_TIME, MONDAY, MONDAY)
    assert one.by_day == ((MONDAY, 420),)


@pytest.mark.parametrize(("start", "end"), [(MONDAY, days_after(MONDAY, -1)), (days_after(MONDAY, 5),) * 2])
def test_what_ends_before_it_starts_and_a_free_day_have_no_hours(start, end):
    assert presence(FULL_TIME, start, end) == Presence()
    assert (Presence().hours, Presence().days, Presence().by_week) == (0, 0, {})


def test_the_tenth_of_june_is_off_unless_the_week_works_on_holidays():
    monday = DAY(2027, 6, 7)
    week = (FULL_TIME, monday, days_after(monday, 6), (), {TENTH_OF_JUNE})
    assert presence(*week).hours == 28
    assert TENTH_OF_JUNE not in dict(presence(*week).by_day)
    open_all_year = WeekSchedule(FULL_TIME.days, works_holidays=True)
    assert presence(open_all_year, *week[1:]).hours == 35


def test_a_holiday_on_a_free_day_takes_nothing():
    assert presence(FULL_TIME, MONDAY, days_after(MONDAY, 6), (), {days_after(MONDAY, 6)}).hours == 35


def test_breaks_take_their_days_both_ends_included_and_once():
    wednesday, thursday = days_after(MONDAY, 2), days_after(MONDAY, 3)
    breaks = [(wednesday, thursday), (thursday, thursday), (thursday, wednesday)]
    week = presence(FULL_TIME, MONDAY, days_after(MONDAY, 6), breaks, {thursday})
    assert [day for day, _minutes in week.by_day] == [MONDAY, days_after(MONDAY, 1), days_after(MONDAY, 4)]


def test_part_time_is_the_schedule_itself():
    mornings = WeekSchedule.read({"0": [["08:00", "11:20"]], "2": [["08:00", "11:20"]]})
    month = presence(mornings, MONDAY, days_after(MONDAY, 27))
    assert (month.days, month.minutes, month.hours) == (8, 1600, Decimal("26.67"))
    assert month.by_week[MONDAY] == Decimal("6.67")


def test_a_week_that_is_cut_has_the_hours_of_its_days():
    wednesday = days_after(MONDAY, 2)
    assert presence(FULL_TIME, wednesday, days_after(MONDAY, 7)).by_week == {
        MONDAY: 21,
        days_after(MONDAY, 7): 7,
    }


def test_the_school_year_turns_between_31_august_and_1_september():
    """A placement over the turn is split by the days themselves: 31 August 2026 is a Monday."""
    summer = presence(FULL_TIME, DAY(2026, 8, 24), DAY(2026, 9, 4))
    assert summer.minutes_by_school_year == {2025: 6 * 420, 2026: 4 * 420}
    first, second = spells_of(HOST, summer, InternshipKind.INTERNSHIP)
    assert (first.school_year, first.end, first.hours) == (2025, DAY(2026, 8, 31), 42)
    assert (second.school_year, second.start, second.hours) == (2026, DAY(2026, 9, 1), 28)
    assert summer.between(DAY(2026, 8, 31), DAY(2026, 9, 1)).hours == 14


@pytest.mark.parametrize(
    ("minutes", "days", "months"),
    [(0, 0, 0), (419, 0, 0), (420, 1, 0), (153 * 60 + 59, 21, 0), (154 * 60, 22, 1), (308 * 60, 44, 2)],
)
def test_seven_hours_are_a_day_and_twenty_two_days_a_month(law, minutes, days, months):
    """In a row or not: only whole days and months count (article D124-6)."""
    spent = Presence(((MONDAY, minutes),) if minutes else ())
    assert (spent.legal_days(law), spent.legal_months(law)) == (days, months)
