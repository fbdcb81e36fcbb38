"""The guard: every rule asked, told in order, and passed over only where that is allowed."""

import datetime
from decimal import Decimal

import pytest

from pratik.law.enums import InternshipKind, LegalCode, RuleCode, Severity
from pratik.law.parameters import MissingParameter, Parameters
from pratik.law.rules import OFFER_RULES, RULES, Previous, WeekSchedule, blocking, check, refusal
from pratik.reference.levels import read_level
from tests.law.conftest import LAW, MONDAY, days_after, of_hours, placement, plain_spaces, spell

COLLEGE = read_level("3e")
MINOR = datetime.date(2009, 6, 1)
EVENING = WeekSchedule((((13 * 60, 23 * 60),),) * 7)
NO_LAW = Parameters(MONDAY, {})

# One placement that breaks each rule; a rule without one fails the test below.
BROKEN = {
    RuleCode.PARAMETERS: (placement(), NO_LAW),
    RuleCode.KIND: (placement(kind=InternshipKind.WORK_PLACEMENT_PERIOD), LAW),
    RuleCode.OVERLAP: (placement(spells=(spell(7, start=MONDAY),)), LAW),
    RuleCode.DURATION: (placement(spells=(spell("890"),)), LAW),
    RuleCode.STIPEND: (of_hours(309), LAW),
    RuleCode.HOST_QUOTA: (placement(interns_by_week={MONDAY: 3}), LAW),
    RuleCode.TUTOR: (placement(tutor_periods=((MONDAY, MONDAY),) * 3), LAW),
    RuleCode.TEACHER: (placement(teacher_periods=((MONDAY, MONDAY),) * 24), LAW),
    RuleCode.COOLING_OFF: (
        placement(previous=(Previous(days_after(MONDAY, -9), days_after(MONDAY, -1)),)),
        LAW,
    ),
    RuleCode.WORKING_TIME: (placement(schedule=WeekSchedule.even(49)), LAW),
    RuleCode.AGE: (placement(born_on=None), LAW),
    RuleCode.MINOR_DAY: (placement(born_on=MINOR, schedule=EVENING), LAW),
    RuleCode.MINOR_WEEK: (placement(born_on=MINOR, schedule=EVENING), LAW),
    RuleCode.MINOR_NIGHT: (placement(born_on=MINOR, schedule=EVENING), LAW),
    RuleCode.MINOR_REST: (placement(born_on=MINOR, schedule=EVENING, end=days_after(MONDAY, 6)), LAW),
    RuleCode.MINOR_DAILY_REST: (
        placement(born_on=MINOR, schedule=WeekSchedule((((6 * 60, 10 * 60), (18 * 60, 22 * 60)),) * 7)),
        LAW,
    ),
    RuleCode.MINOR_BREAK: (placement(born_on=MINOR, schedule=EVENING), LAW),
    RuleCode.MINOR_HOLIDAY: (
        placement(
            born_on=MINOR,
            schedule=WeekSchedule(EVENING.days, works_holidays=True),
            holidays=frozenset({MONDAY}),
        ),
        LAW,
    ),
    RuleCode.LEGAL_REPRESENTATIVE: (placement(born_on=MINOR), LAW),
    RuleCode.MENTIONS: (placement(missing_mentions=("activités confiées",)), LAW),
    RuleCode.OBSERVATION: (placement(kind=InternshipKind.OBSERVATION, end=days_after(MONDAY, 30)), LAW),
}


def test_every_rule_is_registered_and_has_a_case_here():
    assert list(RULES) == list(RuleCode)
    assert set(BROKEN) == set(RULES)


@pytest.mark.parametrize("code", list(RuleCode))
def test_each_rule_finds_what_it_is_for(code):
    facts, law = BROKEN[code]
    rule = RULES[code]
    (finding,) = [finding for finding in check(facts, law) if finding.code == code]
    assert (finding.severity, finding.overridable) == (rule.severity, rule.overridable)
    assert (finding.title, finding.article) == (str(rule.title), str(rule.article))
    assert finding.explanation and rule.explanation
    assert set(rule.uses) <= set(LegalCode)


def test_nothing_is_found_where_nothing_is_wrong():
    assert check(placement(), LAW) == []


def test_what_protects_minors_says_what_a_stay_is_or_what_the_agreement_needs_is_never_passed_over():
    fixed = {code for code, rule in RULES.items() if not rule.overridable}
    assert fixed == {
        *(code for code in RuleCode if code.startswith("minor_")),
        RuleCode.LEGAL_REPRESENTATIVE,
        RuleCode.KIND,
        RuleCode.OBSERVATION,
        RuleCode.MENTIONS,
    }


