"""What the law rests on: the kind of a stay, the mentions, who set what aside, headcounts, ages, tutors."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratik.accounts.enums import Role
from pratik.accounts.models import StudentProfile
from pratik.core.calendar import today
from pratik.core.services import save_row
from pratik.core.undo import revert_row
from pratik.internships import reports, services
from pratik.internships.enums import ApplicationState, EndedBy, PlacementState
from pratik.internships.models import Placement, RuleOverride
from pratik.internships.reports.law import studies_of
from pratik.law.enums import InternshipKind, RuleCode
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from pratik.partners.models import CompanyProfile
from pratik.reference.levels import read_level
from tests import factories as make
from tests.internships.conftest import soon
from tests.kit.queue import run_queue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

DAY = datetime.timedelta(days=1)
MONDAY = datetime.date(2027, 2, 1)
REASON = "Accord écrit du recteur du 3 mars"


@pytest.fixture
def school(db):
    return make.school(name="Collège Auguste Dédé")


@pytest.fixture
def teacher(school):
    """Somebody of that school."""
    return make.school_user(school)


def blocked(row):
    """The rules that stand in the way of a placement."""
    return {one.code for one in reports.findings([fresh(row)], today())[row.pk] if one.blocks}


def fresh(row):
    return Placement.objects.with_names().get(pk=row.pk)


def enrolled(school, program, group="", **student):
    return make.enrolment(
        school=school,
        program_name=program,
        class_group=group,
        school_year=2026,
        student=make.student(born_on=datetime.date(2000, 1, 1), **student),
    )


def placed(host, school, program, group="", *, kind, days=5, **fields):
    """A placement of so many days of presence, from a Monday."""
    last = MONDAY + ((days - 1) // 5 * 7 + (days - 1) % 5) * DAY
    return make.placement(
        company=host,
        enrolment=enrolled(school, program, group),
        kind=kind,
        start_on=MONDAY,
        end_on=last,
        **fields,
    )


# The kind of a stay


@pytest.mark.parametrize("name", ["kind", "company", "student"])
def test_what_a_stay_is_in_the_eyes_of_the_law_is_not_the_hosts_to_say(
    host, school, recruiter, teacher, name
):
    row = make.placement(company=host, school=school)
    assert name in row.reserved_fields(recruiter)
    assert "kind" not in row.reserved_fields(teacher)


@pytest.mark.parametrize(
    ("program", "group", "days", "wrong"),
    [
        ("3e", "", 5, set()),
        ("3e", "", 6, {RuleCode.OBSERVATION}),
        ("Seconde générale et technologique", "", 10, set()),
        ("Seconde générale et technologique", "", 11, {RuleCode.OBSERVATION}),
        # The class says it where the course does not.
        ("Découverte professionnelle", "3e B", 5, set()),
        ("Première générale", "", 5, {RuleCode.KIND}),
        ("Licence AES", "", 5, {RuleCode.KIND}),
        ("Licence AES", "", 11, {RuleCode.KIND, RuleCode.OBSERVATION}),
    ],
)
def test_observation_is_for_the_college_and_the_seconde_and_short(
    host, school, recruiter, program, group, days, wrong
):
    row = placed(host, school, program, group, kind=InternshipKind.OBSERVATION, days=days)
    assert row.days == days
    assert blocked(row) == wrong
    agreed = services.agree_as_host(actor=recruiter, pks=[row.pk])
    assert bool(agreed.changed) == (not wrong)


@pytest.mark.parametrize(
    ("program", "fits"),
    [
        ("CAP Cuisine", True),
        ("Bac pro MELEC", True),
        ("BTS MCO", False),
        ("Licence AES", False),
        ("3e", False),
    ],
)
def test_a_work_placement_period_is_for_the_vocational_lycee(host, school, recruiter, program, fits):
    row = placed(host, school, program, kind=InternshipKind.WORK_PLACEMENT_PERIOD)
    assert (RuleCode.KIND not in blocked(row)) == fits
    assert bool(services.agree_as_host(actor=recruiter, pks=[row.pk]).changed) == fits


def test_what_nobody_knows_of_the_studies_is_asked_for(host, school):
    """A course that does not say its level is read with the student's own word, and blocks without it."""
    row = placed(host, school, "Management opérationnel", kind=InternshipKind.OBSERVATION)
    assert blocked(row) == {RuleCode.KIND}
    (found,) = [one for one in reports.findings([fresh(row)], today())[row.pk] if one.blocks]
    assert "rattachement" in found.explanation
    student = row.student
    student.read_level = read_level("3e")
    save_row(actor=make.user(), row=student)
    assert blocked(row) == set()


