from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role, role_of
from pratik.accounts.querysets import OrganisationQuerySet
from pratik.core.querysets import ScopedQuerySet


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
