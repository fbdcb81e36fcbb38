"""What protects those under eighteen, at fifteen, sixteen and eighteen years."""

import datetime

import pytest

from pratik.law.enums import InternshipKind, RuleCode, Severity
from pratik.law.rules import WeekSchedule, age_groups, birthday, check, consents_alone, is_minor
from tests.law.conftest import LAW, MONDAY, days_after, found, placement, said

DAY = datetime.date
YOUNG = DAY(2011, 6, 1)  # fifteen in September 2026
MINOR = DAY(2009, 6, 1)  # seventeen
ADULT = DAY(2008, 6, 1)
PROTECTION = [code for code in RuleCode if code.startswith("minor_")]


def week(day, *days):
    """A week with the same spans on these days, five unless said: `week([(8, 12)], 0, 1)`."""
    spans = tuple((int(start * 60), int(end * 60)) for start, end in day)
    return WeekSchedule(tuple(spans if number in (days or range(5)) else () for number in range(7)))


def codes(born_on, schedule, **known):
    """The protections that a week breaks for somebody of this birth date."""
    facts = placement(born_on=born_on, schedule=schedule, representative_known=True, **known)
    return [finding.code for finding in check(facts, LAW, set(PROTECTION))]


USUAL = [(8, 12), (13, 16)]


def test_a_usual_week_is_right_at_every_age():
    assert codes(YOUNG, week(USUAL)) == codes(MINOR, week(USUAL)) == []


@pytest.mark.parametrize(
    ("born_on", "day", "broken"),
    [
        (YOUNG, [(8, 12), (13, 16)], False),
        (YOUNG, [(8, 12), (13, 16.25)], True),
        (MINOR, [(8, 12), (13, 17)], False),
        (MINOR, [(8, 12), (13, 17.25)], True),
        (ADULT, [(8, 12), (13, 17.25)], False),
    ],
)
def test_seven_hours_a_day_before_sixteen_and_eight_before_eighteen(born_on, day, broken):
    assert (RuleCode.MINOR_DAY in codes(born_on, week(day, 0))) == broken


def test_each_day_that_breaks_a_limit_is_named():
    """One day that is told does not hide the others."""
    late = placement(born_on=MINOR, schedule=week([(8, 12), (13, 17.25)], 0, 1, 4))
    assert said(late, RuleCode.MINOR_DAY) == (
        "8 h 15 le lundi, le mardi et le vendredi : au plus 8 h par jour pour les 16-17 ans."
    )
    night = placement(born_on=MINOR, schedule=week([(5, 8), (18, 22.5)], 0, 3))
    assert said(night, RuleCode.MINOR_NIGHT) == (
        "Présence de 05:00 à 08:00 le lundi et le jeudi : entre 06:00 et 22:00 seulement pour les 16-17 ans."
        " Présence de 18:00 à 22:30 le lundi et le jeudi : entre 06:00 et 22:00 seulement pour les 16-17 ans."
    )
    unbroken = placement(born_on=MINOR, schedule=week([(8, 13)], 1, 2))
    assert said(unbroken, RuleCode.MINOR_BREAK) == (
        "Trop long sans pause : 5 h le mardi et le mercredi. Les mineurs ont une pause de 30 minutes au plus"
        " tard après 4 h 30."
    )


@pytest.mark.parametrize("born_on", [YOUNG, MINOR])
def test_thirty_five_hours_a_week(born_on):
    longer = week([(8, 12), (12.5, 15.75)], 0, 1, 2, 3, 4)
    assert RuleCode.MINOR_WEEK not in codes(born_on, week(USUAL))
    assert RuleCode.MINOR_WEEK in codes(born_on, longer)


@pytest.mark.parametrize(
    ("born_on", "day", "broken"),
    [
        (YOUNG, [(6, 10)], False),
        (YOUNG, [(5.75, 10)], True),
        (YOUNG, [(16, 20)], False),
        (YOUNG, [(16, 20.25)], True),
        (MINOR, [(6, 10)], False),
        (MINOR, [(5.75, 10)], True),
        (MINOR, [(18, 22)], False),
        (MINOR, [(18, 22.25)], True),
        (ADULT, [(0, 4), (20, 24)], False),
    ],
)
def test_no_night(born_on, day, broken):
    assert (RuleCode.MINOR_NIGHT in codes(born_on, week(day, 2))) == broken


@pytest.mark.parametrize(
    ("days", "broken"),
    [
        ((0, 1, 2, 3, 4), False),
        ((1, 2, 3, 4, 5), False),
        ((0, 1, 2, 3, 4, 5), True),
        ((2, 3, 4, 5, 6), True),
        ((0, 2, 4, 5), True),
        ((2,), False),
    ],
)
def test_two_days_of_rest_in_a_row_with_sunday(days, broken):
    """Monday and Tuesday off are two days, and yet not with Sunday."""
    placed = {"end": days_after(MONDAY, 13)}
    assert (RuleCode.MINOR_REST in codes(MINOR, week([(8, 12)], *days), **placed)) == broken


@pytest.mark.parametrize(
    ("born_on", "ends", "starts", "broken"),
    [(MINOR, 20, 8, False), (MINOR, 20.25, 8, True), (YOUNG, 18, 8, False), (YOUNG, 18.25, 8, True)],
)
def test_the_rest_between_two_days(born_on, ends, starts, broken):
    evening, morning = ((14 * 60, int(ends * 60)),), ((starts * 60, 12 * 60),)
    schedule = WeekSchedule((evening, morning, (), (), (), (), ()))
    assert (RuleCode.MINOR_DAILY_REST in codes(born_on, schedule)) == broken
    apart = WeekSchedule((evening, (), morning, (), (), (), ()))
    assert RuleCode.MINOR_DAILY_REST not in codes(born_on, apart)


