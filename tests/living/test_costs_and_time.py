"""What a trip may cost, and what the passing of days does to lodgings, trips and requests."""

import datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from pratik.accounts.enums import Role
from pratik.accounts.services import system_actor
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import save_row
from pratik.core.undo import revert_row
from pratik.living.enums import OfferState, RequestState
from pratik.living.models import (
    CarpoolOffer,
    CarpoolRequest,
    CostCeiling,
    HousingOffer,
    HousingPhoto,
    HousingRequest,
    read_days,
)
from pratik.living.services import close_account, close_what_is_over, load_ceilings, publish_offers
from pratik.schedule import SCHEDULE
from tests import factories as make
from tests.living.conftest import DAY, nbsp, soon

pytestmark = pytest.mark.django_db

CEILINGS = settings.BASE_DIR / "fixtures" / "reference" / "cost_ceilings.csv"


# What a trip may cost


@pytest.mark.parametrize(
    ("per_km", "distance_km", "seats", "most"),
    [
        ("0.600", 60, 1, "18.00"),
        ("0.600", 60, 2, "12.00"),
        ("0.529", 1, 1, "0.26"),
        ("0.529", 63, 3, "8.33"),
        ("0.001", 1, 8, "0.00"),
    ],
)
def test_the_most_is_an_equal_share_with_the_driver_down_to_the_cent(per_km, distance_km, seats, most):
    ceiling = CostCeiling(per_km=Decimal(per_km))
    assert ceiling.most_per_seat(distance_km=distance_km, seats=seats) == Decimal(most)


@pytest.mark.parametrize(("cost", "kept"), [("0", True), ("18.00", True), ("18.01", False)])
def test_a_share_is_kept_up_to_the_ceiling(driver, cost, kept):
    make.cost_ceiling()
    row = make.trip_row(driver=driver, state=OfferState.DRAFT, cost_share=Decimal(cost))
    if kept:
        assert save_row(actor=driver, row=row).pk
        return
    with pytest.raises(ValidationError) as refused:
        save_row(actor=driver, row=row)
    assert refused.value.message_dict == {
        "cost_share": [
            nbsp("Au plus 18,00 € par place : 0,600 € par km, partagés entre les passagers et vous.")
        ]
    }


@pytest.mark.parametrize(
    ("distance_km", "kept"),
    [
        pytest.param(62, True, id="the road"),
        pytest.param(139, True, id="a long way round"),
        pytest.param(140, False, id="no road"),
        pytest.param(1_000, False, id="much too far"),
    ],
)
def test_the_distance_is_that_of_a_road_between_the_communes(driver, distance_km, kept):
    """It decides what a seat may cost, so that the driver does not choose it freely."""
    make.cost_ceiling()
    row = make.trip_row(
        driver=driver,
        state=OfferState.DRAFT,
        distance_km=distance_km,
        origin=make.commune("Cayenne", latitude=4.938, longitude=-52.32365),
        destination=make.commune("Kourou", latitude=5.16503, longitude=-52.64626),
    )
    if kept:
        assert save_row(actor=driver, row=row).pk
        return
    with pytest.raises(ValidationError) as refused:
        save_row(actor=driver, row=row)
    assert refused.value.message_dict == {
        "distance_km": [
            nbsp("De Cayenne à Kourou, une route fait au plus 139 km : indiquez la distance d’un seul aller.")
        ]
    }


def test_within_one_commune_a_trip_has_the_length_of_its_roads(driver):
    commune = make.commune("Kourou", latitude=5.16503, longitude=-52.64626)
    row = make.trip_row(
        driver=driver, state=OfferState.DRAFT, origin=commune, destination=commune, distance_km=30
    )
    assert save_row(actor=driver, row=row).pk
    row.distance_km = 31
    with pytest.raises(ValidationError):
        save_row(actor=driver, row=row)


def test_the_ceiling_is_that_of_the_day(driver, it_is):
    make.cost_ceiling(from_on=datetime.date(2026, 1, 1), per_km=Decimal("0.500"))
    make.cost_ceiling(from_on=datetime.date(2027, 1, 1), per_km=Decimal("0.700"))

    def refused():
        row = make.trip_row(driver=driver, state=OfferState.DRAFT, cost_share=Decimal("21"))
        try:
            save_row(actor=driver, row=row)
        except ValidationError as error:
            return error.error_dict["cost_share"][0].code
        return None

    it_is(2026, 12, 31, 23, 59)
    assert refused() == "above_ceiling"
    it_is(2027, 1, 1, 0, 0)
    assert refused() is None


def test_without_a_ceiling_a_trip_is_free(driver, it_is):
    row = make.trip_row(driver=driver, state=OfferState.DRAFT, cost_share=Decimal("1"))
    with pytest.raises(ValidationError):
        save_row(actor=driver, row=row)
    row.cost_share = 0
    assert save_row(actor=driver, row=row).pk


