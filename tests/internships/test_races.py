"""Many at once for what few can have, with real threads: each place is given once, the rest are told."""

import pytest
from django.core.exceptions import ValidationError

from pratik.accounts.enums import Role
from pratik.core.services import save_row
from pratik.internships import services
from pratik.internships.enums import ApplicationState, OfferState
from pratik.internships.models import Application, InternshipOffer
from pratik.internships.services.locking import lock_offers
from pratik.privacy.services import erase_account
from tests import factories as make
from tests.core.test_races import at_once, while_locked
from tests.internships.conftest import state

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

MANY = 20
LETTER = "Je veux apprendre ce métier."


def send(student, offer):
    return services.apply(actor=student.user, offer=offer, letter=LETTER)


def test_twenty_acceptances_for_the_last_place_are_one():
    offer = make.offer(places=1)
    people = [make.company_user(offer.company) for _number in range(2)]
    pks = [make.application(offer=offer).pk for _number in range(MANY)]
    outcomes = at_once(
        *(
            lambda pk=pk, who=people[number % 2]: services.accept_applications(actor=who, pks=[pk])
            for number, pk in enumerate(pks)
        )
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert sum(len(outcome.changed) for outcome in outcomes) == 1
    assert {why for outcome in outcomes for _row, why in outcome.refused} == {
        "La place de cette offre est prise."
    }
    assert Application.objects.accepted().count() == 1
    assert state(offer) == OfferState.FILLED
    assert InternshipOffer.history.filter(id=offer.pk, state=OfferState.FILLED).count() == 1


def test_three_places_for_twenty_are_three():
    offer = make.offer(places=3)
    recruiter = make.company_user(offer.company)
    pks = [make.application(offer=offer).pk for _number in range(MANY)]
    outcomes = at_once(*(lambda pk=pk: services.accept_applications(actor=recruiter, pks=[pk]) for pk in pks))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Application.objects.accepted().count() == 3


def test_a_student_is_taken_for_one_of_two_offers_of_the_same_day():
    company, student = make.company(), make.student()
    rows = [make.application(offer=make.offer(company=company), student=student) for _number in range(4)]
    people = [make.company_user(company) for _row in rows]
    outcomes = at_once(
        *(
            lambda who=who, row=row: services.accept_applications(actor=who, pks=[row.pk])
            for who, row in zip(people, rows, strict=True)
        )
    )
    assert sorted(len(outcome.changed) for outcome in outcomes) == [0, 0, 0, 1]


def test_the_same_application_sent_many_times_is_one():
    offer, student = make.offer(), make.student()
    results = at_once(*(lambda: send(student, offer) for _number in range(5)))
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert {error.code for error in refused} == {"asked_already"} and len(refused) == 4
    assert Application.objects.count() == 1


def test_an_offer_that_closes_first_is_not_answered():
    offer, student = make.offer(), make.student()
    recruiter = make.company_user(offer.company)
    result = while_locked(
        lambda: services.close_offers(actor=recruiter, pks=[offer.pk]), lambda: send(student, offer)
    )
    assert isinstance(result, ValidationError) and result.code == "gone"
    assert not Application.objects.exists()


def test_a_place_given_back_and_one_taken_at_the_same_moment_are_both_counted():
    offer = make.offer(places=1, state=OfferState.FILLED)
    recruiter = make.company_user(offer.company)
    had = make.application(offer=offer, state=ApplicationState.ACCEPTED)
    waiting = make.application(offer=offer)
    outcomes = []
    while_locked(
        lambda: services.withdraw_applications(actor=had.student.user, pks=[had.pk]),
        lambda: outcomes.append(services.accept_applications(actor=recruiter, pks=[waiting.pk])),
    )
    assert (state(had), state(waiting)) == (ApplicationState.WITHDRAWN, ApplicationState.ACCEPTED)
    assert len(outcomes[0].changed) == 1


def test_places_are_not_lowered_below_what_has_just_been_given():
    offer = make.offer(places=2)
    recruiter = make.company_user(offer.company)
    pks = [make.application(offer=offer).pk for _number in range(2)]

    def lower():
        services.rework_offers(actor=recruiter, pks=[offer.pk])
        mine = InternshipOffer.objects.get(pk=offer.pk)
        mine.places = 1
        return save_row(actor=recruiter, row=mine)

    result = while_locked(lambda: services.accept_applications(actor=recruiter, pks=pks), lower)
    assert isinstance(result, ValidationError)
    assert InternshipOffer.objects.get().places == Application.objects.accepted().count() == 2


def test_an_account_is_erased_while_the_company_answers():
    """Both lock the offer before the applications: neither holds what the other waits for."""
    offer, administrator = make.offer(places=2), make.user(Role.ADMINISTRATOR)
    recruiter = make.company_user(offer.company)
    gone, staying = make.application(offer=offer), make.application(offer=offer)
    outcomes = []
    result = while_locked(
        lambda: lock_offers([offer.pk]),
        lambda: erase_account(actor=administrator, user=gone.student.user),
        lambda: outcomes.append(services.accept_applications(actor=recruiter, pks=[gone.pk, staying.pk])),
    )
    assert result is None
    assert state(staying) == ApplicationState.ACCEPTED
    assert state(gone) == ApplicationState.WITHDRAWN


def test_the_same_offer_is_copied_once():
    offer = make.offer()
    recruiter = make.company_user(offer.company)
    results = at_once(
        *(lambda: services.copy_offers(actor=recruiter, pks=[offer.pk]) for _number in range(4))
    )
    assert sum(len(outcome.changed) for outcome in results) == 1
    assert sum(len(outcome.refused) for outcome in results) == 3
    assert InternshipOffer.objects.count() == 2
