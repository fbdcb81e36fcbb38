"""The home page on internships: each person reads what waits for them, and nothing of others."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.internships.enums import ApplicationState, OfferState, PaperState, PlacementState
from pratik.recommendations.enums import RecommendationState
from pratik.schools.enums import EnrolmentState
from tests import factories as make
from tests.backoffice.test_dashboard import internships
from tests.conftest import person

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def blocks(client_for):
    """`blocks(user)`: the blocks of a person's home page by their titles."""

    def shown(user):
        response = client_for(user).get(reverse("admin:index"))
        assert response.status_code == 200
        home = response.context_data["home"]
        return {block.title: block for block in (*home.main, *home.side)}

    return shown


def titles(block):
    return [item.title for item in block.items]


@pytest.fixture
def company(db):
    return make.company(name="Scierie du Maroni")


@pytest.fixture
def host(company):
    return make.company_user(company)


@pytest.fixture
def school(db):
    return make.school()


@pytest.fixture
def teacher(school):
    return make.school_user(school)


# Companies


def test_a_company_reads_which_applications_nobody_has_looked_at(company, host, blocks):
    offer = make.offer(company=company, title="Aide-menuisier")
    waiting = make.application(offer=offer)
    make.application(offer=offer, state=ApplicationState.SHORTLISTED)
    make.application()
    block = blocks(host)["Candidatures à examiner"]
    assert titles(block) == [str(waiting.student)]
    assert block.number == 1
    assert block.items[0].details == ("Aide-menuisier", "en attente depuis aujourd’hui")


def test_a_company_reads_which_placements_wait_for_its_word_the_next_to_start_first(company, host, blocks):
    later = make.placement(company=company, start_on=today() + 40 * DAY)
    soon = make.placement(company=company, start_on=today() + 5 * DAY)
    make.placement(company=company, state=PlacementState.HOST_AGREED)
    make.placement()
    block = blocks(host)["Stages qui attendent votre accord"]
    assert titles(block) == [str(soon.student), str(later.student)]
    assert [item.badge and item.badge.text for item in block.items] == ["Dans 5 jours", None]


def test_a_company_is_told_whose_certificate_is_missing(company, host, blocks):
    over = make.placement(company=company, state=PlacementState.COMPLETED)
    certified = make.placement(company=company, state=PlacementState.COMPLETED)
    make.placement_paper(placement=certified, kind="certificate")
    make.placement(company=company, state=PlacementState.RUNNING)
    assert titles(blocks(host)["Attestations à remettre"]) == [str(over.student)]


def test_a_company_is_told_which_of_its_offers_end_soon(company, host, blocks):
    def ending(days, **fields):
        return make.offer(
            company=company, start_on=today() + 60 * DAY, apply_until=today() + days * DAY, **fields
        )

    last, soon = ending(0), ending(7)
    ending(8)
    ending(-1)
    ending(3, state=OfferState.FILLED)
    block = blocks(host)["Offres bientôt closes"]
    assert titles(block) == [last.title, soon.title]
    assert [item.badge.text for item in block.items] == ["Dernier jour", "Encore 7 jours"]


def test_an_amendment_waits_for_the_host_then_for_the_school(company, host, school, teacher, blocks):
    def amendment(state):
        placement = make.placement(company=company, school=school, state=PlacementState.SIGNED)
        amends = make.placement_paper(placement=placement)
        make.placement_paper(placement=placement, kind="amendment", amends=amends, state=state)
        return str(placement.student)

    proposed, agreed = amendment(PaperState.MADE), amendment(PaperState.AGREED)
    amendment(PaperState.SIGNED)
    assert titles(blocks(host)["Avenants qui attendent votre accord"]) == [proposed]
    assert titles(blocks(teacher)["Avenants à faire signer"]) == [agreed]
    stranger = blocks(make.company_user())
    assert "Avenants qui attendent votre accord" not in stranger, (
        "rare, so nothing is said while there is none"
    )


# Schools


def test_a_school_reads_what_waits_for_its_word(school, teacher, blocks):
    waiting = make.placement(school=school, state=PlacementState.HOST_AGREED)
    make.placement(school=school)
    make.placement(state=PlacementState.HOST_AGREED)
    assert titles(blocks(teacher)["Stages qui attendent votre accord"]) == [str(waiting.student)]


def test_a_school_reads_which_agreements_are_to_make_and_which_to_sign(school, teacher, blocks):
    made = make.placement(school=school, state=PlacementState.SCHOOL_AGREED, start_on=today() + 10 * DAY)
    make.placement(school=school, state=PlacementState.SCHOOL_AGREED, start_on=today() + 20 * DAY)
    make.placement_paper(placement=made)
    block = blocks(teacher)["Conventions à établir et à signer"]
    assert [item.badge.text for item in block.items] == ["À signer", "À établir"]


