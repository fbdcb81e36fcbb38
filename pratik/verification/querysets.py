from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from pratik.accounts.enums import Role, role_of
from pratik.accounts.workflow import CHECKERS
from pratik.core.querysets import ScopedQuerySet

from .enums import DocumentState


class RequirementQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Staff see every requirement; others what is asked of accounts like theirs."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.active().filter(account_type=user.account_type)

    def editable_by(self, user):
        """Administrators decide what is asked of whom."""
        return self if role_of(user) == Role.ADMINISTRATOR else self.none()

    def active(self):
        """What is asked today."""
        return self.filter(is_active=True)


class DocumentQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Staff see every document; others their own."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(owner=user)

    def editable_by(self, user):
        """Those who check documents decide on them; a person sends a new version rather than change one."""
        return self if role_of(user) in CHECKERS else self.none()

    def current(self):
        """The latest version of each document."""
        return self.filter(is_current=True)

    def awaiting_review(self):
        """The documents that somebody has to look at, those that wait longest first."""
        return (
            self.current()
            .filter(state=DocumentState.PENDING, owner__is_active=True)
            .order_by("submitted_at", "pk")
        )

    def open_to(self, reviewer, now):
        """The documents that this person may take now: nobody else holds them, they are not their own, and
        the first of two opinions is not theirs.
        """
        held = Q(claim__until__gt=now) & ~Q(claim__reviewer=reviewer)
        return self.without_first_opinion_of(reviewer).exclude(held).exclude(owner=reviewer)

    def without_first_opinion_of(self, reviewer):
        """Without the documents on which this person gave the first opinion; the second is another's."""
        if not settings.VERIFICATION_SECOND_OPINION:
            return self
        return self.exclude(first_approved_by=reviewer)

    def in_force(self, today):
        """The documents that count: accepted, not replaced by another accepted one, valid on this day."""
        return self.filter(Q(expires_on=None) | Q(expires_on__gte=today), is_in_force=True)

    def past(self, today):
        """Accepted documents whose last day is over, those of the earliest days first."""
        return self.filter(state=DocumentState.APPROVED, expires_on__lt=today).order_by("expires_on", "pk")

    def expiring(self, today, until):
        """Documents in force whose last day comes by then, and whose next version is not on its way; those of
        the earliest days first.
        """
        renewal = self.model._base_manager.filter(
            owner=OuterRef("owner"),
            document_type=OuterRef("document_type"),
            state=DocumentState.PENDING,
            is_current=True,
        )
        # What is in force is accepted; saying so lets the index of accepted documents by last day find them.
        ending = self.filter(
            state=DocumentState.APPROVED, is_in_force=True, expires_on__gte=today, expires_on__lte=until
        )
        return ending.exclude(Exists(renewal)).order_by("expires_on", "pk")

    def with_duplicates(self):
        """Says of each row whether another account sent the very same file (`is_duplicate`)."""
        return self.annotate(is_duplicate=Exists(self._same_file(OuterRef("sha256"), OuterRef("owner"))))

    def duplicated(self):
        """The documents whose very file another account sent too."""
        return self.filter(Exists(self._same_file(OuterRef("sha256"), OuterRef("owner"))))

    def same_file_as(self, document):
        """The documents of other accounts that are the very same file."""
        if not document.sha256:
            return self.none()
        return self.filter(sha256=document.sha256).exclude(owner=document.owner_id)

    def _same_file(self, sha256, owner):
        return self.model._base_manager.filter(sha256=sha256).exclude(sha256="").exclude(owner=owner)

    def with_claims(self):
        """With who holds each document, so that naming them costs no query."""
        return self.select_related("claim__reviewer")

    def waiting_for_another_end(self):
        """Documents that wait for their review, whose file would stay without end since their account is
        closed, or would go although it is open again.
        """
        closed = Q(owner__is_active=False, file_due_on=None) & ~Q(file="")
        opened = Q(owner__is_active=True, file_due_on__isnull=False)
        return self.current().filter(closed | opened, state=DocumentState.PENDING)

    def files_due(self, today):
        """The documents whose file has been kept for long enough, those due first first."""
        return self.filter(file_due_on__lte=today).exclude(file="").order_by("file_due_on", "pk")


class ReviewClaimQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see who looks at which document."""
        return self if user.is_authenticated and user.is_staff else self.none()

    def editable_by(self, user):
        """A claim is its reviewer's; administrators take back those of others."""
        match role_of(user):
            case Role.ADMINISTRATOR:
                return self
            case Role.VERIFIER:
                return self.filter(reviewer=user)
            case _:
                return self.none()

    def held(self, now):
        """The claims that still hold."""
        return self.filter(until__gt=now)

    def of_others(self, reviewer):
        return self.exclude(reviewer=reviewer)
