"""Lodgings and trips on their way to the public: who may, when they are on the site, and who sees what."""

import datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.contacts import contact_in
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import remove_rows, save_row
from pratik.core.undo import undo_operation
from pratik.core.writes import set_columns
from pratik.living import reports
from pratik.living.enums import MODERATORS, OfferState, RequestState
from pratik.living.models import CarpoolOffer, HousingOffer, HousingRequest
from pratik.living.rules import can_publish_listing
from pratik.living.services import (
    archive_offers,
    assess_offers,
    publish_offers,
    refuse_offers,
    reinstate_offers,
    rework_offers,
    submit_offers,
    suspend_offers,
    tell_of_offers,
)
from pratik.notifications.models import Notice
from pratik.verification.signals import badges_given, badges_withdrawn
from tests import factories as make
from tests.conftest import person
from tests.living.conftest import DAY, nbsp, next_weekday, soon

pytestmark = pytest.mark.django_db

KINDS = [(HousingOffer, make.lodging, Role.LANDLORD), (CarpoolOffer, make.trip, Role.DRIVER)]
both = pytest.mark.parametrize(("model", "made", "role"), KINDS, ids=["lodging", "trip"])


def set_badge(users, state, *, until=None, signal=None):
    """What verification does: badges come or go, and it says so."""
    actor = make.user(Role.VERIFIER)
    with operation(kind=OperationKind.TRANSITION, actor=actor, subject=User, reason="Pièces") as running:
        set_columns(User, [user.pk for user in users], verification=state, verified_until=until)
        if signal:
            signal.send(User, pks=[user.pk for user in users], operation=running.row)


# Who may have something on the site


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ANONYMOUS], ids=str)
def test_only_verified_landlords_and_drivers_may_publish(role, db):
    assert can_publish_listing(make.user(role, verification="verified")) is (
        role in (Role.LANDLORD, Role.DRIVER)
    )
    assert not can_publish_listing(make.user(role))


def test_a_badge_that_is_over_or_a_closed_account_publishes_nothing():
    assert can_publish_listing(make.verified(Role.DRIVER, verified_until=today()))
    assert not can_publish_listing(make.verified(Role.DRIVER, verified_until=today() - DAY))
    assert not can_publish_listing(make.verified(Role.DRIVER, is_active=False))


@both
def test_the_way_to_the_site_and_off_it(model, made, role, verifier, told):
    offer = made(state=OfferState.DRAFT)
    owner = offer.owner
    chosen = {"model": model, "pks": [offer.pk]}

    def state():
        return model.objects.get(pk=offer.pk).state

    submit_offers(actor=owner, **chosen)
    assert state() == OfferState.SUBMITTED
    assert told(verifier) == [nbsp(f"Annonce à examiner : {offer}")]
    refuse_offers(actor=verifier, reason="Dites l’étage.", **chosen)
    assert state() == OfferState.DRAFT and told(owner) == [nbsp(f"Annonce à corriger : {offer}")]
    submit_offers(actor=owner, **chosen)
    publish_offers(actor=verifier, **chosen)
    assert state() == OfferState.PUBLISHED and told(owner) == [nbsp(f"Annonce publiée : {offer}")]
    suspend_offers(actor=verifier, reason="Plainte à vérifier.", **chosen)
    assert state() == OfferState.SUSPENDED and told(owner) == [nbsp(f"Annonce suspendue : {offer}")]
    reinstate_offers(actor=verifier, **chosen)
    assert state() == OfferState.PUBLISHED and told(owner) == [nbsp(f"Annonce rétablie : {offer}")]
    rework_offers(actor=owner, **chosen)
    assert state() == OfferState.DRAFT and told(owner) == []
    archive_offers(actor=owner, **chosen)
    assert state() == OfferState.ARCHIVED


@both
@pytest.mark.parametrize(
    ("do", "state"),
    [
        (publish_offers, OfferState.SUBMITTED),
        (refuse_offers, OfferState.SUBMITTED),
        (suspend_offers, OfferState.PUBLISHED),
        (reinstate_offers, OfferState.SUSPENDED),
    ],
)
def test_the_team_alone_moderates(model, made, role, do, state, everyone):
    offer = made(state=state)
    reason = {"reason": "Motif"}
    if getattr(everyone, "role", Role.ANONYMOUS) in MODERATORS:
        assert do(actor=everyone, model=model, pks=[offer.pk], **reason).changed == [offer]
    elif everyone.is_authenticated:
        with pytest.raises(PermissionDenied):
            do(actor=everyone, model=model, pks=[offer.pk], **reason)


