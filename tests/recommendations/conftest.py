"""A company, a student whom it hosted, and what they were told."""

import datetime

import pytest
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.internships.enums import PlacementState
from pratik.notifications.models import Notice
from tests import factories as make
from tests.kit.queue import run_queue


def born(years, days=0):
    """The birthday of somebody who is so many years old, and so many days older."""
    day = today()
    try:
        return day.replace(year=day.year - years) - datetime.timedelta(days=days)
    except ValueError:
        return day.replace(year=day.year - years, day=28) - datetime.timedelta(days=days)


@pytest.fixture(autouse=True)
def consent_age(db):
    """The law's number, as the reference rows say it."""
    make.consent_age()


@pytest.fixture
def company(db):
    return make.company(partner=True, name="Menuiserie du Rorota")


@pytest.fixture
def member(company):
    """Somebody of the company."""
    return make.company_user(company, first_name="Aïcha", last_name="Nguyen")


@pytest.fixture
def student(db):
    """A student of 19, with ways to be reached that nobody is to read."""
    account = make.user(
        Role.STUDENT,
        first_name="Maëlys",
        last_name="Apatou",
        email="maelys.apatou@example.org",
        phone="+594694123456",
    )
    return make.student(user=account, born_on=born(19), level=5, diploma="BTS", domain="Agencement")


@pytest.fixture
def placement(company, student):
    """An internship that is over."""
    return make.placement(
        company=company, student=student, state=PlacementState.COMPLETED, post="Aide-menuisière"
    )


@pytest.fixture
def told(db):
    """`told(person)`: runs the queue, then gives the subjects of what they were told since the last time."""

    def subjects(person):
        run_queue()
        rows = Notice.objects.filter(recipient=person, read_at=None).order_by("pk")
        found = [row.subject for row in rows]
        Notice.objects.filter(recipient=person).update(read_at=timezone.now())
        return found

    return subjects
