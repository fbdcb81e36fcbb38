"""Each rule at its boundaries, with figures worked by hand."""

import datetime
from decimal import Decimal

import pytest

from pratik.law.enums import InternshipKind, LegalCode, RuleCode, Severity
from pratik.law.parameters import Parameters
from pratik.law.rules import (
    Previous,
    Spell,
    WeekSchedule,
    blocking,
    free_from,
    host_cap,
    most_at_once,
    presence,
    spells_of,
    stipend_of,
)
from pratik.reference.levels import read_level
from tests.law.conftest import (
    FULL_TIME,
    LAW,
    MONDAY,
    ONE_HOUR_A_DAY,
    days_after,
    found,
    of_hours,
    placement,
    plain_spaces,
    said,
    spell,
)

DAY = datetime.date
PERIOD = InternshipKind.WORK_PLACEMENT_PERIOD


# Duration: six months a host and school year


@pytest.mark.parametrize(("before", "over"), [("888", None), ("889", None), ("890", 1), ("1000", 111)])
def test_six_months_are_924_hours_with_one_host_in_a_school_year(before, over):
    finding = found(placement(spells=(spell(before),)), RuleCode.DURATION)
    assert (finding is None) == (over is None)
    if finding:
        assert finding.severity == Severity.BLOCK and finding.overridable
        assert finding.figures["hours"] - finding.figures["cap_hours"] == over


@pytest.mark.parametrize(("hours", "passes"), [(923, True), (924, True), (925, False)])
def test_a_long_placement_alone(hours, passes):
    """Three hours every day from 1 September on, up to two hours short of the cap, and the rest elsewhere."""
    three_a_day = WeekSchedule((((8 * 60, 11 * 60),),) * 7)
    facts = placement(
        start=DAY(2026, 9, 1),
        end=days_after(DAY(2026, 9, 1), 306),
        schedule=three_a_day,
        spells=(spell(hours - 921),),
    )
    assert facts.presence.hours == 921
    assert (found(facts, RuleCode.DURATION) is None) == passes


def test_the_cap_is_said_with_its_numbers():
    assert said(placement(spells=(spell("890.50"),)), RuleCode.DURATION) == (
        "925 h 30 chez cet organisme pendant l’année scolaire 2026-2027, dont 35 h pour ce stage :"
        " 1 h 30 de trop. Le plafond est de 924 h."
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(spell("924", host="another"), id="another host"),
        pytest.param(spell("924", year=2025), id="another school year"),
        pytest.param(spell("924", kind=InternshipKind.OBSERVATION), id="observation"),
    ],
)
def test_what_does_not_count_against_the_cap(other):
    assert found(placement(spells=(other,)), RuleCode.DURATION) is None


def test_a_work_placement_period_counts_the_same():
    assert found(placement(kind=PERIOD, spells=(spell("890", kind=PERIOD),)), RuleCode.DURATION)


def test_a_placement_over_the_turn_counts_in_each_year_with_its_own_days():
    over_the_turn = {"start": DAY(2026, 8, 24), "end": DAY(2026, 9, 4)}
    # 42 hours until 31 August, 28 from 1 September on.
    old_year = spell("883", year=2025, start=DAY(2026, 1, 5))
    assert found(placement(**over_the_turn, spells=(old_year,)), RuleCode.DURATION).figures == {
        "school_year": 2025,
        "hours": 925,
        "own_hours": 42,
        "cap_hours": 924,
    }
    for fits in (spell("882", year=2025, start=DAY(2026, 1, 5)), spell("896")):
        assert found(placement(**over_the_turn, spells=(fits,)), RuleCode.DURATION) is None


# Stipend: above two months


@pytest.mark.parametrize(("hours", "due"), [(307, False), (308, False), (309, True)])
def test_a_stipend_is_due_above_308_hours(hours, due):
    assert stipend_of(of_hours(hours), LAW).due == due
    assert (found(of_hours(hours), RuleCode.STIPEND) is not None) == due


@pytest.mark.parametrize(("before", "due"), [("272", False), ("273", False), ("274", True)])
def test_all_placements_of_a_school_year_with_one_host_count_together(before, due):
    assert stipend_of(placement(spells=(spell(before),)), LAW).due == due