@both
def test_nobody_moves_somebody_elses_listing(model, made, role):
    offer, stranger = made(state=OfferState.DRAFT), make.verified(role)
    outcome = submit_offers(actor=stranger, model=model, pks=[offer.pk])
    assert outcome.changed == [] and outcome.refused == []
    offer.refresh_from_db()
    assert offer.state == OfferState.DRAFT


@both
def test_what_is_not_verified_or_is_over_is_not_published(model, made, role, verifier):
    unverified = made(state=OfferState.SUBMITTED, **{model.owner_field: make.user(role)})
    last = {"available_from": today() - 9 * DAY, "available_until": today() - DAY}
    if model is CarpoolOffer:
        last = {"starts_on": today() - 9 * DAY, "ends_on": today() - DAY}
    past = made(state=OfferState.SUBMITTED, **last)
    pks = [unverified.pk, past.pk]
    outcome = publish_offers(actor=verifier, model=model, pks=pks)
    assert outcome.changed == []
    assert {row.pk: why for row, why in outcome.refused} == {
        unverified.pk: nbsp(
            f"{unverified.owner} n’est pas vérifié : ses pièces justificatives ne sont pas complètes."
        ),
        past.pk: nbsp("Le dernier jour de cette annonce est passé : archivez-la."),
    }
    assert len(assess_offers(actor=verifier, model=model, verb="publish", pks=pks).refused) == 2


def test_moderating_many_takes_as_many_queries_as_moderating_one(verifier):
    def queries(number):
        rows = make.saved(*(make.trip_row(state=OfferState.SUBMITTED) for _ in range(number)))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            outcome = publish_offers(actor=verifier, model=CarpoolOffer, pks=[row.pk for row in rows])
        assert len(outcome.changed) == number
        assert CarpoolOffer.history.filter(operation=outcome.operation).count() == number
        return len(asked)

    assert queries(2) == queries(30)


def test_telling_many_takes_as_many_queries_as_telling_one(verifier):
    def queries(number):
        rows = make.saved(*(make.lodging_row(state=OfferState.SUBMITTED) for _ in range(number)))
        pks = [row.pk for row in rows]
        act = publish_offers(actor=verifier, model=HousingOffer, pks=pks).operation
        with CaptureQueriesContext(connection) as asked:
            told = tell_of_offers(label="living.housingoffer", pks=pks, operation_pk=act.pk)
        assert told == number
        return len(asked)

    assert queries(2) == queries(30)


# What was read is not changed behind the team's back


@both
@pytest.mark.parametrize("state", [state for state in OfferState if state != OfferState.DRAFT], ids=str)
def test_only_a_draft_is_changed_or_removed(model, made, role, state):
    offer = made(state=state)
    offer.description = "Autre chose"
    with pytest.raises(ValidationError) as refused:
        save_row(actor=offer.owner, row=offer)
    assert refused.value.code == "closed"
    outcome = remove_rows(actor=offer.owner, model=model, pks=[offer.pk])
    assert outcome.changed == [] and len(outcome.refused) == 1


def test_an_owner_writes_for_nobody_else(landlord):
    with pytest.raises(PermissionDenied):
        save_row(actor=landlord, row=make.lodging_row(state=OfferState.DRAFT))
    mine = make.lodging_row(state=OfferState.DRAFT, landlord=landlord)
    assert save_row(actor=landlord, row=mine).pk


def test_a_listing_is_of_an_account_of_its_type(administrator, driver):
    row = make.lodging_row(state=OfferState.DRAFT, landlord=driver)
    with pytest.raises(ValidationError) as refused:
        save_row(actor=administrator, row=row)
    assert list(refused.value.message_dict) == ["landlord"]


