"""Landlords, drivers and students, and what they were told."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from tests import factories as make
from tests.kit.queue import run_queue

DAY = datetime.timedelta(days=1)
# What verification itself says of a badge.
OF_BADGES = (NoticeKind.BADGE_GIVEN, NoticeKind.BADGE_WITHDRAWN)


@pytest.fixture
def landlord(db):
    """A landlord who has the badge."""
    return make.verified(Role.LANDLORD)


@pytest.fixture
def driver(db):
    """A driver who has the badge."""
    return make.verified(Role.DRIVER)


@pytest.fixture
def student(db):
    return make.user(Role.STUDENT)


@pytest.fixture
def told(db):
    """`told(person)`: runs the queue, then gives the subjects of what they were told since the last time."""

    def subjects(person):
        run_queue()
        rows = (
            Notice.objects.filter(recipient=person, read_at=None).exclude(kind__in=OF_BADGES).order_by("pk")
        )
        found = [row.subject for row in rows]
        Notice.objects.filter(recipient=person).update(read_at=timezone.now())
        return found

    return subjects


@pytest.fixture
def it_is(monkeypatch):
    """`it_is(2026, 12, 1, 0, 0)`: from now on it is this moment in Cayenne."""

    def at(*moment):
        instant = datetime.datetime(*moment, tzinfo=ZoneInfo("America/Cayenne")).astimezone(datetime.UTC)
        monkeypatch.setattr(timezone, "now", lambda: instant)

    return at


def soon(days=7):
    """A day that comes."""
    return today() + DAY * days


def next_weekday(number):
    """The next day, from tomorrow on, that is this day of the week (1 is Monday)."""
    return next(day for day in (soon(ahead) for ahead in range(1, 8)) if day.isoweekday() == number)


def nbsp(text):
    """The text with the spaces that French typography puts around its signs."""
    text = text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    return text.replace(" :", "\u00a0:").replace(" ;", "\u00a0;").replace(" €", "\u00a0€")