def test_a_minute_above_is_above():
    """301 hours and a minute, kept with two decimals, and the last day of seven."""
    one_day = {"start": MONDAY, "end": MONDAY}
    assert not stipend_of(placement(**one_day, spells=(spell("301.00"),)), LAW).due
    assert stipend_of(placement(**one_day, spells=(spell("301.02"),)), LAW).due


def test_it_is_due_from_the_first_hour_and_said_with_its_amount():
    facts = of_hours(309, start=DAY(2026, 9, 1), stipend_hourly=None)
    assert said(facts, RuleCode.STIPEND) == (
        "309 h chez cet organisme pendant l’année scolaire 2026-2027 : la gratification est due dès la"
        " première heure, au moins 1 390,50 €. Aucune gratification n’est prévue."
    )
    assert found(facts, RuleCode.STIPEND).severity == Severity.BLOCK


def test_earlier_placements_are_owed_too():
    facts = placement(spells=(spell("280", start=DAY(2026, 9, 1)),), stipend_hourly=Decimal("4.50"))
    finding = found(facts, RuleCode.STIPEND)
    assert finding.severity == Severity.INFORM
    assert finding.figures["amount"] == Decimal("1417.50")
    assert finding.figures["own_amount"] == Decimal("157.50")


@pytest.mark.parametrize(
    ("given", "severity"),
    [
        (None, "block"),
        ("0", "block"),
        ("4.35", "block"),
        ("4.49", "block"),
        ("4.50", "inform"),
        ("9", "inform"),
    ],
)
def test_what_is_planned_is_held_against_the_minimum(given, severity):
    facts = of_hours(309, stipend_hourly=given and Decimal(given))
    assert found(facts, RuleCode.STIPEND).severity == severity


def test_a_stipend_below_the_minimum_is_said_with_the_day_of_the_minimum():
    assert said(of_hours(309, stipend_hourly=Decimal("4.35")), RuleCode.STIPEND).endswith(
        "4,35 € par heure sont prévus ; le minimum est de 4,50 € depuis le 01/01/2026."
    )


def test_each_hour_is_owed_at_the_minimum_of_its_day():
    """122 hours in 2025 at 4.35 €, 187 in 2026 at 4.50 €."""
    facts = of_hours(309, start=DAY(2025, 9, 1))
    stipend = stipend_of(facts, LAW.on(facts.start))
    assert stipend.amount == 122 * Decimal("4.35") + 187 * Decimal("4.50") == Decimal("1372.20")
    assert stipend.hourly == Decimal("4.50")


def test_days_without_a_known_minimum_give_no_amount():
    law = Parameters(MONDAY, LAW.steps | {LegalCode.STIPEND_HOURLY_MINIMUM: ((DAY(2027, 1, 1), Decimal(5)),)})
    stipend = stipend_of(of_hours(309), law)
    assert stipend.due and (stipend.amount, stipend.own_amount, stipend.hourly) == (None, None, None)


def test_two_months_in_a_row_count_over_the_turn_of_the_school_year():
    """154 hours until 31 August and 155 after: in no school year above, in a row above."""
    facts = of_hours(309, start=days_after(DAY(2026, 9, 1), -154))
    assert facts.presence.minutes_by_school_year == {2025: 154 * 60, 2026: 155 * 60}
    assert said(facts, RuleCode.STIPEND).startswith("309 h chez cet organisme : la gratification est due")
    assert not stipend_of(of_hours(308, start=days_after(DAY(2026, 9, 1), -154)), LAW).due


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(spell("300", host="another"), id="another host"),
        pytest.param(spell("300", year=2025), id="another school year"),
        pytest.param(spell("300", kind=InternshipKind.OBSERVATION), id="observation"),
    ],
)
def test_what_does_not_count_towards_a_stipend(other):
    assert not stipend_of(placement(spells=(other,)), LAW).due


def test_work_placement_periods_count_the_same_and_observation_never():
    assert stipend_of(of_hours(309, kind=PERIOD), LAW).due
    assert not stipend_of(of_hours(309, kind=InternshipKind.OBSERVATION), LAW).due


# The host's quota


@pytest.mark.parametrize(
    ("headcount", "cap"),
    [(0, 3), (1, 3), (19, 3), (20, 3), (21, 4), (26, 4), (27, 5), (33, 5), (34, 6), (100, 15), (101, 16)],
)
def test_the_cap_of_a_host(headcount, cap):
    """Three below twenty staff, else fifteen per cent rounded up: nineteen and twenty come to the same."""
    assert host_cap(headcount, LAW) == cap
    assert host_cap(headcount, LAW, PERIOD) == cap, "the education authority has raised nothing"