@pytest.mark.parametrize(
    "text",
    [
        "Appelez le 0694 40 12 34",
        "tél. 06.94.40.12.34",
        "+594 694 401 234",
        "WhatsApp +33 6 12 34 56 78",
        "marie@example.org",
        "marie (at) example.org",
        "voir www.example.org/studio",
        "wa.me/594694401234",
        "06/94/12/34/56",
        "06,94,12,34,56",
        "06_94_12_34_56",
        "0694 – 12 – 34 – 56",
        "06.94·12 34/56",
        "O694123456",
        "+597 8123456",
        "00 55 96 99123 4567",
        "Tél. 0694 12 34 56, 12 rue des Palmiers",
        "0694 12 34 56 / 2 chambres",
        "Loyer 350, 0694.12.34.56, 18h",
        "0594 30 00 00, 97300 Cayenne",
        "+594 694 12 34 56 12 rue",
        "facebook.com/jean",
        "studio-jean.fr",
        "t.me/jean973",
        "insta @jean973",
        "Insta : jean973",
        "jean arobase gmail point com",
        "jean [at] gmail (point) com",
    ],
)
def test_a_public_text_names_no_telephone_address_or_link(text, landlord):
    for field in ("title", "neighbourhood", "description"):
        row = make.lodging_row(state=OfferState.DRAFT, landlord=landlord, **{field: text})
        with pytest.raises(ValidationError) as refused:
            save_row(actor=landlord, row=row)
        assert field in refused.value.message_dict


def test_what_is_to_be_taken_out_is_named_as_it_was_written():
    assert contact_in("Libre, appelez le 06/94 – 12/34/56 le soir") == "06/94 – 12/34/56"
    assert contact_in("insta @jean973, le soir") == "@jean973"
    assert contact_in("Tél. 0694 12 34 56, 12 rue des Palmiers") == "0694 12 34 56"


@pytest.mark.parametrize("text", ["Au 12, rue des  PALMISTES, Cayenne", "Maison du 12 rue des palmistes."])
def test_the_exact_address_does_not_stand_in_a_public_text(text, landlord):
    row = make.lodging_row(
        state=OfferState.DRAFT,
        landlord=landlord,
        address="12 rue des Palmistes, 97300 Cayenne",
        description=text,
    )
    with pytest.raises(ValidationError) as refused:
        save_row(actor=landlord, row=row)
    assert "L’adresse exacte est dans ce texte" in str(refused.value.message_dict["description"])


@pytest.mark.parametrize(
    "text",
    [
        "Libre du 01/12/2026 au 31/01/2027",
        "Les 01/12/2026, 08/12/2026, 15/12/2026 et 2026-12-22 2026-12-29",
        "450 € par mois, 97300 Cayenne",
        "20 m², bus 7 et 8, 7h30",
        "450 000 habitants, 12,50 € le repas, 1/2 heure, 2 ou 3 personnes",
        "Studio calme.Me dire vos horaires.Co-location possible",
    ],
)
def test_days_prices_and_postcodes_are_no_telephone(text, landlord):
    row = make.lodging_row(state=OfferState.DRAFT, landlord=landlord, description=text)
    assert save_row(actor=landlord, row=row).pk


def test_room_already_given_is_not_taken_back_by_an_edit(landlord):
    offer = make.lodging(state=OfferState.DRAFT, landlord=landlord, places=2)
    for _number in range(2):
        make.lodging_request(offer=offer, state=RequestState.ACCEPTED, from_on=soon(), until_on=soon(30))
    offer.places = 1
    with pytest.raises(ValidationError) as refused:
        save_row(actor=landlord, row=offer)
    assert "places" in refused.value.message_dict
    offer.places, offer.available_until = 2, soon(20)
    with pytest.raises(ValidationError) as refused:
        save_row(actor=landlord, row=offer)
    assert refused.value.messages == [
        nbsp("Ces jours laissent de côté 2 demandes acceptées : refusez-les d’abord.")
    ]


def test_the_first_day_is_not_put_after_a_stay_that_was_accepted(landlord):
    offer = make.lodging(state=OfferState.DRAFT, landlord=landlord, places=2)
    begun = {"from_on": soon(-3), "until_on": soon(20)}
    make.lodging_request(offer=offer, state=RequestState.ACCEPTED, **begun)
    offer.available_from = soon(30)
    save_row(actor=landlord, row=offer)
    offer.available_from = soon(40)
    make.lodging_request(offer=offer, state=RequestState.ACCEPTED, from_on=soon(35), until_on=soon(60))
    with pytest.raises(ValidationError) as refused:
        save_row(actor=landlord, row=offer)
    assert refused.value.messages == [
        nbsp("Ces jours laissent de côté 1 demande acceptée : refusez-la d’abord.")
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"weekdays": "5"},
        {"starts_on": soon(20)},
        {"ends_on": soon(20)},
        {"weekdays": "", "days": f"{next_weekday(5)}"},
    ],
)
def test_a_trip_keeps_each_day_on_which_an_accepted_student_comes_along(driver, changed):
    offer = make.trip(state=OfferState.DRAFT, driver=driver)
    make.trip_request(offer=offer, state=RequestState.ACCEPTED)
    for name, value in changed.items():
        setattr(offer, name, value)
    with pytest.raises(ValidationError) as refused:
        save_row(actor=driver, row=offer)
    assert refused.value.messages == [
        nbsp("Ces jours laissent de côté 1 demande acceptée : refusez-la d’abord.")
    ]
    offer.refresh_from_db()
    offer.weekdays = "123456"
    assert save_row(actor=driver, row=offer)