def test_the_gravest_comes_first():
    facts = placement(
        end=datetime.date(2026, 12, 18),
        headcount=None,
        stipend_hourly=Decimal(5),
        tutor_periods=((MONDAY,) * 2,) * 3,
    )
    assert [(finding.code, finding.severity) for finding in check(facts, LAW)] == [
        (RuleCode.TUTOR, Severity.BLOCK),
        (RuleCode.HOST_QUOTA, Severity.WARN),
        (RuleCode.STIPEND, Severity.INFORM),
    ]


def test_what_blocks_is_passed_over_by_its_code_and_minors_rules_never():
    facts = placement(born_on=MINOR, spells=(spell("890"),))
    findings = check(facts, LAW)
    standing = {finding.code for finding in blocking(findings)}
    assert standing == {RuleCode.DURATION, RuleCode.STIPEND, RuleCode.LEGAL_REPRESENTATIVE}
    passed = {finding.code for finding in blocking(findings, standing)}
    assert passed == {RuleCode.LEGAL_REPRESENTATIVE}
    told = plain_spaces(refusal(findings, standing))
    assert told.startswith("Représentant légal : Le stagiaire a 18 ans")
    assert refusal(check(placement(), LAW)) is None


def test_a_warning_and_an_information_block_nothing():
    warned = check(placement(born_on=None), LAW)
    assert warned and blocking(warned) == []


def test_a_placement_is_judged_by_the_law_of_its_first_day():
    changed = Parameters(
        MONDAY,
        LAW.steps | {LegalCode.TUTOR_MAX: ((datetime.date(2020, 1, 1), Decimal(3)), (MONDAY, Decimal(1)))},
    )
    one_other = ((MONDAY, MONDAY),)
    assert check(placement(tutor_periods=one_other), changed, {RuleCode.TUTOR})
    sunday = days_after(MONDAY, -1)
    before = placement(start=sunday, tutor_periods=one_other)
    assert check(before, changed, {RuleCode.TUTOR}) == []
    assert check(before, changed.on(days_after(MONDAY, 99)), {RuleCode.TUTOR}) == []


def test_a_number_that_is_missing_stops_rather_than_lets_pass():
    some = {code: steps for code, steps in LAW.steps.items() if code != LegalCode.TUTOR_MAX}
    (finding,) = check(placement(tutor_periods=((MONDAY, MONDAY),) * 9), Parameters(MONDAY, some))
    assert (finding.code, finding.blocks) == (RuleCode.PARAMETERS, True)
    assert finding.figures == {"missing": [LegalCode.TUTOR_MAX]}
    assert "Stagiaires suivis à la fois par un tuteur" in finding.explanation
    observation = placement(kind=InternshipKind.OBSERVATION, level=COLLEGE)
    assert check(observation, Parameters(MONDAY, some)) == [], "nobody asks for it there"


def test_a_number_is_read_on_its_day():
    minimum = LegalCode.STIPEND_HOURLY_MINIMUM
    assert LAW[minimum] == Decimal("4.5")
    assert LAW.on(datetime.date(2025, 12, 31))[minimum] == Decimal("4.35")
    assert LAW.get(minimum, datetime.date(2024, 12, 31)) is None
    assert LAW.on(LAW.day) is LAW
    assert (LAW.consent_age, NO_LAW.consent_age) == (15, None)
    with pytest.raises(MissingParameter, match="stipend_hourly_minimum has no value on 2024-12-31"):
        LAW.on(datetime.date(2024, 12, 31))[minimum]


def test_an_offer_is_asked_only_what_can_be_said_of_it():
    """It has days and hours, and neither an intern nor a tutor."""
    offer = of_hours(309, born_on=None, headcount=None)
    assert [finding.code for finding in check(offer, LAW, OFFER_RULES)] == [RuleCode.STIPEND]


def test_observation_is_no_internship():
    """Neither stipend, nor quota, nor cap, nor cooling-off: these articles leave it out."""
    facts = of_hours(
        309,
        kind=InternshipKind.OBSERVATION,
        spells=(spell("924"),),
        interns_by_week={MONDAY: 99},
        tutor_periods=((MONDAY, MONDAY),) * 9,
        previous=(Previous(datetime.date(2026, 1, 1), datetime.date(2026, 8, 31)),),
        level=COLLEGE,
    )
    assert [finding.code for finding in check(facts, LAW)] == [RuleCode.OBSERVATION]


@pytest.mark.parametrize("schedule", [WeekSchedule(), WeekSchedule.even(35)])
@pytest.mark.parametrize("born_on", [None, MINOR, datetime.date(1, 1, 1)])
@pytest.mark.parametrize("kind", list(InternshipKind))
def test_what_is_odd_breaks_nothing(schedule, born_on, kind):
    """A period that ends before it starts, an empty week: told by others, and no error here."""
    backwards = placement(
        schedule=schedule, born_on=born_on, kind=kind, end=days_after(MONDAY, -1), spells=(spell("308"),)
    )
    assert all(finding.explanation for finding in check(backwards, LAW))
