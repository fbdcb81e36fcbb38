"""Lodgings and trips in the console: who writes what, who reads it before it is public, and what is told."""

import datetime
from decimal import Decimal

import pytest
from django.contrib.admin import helpers
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.living.enums import OfferState, RequestState
from pratik.living.models import CarpoolOffer, HousingOffer
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
    "lodging": (HousingOffer, make.lodging, Role.LANDLORD),
    "trip": (CarpoolOffer, make.trip, Role.DRIVER),
}
both = pytest.mark.parametrize(("model", "made", "role"), KINDS.values(), ids=KINDS.keys())


def ago(days):
    return timezone.now() - datetime.timedelta(days=days)


def submitted(made, days=0, **fields):
    return made(state=OfferState.SUBMITTED, submitted_at=ago(days), **fields)


def typed_lodging(**changes):
    """A lodging as its landlord types it."""
    return {
        "title": "Studio au calme",
        "kind": "studio",
        "commune": make.commune("Cayenne").pk,
        "neighbourhood": "Près du marché",
        "address": "12 rue des Palmistes",
        "surface": "20",
        "places": "2",
        "is_furnished": "on",
        "rent": "450.50",
        "charges": "50",
        "deposit": "0",
        "available_from": f"{soon():%d/%m/%Y}",
        "available_until": "",
        "description": "Au deuxième étage.",
        **changes,
    }


def typed_trip(**changes):
    """A regular trip as its driver types it."""
    return {
        "origin": make.commune("Cayenne").pk,
        "meeting_point": "Carrefour Suzini",
        "destination": make.commune("Kourou").pk,
        "destination_point": "Gare routière",
        "weekdays": ["1", "3"],
        "starts_on": f"{soon():%d/%m/%Y}",
        "ends_on": "",
        "days": "",
        "departs_at": "06:30",
        "returns_at": "",
        "seats": "2",
        "distance_km": "60",
        "cost_share": "0",
        "description": "",
        **changes,
    }


# The lists


@both
def test_an_owner_sees_their_own_listings_and_the_team_all(client_for, model, made, role, verifier):
    owner = make.verified(role)
    mine, other = made(state=OfferState.DRAFT, **{model.owner_field: owner}), made()
    assert listed(client_for(owner), model) == [mine.pk]
    assert set(listed(client_for(verifier), model)) == {mine.pk, other.pk}
    own, team = (client_for(who).get(url(model, "changelist")) for who in (owner, verifier))
    assert str(other.owner) in words(team) and str(other.owner) not in words(own)
    # One's own name need not stand in each row.
    assert "shown_owner" not in own.context_data["cl"].list_display


@both
def test_what_waits_longest_comes_first_and_what_is_put_away_last(client_for, verifier, model, made, role):
    gone, online = made(state=OfferState.ARCHIVED), made()
    young, old = submitted(made, 1), submitted(made, 9)
    assert listed(client_for(verifier), model) == [old.pk, young.pk, online.pk, gone.pk]


@both
def test_figures_at_the_head_of_the_list(client_for, verifier, model, made, role):
    made(), made(state=OfferState.DRAFT), submitted(made), submitted(made)
    made(**{model.owner_field: make.user(role)})
    totals = client_for(verifier).get(url(model, "changelist")).context_data["totals"]
    assert [(number, str(name)) for number, name in totals] == [
        (5, "annonces"),
        (1, "en ligne"),
        (2, "à examiner"),
    ]


@both
def test_the_list_says_why_what_is_published_is_not_seen(client_for, verifier, model, made, role):
    online = made()
    without = made(**{model.owner_field: make.user(role)})
    closed = made(**{model.owner_field: make.verified(role, is_active=False)})
    client = client_for(verifier)
    told = words(client.get(url(model, "changelist")))
    for sentence in ("En ligne", "Hors ligne : compte non vérifié", "Hors ligne : compte fermé"):
        assert sentence in told
    assert listed(client, model, "?enligne=oui") == [online.pk]
    assert set(listed(client, model, "?enligne=non")) == {without.pk, closed.pk}
    assert len(listed(client, model, "?enligne=n'importe")) == 3