def test_a_ceiling_that_has_fallen_since_is_asked_again_before_the_trip_is_public(verifier, it_is):
    make.cost_ceiling(from_on=datetime.date(2026, 1, 1))
    it_is(2026, 6, 1, 12, 0)
    offer = make.trip(state=OfferState.SUBMITTED, cost_share=Decimal("18"))
    make.cost_ceiling(from_on=datetime.date(2026, 7, 1), per_km=Decimal("0.500"))
    it_is(2026, 7, 1, 0, 0)
    outcome = publish_offers(actor=verifier, model=CarpoolOffer, pks=[offer.pk])
    assert [why for _row, why in outcome.refused] == [
        nbsp("Au plus 15,00 € par place : 0,500 € par km, partagés entre les passagers et vous.")
    ]


def test_a_return_to_an_earlier_version_obeys_the_ceiling_too(driver, administrator):
    ceiling = make.cost_ceiling()
    offer = make.trip(driver=driver, state=OfferState.DRAFT, cost_share=Decimal("18"))
    line = offer.history.latest()
    offer.cost_share = Decimal("5")
    save_row(actor=driver, row=offer)
    ceiling.per_km = Decimal("0.300")
    save_row(actor=administrator, row=ceiling)
    with pytest.raises(ValidationError):
        revert_row(actor=driver, row=offer, line=line)


def test_ceilings_are_loaded_once_and_what_administrators_changed_stays(administrator):
    assert load_ceilings(actor=system_actor(), path=CEILINGS) == 1
    row = CostCeiling.objects.get()
    assert (row.from_on, row.per_km) == (datetime.date(2023, 1, 1), Decimal("0.529"))
    row.per_km = Decimal("0.500")
    save_row(actor=administrator, row=row)
    assert load_ceilings(actor=system_actor(), path=CEILINGS) == 0
    assert CostCeiling.objects.get().per_km == Decimal("0.500")


def test_anyone_reads_the_ceilings_and_administrators_alone_set_them(everyone):
    make.cost_ceiling()
    assert CostCeiling.objects.visible_to(everyone).count() == 1
    may = getattr(everyone, "is_administrator", False)
    assert CostCeiling.objects.editable_by(everyone).exists() is may


@pytest.mark.parametrize("per_km", ["0", "-0.1", "5.001"])
def test_a_ceiling_is_a_price(administrator, per_km):
    with pytest.raises(ValidationError):
        save_row(actor=administrator, row=CostCeiling(from_on=soon(), per_km=Decimal(per_km)))


# Days of a trip


@pytest.mark.parametrize(
    "text", ["2026-12-08 2026-12-01", "8/12/2026, 01/12/2026", "1/12/2026;2026-12-08;1/12/2026"]
)
def test_days_are_read_as_people_write_them(text):
    assert read_days(text) == [datetime.date(2026, 12, 1), datetime.date(2026, 12, 8)]


@pytest.mark.parametrize("text", ["demain", "31/02/2026", "12/2026", "2026-13-01"])
def test_what_is_no_day_is_named(text):
    with pytest.raises(ValidationError) as refused:
        read_days(text)
    assert text in refused.value.messages[0]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"weekdays": "", "days": ""}, "weekdays"),
        ({"weekdays": "15", "days": "2026-12-01"}, "weekdays"),
        ({"weekdays": "18"}, "weekdays"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": datetime.date(2020, 1, 1)}, "ends_on"),
        ({"returns_at": datetime.time(6)}, "returns_at"),
        ({"seats": 0}, "seats"),
        ({"seats": 9}, "seats"),
        ({"distance_km": 0}, "distance_km"),
    ],
)
def test_a_trip_that_can_not_be_is_refused_where_it_was_typed(driver, fields, field):
    row = make.trip_row(driver=driver, state=OfferState.DRAFT)
    for name, value in fields.items():
        setattr(row, name, value)
    with pytest.raises(ValidationError) as refused:
        save_row(actor=driver, row=row)
    assert field in refused.value.message_dict


def test_a_trip_on_single_days_begins_and_ends_with_them(driver):
    row = make.trip(driver=driver, days="08/12/2026, 01/12/2026")
    assert (row.starts_on, row.ends_on) == (datetime.date(2026, 12, 1), datetime.date(2026, 12, 8))
    assert (row.days, row.runs_on) == ("2026-12-01 2026-12-08", "2")


# Midnight in Cayenne


