"""Lodgings and trips as visitors read them: what is shown, how it is found, and what is nobody's business."""

import datetime
import html
import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns
from pratik.living.enums import OfferState, RequestState
from pratik.living.services import add_photo
from tests import documents
from tests import factories as make
from tests.public.conftest import Page
from tests.public.test_every_page import Markup

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
LODGINGS, TRIPS = "/logements/", "/covoiturage/"


def soon(days=7):
    return today() + DAY * days


def next_weekday(number):
    """The next day, from tomorrow on, that is this day of the week (1 is Monday)."""
    return next(day for day in (soon(ahead) for ahead in range(1, 8)) if day.isoweekday() == number)


def set_badge(owner, state="verified", **fields):
    """What verification does to an account."""
    with operation(kind=OperationKind.SETUP, actor=owner):
        set_columns(User, [owner.pk], verification=state, **fields)


KINDS = {
    "lodging": (LODGINGS, make.lodging, Role.LANDLORD, "landlord"),
    "trip": (TRIPS, make.trip, Role.DRIVER, "driver"),
}
both = pytest.mark.parametrize(("path", "made", "role", "owner"), KINDS.values(), ids=KINDS.keys())


def named(made, word, **fields):
    """A listing that has a word of its own in what visitors read of it."""
    if made is make.lodging:
        return made(title=f"Studio {word}", **fields)
    return made(meeting_point=f"Rond-point {word}", **fields)


def facts_of(page):
    """The facts of a listing's page by their names."""
    text = html.unescape(page.main).replace("\u00a0", " ")
    return dict(re.findall(r"<dt>([^<]*)</dt><dd[^>]*>([^<]*)</dd>", text))


# What is shown


@both
@pytest.mark.parametrize("state", [state for state in OfferState if state != OfferState.PUBLISHED], ids=str)
def test_only_what_is_published_is_shown(visit, path, made, role, owner, state):
    shown, hidden = named(made, "Visible"), named(made, "Caché", state=state)
    page = visit(path)
    assert "Visible" in page.words and "Caché" not in page.html
    assert visit(shown.get_absolute_url()).words
    missing = visit(hidden.get_absolute_url(), status=404)
    assert "Caché" not in missing.html
    sitemap = visit("/sitemap.xml").html
    assert shown.get_absolute_url() in sitemap and hidden.get_absolute_url() not in sitemap


@both
@pytest.mark.parametrize(
    "account",
    [
        {"verification": "unverified"},
        {"verification": "revoked"},
        {"verification": "verified", "verified_until": today() - DAY},
        {"verification": "verified", "is_active": False},
    ],
    ids=["without a badge", "badge taken away", "badge over", "account closed"],
)
def test_only_owners_whose_badge_holds_today_are_shown(visit, path, made, role, owner, account):
    hidden = named(made, "Caché", **{owner: make.user(role, **account)})
    for address in (path, f"{path}?q=cache", "/sitemap.xml", "/"):
        assert "Caché" not in visit(address).html
        assert hidden.get_absolute_url() not in visit(address).html
    visit(hidden.get_absolute_url(), status=404)


@both
def test_what_is_over_is_gone_the_day_after_its_last(visit, path, made, role, owner):
    first, last = ("available_from", "available_until") if path == LODGINGS else ("starts_on", "ends_on")
    over = named(made, "Caché", **{first: today() - 9 * DAY, last: today() - DAY})
    named(made, "Visible", **{first: today() - 9 * DAY, last: today()})
    page = visit(path)
    assert "Visible" in page.words and "Caché" not in page.html
    visit(over.get_absolute_url(), status=404)


@both
def test_a_listing_goes_and_comes_back_with_the_badge_at_once(visit, path, made, role, owner):
    offer = named(made, "Visible")
    address = offer.get_absolute_url()

    def is_shown():
        status = 200 if "Visible" in visit(path).words else 404
        visit(address, status=status)
        assert (address in visit("/sitemap.xml").html) is (status == 200)
        return status == 200

    assert is_shown()
    set_badge(offer.owner, "unverified")
    assert not is_shown()
    set_badge(offer.owner, verified_until=today())
    assert is_shown()
    set_badge(offer.owner, verified_until=today() - DAY)
    assert not is_shown()
    set_badge(offer.owner, verified_until=soon(300))
    assert is_shown()


