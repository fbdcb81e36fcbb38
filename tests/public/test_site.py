"""What surrounds the pages: language, files, errors, health, search engines."""

import json
import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.test import Client
from health_check.exceptions import ServiceUnavailable
from PIL import Image

from pratik.calendars.enums import CalendarState
from tests import factories as make


def picture(size=(800, 400), kind="PNG"):
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, kind)
    return out.getvalue()


# Language


@pytest.mark.django_db
def test_the_site_is_french_unless_asked_otherwise(client):
    response = client.get("/")

    assert '<html lang="fr">' in response.content.decode()
    assert response["Content-Language"] == "fr"


@pytest.mark.django_db
def test_the_switch_changes_the_language_and_leads_back(visit):
    client = Client(enforce_csrf_checks=True)
    html = client.get("/partenaires/?q=bois&page=2", headers={"accept-language": "fr"}).content.decode()
    form = html.partition('<form class="language"')[2].partition("</form>")[0]
    assert "csrfmiddlewaretoken" not in form, "a page that everybody is shown holds nobody's token"
    assert 'name="next" value="/partenaires/?page=2&amp;q=bois"' in form
    assert '<button name="language" value="en" lang="en">English</button>' in form

    response = client.post(
        "/langue/setlang/",
        {"next": "/partenaires/?q=bois&page=2", "language": "en"},
        # As browsers tell of a form that a page of the site sends.
        headers={"origin": "http://testserver"},
    )

    assert response.status_code == 302
    assert response["Location"] == "/partenaires/?q=bois&page=2"
    html = client.get(response["Location"]).content.decode()
    assert '<html lang="en">' in html
    assert '<button name="language" value="fr" lang="fr">Français</button>' in html


# Errors


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_page_that_does_not_exist_looks_like_the_site(visit, language):
    page = visit("/nulle-part/", status=404, language=language)

    assert f'<html lang="{language}">' in page.html
    assert '<a class="skip"' in page.html
    assert 'href="/calendriers/"' in page.main


@pytest.mark.django_db
def test_a_breakdown_is_told_without_its_cause(client, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("mot de passe de la base")

    monkeypatch.setattr("pratik.public.views.home.public_partners_by_sector", broken)
    client.raise_request_exception = False

    response = client.get("/")

    assert response.status_code == 500
    html = response.content.decode()
    assert "Une panne est survenue de notre côté." in html
    assert "mot de passe" not in html


@pytest.mark.django_db
def test_a_refusal_says_what_to_do(client, monkeypatch):
    def refused(*args, **kwargs):
        raise PermissionDenied

    monkeypatch.setattr("pratik.public.views.home.public_partners_by_sector", refused)

    response = client.get("/")

    assert response.status_code == 403
    assert "Cette page ne vous est pas ouverte." in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://ailleurs.example"}, {"sec-fetch-site": "cross-site"}], ids=str
)
def test_a_form_that_was_not_sent_from_here_is_refused_with_what_to_do(headers):
    client = Client(enforce_csrf_checks=True)

    response = client.post("/langue/setlang/", {"language": "en"}, headers=headers)

    assert response.status_code == 403
    assert "Ce formulaire n’a pas pu être vérifié." in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/partenaires/", "/calendriers/", "/calendriers.ics", "/a-propos/"])
def test_the_site_is_only_read(client, path):
    assert client.post(path).status_code == 405


# Images


@pytest.fixture
def kept():
    """`kept("logos/a.png", bytes)`: a file of the public storage, and its name there."""
    names = []

    def keep(name, body):
        names.append(storages["public"].save(name, ContentFile(body)))
        return names[-1]

    yield keep
    for name in names:
        storages["public"].delete(name)


@pytest.mark.django_db
def test_a_public_image_is_served_for_long(client, kept):
    body = picture()
    name = kept("logos/a.png", body)

    response = client.get(f"/media/{name}")

    assert b"".join(response.streaming_content) == body
    response.close()
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in response["Cache-Control"]


def test_only_images_leave_the_public_storage(client, kept):
    for name in ("logos/page.html", "logos/image.svg", "logos/sans-suffixe"):
        assert client.get(f"/media/{kept(name, b'<script>')}").status_code == 404