def test_days_that_have_gone_by_may_leave_a_trip(driver):
    first, second = soon(-7), soon(7)
    offer = make.trip(state=OfferState.DRAFT, driver=driver, days=f"{first} {second}")
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, days=f"{first} {second}")
    offer.days = f"{second}"
    assert save_row(actor=driver, row=offer)


def test_undoing_brings_no_listing_back_to_the_site(verifier):
    offer = make.lodging(state=OfferState.SUBMITTED)
    op = publish_offers(actor=verifier, model=HousingOffer, pks=[offer.pk]).operation
    with pytest.raises(ValidationError) as refused:
        undo_operation(actor=make.user(), operation=op)
    assert refused.value.code == "not_undoable"
    offer.refresh_from_db()
    assert offer.state == OfferState.PUBLISHED


# On the site or not, by the badge


@both
def test_online_is_published_of_a_verified_owner_and_not_over(model, made, role):
    online = made()
    for state in OfferState:
        if state != OfferState.PUBLISHED:
            made(state=state)
    for fields in (
        {"verification": "unverified"},
        {"verification": "revoked"},
        {"verification": "verified", "verified_until": today() - DAY},
        {"verification": "verified", "is_active": False},
    ):
        made(**{model.owner_field: make.user(role, **fields)})
    last = "available_until" if model is HousingOffer else "ends_on"
    first = "available_from" if model is HousingOffer else "starts_on"
    made(**{first: today() - 9 * DAY, last: today() - DAY})
    last_day = made(**{first: today() - 9 * DAY, last: today()})
    assert set(model.objects.online(today())) == {online, last_day}
    assert {row for row in model.objects.with_names() if row.is_online} == {online, last_day}


@both
def test_the_badge_takes_listings_off_the_site_and_brings_them_back_at_once(model, made, role, told):
    offer = made()
    owner = offer.owner
    assert model.objects.online(today()).count() == 1
    set_badge([owner], "unverified", signal=badges_withdrawn)
    assert model.objects.online(today()).count() == 0
    assert model.objects.get().state == OfferState.PUBLISHED
    assert told(owner) == ["1 annonce hors ligne"]
    set_badge([owner], "verified", signal=badges_given)
    assert model.objects.online(today()).count() == 1
    assert told(owner) == ["1 annonce en ligne"]


def test_those_who_have_a_place_hear_of_the_badge_and_others_do_not(landlord, told):
    offer = make.lodging(landlord=landlord)
    with_place = make.lodging_request(offer=offer, state=RequestState.ACCEPTED).student
    asking = make.lodging_request(offer=offer).student
    gone = make.lodging_request(
        offer=offer, state=RequestState.ACCEPTED, from_on=today() - 9 * DAY, until_on=today() - DAY
    ).student
    set_badge([landlord], "unverified", signal=badges_withdrawn)
    assert told(with_place) == [nbsp(f"« {offer} » n’est plus en ligne")]
    assert told(asking) == [] and told(gone) == []
    set_badge([landlord], "verified", signal=badges_given)
    assert told(with_place) == [nbsp(f"« {offer} » est de nouveau en ligne")]


def back_on_the_site(offer, verifier, **changes):
    """The owner changes a listing, and the team publishes it again."""
    owner, model = offer.owner, type(offer)
    rework_offers(actor=owner, model=model, pks=[offer.pk])
    offer = model.objects.get(pk=offer.pk)
    for name, value in changes.items():
        setattr(offer, name, value)
    save_row(actor=owner, row=offer)
    submit_offers(actor=owner, model=model, pks=[offer.pk])
    publish_offers(actor=verifier, model=model, pks=[offer.pk])