RAISED = Parameters(
    MONDAY,
    LAW.steps
    | {
        LegalCode.PERIOD_QUOTA_HEADCOUNT: ((DAY(2026, 9, 1), Decimal(30)),),
        LegalCode.PERIOD_QUOTA_SHARE: ((DAY(2026, 9, 1), Decimal("0.20")),),
        LegalCode.PERIOD_QUOTA_SMALL: ((DAY(2026, 9, 1), Decimal(5)),),
    },
)


@pytest.mark.parametrize(("headcount", "cap"), [(10, 5), (29, 5), (30, 6), (31, 7), (100, 20)])
def test_the_education_authority_raises_it_for_work_placement_periods(headcount, cap):
    assert host_cap(headcount, RAISED, PERIOD) == cap
    assert host_cap(headcount, RAISED) == host_cap(headcount, LAW)


def test_a_cap_that_is_not_known_is_none():
    assert host_cap(None, LAW) is None
    assert host_cap(10, Parameters(MONDAY, {})) is None
    assert host_cap(10, LAW, InternshipKind.OBSERVATION) is None


@pytest.mark.parametrize(("others", "over"), [(2, False), (3, True)])
def test_the_fourth_intern_of_a_small_host_is_one_too_many(others, over):
    finding = found(placement(interns_by_week={MONDAY: others}), RuleCode.HOST_QUOTA)
    assert (finding is not None) == over


def test_weeks_are_judged_one_by_one():
    next_monday = days_after(MONDAY, 7)
    two_weeks = {"end": days_after(MONDAY, 8), "interns_by_week": {next_monday: 5, days_after(MONDAY, 14): 9}}
    finding = found(placement(**two_weeks), RuleCode.HOST_QUOTA)
    assert finding.figures == {"cap": 3, "headcount": 10, "weeks": {next_monday: 6}}
    assert said(placement(**two_weeks), RuleCode.HOST_QUOTA) == (
        "6 stagiaires la semaine du 14/09/2026, pour 3 au plus avec un effectif de 10 (1 semaine concernée)."
    )


def test_a_headcount_that_is_not_known_or_only_a_floor_warns():
    unknown = found(placement(headcount=None, interns_by_week={MONDAY: 99}), RuleCode.HOST_QUOTA)
    floor = placement(headcount_is_exact=False, interns_by_week={MONDAY: 3})
    assert unknown.severity == Severity.WARN
    assert found(floor, RuleCode.HOST_QUOTA).severity == Severity.WARN
    assert "saisissez l’effectif exact" in said(floor, RuleCode.HOST_QUOTA)


# Tutor and teacher


def test_the_most_at_once_is_that_of_one_day():
    first, second = (DAY(2026, 9, 1), DAY(2026, 9, 10)), (DAY(2026, 9, 11), DAY(2026, 9, 20))
    both = (DAY(2026, 9, 10), DAY(2026, 9, 11))
    assert most_at_once(DAY(2026, 9, 1), DAY(2026, 9, 30), [first, second]) == (1, DAY(2026, 9, 1))
    assert most_at_once(DAY(2026, 9, 1), DAY(2026, 9, 30), [first, second, both]) == (2, DAY(2026, 9, 10))
    assert most_at_once(DAY(2026, 9, 21), DAY(2026, 9, 30), [first, second]) == (0, DAY(2026, 9, 21))
    assert most_at_once(DAY(2026, 9, 11), DAY(2026, 9, 11), [first, second]) == (1, DAY(2026, 9, 11))


@pytest.mark.parametrize(
    ("code", "field", "most"),
    [(RuleCode.TUTOR, "tutor_periods", 3), (RuleCode.TEACHER, "teacher_periods", 24)],
)
def test_one_person_follows_so_many_at_once(code, field, most):
    here = (MONDAY, days_after(MONDAY, 30))
    later = (days_after(MONDAY, 5), days_after(MONDAY, 30))
    assert found(placement(**{field: (here,) * (most - 1)}), code) is None
    finding = found(placement(**{field: (here,) * most}), code)
    assert finding.severity == Severity.BLOCK
    assert (finding.figures["number"], finding.figures["cap"]) == (most + 1, most)
    assert found(placement(**{field: (here,) * (most - 1) + (later,) * 9}), code) is None
    assert found(placement(**{field: None}), code) is None, "nobody is named yet"