@both
def test_who_is_signed_in_sees_there_what_visitors_see(client, path, made, role, owner, everyone):
    mine = {owner: everyone} if getattr(everyone, "role", "") == role else {}
    draft = named(made, "Caché", state=OfferState.DRAFT, **mine)
    if everyone.is_authenticated:
        client.force_login(everyone)
    assert "Caché" not in client.get(path).content.decode()
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_the_neighbours_of_a_lodging_are_online_too(visit):
    cayenne = make.commune("Cayenne")
    offer = named(make.lodging, "Ici", commune=cayenne)
    named(make.lodging, "Voisin", commune=cayenne)
    named(make.lodging, "Loin", commune=make.commune("Saül"))
    named(make.lodging, "Caché", commune=cayenne, state=OfferState.DRAFT)
    named(make.lodging, "Perdu", commune=cayenne, landlord=make.user(Role.LANDLORD))
    page = visit(offer.get_absolute_url())
    shown = page.words.partition("Aussi à Cayenne")[2]
    assert "Studio Voisin" in shown
    for word in ("Studio Ici", "Loin", "Caché", "Perdu"):
        assert word not in shown


# What is nobody's business


SECRETS = ("Zanzibar", "zanzibar@example.org", "694401234", "0694 40 12 34", "Palmistes")


@both
def test_no_page_tells_where_it_is_exactly_or_how_its_owner_is_reached(
    client, path, made, role, owner, everyone
):
    person = make.verified(
        role, first_name="Marcel", last_name="Zanzibar", email="zanzibar@example.org", phone="+594694401234"
    )
    fields = {"address": "12 rue des Palmistes"} if made is make.lodging else {}
    offer = made(**{owner: person}, **fields)
    asked = make.lodging_request if made is make.lodging else make.trip_request
    # Somebody's place says nothing of who has it.
    asked(
        offer=offer,
        state=RequestState.ACCEPTED,
        from_on=today(),
        student=make.user(Role.STUDENT, first_name="Yolande", last_name="Quibambo"),
    )
    if everyone.is_authenticated:
        client.force_login(everyone)
    addresses = (
        path,
        f"{path}?q=palmistes",
        f"{path}?q=zanzibar",
        offer.get_absolute_url(),
        "/",
        "/sitemap.xml",
        "/calendriers.ics",
    )
    for address in addresses:
        response = client.get(address, headers={"accept-language": "fr"})
        assert response.status_code == 200
        text = Page(response).html.replace("\u00a0", " ")
        if "?q=" in address:
            # The box shows again what was typed in it.
            text = Page(response).main
        for secret in (*SECRETS, "Yolande", "Quibambo"):
            assert secret.lower() not in text.lower(), (address, secret)
        told = str(response.headers)
        assert "Zanzibar" not in told
    assert "Marcel" in client.get(offer.get_absolute_url()).content.decode()


@pytest.mark.parametrize("words", ["palmistes", "12 rue", "zanzibar", "0694401234"])
def test_the_search_finds_nothing_by_what_is_not_shown(visit, words):
    """Else a visitor guesses an address letter by letter."""
    owner = make.verified(Role.LANDLORD, last_name="Zanzibar", phone="+594694401234")
    make.lodging(landlord=owner, address="12 rue des Palmistes", title="Chambre claire")
    assert "Aucun logement ne répond à cette demande." in visit(LODGINGS, q=words).words


# Lodgings


@pytest.fixture
def kourou():
    return make.commune("Kourou")


