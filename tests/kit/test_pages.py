"""What holds of every page and the matrix of access does not ask."""

import pytest
from django.urls import reverse

from backoffice.base.history import HistoryMixin
from pratik.accounts.enums import Role
from pratik.core.services import save_row
from tests import factories as make
from tests.kit.addresses import World
from tests.kit.world import PAGES, url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SCHOOL], ids=str)
def test_every_page_answers_whichever_the_database(client_for, role):
    """Lists, found by words and in the order of all of their columns; rows, with what became of them."""
    world = World(role)
    client = client_for(world.account)
    addresses = [reverse("admin:index"), f"{reverse('admin:search')}?s=lyc%C3%A9e&extended=1"]
    for model, page in PAGES.items():
        if not world.may(model, "view"):
            continue
        listed = url(model, "changelist")
        order = ".".join(str(place + 1) for place in range(len(page.list_display)))
        addresses += [f"{listed}?q=Lyc%C3%A9e", f"{listed}?o={order}"]
        for row in filter(world.sees, world.rows(model)):
            addresses.append(url(model, "change", row.pk))
            if isinstance(page, HistoryMixin):
                addresses.append(url(model, "history", row.pk))
    wrong = {}
    for address in addresses:
        status = client.get(address).status_code
        if status != 200:
            wrong[address] = status
    assert not wrong


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
