"""What holds of each page of the site, whatever it is about."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client

from pratik.accounts.enums import Role
from pratik.calendars.enums import CalendarState
from pratik.public import kept
from tests import factories as make

pytestmark = pytest.mark.django_db

PAGES = [
    "/",
    "/partenaires/",
    "/partenaires/?secteur=ZZ",
    "partner",
    "/calendriers/",
    "/calendriers/?vue=frise",
    "/calendriers/?q=introuvable",
    "calendar",
    "/offres/",
    "/offres/?q=introuvable",
    "/offres/?niveau=9",
    "offer",
    "/logements/",
    "/logements/?places=20",
    "/logements/?loyer=cher",
    "lodging",
    "/covoiturage/",
    "/covoiturage/?places=8",
    "/covoiturage/?jour=demain",
    "trip",
    "/a-propos/",
    "/nulle-part/",
]
LIMIT = 100_000


class Markup(HTMLParser):
    """The elements of a page, in order, with the identifiers that it gives."""

    def __init__(self, html):
        super().__init__()
        self.elements = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def headings(self):
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch("h[1-6]", tag)]


def well_filled():
    """Rows with long names, many of each; returns the addresses of one of each kind."""
    activity = make.activity(section=make.section(code="N", label="Activités de services " * 9))
    commune = make.commune("Saint-Laurent-du-Maroni")
    for number in range(30):
        company = make.company(
            partner=True,
            name=f"Association {number} pour le développement " * 3,
            activity=activity,
            commune=commune,
            website=f"https://www.association-{number}.example/",
        )
    school = make.school(name="Lycée polyvalent " * 8, commune=commune, website="https://lycee.example/")
    rows = make.calendars(
        60, school=school, state=CalendarState.PUBLISHED, skills_sought=["Accueil & écoute"] * 12
    )
    make.school_holiday(start_on=rows[0].start_on, end_on=rows[0].start_on)
    for number in range(30):
        offer = make.offer(
            company=company,
            commune=commune,
            title=f"Stage {number} de médiation et d’animation du patrimoine " * 2,
            description="Au calme.\n\n" * 50,
            skills=["Accueil & écoute"] * 12,
            questions=["Pourquoi ce stage ?"],
        )
    landlord, driver = make.verified(Role.LANDLORD), make.verified(Role.DRIVER)
    for number in range(30):
        lodging = make.lodging(
            landlord=landlord,
            commune=commune,
            title=f"Logement {number} au bord du fleuve Maroni",
            neighbourhood="Près du marché " * 7,
            description="Au calme.\n\n" * 50,
        )
        for place in range(8):
            make.lodging_photo(offer=lodging, position=place, is_cover=not place, alt="La chambre " * 12)
        trip = make.trip(
            driver=driver,
            origin=commune,
            meeting_point="Devant la mairie " * 6,
            description="Sans détour. " * 50,
        )
    return {
        "partner": f"/partenaires/{company.slug}/",
        "calendar": rows[0].get_absolute_url(),
        "offer": offer.get_absolute_url(),
        "lodging": lodging.get_absolute_url(),
        "trip": trip.get_absolute_url(),
    }


@pytest.fixture(scope="module")
def visits(django_db_setup, django_db_blocker):
    """Each page as it was answered, and the visitor who asked: a site is filled once for all of them."""
    found = {}
    kept.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        places = well_filled()
        for name in PAGES:
            client = Client(headers={"accept-language": "fr"})
            found[name] = client.get(places.get(name, name)), client
        transaction.set_rollback(True)
    return found


@pytest.fixture(params=PAGES)
def visit(request, visits):
    return visits[request.param]


@pytest.fixture
def page(visit):
    response, _client = visit
    assert response.status_code == (404 if response.request["PATH_INFO"] == "/nulle-part/" else 200)
    return response


@pytest.fixture
def markup(page):
    return Markup(page.content.decode())


def test_a_page_with_all_that_it_loads_weighs_less_than_100_kb(page, markup):
    total = len(gzip.compress(page.content))
    loaded = [link["href"] for link in markup.all("link") if link["rel"] in ("stylesheet", "icon")]
    assert len(loaded) == 2
    for address in [*loaded, "/static/public/weave.svg"]:
        total += Path(finders.find(address.removeprefix("/static/"))).stat().st_size
    assert total < LIMIT
    # Nor does it need a reader that can unpack.
    assert len(page.content) < LIMIT


def test_a_page_loads_nothing_from_another_host(page, markup):
    for tag, attributes in markup.elements:
        loaded = [attributes.get("src"), attributes.get("srcset"), attributes.get("action")]
        if tag != "a":
            loaded += [attributes.get("href"), attributes.get("xlink:href")]
        for address in filter(None, loaded):
            assert not re.match(r"\w+:|//", address), (tag, address)
    css = Path(finders.find("public/site.css")).read_text()
    assert re.findall(r"url\(([^)]*)\)", css) == ['"weave.svg"'] * 2
    assert "@import" not in css


def test_a_page_needs_no_exception_to_the_content_policy(page, markup):
    assert not markup.all("style", "iframe", "object", "embed", "base")
    # What is said to search engines is data: no browser runs it, and the policy allows no script.
    assert {script["type"] for script in markup.all("script")} <= {"application/ld+json"}
    for tag, attributes in markup.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_links_out_of_the_site_say_so_to_machines(markup):
    for link in markup.all("a"):
        if re.match("https?:", link["href"]):
            assert link["rel"] == "noopener nofollow"


def test_a_page_is_built_for_those_who_do_not_see_it(markup):
    assert markup.all("html") == [{"lang": "fr"}]
    assert len(markup.all("main")) == len(markup.all("header")) == len(markup.all("footer")) == 1
    assert markup.all("a")[0] == {"class": "skip", "href": "#contenu"}
    assert markup.headings.count(1) == 1
    assert markup.headings[0] == 1
    for before, after in zip(markup.headings, markup.headings[1:], strict=False):
        assert after <= before + 1
    identifiers = [attributes["id"] for _, attributes in markup.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    labelled = {label.get("for") for label in markup.all("label")}
    for field in markup.all("input", "select", "textarea"):
        assert field.get("type") == "hidden" or field["id"] in labelled
    for image in markup.all("img"):
        assert "alt" in image
    for drawing in markup.all("svg"):
        assert drawing.get("aria-hidden") == "true" or drawing["role"] == "img"


def test_a_visit_sets_no_cookie(visit):
    _response, client = visit
    assert not client.cookies


def test_the_drawings_hold_whole_numbers_only(page):
    """A French comma in an attribute would break a drawing."""
    numbers = re.findall(r' (?:x|y|width|height|cx|cy|viewBox)="([^"]*)"', page.content.decode())
    assert numbers
    for number in numbers:
        assert re.fullmatch(r"-?\d+( -?\d+)*", number)


def test_no_page_of_an_empty_site_breaks(db, client):
    for path in (
        "/",
        "/partenaires/",
        "/calendriers/",
        "/calendriers/?vue=frise",
        "/logements/",
        "/covoiturage/",
        "/sitemap.xml",
    ):
        assert client.get(path).status_code == 200