def test_what_is_over_is_put_away_at_midnight_in_cayenne(it_is, told):
    it_is(2026, 11, 30, 12, 0)
    last = datetime.date(2026, 12, 1)
    offer = make.lodging(available_from=last - 20 * DAY, available_until=last)
    trip = make.trip(starts_on=last - 20 * DAY, ends_on=last)
    accepted = make.lodging_request(
        offer=offer, state=RequestState.ACCEPTED, from_on=last - 10 * DAY, until_on=last
    )
    waiting = make.trip_request(offer=trip, state=RequestState.WAITING, from_on=last - DAY, until_on=last)
    asked = make.lodging_request(offer=offer, from_on=last, until_on=last + DAY)
    it_is(2026, 12, 1, 23, 59)
    assert close_what_is_over() == 0
    it_is(2026, 12, 2, 0, 5)
    assert close_what_is_over() > 0
    for row, state in (
        (offer, OfferState.ARCHIVED),
        (trip, OfferState.ARCHIVED),
        (accepted, RequestState.OVER),
        (waiting, RequestState.EXPIRED),
        (asked, RequestState.EXPIRED),
    ):
        row.refresh_from_db()
        assert row.state == state
    assert told(waiting.student) == [nbsp(f"Votre demande est close : {trip}")]
    assert told(accepted.student) == []
    assert told(offer.landlord) == [nbsp(f"Annonce terminée : {offer}")]
    assert close_what_is_over() == 0, "run again, it finds nothing to do"


def test_utc_is_a_day_ahead_in_the_evening_and_is_not_asked(it_is):
    it_is(2026, 12, 1, 12, 0)
    make.lodging(available_from=datetime.date(2026, 11, 1), available_until=datetime.date(2026, 12, 1))
    # 2 December in Greenwich.
    it_is(2026, 12, 1, 22, 0)
    assert close_what_is_over() == 0
    assert HousingOffer.objects.online(datetime.date(2026, 12, 1)).count() == 1


def test_drafts_and_what_has_no_end_are_left(it_is):
    it_is(2026, 12, 1, 12, 0)
    past = {"available_from": datetime.date(2026, 1, 1), "available_until": datetime.date(2026, 2, 1)}
    make.lodging(state=OfferState.DRAFT, **past)
    make.lodging(available_from=datetime.date(2026, 1, 1), available_until=None)
    make.trip(starts_on=datetime.date(2026, 1, 1), ends_on=None)
    assert close_what_is_over() == 0


def test_a_stay_under_way_keeps_its_place(it_is):
    it_is(2026, 12, 1, 12, 0)
    row = make.lodging_request(
        state=RequestState.ACCEPTED, from_on=datetime.date(2026, 11, 1), until_on=datetime.date(2026, 12, 1)
    )
    assert close_what_is_over() == 0
    row.refresh_from_db()
    assert row.state == RequestState.ACCEPTED


def test_closing_many_takes_batches(monkeypatch, it_is):
    it_is(2026, 11, 1, 12, 0)
    monkeypatch.setattr("pratik.living.services.closing.BATCH", 2)
    days = {"starts_on": datetime.date(2026, 11, 1), "ends_on": datetime.date(2026, 11, 20)}
    make.saved(*(make.trip_row(**days) for _number in range(5)))
    it_is(2026, 12, 1, 12, 0)
    assert close_what_is_over() == 5
    assert set(CarpoolOffer.objects.values_list("state", flat=True)) == {OfferState.ARCHIVED}


def test_it_runs_by_itself_just_after_midnight():
    assert SCHEDULE["close_past_listings"].cron == "5 0 * * *"


# Somebody goes


def test_what_somebody_offered_and_asked_for_ends_with_their_account(
    administrator, told, django_capture_on_commit_callbacks
):
    landlord, leaving = make.verified(Role.LANDLORD), make.user(Role.STUDENT)
    offer = make.lodging(landlord=landlord)
    make.lodging_photo(offer=offer)
    with_place = make.lodging_request(offer=offer, state=RequestState.ACCEPTED)
    asking = make.lodging_request(offer=offer)
    trip = make.trip(is_instant=True)
    seat = make.trip_request(offer=trip, student=leaving, state=RequestState.ACCEPTED)
    waiting = make.trip_request(offer=trip, state=RequestState.WAITING)
    for who in (landlord, leaving):
        with (
            django_capture_on_commit_callbacks(execute=True),
            operation(kind=OperationKind.ERASURE, actor=administrator),
        ):
            close_account(pk=who.pk)
    assert HousingOffer.objects.get().state == OfferState.ARCHIVED
    assert not HousingPhoto.objects.exists()
    states = dict(HousingRequest.objects.values_list("pk", "state"))
    assert states == {with_place.pk: RequestState.DECLINED, asking.pk: RequestState.EXPIRED}
    assert dict(CarpoolRequest.objects.values_list("pk", "state")) == {
        seat.pk: RequestState.WITHDRAWN,
        waiting.pk: RequestState.ACCEPTED,
    }
    assert told(with_place.student) == [nbsp(f"Votre demande est refusée : {offer}")]
    assert told(waiting.student) == [nbsp(f"Vous avez une place : {trip}")]
