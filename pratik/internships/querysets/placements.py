from django.db.models import OuterRef, Q, Subquery

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role, role_of
from pratik.core.querysets import ScopedQuerySet
from pratik.core.text import fold
from pratik.papers.enums import PaperKind

from ..enums import AGREED_STATES, BEFORE_SIGNATURE, BEFORE_START, HOSTED_STATES, PaperState, PlacementState


class PlacementQuerySet(ScopedQuerySet):
    """Internships that somebody does somewhere, from their draft to their end."""

    def of_companies_of(self, user):
        """Placements at the companies that this account is an active member of."""
        return self.filter(company__memberships__user_id=user.pk, company__memberships__is_active=True)

    def of_schools_of(self, user):
        """Placements of the schools that this account is an active member of."""
        return self.filter(school__memberships__user_id=user.pk, school__memberships__is_active=True)

    def visible_to(self, user):
        """Staff see every placement; a host and a school theirs; a student their own; nobody else any."""
        match role_of(user):
            case role if role in STAFF_ROLES:
                return self
            case Role.COMPANY:
                return self.of_companies_of(user)
            case Role.SCHOOL:
                return self.of_schools_of(user)
            case Role.STUDENT:
                return self.filter(student__user_id=user.pk)
            case _:
                return self.none()

    def editable_by(self, user):
        """Administrators and editors change all; a host and a school theirs."""
        role = role_of(user)
        if role in KEEPERS:
            return self.with_names()
        if role == Role.COMPANY:
            return self.of_companies_of(user).with_names()
        return self.of_schools_of(user).with_names() if role == Role.SCHOOL else self.none()

    def with_names(self):
        """With what a placement's name and its papers need of others, in one query."""
        return self.select_related(
            "student__user",
            "company__commune",
            "company__activity",
            "school__commune",
            "tutor",
            "teacher",
            "enrolment",
        )

    def agreed(self):
        """The host said yes and nobody has called the placement off: what counts against its quota."""
        return self.filter(state__in=AGREED_STATES)

    def hosted(self):
        """The intern came: what a company may recommend somebody for."""
        return self.filter(state__in=HOSTED_STATES)

    def not_cancelled(self):
        """Placements that take place, or may still."""
        return self.exclude(state=PlacementState.CANCELLED)

    def not_over(self):
        """Placements that are prepared, to come or under way."""
        return self.filter(state__in=BEFORE_START | {PlacementState.RUNNING})

    def touching(self, start, end):
        """Placements that share at least one day with this stretch of days."""
        return self.filter(start_on__lte=end).filter(
            Q(ended_on=None, end_on__gte=start) | Q(ended_on__gte=start)
        )

    def to_start(self, today):
        """Signed placements whose first day is there."""
        return self.filter(state=PlacementState.SIGNED, start_on__lte=today)

    def to_complete(self, today):
        """Placements under way whose last day has passed."""
        return self.filter(state=PlacementState.RUNNING, end_on__lt=today)

    def without_school(self):
        """Placements that wait for a school to prepare them with."""
        return self.filter(school=None, state__in=(PlacementState.DRAFTED, PlacementState.HOST_AGREED))

    def to_lapse(self, day):
        """Placements that were over by this day and that nobody had signed."""
        return self.filter(state__in=BEFORE_SIGNATURE, end_on__lte=day)

    def awaiting_host(self):
        """What the host has not agreed to yet."""
        return self.filter(state=PlacementState.DRAFTED)

    def awaiting_school(self):
        """What the host agreed to and the school has not."""
        return self.filter(state=PlacementState.HOST_AGREED)

    def to_sign(self):
        """What both agreed to and nobody has signed."""
        return self.filter(state=PlacementState.SCHOOL_AGREED)

    def without_certificate(self):
        """Placements that are over and whose intern has no certificate yet."""
        papers = self.model._meta.get_field("papers").related_model.objects
        made = papers.filter(placement=OuterRef("pk"), kind=PaperKind.CERTIFICATE).exclude(
            state=PaperState.VOID
        )
        return (
            self.filter(state__in=(PlacementState.COMPLETED, PlacementState.INTERRUPTED))
            .alias(certificate=Subquery(made.order_by().values("pk")[:1]))
            .filter(certificate=None)
        )

    def matching(self, *, words=""):
        """Placements of a student, a host or a school, or on a post."""
        rows = self
        for word in fold(words).split():
            rows = rows.filter(
                Q(search_text__contains=word)
                | Q(student__user__name_text__contains=word)
                | Q(company__sort_name__contains=word)
                | Q(school__sort_name__contains=word)
            )
        return rows


class OfPlacementQuerySet(ScopedQuerySet):
    """Rows that hang on a placement: whoever sees or changes it sees or changes them."""

    def visible_to(self, user):
        """Whoever sees the placement."""
        return self.filter(placement__in=self._placements().visible_to(user).order_by().values("pk"))

    def editable_by(self, user):
        """Whoever changes the placement."""
        return self.filter(placement__in=self._placements().editable_by(user).order_by().values("pk"))

    def _placements(self):
        return self.model._meta.get_field("placement").related_model.objects


class PlacementBreakQuerySet(OfPlacementQuerySet):
    """Days on which an intern is away by agreement."""


class RuleOverrideQuerySet(OfPlacementQuerySet):
    """Rules of law that somebody set aside for one placement, and why."""

    def standing(self):
        """Those that still count: what they were given for has not changed since."""
        return self.filter(ended_at=None)

    def editable_by(self, user):
        """Schools and those who keep the platform's data; never the host, whom the rules bind."""
        return self.none() if role_of(user) == Role.COMPANY else super().editable_by(user)
