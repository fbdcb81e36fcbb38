"""Two things of every page that the matrix of access does not ask."""

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.core.services import save_row
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_closed_account_has_no_door(client_for, administrator):
    """A session that was open when the account was closed opens nothing any more."""
    account = make.user(Role.ADMINISTRATOR)
    client = client_for(account)
    assert client.get(reverse("admin:index")).status_code == 200
    account.is_active = False
    save_row(actor=administrator, row=account)
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("path", ["calendars/internshipcalendar", "partners/companyprofile", "accounts/user"])
def test_a_form_shows_a_state_in_words(client_for, actor, path):
    rows = {
        "calendars/internshipcalendar": make.calendar,
        "partners/companyprofile": make.company,
        "accounts/user": make.user,
    }
    answer = client_for(actor).get(f"/console/{path}/{rows[path]().pk}/change/")
    assert answer.status_code == 200
    assert "(&#x27;" not in answer.content.decode()
