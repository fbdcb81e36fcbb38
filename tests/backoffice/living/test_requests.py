"""Requests for a place: their owner answers, their student takes them back, and who sees what of them."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns
from pratik.living.enums import RequestState
from pratik.living.models import CarpoolRequest, HousingOffer, HousingRequest
from tests import factories as make
from tests.backoffice.living.conftest import (
    DAY,
    after,
    buttons,
    chosen,
    decided,
    done,
    exported,
    fresh,
    listed,
    next_weekday,
    soon,
    words,
)
from tests.kit.queue import run_queue
from tests.kit.world import url

pytestmark = pytest.mark.django_db

KINDS = {
    "stay": (HousingRequest, make.lodging_request, make.lodging),
    "ride": (CarpoolRequest, make.trip_request, make.trip),
}
both = pytest.mark.parametrize(("model", "asked", "offered"), KINDS.values(), ids=KINDS.keys())


def set_badge(owner, state):
    with operation(kind=OperationKind.SETUP, actor=owner):
        set_columns(User, [owner.pk], verification=state)


def aged(row, days):
    """The request as it was made so many days ago."""
    with operation(kind=OperationKind.SETUP, actor=row.student):
        set_columns(type(row), [row.pk], created_at=timezone.now() - datetime.timedelta(days=days))
    return row


def page_of(row):
    return url(type(row), "change", row.pk)


# The lists


@both
def test_a_student_an_owner_and_the_team_see_their_part(client_for, model, asked, offered, verifier):
    row, other = asked(), asked()
    for who, seen in (
        (row.student, {row.pk}),
        (row.offer.owner, {row.pk}),
        (verifier, {row.pk, other.pk}),
    ):
        assert set(listed(client_for(who), model)) == seen
    own = words(client_for(row.offer.owner).get(url(model, "changelist")))
    assert str(row.student) in own and str(other.student) not in own
    # A student reads what they asked for; their own name need not stand there.
    mine = client_for(row.student).get(url(model, "changelist")).context_data["cl"].list_display
    assert "shown_student" not in mine and "shown_offer" in mine


@both
def test_whoever_asked_first_stands_first_and_the_answered_last(client_for, model, asked, offered):
    offer = offered()
    young, old = aged(asked(offer=offer), 1), aged(asked(offer=offer), 4)
    done_with = aged(asked(offer=offer, state=RequestState.DECLINED), 9)
    assert listed(client_for(offer.owner), model) == [old.pk, young.pk, done_with.pk]
    assert listed(client_for(offer.owner), model, "?state__exact=declined") == [done_with.pk]


@both
def test_figures_at_the_head_of_the_list(client_for, model, asked, offered):
    offer = offered()
    for state in (
        RequestState.REQUESTED,
        RequestState.REQUESTED,
        RequestState.WAITING,
        RequestState.ACCEPTED,
    ):
        asked(offer=offer, state=state)
    asked()
    totals = client_for(offer.owner).get(url(model, "changelist")).context_data["totals"]
    assert [number for number, _name in totals] == [2, 1, 1]


def test_each_row_tells_the_places_that_are_free_on_its_days(client_for, landlord):
    offer = make.lodging(landlord=landlord, places=2)
    make.lodging_request(offer=offer, state=RequestState.ACCEPTED, from_on=soon(10), until_on=soon(20))
    within = make.lodging_request(offer=offer, from_on=soon(12), until_on=soon(15))
    beside = make.lodging_request(offer=offer, from_on=soon(20), until_on=soon(30))
    client = client_for(landlord)
    rows = client.get(url(HousingRequest, "changelist")).context_data["cl"].result_list
    left = {row.pk: row.left for row in rows}
    assert (left[within.pk], left[beside.pk]) == (1, 2)
    assert "1 sur 2" in words(client.get(page_of(within)))


def test_a_student_is_led_from_an_empty_list_to_the_site(client_for, student):
    for model, path in ((HousingRequest, "/logements/"), (CarpoolRequest, "/covoiturage/")):
        page = client_for(student).get(url(model, "changelist")).content.decode()
        assert f'href="{path}"' in page


def test_days_of_a_request_are_read_as_they_were_asked(client_for, driver):
    first, second = next_weekday(6), next_weekday(6) + 7 * DAY
    offer = make.trip(driver=driver, days=f"{first} {second}", seats=2)
    make.trip_request(offer=offer, days=f"{first} {second}", from_on=first, until_on=second)
    make.trip_request(offer=offer, days=f"{first}", from_on=first, until_on=first)
    text = words(client_for(driver).get(url(CarpoolRequest, "changelist")))
    assert f"2 dates, du {first:%d/%m/%Y} au {second:%d/%m/%Y}" in text
    assert f"le {first:%d/%m/%Y}" in text


# Answering


@both
def test_a_page_offers_what_its_state_and_the_reader_allow(client_for, model, asked, offered, verifier):
    expected = {
        RequestState.REQUESTED: ({"accept", "hold", "decline"}, {"withdraw"}),
        RequestState.WAITING: ({"accept", "decline"}, {"withdraw"}),
        RequestState.ACCEPTED: ({"decline"}, {"withdraw"}),
        RequestState.DECLINED: (set(), set()),
        RequestState.WITHDRAWN: (set(), set()),
        RequestState.EXPIRED: (set(), set()),
        RequestState.OVER: (set(), set()),
    }
    for state, (for_owner, for_student) in expected.items():
        row = asked(state=state)
        assert buttons(client_for(row.offer.owner), row) == for_owner, state
        assert buttons(client_for(row.student), row) == for_student, state
        assert buttons(client_for(verifier), row) == set(), "the team decides for nobody"


def test_a_landlord_accepts_and_the_student_reads_where_it_is(client_for, landlord, student):
    row = make.lodging_request(offer=make.lodging(landlord=landlord), student=student)
    owner, asking = client_for(landlord), client_for(student)
    assert "Palmistes" not in words(asking.get(page_of(row)))
    assert "il verra où, et comment vous joindre" in words(owner.get(url(HousingRequest, "accept", row.pk)))
    assert "1 ligne changée" in after(owner, done(owner, row, "accept"))
    page = words(asking.get(page_of(row)))
    for told in (
        "Votre logement",
        "12 rue des Palmistes",
        "Marcel Horth",
        "0694 40 12 34",
        "marcel@example.org",
    ):
        assert told in page
    # No other student, nor the one who was accepted before it was taken back.
    other = make.lodging_request(offer=row.offer)
    assert "Palmistes" not in words(client_for(other.student).get(page_of(other)))
    done(owner, row, "decline", reason="Dégât des eaux.")
    page = words(asking.get(page_of(row)))
    assert "Dégât des eaux." in page and "Palmistes" not in page
    assert "0694 40 12 34" not in page


@pytest.mark.parametrize(
    "state", [state for state in RequestState if state != RequestState.ACCEPTED], ids=str
)
def test_nothing_is_told_before_an_acceptance_nor_after_its_end(client_for, landlord, student, state):
    row = make.lodging_request(offer=make.lodging(landlord=landlord), student=student, state=state)
    page = words(client_for(student).get(page_of(row)))
    for secret in ("Palmistes", "0694", "marcel@example.org"):
        assert secret not in page


@both
def test_a_refusal_needs_a_reason_which_the_student_reads(client_for, model, asked, offered):
    row = asked()
    owner = client_for(row.offer.owner)
    missing = done(owner, row, "decline", reason="  ")
    assert missing.status_code == 422 and "Donnez un motif." in words(missing)
    assert fresh(row).state == RequestState.REQUESTED
    done(owner, row, "decline", reason="Déjà promis.")
    assert (fresh(row).state, fresh(row).answer) == (RequestState.DECLINED, "Déjà promis.")
    assert "Déjà promis." in words(client_for(row.student).get(page_of(row)))
    run_queue()
    assert "Déjà promis." in row.student.notices.get().body


@both
def test_more_than_there_are_places_are_not_accepted_at_once(client_for, model, asked, offered):
    offer = offered()
    first, second = aged(asked(offer=offer), 3), aged(asked(offer=offer), 1)
    owner = client_for(offer.owner)
    question = chosen(owner, model, "accept", [second, first])
    assert (question.context_data["changed_count"], question.context_data["refused_count"]) == (1, 1)
    told = after(owner, decided(owner, model, "accept", [second, first]))
    assert "1 ligne changée" in told
    assert "Il n’y a plus de place ces jours-là : la demande va sur liste d’attente." in told
    assert (fresh(first).state, fresh(second).state) == (RequestState.ACCEPTED, RequestState.WAITING)
    done(owner, second, "hold")
    assert fresh(second).state == RequestState.WAITING


@both
def test_nobody_is_accepted_while_the_listing_is_off_line(client_for, model, asked, offered):
    row = asked()
    set_badge(row.offer.owner, "unverified")
    owner = client_for(row.offer.owner)
    told = after(owner, done(owner, row, "accept"))
    assert "Cette annonce est hors ligne : vos pièces justificatives ne sont plus complètes." in told
    assert fresh(row).state == RequestState.REQUESTED
    assert "(hors ligne)" in words(owner.get(page_of(row)))


@both
def test_a_place_that_is_given_up_is_offered_to_who_waits(client_for, model, asked, offered):
    offer = offered()
    taken = asked(offer=offer, state=RequestState.ACCEPTED)
    waiting = asked(offer=offer, state=RequestState.WAITING)
    student = client_for(taken.student)
    assert "une place acceptée ira à quelqu’un d’autre" in words(
        student.get(url(model, "withdraw", taken.pk))
    )
    done(student, taken, "withdraw")
    assert fresh(taken).state == RequestState.WITHDRAWN
    assert fresh(waiting).state == RequestState.REQUESTED, "its owner is asked again"


@both
def test_nobody_answers_for_somebody_else(client_for, model, asked, offered, verifier, auditor):
    row = asked()
    stranger, other = make.verified(row.offer.owner.role), make.user(Role.STUDENT)
    for who, status in ((verifier, 403), (auditor, 403), (row.student, 403), (stranger, 404), (other, 404)):
        for verb in ("accept", "hold", "decline"):
            expected = 404 if who == other else status
            assert done(client_for(who), row, verb, reason="Motif").status_code == expected
        decided(client_for(who), model, "accept", [row])
    assert done(client_for(row.offer.owner), row, "withdraw").status_code == 403
    assert done(client_for(other), row, "withdraw").status_code == 404
    assert fresh(row).state == RequestState.REQUESTED


@both
def test_an_answer_that_came_meanwhile_is_told(client_for, model, asked, offered):
    row = asked()
    done(client_for(row.student), row, "withdraw")
    owner = client_for(row.offer.owner)
    assert "ne permet pas cette action" in after(owner, done(owner, row, "accept"))
    assert fresh(row).state == RequestState.WITHDRAWN


@both
def test_a_request_is_neither_changed_nor_deleted_here(client_for, model, asked, offered):
    row = asked()
    for who in (row.student, row.offer.owner):
        client = client_for(who)
        assert client.post(page_of(row), {"message": "Autre chose"}).status_code == 403
        assert client.post(url(model, "delete", row.pk), {"confirmed": "yes"}).status_code == 403
        assert client.get(url(model, "add")).status_code == 403
    assert fresh(row).message == row.message


def test_the_list_takes_as_many_queries_for_many_requests(
    client_for, landlord, django_assert_max_num_queries
):
    offers = make.saved(*(make.lodging_row(landlord=landlord, places=3) for _number in range(10)))
    for offer in offers:
        for state in (RequestState.REQUESTED, RequestState.ACCEPTED, RequestState.WAITING):
            make.lodging_request(offer=offer, state=state)
    client = client_for(landlord)
    client.get(url(HousingRequest, "changelist"))
    with django_assert_max_num_queries(15):
        client.get(url(HousingRequest, "changelist"))
    assert HousingOffer.objects.count() == 10 and HousingRequest.objects.count() == 30


# Files


def test_each_takes_away_what_they_see(client_for, landlord, student):
    make.lodging_request(
        offer=make.lodging(landlord=landlord, title="Studio au calme"), student=student, message="=1+1"
    )
    make.lodging_request(
        offer=make.lodging(title="Studio Zanzibar"), student=make.user(Role.STUDENT, last_name="Quibambo")
    )
    for who in (landlord, student):
        text = exported(client_for(who), HousingRequest)
        assert "Studio au calme" in text and "Yolande Apatou" in text
        for secret in ("Zanzibar", "Quibambo", "Palmistes", "0694", "marcel@example.org"):
            assert secret not in text
        # A spreadsheet computes nothing that somebody typed.
        assert "'=1+1" in text


def test_the_file_of_a_trip_tells_where_it_goes(client_for, driver):
    make.trip_request(offer=make.trip(driver=driver))
    assert "Cayenne → Kourou" in exported(client_for(driver), CarpoolRequest)


# Looking back


def test_a_student_still_reads_what_became_of_a_request_long_ago(client_for, student):
    row = make.lodging_request(
        student=student, state=RequestState.OVER, from_on=today() - 90 * DAY, until_on=today() - 60 * DAY
    )
    assert "Terminée" in words(client_for(student).get(page_of(row)))


@both
def test_an_owner_reads_how_to_reach_whom_they_accepted_and_nobody_else(
    client_for, model, asked, offered, verifier
):
    student = make.user(Role.STUDENT, phone="+594694112233")
    row = asked(student=student)
    owner = client_for(row.offer.owner)

    def told(reader):
        page = words(reader.get(page_of(row)))
        return student.email in page, "0694 11 22 33" in page

    assert told(owner) == (False, False)
    done(owner, row, "accept")
    assert told(owner) == (True, True)
    assert "L’étudiant que vous avez accepté" in words(owner.get(page_of(row)))
    assert told(client_for(verifier)) == (False, False)
    done(owner, row, "decline", reason="Dégât des eaux.")
    assert told(owner) == (False, False)


@pytest.mark.parametrize(
    ("offered", "page", "told"),
    [
        (make.lodging, "housing", "Si elle accepte, elle verra aussi"),
        (make.trip, "carpool", "Si elle accepte, elle verra aussi"),
        (
            lambda: make.trip(is_instant=True),
            "carpool",
            "Le conducteur verra alors votre nom, votre message,",
        ),
    ],
    ids=["lodging", "trip", "instant trip"],
)
def test_a_student_is_told_what_the_owner_will_see(client_for, student, offered, page, told):
    address = reverse(f"admin:living_{page}request_ask", args=[offered().pk])
    assert f"{told} votre adresse e-mail et votre téléphone" in words(client_for(student).get(address))
