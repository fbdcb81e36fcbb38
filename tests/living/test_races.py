"""Many at once for what few can have, with real threads: each place is given once, the rest are told."""

import pytest
from django.core.exceptions import ValidationError

from pratik.accounts.enums import Role
from pratik.core.services import save_row
from pratik.living.enums import RequestState
from pratik.living.models import CarpoolRequest, HousingOffer, HousingRequest
from pratik.living.services import (
    accept_requests,
    ask_for_lodging,
    ask_for_seat,
    rework_offers,
    suspend_offers,
    withdraw_requests,
)
from pratik.living.services.places import lock_offers
from pratik.notifications.models import Notice
from pratik.privacy.services import erase_account
from tests import factories as make
from tests.core.test_races import at_once, while_locked
from tests.kit.queue import run_queue
from tests.living.conftest import nbsp, soon

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

STUDENTS = 20


def students(number=STUDENTS):
    return [make.user(Role.STUDENT) for _number in range(number)]


def ask(offer, who, wait):
    return ask_for_seat(actor=who, offer=offer, from_on=soon(), until_on=soon(30), wait=wait)


def test_twenty_students_ask_for_the_last_seat_at_once_one_gets_it_and_nineteen_are_told():
    offer, people = make.trip(is_instant=True, seats=1), students()
    results = at_once(*(lambda who=who: ask(offer, who, False) for who in people))
    refused = [result for result in results if isinstance(result, ValidationError)]
    (had,) = [result for result in results if result not in refused]
    assert {error.code for error in refused} == {"full"} and len(refused) == STUDENTS - 1
    assert {message for error in refused for message in error.messages} == {
        "Il n’y a plus de place ces jours-là. Choisissez d’autres jours, ou la liste d’attente."
    }
    assert CarpoolRequest.objects.get() == had
    assert (had.state, CarpoolRequest.history.count()) == (RequestState.ACCEPTED, 1)


def test_twenty_students_who_would_wait_are_each_told_where_they_stand():
    offer, people = make.trip(is_instant=True, seats=1), students()
    at_once(*(lambda who=who: ask(offer, who, True) for who in people))
    states = list(CarpoolRequest.objects.values_list("state", flat=True))
    assert (states.count("accepted"), states.count("waiting")) == (1, STUDENTS - 1)
    run_queue()
    told = list(Notice.objects.filter(recipient__in=people).values_list("recipient", "subject"))
    assert len({recipient for recipient, _subject in told}) == STUDENTS
    assert sorted(subject for _recipient, subject in told) == sorted(
        [nbsp(f"Vous avez une place : {offer}")]
        + [nbsp(f"Vous êtes sur liste d’attente : {offer}")] * (STUDENTS - 1)
    )


def test_three_seats_for_twenty_students_are_three():
    offer = make.trip(is_instant=True, seats=3)
    at_once(*(lambda who=who: ask(offer, who, True) for who in students()))
    assert CarpoolRequest.objects.accepted().count() == 3


def test_a_landlord_who_accepts_in_many_windows_gives_each_place_once():
    offer = make.lodging(places=2)
    pks = [make.lodging_request(offer=offer).pk for _number in range(STUDENTS)]
    outcomes = at_once(
        *(lambda pk=pk: accept_requests(actor=offer.landlord, model=HousingRequest, pks=[pk]) for pk in pks)
    )
    assert sum(len(outcome.changed) for outcome in outcomes) == 2
    assert sum(len(outcome.refused) for outcome in outcomes) == STUDENTS - 2
    assert HousingRequest.objects.accepted().count() == 2


def test_the_same_request_sent_many_times_is_one():
    offer, (who,) = make.lodging(), students(1)
    results = at_once(
        *(
            lambda: ask_for_lodging(actor=who, offer=offer, from_on=soon(), until_on=soon(30))
            for _number in range(5)
        )
    )
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert {error.code for error in refused} == {"asked_already"} and len(refused) == 4
    assert HousingRequest.objects.count() == 1