def test_the_enrolment_weighs_more_than_what_students_say_of_themselves(school):
    enrolment = enrolled(school, "Licence AES", level=2, diploma="COLLEGE")
    row = make.placement(enrolment=enrolment)
    assert studies_of(row) == read_level("Licence")


def test_a_wrong_kind_is_never_set_aside(host, school, teacher):
    """All other rules hang on it: each of them is set aside by itself."""
    row = placed(host, school, "Licence AES", kind=InternshipKind.OBSERVATION, days=60)
    for code in (RuleCode.KIND, RuleCode.OBSERVATION):
        with pytest.raises(ValidationError, match="ne peut pas être écartée"):
            services.override_rule(actor=teacher, placement=row, code=code, reason=REASON)


def test_a_year_called_observation_by_its_host_s_offer_is_held_to_the_same_rule(host, school, recruiter):
    """The kind of an offer goes on to the placement that follows from it, and is judged there."""
    offer = make.offer(
        company=host, kind=InternshipKind.OBSERVATION, start_on=soon(60), end_on=soon(64), hours_per_week=30
    )
    student = make.student(born_on=datetime.date(2000, 1, 1))
    make.enrolment(school=school, student=student, program_name="Licence AES", school_year=offer.school_year)
    application = make.application(offer=offer, student=student, state=ApplicationState.ACCEPTED)
    (row,) = services.draft_placements(pks=[application.pk])
    assert row.kind == InternshipKind.OBSERVATION and row.school == school
    tutored = fresh(row)
    tutored.tutor = make.host_tutor(company=host)
    services.save_placement(actor=recruiter, row=tutored)
    ((_row, why),) = services.agree_as_host(actor=recruiter, pks=[row.pk]).refused
    assert why.startswith("Nature du stage")


# The mentions


@pytest.mark.parametrize(
    "lacking",
    [
        {"activities": ""},
        {"skills": []},
        {"supervision": ""},
        {"social_protection": ""},
        {"leave_rules": ""},
        {"validation_rules": ""},
        {"program_hours": ""},
        {"stipend_hourly": "4.50", "stipend_payment": ""},
    ],
    ids=lambda lacking: next(reversed(lacking)),
)
def test_the_guard_and_the_paper_ask_for_the_same_mentions(host, school, teacher, papers, lacking):
    """What the school is told before it agrees is what the agreement would be refused for afterwards."""
    early = make.placement(company=host, school=school, state=PlacementState.HOST_AGREED, **lacking)
    late = make.placement(company=host, school=school, state=PlacementState.SCHOOL_AGREED, **lacking)
    ((_row, told),) = services.agree_as_school(actor=teacher, pks=[early.pk]).refused
    ((_row, drawn),) = services.make_agreements(actor=teacher, pks=[late.pk]).refused
    (named,) = drawn.partition("\u00a0: ")[2].rstrip(".").split("\u00a0; ")
    assert named in told and "D124-4" in named