def test_those_who_have_a_place_hear_that_a_suspended_listing_is_back(verifier, told):
    offer = make.lodging()
    with_place = make.lodging_request(offer=offer, state=RequestState.ACCEPTED).student
    asking = make.lodging_request(offer=offer).student
    suspend_offers(actor=verifier, model=HousingOffer, pks=[offer.pk], reason="Plainte.")
    assert told(with_place) == [nbsp(f"« {offer} » n’est plus en ligne")]
    reinstate_offers(actor=verifier, model=HousingOffer, pks=[offer.pk])
    assert told(with_place) == [nbsp(f"« {offer} » est de nouveau en ligne")]
    assert told(asking) == []
    assert "changé" not in Notice.objects.filter(recipient=with_place).latest("pk").body


@pytest.mark.parametrize(
    ("offered", "asked", "changes", "told_of"),
    [
        (
            make.lodging,
            make.lodging_request,
            {"rent": Decimal(700), "address": "3 rue des Flamboyants", "description": "Repeint."},
            "adresse exacte, loyer mensuel (€)",
        ),
        (
            make.trip,
            make.trip_request,
            {"departs_at": datetime.time(5, 30), "meeting_point": "Stade"},
            "point de rencontre, heure de départ",
        ),
    ],
    ids=["lodging", "trip"],
)
def test_those_who_have_a_place_hear_what_changed_in_it(verifier, told, offered, asked, changes, told_of):
    offer = offered()
    with_place = asked(offer=offer, state=RequestState.ACCEPTED).student
    back_on_the_site(offer, verifier, **changes)
    assert len(told(with_place)) == 2
    said = Notice.objects.filter(recipient=with_place).latest("pk").body
    assert nbsp(f"Ce qui y a changé : {told_of}.") in said
    assert "Flamboyants" not in said
    back_on_the_site(offer, verifier, description="Encore repeint.")
    told(with_place)
    assert "changé" not in Notice.objects.filter(recipient=with_place).latest("pk").body


def test_nobody_is_told_that_a_listing_is_back_before_it_was_there(verifier, told):
    offer = make.lodging(state=OfferState.SUBMITTED)
    asking = make.lodging_request(offer=offer).student
    publish_offers(actor=verifier, model=HousingOffer, pks=[offer.pk])
    assert told(asking) == []


def test_an_owner_without_listings_hears_nothing_of_them(landlord, told):
    make.lodging(landlord=landlord, state=OfferState.DRAFT)
    set_badge([landlord], "unverified", signal=badges_withdrawn)
    assert told(landlord) == []


def test_a_badge_ends_at_midnight_in_cayenne(it_is):
    it_is(2026, 11, 30, 12, 0)
    make.lodging(landlord=make.verified(Role.LANDLORD, verified_until=datetime.date(2026, 11, 30)))
    it_is(2026, 11, 30, 23, 59)
    assert HousingOffer.objects.visible_to(AnonymousUser()).count() == 1
    it_is(2026, 12, 1, 0, 0)
    assert HousingOffer.objects.visible_to(AnonymousUser()).count() == 0


# Who sees what


@both
def test_each_role_sees_and_changes_its_listings(model, made, role, everyone):
    online, draft = made(), made(state=OfferState.DRAFT)
    mine = getattr(everyone, "role", Role.ANONYMOUS)
    seen, changed = {online.pk}, set()
    if mine == role:
        seen = changed = {made(state=OfferState.DRAFT, **{model.owner_field: everyone}).pk}
    elif everyone.is_authenticated and everyone.is_staff:
        seen = {online.pk, draft.pk}
        changed = seen if mine in MODERATORS else set()
    assert {row.pk for row in model.objects.visible_to(everyone)} == seen
    assert {row.pk for row in model.objects.editable_by(everyone)} == changed


def test_a_student_still_sees_what_they_have_asked_for(student):
    offer = make.lodging(state=OfferState.SUSPENDED)
    assert not HousingOffer.objects.visible_to(student).exists()
    row = make.lodging_request(offer=offer, student=student, state=RequestState.ACCEPTED)
    assert list(HousingOffer.objects.visible_to(student)) == [offer]
    with operation(kind=OperationKind.SETUP, actor=student):
        set_columns(HousingRequest, [row.pk], state=RequestState.WITHDRAWN)
    assert not HousingOffer.objects.visible_to(student).exists()


