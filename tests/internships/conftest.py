"""A company, its offer, students, and what they were told."""

import datetime

import pytest
from django.db import models
from django.utils import timezone

from pratik.core.calendar import CAYENNE, today
from pratik.internships import services
from pratik.internships.enums import PlacementState
from pratik.internships.models import PlacementPaper
from pratik.notifications.enums import TOPIC_OF, NoticeKind, Topic
from pratik.notifications.models import Notice
from pratik.reference.school_years import school_year_of
from pratik.schools.enums import EnrolmentState
from pratik.schools.models import StudentEnrolment
from tests import factories as make
from tests.kit.queue import run_queue

DAY = datetime.timedelta(days=1)
OF_PAPERS = [NoticeKind.PLACEMENT_PAPER, NoticeKind.PLACEMENT_TO_DO]
# What follows from an acceptance is told by the placements.
OF_OFFERS = [kind for kind, topic in TOPIC_OF.items() if topic == Topic.OFFERS]


@pytest.fixture
def law(db):
    """The numbers of the law as PRATIK is installed."""
    make.legal_parameters()


@pytest.fixture
def host(db):
    """A company that looks for interns."""
    return make.company(name="Scierie du Maroni")


@pytest.fixture
def recruiter(host):
    """Somebody of that company."""
    return make.company_user(host)


@pytest.fixture
def student(db):
    return make.student()


@pytest.fixture
def told(db):
    """`told(person)`: runs the queue, then gives what they were told since of offers: (subject, body)."""

    def said(person):
        run_queue()
        rows = Notice.objects.filter(recipient=person, read_at=None, kind__in=OF_OFFERS).order_by("pk")
        found = [(row.subject, row.body) for row in rows]
        Notice.objects.filter(recipient=person).update(read_at=timezone.now())
        return found

    return said


@pytest.fixture
def it_is(monkeypatch):
    """`it_is(2026, 12, 1, 0, 0)`: from now on it is this moment in Cayenne."""

    def at(*moment):
        instant = datetime.datetime(*moment, tzinfo=CAYENNE).astimezone(datetime.UTC)
        monkeypatch.setattr(timezone, "now", lambda: instant)
        return instant

    return at


def soon(days=7):
    """A day that comes."""
    return today() + DAY * days


def enrol(student, school, state=EnrolmentState.ACTIVE, year=None):
    """A student belongs to a school this year, or in the school year of an internship."""
    row = StudentEnrolment(
        student=student,
        email=student.user.email,
        school=school,
        program_name="Bac pro menuisier",
        school_year=year or school_year_of(today()),
        state=state,
    )
    return make.saved(row)[0]


def state(row):
    """Where a row stands now."""
    return type(row).objects.get(pk=row.pk).state


def nbsp(text):
    """The text with the spaces that French typography puts around its signs."""
    text = text.replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    return text.replace(" :", "\u00a0:").replace(" ;", "\u00a0;")


@pytest.fixture
def papers(law):
    """The papers as PRATIK is installed."""
    make.paper_templates()


@pytest.fixture
def school(db):
    return make.school(name="Lycée Lama-Prévot")


@pytest.fixture
def teacher(school):
    return make.school_user(school)


@pytest.fixture
def told_of_papers(db):
    """`told_of_papers(person)`: runs the queue, then gives what they were told of papers: (subject, body)."""

    def said(person):
        run_queue()
        rows = Notice.objects.filter(recipient=person, kind__in=OF_PAPERS).order_by("pk")
        return [(row.subject, row.body) for row in rows]

    return said


def agreement(teacher, placement):
    outcome = services.make_agreements(actor=teacher, pks=[placement.pk])
    assert not outcome.refused, outcome.refused
    return outcome.changed[0]


def signed(host, school, teacher, **fields):
    """A placement whose agreement is made and signed."""
    row = make.placement(company=host, school=school, state=PlacementState.SCHOOL_AGREED, **fields)
    paper = agreement(teacher, row)
    day = min(today(), row.start_on)
    made_at = datetime.datetime.combine(day, datetime.time(), CAYENNE)
    models.QuerySet(PlacementPaper).filter(pk=paper.pk).update(made_at=made_at)
    services.sign_placements(actor=teacher, pks=[row.pk], signed_on=day)
    row.refresh_from_db()
    assert row.state == PlacementState.SIGNED
    return row
