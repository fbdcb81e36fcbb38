"""People who come in by the site's pages, each from a browser and an address of their own."""

from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from pratik.accounts.enums import Role
from pratik.joining.models import SignUp
from tests import factories as make
from tests.kit.queue import run_queue

PASSWORD = "carbet-du-matin-2026"
SLUGS = {
    "student": "etudiant",
    "company": "entreprise",
    "school": "etablissement-scolaire",
    "training_center": "centre-de-formation",
    "recruiter": "recruteur",
    "landlord": "proprietaire",
    "driver": "conducteur",
    "partner": "partenaire",
}
MAKERS = {
    "school": make.school,
    "training_center": make.training_center,
    "company": make.company,
    "recruiter": make.recruiter,
    "partner": make.institution,
}


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test inherits what another one counted."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def visitor():
    """A browser from some address."""

    def from_address(address="192.0.2.1"):
        return Client(REMOTE_ADDR=address, HTTP_ACCEPT_LANGUAGE="fr")

    return from_address


@pytest.fixture
def known():
    """Somebody who has an account already."""
    return make.user(Role.COMPANY, email="ana.lo@example.org")


def typed(account_type="student", **fields):
    """What a person types into the form of a type of account."""
    values = {
        "email": "ana.lo@example.org",
        "password": PASSWORD,
        "first_name": "Ana",
        "last_name": "Lo",
    }
    if account_type in MAKERS:
        number = make.uai() if account_type == "school" else make.siret()
        values |= {"identifier": number, "organisation_name": "Menuiserie du Larivot"}
    return values | fields


def ask(client, account_type="student", **fields):
    """Sends the form of a type of account."""
    return client.post(f"/inscription/{SLUGS[account_type]}/", typed(account_type, **fields))


def send_code(client, code):
    return client.post("/inscription/code/", {"code": code})


def code_in(message):
    """The code that an e-mail carries, read as a person reads it."""
    return message.subject.split(" ")[0].split("\u00a0")[0]


def signed_up(client, account_type="student", **fields):
    """Goes the whole way: the form, the e-mail, the code. Returns the last answer and the e-mail."""
    assert ask(client, account_type, **fields).status_code == 302
    run_queue()
    message = mail.outbox[-1]
    return SimpleNamespace(answer=send_code(client, code_in(message)), message=message)


def under_way():
    """The one sign-up that is under way."""
    return SignUp.objects.get()


def text_of(response):
    return response.content.decode()