@pytest.fixture
def lodgings(kourou):
    """Three lodgings; the first differs from the others in all that can be asked."""
    return [
        make.lodging(
            title="Case créole",
            commune=kourou,
            kind="house",
            neighbourhood="Près du Vieux-Bourg",
            rent=Decimal("300"),
            charges=Decimal("20"),
            places=3,
            is_accessible=True,
            available_from=today(),
            available_until=soon(400),
        ),
        make.lodging(title="Studio nu", is_furnished=False, available_from=soon(90), available_until=None),
        make.lodging(title="Studio cher", rent=Decimal("900"), available_until=soon(20)),
    ]


LODGING_FILTERS = {
    "commune": lambda rows: {"commune": rows[0].commune.insee_code},
    "kind": lambda rows: {"type": "house"},
    "price with charges": lambda rows: {"loyer": "320"},
    "places": lambda rows: {"places": "2"},
    "accessible": lambda rows: {"accessible": "1"},
    "stay": lambda rows: {"arrivee": soon(5).isoformat(), "depart": soon(60).isoformat()},
    "stay as it is typed": lambda rows: {"arrivee": f"{soon(5):%d/%m/%Y}", "depart": f"{soon(60):%d/%m/%Y}"},
    "words, without accents": lambda rows: {"q": "CREOLE kourou"},
    "neighbourhood": lambda rows: {"q": "vieux bourg"},
    "all at once": lambda rows: {"q": "case", "type": "house", "meuble": "1", "places": "3", "loyer": "500"},
}


@pytest.mark.parametrize("query", LODGING_FILTERS.values(), ids=LODGING_FILTERS.keys())
def test_each_filter_of_lodgings_keeps_what_it_says(visit, lodgings, query):
    words = visit(LODGINGS, **query(lodgings)).words
    assert "Case créole" in words and "1 logement" in words
    assert "Studio nu" not in words and "Studio cher" not in words


def test_the_other_filters_of_lodgings_leave_out_what_they_say(visit, lodgings):
    furnished = visit(LODGINGS, meuble="1").words
    assert "Studio nu" not in furnished and "2 logements" in furnished
    assert "Case créole" not in visit(LODGINGS, loyer="319").words
    arriving = visit(LODGINGS, arrivee=soon(100).isoformat()).words
    assert "Studio nu" in arriving and "Studio cher" not in arriving


def test_a_stay_is_looked_for_among_what_has_room_on_each_night(visit):
    offer = make.lodging(title="Chambre claire", places=2)
    for first, last in ((10, 20), (15, 30)):
        make.lodging_request(
            offer=offer, state=RequestState.ACCEPTED, from_on=soon(first), until_on=soon(last)
        )

    def found(first, last, **more):
        return visit(LODGINGS, arrivee=soon(first).isoformat(), depart=soon(last).isoformat(), **more).words

    assert "2 places libres" in found(1, 10)
    assert "1 place libre" in found(5, 12)
    assert "Chambre claire" not in found(5, 12, places="2")
    assert "Chambre claire" not in found(14, 16)
    assert "1 place libre" in found(20, 25), "on the day of departure somebody else may arrive"


def test_only_communes_with_lodgings_online_are_offered(visit, lodgings, kourou):
    make.lodging(commune=make.commune("Saül"), state=OfferState.DRAFT)
    make.lodging(commune=make.commune("Régina"), landlord=make.user(Role.LANDLORD))
    offered = visit(LODGINGS).options("commune")
    assert sorted(offered) == sorted({row.commune.insee_code for row in lodgings})


def test_a_full_lodging_says_so_and_from_when_it_is_counted(visit):
    offer = make.lodging(places=1, available_from=today())
    make.lodging_request(offer=offer, state=RequestState.ACCEPTED, from_on=today(), until_on=soon(9))
    assert "complet" in visit(LODGINGS).words
    words = visit(offer.get_absolute_url()).words
    assert "complet" in words and "liste d’attente" in words


