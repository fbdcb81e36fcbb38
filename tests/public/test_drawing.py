"""The geometry of the drawings."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from pratik.public.drawing import Timeline, WeekAxis, WeeklyBars


@dataclass
class Period:
    start_on: date
    end_on: date
    is_assumed: bool = False


MONDAY = date(2026, 11, 23)


def test_an_axis_is_made_of_whole_iso_weeks():
    axis = WeekAxis(MONDAY + timedelta(days=2), MONDAY + timedelta(days=7), day=3)

    assert (axis.first, axis.last) == (MONDAY, MONDAY + timedelta(days=13))
    assert axis.width == 2 * 7 * 3
    assert [(week.x, week.width, week.label) for week in axis.weeks] == [
        (0, 21, MONDAY),
        (21, 21, MONDAY + timedelta(days=7)),
    ]


def test_months_follow_one_another_without_a_gap():
    axis = WeekAxis(date(2026, 11, 23), date(2027, 3, 7), day=3)

    ends = [span.x + span.width for span in axis.months]
    assert [span.x for span in axis.months] == [0, *ends[:-1]]
    assert ends[-1] == axis.width
    assert [span.label.month for span in axis.months] == [11, 12, 1, 2, 3]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 0, (0, 3)),
        (2, 4, (6, 9)),
        (-9, 1, (0, 6)),
        (12, 90, (36, 6)),
        (-9, 90, (0, 42)),
    ],
)
def test_a_period_covers_its_first_and_last_day_and_is_cut_at_the_edges(start, end, expected):
    axis = WeekAxis(MONDAY, MONDAY + timedelta(days=13), day=3)

    span = axis.span(MONDAY + timedelta(days=start), MONDAY + timedelta(days=end))

    assert (span.x, span.width) == expected


@pytest.mark.parametrize(("start", "end"), [(-9, -1), (14, 20)])
def test_a_period_outside_is_not_drawn(start, end):
    axis = WeekAxis(MONDAY, MONDAY + timedelta(days=13), day=3)
    outside = Period(MONDAY + timedelta(days=start), MONDAY + timedelta(days=end))

    assert axis.span(outside.start_on, outside.end_on) is None
    assert axis.spans([outside]) == []
    assert axis.mark(outside.start_on) is None or axis.mark(outside.end_on) is None


def test_bars_stand_on_the_floor_and_the_first_highest_is_named():
    weeks = [MONDAY + timedelta(weeks=number) for number in range(4)]
    drawing = WeeklyBars(list(zip(weeks, [1, 1_000, 0, 1_000], strict=True)), [])

    assert [bar.y + bar.height for bar in drawing.bars] == [drawing.floor] * 4
    assert [bar.height for bar in drawing.bars] == [3, drawing.height, 0, drawing.height]
    assert drawing.peak_bar.monday == weeks[1]


@pytest.mark.parametrize("position", [0, 29])
def test_the_number_of_the_highest_bar_stays_inside(position):
    weeks = [MONDAY + timedelta(weeks=number) for number in range(30)]
    drawing = WeeklyBars([(week, int(week == weeks[position])) for week in weeks], [])

    assert 30 <= drawing.peak_label_x <= drawing.width - 30


def test_a_timeline_spans_its_calendars_and_no_fewer_than_twelve_weeks():
    short = Timeline([Period(MONDAY, MONDAY + timedelta(days=4))], MONDAY)
    long = Timeline([Period(MONDAY, MONDAY + timedelta(weeks=30))], MONDAY)

    assert (len(short.axis.mondays), len(long.axis.mondays)) == (12, 31)
    assert short.axis.day > long.axis.day
    assert not short.is_cut
    assert not long.is_cut


def test_a_timeline_stops_after_a_year_and_a_half():
    first = Period(MONDAY, MONDAY + timedelta(weeks=3))
    late = Period(MONDAY + timedelta(weeks=300), MONDAY + timedelta(weeks=303))
    timeline = Timeline([first, late], MONDAY)

    assert timeline.is_cut
    assert len(timeline.axis.mondays) == 78
    assert timeline.rows[0].bar is not None
    assert timeline.rows[1].bar is None
