"""People who come in by the site's own pages, a clock that the test turns, and what the journal heard."""

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client

from pratik.accounts.enums import Role
from pratik.security.models import AccessEvent
from tests import factories as make

PASSWORD = "carbet-du-matin-2026"
OTHER_PASSWORD = "pirogue-et-saut-2027"


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test inherits the attempts that another one counted."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def account(db):
    """`account(role)`: somebody who has a password."""

    def with_password(role=Role.SCHOOL, **fields):
        return make.user(role, password=make_password(PASSWORD), **fields)

    return with_password


@pytest.fixture
def person(account):
    return account()


class Phone:
    """An authenticator app."""

    def __init__(self, user):
        self.secret = generate_totp_secret()
        TOTP.activate(user, self.secret)

    def code(self, steps=0):
        """The code shown now, or so many steps of 30 seconds later."""
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30 + steps))


@pytest.fixture
def phone(person, rf_context):
    return Phone(person)


@pytest.fixture
def recovery_codes(person, phone):
    return RecoveryCodes.activate(person).generate_codes()


@pytest.fixture
def rf_context(rf):
    """The library looks for the request that is under way."""
    from allauth.core import context

    with context.request_context(rf.get("/")):
        yield


@pytest.fixture
def clock(monkeypatch):
    """`clock(seconds)`: so much later."""
    shift = [0]
    real = time.time

    def later(seconds):
        shift[0] += seconds

    monkeypatch.setattr(time, "time", lambda: real() + shift[0])
    return later


class Journal:
    """The lines about coming in, oldest first, as (kind, actor, detail)."""

    OTHER = ("account_opened", "account_closed", "role_changed")

    def __iter__(self):
        events = AccessEvent.objects.exclude(kind__in=self.OTHER)
        for event in events.order_by("pk").select_related("actor"):
            yield event.kind, event.actor, event.detail

    @property
    def kinds(self):
        return [kind for kind, _actor, _detail in self]


@pytest.fixture
def journal(db):
    return Journal()


@pytest.fixture
def visitor():
    """A browser from some address."""

    def from_address(address="192.0.2.1", agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"):
        return Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent, HTTP_ACCEPT_LANGUAGE="fr")

    return from_address


def sign_in(client, user, password=PASSWORD, **fields):
    """Fills in the page; `user` is an account or a typed address."""
    email = user if isinstance(user, str) else user.email
    return client.post("/connexion/", {"login": email, "password": password, **fields})


def is_in(client):
    """Whether the browser has a session that opens the pages of an account."""
    return client.get("/compte/sessions/").status_code == 200


def text_of(response):
    return response.content.decode()