def test_a_lodging_tells_what_a_student_wants_to_know(visit):
    offer = make.lodging(
        title="Studio près de l’hôpital",
        commune=make.commune("Saint-Laurent-du-Maroni"),
        neighbourhood="Derrière le marché",
        landlord=make.verified(Role.LANDLORD, first_name="Marcel"),
        rent=Decimal("1450"),
        charges=Decimal("30.50"),
        deposit=Decimal("0"),
        surface=21,
        places=2,
        is_furnished=False,
        is_accessible=True,
        available_until=datetime.date(2099, 3, 1),
        description="Une pièce <script>claire</script>.\n\nBus à la porte.",
    )
    page = visit(offer.get_absolute_url())
    for told in (
        "Studio près de l’hôpital",
        "Saint-Laurent-du-Maroni",
        "Derrière le marché",
        "1 450 €",
        "30,50 € de charges",
        "1er mars 2099",
        "2 places libres",
        "Propriétaire vérifié",
        "Bus à la porte.",
    ):
        assert told in page.words.replace("\u202f", " "), told
    facts = facts_of(page)
    assert (facts["Dépôt de garantie"], facts["Meublé"]) == ("aucun", "non")
    assert (facts["Surface"], facts["Accessible en fauteuil roulant"]) == ("21 m²", "oui")
    assert "&lt;script&gt;" in page.html and "<script" not in page.html


# Photos


@pytest.fixture
def photographed():
    """A lodging online with two real photos, the first of them large."""
    offer = make.lodging(state=OfferState.DRAFT)
    for alt, size in (("La chambre <b>bleue</b>", (1600, 1200)), ("La cour", (300, 200))):
        upload = documents.sent(documents.image(size=size), "photo.jpg")
        add_photo(actor=offer.landlord, offer=offer, upload=upload, name="photo.jpg", alt=alt)
    with operation(kind=OperationKind.SETUP, actor=offer.landlord):
        set_columns(type(offer), [offer.pk], state=OfferState.PUBLISHED)
    return offer


def pictures(page):
    return [image for image in Markup(page.html).all("img") if "srcset" in image]


def test_the_list_shows_the_cover_in_small_sizes(visit, client, photographed):
    (image,) = pictures(visit(LODGINGS))
    cover = photographed.photos.get(is_cover=True)
    assert image["src"] == cover.image_320.url
    assert image["alt"] == "La chambre <b>bleue</b>"
    assert [part.split()[1] for part in image["srcset"].split(", ")] == ["320w", "640w", "1280w"]
    assert (image["width"], image["height"], image["loading"]) == ("1600", "1200", "lazy")
    for part in image["srcset"].split(", "):
        response = client.get(urlsplit(part.split()[0]).path)
        assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
        assert b"".join(response.streaming_content).startswith(b"RIFF")
    assert cover.image.url not in visit(LODGINGS).html, "nobody loads the photo itself"


def test_the_page_of_a_lodging_shows_each_photo_with_its_words(visit, photographed):
    page = visit(photographed.get_absolute_url())
    first, second = pictures(page)
    assert (first["alt"], second["alt"]) == ("La chambre <b>bleue</b>", "La cour")
    assert "loading" not in first and second["loading"] == "lazy"
    # No size is named that is not larger than another.
    assert re.findall(r" (\d+)w", second["srcset"]) == ["300"]
    assert "&lt;b&gt;bleue" in page.html


def test_a_lodging_without_a_photo_has_a_drawing_that_says_nothing(visit):
    offer = make.lodging()
    assert 'class="cover cover-none' in visit(LODGINGS).main
    assert "gallery" not in visit(offer.get_absolute_url()).main


# Trips


@pytest.fixture
def trips(kourou):
    """A regular trip to Kourou with two seats; one of a single Saturday from Kourou, with one."""
    make.cost_ceiling()
    cayenne = make.commune("Cayenne")
    return [
        make.trip(
            origin=cayenne, destination=kourou, meeting_point="Carrefour Suzini", seats=2, cost_share=2
        ),
        make.trip(
            origin=kourou,
            destination=cayenne,
            meeting_point="Rond-point Bastille",
            days=f"{next_weekday(6)}",
        ),
    ]


