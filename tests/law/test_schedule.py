"""The week as it is typed, kept and read again."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from pratik.law.rules import WeekSchedule, hours_of, hours_text, minutes_of
from tests.law.conftest import plain_spaces

WEEK = {"0": [["08:00", "12:00"], ["13:00", "16:30"]], "5": [["18:00", "24:00"]]}


def test_a_week_is_read_and_written_back_as_it_was():
    schedule = WeekSchedule.read(WEEK)
    assert schedule.as_json() == WEEK
    assert not schedule.works_holidays
    assert schedule.worked_days == (0, 5)
    assert schedule.hours_on(0) == Decimal("7.50") and schedule.hours_on(1) == 0
    assert schedule.hours_per_week == Decimal("13.50")
    assert (schedule.earliest, schedule.latest) == (8 * 60, 24 * 60)
    assert schedule.lines() == [("lundi", "08:00 – 12:00, 13:00 – 16:30"), ("samedi", "18:00 – 24:00")]


def test_the_order_of_spans_and_the_way_hours_are_written_do_not_matter():
    untidy = {"5": [["18H00", "24:00"]], "0": [[" 13:00 ", "16h30"], ["8:00", "12:00"]]}
    assert WeekSchedule.read(untidy) == WeekSchedule.read(WEEK)


def test_public_holidays_are_worked_where_the_week_says_so():
    kept = WEEK | {"holidays": True}
    assert WeekSchedule.read(kept).works_holidays
    assert WeekSchedule.read(kept).as_json() == kept
    assert WeekSchedule.read(WEEK | {"holidays": False}).as_json() == WEEK


def test_an_empty_week_has_no_hours():
    schedule = WeekSchedule.read({})
    assert schedule == WeekSchedule()
    assert (schedule.minutes_per_week, schedule.earliest, schedule.latest) == (0, None, None)
    assert schedule.lines() == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, "Indiquez les horaires de chaque jour."),
        ([["08:00", "12:00"]], "Indiquez les horaires de chaque jour."),
        ({"7": []}, "« 7 » n’est pas un jour de la semaine."),
        ({"lundi": []}, "« lundi » n’est pas un jour de la semaine."),
        ({"0": "08:00-12:00"}, "Lundi : indiquez une arrivée et un départ."),
        ({"0": [["08:00"]]}, "Lundi : indiquez une arrivée et un départ."),
        ({"0": ["08:00", "12:00"]}, "Lundi : indiquez une arrivée et un départ."),
        ({"1": [["12:00", "08:00"]]}, "Mardi : le départ (08:00) doit suivre l’arrivée (12:00)."),
        ({"1": [["08:00", "08:00"]]}, "Mardi : le départ (08:00) doit suivre l’arrivée (08:00)."),
        ({"6": [["08:00", "25:00"]]}, "Dimanche : « 25:00 » n’est pas une heure, comme 08:30."),
        ({"6": [["08:00", "24:01"]]}, "Dimanche : « 24:01 » n’est pas une heure, comme 08:30."),
        ({"6": [["huit", "12:00"]]}, "Dimanche : « huit » n’est pas une heure, comme 08:30."),
        ({"6": [[8, 12]]}, "Dimanche : « 8 » n’est pas une heure, comme 08:30."),
        (
            {"0": [["08:00", "12:00"], ["11:59", "13:00"]]},
            "Lundi : la plage qui commence à 11:59 chevauche la précédente.",
        ),
        ({"0": [["08:00", "08:30"]] * 7}, "Lundi : au plus 6 plages horaires."),
        ({"holidays": "oui"}, "Indiquez par oui ou non si les jours fériés sont travaillés."),
    ],
)
def test_what_is_no_week_is_said_with_its_day(data, sentence):
    with pytest.raises(ValidationError) as refused:
        WeekSchedule.read(data)
    assert list(map(plain_spaces, refused.value.messages)) == [sentence]


def test_every_mistake_is_said_at_once():
    with pytest.raises(ValidationError) as refused:
        WeekSchedule.read({"0": [["x", "y"]], "2": [["12:00", "08:00"]], "9": []})
    assert len(refused.value.messages) == 3


@pytest.mark.parametrize("typed", ["08:00", "8:00", "8h00", "8H", "8h", "0800", "800", "08", "8"])
def test_an_hour_is_read_as_people_and_telephones_write_it(typed):
    assert WeekSchedule.read({"0": [[typed, "12h"]]}).as_json() == {"0": [["08:00", "12:00"]]}


@pytest.mark.parametrize(
    ("hours", "days", "monday"),
    [
        ("35", 5, [["08:00", "12:00"], ["13:00", "16:00"]]),
        ("20", 5, [["08:00", "12:00"]]),
        ("10", 5, [["08:00", "10:00"]]),
        ("35", 4, [["08:00", "12:00"], ["13:00", "17:45"]]),
    ],
)
def test_an_even_week_has_its_hours_and_a_lunch(hours, days, monday):
    schedule = WeekSchedule.even(Decimal(hours), days=days)
    assert schedule.as_json()["0"] == monday
    assert schedule.hours_per_week == Decimal(hours)
    assert len(schedule.worked_days) == days


def test_minutes_that_do_not_divide_evenly_are_not_lost():
    schedule = WeekSchedule.even(Decimal("35.05"))
    assert schedule.minutes_per_week == 35 * 60 + 3
    assert [schedule.minutes_on(day) for day in range(5)] == [421, 421, 421, 420, 420]


def test_more_than_a_day_holds_is_no_even_week():
    assert WeekSchedule.even(75).latest == 24 * 60
    with pytest.raises(ValueError, match="do not fit"):
        WeekSchedule.even(76)


def test_hours_with_two_decimals_are_the_very_minutes():
    """What a column keeps adds up exactly: a hundredth of an hour is less than a minute."""
    assert all(minutes_of(hours_of(minutes)) == minutes for minutes in range(70_000))


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 h"), (450, "7 h 30"), (485, "8 h 05"), (18_540, "309 h")]
)
def test_hours_are_said_as_people_say_them(minutes, text):
    assert plain_spaces(hours_text(minutes)) == text
