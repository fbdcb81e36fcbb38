"""What holds of hours and caps whatever the days, the weeks and the staff."""

import datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pratik.law.enums import InternshipKind
from pratik.law.rules import (
    Spell,
    WeekSchedule,
    host_cap,
    hours_used,
    presence,
    spells_of,
    stipend_of,
)
from tests.law.conftest import HOST, LAW, days_after, placement

asked = settings(deadline=None, max_examples=150)

day = st.dates(datetime.date(2024, 1, 1), datetime.date(2027, 12, 31))
moments = st.lists(st.integers(0, 24 * 60), min_size=0, max_size=6, unique=True).map(sorted)
spans = moments.map(lambda cut: tuple(zip(cut[::2], cut[1::2], strict=False)))
weeks = st.builds(WeekSchedule, st.tuples(*[spans] * 7), st.booleans())
lengths = st.integers(0, 400)
holidays = st.frozensets(day, max_size=8)
breaks = st.lists(st.tuples(day, st.integers(0, 20)), max_size=4).map(
    lambda given: tuple((first, days_after(first, number)) for first, number in given)
)
spells = st.lists(
    st.builds(
        Spell,
        st.sampled_from([HOST, "another"]),
        day,
        day,
        st.decimals(0, 400, places=2),
        st.integers(2023, 2027),
        st.sampled_from(InternshipKind),
    ),
    max_size=5,
).map(tuple)


@given(weeks)
@asked
def test_a_week_that_is_kept_is_read_back_the_same(schedule):
    assert WeekSchedule.read(schedule.as_json()) == schedule
    assert sum(map(schedule.minutes_on, range(7))) == schedule.minutes_per_week <= 7 * 24 * 60


@given(weeks, day, lengths, breaks, holidays, day, st.integers(0, 20))
@asked
def test_a_break_never_adds_hours(schedule, start, length, others, off, first, number):
    end = days_after(start, length)
    without = presence(schedule, start, end, others, off)
    with_it = presence(schedule, start, end, (*others, (first, days_after(first, number))), off)
    assert with_it.minutes <= without.minutes
    assert set(with_it.by_day) <= set(without.by_day)


@given(weeks, day, lengths, holidays, day)
@asked
def test_a_public_holiday_never_adds_hours(schedule, start, length, off, another):
    end = days_after(start, length)
    assert (
        presence(schedule, start, end, (), off | {another}).minutes
        <= presence(schedule, start, end, (), off).minutes
    )


@given(weeks, day, lengths, lengths, breaks, holidays)
@asked
def test_a_period_that_is_split_sums(schedule, start, one, two, others, off):
    middle, end = days_after(start, one), days_after(start, one + 1 + two)
    whole = presence(schedule, start, end, others, off)
    first = presence(schedule, start, middle, others, off)
    second = presence(schedule, days_after(middle, 1), end, others, off)
    assert first.by_day + second.by_day == whole.by_day
    assert whole.between(start, middle) == first
    assert sum(whole.minutes_by_school_year.values()) == whole.minutes
    assert sum(spell.minutes for spell in spells_of(HOST, whole)) == whole.minutes


@given(weeks, day, lengths, spells, spells)
@asked
def test_another_placement_never_lowers_the_hours_used_nor_takes_a_stipend_away(
    schedule, start, length, others, more
):
    facts = {"schedule": schedule, "start": start, "end": days_after(start, length)}
    before, after = placement(**facts, spells=others), placement(**facts, spells=others + more)
    used = hours_used(after)
    assert all(minutes <= used[year] for year, minutes in hours_used(before).items())
    assert stipend_of(after, LAW).due >= stipend_of(before, LAW).due
    assert stipend_of(after, LAW).minutes >= stipend_of(before, LAW).minutes or not stipend_of(after, LAW).due


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.sampled_from(InternshipKind))
@asked
def test_the_cap_is_never_lower_for_more_staff(some, more, kind):
    caps = host_cap(some, LAW, kind), host_cap(some + more, LAW, kind)
    assert caps == (None, None) if kind == InternshipKind.OBSERVATION else 3 <= caps[0] <= caps[1]


@given(st.decimals(0, 75, places=2), st.integers(5, 7))
@asked
def test_an_even_week_has_the_hours_that_were_asked_for(hours, days):
    schedule = WeekSchedule.even(hours, days=days)
    assert abs(schedule.minutes_per_week - hours * 60) <= Decimal("0.5")
    assert WeekSchedule.read(schedule.as_json()) == schedule