TRIP_FILTERS = {
    "from": lambda rows: {"de": rows[0].origin.insee_code},
    "to": lambda rows: {"a": rows[0].destination.insee_code},
    "day": lambda rows: {"jour": next_weekday(2).isoformat()},
    "day as it is typed": lambda rows: {"jour": f"{next_weekday(2):%d/%m/%Y}"},
    "seats": lambda rows: {"places": "2"},
    "all at once": lambda rows: {
        "de": rows[0].origin.insee_code,
        "a": rows[0].destination.insee_code,
        "jour": next_weekday(5).isoformat(),
        "places": "1",
    },
}


@pytest.mark.parametrize("query", TRIP_FILTERS.values(), ids=TRIP_FILTERS.keys())
def test_each_filter_of_trips_keeps_what_it_says(visit, trips, query):
    words = visit(TRIPS, **query(trips)).words
    assert "Carrefour Suzini" in words and "1 trajet" in words
    assert "Bastille" not in words


def test_a_single_day_is_found_on_that_day_alone(visit, trips):
    saturday = next_weekday(6)
    assert "Bastille" in visit(TRIPS, jour=saturday.isoformat()).words
    assert "Bastille" not in visit(TRIPS, jour=(saturday + 7 * DAY).isoformat()).words


def test_a_day_shows_the_seats_that_are_free_on_it_and_hides_full_trips(visit):
    monday, tuesday = next_weekday(1) + 7 * DAY, next_weekday(1) + 8 * DAY
    offer = make.trip(meeting_point="Carrefour Suzini", seats=2)
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, from_on=monday, until_on=tuesday)
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, from_on=tuesday, until_on=tuesday)
    assert "1 place libre" in visit(TRIPS, jour=monday.isoformat()).words
    assert "Suzini" not in visit(TRIPS, jour=tuesday.isoformat()).words
    assert "2 places libres" in visit(TRIPS, jour=(tuesday + DAY).isoformat()).words


def test_without_a_day_the_next_departure_is_told_with_its_seats(visit):
    first, second = next_weekday(6), next_weekday(6) + 7 * DAY
    offer = make.trip(days=f"{first} {second}", seats=1)
    make.trip_request(offer=offer, state=RequestState.ACCEPTED, days=f"{first}", from_on=first)
    assert "complet" in visit(TRIPS).words
    words = visit(offer.get_absolute_url()).words
    coming = words.partition("Prochains départs")[2]
    assert coming.index("complet") < coming.index("1 place libre")
    assert "2 dates" in words


def test_only_communes_with_trips_online_are_offered_as_ends(visit, trips):
    make.trip(origin=make.commune("Saül"), destination=make.commune("Régina"), state=OfferState.SUSPENDED)
    page = visit(TRIPS)
    for name in ("de", "a"):
        assert sorted(page.options(name)) == sorted(row.origin.insee_code for row in trips)


def test_a_trip_tells_what_a_student_wants_to_know(visit):
    make.cost_ceiling()
    offer = make.trip(
        origin=make.commune("Cayenne"),
        destination=make.commune("Kourou"),
        driver=make.verified(Role.DRIVER, first_name="Josette"),
        meeting_point="Carrefour Suzini",
        destination_point="Gare routière",
        departs_at=datetime.time(6, 30),
        returns_at=datetime.time(17),
        seats=3,
        distance_km=60,
        cost_share=Decimal("4.50"),
        is_instant=True,
        ends_on=datetime.date(2099, 12, 1),
        description="Musique <b>douce</b>.",
    )
    page = visit(offer.get_absolute_url())
    for told in (
        "Du lundi au vendredi",
        "départ 6 h 30, retour 17 h 00",
        "4,50 € par place",
        "Carrefour Suzini",
        "Gare routière",
        "1er décembre 2099",
        "3 places libres",
        "Réservation immédiate",
        "Conducteur vérifié",
        "Josette",
    ):
        assert told in page.words, told
    assert facts_of(page)["Distance"] == "60 km"
    assert "&lt;b&gt;douce" in page.html


def test_a_trip_that_costs_nothing_says_so(visit):
    offer = make.trip(cost_share=0)
    assert "gratuit" in visit(TRIPS).words and "gratuit" in visit(offer.get_absolute_url()).words


