"""Asking for a place: never more are given than there are, who waits moves up, and people are told."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.origin import Origin, coming_from
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.core.writes import set_columns
from pratik.living.enums import LIVE_STATES, OfferState, RequestState
from pratik.living.models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest
from pratik.living.services import (
    accept_requests,
    archive_offers,
    ask_for_lodging,
    ask_for_seat,
    assess_requests,
    decline_requests,
    hold_requests,
    publish_offers,
    reinstate_offers,
    tell_requests_made,
    withdraw_requests,
)
from pratik.notifications.models import Notice
from tests import factories as make
from tests.kit.queue import run_queue
from tests.living.conftest import DAY, nbsp, next_weekday, soon

pytestmark = pytest.mark.django_db


def stay(offer, who, first=7, last=37, **more):
    return ask_for_lodging(actor=who, offer=offer, from_on=soon(first), until_on=soon(last), **more)


def ride(offer, who, first=7, last=37, **more):
    return ask_for_seat(actor=who, offer=offer, from_on=soon(first), until_on=soon(last), **more)


def state(row):
    return type(row).objects.get(pk=row.pk).state


# Asking


def test_a_landlord_decides_on_a_request_for_a_lodging(landlord, student, told):
    offer = make.lodging(landlord=landlord)
    request = stay(offer, student, message="  Je suis en stage au CHU.  ")
    assert (request.state, request.message) == (RequestState.REQUESTED, "Je suis en stage au CHU.")
    assert told(landlord) == [nbsp(f"{student} demande une place : {offer}")]
    assert told(student) == []
    outcome = accept_requests(actor=landlord, model=HousingRequest, pks=[request.pk])
    assert outcome.changed == [request]
    assert state(request) == RequestState.ACCEPTED
    assert told(student) == [nbsp(f"Vous avez une place : {offer}")]


def test_a_landlord_says_why_not(landlord, student, told):
    request = stay(make.lodging(landlord=landlord), student)
    with pytest.raises(ValidationError):
        decline_requests(actor=landlord, model=HousingRequest, pks=[request.pk], reason=" ")
    decline_requests(actor=landlord, model=HousingRequest, pks=[request.pk], reason="Travaux.")
    request.refresh_from_db()
    assert (request.state, request.answer) == (RequestState.DECLINED, "Travaux.")
    assert told(student) == [nbsp(f"Votre demande est refusée : {request.offer}")]


def test_an_instant_trip_is_had_at_once_while_seats_last(driver, told):
    offer = make.trip(driver=driver, is_instant=True, seats=1)
    first, second, third = (make.user(Role.STUDENT) for _number in range(3))
    assert ride(offer, first).state == RequestState.ACCEPTED
    with pytest.raises(ValidationError) as refused:
        ride(offer, second)
    assert refused.value.code == "full"
    assert ride(offer, third, wait=True).state == RequestState.WAITING
    assert told(first) == [nbsp(f"Vous avez une place : {offer}")]
    assert told(third) == [nbsp(f"Vous êtes sur liste d’attente : {offer}")]
    assert told(driver) == [
        nbsp(f"{first} a réservé une place : {offer}"),
        nbsp(f"{third} attend une place : {offer}"),
    ]


def test_a_trip_that_is_not_instant_is_decided_by_its_driver(driver, student):
    request = ride(make.trip(driver=driver), student)
    assert request.state == RequestState.REQUESTED
    assert accept_requests(actor=driver, model=CarpoolRequest, pks=[request.pk]).changed


def test_other_days_are_other_places(driver):
    monday, tuesday = next_weekday(1), next_weekday(2)
    offer = make.trip(driver=driver, days=f"{monday} {tuesday}", is_instant=True)
    first, second, third = (make.user(Role.STUDENT) for _number in range(3))
    assert ask_for_seat(actor=first, offer=offer, days=[monday]).state == RequestState.ACCEPTED
    assert ask_for_seat(actor=second, offer=offer, days=f"{tuesday:%d/%m/%Y}").state == RequestState.ACCEPTED
    with pytest.raises(ValidationError):
        ask_for_seat(actor=third, offer=offer, days=[monday, tuesday])
    lodging = make.lodging()
    for first_day, last_day in ((7, 14), (14, 20)):
        request = stay(lodging, make.user(Role.STUDENT), first_day, last_day)
        assert accept_requests(actor=lodging.landlord, model=HousingRequest, pks=[request.pk]).changed
    with pytest.raises(ValidationError):
        stay(lodging, make.user(Role.STUDENT), 13, 15)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        pytest.param(-1, 10, "from_on", id="past"),
        pytest.param(10, 9, "until_on", id="backwards"),
        pytest.param(10, 10, "until_on", id="no night"),
        pytest.param(10, 500, "until_on", id="too long"),
        pytest.param(5, 30, "until_on", id="after its end"),
        pytest.param(1, 10, "from_on", id="before its start"),
    ],
)
def test_days_that_a_lodging_has_not_are_refused_where_they_were_typed(student, first, last, field):
    offer = make.lodging(available_from=soon(2), available_until=soon(20))
    with pytest.raises(ValidationError) as refused:
        stay(offer, student, first, last)
    assert list(refused.value.message_dict) == [field]
    assert not HousingRequest.objects.exists()


def test_a_lodging_needs_both_days(student):
    with pytest.raises(ValidationError) as refused:
        ask_for_lodging(actor=student, offer=make.lodging(), from_on=None, until_on=None)
    assert set(refused.value.message_dict) == {"from_on", "until_on"}


def test_days_that_a_trip_has_not_are_refused_where_they_were_typed(student):
    saturday, sunday = next_weekday(6), next_weekday(7)
    regular, dated = make.trip(ends_on=soon(60)), make.trip(days=f"{saturday}")

    def field(**days):
        with pytest.raises(ValidationError) as refused:
            ask_for_seat(actor=student, **days)
        return list(refused.value.message_dict)

    assert field(offer=dated, days=[sunday]) == ["days"]
    assert field(offer=dated) == ["days"]
    assert field(offer=dated, days="demain") == ["days"]
    assert field(offer=dated, days="2026-02-31") == ["days"]
    assert field(offer=regular, days=[saturday]) == ["days"]
    assert field(offer=regular, from_on=saturday, until_on=saturday + DAY) == ["from_on"]
    assert field(offer=regular, from_on=soon(50), until_on=soon(70)) == ["until_on"]
    assert not CarpoolRequest.objects.exists()


@pytest.mark.parametrize("live", LIVE_STATES, ids=str)
def test_a_student_has_one_live_request_for_an_offer(student, live):
    offer = make.lodging(places=3)
    make.lodging_request(offer=offer, student=student, state=live)
    with pytest.raises(ValidationError) as refused:
        stay(offer, student)
    assert refused.value.code == "asked_already"


def test_after_a_no_a_student_may_ask_again(student):
    offer = make.lodging()
    for gone in set(RequestState) - set(LIVE_STATES):
        make.lodging_request(offer=offer, student=student, state=gone)
    assert stay(offer, student).pk


def test_a_student_asks_for_so_many_at_once(student, settings):
    settings.LIVING_MAX_OPEN_REQUESTS = 2
    stay(make.lodging(), student)
    ride(make.trip(), student)
    with pytest.raises(ValidationError) as refused:
        stay(make.lodging(), student)
    assert refused.value.code == "too_many"


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.ANONYMOUS, Role.STUDENT)], ids=str
)
def test_only_students_ask(role, db):
    with pytest.raises(PermissionDenied):
        stay(make.lodging(), make.user(role))


def test_nobody_asks_in_somebody_elses_name(student, administrator):
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        stay(make.lodging(), student)


@pytest.mark.parametrize(
    "answer",
    [accept_requests, hold_requests, decline_requests, withdraw_requests],
    ids=lambda one: one.__name__,
)
def test_nobody_answers_in_somebody_elses_name(answer, student, administrator):
    request = stay(make.lodging(), student)
    actor = student if answer is withdraw_requests else request.offer.landlord
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        answer(actor=actor, model=HousingRequest, pks=[request.pk], reason="Pour aider")
    assert HousingRequest.objects.get(pk=request.pk).state == RequestState.REQUESTED


# What is off line gives no place


@pytest.mark.parametrize("off", ["suspended", "badge", "expired badge", "over"])
def test_nobody_asks_for_or_is_accepted_in_what_is_off_line(off, student):
    offer = make.lodging()
    request = make.lodging_request(offer=offer)
    owner = offer.landlord
    with operation(kind=OperationKind.SETUP, actor=owner):
        match off:
            case "suspended":
                set_columns(HousingOffer, [offer.pk], state=OfferState.SUSPENDED)
            case "badge":
                set_columns(type(owner), [owner.pk], verification="unverified")
            case "expired badge":
                set_columns(type(owner), [owner.pk], verified_until=today() - DAY)
            case "over":
                set_columns(
                    HousingOffer, [offer.pk], available_from=today() - DAY, available_until=today() - DAY
                )
    with pytest.raises(ValidationError) as refused:
        stay(offer, student)
    assert refused.value.code == "gone"
    outcome = accept_requests(actor=owner, model=HousingRequest, pks=[request.pk])
    assert outcome.changed == [] and len(outcome.refused) == 1
    assert state(request) == RequestState.REQUESTED


# Answering


def test_no_more_are_accepted_than_there_are_places(landlord):
    offer = make.lodging(landlord=landlord, places=2)
    requests = [make.lodging_request(offer=offer) for _number in range(4)]
    pks = [row.pk for row in reversed(requests)]
    assert len(assess_requests(actor=landlord, model=HousingRequest, verb="accept", pks=pks).changed) == 2
    outcome = accept_requests(actor=landlord, model=HousingRequest, pks=pks)
    assert outcome.changed == requests[:2], "whoever asked first"
    assert {why for _row, why in outcome.refused} == {
        nbsp("Il n’y a plus de place ces jours-là : la demande va sur liste d’attente.")
    }
    assert HousingRequest.objects.accepted().count() == 2
    assert not accept_requests(actor=landlord, model=HousingRequest, pks=pks).changed


@pytest.mark.parametrize("verb", ["accept", "hold", "decline"])
def test_the_owner_alone_answers(verb, everyone):
    request = make.lodging_request()
    do = {"accept": accept_requests, "hold": hold_requests, "decline": decline_requests}[verb]
    if not everyone.is_authenticated:
        return
    try:
        outcome = do(actor=everyone, model=HousingRequest, pks=[request.pk], reason="Motif")
        assert everyone.role == Role.LANDLORD and outcome.changed == outcome.refused == []
    except PermissionDenied:
        assert everyone.role != Role.LANDLORD
    assert state(request) == RequestState.REQUESTED


def test_a_student_takes_back_their_own_request_alone(student):
    mine, other = make.lodging_request(student=student), make.lodging_request()
    outcome = withdraw_requests(actor=student, model=HousingRequest, pks=[mine.pk, other.pk])
    assert outcome.changed == [mine]
    assert state(other) == RequestState.REQUESTED


def test_a_request_is_not_edited_and_not_undone(student, landlord):
    offer = make.lodging(landlord=landlord)
    request = stay(offer, student)
    request.until_on += DAY
    with pytest.raises(ValidationError):
        save_row(actor=student, row=request)
    op = withdraw_requests(actor=student, model=HousingRequest, pks=[request.pk]).operation
    other = stay(offer, make.user(Role.STUDENT))
    accept_requests(actor=landlord, model=HousingRequest, pks=[other.pk])
    with pytest.raises(ValidationError) as refused:
        undo_operation(actor=student, operation=op)
    assert refused.value.code == "not_undoable"
    assert state(request) == RequestState.WITHDRAWN


def test_answering_many_takes_as_many_queries_as_answering_one(landlord):
    def queries(number):
        offers = make.saved(*(make.lodging_row(landlord=landlord) for _ in range(number)))
        pks = [make.lodging_request(offer=offer).pk for offer in offers]
        with CaptureQueriesContext(connection) as asked:
            assert len(accept_requests(actor=landlord, model=HousingRequest, pks=pks).changed) == number
        return len(asked)

    assert queries(2) == queries(20)


# The waiting list


def test_who_waits_has_the_seat_when_somebody_gives_it_up(driver, told):
    offer = make.trip(driver=driver, is_instant=True)
    people = [make.user(Role.STUDENT) for _number in range(3)]
    first, second, third = (ride(offer, who, wait=True) for who in people)
    for who in (*people, driver):
        told(who)
    withdraw_requests(actor=people[0], model=CarpoolRequest, pks=[first.pk])
    assert [state(row) for row in (first, second, third)] == ["withdrawn", "accepted", "waiting"]
    assert told(people[1]) == [nbsp(f"Vous avez une place : {offer}")]
    assert told(people[2]) == []
    assert told(driver) == [
        nbsp(f"{people[0]} retire sa demande : {offer}"),
        nbsp(f"{people[1]} a réservé une place : {offer}"),
    ]
    moved = CarpoolRequest.history.filter(id=second.pk).first()
    assert moved.operation.actor.email.endswith("@systeme.pratik.invalid"), "nobody else did it"


def test_who_waits_for_a_lodging_is_asked_about_again(landlord, told):
    offer = make.lodging(landlord=landlord)
    taken = make.lodging_request(offer=offer, state=RequestState.ACCEPTED)
    waiting = [stay(offer, make.user(Role.STUDENT), wait=True) for _number in range(2)]
    assert [row.state for row in waiting] == [RequestState.WAITING] * 2
    told(landlord), told(waiting[0].student)
    decline_requests(actor=landlord, model=HousingRequest, pks=[taken.pk], reason="Dégâts des eaux.")
    assert [state(row) for row in waiting] == [RequestState.REQUESTED, RequestState.WAITING]
    assert told(waiting[0].student) == [nbsp(f"Une place se libère : {offer}")]
    assert told(landlord) == [nbsp(f"{waiting[0].student} demande une place : {offer}")]


def test_a_free_seat_goes_to_the_first_for_whom_it_is_long_enough(driver):
    monday, tuesday = next_weekday(1), next_weekday(2)
    offer = make.trip(driver=driver, days=f"{monday} {tuesday}", is_instant=True)
    one, two, three, four = (make.user(Role.STUDENT) for _number in range(4))
    first = ask_for_seat(actor=one, offer=offer, days=[monday])
    ask_for_seat(actor=two, offer=offer, days=[tuesday])
    long = ask_for_seat(actor=three, offer=offer, days=[monday, tuesday], wait=True)
    short = ask_for_seat(actor=four, offer=offer, days=[monday], wait=True)
    withdraw_requests(actor=one, model=CarpoolRequest, pks=[first.pk])
    assert (state(long), state(short)) == (RequestState.WAITING, RequestState.ACCEPTED)


def test_nobody_moves_up_while_the_trip_is_off_line(driver, verifier):
    offer = make.trip(driver=driver, is_instant=True)
    taken = make.trip_request(offer=offer, state=RequestState.ACCEPTED)
    waiting = make.trip_request(offer=offer, state=RequestState.WAITING)
    with operation(kind=OperationKind.SETUP, actor=driver):
        set_columns(CarpoolOffer, [offer.pk], state=OfferState.SUSPENDED)
    withdraw_requests(actor=taken.student, model=CarpoolRequest, pks=[taken.pk])
    assert state(waiting) == RequestState.WAITING
    reinstate_offers(actor=verifier, model=CarpoolOffer, pks=[offer.pk])
    assert state(waiting) == RequestState.ACCEPTED


def test_an_owner_puts_on_the_waiting_list_and_takes_from_it(landlord, told):
    request = make.lodging_request(offer=make.lodging(landlord=landlord))
    hold_requests(actor=landlord, model=HousingRequest, pks=[request.pk])
    assert told(request.student) == [nbsp(f"Vous êtes sur liste d’attente : {request.offer}")]
    accept_requests(actor=landlord, model=HousingRequest, pks=[request.pk])
    assert state(request) == RequestState.ACCEPTED


def test_more_seats_are_for_those_who_wait(driver, verifier):
    offer = make.trip(driver=driver, is_instant=True, state=OfferState.DRAFT)
    make.trip_request(offer=offer, state=RequestState.ACCEPTED)
    waiting = make.trip_request(offer=offer, state=RequestState.WAITING)
    offer.seats = 2
    save_row(actor=driver, row=offer)
    with operation(kind=OperationKind.SETUP, actor=driver):
        set_columns(CarpoolOffer, [offer.pk], state=OfferState.SUBMITTED)
    publish_offers(actor=verifier, model=CarpoolOffer, pks=[offer.pk])
    assert state(waiting) == RequestState.ACCEPTED


def test_archiving_closes_what_nobody_answered_and_keeps_what_was_given(landlord, told):
    offer = make.lodging(landlord=landlord)
    rows = {kind: make.lodging_request(offer=offer, state=kind) for kind in LIVE_STATES}
    archive_offers(actor=landlord, model=HousingOffer, pks=[offer.pk])
    assert {kind: state(row) for kind, row in rows.items()} == {
        RequestState.REQUESTED: RequestState.EXPIRED,
        RequestState.WAITING: RequestState.EXPIRED,
        RequestState.ACCEPTED: RequestState.ACCEPTED,
    }
    assert told(rows["requested"].student) == [nbsp(f"Votre demande est close : {offer}")]
    assert told(rows["accepted"].student) == [nbsp(f"« {offer} » n’est plus en ligne")]


def test_a_notice_names_no_address_and_no_telephone(landlord, student):
    offer = make.lodging(landlord=landlord, address="12 rue des Palmistes")
    request = stay(offer, student)
    accept_requests(actor=landlord, model=HousingRequest, pks=[request.pk])
    run_queue()
    said = " ".join(f"{row.subject} {row.body}" for row in Notice.objects.all())
    assert "Palmistes" not in said and str(offer) in said


def test_telling_twice_tells_once(landlord, student):
    request = stay(make.lodging(landlord=landlord), student)
    act = Operation.objects.latest("pk")
    again = {"label": "living.housingrequest", "pks": [request.pk], "operation_pk": act.pk}
    assert [tell_requests_made(**again), tell_requests_made(**again)] == [1, 0]


def test_who_finds_no_room_left_waits_and_is_told(landlord):
    """One place, three students: two of them for the same days, the third for later."""
    offer = make.lodging(landlord=landlord, places=1)
    first, second = (make.lodging_request(offer=offer) for _number in range(2))
    later = make.lodging_request(offer=offer, from_on=first.until_on, until_on=first.until_on + 30 * DAY)
    accept_requests(actor=landlord, model=HousingRequest, pks=[first.pk])
    run_queue()
    states = {row.pk: row.state for row in HousingRequest.objects.all()}
    assert states == {
        first.pk: RequestState.ACCEPTED,
        second.pk: RequestState.WAITING,
        later.pk: RequestState.REQUESTED,
    }
    told = Notice.objects.get(recipient=second.student)
    assert "Vous êtes sur liste d’attente" in told.body
    assert not Notice.objects.filter(recipient=later.student).exists()


def test_who_is_answered_before_the_news_left_hears_of_it_once(landlord, student):
    """The queue may be late: what was already overtaken is not told as well."""
    request = stay(make.lodging(landlord=landlord), student)
    accept_requests(actor=landlord, model=HousingRequest, pks=[request.pk])
    run_queue()
    assert [notice.kind for notice in Notice.objects.filter(recipient=student)] == ["place_answered"]
