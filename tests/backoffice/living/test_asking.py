"""A student asks for a place: the form that fits the listing, what it refuses, and where it leads."""

import pytest

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.living.enums import OfferState, RequestState
from pratik.living.models import CarpoolRequest, HousingRequest
from tests import factories as make
from tests.backoffice.living.conftest import DAY, acting_for, after, next_weekday, soon, words
from tests.kit.queue import run_queue
from tests.kit.world import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_for, student):
    return client_for(student)


def form_of(offer):
    model = type(offer)._meta.get_field("requests").related_model
    return url(model, "ask", offer.pk)


def stay(client, offer, first=7, last=37, **more):
    days = {"from_on": soon(first).isoformat(), "until_on": soon(last).isoformat()}
    return client.post(form_of(offer), {**days, "message": "", **more})


# What is asked


def test_a_stay_is_asked_for_from_the_page_of_the_lodging(client, student, landlord):
    offer = make.lodging(landlord=landlord)
    page = client.get(form_of(offer))
    assert list(page.context_data["form"].fields) == ["from_on", "until_on", "message", "wait"]
    assert offer.get_absolute_url() in page.content.decode()
    told = after(client, stay(client, offer, message="  Stage au CHU. "))
    assert "Votre demande est envoyée" in told
    row = HousingRequest.objects.get()
    assert (row.student, row.offer, row.state) == (student, offer, RequestState.REQUESTED)
    assert (row.from_on, row.until_on, row.message) == (soon(7), soon(37), "Stage au CHU.")
    # Where it is and whom to call is told once the landlord has accepted, and not before.
    for secret in ("Palmistes", "0694 40 12 34", "marcel@example.org"):
        assert secret not in told


def test_days_may_be_typed_as_people_write_them(client):
    offer = make.lodging()
    days = {"from_on": f"{soon(7):%d/%m/%Y}", "until_on": f"{soon(9):%d/%m/%Y}"}
    assert client.post(form_of(offer), days).status_code == 302


def test_a_regular_trip_is_asked_for_a_while(client):
    offer = make.trip()
    assert list(client.get(form_of(offer)).context_data["form"].fields) == [
        "from_on",
        "until_on",
        "message",
        "wait",
    ]
    assert stay(client, offer).status_code == 302
    assert CarpoolRequest.objects.get().state == RequestState.REQUESTED


def test_the_dates_of_a_trip_are_chosen_among_those_to_come_with_their_seats(client):
    first, second = next_weekday(6), next_weekday(6) + 7 * DAY
    offer = make.trip(days=f"{today() - 3 * DAY} {first} {second}", seats=2)
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, days=f"{first}", from_on=first)
    choices = client.get(form_of(offer)).context_data["form"].fields["days"].choices
    assert [day for day, _label in choices] == [f"{first}", f"{second}"]
    assert "1 place libre" in choices[0][1] and "2 places libres" in choices[1][1]
    client.post(form_of(offer), {"days": [f"{second}", f"{first}"]})
    row = CarpoolRequest.objects.latest("pk")
    assert (row.days, row.from_on, row.until_on) == (f"{first} {second}", first, second)


def test_an_instant_seat_is_had_at_once_with_the_way_to_reach_the_driver(client, driver):
    offer = make.trip(driver=driver, is_instant=True)
    assert "Réservation immédiate" in words(client.get(form_of(offer)))
    told = after(client, stay(client, offer))
    assert "Vous avez une place. Les coordonnées du conducteur sont ci-dessous." in told
    assert "Votre conducteur" in told and "Josette Clet" in told and driver.email in told


# Full


def test_what_is_full_is_said_and_the_waiting_list_is_a_tick_away(client):
    offer = make.lodging()
    make.lodging_request(offer=offer, state=RequestState.ACCEPTED)
    refused = stay(client, offer, message="Je suis très propre.")
    assert refused.status_code == 422
    assert "Il n’y a plus de place ces jours-là. Choisissez d’autres jours, ou la liste d’attente." in words(
        refused
    )
    assert "Je suis très propre." in refused.content.decode()
    assert refused.context_data["form"]["from_on"].value() == soon(7).isoformat()
    assert HousingRequest.objects.count() == 1
    told = after(client, stay(client, offer, wait="on"))
    assert "Vous êtes sur liste d’attente" in told
    assert HousingRequest.objects.latest("pk").state == RequestState.WAITING


def test_the_last_seat_is_the_first_ones(client_for):
    offer = make.trip(is_instant=True)
    first, second = (client_for(make.user(Role.STUDENT)) for _number in range(2))
    assert stay(first, offer).status_code == 302
    assert stay(second, offer).status_code == 422
    assert CarpoolRequest.objects.count() == 1


