"""A company that follows a student, and what each is told."""

import datetime

import pytest
from django.db import models

from pratik.accounts.models import StudentProfile, User
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import save_row
from pratik.core.writes import set_columns, update_rows
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from tests import factories as make
from tests.kit.queue import run_queue

ADULT = datetime.date(2004, 5, 6)


@pytest.fixture(autouse=True)
def law(db):
    """The age from which one consents alone."""
    return make.consent_age()


@pytest.fixture
def student(db):
    """A student in the second year of a BTS, who is old enough to agree alone."""
    return make.student(
        user=make.user("student", first_name="Awa", last_name="Mango"),
        level=5,
        diploma="BTS",
        year_in_cycle=1,
        domain="Commerce",
        born_on=ADULT,
    )


@pytest.fixture
def company(db):
    return make.company(name="Menuiserie du Larivot")


@pytest.fixture
def member(company):
    """Somebody of the company."""
    return make.company_user(company)


@pytest.fixture
def follow(company, member, student):
    """The company follows the student, who agreed an hour ago."""
    return make.follow(company=company, student=student, state="active")


@pytest.fixture
def told(db):
    """`told(person)`: runs the queue, then gives (subject, text) of every notice of a change."""

    def of(person, kind=NoticeKind.PROFILE_CHANGED):
        run_queue()
        rows = Notice.objects.filter(recipient=person, kind=kind).order_by("pk")
        return [(row.subject, row.body) for row in rows]

    return of


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def by_form(actor, profile, **values):
    """One person types something else into a profile and saves. Returns the operation."""
    row = fresh(profile)
    for name, value in values.items():
        setattr(row, name, value)
    save_row(actor=actor, row=row)
    return row.history.first().operation


def by_file(actor, profiles, **values):
    """A file changes several profiles at once. Returns the operation."""
    with operation(kind=OperationKind.IMPORT, actor=actor, subject=StudentProfile) as running:
        rows = [fresh(profile) for profile in profiles]
        for row in rows:
            for name, value in values.items():
                setattr(row, name, value)
        update_rows(rows, list(values))
    return running.written


def in_bulk(actor, profiles, **values):
    """A bulk action gives several profiles the same values. Returns the operation."""
    with operation(kind=OperationKind.EDIT, actor=actor, subject=StudentProfile) as running:
        set_columns(StudentProfile, [profile.pk for profile in profiles], **values)
    return running.written


def close_account(user):
    models.QuerySet(User).filter(pk=user.pk).update(is_active=False)
