"""A landlord offers a lodging, the team publishes it, a student asks for it and learns where it is."""

import datetime
import re

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.living.enums import OfferState, RequestState
from pratik.living.models import CarpoolRequest, HousingOffer, HousingPhoto, HousingRequest
from tests import documents
from tests import factories as make
from tests.browser.window import becomes, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, TELEPHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
LODGINGS = "/console/living/housingoffer/"
SECRETS = ("rue des Palmistes", "0694 40 12 34", "marcel@example.org", "Horth")


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test inherits what another one asked."""
    cache.clear()


def soon(days):
    return today() + datetime.timedelta(days=days)


@pytest.fixture
def landlord(db):
    return make.verified(
        Role.LANDLORD,
        first_name="Marcel",
        last_name="Horth",
        email="marcel@example.org",
        phone="+594694401234",
    )


@pytest.fixture
def student(db):
    return make.user(Role.STUDENT, first_name="Yolande", last_name="Apatou")


def pictured(page, folder, name):
    """The page wide and on a telephone, light and dark; nothing stands outside the window."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark")
        for told, size in (("large", WIDE), ("telephone", TELEPHONE)):
            page.set_viewport_size(size)
            assert fits(page), (name, scheme, told)
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"logement-{name}-{told}-{scheme}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.set_viewport_size(WIDE)


def confirmed(page):
    """Answers the question of an action by yes."""
    page.locator("#confirm_form button[type=submit]").click()
    page.get_by_text(re.compile("lignes? changée")).wait_for()


def chosen(page, action):
    """Chooses every row of the list, and an action."""
    page.check("#action-toggle")
    page.select_option("select[name=action]", f"do_{action}")
    page.click("button[name=index]")
    page.wait_for_selector("#confirm_form")


def told_of_secrets(page):
    text = page.locator("body").inner_text().replace("\u00a0", " ")
    return [secret for secret in SECRETS if secret in text]