def test_requests_are_seen_by_their_student_their_owner_and_the_team(everyone):
    request = make.lodging_request()
    role = getattr(everyone, "role", Role.ANONYMOUS)
    visible = HousingRequest.objects.visible_to(everyone)
    assert visible.exists() is (role in {"administrator", "editor", "verifier", "auditor"})
    assert not HousingRequest.objects.editable_by(everyone).exists()
    for who in (request.student, request.offer.landlord):
        assert list(HousingRequest.objects.visible_to(who)) == [request]
        assert list(HousingRequest.objects.editable_by(who)) == [request]


def test_the_address_and_the_telephone_are_for_those_who_were_accepted():
    owner = make.verified(Role.LANDLORD, phone="+594694401234")
    offer = make.lodging(landlord=owner, address="12 rue des Palmistes")
    accepted = make.lodging_request(offer=offer, state=RequestState.ACCEPTED).student
    for state in RequestState:
        if state not in (RequestState.ACCEPTED,):
            assert reports.contact_of(offer, make.lodging_request(offer=offer, state=state).student) is None
    for stranger in (
        AnonymousUser(),
        make.user(Role.STUDENT),
        make.verified(Role.LANDLORD),
        person(Role.AUDITOR),
    ):
        assert reports.contact_of(offer, stranger) is None
    for who in (accepted, owner, make.user(Role.VERIFIER)):
        contact = reports.contact_of(offer, who)
        assert contact.address == "12 rue des Palmistes" and contact.phone == "0694 40 12 34"


# Looking for one


def found(rows):
    return {row.pk for row in rows}


def test_lodgings_are_found_by_place_kind_price_and_what_they_have():
    kourou = make.commune("Kourou")
    here = make.lodging(commune=kourou, kind="house", rent=Decimal(600), charges=Decimal(20), title="Case")
    make.lodging(is_furnished=False)
    look = HousingOffer.objects.matching
    assert found(look(today=today(), commune=kourou.insee_code)) == {here.pk}
    assert found(look(today=today(), kind="house")) == {here.pk}
    assert here.pk not in found(look(today=today(), price=Decimal("619.99")))
    assert here.pk in found(look(today=today(), price=Decimal("620")))
    assert found(look(today=today(), furnished=True)) == {here.pk}
    assert found(look(today=today(), accessible=True)) == set()
    assert found(look(today=today(), words="CASE kourou")) == {here.pk}


def test_places_left_count_the_busiest_night_and_the_day_of_departure_is_free():
    offer = make.lodging(places=2, available_from=today())
    for first, last in ((10, 20), (20, 30), (15, 25)):
        make.lodging_request(
            offer=offer, state=RequestState.ACCEPTED, from_on=soon(first), until_on=soon(last)
        )
    make.lodging_request(offer=offer, from_on=soon(10), until_on=soon(30))

    def left(first, last):
        return HousingOffer.objects.with_places_left(today(), soon(first), soon(last)).get().places_left

    assert [left(1, 10), left(1, 11), left(10, 15), left(10, 20), left(25, 30), left(30, 40)] == [
        2,
        1,
        1,
        0,
        1,
        2,
    ]
    assert HousingOffer.objects.with_places_left(today()).get().places_left == 2
    look = HousingOffer.objects.matching
    assert found(look(today=today(), start=soon(10), end=soon(15))) == {offer.pk}
    assert found(look(today=today(), start=soon(10), end=soon(15), places=2)) == set()
    assert found(look(today=today(), start=soon(14), end=soon(16))) == set()
    assert found(look(today=today(), start=soon(725), end=soon(740))) == set()


def test_a_lodging_is_not_found_for_an_arrival_on_its_last_day():
    offer = make.lodging(available_until=soon(20))
    look = HousingOffer.objects.matching
    assert found(look(today=today(), start=soon(19))) == {offer.pk}
    assert found(look(today=today(), start=soon(20))) == set()


def test_trips_are_found_by_their_ends_their_days_and_their_price():
    cayenne, kourou = make.commune("Cayenne"), make.commune("Kourou")
    monday, saturday = next_weekday(1), next_weekday(6)
    make.cost_ceiling()
    regular = make.trip(origin=cayenne, destination=kourou, cost_share=Decimal("2"), seats=2)
    dated = make.trip(origin=kourou, destination=cayenne, days=f"{saturday:%d/%m/%Y}")
    look = CarpoolOffer.objects.matching
    assert found(look(origin=cayenne.insee_code)) == {regular.pk}
    assert found(look(destination=cayenne.insee_code)) == {dated.pk}
    assert found(look(date=monday)) == {regular.pk}
    assert found(look(date=saturday)) == {dated.pk}
    assert found(look(weekday="6")) == {dated.pk}
    assert found(look(weekday="1")) == {regular.pk}
    assert found(look(price=Decimal("1.99"))) == {dated.pk}
    assert found(look(date=monday, seats=2)) == {regular.pk}
    make.trip_request(offer=regular, state=RequestState.ACCEPTED, from_on=today(), until_on=soon(20))
    assert found(look(date=monday, seats=2)) == set()
    assert look(date=monday).get().seats_left == 1


