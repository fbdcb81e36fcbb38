"""A reviewer works through the queue by keys; a person reads why a paper was refused, and replaces it."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.verification.enums import DocumentState, DocumentType
from pratik.verification.models import ReviewClaim, VerificationDocument
from pratik.verification.services import submit_document
from tests import documents as papers
from tests import factories as make
from tests.browser.window import becomes, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, TELEPHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
QUEUE = "/console/verification/verificationdocument/"
PAPERS = f"{QUEUE}mes-pieces/"


def in_days(days):
    return today() + datetime.timedelta(days=days)


@pytest.fixture
def verifier(db):
    return make.user(Role.VERIFIER, first_name="Malika", last_name="Apatou")


@pytest.fixture
def landlord(db):
    make.requirements()
    return make.user(Role.LANDLORD, first_name="Paul", last_name="Yang")


def send(owner, kind, **fields):
    name = f"{kind}.pdf"
    content = papers.sent(fields.pop("content", None) or papers.text_pdf(f"SPECIMEN {kind}"), name)
    return submit_document(actor=owner, owner=owner, document_type=kind, upload=content, name=name, **fields)


@pytest.fixture
def waiting(landlord):
    """An identity card, then a proof of address, which wait."""
    return (
        send(landlord, DocumentType.ID_CARD, expires_on=in_days(400)),
        send(landlord, DocumentType.ADDRESS_PROOF, issued_on=in_days(-10)),
    )


def pictured(page):
    """Waits until the page of the document is there."""
    assert becomes(page, "document.getElementById('picture')?.naturalWidth > 0")


def handed_out(page, number):
    """Waits until so many pages of documents have left, each of which the journal tells."""
    openings = AccessEvent.objects.filter(kind=AccessKind.FILE_OPENED)
    for _moment in range(100):
        if openings.count() >= number:
            break
        page.wait_for_timeout(100)
    assert openings.count() == number


def in_both_lights(page, folder, name):
    for scheme in ("light", "dark"):
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark")
        for told, size in (("large", WIDE), ("telephone", TELEPHONE)):
            page.set_viewport_size(size)
            assert fits(page), (name, scheme, told)
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"pieces-{name}-{told}-{scheme}.png", full_page=True)
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.set_viewport_size(WIDE)


def leave(page):
    """Goes elsewhere; what the page says as it is left arrives before the test ends."""
    page.goto("/console/")
    page.wait_for_load_state("networkidle")


def state(row):
    return VerificationDocument.objects.get(pk=row.pk).state


def test_queue_is_worked_through_by_keys_and_the_person_replaces_what_was_refused(
    page, sign_in, verifier, landlord, waiting, screenshots, tmp_path
):
    card, proof = waiting
    broken = []
    page.on("pageerror", lambda error: broken.append(error.stack))
    page.set_viewport_size(WIDE)
    sign_in(verifier)
    page.goto(QUEUE)
    in_both_lights(page, screenshots, "file")

    # The oldest is taken by its button, and shown.
    page.get_by_role("button", name=re.compile("^Relire : Carte d’identité")).click()
    page.wait_for_url(f"**{QUEUE}{card.pk}/relire/")
    pictured(page)
    expect(page.get_by_text("Vous examinez cette pièce jusqu’à")).to_be_visible()
    in_both_lights(page, screenshots, "relecture")
    pictured(page)

    # A writes no decision while somebody types, then decides.
    page.get_by_label("Précision, que la personne lira").press("a")
    page.get_by_label("Précision, que la personne lira").press("n")
    assert state(card) == DocumentState.PENDING
    page.get_by_label("Précision, que la personne lira").fill("")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("a")
    expect(page.get_by_text("Pièce acceptée")).to_be_visible()
    assert state(card) == DocumentState.APPROVED

    # N leads to the next, R to the reasons.
    page.keyboard.press("n")
    page.wait_for_url(f"**{QUEUE}{proof.pk}/relire/")
    pictured(page)
    page.keyboard.press("r")
    expect(page.get_by_label("Motif", exact=True)).to_be_focused()
    page.get_by_label("Motif", exact=True).select_option("unreadable")
    page.get_by_label("Précision, que la personne lira").fill("La moitié basse est dans l’ombre.")
    page.get_by_role("button", name="Refuser").click()
    expect(page.get_by_text("Pièce refusée")).to_be_visible()
    assert state(proof) == DocumentState.REJECTED
    page.keyboard.press("n")
    expect(page.get_by_text("Plus aucune pièce n’attend votre examen.")).to_be_visible()
    # Each was opened once, and a decision gave it back.
    assert AccessEvent.objects.filter(kind=AccessKind.FILE_OPENED).count() == 2
    assert not ReviewClaim.objects.exists()

    # The person reads why, sends another one, and a mistake beside it costs nothing of what was chosen.
    page.context.clear_cookies()
    sign_in(landlord)
    page.goto(PAPERS)
    expect(page.get_by_text("La moitié basse est dans l’ombre.")).to_be_visible()
    in_both_lights(page, screenshots, "mes-pieces")
    better = tmp_path / "facture.pdf"
    better.write_bytes(papers.text_pdf("SPECIMEN better"))
    identity = page.locator("section", has=page.get_by_role("heading", name="Identité"))
    identity.get_by_text("Envoyer une nouvelle version").click()
    identity.get_by_label("Fichier").set_input_files(better)
    expect(identity.get_by_label("Numéro de la pièce")).to_have_value("")
    identity.get_by_label("Fichier").set_input_files([])
    home = page.locator("section", has=page.get_by_role("heading", name="Domicile"))
    home.get_by_label("Fichier").set_input_files(better)
    home.get_by_label("Date qui figure sur le document").fill(in_days(-300).isoformat())
    page.get_by_role("button", name="Envoyer les pièces choisies").click()
    expect(home.get_by_text("Ce document a plus de 90 jours")).to_be_visible()
    assert home.get_by_label("Fichier").evaluate("field => field.files[0].name") == "facture.pdf"
    expect(home.get_by_label("Date qui figure sur le document")).to_be_focused()
    in_both_lights(page, screenshots, "mes-pieces-erreur")
    home.get_by_label("Date qui figure sur le document").fill(in_days(-3).isoformat())
    page.get_by_role("button", name="Envoyer les pièces choisies").click()
    expect(page.get_by_text("1 pièce envoyée")).to_be_visible()
    renewed = VerificationDocument.objects.get(document_type=DocumentType.ADDRESS_PROOF, is_current=True)
    assert (renewed.replaces_id, renewed.state) == (proof.pk, DocumentState.PENDING)
    assert not broken


def test_page_is_magnified_turned_and_leafed_through(page, sign_in, verifier, landlord):
    row = send(landlord, DocumentType.PROPERTY_PROOF, content=papers.pdf(3))
    page.set_viewport_size(WIDE)
    sign_in(verifier)
    page.goto(f"{QUEUE}{row.pk}/relire/")
    page.get_by_role("button", name="Relire", exact=True).click()
    pictured(page)
    sheet = page.locator("#review-page")

    before = sheet.bounding_box()
    assert before["height"] > before["width"]
    page.keyboard.press("t")
    turned = sheet.bounding_box()
    assert turned["width"] > turned["height"]
    assert abs(turned["width"] - before["width"]) < 2
    page.keyboard.press("z")
    assert abs(sheet.bounding_box()["width"] - 2 * before["width"]) < 2
    expect(page.locator("#zoom-told")).to_have_text("200\u00a0%")
    page.keyboard.press("-")
    expect(page.locator("#zoom-told")).to_have_text("150\u00a0%")
    page.keyboard.press("+")
    page.keyboard.press("z")
    page.keyboard.press("l")
    assert sheet.bounding_box()["width"] > before["width"] * 1.3
    expect(page.get_by_role("button", name="Toute la largeur")).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("ArrowLeft")
    expect(page.locator("#page-number")).to_have_text("1")
    for number in ("2", "3"):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#page-number")).to_have_text(number)
        handed_out(page, int(number))

    # The keys are silent once they are switched off.
    page.get_by_text("Au clavier").click()
    page.get_by_label("Raccourcis d’une touche").uncheck()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("a")
    page.wait_for_timeout(200)
    assert state(row) == DocumentState.PENDING
    leave(page)


def test_leaving_gives_the_document_back(page, sign_in, verifier, waiting):
    card, _proof = waiting
    sign_in(verifier)
    page.goto(f"{QUEUE}{card.pk}/relire/")
    page.get_by_role("button", name="Relire", exact=True).click()
    pictured(page)
    assert ReviewClaim.objects.filter(document=card).exists()
    leave(page)
    assert not ReviewClaim.objects.filter(document=card).exists()


def test_showing_the_page_anew_keeps_the_document(page, sign_in, verifier, waiting):
    card, _proof = waiting
    sign_in(verifier)
    page.goto(f"{QUEUE}{card.pk}/relire/")
    page.get_by_role("button", name="Relire", exact=True).click()
    pictured(page)
    with page.expect_response(lambda response: "do=renew" in (response.request.post_data or "")):
        page.reload()
    pictured(page)
    assert ReviewClaim.objects.filter(document=card).exists()
    leave(page)
    assert not ReviewClaim.objects.filter(document=card).exists()


def test_both_sides_are_photographed_one_after_the_other(page, sign_in, landlord, screenshots, tmp_path):
    """A telephone gives one photo at a time: the second goes behind the first, and each can be taken out."""
    page.set_viewport_size(TELEPHONE)
    files = {}
    for name, colour in (("recto", "red"), ("flou", "grey"), ("verso", "blue")):
        files[name] = tmp_path / f"{name}.jpg"
        files[name].write_bytes(papers.image("JPEG", color=colour))
    deed = tmp_path / "titre.pdf"
    deed.write_bytes(papers.text_pdf("SPECIMEN"))
    sign_in(landlord)
    page.goto(PAPERS)
    identity = page.locator("section", has=page.get_by_role("heading", name="Identité"))
    field, chosen = identity.get_by_label("Fichier"), identity.get_by_role("listitem")
    for name in ("recto", "flou", "verso"):
        field.set_input_files(files[name])
    expect(chosen).to_contain_text(["recto.jpg", "flou.jpg", "verso.jpg"])
    identity.get_by_role("button", name="Retirer\u00a0: flou.jpg").click()
    expect(chosen).to_contain_text(["recto.jpg", "verso.jpg"])
    expect(field).to_be_focused()
    in_both_lights(page, screenshots, "recto-verso")
    # A PDF comes alone: it stands instead of what was chosen before, and photos stand instead of it.
    field.set_input_files(deed)
    expect(chosen).to_contain_text(["titre.pdf"])
    field.set_input_files([files["recto"], files["verso"]])
    expect(chosen).to_contain_text(["recto.jpg", "verso.jpg"])
    identity.get_by_label("Fin de validité").fill(in_days(400).isoformat())
    page.get_by_role("button", name="Envoyer les pièces choisies").click()
    expect(page.get_by_text("1 pièce envoyée")).to_be_visible()
    [row] = VerificationDocument.objects.all()
    assert (row.file_name, row.pages) == ("recto + verso.pdf", 2)


def test_hold_is_renewed_while_somebody_works_and_lost_when_they_do_not(page, sign_in, verifier, waiting):
    card, _proof = waiting
    sign_in(verifier)
    page.clock.install()
    page.goto(f"{QUEUE}{card.pk}/relire/")
    page.get_by_role("button", name="Relire", exact=True).click()
    pictured(page)
    soon = timezone.now() + datetime.timedelta(minutes=2)
    ReviewClaim.objects.filter(document=card).update(until=soon)
    page.mouse.move(300, 300)
    page.mouse.move(320, 320)
    with page.expect_response("**/relire/"):
        page.clock.fast_forward(61_000)
    assert ReviewClaim.objects.get(document=card).until > soon
    page.clock.fast_forward(16 * 60_000)
    expect(page.get_by_text("Votre réservation est finie")).to_be_visible()
    # Somebody took it meanwhile, which is said to who comes back.
    ReviewClaim.objects.filter(document=card).update(
        reviewer=make.user(Role.VERIFIER, first_name="Yves", last_name="Horth")
    )
    page.mouse.move(300, 300)
    page.mouse.move(330, 330)
    page.clock.fast_forward(61_000)
    expect(page.get_by_text("Yves Horth examine cette pièce.")).to_be_visible()
    leave(page)
    assert ReviewClaim.objects.filter(document=card).exists()


def test_the_whole_review_works_without_its_script(page, sign_in, verifier, waiting):
    card, _proof = waiting
    sign_in(verifier)
    page.route("**/review.js", lambda route: route.abort())
    page.goto(f"{QUEUE}{card.pk}/relire/")
    page.get_by_role("button", name="Relire", exact=True).click()
    pictured(page)
    page.get_by_role("button", name="Accepter").click()
    expect(page.get_by_text("Pièce acceptée")).to_be_visible()
    assert state(card) == DocumentState.APPROVED
