"""What is asked of landlords and drivers, and documents with a file behind them."""

import datetime
import re

import pytest

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.verification.enums import DocumentType
from pratik.verification.models import VerificationDocument
from pratik.verification.services import submit_document
from tests import documents as papers
from tests import factories as make
from tests.kit.world import url

NEEDS = {
    "identity": (DocumentType.ID_CARD, {"expires_on": 400}),
    "property": (DocumentType.PROPERTY_PROOF, {}),
    "address": (DocumentType.ADDRESS_PROOF, {"issued_on": -10}),
}


def in_days(days):
    """A day of Cayenne, so many days from today."""
    return today() + datetime.timedelta(days=days)


def address(view, *args):
    """One of the addresses of documents."""
    return url(VerificationDocument, view, *args)


def fresh(row):
    """The row as it is in the database."""
    return type(row).objects.get(pk=row.pk)


def words(response):
    """What a page says, in plain words."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text).replace("&#x27;", "'").replace("\xa0", " "))


@pytest.fixture
def asked(db):
    """What landlords and drivers have to prove."""
    make.requirements()


@pytest.fixture
def landlord(asked):
    return make.user(Role.LANDLORD, first_name="Paul", last_name="Yang")


@pytest.fixture
def sent(landlord):
    """`sent()`: an identity card that the landlord sent, its file where files are kept."""

    def send(need="identity", *, owner=None, content=None, name="piece.pdf", **fields):
        kind, dates = NEEDS[need]
        owner = owner or landlord
        return submit_document(
            actor=owner,
            owner=owner,
            document_type=kind,
            upload=papers.sent(content or papers.text_pdf(f"{owner.pk} {need}"), name),
            name=name,
            **({field: in_days(days) for field, days in dates.items()} | fields),
        )

    return send


@pytest.fixture
def client(client_for, verifier):
    return client_for(verifier)
