"""Answers about schools that are not rows of schools."""

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from pratik.accounts.reports import EXPECTED_OF_ORGANISATIONS
from pratik.core.calendar import CAYENNE

from .enums import EnrolmentState
from .models import SchoolProfile, StudentEnrolment, TrainingCenterProfile

# The acts by which somebody says no to an enrolment. A school that refused may think again, and a year that
# is over says nothing about the next one.
NOES = ("decline", "end")

# What a reader of the profile looks for, beside what the platform fills in itself.
EXPECTED = {
    SchoolProfile: ("number_of_students", *EXPECTED_OF_ORGANISATIONS),
    TrainingCenterProfile: ("specialities", "activity_declaration_number", *EXPECTED_OF_ORGANISATIONS),
}


def closed_enrolments(school, emails):
    """When and how the last enrolment of each of these addresses was declined or ended, with this school:
    {address: (day in Cayenne, whether the person declined it)}; one query.
    """
    lines = StudentEnrolment.history.filter(id=OuterRef("pk"), operation__verb__in=("refuse", "lapse", *NOES))
    rows = StudentEnrolment.objects.filter(
        school=school, email__in=emails, state__in=(EnrolmentState.REFUSED, EnrolmentState.ENDED)
    ).annotate(
        closed_at=Coalesce("ended_at", "decided_at"),
        closed_by=Subquery(lines.order_by("-history_id").values("operation__verb")[:1]),
    )
    closed = rows.filter(closed_by__in=NOES).order_by("closed_at")
    return {
        email: (localdate(moment, CAYENNE), verb == "decline")
        for email, moment, verb in closed.values_list("email", "closed_at", "closed_by")
    }