# Refused


@pytest.mark.parametrize(
    ("days", "field", "told"),
    [
        ({"from_on": "", "until_on": "2099-01-01"}, "from_on", "Indiquez cette date."),
        ({"from_on": "demain"}, "from_on", "Cette date n’existe pas"),
        ({"until_on": "2027-02-31"}, "until_on", "Cette date n’existe pas"),
        ({"from_on": "\x00"}, "from_on", "Cette date n’existe pas"),
        ({"from_on": "2020-01-01"}, "from_on", "Ce jour est passé."),
        ({"from_on": "9999-12-31", "until_on": "9999-12-31"}, None, ""),
        ({"until_on": "9999-12-31"}, "until_on", "Demandez un an au plus."),
        ({"until_on": soon(6).isoformat()}, "until_on", "précède le premier"),
        ({"message": "x" * 2_001}, "message", ""),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, days, field, told):
    typed = {"from_on": soon(7).isoformat(), "until_on": soon(20).isoformat(), "message": "Bonjour", **days}
    response = client.post(form_of(make.lodging()), typed)
    assert response.status_code == 422
    form = response.context_data["form"]
    assert len(form.errors) == 1 and (field is None or list(form.errors) == [field])
    assert told in words(response)
    assert {name: form[name].value() for name in typed} == typed
    assert not HousingRequest.objects.exists()


@pytest.mark.parametrize("days", [[], ["2099-01-01"], ["demain"], ["\x00"], ["9" * 40]], ids=str)
def test_a_date_that_the_trip_has_not_is_refused(client, days):
    offer = make.trip(days=f"{next_weekday(6)}")
    response = client.post(form_of(offer), {"days": days})
    assert response.status_code == 422
    assert list(response.context_data["form"].errors) == ["days"]
    assert not CarpoolRequest.objects.exists()


def test_who_has_asked_is_led_to_what_they_asked(client, student):
    offer = make.lodging(places=3)
    row = make.lodging_request(offer=offer, student=student)
    for response in (client.get(form_of(offer)), stay(client, offer)):
        assert response["Location"] == url(HousingRequest, "change", row.pk)
    assert "Vous avez déjà une demande en cours pour cette annonce." in words(
        client.get(url(HousingRequest, "change", row.pk))
    )
    assert HousingRequest.objects.count() == 1


def test_who_has_asked_for_too_much_is_told_to_take_something_back(client, student, settings):
    settings.LIVING_MAX_OPEN_REQUESTS = 1
    make.trip_request(student=student)
    response = stay(client, make.lodging())
    assert response.status_code == 422
    assert "Vous avez déjà 1 demande en attente : retirez-en une d’abord." in words(response)
    assert not HousingRequest.objects.exists()


@pytest.mark.parametrize("off", ["draft", "suspended", "badge", "over"])
def test_what_is_not_on_the_site_cannot_be_asked_for(client, off):
    fields = {
        "draft": {"state": OfferState.DRAFT},
        "suspended": {"state": OfferState.SUSPENDED},
        "badge": {"landlord": make.user(Role.LANDLORD)},
        "over": {"available_from": today() - 9 * DAY, "available_until": today() - DAY},
    }[off]
    offer = make.lodging(**fields)
    assert client.get(form_of(offer)).status_code == 404
    assert stay(client, offer).status_code == 404
    assert not HousingRequest.objects.exists()


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.ANONYMOUS, Role.STUDENT)], ids=str
)
def test_anybody_else_is_told_that_students_ask(client_for, role):
    offer, client = make.lodging(), client_for(make.user(role))
    for response in (client.get(form_of(offer)), stay(client, offer)):
        assert response.status_code == 403
        assert "Seuls les étudiants demandent un logement ou un trajet" in words(response)
    assert not HousingRequest.objects.exists()


def test_nobody_asks_in_a_students_name(client_for, administrator, student):
    offer, client = make.lodging(), acting_for(client_for(administrator), student)
    assert client.get(form_of(offer)).status_code == 403
    assert stay(client, offer).status_code == 403
    assert not HousingRequest.objects.exists()


def test_the_owner_hears_of_it_without_delay(client, landlord, student):
    stay(client, make.lodging(landlord=landlord, title="Studio au calme"))
    run_queue()
    notice = landlord.notices.get()
    assert "Yolande Apatou demande une place" in notice.subject.replace("\xa0", " ")
    assert notice.path == url(HousingRequest, "change", HousingRequest.objects.get().pk)
