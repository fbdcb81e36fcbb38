"""The page where anybody checks a document: what it says, and what it does not."""

import pytest

from pratik.papers import reports
from tests.public.conftest import Page
from tests.public.test_every_page import Markup

pytestmark = pytest.mark.django_db

KNOWN, VOID = "ABCDEFGHJKMNPQRS", "2222333344445555"


@pytest.fixture(autouse=True)
def resolvers(monkeypatch):
    lines = (("Stagiaire", "Maëlys <b>Apatou</b>"), ("Numéro", "C-2026-000123"))
    answers = {
        KNOWN: reports.Certified("Convention de stage", lines),
        VOID: reports.Certified("Attestation", (), warning="Annulée le 3 mars 2026."),
    }
    monkeypatch.setattr(reports, "_resolvers", [answers.get])


def asked(client, path):
    return Page(client.get(path))


def test_the_code_of_a_document_tells_what_it_certifies(client):
    page = asked(client, f"/verifier/{KNOWN}/")
    assert page.status == 200
    assert "Document authentique" in page.words
    assert "Convention de stage" in page.words
    assert "C-2026-000123" in page.words
    assert "ABCD-EFGH-JKMN-PQRS" in page.words
    assert "&lt;b&gt;Apatou" in page.html
    assert page.response["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.response["Cache-Control"]
    assert Markup(page.html)


def test_a_document_that_no_longer_counts_says_so(client):
    page = asked(client, f"/verifier/{VOID}/")
    assert page.status == 200
    assert "Document connu, qui ne vaut plus" in page.words
    assert "Annulée le 3 mars 2026." in page.words
    assert "authentique" not in page.words


def test_a_code_that_nobody_knows_is_unknown(client):
    page = asked(client, "/verifier/" + "Z" * 16 + "/")
    assert page.status == 404
    assert "Code inconnu." in page.words


@pytest.mark.parametrize("typed", ["abcd-efgh-jkmn-pqrs", " ABCD EFGH JKMN PQRS ", KNOWN])
def test_a_typed_code_leads_to_its_page(client, typed):
    response = client.get("/verifier/", {"code": typed})
    assert (response.status_code, response.url) == (302, f"/verifier/{KNOWN}/")


def test_a_code_in_the_address_is_written_in_one_way(client):
    response = client.get("/verifier/abcd-efgh-jkmn-pqrs/")
    assert (response.status_code, response.url) == (302, f"/verifier/{KNOWN}/")


@pytest.mark.parametrize("typed", ["", "ABC", "<script>alert(1)</script>", "0" * 16, "é" * 5000])
def test_what_is_no_code_is_told_and_stays_in_the_box(client, typed):
    page = Page(client.get("/verifier/", {"code": typed}))
    assert page.status == 404
    assert "Ce n’est pas un code de document" in page.words
    assert "<script>alert" not in page.html


def test_an_address_of_nonsense_is_told_too(client):
    assert "Ce n’est pas un code de document" in asked(client, "/verifier/nimporte/").words


def test_the_page_alone_asks_for_a_code(client):
    page = asked(client, "/verifier/")
    assert page.status == 200
    assert 'name="code"' in page.html
    assert Markup(page.html)


def test_codes_are_not_to_be_tried(client, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"verify_paper": "3/m/ip"}
    statuses = [client.get(f"/verifier/{KNOWN}/").status_code for _each in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    page = asked(client, f"/verifier/{KNOWN}/")
    assert "Trop de codes ont été essayés" in page.words
    assert "C-2026-000123" not in page.html


def test_nothing_is_changed_there(client):
    assert client.post(f"/verifier/{KNOWN}/").status_code == 405
    assert client.post("/verifier/").status_code == 405
