"""The week of an intern as people type it in the boxes of each day."""

import pytest

from backoffice.internships.week import WeekField
from pratik.law.rules.schedule import HOLIDAYS_KEY


def typed(**boxes):
    """What a browser sends: two spans for each day, blank but for these boxes."""
    blank = {
        f"week_{day}_{number}_{end}": "" for day in range(7) for number in range(2) for end in ("from", "to")
    }
    return WeekField().widget.value_from_datadict(blank | boxes, {}, "week")


def boxes_of(week):
    """The boxes of a page that shows this week, with what is in them."""
    days = WeekField().widget.get_context("week", week, {})["widget"]["days"]
    return {box["name"]: box["value"] for _day, spans in days for span in spans for box in span}


def test_an_afternoon_alone_stays_in_the_boxes_of_the_afternoon():
    week = typed(week_2_1_from="13h", week_2_1_to="½")
    shown = boxes_of(week)
    assert (shown["week_2_1_from"], shown["week_2_1_to"]) == ("13h", "½")
    assert shown["week_2_0_from"] == shown["week_2_0_to"] == ""


def test_blank_boxes_are_no_presence():
    week = typed(week_2_1_from="13h", week_2_1_to="17:30", week_holidays="on")
    assert WeekField().clean(week) == {"2": [["13:00", "17:30"]], HOLIDAYS_KEY: True}
    assert not WeekField().has_changed({"2": [["13:00", "17:30"]], HOLIDAYS_KEY: True}, week)


@pytest.mark.parametrize("boxes", [{}, {"week_0_0_from": " ", "week_6_1_to": ""}])
def test_a_week_without_a_word_is_empty(boxes):
    assert typed(**boxes) == {}