@pytest.mark.parametrize("kind", list(InternshipKind))
def test_what_is_complete_for_the_guard_is_complete_for_the_paper(host, school, teacher, papers, kind):
    row = make.placement(company=host, school=school, kind=kind, state=PlacementState.HOST_AGREED)
    assert RuleCode.MENTIONS not in blocked(row)
    with_paper = make.placement(company=host, school=school, kind=kind, state=PlacementState.SCHOOL_AGREED)
    assert services.make_agreements(actor=teacher, pks=[with_paper.pk]).changed


def test_mentions_are_never_set_aside(host, school, teacher):
    row = make.placement(company=host, school=school, state=PlacementState.HOST_AGREED, activities="")
    assert RuleCode.MENTIONS in blocked(row)
    with pytest.raises(ValidationError, match="ne peut pas être écartée"):
        services.override_rule(actor=teacher, placement=row, code=RuleCode.MENTIONS, reason=REASON)


# What was set aside holds again


@pytest.fixture
def long_one(host, school):
    """More than two months without a stipend."""
    return make.placement(company=host, school=school, end_on=soon(30 + 7 * 10 - 1))


@pytest.mark.parametrize("reason", ["", "  ", "x", ".", "neuf lett", "1234567890 !!"])
def test_a_reason_is_a_sentence(long_one, teacher, reason):
    with pytest.raises(ValidationError):
        services.override_rule(actor=teacher, placement=long_one, code=RuleCode.STIPEND, reason=reason)
    assert not RuleOverride.objects.exists()


def test_a_rule_that_was_set_aside_holds_again_and_its_trace_stays(long_one, teacher, recruiter):
    services.override_rule(actor=teacher, placement=long_one, code=RuleCode.STIPEND, reason=REASON)
    services.reinstate_rule(actor=teacher, placement=long_one, code=RuleCode.STIPEND)
    kept = RuleOverride.objects.get()
    assert kept.ended_at is not None and kept.reason == REASON
    line = kept.history.order_by("-history_id").first()
    assert (line.history_user, line.ended_at) == (teacher, kept.ended_at)
    ((_row, why),) = services.agree_as_host(actor=recruiter, pks=[long_one.pk]).refused
    assert why.startswith("Gratification")
    with pytest.raises(ValidationError, match="n’est pas écartée"):
        services.reinstate_rule(actor=teacher, placement=long_one, code=RuleCode.STIPEND)
    services.override_rule(actor=teacher, placement=long_one, code=RuleCode.STIPEND, reason=REASON)
    assert services.agree_as_host(actor=recruiter, pks=[long_one.pk]).changed


def test_who_may_not_set_aside_may_not_reinstate(long_one, teacher, recruiter):
    services.override_rule(actor=teacher, placement=long_one, code=RuleCode.STIPEND, reason=REASON)
    stranger = make.school_user(make.school())
    for actor in (recruiter, stranger, long_one.student.user, make.user(Role.VERIFIER)):
        with pytest.raises(PermissionDenied):
            services.reinstate_rule(actor=actor, placement=long_one, code=RuleCode.STIPEND)
    assert RuleOverride.objects.standing().exists()


@pytest.mark.parametrize(
    ("state", "open_to_change"),
    [
        (PlacementState.DRAFTED, True),
        (PlacementState.HOST_AGREED, True),
        (PlacementState.SCHOOL_AGREED, True),
        (PlacementState.SIGNED, False),
        (PlacementState.RUNNING, False),
        (PlacementState.COMPLETED, False),
        (PlacementState.CANCELLED, False),
    ],
)
def test_what_was_set_aside_for_a_signed_agreement_stays_set_aside(
    host, school, teacher, state, open_to_change
):
    row = make.placement(company=host, school=school, state=state)
    kept = RuleOverride(placement=row, rule=RuleCode.STIPEND, finding="Due", reason=REASON, made_by=teacher)
    make.saved(kept)
    if open_to_change:
        services.reinstate_rule(actor=teacher, placement=row, code=RuleCode.STIPEND)
    else:
        with pytest.raises(ValidationError, match="reste au dossier"):
            services.reinstate_rule(actor=teacher, placement=row, code=RuleCode.STIPEND)
    assert RuleOverride.objects.standing().exists() != open_to_change


