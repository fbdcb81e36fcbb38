"""Many at once around placements, with real threads: one placement each, own numbers, caps that hold."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from pratik.core.calendar import today
from pratik.internships import services
from pratik.internships.enums import PaperState, PlacementState
from pratik.internships.models import Placement, PlacementPaper
from pratik.schools.models import StudentEnrolment
from pratik.schools.services import accept_enrolments, declare_enrolment, propose_enrolments
from tests import factories as make
from tests.core.test_races import at_once, while_locked

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

DAY = datetime.timedelta(days=1)


def test_an_acceptance_that_is_heard_of_ten_times_makes_one_placement():
    application = make.application(state="accepted")
    results = at_once(*(lambda: services.draft_placements(pks=[application.pk]) for _each in range(10)))
    assert sum(len(result) for result in results) == 1
    assert Placement.objects.count() == 1


def test_two_people_who_make_agreements_at_once_get_two_numbers():
    make.legal_parameters()
    make.paper_templates()
    school = make.school()
    people = [make.school_user(school) for _each in range(3)]
    rows = [make.placement(school=school, state=PlacementState.SCHOOL_AGREED) for _each in people]
    # The fonts are read once; what is raced for is the number.
    first = make.placement(school=school, state=PlacementState.SCHOOL_AGREED)
    services.make_agreements(actor=people[0], pks=[first.pk])
    at_once(
        *(
            lambda who=who, row=row: services.make_agreements(actor=who, pks=[row.pk])
            for who, row in zip(people, rows, strict=True)
        )
    )
    sequences = sorted(PlacementPaper.objects.values_list("sequence", flat=True))
    assert sequences == [1, 2, 3, 4]


def test_one_placement_has_one_agreement_however_many_make_it():
    make.legal_parameters()
    make.paper_templates()
    school = make.school()
    row = make.placement(school=school, state=PlacementState.SCHOOL_AGREED)
    people = [make.school_user(school) for _each in range(4)]
    results = at_once(*(lambda who=who: services.make_agreements(actor=who, pks=[row.pk]) for who in people))
    assert sum(len(result.changed) for result in results) == 1
    assert PlacementPaper.objects.count() == 1


def test_a_host_of_three_takes_three_however_many_agree_at_once():
    make.legal_parameters()
    host = make.company(headcount=10)
    rows = [make.placement(company=host) for _each in range(6)]
    people = [make.company_user(host) for _each in rows]
    outcomes = at_once(
        *(
            lambda who=who, row=row: services.agree_as_host(actor=who, pks=[row.pk])
            for who, row in zip(people, rows, strict=True)
        )
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Placement.objects.filter(state=PlacementState.HOST_AGREED).count() == 3


@pytest.fixture
def school(db):
    make.legal_parameters()
    make.paper_templates()
    return make.school()


def agreed_with_paper(school, who, **fields):
    row = make.placement(school=school, state=PlacementState.SCHOOL_AGREED, **fields)
    outcome = services.make_agreements(actor=who, pks=[row.pk])
    assert outcome.changed, outcome.refused
    return row


def test_a_paper_is_not_declared_void_while_its_signature_is_noted(school):
    """Else a signed placement would have no agreement, and nobody could make it another."""
    people = [make.school_user(school) for _each in range(2)]
    row = agreed_with_paper(school, people[0])
    paper = PlacementPaper.objects.get()
    outcome = while_locked(
        lambda: services.sign_placements(actor=people[0], pks=[row.pk]),
        lambda: services.void_papers(actor=people[1], pks=[paper.pk], reason="Erreur"),
    )
    assert not outcome.changed and len(outcome.refused) == 1
    row.refresh_from_db()
    paper.refresh_from_db()
    assert (row.state, paper.state) == (PlacementState.SIGNED, PaperState.SIGNED)


def test_two_amendments_at_once_do_not_give_a_tutor_four_interns(school):
    host = make.company(headcount=100)
    days = {"start_on": today() + 40 * DAY, "end_on": today() + 67 * DAY}
    busy = make.host_tutor(company=host)
    for _each in range(2):
        make.placement(company=host, tutor=busy, state=PlacementState.SIGNED, **days)
    people = [make.school_user(school) for _each in range(2)]
    rows = [agreed_with_paper(school, who, company=host, **days) for who in people]
    for who, row in zip(people, rows, strict=True):
        assert services.sign_placements(actor=who, pks=[row.pk]).changed

    boss = make.company_user(host)
    papers = [
        services.make_amendment(actor=who, placement=row, changes={"tutor": busy}, reason="Départ du tuteur")
        for who, row in zip(people, rows, strict=True)
    ]
    assert len(services.agree_to_amendments(actor=boss, pks=[paper.pk for paper in papers]).changed) == 2

    def sign(number):
        return services.sign_amendment(actor=people[number], paper=papers[number], signed_on=today())

    second = while_locked(lambda: sign(0), lambda: sign(1))
    assert isinstance(second, services.Unlawful)
    assert Placement.objects.filter(tutor=busy).count() == 3


def test_an_amendment_and_a_new_agreement_at_once_do_not_give_a_tutor_four_interns(school):
    host = make.company(headcount=100)
    days = {"start_on": today() + 40 * DAY, "end_on": today() + 67 * DAY}
    busy = make.host_tutor(company=host)
    for _each in range(2):
        make.placement(company=host, tutor=busy, state=PlacementState.SIGNED, **days)
    boss, who = make.company_user(host), make.school_user(school)
    row = agreed_with_paper(school, who, company=host, **days)
    assert services.sign_placements(actor=who, pks=[row.pk]).changed
    paper = services.make_amendment(actor=who, placement=row, changes={"tutor": busy}, reason="Départ")
    assert services.agree_to_amendments(actor=boss, pks=[paper.pk]).changed
    fresh = make.placement(company=host, school=school, tutor=busy, **days)
    outcome = while_locked(
        lambda: services.sign_amendment(actor=who, paper=paper, signed_on=today()),
        lambda: services.agree_as_host(actor=boss, pks=[fresh.pk]),
    )
    assert not outcome.changed and len(outcome.refused) == 1
    fresh.refresh_from_db()
    assert fresh.state == PlacementState.DRAFTED


def test_an_amendment_is_signed_once_and_not_while_it_is_cancelled(school):
    people = [make.school_user(school) for _each in range(2)]
    host = make.company()
    boss = make.company_user(host)
    row = agreed_with_paper(school, people[0], company=host)
    assert services.sign_placements(actor=people[0], pks=[row.pk]).changed
    paper = services.make_amendment(
        actor=people[0], placement=row, changes={"post": "Monteur"}, reason="Autre poste"
    )
    assert services.agree_to_amendments(actor=boss, pks=[paper.pk]).changed
    outcome = while_locked(
        lambda: services.sign_amendment(actor=people[0], paper=paper, signed_on=today()),
        lambda: services.void_papers(actor=people[1], pks=[paper.pk], reason="Erreur"),
    )
    assert not outcome.changed and len(outcome.refused) == 1
    paper.refresh_from_db()
    row.refresh_from_db()
    assert (paper.state, row.post) == ("signed", "Monteur")


def test_one_amendment_is_proposed_however_many_propose_at_once(school):
    people = [make.school_user(school) for _each in range(3)]
    row = agreed_with_paper(school, people[0])
    assert services.sign_placements(actor=people[0], pks=[row.pk]).changed
    results = at_once(
        *(
            lambda who=who: services.make_amendment(
                actor=who, placement=row, changes={"post": f"Poste de {who.pk}"}, reason="Autre poste"
            )
            for who in people
        )
    )
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert len(refused) == 2 and len(results) == 3
    assert PlacementPaper.objects.filter(kind="amendment").count() == 1


def test_calling_off_and_drafting_again_do_not_wait_for_each_other(school):
    application = make.application(state="accepted")
    (row,) = services.draft_placements(pks=[application.pk])
    boss = make.company_user(row.company)
    results = at_once(
        lambda: services.cancel_placements(actor=boss, pks=[row.pk], reason="Travaux"),
        *(lambda: services.draft_placements(pks=[application.pk]) for _each in range(4)),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert not Placement.objects.not_cancelled().exists()


def test_placements_start_once_when_two_workers_count_the_days():
    host = make.company()
    rows = [
        make.placement(company=host, state=PlacementState.SIGNED, start_on=today() - 60 * DAY)
        for _each in range(5)
    ]
    at_once(services.start_and_complete, services.start_and_complete)
    assert set(Placement.objects.values_list("state", flat=True)) == {PlacementState.COMPLETED}
    lines = Placement.history.filter(id__in=[row.pk for row in rows], history_type="~")
    assert lines.count() == 2 * len(rows)
    host.refresh_from_db()
    assert host.total_interns_hosted == len(rows)


def test_a_student_and_a_school_who_ask_at_once_have_one_enrolment():
    school, student = make.school(), make.student()
    member = make.school_user(school)
    year = make.enrolment().school_year
    asked = {"school": school, "school_year": year, "program_name": "Bac pro"}
    results = at_once(
        lambda: propose_enrolments(actor=member, emails=[student.user.email], **asked),
        lambda: declare_enrolment(actor=student.user, **asked),
        lambda: declare_enrolment(actor=student.user, **asked),
    )
    rows = StudentEnrolment.objects.filter(email=student.user.email)
    assert rows.count() == 1
    assert all(
        isinstance(result, (ValidationError, StudentEnrolment)) or result.refused or result.changed
        for result in results
    )


def test_an_enrolment_is_confirmed_once():
    school, student = make.school(), make.student()
    member = make.school_user(school)
    year = make.enrolment().school_year
    (row,) = propose_enrolments(
        actor=member, school=school, emails=[student.user.email], school_year=year, program_name="Bac pro"
    ).changed
    results = at_once(*(lambda: accept_enrolments(actor=student.user, pks=[row.pk]) for _each in range(4)))
    assert sum(len(result.changed) for result in results) == 1
