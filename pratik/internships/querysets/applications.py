from django.db.models import Exists, OuterRef, Q

from pratik.accounts.enums import STAFF_ROLES, Role, role_of
from pratik.core.querysets import ScopedQuerySet
from pratik.core.text import fold
from pratik.schools.models import StudentEnrolment

from ..enums import (
    LIVE_APPLICATIONS,
    OPEN_APPLICATIONS,
    UNDECIDED_APPLICATIONS,
    UNSUCCESSFUL_APPLICATIONS,
    ApplicationState,
)


class ApplicationQuerySet(ScopedQuerySet):
    def live(self):
        """Applications that may still lead somewhere, and those that led to a place."""
        return self.filter(state__in=LIVE_APPLICATIONS)

    def open(self):
        """Applications that the company has still to answer for good."""
        return self.filter(state__in=OPEN_APPLICATIONS)

    def undecided(self):
        """Applications that the company has still to answer, or the student to maintain."""
        return self.filter(state__in=UNDECIDED_APPLICATIONS)

    def accepted(self):
        """Applications of students who have a place."""
        return self.filter(state=ApplicationState.ACCEPTED)

    def visible_to(self, user):
        """Staff see every application; a company's members those for its offers; a student their own; a
        school's members those of the students whose enrolment it confirmed, for that school year; nobody
        else any.
        """
        match role_of(user):
            case role if role in STAFF_ROLES:
                return self
            case Role.COMPANY:
                return self._to_companies_of(user)
            case Role.STUDENT:
                return self.filter(student__user_id=user.pk)
            case Role.SCHOOL:
                confirmed = StudentEnrolment.objects.active().of_schools_of(user)
                return self.filter(
                    Exists(
                        confirmed.filter(
                            student=OuterRef("student"), school_year=OuterRef("offer__school_year")
                        ).order_by()
                    )
                )
            case _:
                return self.none()

    def editable_by(self, user):
        """A company's members answer the applications for its offers; a student withdraws their own."""
        match role_of(user):
            case Role.COMPANY:
                return self._to_companies_of(user).with_names()
            case Role.STUDENT:
                return self.filter(student__user_id=user.pk).with_names()
            case _:
                return self.none()

    def _to_companies_of(self, user):
        return self.filter(
            offer__company__memberships__user_id=user.pk, offer__company__memberships__is_active=True
        )

    def with_names(self):
        """With the offer, its company, and the student's account, in one query."""
        return self.select_related("offer__company", "offer__commune", "student__user")

    def too_late(self, day):
        """Applications without an answer for an internship that should have started on this day or before,
        whatever became of the offer: taken back to be changed, it may never have come out again.
        """
        return self.undecided().filter(offer__start_on__lte=day)

    def unsuccessful_until(self, moment):
        """Applications that led nowhere, decided before this moment."""
        return self.filter(state__in=UNSUCCESSFUL_APPLICATIONS, decided_at__lt=moment)

    def matching(self, *, words=""):
        """Applications whose student, offer or company is named by all these words."""
        rows = self
        for word in fold(words).split():
            rows = rows.filter(
                Q(student__user__name_text__contains=word)
                | Q(offer__search_text__contains=word)
                | Q(offer__company__sort_name__contains=word)
            )
        return rows