# Cooling off


@pytest.mark.parametrize(
    ("length", "delay"),
    [(1, 1), (3, 1), (4, 2), (90, 30), (91, 31), (180, 60)],
)
def test_a_post_is_free_after_a_third_of_the_previous_internship(length, delay):
    end = days_after(MONDAY, -1)
    previous = Previous(days_after(end, 1 - length), end)
    assert previous.days == length
    assert free_from(previous, LAW) == days_after(end, delay + 1)
    start = free_from(previous, LAW)
    on_time = placement(start=start, end=start, previous=(previous,))
    too_early = placement(start=days_after(start, -1), end=start, previous=(previous,))
    assert found(on_time, RuleCode.COOLING_OFF) is None
    assert found(too_early, RuleCode.COOLING_OFF).figures == {"days": delay, "free_from": start}


def test_the_longest_wait_of_all_who_held_the_post_counts():
    """Whoever came between, shorter or gone of their own will, does not end the wait for the one before."""
    long = Previous(DAY(2026, 1, 5), DAY(2026, 6, 30))
    left = Previous(DAY(2026, 7, 1), DAY(2026, 7, 8), ended_by_intern=True)
    free = free_from(long, LAW)
    early = placement(start=days_after(free, -1), end=free, previous=(long, left))
    assert found(early, RuleCode.COOLING_OFF).figures["free_from"] == free
    assert found(placement(start=free, end=free, previous=(long, left)), RuleCode.COOLING_OFF) is None


def test_an_intern_who_left_leaves_the_post_free():
    previous = Previous(DAY(2026, 6, 1), days_after(MONDAY, -1), ended_by_intern=True)
    assert found(placement(previous=(previous,)), RuleCode.COOLING_OFF) is None
    assert free_from(previous, LAW) == MONDAY


# Overlap


@pytest.mark.parametrize(
    ("first", "last", "shared"),
    [(-3, -1, False), (-3, 0, True), (2, 3, True), (4, 9, True), (5, 9, False)],
)
def test_nobody_is_in_two_placements_at_once(first, last, shared):
    other = Spell("another", days_after(MONDAY, first), days_after(MONDAY, last), Decimal(7), 2026)
    finding = found(placement(spells=(other,)), RuleCode.OVERLAP)
    assert (finding is not None) == shared
    if finding:
        assert finding.blocks and finding.overridable
        assert "another" not in finding.explanation, "where the student goes is not told"


def test_both_parts_of_a_placement_over_the_turn_are_one_stretch():
    turn = {"start": DAY(2026, 8, 24), "end": DAY(2026, 9, 4)}
    spells = spells_of("another", presence(FULL_TIME, turn["start"], turn["end"]))
    assert said(placement(**turn, spells=spells), RuleCode.OVERLAP) == (
        "L’étudiant est déjà en stage du 24/08/2026 au 04/09/2026."
    )


# Longest days and weeks


def day_of(*spans):
    return WeekSchedule((tuple(spans),) + ((),) * 6)


@pytest.mark.parametrize(("minutes", "found_one"), [(600, False), (601, True)])
def test_ten_hours_a_day_are_the_most(minutes, found_one):
    facts = placement(schedule=day_of((480, 480 + minutes)))
    assert (found(facts, RuleCode.WORKING_TIME) is not None) == found_one


@pytest.mark.parametrize(("hours", "found_one"), [("48", False), ("48.02", True)])
def test_forty_eight_hours_a_week_are_the_most(hours, found_one):
    finding = found(placement(schedule=WeekSchedule.even(Decimal(hours), days=6)), RuleCode.WORKING_TIME)
    assert (finding is not None) == found_one
    assert finding is None or finding.severity == Severity.WARN


def test_each_day_that_is_too_long_and_the_week_are_told_at_once():
    """Six days of 10 h 30 are 63 h: the first finding does not hide the others."""
    facts = placement(schedule=WeekSchedule((((480, 480 + 630),),) * 6 + ((),)))
    finding = found(facts, RuleCode.WORKING_TIME)
    assert plain_spaces(finding.explanation) == (
        "10 h 30 le lundi, le mardi, le mercredi, le jeudi, le vendredi et le samedi : au plus 10 h par jour."
        " 63 h par semaine : au plus 48 h."
    )
    assert finding.figures["days"] == dict.fromkeys(range(6), Decimal("10.5"))
    assert (finding.figures["week_hours"], finding.figures["week_cap_hours"]) == (63, 48)