# The headcount


def headcount_notices(person):
    run_queue()
    return list(Notice.objects.filter(recipient=person, kind=NoticeKind.HEADCOUNT_CHANGED))


def says(actor, company, **values):
    company = CompanyProfile.objects.get(pk=company.pk)
    for name, value in values.items():
        setattr(company, name, value)
    save_row(actor=actor, row=company)


@pytest.fixture
def editor(db):
    return make.user(Role.EDITOR)


def test_the_team_hears_of_a_headcount_that_a_host_changed_under_its_interns(host, recruiter, editor):
    for state in (PlacementState.HOST_AGREED, PlacementState.RUNNING):
        make.placement(company=host, state=state)
    says(make.user(), host, headcount=12)
    assert headcount_notices(editor) == [], "the team knows what it wrote"
    says(recruiter, host, headcount=1_000_000)
    (notice,) = headcount_notices(editor)
    assert host.name in notice.subject
    body = " ".join(notice.body.split())
    assert "avant : 12 ; maintenant : 1 000 000" in body and "2 de ses stages" in body
    says(recruiter, host, description="Une scierie")
    assert len(headcount_notices(editor)) == 1, "nothing else of its page is told"


def test_a_band_that_says_more_is_told_too(host, recruiter, editor):
    make.placement(company=host, state=PlacementState.SIGNED)
    says(recruiter, host, size_band="250-499")
    (notice,) = headcount_notices(editor)
    assert "avant : inconnu ; maintenant : 250" in " ".join(notice.body.split())


@pytest.mark.parametrize(
    "state", [None, PlacementState.DRAFTED, PlacementState.COMPLETED, PlacementState.CANCELLED]
)
def test_where_no_intern_hangs_on_it_nobody_is_told(host, recruiter, editor, state):
    if state:
        make.placement(company=host, state=state)
    says(recruiter, host, headcount=30)
    assert headcount_notices(editor) == []


def test_whose_word_a_headcount_is(host, recruiter):
    silent, band = make.company(), make.company(size_band="20-49")
    says(make.user(), host, headcount=12)
    team = reports.headcounts([host_now(host)])[host.pk]
    assert (team.number, team.by_host) == (12, False)
    says(recruiter, host, headcount=40)
    says(make.user(), host, description="Une scierie")
    found = reports.headcounts([host_now(host), silent, band])
    assert (found[host.pk].number, found[host.pk].by_host, found[host.pk].is_floor) == (40, True, False)
    assert found[host.pk].since.date() >= team.since.date()
    assert found[silent.pk].number is None
    assert (found[band.pk].number, found[band.pk].is_floor) == (20, True)


def host_now(host):
    return CompanyProfile.objects.get(pk=host.pk)


# The birth date


def typed_by(actor, student, born_on):
    row = StudentProfile.objects.get(pk=student.pk)
    row.born_on = born_on
    save_row(actor=actor, row=row)


@pytest.mark.parametrize(
    ("state", "settled"),
    [
        (PlacementState.DRAFTED, True),
        (PlacementState.HOST_AGREED, True),
        (PlacementState.RUNNING, True),
        (PlacementState.COMPLETED, False),
        (PlacementState.INTERRUPTED, False),
        (PlacementState.CANCELLED, False),
    ],
)
def test_a_birth_date_that_an_internship_rests_on_is_not_the_interns_to_change(state, settled):
    student = make.student(born_on=datetime.date(2012, 5, 6))
    fields = {"ended_on": today() - 50 * DAY, "ended_by": EndedBy.HOST} if state == "interrupted" else {}
    make.placement(student=student, state=state, **fields)
    for day in (datetime.date(2000, 5, 6), None):
        if settled:
            with pytest.raises(ValidationError, match="l’équipe PRATIK"):
                typed_by(student.user, student, day)
        else:
            typed_by(student.user, student, day)
    typed_by(make.user(Role.VERIFIER), student, datetime.date(2011, 5, 6))
    assert StudentProfile.objects.get(pk=student.pk).born_on == datetime.date(2011, 5, 6)