def test_a_trip_that_begins_next_year_still_tells_its_first_day(visit):
    start = soon(200)
    offer = make.trip(starts_on=start, weekdays="1234567", ends_on=soon(400))
    words = visit(offer.get_absolute_url()).words
    assert f"{start.year}" in words.partition("Prochains départs")[2]


# What is not understood


WRONG_OF_LODGINGS = [
    {"commune": "00000"},
    {"commune": "\x00"},
    {"type": "château"},
    {"loyer": "cher"},
    {"loyer": "-1"},
    {"loyer": "0"},
    {"loyer": "9" * 40},
    {"places": "1.5"},
    {"places": "21"},
    {"arrivee": "hier"},
    {"arrivee": "2027-02-31"},
    {"arrivee": "2000-01-01"},
    {"arrivee": "9999-12-31"},
    {"arrivee": "9999-12-31", "depart": "9999-12-31"},
    {"depart": "9999-12-31"},
    {"depart": "2099-01-01"},
    {"q": "a" * 5_000},
    {"q": "\x00"},
]
WRONG_OF_TRIPS = [
    {"de": "00000"},
    {"a": "Kourou"},
    {"a": "\x00"},
    {"jour": "demain"},
    {"jour": "2027-02-31"},
    {"jour": "2000-01-01"},
    {"places": "9"},
    {"places": "beaucoup"},
    {"places": "٣" * 30},
]


@pytest.mark.parametrize("query", WRONG_OF_LODGINGS, ids=str)
def test_what_is_not_understood_of_lodgings_is_told_and_left_aside(visit, lodgings, query):
    page = visit(LODGINGS, **query)
    assert "Une partie de la demande n’a pas été comprise" in page.words
    assert "3 logements" in page.words


@pytest.mark.parametrize("query", WRONG_OF_TRIPS, ids=str)
def test_what_is_not_understood_of_trips_is_told_and_left_aside(visit, trips, query):
    page = visit(TRIPS, **query)
    assert "Une partie de la demande n’a pas été comprise" in page.words
    assert "2 trajets" in page.words


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (-1, 10, "Ce jour est passé."),
        (10, 10, "Le départ doit suivre l’arrivée."),
        (10, 9, "Le départ doit suivre l’arrivée."),
        (10, 500, "Demandez un an au plus."),
        (None, 10, "Indiquez aussi le jour d’arrivée."),
    ],
)
def test_a_stay_that_cannot_be_is_told_in_a_sentence(visit, lodgings, first, last, told):
    days = {"depart": soon(last).isoformat()} | ({"arrivee": soon(first).isoformat()} if first else {})
    page = visit(LODGINGS, **days)
    assert told in page.words
    assert page.main.count("<article") == (2 if first == 10 else 3)


@both
@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "٣", "9" * 40])
def test_a_page_that_is_not_there_is_the_nearest(visit, path, made, role, owner, page):
    made()
    assert visit(path, page=page).main.count("<article") == 1


# Pages, and nothing to show


@both
def test_pages_keep_the_filters(visit, path, made, role, owner):
    person, cayenne, kourou = make.verified(role), make.commune(), make.commune("Kourou")
    build = make.lodging_row if path == LODGINGS else make.trip_row
    ends = {"commune": cayenne} if path == LODGINGS else {"origin": cayenne, "destination": kourou}
    make.saved(*(build(**{owner: person}, **ends) for _number in range(25)))
    name = "commune" if path == LODGINGS else "de"
    page = visit(path, **{name: cayenne.insee_code}, places="1")
    assert page.main.count("<article") == 24 and "page 1 sur 2" in page.words
    following = re.search(r'rel="next" href="(\?[^"]+)"', page.html)[1].replace("&amp;", "&")
    assert set(following[1:].split("&")) == {f"{name}={cayenne.insee_code}", "places=1", "page=2"}
    assert visit(path + following).main.count("<article") == 1


