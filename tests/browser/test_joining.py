"""Somebody of a company signs up, a colleague lets them in, and both see it; on a telephone too."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from pratik.accounts.models import User
from pratik.joining.models import Invitation
from tests import factories as make
from tests.browser.window import fits
from tests.kit.queue import run_queue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "mangue-verte-du-marché"
TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test inherits what another one asked."""
    cache.clear()


def test_a_company_member_signs_up_and_a_colleague_accepts(page, sign_in, mailoutbox, screenshots):
    company = make.company(name="Scierie du Maroni")
    colleague = make.company_user(company)
    page.set_viewport_size(TELEPHONE)

    # From the sign-in page to the type, without knowing an address.
    page.goto("/connexion/")
    page.locator("#contenu").get_by_role("link", name="Ouvrir un compte").click()
    assert fits(page)
    page.screenshot(path=screenshots / "inscription-types.png", full_page=True)
    page.get_by_role("link", name=re.compile("^Entreprise")).click()

    # A wrong number is said at its field; what was typed stays, but the password.
    page.get_by_label("Nom de l’organisme").fill("Scierie")
    page.get_by_label("SIRET").fill("73282932000075")
    page.get_by_label("Prénom").fill("Léa")
    page.get_by_label("Nom de famille").fill("Horth")
    page.get_by_label("Adresse e-mail").fill("lea@example.org")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Recevoir un code").click()
    expect(page.get_by_text("la clé de contrôle est fausse")).to_be_visible()
    expect(page.get_by_label("Prénom")).to_have_value("Léa")
    expect(page.get_by_label("Mot de passe")).to_have_value("")
    assert fits(page)
    page.screenshot(path=screenshots / "inscription-erreur.png", full_page=True)
    page.get_by_label("SIRET").fill(company.siret)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_label("Mot de passe").press("Enter")

    # The code comes by e-mail.
    page.wait_for_url("**/inscription/code/")
    run_queue()
    code = re.search(r"^\s*(\d{6})$", mailoutbox[0].body, re.MULTILINE)[1]
    page.get_by_label("Code").fill(f"{(int(code) + 1) % 1_000_000:06d}")
    page.get_by_role("button", name="Ouvrir mon compte").click()
    expect(page.get_by_text("Il reste 2 essais")).to_be_visible()
    assert fits(page)
    page.screenshot(path=screenshots / "inscription-code.png", full_page=True)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Ouvrir mon compte").click()
    expect(page.get_by_text("Scierie du Maroni")).to_be_visible()
    page.goto("/console/")
    expect(page.get_by_text("Scierie du Maroni").first).to_be_visible()
    page.goto(f"/console/partners/companyprofile/{company.pk}/change/")
    expect(page.get_by_text(company.email)).to_have_count(0)

    # A colleague finds the request, is asked once more, and accepts.
    page.context.clear_cookies()
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(colleague)
    page.goto("/console/joining/joinrequest/")
    page.get_by_role("link", name="Léa Horth").click()
    page.get_by_role("link", name="Accepter").click()
    page.screenshot(path=screenshots / "adhesion-question.png", full_page=True)
    page.get_by_role("button", name="Accepter").click()
    expect(page.get_by_text("1 ligne changée")).to_be_visible()

    newcomer = User.objects.get(email="lea@example.org")
    assert company.memberships.get(user=newcomer).is_active
    page.context.clear_cookies()
    sign_in(newcomer)
    page.goto(f"/console/partners/companyprofile/{company.pk}/change/")
    expect(page.locator("input[name=name]")).to_have_value("Scierie du Maroni")


def test_an_invitation_is_answered_from_its_link(page, sign_in, mailoutbox, screenshots):
    company = make.company(name="Scierie du Maroni")
    sign_in(make.company_user(company))
    page.goto("/console/joining/invitation/add/")
    page.get_by_label("Adresse e-mail").fill("eva@example.org")
    page.screenshot(path=screenshots / "invitation-nouvelle.png", full_page=True)
    page.get_by_role("button", name="Envoyer l’invitation").click()
    page.wait_for_url("**/console/joining/invitation/**")
    run_queue()
    link = re.search(r"/invitation/\S+/", mailoutbox[0].body)[0]

    page.context.clear_cookies()
    page.set_viewport_size(TELEPHONE)
    page.goto(link)
    expect(page.get_by_text("Scierie du Maroni")).to_be_visible()
    page.get_by_label("Prénom").fill("Éva")
    page.get_by_label("Nom de famille").fill("Sophie")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    assert fits(page)
    page.screenshot(path=screenshots / "invitation-reponse.png", full_page=True)
    page.get_by_role("button", name="Ouvrir mon compte").click()
    page.wait_for_url("**/console/")
    assert Invitation.objects.get().state == "accepted"

    page.context.clear_cookies()
    page.goto(link)
    page.screenshot(path=screenshots / "invitation-usee.png", full_page=True)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_label("Mot de passe")).to_have_count(0)