def test_a_school_confirms_the_students_who_named_it(school, teacher, blocks):
    declared = make.enrolment(school=school, state=EnrolmentState.DECLARED)
    make.enrolment(school=school)
    make.enrolment(state=EnrolmentState.DECLARED)
    assert titles(blocks(teacher)["Rattachements à confirmer"]) == [str(declared.student)]


def test_a_school_counts_its_interns_under_way(school, teacher, client_for):
    make.placement(school=school, state=PlacementState.RUNNING)
    make.placement(school=school, state=PlacementState.SIGNED)
    make.placement(state=PlacementState.RUNNING)
    cards = client_for(teacher).get(reverse("admin:index")).context_data["home"].cards
    assert [card.number for card in cards if card.label == "stagiaire en entreprise"] == [1]


# Students


def test_a_student_reads_who_waits_for_their_answer(blocks):
    student = make.student()
    company = make.company(name="Scierie du Maroni")
    over = make.placement(student=student, company=company, state=PlacementState.COMPLETED)
    make.recommendation(placement=over, state=RecommendationState.PROPOSED)
    make.follow(student=student, company=make.company(name="Menuiserie du Larivot"))
    make.enrolment(
        email=student.user.email, school=make.school(name="Lycée Lama"), state=EnrolmentState.PROPOSED
    )
    make.recommendation(state=RecommendationState.PROPOSED)
    make.follow()
    block = blocks(student.user)["Ce qui attend votre réponse"]
    assert titles(block) == ["Lycée Lama", "Scierie du Maroni", "Menuiserie du Larivot"]


def test_a_student_with_a_place_is_led_to_the_applications_that_go_on(blocks):
    student = make.student()
    place = make.application(student=student, state=ApplicationState.ACCEPTED)
    assert blocks(student.user)["Ce qui attend votre réponse"].items == []
    other = make.application(student=student)
    found = blocks(student.user)
    [item] = found["Ce qui attend votre réponse"].items
    assert item.url == reverse("admin:internships_application_change", args=[place.pk])
    assert titles(found["Mes candidatures"]) == [place.offer.title, other.offer.title]


def test_a_student_without_an_application_is_led_to_the_offers(blocks):
    [item] = blocks(make.student().user)["Mes candidatures"].items
    assert item.url == reverse("public:offers")


def test_a_student_reads_their_own_placements_and_papers_alone(blocks):
    student = make.student()
    own = make.placement(student=student, state=PlacementState.RUNNING)
    paper = make.placement_paper(placement=own)
    make.placement_paper(placement=make.placement(state=PlacementState.RUNNING))
    found = blocks(student.user)
    assert titles(found["Mes stages"]) == [own.post]
    assert [item.badge.text for item in found["Mes stages"].items] == ["En cours"]
    assert [paper.number in title for title in titles(found["Mes conventions et attestations"])] == [True]


# The team


def test_the_team_reads_the_offers_that_wait_longest_first(editor, blocks):
    young, old = (
        make.offer(state=OfferState.SUBMITTED, submitted_at=timezone.now() - days * DAY) for days in (1, 9)
    )
    make.offer()
    make.offer(state=OfferState.DRAFT)
    block = blocks(editor)["Offres de stage à examiner"]
    assert titles(block) == [old.title, young.title]
    assert block.items[0].details[-1] == "en attente depuis 9 jours"


def test_the_team_counts_the_interns_under_way(administrator, client_for):
    make.placement(state=PlacementState.RUNNING)
    make.placement(state=PlacementState.COMPLETED)
    cards = client_for(administrator).get(reverse("admin:index")).context_data["home"].cards
    assert [card.number for card in cards if card.label == "stagiaire en entreprise"] == [1]


# Budgets


def asked(client):
    client.get(reverse("admin:index"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("admin:index")).status_code == 200
    return queries


@pytest.mark.parametrize("role", [Role.COMPANY, Role.SCHOOL, Role.STUDENT])
def test_the_page_asks_as_much_for_many_rows_as_for_a_few(role, client_for):
    user = person(role)
    client = client_for(user)
    internships(user)
    few = asked(client)
    if role == Role.STUDENT:
        student = user.studentprofile
        for _each in range(10):
            make.application(student=student)
            make.follow(student=student)
    else:
        internships(user)
    many = asked(client)
    assert len(many) == len(few), "\n".join(query["sql"][:200] for query in many)