def test_seats_given_up_at_once_go_to_as_many_who_wait():
    offer = make.trip(is_instant=True, seats=5)
    had = [make.trip_request(offer=offer, state=RequestState.ACCEPTED) for _number in range(5)]
    waiting = [make.trip_request(offer=offer, state=RequestState.WAITING) for _number in range(8)]
    outcomes = at_once(
        *(
            lambda row=row: withdraw_requests(actor=row.student, model=CarpoolRequest, pks=[row.pk])
            for row in had
        )
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    accepted = CarpoolRequest.objects.accepted().order_by("pk")
    assert list(accepted) == waiting[:5], "in the order in which they asked"


def test_a_suspension_that_comes_first_leaves_no_seat():
    offer, (who,) = make.trip(is_instant=True), students(1)
    verifier = make.user(Role.VERIFIER)
    result = while_locked(
        lambda: suspend_offers(actor=verifier, model=type(offer), pks=[offer.pk], reason="Plainte."),
        lambda: ask(offer, who, True),
    )
    assert isinstance(result, ValidationError) and result.code == "gone"
    assert not CarpoolRequest.objects.exists()


def test_nobody_is_accepted_into_places_that_are_being_taken_away():
    """The landlord reworks the lodging in one window and accepts in another."""
    offer = make.lodging(places=2)
    owner = offer.landlord
    make.lodging_request(offer=offer, state=RequestState.ACCEPTED)
    second = make.lodging_request(offer=offer)

    def lower():
        rework_offers(actor=owner, model=HousingOffer, pks=[offer.pk])
        mine = HousingOffer.objects.get(pk=offer.pk)
        mine.places = 1
        save_row(actor=owner, row=mine)

    outcome = while_locked(lower, lambda: accept_requests(actor=owner, model=HousingRequest, pks=[second.pk]))
    assert [why for _row, why in outcome.refused] == ["Cette annonce n’est pas publiée."]
    assert HousingOffer.objects.get().places == HousingRequest.objects.accepted().count() == 1


def test_places_are_not_lowered_below_what_has_just_been_given():
    offer = make.lodging(places=2)
    owner = offer.landlord
    pks = [make.lodging_request(offer=offer).pk for _number in range(2)]

    def lower():
        rework_offers(actor=owner, model=HousingOffer, pks=[offer.pk])
        mine = HousingOffer.objects.get(pk=offer.pk)
        mine.places = 1
        return save_row(actor=owner, row=mine)

    result = while_locked(lambda: accept_requests(actor=owner, model=HousingRequest, pks=pks), lower)
    assert isinstance(result, ValidationError) and "places" in result.message_dict
    assert HousingOffer.objects.get().places == HousingRequest.objects.accepted().count() == 2


def test_an_account_is_erased_while_the_landlord_answers_its_request():
    """Both lock the lodging before the requests for it: neither holds what the other waits for."""
    offer, administrator = make.lodging(places=2), make.user(Role.ADMINISTRATOR)
    gone, waiting = make.lodging_request(offer=offer), make.lodging_request(offer=offer, state="waiting")
    outcomes = []

    def answer():
        outcomes.append(
            accept_requests(actor=offer.landlord, model=HousingRequest, pks=[gone.pk, waiting.pk])
        )

    result = while_locked(
        lambda: lock_offers(HousingOffer, [offer.pk]),
        lambda: erase_account(actor=administrator, user=gone.student),
        answer,
    )
    assert result is None
    assert [len(outcome.changed) for outcome in outcomes] == [2]
    assert list(HousingRequest.objects.order_by("pk").values_list("state", flat=True)) == [
        RequestState.WITHDRAWN,
        RequestState.ACCEPTED,
    ]


def test_requests_made_at_once_do_not_pass_the_most_that_one_may_have_open(settings):
    settings.LIVING_MAX_OPEN_REQUESTS = 2
    (who,), offers = students(1), [make.lodging() for _number in range(4)]
    results = at_once(
        *(
            lambda offer=offer: ask_for_lodging(actor=who, offer=offer, from_on=soon(), until_on=soon(30))
            for offer in offers
        )
    )
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert {error.code for error in refused} == {"too_many"} and len(refused) == 2
    assert HousingRequest.objects.count() == 2