def test_who_has_told_no_birth_date_may_still_tell_it_once():
    student = make.student(born_on=None)
    make.placement(student=student)
    typed_by(student.user, student, datetime.date(2004, 5, 6))
    with pytest.raises(ValidationError):
        typed_by(student.user, student, datetime.date(2000, 5, 6))
    row = StudentProfile.objects.get(pk=student.pk)
    row.bio = "J’aime le bois."
    assert save_row(actor=student.user, row=row).bio, "the rest of the profile stays theirs"


def test_going_back_in_the_history_does_not_change_it_either():
    student = make.student(born_on=datetime.date(2000, 5, 6), bio="Avant")
    first = student.history.first()
    row = StudentProfile.objects.get(pk=student.pk)
    row.born_on, row.bio = datetime.date(2012, 5, 6), "Après"
    save_row(actor=make.user(), row=row)
    make.placement(student=student)
    revert_row(actor=student.user, row=row, line=first)
    row.refresh_from_db()
    assert (row.born_on, row.bio) == (datetime.date(2012, 5, 6), "Avant")


# The tutor


def follows(host, tutor, number):
    for _each in range(number):
        make.placement(
            company=host, tutor=tutor, state=PlacementState.SIGNED, start_on=MONDAY, end_on=MONDAY + 4 * DAY
        )


@pytest.mark.parametrize(
    ("first", "last", "same"),
    [("Élodie", "Robinson", True), ("ROBINSON", "elodie", True), ("Élodie", "Robin", False)],
)
def test_a_tutor_typed_again_at_another_address_is_one_person(school, first, last, same):
    host = make.company(headcount=400)
    tutor = make.host_tutor(company=host, first_name="Elodie", last_name="Robinson")
    follows(host, tutor, 3)
    again = make.host_tutor(company=host, first_name=first, last_name=last, email="autre@scierie.example")
    row = make.placement(company=host, school=school, tutor=again, start_on=MONDAY, end_on=MONDAY + 4 * DAY)
    assert (RuleCode.TUTOR in blocked(row)) == same


def test_people_of_one_name_at_two_hosts_are_two(school):
    host, other = make.company(headcount=400), make.company(headcount=400)
    follows(other, make.host_tutor(company=other, first_name="Elodie", last_name="Robinson"), 3)
    tutor = make.host_tutor(company=host, first_name="Elodie", last_name="Robinson")
    row = make.placement(company=host, school=school, tutor=tutor, start_on=MONDAY, end_on=MONDAY + 4 * DAY)
    assert RuleCode.TUTOR not in blocked(row)


def test_the_class_of_one_tutor_under_two_addresses_is_judged_one_after_the_other(school, host, recruiter):
    host.headcount = 400
    save_row(actor=make.user(), row=host)
    tutors = [
        make.host_tutor(company=host, first_name="Elodie", last_name="Robinson", email=f"{name}@s.example")
        for name in ("un", "deux")
    ]
    rows = [make.placement(company=host, school=school, tutor=tutors[number % 2]) for number in range(4)]
    outcome = services.agree_as_host(actor=recruiter, pks=[row.pk for row in rows])
    assert len(outcome.changed) == 3
    ((_row, why),) = outcome.refused
    assert why.startswith("Stagiaires par tuteur")


def test_the_surroundings_take_the_same_queries_for_any_number(school):
    host = make.company(headcount=400)

    def asked(number):
        for _each in range(number):
            make.placement(company=host, school=school, state=PlacementState.HOST_AGREED)
        rows = list(Placement.objects.with_names())
        with CaptureQueriesContext(connection) as queries:
            reports.judgements(rows, today())
        return len(queries)

    assert asked(1) == asked(5)