def test_filters_of_lodgings(client_for, verifier):
    client, saul = client_for(verifier), make.commune("Saül")
    cheap = make.lodging(rent=Decimal(100), charges=Decimal(20), is_furnished=False)
    house = make.lodging(kind="house", commune=saul, is_accessible=True)
    draft = make.lodging(state=OfferState.DRAFT, available_from=soon(30))

    def found(query):
        return set(listed(client, HousingOffer, query))

    assert found("?state__exact=draft") == {draft.pk}
    assert found("?kind__exact=house") == found(f"?commune__id__exact={saul.pk}") == {house.pk}
    assert found("?monthly_cost_from=0&monthly_cost_to=120") == {cheap.pk}
    assert found("?is_furnished__exact=0") == {cheap.pk}
    assert found("?is_accessible__exact=1") == {house.pk}
    assert found(f"?available_from_from={soon(20):%d/%m/%Y}") == {draft.pk}
    assert found("?q=saul") == {house.pk}
    assert found(f"?q={cheap.landlord.last_name.split()[-1]}") == {cheap.pk}


def test_filters_of_trips(client_for, verifier):
    client, saul = client_for(verifier), make.commune("Saül")
    regular = make.trip(weekdays="135", origin=saul)
    dated = make.trip(days=f"{next_weekday(6)}", destination=saul, is_instant=True)

    def found(query):
        return set(listed(client, CarpoolOffer, query))

    assert found("?jour=3") == {regular.pk}
    assert found("?jour=6") == {dated.pk}
    assert found("?jour=9") == {regular.pk, dated.pk}
    assert found(f"?origin__id__exact={saul.pk}") == {regular.pk}
    assert found(f"?destination__id__exact={saul.pk}") == {dated.pk}
    assert found("?is_instant__exact=1") == {dated.pk}
    assert found("?q=saul") == {regular.pk, dated.pk}


def test_the_lists_tell_the_places_that_are_left(client_for, verifier):
    lodging, trip = make.lodging(places=3), make.trip(seats=2)
    make.lodging_request(offer=lodging, state=RequestState.ACCEPTED, from_on=today())
    make.trip_request(offer=trip, state=RequestState.ACCEPTED, from_on=today())
    client = client_for(verifier)
    assert "2 sur 3" in words(client.get(url(HousingOffer, "changelist")))
    assert "1 sur 2" in words(client.get(url(CarpoolOffer, "changelist")))


# Writing


def test_a_landlord_writes_a_lodging_which_is_theirs_and_a_draft(client_for, landlord):
    client, other = client_for(landlord), make.verified(Role.LANDLORD)
    data = typed_lodging(landlord=other.pk, state="published", published_at="01/01/2026")
    response = client.post(url(HousingOffer, "add"), data)
    assert response.status_code == 302, words(response)
    offer = HousingOffer.objects.get()
    assert (offer.landlord, offer.state, offer.published_at) == (landlord, OfferState.DRAFT, None)
    assert (offer.rent, offer.monthly_cost, offer.places) == (Decimal("450.50"), Decimal("500.50"), 2)
    assert offer.address == "12 rue des Palmistes"
    page = words(client.get(url(HousingOffer, "change", offer.pk)))
    assert "Cette annonce est un brouillon : ajoutez des photos" in page


