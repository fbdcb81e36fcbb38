"""Readers, what they are told, and a mail server that does as a test says."""

import datetime
import smtplib

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft
from tests import factories as make


@pytest.fixture
def reader(db):
    return make.user(Role.COMPANY, first_name="Joël", last_name="Tjon")


def draft(recipient, about="1", **fields):
    values = {
        "recipient": recipient,
        "kind": NoticeKind.CALENDAR_PUBLISHED,
        "about": about,
        "subject": f"Stages à venir\u00a0: filière {about}",
        "body": f"Douze élèves de la filière {about} seront en stage.",
        "path": f"/calendriers/{about}/",
    }
    return Draft(**values | fields)


class Server(EmailBackend):
    """A mail server that answers e-mails to some addresses with an error, or that does not listen at all."""

    answers: dict = {}
    is_down = False

    def open(self):
        if self.is_down:
            raise ConnectionRefusedError("nobody listens")
        return super().open()

    def send_messages(self, messages):
        for message in messages:
            for address in message.to:
                if address in self.answers:
                    raise self.answers[address]
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    """The mail server: `answers` maps addresses to errors, `is_down` closes it."""
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    monkeypatch.setattr(Server, "answers", {})
    monkeypatch.setattr(Server, "is_down", False)
    return Server


@pytest.fixture
def refusing(server):
    """`refusing(user, …)`: from now on the server refuses e-mails to these people, and to nobody else."""

    def refuse(*people):
        server.answers = {
            person.email: smtplib.SMTPRecipientsRefused({person.email: (550, b"unknown")})
            for person in people
        }

    return refuse


class Clock:
    """The moment it is; moved by hand."""

    def __init__(self):
        self.moment = timezone.now()

    def __call__(self):
        return self.moment

    def forward(self, **time):
        self.moment += datetime.timedelta(**time)


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr("django.utils.timezone.now", found)
    return found
