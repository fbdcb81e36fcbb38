"""Owners, students and what stands between them, as the console shows it."""

import datetime
import re

import pytest
from django.contrib.admin import helpers
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from tests import factories as make
from tests.kit.world import PAGES, url

DAY = datetime.timedelta(days=1)
CSV = "1"


def soon(days=7):
    """A day that comes."""
    return today() + DAY * days


def next_weekday(number):
    """The next day, from tomorrow on, that is this day of the week (1 is Monday)."""
    return next(day for day in (soon(ahead) for ahead in range(1, 8)) if day.isoweekday() == number)


def fresh(row):
    """The row as it is in the database."""
    return type(row).objects.get(pk=row.pk)


def words(response):
    """What a page says, in plain words."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", text).replace("&#x27;", "'").replace("&nbsp;", " ")
    return re.sub(r"\s+", " ", text.replace("\xa0", " ").replace("\u202f", " "))


def listed(client, model, query=""):
    """The keys of the rows that the list shows, in their order."""
    page = client.get(url(model, "changelist") + query)
    assert page.status_code == 200
    return [row.pk for row in page.context_data["cl"].result_list]


def chosen(client, model, verb, rows, **values):
    """Chooses rows in the list and an action, as the list's own form does."""
    return client.post(
        url(model, "changelist"),
        {
            "action": f"do_{verb}",
            helpers.ACTION_CHECKBOX_NAME: [row.pk for row in rows],
            "select_across": "0",
            "index": "0",
            **values,
        },
    )


def decided(client, model, verb, rows, **values):
    """As above, the question answered by yes."""
    return chosen(client, model, verb, rows, confirmed="yes", **values)


def done(client, row, verb, **values):
    """A button of a row's page, its question answered by yes."""
    return client.post(url(type(row), verb, row.pk), {"confirmed": "yes", "reason": "", **values})


def after(client, response):
    """What the page says to which an answer leads."""
    assert response.status_code == 302, words(response)
    return words(client.get(response["Location"]))


def buttons(client, row):
    """The verbs that a row's page offers."""
    html = client.get(url(type(row), "change", row.pk)).content.decode()
    verbs = {transition.verb for transition in row.workflow.transitions}
    return {verb for verb in verbs if f'"{url(type(row), verb, row.pk)}"' in html}


def exported(client, model, query=""):
    """The words of an export with all its columns."""
    resource = PAGES[model].resource_classes[0]
    boxes = {f"{resource.__name__.lower()}_{name}": "on" for name in resource(actor=None).fields}
    response = client.post(url(model, "export") + query, {"format": CSV, "resource": "0", **boxes})
    assert response.status_code == 200
    return response.content.decode("utf-8-sig").replace("\xa0", " ")


def acting_for(client, account):
    """The client, now in the name of somebody else."""
    client.post(reverse("access:act_for", args=[account.pk]), {"reason": "Aide demandée par téléphone"})
    return client


@pytest.fixture
def landlord(db):
    """A landlord who has the badge."""
    return make.verified(
        Role.LANDLORD,
        first_name="Marcel",
        last_name="Horth",
        email="marcel@example.org",
        phone="+594694401234",
    )


@pytest.fixture
def driver(db):
    """A driver who has the badge."""
    return make.verified(Role.DRIVER, first_name="Josette", last_name="Clet")


@pytest.fixture
def student(db):
    return make.user(Role.STUDENT, first_name="Yolande", last_name="Apatou")