def test_days_of_different_lengths_are_told_each_with_its_own():
    schedule = WeekSchedule((((480, 1110),), (), ((480, 1140),), (), ((480, 1110),), (), ()))
    assert said(placement(schedule=schedule), RuleCode.WORKING_TIME) == (
        "10 h 30 le lundi et le vendredi, 11 h le mercredi : au plus 10 h par jour."
    )


# Mentions


@pytest.mark.parametrize("missing", [None, ()])
def test_an_agreement_that_lacks_nothing_or_that_nobody_looks_at_yet_is_held_against_nothing(missing):
    assert found(placement(missing_mentions=missing), RuleCode.MENTIONS) is None


@pytest.mark.parametrize("kind", list(InternshipKind))
def test_what_is_missing_is_listed_and_never_set_aside(kind):
    """Without it the agreement cannot be drawn, whatever was decided."""
    facts = placement(kind=kind, missing_mentions=("activités confiées (D124-4, 4°)", "compétences (3°)"))
    finding = found(facts, RuleCode.MENTIONS)
    assert "activités confiées (D124-4, 4°) ; compétences (3°)." in plain_spaces(finding.explanation)
    assert "ne s’établit pas sans" in finding.explanation
    assert finding.blocks and blocking([finding], [RuleCode.MENTIONS])


# The kind


@pytest.mark.parametrize(
    ("kind", "studies", "found_one"),
    [
        ("observation", "3e", False),
        ("observation", "Collège", False),
        ("observation", "2de générale et technologique", False),
        ("observation", "2de bac technologique", False),
        ("observation", "1re générale", True),
        ("observation", "1re technologique", True),
        ("observation", "2de bac pro", True),
        ("observation", "CAP 1re année", True),
        ("observation", "Licence 3", True),
        ("work_placement_period", "CAP 1re année", False),
        ("work_placement_period", "2de bac pro", False),
        ("work_placement_period", "Bac pro agricole", False),
        ("work_placement_period", "Mention complémentaire niveau 4", False),
        ("work_placement_period", "Certificat de spécialisation niveau 4", False),
        ("work_placement_period", "Certificat de spécialisation niveau 5", True),
        ("work_placement_period", "3e", True),
        ("work_placement_period", "Tle générale", True),
        ("work_placement_period", "BTS 1re année", True),
        ("work_placement_period", "Licence 1", True),
        ("work_placement_period", "Titre professionnel niveau 4", True),
        ("internship", "3e", False),
        ("internship", "Licence 3", False),
    ],
)
def test_a_kind_is_for_those_who_study_for_it(kind, studies, found_one):
    finding = found(placement(kind=kind, level=read_level(studies)), RuleCode.KIND)
    assert (finding is not None) == found_one
    if found_one:
        assert finding.blocks and not finding.overridable
        assert studies in finding.explanation


@pytest.mark.parametrize(
    ("kind", "found_one"), [("observation", True), ("work_placement_period", True), ("internship", False)]
)
def test_whose_studies_nobody_knows_does_neither_but_an_internship(kind, found_one):
    finding = found(placement(kind=kind, level=None), RuleCode.KIND)
    assert (finding is not None) == found_one
    assert not found_one or "rattachement" in finding.explanation


# Observation


@pytest.mark.parametrize(
    ("studies", "days", "found_one"),
    [
        ("3e", 5, False),
        ("3e", 6, True),
        ("2de générale et technologique", 10, False),
        ("2de générale et technologique", 11, True),
        (None, 10, False),
        (None, 11, True),
    ],
)
def test_observation_is_a_week_at_the_college_and_two_in_seconde(studies, days, found_one):
    facts = placement(
        kind=InternshipKind.OBSERVATION,
        schedule=ONE_HOUR_A_DAY,
        end=days_after(MONDAY, days - 1),
        level=studies and read_level(studies),
    )
    finding = found(facts, RuleCode.OBSERVATION)
    assert (finding is not None) == found_one
    if found_one:
        assert finding.blocks and not finding.overridable
        assert f"{days} jours d’observation" in plain_spaces(finding.explanation)
