from django.db import models
from django.db.models import Case, Exists, F, Max, OuterRef, Q, Subquery, When

from pratik.accounts.enums import STAFF_ROLES, Role, role_of
from pratik.core.querysets import ScopedQuerySet
from pratik.partners.models import CompanyProfile

from .enums import LIVE_STATES, ChangeKind, FollowState


class FollowQuerySet(ScopedQuerySet):
    """Which company follows which student, and how far the student agreed."""

    def visible_to(self, user):
        """Staff see every follow; a student all about them; a company its own, until they are over."""
        role = role_of(user)
        return self if role in STAFF_ROLES else self.editable_by(user)

    def editable_by(self, user):
        """The student and the company it concerns, each by their own verbs; of the team, nobody."""
        match role_of(user):
            case Role.STUDENT:
                return self.filter(student__user=user.pk)
            case Role.COMPANY:
                own = CompanyProfile.objects.of_member(user)
                return self.exclude(state=FollowState.ENDED).filter(company__in=own.values("pk"))
            case _:
                return self.none()

    def with_names(self):
        """With the company and the person, in one query."""
        return self.select_related("company", "student__user")

    def active(self):
        """Those that the student agreed to, and still does."""
        return self.filter(state=FollowState.ACTIVE)

    def live(self):
        """Those that wait for an answer or are going on."""
        return self.filter(state__in=LIVE_STATES)

    def waiting(self):
        """Those that wait for the student's answer."""
        return self.filter(state=FollowState.REQUESTED)

    def with_sight(self):
        """With what the company sees of each student (`seen_level`, `seen_domain`, `seen_status`; NULL for
        what it does not) and when that last changed since the agreement (`last_change_at`).

        Lists are filtered and sorted by these, so that nothing hidden is told by the order of the rows.
        """
        seen = {
            f"seen_{kind}": Case(
                When(**{"state": FollowState.ACTIVE, f"shows_{kind}": True, "then": F(f"student__{kind}")})
            )
            for kind in ChangeKind.values
        }
        changes = self.model._meta.get_field("student").related_model._meta.get_field("profile_changes")
        shown = changes.related_model.objects.filter(
            student=OuterRef("student"), at__gte=OuterRef("agreed_at")
        ).annotate(is_shown=_shown_of(OuterRef))
        last = shown.filter(is_shown=True).order_by().values("student").annotate(last=Max("at"))
        return self.annotate(
            **seen,
            last_change_at=Case(When(state=FollowState.ACTIVE, then=Subquery(last.values("last")))),
        )


def _shown_of(reference):
    """Whether the kind of a change is one that a follow shows; `reference` leads to the follow."""
    return Case(
        *(When(field=kind, then=reference(f"shows_{kind}")) for kind in ChangeKind.values),
        output_field=models.BooleanField(),
    )


class ProfileChangeQuerySet(models.QuerySet):
    """What changed in the profiles of students whom somebody follows."""

    def visible_to(self, user):
        """Staff see every change; students their own; a company those that its follows show, made since each
        was agreed to.
        """
        role = role_of(user)
        if role in STAFF_ROLES:
            return self
        if role == Role.STUDENT:
            return self.filter(student__user=user.pk)
        if role != Role.COMPANY:
            return self.none()
        follows = self.model._meta.get_field("student").related_model._meta.get_field("follows").related_model
        agreed = follows.objects.editable_by(user).active()
        agreed = agreed.filter(student=OuterRef("student"), agreed_at__lte=OuterRef("at"))
        shown = Q()
        for kind in ChangeKind.values:
            shown |= Q(field=kind) & Q(Exists(agreed.filter(**{f"shows_{kind}": True})))
        return self.filter(shown)

    def editable_by(self, user):
        """What happened is not changed."""
        return self.none()

    def shown_by(self, follow):
        """The changes that one follow shows to its company, the latest first; none unless it is active."""
        if follow.state != FollowState.ACTIVE:
            return self.none()
        rows = self.filter(student=follow.student_id, at__gte=follow.agreed_at, field__in=follow.shown_kinds)
        return rows.order_by("-at", "-pk")


class DispatchQuerySet(models.QuerySet):
    """What followers have still to be told, one row for each operation."""

    def visible_to(self, user):
        """How far the telling is concerns who looks after the platform."""
        return self if user.is_authenticated and user.is_administrator else self.none()

    def editable_by(self, user):
        """Telling goes on by itself."""
        return self.none()

    def unfinished(self):
        """Those of which somebody may still have to be told, the oldest first."""
        return self.filter(finished_at=None).order_by("pk")