@pytest.mark.parametrize("door", ["/media/", "/vignettes/"])
@pytest.mark.parametrize(
    "name", ["../private/a.png", "..%2Fprivate%2Fa.png", "/etc/a.png", "logos/", "absent.png", "%00.png"]
)
def test_no_name_leads_out_of_the_public_storage(client, door, name):
    storages["private"].save("a.png", ContentFile(picture()))

    assert client.get(f"{door}{name}").status_code == 404


def test_images_kept_elsewhere_are_not_served_from_here(client, monkeypatch):
    monkeypatch.setattr("pratik.public.views.site.public_storage", Storage)

    assert client.get("/media/logos/a.png").status_code == 404


def test_a_logo_is_shown_no_larger_than_needed(client, kept):
    name = kept("logos/grand.jpg", picture((3_000, 1_500), "JPEG"))

    response = client.get(f"/vignettes/{name}")

    assert response["Content-Type"] == "image/webp"
    assert len(response.content) < 8_000
    with Image.open(BytesIO(response.content)) as image:
        assert image.size == (192, 96)
    # The second time it is not made again.
    storages["public"].delete(name)
    assert client.get(f"/vignettes/{name}").content == response.content


def test_a_logo_that_is_no_image_is_not_shown(client, kept):
    assert client.get(f"/vignettes/{kept('logos/faux.png', b'<svg/>')}").status_code == 404


@pytest.mark.django_db
def test_a_partner_with_a_logo_shows_it_small(visit, kept):
    company = make.company(partner=True, logo=kept("logos/logo.png", picture()))
    company.logo.close()

    page = visit("/partenaires/")

    source = re.search(r'<img class="logo" src="([^"]+)"', page.html)[1]
    assert source.startswith("/vignettes/logos/logo")


# Machines


@pytest.mark.django_db
def test_the_site_says_that_it_is_well(client):
    response = client.get("/healthz", headers={"accept": "text/html"})

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.0.0.7", "10.0.0.7:8000", "[fd00::7]", "localhost.localdomain", "!"])
def test_whoever_watches_the_machine_asks_under_any_name(client, settings, host):
    settings.ALLOWED_HOSTS = ["pratik.example"]
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^healthz$"]

    assert client.get("/healthz", headers={"host": host}).status_code == 200
    assert client.get("/", headers={"host": host}).status_code == 400, "every other page is the site's own"


@pytest.mark.django_db
def test_the_site_says_that_its_database_is_gone_and_nothing_more(client, monkeypatch, caplog):
    def gone(check):
        raise ServiceUnavailable('connection to server at "10.1.2.3" failed')

    monkeypatch.setattr("health_check.checks.Database.run", gone)
    client.raise_request_exception = False

    response = client.get("/healthz")

    assert response.status_code == 500
    assert json.loads(response.content) == {"status": "unavailable"}


def test_search_engines_are_kept_out_of_the_console(client, settings):
    settings.SITE_URL = "https://pratik.example"

    lines = client.get("/robots.txt").content.decode().splitlines()

    assert "Disallow: /console/" in lines
    assert "Sitemap: https://pratik.example/sitemap.xml" in lines


@pytest.mark.django_db
def test_the_sitemap_names_every_page(client, settings):
    settings.SITE_URL = "https://pratik.example"
    calendar = make.calendar(state=CalendarState.PUBLISHED)
    company = make.company(partner=True)
    lodging, trip, offer = make.lodging(), make.trip(), make.offer()
    make.lodging(state="draft")

    tree = ElementTree.fromstring(client.get("/sitemap.xml").content)

    found = {node.text.removeprefix("https://pratik.example") for node in tree.findall(".//{*}loc")}
    assert found == {
        "/",
        "/calendriers/",
        "/partenaires/",
        "/a-propos/",
        "/offres/",
        offer.get_absolute_url(),
        calendar.get_absolute_url(),
        f"/partenaires/{company.slug}/",
        "/logements/",
        lodging.get_absolute_url(),
        "/covoiturage/",
        trip.get_absolute_url(),
    }


def test_the_icon_is_found_where_old_browsers_look(client):
    assert client.get("/favicon.ico")["Location"].endswith("favicon.svg")
