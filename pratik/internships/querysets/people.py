from django.db.models import Exists, OuterRef, Q

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role, role_of
from pratik.core.querysets import ScopedQuerySet
from pratik.schools.querysets import OfSchoolQuerySet


class HostTutorQuerySet(ScopedQuerySet):
    """People of a host who look after its interns."""

    def active(self):
        """Tutors who may be given an intern."""
        return self.filter(is_active=True)

    def visible_to(self, user):
        """Staff see all; a company its own; a school those whom it entered or who look after its students."""
        role = role_of(user)
        if role in STAFF_ROLES:
            return self
        if role == Role.COMPANY:
            return self._of_companies_of(user)
        if role == Role.SCHOOL:
            ours = self._placements().of_schools_of(user).filter(tutor=OuterRef("pk")).order_by()
            return self.filter(Exists(ours) | self._entered_by_schools_of(user))
        return self.none()

    def editable_by(self, user):
        """Administrators and editors change all; a company its own; a school those whom it entered."""
        role = role_of(user)
        if role in KEEPERS:
            return self
        if role == Role.COMPANY:
            return self._of_companies_of(user)
        return self.filter(self._entered_by_schools_of(user)) if role == Role.SCHOOL else self.none()

    def _of_companies_of(self, user):
        return self.filter(company__memberships__user_id=user.pk, company__memberships__is_active=True)

    def _entered_by_schools_of(self, user):
        schools = self.model._meta.get_field("entered_by").related_model.objects.of_member(user)
        return Q(entered_by__in=schools.order_by().values("pk"))

    def _placements(self):
        return self.model._meta.get_field("placements").related_model.objects


class ReferentTeacherQuerySet(OfSchoolQuerySet):
    """Teachers who follow the interns of their school."""

    def active(self):
        """Teachers who may be given an intern."""
        return self.filter(is_active=True)

    def visible_to(self, user):
        """Staff see all; a school its own; a company those who follow the interns that it has agreed to."""
        if role_of(user) != Role.COMPANY:
            return super().visible_to(user)
        placements = self.model._meta.get_field("placements").related_model.objects
        return self.filter(Exists(placements.of_companies_of(user).filter(teacher=OuterRef("pk")).order_by()))
