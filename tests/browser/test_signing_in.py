"""People come in by the site's one door, whoever they are, and go on to the page that they asked for."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from playwright.sync_api import expect

from pratik.accounts.enums import Role
from tests import factories as make

pytestmark = pytest.mark.browser

PASSWORD = "mangue-verte-du-marché"


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test inherits the attempts that another one counted."""
    cache.clear()


def fill_in(page, email, password):
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_label("Mot de passe").press("Enter")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SCHOOL, Role.COMPANY])
def test_an_account_signs_in_with_its_address_and_its_password(page, role):
    user = make.user(role, password=make_password(PASSWORD))
    page.goto("/console/")
    fill_in(page, user.email.upper(), PASSWORD)
    page.wait_for_url("**/console/")
    user.refresh_from_db()
    assert user.last_login is not None


def test_a_wrong_password_is_refused_in_a_sentence(page):
    user = make.user(Role.SCHOOL, password=make_password(PASSWORD))
    page.goto("/console/")
    fill_in(page, user.email, "autre chose")
    expect(page.get_by_role("alert")).to_contain_text("ne vont pas ensemble")
    expect(page.get_by_label("Adresse e-mail")).to_have_value(user.email)


def test_a_session_opens_the_console(sign_in):
    page = sign_in(make.user(Role.EDITOR))
    page.goto("/console/")
    expect(page.locator("input[name=password]")).to_have_count(0)


def test_a_member_of_the_team_activates_a_second_factor_and_comes_in_with_it(page, settings):
    settings.STAFF_SECOND_FACTOR_REQUIRED = True
    refused = []
    page.on("console", lambda message: message.type == "error" and refused.append(message.text))
    user = make.user(Role.EDITOR, password=make_password(PASSWORD))

    # The console leads to the activation, and nowhere else.
    page.goto("/console/")
    fill_in(page, user.email, PASSWORD)
    page.wait_for_url("**/compte/securite/application/")
    expect(page.get_by_alt_text(re.compile("Code QR"))).to_be_visible()
    secret = page.locator(".secret").inner_text().replace(" ", "")

    def code(steps=0):
        return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))

    page.get_by_label("Code affiché par l’application").fill(code(-1))
    page.get_by_role("button", name="Activer").click()
    expect(page.locator(".codes li")).to_have_count(10)
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="aller à la console").click()
    page.wait_for_url("**/console/")

    # Out, and in again: by the app, then by a recovery code.
    for typed in (code(), recovery):
        page.goto("/compte/securite/")
        page.get_by_role("button", name="Se déconnecter").click()
        expect(page.get_by_text("Vous êtes déconnecté.")).to_be_visible()
        fill_in(page, user.email, PASSWORD)
        page.wait_for_url("**/connexion/second-facteur/")
        page.get_by_label("Code").fill("000000")
        page.get_by_label("Code").press("Enter")
        expect(page.get_by_text("Ce code n’est pas le bon")).to_be_visible()
        page.get_by_label("Code").fill(typed)
        page.get_by_label("Code").press("Enter")
        page.wait_for_url("**/console/")
    assert not refused, "the content policy of the site holds on these pages"
