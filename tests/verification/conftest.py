"""What is asked of landlords and drivers as PRATIK is installed, and documents as they are sent."""

import datetime

import pytest
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import CAYENNE, today
from pratik.verification.enums import DocumentType
from pratik.verification.models import VerificationDocument
from pratik.verification.services import approve_documents, submit_document
from tests import documents as papers
from tests import factories as make

LANDLORDS = (DocumentType.ID_CARD, DocumentType.PROPERTY_PROOF, DocumentType.ADDRESS_PROOF)


@pytest.fixture
def asked(db):
    """What landlords and drivers have to prove."""
    make.requirements()


@pytest.fixture
def landlord(asked):
    return make.user(Role.LANDLORD, first_name="Paul", last_name="Yang")


@pytest.fixture
def clock(monkeypatch):
    """`clock(2027, 3, 4, 8)`: it is this moment in Cayenne."""

    def at(*moment):
        now = datetime.datetime(*moment, tzinfo=CAYENNE)
        monkeypatch.setattr(timezone, "now", lambda: now)
        return now

    return at


def in_days(days):
    """A day of Cayenne, so many days from today."""
    return today() + datetime.timedelta(days=days)


def send(owner, document_type=DocumentType.ID_CARD, *, actor=None, content=None, **fields):
    """A document that somebody sends: a good PDF, with the dates that are asked for unless said otherwise."""
    dates = {
        DocumentType.ADDRESS_PROOF: {"issued_on": in_days(-10)},
        DocumentType.PROPERTY_PROOF: {},
        DocumentType.VEHICLE_REGISTRATION: {},
    }.get(document_type, {"expires_on": in_days(400)})
    upload = papers.sent(content or papers.text_pdf(f"{owner.pk}"), "piece.pdf")
    values = {"upload": upload, "name": "piece.pdf", "document_type": document_type} | dates
    return submit_document(actor=actor or owner, owner=owner, **values | fields)


def complete_rows(owner, expires_on=None, **fields):
    """All that a landlord has to prove, written as it waits for its review."""
    return [
        make.document_row(
            owner=owner, document_type=kind, expires_on=expires_on, issued_on=in_days(-10), **fields
        )
        for kind in LANDLORDS
    ]


def complete(owner, reviewer, expires_on=None):
    """A landlord whose documents were all accepted just now. Returns the documents."""
    rows = make.saved(*complete_rows(owner, expires_on or in_days(200)))
    approve_documents(actor=reviewer, pks=[row.pk for row in rows])
    return [fresh(row) for row in rows]


def fresh(row):
    """The row as it is in the database."""
    return type(row).objects.get(pk=row.pk)


def has_badge(owner):
    return User.objects.get(pk=owner.pk).is_verified


def states(rows):
    """The states of these documents as they are in the database."""
    found = dict(
        VerificationDocument.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "state")
    )
    return [found[row.pk] for row in rows]