def test_from_a_landlords_draft_to_the_students_key(
    page, sign_in, landlord, student, verifier, screenshots, tmp_path
):
    make.commune("Saint-Laurent-du-Maroni")
    broken = []
    page.on("pageerror", lambda error: broken.append(error.stack))
    page.set_viewport_size(WIDE)

    # The landlord writes; a telephone number in the title is refused, and nothing typed is lost.
    sign_in(landlord)
    page.goto(f"{LODGINGS}add/")
    page.get_by_label("Titre").fill("Studio, appelez le 0694 40 12 34")
    page.locator("select[name=kind]").select_option("studio")
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").last.fill("laurent")
    page.get_by_role("option", name="Saint-Laurent-du-Maroni").click()
    page.get_by_label("Quartier").fill("Près du fleuve")
    page.get_by_label("Adresse exacte").fill("12 rue des Palmistes")
    page.get_by_label("Loyer mensuel").fill("450.50")
    page.get_by_label("Libre à partir du").fill(f"{soon(3):%d/%m/%Y}")
    page.keyboard.press("Escape")
    page.get_by_label("Description").fill("Au deuxième étage, calme.")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("Rien n’est enregistré")).to_be_visible()
    expect(page.get_by_label("Adresse exacte")).to_have_value("12 rue des Palmistes")
    pictured(page, screenshots, "erreur")
    page.get_by_label("Titre").fill("Studio au bord du fleuve")
    page.get_by_role("button", name="Enregistrer et continuer les modifications").click()
    offer = HousingOffer.objects.get()
    page.wait_for_url(f"**{LODGINGS}{offer.pk}/change/")

    # A photo is added; what is no photo is refused with a sentence.
    page.get_by_role("link", name="Photos", exact=True).first.click()
    for name, content in (("plan.jpg", documents.HTML), ("chambre.jpg", documents.image(size=(1600, 1000)))):
        (tmp_path / name).write_bytes(content)
    add = page.locator("#add_form")
    add.get_by_label("Photo").set_input_files(tmp_path / "plan.jpg")
    add.get_by_label("Ce que l’on voit").fill("La chambre et son bureau")
    add.get_by_role("button", name="Ajouter la photo").click()
    expect(add.locator(".pratik-error").filter(has_text=re.compile(r"\w"))).to_have_count(1)
    expect(add.get_by_label("Ce que l’on voit")).to_have_value("La chambre et son bureau")
    assert not HousingPhoto.objects.exists()
    add.get_by_label("Photo").set_input_files(tmp_path / "chambre.jpg")
    add.get_by_role("button", name="Ajouter la photo").click()
    expect(page.get_by_text("Photo ajoutée.")).to_be_visible()
    expect(page.get_by_text("Photo principale")).to_be_visible()
    pictured(page, screenshots, "photos")

    # It is proposed; visitors see nothing of it yet.
    page.get_by_role("link", name="Retour à l’annonce").click()
    page.get_by_role("link", name="Proposer").click()
    confirmed(page)
    assert page.request.get(offer.get_absolute_url()).status == 404

    # The team reads what waits, and publishes it with another one.
    make.lodging(state=OfferState.SUBMITTED, title="Chambre chez l’habitant à Mana")
    page.context.clear_cookies()
    sign_in(verifier)
    page.goto(f"{LODGINGS}?state__exact=submitted")
    pictured(page, screenshots, "a-examiner")
    chosen(page, "publish")
    assert HousingOffer.objects.online(today()).count() == 0, "asking has published nothing yet"
    confirmed(page)

    # A visitor finds it, and nothing that leads to its owner.
    page.context.clear_cookies()
    page.goto("/logements/")
    expect(page.get_by_role("heading", name="2 logements")).to_be_visible()
    pictured(page, screenshots, "liste")
    page.get_by_label("Commune").select_option(label="Saint-Laurent-du-Maroni")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="1 logement")).to_be_visible()
    assert told_of_secrets(page) == []
    page.get_by_role("link", name="Studio au bord du fleuve").click()
    assert becomes(page, "document.querySelector('.gallery img')?.naturalWidth > 0")
    expect(page.get_by_text("Propriétaire vérifié")).to_be_visible()
    assert told_of_secrets(page) == []
    pictured(page, screenshots, "fiche")

    # Asking leads to the way in, then to the form; the days are checked.
    page.get_by_role("link", name="Demander une place").click()
    page.wait_for_url("**/connexion/?next=**")
    sign_in(student)
    page.goto(offer.get_absolute_url())
    page.get_by_role("link", name="Demander une place").click()
    page.get_by_label("Arrivée").fill(soon(30).isoformat())
    page.get_by_label("Départ").fill(soon(20).isoformat())
    page.get_by_label("Message (facultatif)").fill("Stage de six semaines au CHOG.")
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("Le dernier jour précède le premier.")).to_be_visible()
    expect(page.get_by_label("Message (facultatif)")).to_have_value("Stage de six semaines au CHOG.")
    pictured(page, screenshots, "demande")
    page.get_by_label("Départ").fill(soon(70).isoformat())
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("Votre demande est envoyée")).to_be_visible()
    assert told_of_secrets(page) == []

    # The landlord accepts.
    request = HousingRequest.objects.get()
    page.context.clear_cookies()
    sign_in(landlord)
    page.goto("/console/living/housingrequest/")
    pictured(page, screenshots, "demandes")
    page.get_by_role("link", name="Yolande Apatou").click()
    expect(page.get_by_text("Stage de six semaines au CHOG.")).to_be_visible()
    page.get_by_role("link", name="Accepter").click()
    confirmed(page)
    assert HousingRequest.objects.get().state == RequestState.ACCEPTED

    # The student reads where it is and whom to call.
    page.context.clear_cookies()
    sign_in(student)
    page.goto(f"/console/living/housingrequest/{request.pk}/change/")
    expect(page.get_by_role("heading", name="Votre logement")).to_be_visible()
    assert told_of_secrets(page) == list(SECRETS)
    pictured(page, screenshots, "adresse")

    # For visitors it stays what it was.
    page.context.clear_cookies()
    page.goto(offer.get_absolute_url())
    assert told_of_secrets(page) == []
    assert not broken


def test_a_seat_is_had_at_once_from_a_telephone(page, sign_in, student, screenshots):
    offer = make.trip(
        driver=make.verified(Role.DRIVER, first_name="Josette", last_name="Clet"),
        destination=make.commune("Kourou"),
        meeting_point="Carrefour Suzini",
        is_instant=True,
    )
    page.set_viewport_size(TELEPHONE)
    page.goto("/covoiturage/")
    page.get_by_label("Arrivée").select_option(label="Kourou")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="1 trajet")).to_be_visible()
    assert fits(page)
    page.screenshot(path=screenshots / "trajet-liste.png", full_page=True)
    page.get_by_role("link", name=re.compile("Cayenne")).click()
    expect(page.get_by_text("Réservation immédiate")).to_be_visible()
    assert fits(page) and "Clet" not in page.locator("body").inner_text()
    page.screenshot(path=screenshots / "trajet-fiche.png", full_page=True)

    sign_in(student)
    page.get_by_role("link", name="Demander une place").click()
    page.get_by_label("Du", exact=True).fill(soon(7).isoformat())
    page.get_by_label("Au", exact=True).fill(soon(21).isoformat())
    assert fits(page)
    page.screenshot(path=screenshots / "trajet-demande.png", full_page=True)
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.get_by_text("Vous avez une place.")).to_be_visible()
    expect(page.get_by_text("Josette Clet")).to_be_visible()
    assert fits(page)
    page.screenshot(path=screenshots / "trajet-place.png", full_page=True)
    assert CarpoolRequest.objects.get().offer == offer