@both
def test_nothing_to_show_is_said_with_what_to_try(visit, path, made, role, owner):
    what = "logement" if path == LODGINGS else "trajet"
    words = visit(path).words
    assert f"Aucun {what} n’est proposé pour l’instant." in words and f"0 {what}" in words
    query = {"q": "introuvable"} if path == LODGINGS else {"places": "8"}
    made()
    words = visit(path, **query).words
    assert f"Aucun {what} ne répond à cette demande." in words and "Essayez" in words


# The page itself


@both
def test_the_pages_speak_english_too(visit, path, made, role, owner):
    """What the owner wrote stays French, and says so to those who listen."""
    offer = named(made, "Visible")
    assert 'lang="fr"' in visit(path, language="en").main
    assert 'lang="fr"' in visit(offer.get_absolute_url(), language="en").main


@both
def test_an_old_address_leads_to_the_right_one(client, path, made, role, owner):
    offer = made()
    response = client.get(f"{path}{offer.pk}-ancien-titre/")
    assert response.status_code == 301
    assert response["Location"] == offer.get_absolute_url()


@both
def test_the_old_address_of_what_is_not_shown_leads_nowhere(visit, path, made, role, owner):
    offer = named(made, "Caché", state=OfferState.SUSPENDED)
    visit(f"{path}{offer.pk}-x/", status=404)


@both
@pytest.mark.parametrize("number", ["0", "9" * 30])
def test_a_number_that_nothing_has_is_not_found(visit, path, made, role, owner, number):
    visit(f"{path}{number}-x/", status=404)


@both
def test_reading_is_all_that_can_be_done_there(client, path, made, role, owner):
    offer = made()
    for address in (path, offer.get_absolute_url()):
        assert client.post(address, {"places": "1"}).status_code == 405


# Asking


@both
def test_asking_leads_a_visitor_to_sign_in_and_then_to_the_form(client, visit, path, made, role, owner):
    offer = made()
    model = "housingrequest" if path == LODGINGS else "carpoolrequest"
    form = reverse(f"admin:living_{model}_ask", args=[offer.pk])
    assert f'href="{form}" rel="nofollow"' in visit(offer.get_absolute_url()).main
    response = client.get(form)
    assert response.status_code == 302
    assert response["Location"].endswith(f"?next={form}")
    assert client.get(response["Location"], follow=True).status_code == 200
    client.force_login(make.user(Role.STUDENT))
    asking = client.get(form)
    assert asking.status_code == 200
    assert offer.get_absolute_url() in asking.content.decode()


# Queries


def fill(number):
    cayenne, kourou = make.commune(), make.commune("Kourou")
    for _number in range(number):
        lodging = make.lodging(commune=cayenne, places=3)
        make.lodging_photo(offer=lodging, is_cover=True)
        make.lodging_request(offer=lodging, state=RequestState.ACCEPTED, from_on=today())
        trip = make.trip(origin=cayenne, destination=kourou, seats=3)
        make.trip_request(offer=trip, state=RequestState.ACCEPTED, from_on=today())
    # One whose next departure is far away makes its page look further.
    make.trip(origin=cayenne, destination=kourou, starts_on=soon(40))
    return lodging, trip


@pytest.mark.parametrize("query", [{}, {"page": "2"}, {"places": "1"}], ids=str)
def test_the_lists_take_the_same_queries_whatever_their_length(visit, django_assert_max_num_queries, query):
    fill(30)
    with django_assert_max_num_queries(5):
        assert "30 logements" in visit(LODGINGS, **query).words
    with django_assert_max_num_queries(9 if "places" in query else 7):
        assert "31 trajets" in visit(TRIPS, **query).words
    with django_assert_max_num_queries(5):
        visit(LODGINGS, arrivee=soon(2).isoformat(), depart=soon(9).isoformat())
    with django_assert_max_num_queries(5):
        visit(TRIPS, jour=next_weekday(3).isoformat())


def test_a_page_takes_few_queries(visit, django_assert_max_num_queries):
    lodging, trip = fill(6)
    with django_assert_max_num_queries(6):
        visit(lodging.get_absolute_url())
    with django_assert_max_num_queries(4):
        visit(trip.get_absolute_url())
