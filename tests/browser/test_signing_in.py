"""People come in by the console's one door, whoever they are."""

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from pratik.accounts.enums import Role
from tests import factories as make

pytestmark = pytest.mark.browser

PASSWORD = "mangue-verte-du-marché"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SCHOOL, Role.COMPANY])
def test_an_account_signs_in_with_its_address_and_its_password(page, role):
    user = make.user(role, password=make_password(PASSWORD))
    page.goto("/console/")
    page.locator("input[name=username]").fill(user.email.upper())
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.locator("input[name=password]")).to_have_count(0)
    user.refresh_from_db()
    assert user.last_login is not None


def test_a_wrong_password_is_refused_in_a_sentence(page):
    user = make.user(Role.SCHOOL, password=make_password(PASSWORD))
    page.goto("/console/")
    page.locator("input[name=username]").fill(user.email)
    page.locator("input[name=password]").fill("autre chose")
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_text("ne vont pas ensemble")).to_be_visible()


def test_a_session_opens_the_console(sign_in):
    page = sign_in(make.user(Role.EDITOR))
    page.goto("/console/")
    expect(page.locator("input[name=password]")).to_have_count(0)