@pytest.mark.parametrize(
    ("day", "broken"),
    [
        ([(8, 12.5)], False),
        ([(8, 12.75)], True),
        ([(8, 12), (12.5, 15)], False),
        ([(8, 12), (12.25, 13)], True),
        ([(8, 10), (10, 12.5)], False),
        ([(8, 10), (10, 12.75)], True),
    ],
)
def test_a_pause_of_half_an_hour_after_four_hours_and_a_half(day, broken):
    assert (RuleCode.MINOR_BREAK in codes(MINOR, week(day, 1))) == broken


def test_no_public_holidays():
    tenth_of_june = DAY(2027, 6, 10)
    on_it = {"start": tenth_of_june, "end": tenth_of_june, "holidays": frozenset({tenth_of_june})}
    works = WeekSchedule(week(USUAL).days, works_holidays=True)
    assert codes(YOUNG, works, **on_it) == [RuleCode.MINOR_HOLIDAY]
    assert codes(YOUNG, week(USUAL), **on_it) == []
    assert codes(DAY(2009, 6, 10), works, **on_it) == [], "of age that day"


def test_the_week_of_the_sixteenth_birthday_counts_whole():
    """Two days of seven hours before it and three of eight after: 38 h in one week, with one cap."""
    long, usual = ((480, 720), (780, 1020)), ((480, 720), (780, 960))
    schedule = WeekSchedule((usual, usual, long, long, long, (), ()))
    facts = {"start": MONDAY, "end": days_after(MONDAY, 4)}
    born = days_after(MONDAY.replace(year=MONDAY.year - 16), 2)
    assert codes(born, schedule, **facts) == [RuleCode.MINOR_WEEK]
    of_age = days_after(MONDAY.replace(year=MONDAY.year - 18), 2)
    assert codes(of_age, week(USUAL, 0, 1, 2, 3, 4), **facts) == []


def test_limits_change_on_the_birthday():
    """Eight hours from the sixteenth birthday on, any from the eighteenth: the days before decide."""
    eight = week([(8, 12), (13, 17)], 0, 1, 2, 3)
    on_monday = {"start": MONDAY, "end": days_after(MONDAY, 3)}
    born = MONDAY.replace(year=2010)
    assert codes(born, eight, **on_monday) == []
    assert codes(days_after(born, 1), eight, **on_monday) == [RuleCode.MINOR_DAY]
    longer = week([(8, 12), (12.5, 17)], 1)
    born = days_after(MONDAY, 1).replace(year=2008)
    assert codes(born, longer, **on_monday) == [], "of age on the only day of presence"
    assert codes(days_after(born, 1), longer, **on_monday) == [RuleCode.MINOR_DAY]


def test_days_without_presence_are_no_days_of_a_minor():
    turns_eighteen_on_thursday = days_after(MONDAY, 3).replace(year=2008)
    only_fridays = week([(8, 13)], 4)
    assert age_groups(placement(born_on=turns_eighteen_on_thursday, schedule=only_fridays), LAW) == []


@pytest.mark.parametrize(
    ("born_on", "age", "day"),
    [
        (DAY(2008, 9, 7), 18, DAY(2026, 9, 7)),
        (DAY(2008, 2, 29), 18, DAY(2026, 3, 1)),
        (DAY(2008, 2, 29), 16, DAY(2024, 2, 29)),
    ],
)
def test_a_birthday(born_on, age, day):
    assert birthday(born_on, age) == day
    assert is_minor(born_on, days_after(birthday(born_on, 18), -1), LAW)
    assert not is_minor(born_on, birthday(born_on, 18), LAW)


def test_a_minor_needs_a_legal_representative_whatever_the_reason():
    facts = placement(born_on=MINOR)
    finding = found(facts, RuleCode.LEGAL_REPRESENTATIVE)
    assert finding.severity == Severity.BLOCK and not finding.overridable
    assert "18 ans le 01/06/2027" in said(facts, RuleCode.LEGAL_REPRESENTATIVE)
    assert found(placement(born_on=MINOR, representative_known=True), RuleCode.LEGAL_REPRESENTATIVE) is None
    assert found(placement(born_on=ADULT), RuleCode.LEGAL_REPRESENTATIVE) is None
    observation = placement(born_on=YOUNG, kind=InternshipKind.OBSERVATION)
    assert found(observation, RuleCode.LEGAL_REPRESENTATIVE), "observation is no exception"


def test_who_signs_before_coming_of_age_needs_one_too():
    of_age_on_the_first_day = placement(born_on=MONDAY.replace(year=2008), today=days_after(MONDAY, -30))
    assert found(of_age_on_the_first_day, RuleCode.LEGAL_REPRESENTATIVE)
    late = placement(born_on=MONDAY.replace(year=2008), today=days_after(MONDAY, 30))
    assert found(late, RuleCode.LEGAL_REPRESENTATIVE) is None


def test_a_birth_date_that_is_not_known_warns_and_asks_nothing_else():
    facts = placement(born_on=None, schedule=week([(0, 24)], *range(7)))
    warned = check(facts, LAW, {*PROTECTION, RuleCode.AGE, RuleCode.LEGAL_REPRESENTATIVE})
    assert [(finding.code, finding.severity) for finding in warned] == [(RuleCode.AGE, Severity.WARN)]


@pytest.mark.parametrize(("years", "alone"), [(14, False), (15, True), (16, True)])
def test_a_person_consents_alone_from_fifteen(years, alone):
    born = MONDAY.replace(year=MONDAY.year - years)
    assert consents_alone(born, MONDAY, LAW) == alone
    assert consents_alone(days_after(MONDAY.replace(year=2011), 1), MONDAY, LAW) is False
    assert consents_alone(None, MONDAY, LAW)
