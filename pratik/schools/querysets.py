from django.db.models import Q

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role, role_of
from pratik.accounts.querysets import OrganisationQuerySet
from pratik.core.querysets import ScopedQuerySet

from .enums import LIVE_ENROLMENTS, EnrolmentState


class SchoolQuerySet(OrganisationQuerySet):
    def public(self):
        """Schools that visitors may see."""
        return self.filter(is_visible=True)


class OfSchoolQuerySet(ScopedQuerySet):
    """Rows that belong to a school, and that its members look after."""

    def of_schools_of(self, user):
        """Rows of the schools that this account is an active member of."""
        return self.filter(school__memberships__user_id=user.pk, school__memberships__is_active=True)

    def visible_to(self, user):
        """Staff see all; members those of their schools; nobody else any."""
        role = role_of(user)
        if role in STAFF_ROLES:
            return self
        return self.of_schools_of(user) if role == Role.SCHOOL else self.none()

    def editable_by(self, user):
        """Administrators and editors change all; members those of their schools."""
        role = role_of(user)
        if role in KEEPERS:
            return self
        return self.of_schools_of(user) if role == Role.SCHOOL else self.none()


class ProgramManagerQuerySet(OfSchoolQuerySet):
    def active(self):
        """Managers who may be named as a calendar's contact."""
        return self.filter(is_active=True)


class StudentEnrolmentQuerySet(OfSchoolQuerySet):
    """Which student belongs to which school, and whether both said so."""

    def visible_to(self, user):
        """Staff see all; a school its own; students theirs, and what a school proposes to their address."""
        return self._of(user) if role_of(user) == Role.STUDENT else super().visible_to(user).with_names()

    def editable_by(self, user):
        """Administrators and editors change all; a school its own; students answer for themselves."""
        return self._of(user) if role_of(user) == Role.STUDENT else super().editable_by(user).with_names()

    def _of(self, user):
        proposed = Q(student=None, state=EnrolmentState.PROPOSED, email=user.email)
        return self.filter(Q(student__user_id=user.pk) | proposed).with_names()

    def with_names(self):
        """With the student and the school, in one query."""
        return self.select_related("student__user", "school")

    def active(self):
        """Enrolments that both have confirmed: they alone let the school see the student."""
        return self.filter(state=EnrolmentState.ACTIVE)

    def live(self):
        """Enrolments that hold, or that somebody may still confirm."""
        return self.filter(state__in=LIVE_ENROLMENTS)

    def awaiting(self, user):
        """What this person has to confirm or refuse: proposals to a student, declarations to a school."""
        match role_of(user):
            case Role.STUDENT:
                return self._of(user).filter(state=EnrolmentState.PROPOSED)
            case Role.SCHOOL:
                return self.of_schools_of(user).filter(state=EnrolmentState.DECLARED)
            case _:
                return self.none()

    def over(self, school_year):
        """Live enrolments of school years before this one."""
        return self.live().filter(school_year__lt=school_year)