def test_a_driver_writes_a_trip_by_days_of_the_week_or_by_dates(client_for, driver):
    client = client_for(driver)
    assert client.post(url(CarpoolOffer, "add"), typed_trip()).status_code == 302
    regular = CarpoolOffer.objects.get()
    assert (regular.driver, regular.state, regular.weekdays) == (driver, OfferState.DRAFT, "13")
    first, second = next_weekday(6), next_weekday(6) + 7 * DAY
    days = {"weekdays": [], "starts_on": "", "days": f"{second:%d/%m/%Y}, {first:%d/%m/%Y}"}
    response = client.post(url(CarpoolOffer, "add"), typed_trip(**days))
    assert response.status_code == 302, words(response)
    dated = CarpoolOffer.objects.latest("pk")
    assert (dated.days, dated.starts_on, dated.ends_on) == (f"{first} {second}", first, second)
    # The days are shown again as people write them.
    form = client.get(url(CarpoolOffer, "change", dated.pk)).context_data["adminform"].form
    assert form["days"].value() is not None
    assert f"{first:%d/%m/%Y}, {second:%d/%m/%Y}" in words(client.get(url(CarpoolOffer, "change", dated.pk)))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "Appelez le 0694 40 12 34"}, "title"),
        ({"description": "Écrivez à marcel@example.org"}, "description"),
        ({"address": ""}, "address"),
        ({"rent": "-1"}, "rent"),
        ({"rent": "beaucoup"}, "rent"),
        ({"rent": "1e400"}, "rent"),
        ({"places": "0"}, "places"),
        ({"surface": "8"}, "surface"),
        ({"commune": "999999"}, "commune"),
        ({"available_until": "01/01/2020"}, "available_until"),
        ({"available_from": "31/02/2027"}, "available_from"),
        ({"kind": "castle"}, "kind"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_lodging_is_said_at_its_field_and_nothing_is_lost(
    client_for, landlord, changes, field
):
    response = client_for(landlord).post(url(HousingOffer, "add"), typed_lodging(**changes))
    assert response.status_code == 200
    form = response.context_data["adminform"].form
    assert list(form.errors) == [field]
    assert form["description"].value() == changes.get("description", "Au deuxième étage.")
    assert not HousingOffer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"days": "demain"}, "days"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": ["8"]}, "weekdays"),
        ({"days": "01/12/2099"}, "weekdays"),
        ({"starts_on": ""}, "starts_on"),
        ({"ends_on": "01/01/2020"}, "ends_on"),
        ({"returns_at": "05:00"}, "returns_at"),
        ({"departs_at": "25:00"}, "departs_at"),
        ({"seats": "9"}, "seats"),
        ({"distance_km": "0"}, "distance_km"),
        ({"meeting_point": "06 94 40 12 34"}, "meeting_point"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_trip_is_said_at_its_field_and_nothing_is_lost(
    client_for, driver, changes, field
):
    response = client_for(driver).post(url(CarpoolOffer, "add"), typed_trip(**changes))
    assert response.status_code == 200
    form = response.context_data["adminform"].form
    assert list(form.errors) == [field]
    assert form["destination_point"].value() == "Gare routière"
    assert not CarpoolOffer.objects.exists()


def test_days_that_are_no_days_stay_as_they_were_typed(client_for, driver):
    response = client_for(driver).post(
        url(CarpoolOffer, "add"), typed_trip(weekdays=[], days="01/12/2099, demain")
    )
    assert "« demain » n’est pas une date" in words(response)
    assert "01/12/2099, demain" in words(response)


def test_a_share_above_the_ceiling_is_refused_with_the_most_that_may_be_asked(client_for, driver):
    make.cost_ceiling()
    response = client_for(driver).post(url(CarpoolOffer, "add"), typed_trip(cost_share="12.01"))
    assert "Au plus 12,00 € par place" in words(response)
    assert client_for(driver).post(url(CarpoolOffer, "add"), typed_trip(cost_share="12")).status_code == 302


def test_two_listings_of_one_owner_have_two_titles(client_for, landlord):
    make.lodging(title="Studio au calme", landlord=landlord)
    client = client_for(landlord)
    response = client.post(url(HousingOffer, "add"), typed_lodging())
    assert "Vous avez déjà une annonce de ce titre" in words(response)
    assert HousingOffer.objects.count() == 1


@both
@pytest.mark.parametrize("state", [state for state in OfferState if state != OfferState.DRAFT], ids=str)
def test_what_the_team_has_read_is_read_only_and_the_page_says_what_to_do(
    client_for, model, made, role, state
):
    offer = made(state=state)
    client = client_for(offer.owner)
    page = client.get(url(model, "change", offer.pk))
    html = page.content.decode()
    for name in ("title", "meeting_point", "weekdays", "days", "rent", "seats", "description"):
        assert f'name="{name}"' not in html
    assert offer.edit_refusal() in html
    assert client.post(url(model, "change", offer.pk), {"description": "Autre chose"}).status_code == 403
    assert fresh(offer).description == offer.description


def test_an_owner_without_the_badge_is_told_what_is_missing_and_where_to_send_it(client_for):
    make.requirements()
    owner = make.user(Role.LANDLORD)
    offer = make.lodging(landlord=owner, state=OfferState.DRAFT)
    client = client_for(owner)
    for address in (
        url(HousingOffer, "changelist"),
        url(HousingOffer, "add"),
        url(HousingOffer, "change", offer.pk),
    ):
        page = client.get(address)
        assert "Votre compte n’est pas vérifié : vos annonces ne paraissent pas sur le site" in words(page)
        assert reverse("admin:verification_papers") in page.content.decode()


def test_who_checks_papers_is_shown_the_way_to_them_and_an_editor_is_not(client_for, verifier, editor):
    offer = submitted(make.lodging, landlord=make.user(Role.LANDLORD))
    papers = reverse("admin:verification_papers_of", args=[offer.landlord_id])
    for reader, shown in ((verifier, True), (editor, False)):
        page = client_for(reader).get(url(HousingOffer, "change", offer.pk))
        assert "cette annonce ne peut pas paraître" in words(page)
        assert (papers in page.content.decode()) is shown


@both
def test_the_way_to_the_site_is_there_while_visitors_see_it(client_for, model, made, role):
    online, draft = made(), made(state=OfferState.DRAFT)
    for offer, shown in ((online, True), (draft, False)):
        page = client_for(offer.owner).get(url(model, "change", offer.pk)).content.decode()
        assert (f'"{offer.get_absolute_url()}"' in page) is shown


def test_the_page_of_a_lodging_is_not_shown_to_another_landlord(client_for, landlord):
    other = make.lodging(address="9 impasse Zanzibar", state=OfferState.DRAFT)
    client = client_for(landlord)
    for view in ("change", "photos", "history", "submit", "archive"):
        assert client.get(url(HousingOffer, view, other.pk)).status_code == 404
    assert done(client, other, "submit").status_code == 404
    decided(client, HousingOffer, "submit", [other])
    decided(client, HousingOffer, "delete", [other])
    assert fresh(other).state == OfferState.DRAFT


# Moderation


BUTTONS = {
    OfferState.DRAFT: ({"submit", "archive"}, {"archive"}),
    OfferState.SUBMITTED: ({"rework", "archive"}, {"publish", "refuse", "archive"}),
    OfferState.PUBLISHED: ({"rework", "archive"}, {"suspend", "archive"}),
    OfferState.SUSPENDED: ({"rework", "archive"}, {"reinstate", "archive"}),
    OfferState.ARCHIVED: (set(), set()),
}


@both
@pytest.mark.parametrize("state", OfferState, ids=str)
def test_a_page_offers_what_its_state_and_the_reader_allow(
    client_for, model, made, role, state, verifier, auditor
):
    offer = made(state=state)
    for_owner, for_team = BUTTONS[state]
    assert buttons(client_for(offer.owner), offer) == for_owner
    assert buttons(client_for(verifier), offer) == for_team
    assert buttons(client_for(auditor), offer) == set()


@both
def test_from_a_draft_to_the_site_and_back_by_buttons(client_for, model, made, role, verifier):
    offer = made(state=OfferState.DRAFT)
    owner, team = client_for(offer.owner), client_for(verifier)
    assert "lira cette annonce avant qu’elle paraisse" in words(owner.get(url(model, "submit", offer.pk)))
    assert "1 ligne changée" in after(owner, done(owner, offer, "submit"))
    assert done(team, offer, "refuse", reason="").status_code == 422
    assert fresh(offer).state == OfferState.SUBMITTED
    done(team, offer, "refuse", reason="Dites l’étage.")
    page = words(owner.get(url(model, "change", offer.pk)))
    assert "Annonce renvoyée à corriger. Motif : Dites l’étage." in page
    done(owner, offer, "submit")
    assert "renvoyée à corriger" not in words(owner.get(url(model, "change", offer.pk)))
    done(team, offer, "publish")
    assert fresh(offer).is_online
    done(team, offer, "suspend", reason="Plainte d’une voisine.")
    page = words(owner.get(url(model, "change", offer.pk)))
    assert "suspendue par l’équipe PRATIK. Motif : Plainte d’une voisine." in page
    done(team, offer, "reinstate")
    assert fresh(offer).is_online
    done(owner, offer, "rework")
    assert fresh(offer).state == OfferState.DRAFT
    # What was said of an earlier state stands there no more.
    assert "Motif :" not in words(owner.get(url(model, "change", offer.pk)))


@both
def test_many_are_published_at_once_and_those_that_cannot_be_are_named(
    client_for, verifier, model, made, role
):
    good = [submitted(made) for _number in range(3)]
    without = submitted(made, **{model.owner_field: make.user(role, last_name="Zanzibar")})
    draft = made(state=OfferState.DRAFT)
    client = client_for(verifier)
    question = chosen(client, model, "publish", [*good, without, draft])
    assert question.context_data["changed_count"] == 3
    assert question.context_data["refused_count"] == 2
    assert "ses pièces justificatives ne sont pas complètes" in words(question)
    assert {fresh(row).state for row in good} == {OfferState.SUBMITTED}
    told = after(client, decided(client, model, "publish", [*good, without, draft]))
    assert "3 lignes changées" in told and "Zanzibar n’est pas vérifié" in told
    assert {fresh(row).state for row in good} == {OfferState.PUBLISHED}
    assert (fresh(without).state, fresh(draft).state) == (OfferState.SUBMITTED, OfferState.DRAFT)


@both
def test_many_are_sent_back_with_one_reason(client_for, verifier, model, made, role):
    rows = [submitted(made) for _number in range(2)]
    client = client_for(verifier)
    missing = decided(client, model, "refuse", rows, reason=" ")
    assert missing.status_code == 422 and "Donnez un motif." in words(missing)
    decided(client, model, "refuse", rows, reason="Photos floues.")
    assert {fresh(row).state for row in rows} == {OfferState.DRAFT}
    run_queue()
    for row in rows:
        assert "Photos floues." in row.owner.notices.get().body


@both
def test_a_listing_that_another_one_decided_on_meanwhile_is_told(
    client_for, verifier, editor, model, made, role
):
    offer = submitted(made)
    done(client_for(editor), offer, "publish")
    client = client_for(verifier)
    told = after(client, done(client, offer, "refuse", reason="Trop tard."))
    assert "Laissé tel quel : 1 ligne" in told
    assert fresh(offer).state == OfferState.PUBLISHED


@both
def test_who_only_looks_or_owns_moderates_nothing(client_for, auditor, model, made, role):
    offer = submitted(made)
    for who in (auditor, offer.owner):
        client = client_for(who)
        assert done(client, offer, "publish").status_code == 403
        response = decided(client, model, "publish", [offer])
        # An action that is not offered is not known: the list is shown again.
        assert response.status_code in (302, 403)
        assert fresh(offer).state == OfferState.SUBMITTED


@both
def test_a_draft_is_deleted_by_its_owner_and_nothing_else_is(client_for, model, made, role):
    draft = made(state=OfferState.DRAFT)
    owner = client_for(draft.owner)
    online = made(**{model.owner_field: draft.owner})
    told = after(owner, decided(owner, model, "delete", [draft, online]))
    assert "Seul un brouillon se supprime" in told
    assert list(model.objects.all()) == [online]


@both
def test_the_menu_counts_what_there_is_to_read_for_those_who_read(
    client_for, verifier, auditor, model, made, role
):
    submitted(made), submitted(made), made()

    def badge(who):
        groups = client_for(who).get(reverse("admin:index")).context_data["sidebar_navigation"]
        entries = [item for group in groups for item in group["items"]]
        (found,) = [item for item in entries if str(item["link"]) == url(model, "changelist")]
        return found.get("badge")

    assert badge(verifier) == 2
    assert not badge(auditor)


# Files


def test_an_owner_takes_away_their_own_listings_alone(client_for, landlord):
    make.lodging(landlord=landlord, title="Studio à moi")
    make.lodging(title="Studio d’autrui", address="9 impasse Zanzibar")
    text = exported(client_for(landlord), HousingOffer)
    assert "Studio à moi" in text and "12 rue des Palmistes" in text
    assert "d’autrui" not in text and "Zanzibar" not in text


def test_the_file_holds_what_the_filters_leave_with_days_in_words(client_for, verifier):
    days = f"{next_weekday(6)}"
    make.trip(weekdays="13", meeting_point="Carrefour Suzini")
    make.trip(days=days, meeting_point="Rond-point Bastille")
    make.trip(state=OfferState.DRAFT, meeting_point="Brouillon")
    text = exported(client_for(verifier), CarpoolOffer, "?state__exact=published")
    assert "Lundi, Mercredi" in text and f"{next_weekday(6):%d/%m/%Y}" in text
    assert "Brouillon" not in text


def test_chosen_rows_are_what_the_scope_leaves_of_them(client_for, landlord):
    """The list's form with keys of somebody else's rows."""
    other = make.lodging(title="Zanzibar")
    make.lodging(landlord=landlord)
    response = client_for(landlord).post(
        url(HousingOffer, "changelist"),
        {"action": "export_admin_action", helpers.ACTION_CHECKBOX_NAME: [other.pk]},
        follow=True,
    )
    assert "Zanzibar" not in words(response)