def with_seats(number):
    rows = reports.find_trips(CarpoolOffer.objects.all(), today=today(), seats=number)
    free = reports.next_departures(rows, today(), seats=number)
    return {pk: (departure.day, departure.seats_left) for pk, departure in free.items()}


def test_seats_of_single_days_are_free_day_by_day():
    first, second, third = soon(1), soon(2), soon(3)
    offer = make.trip(days=f"{first} {second} {third}", seats=2)
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, days=f"{first} {third}")
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, days=f"{second}")
    assert with_seats(1) == {offer.pk: (first, 1)}
    assert with_seats(2) == {}


def test_a_regular_trip_that_is_full_for_a_week_is_found_for_the_days_after():
    offer = make.trip(seats=1, weekdays="1234567")
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, from_on=today(), until_on=soon(6))
    full = make.trip(seats=1, days=f"{soon(3)}")
    make.trip_request(offer=full, state=RequestState.ACCEPTED, days=f"{soon(3)}")
    assert with_seats(1) == {offer.pk: (soon(7), 1)}
    assert found(reports.find_trips(CarpoolOffer.objects.all(), today=today())) == {offer.pk, full.pk}


def test_looking_for_seats_takes_as_many_queries_for_many_trips(django_assert_num_queries):
    for _number in range(5):
        make.trip_request(offer=make.trip(seats=1), state=RequestState.ACCEPTED, from_on=today())
    with django_assert_num_queries(4):
        rows = reports.find_trips(CarpoolOffer.objects.all(), today=today(), seats=1)
        assert len(list(rows)) == 5


def test_a_list_with_what_is_left_is_one_query(django_assert_num_queries):
    for _number in range(5):
        make.lodging_request(offer=make.lodging(places=3), state=RequestState.ACCEPTED)
        make.trip_request(offer=make.trip(seats=3), state=RequestState.ACCEPTED)
    with django_assert_num_queries(1):
        rows = HousingOffer.objects.online(today()).matching(today=today(), start=soon(8), end=soon(20))
        assert [str(row) and row.places_left for row in rows.with_names()] == [2] * 5
    with django_assert_num_queries(1):
        rows = CarpoolOffer.objects.online(today()).matching(date=next_weekday(3) + 7 * DAY)
        assert [str(row) and row.seats_left for row in rows.with_names()] == [2] * 5


def test_the_next_departures_say_how_many_seats_are_free_on_each_day(django_assert_num_queries):
    first, second = next_weekday(6), next_weekday(6) + 7 * DAY
    dated = make.trip(days=f"{first} {second}", seats=1)
    make.trip_request(offer=dated, state=RequestState.ACCEPTED, days=f"{first}")
    far = make.trip(starts_on=soon(40), weekdays="1")
    with django_assert_num_queries(1):
        days = reports.departures([dated], today(), soon(30))[dated.pk]
    assert [(day.day, day.seats_left) for day in days] == [(first, 0), (second, 1)]
    coming = reports.next_departures([dated, far], today())
    assert coming[dated.pk].day == first
    assert coming[far.pk].day.isoweekday() == 1 and soon(40) <= coming[far.pk].day < soon(47)


def test_figures_count_what_a_person_sees(landlord, verifier):
    make.lodging(landlord=landlord)
    make.lodging(landlord=landlord, state=OfferState.DRAFT)
    waiting = make.lodging(state=OfferState.SUBMITTED)
    assert reports.offer_figures(HousingOffer, landlord, today()) == {
        "draft": 1, "submitted": 0, "published": 1, "suspended": 0, "archived": 0, "online": 1,
    }  # fmt: skip
    assert list(reports.offers_to_read(HousingOffer, verifier)) == [waiting]
    make.lodging_request(offer=waiting, state=RequestState.WAITING)
    assert reports.request_figures(HousingRequest, landlord)["open"] == 0
    assert reports.request_figures(HousingRequest, verifier)["waiting"] == 1
