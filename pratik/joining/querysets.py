from django.db import models
from django.db.models import Exists, OuterRef, Q, Sum

from pratik.accounts.enums import STAFF_ROLES, AccountType, MembershipRole, Role, StaffRole, role_of
from pratik.core.querysets import ScopedQuerySet

from .enums import (
    ANSWERERS,
    ORGANISATION_ROLES,
    ORGANISATION_TYPES,
    DraftState,
    InvitationState,
    RequestState,
)


class SignUpQuerySet(models.QuerySet):
    """Sign-ups under way: nobody's rows, since nobody is there yet."""

    def visible_to(self, user):
        """Nobody looks at what a person who has no account typed."""
        return self.none()

    def editable_by(self, user):
        return self.none()

    def codes_sent_since(self, email, moment):
        """How many codes left for this address since then; a sign-up counts whole by its last code."""
        sent = self.filter(email=email, code_sent_at__gt=moment).aggregate(number=Sum("codes_sent"))
        return sent["number"] or 0

    def older_than(self, moment):
        """Sign-ups whose last code left before this moment."""
        return self.filter(code_sent_at__lt=moment)


class OfOrganisationQuerySet(ScopedQuerySet):
    """Rows about one organisation of whatever kind."""

    def with_organisation(self):
        """The same rows, each with its organisation, in one query."""
        return self.select_related(*ORGANISATION_TYPES)

    def _of_member(self, user):
        """The condition that the person is an active member of the row's organisation."""
        kind = role_of(user)
        if kind not in ORGANISATION_ROLES:
            return Q(pk__in=())
        organisations = self.model._meta.get_field(kind).related_model.objects
        return Q(**{f"{kind}__in": organisations.of_member(user)})


class JoinRequestQuerySet(OfOrganisationQuerySet):
    def visible_to(self, user):
        """Staff see every request; members those for their organisations; everyone the ones they made."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(Q(user=user) | self._of_member(user))

    def editable_by(self, user):
        """Administrators, editors and verifiers answer every request, members those for their organisations;
        everyone may take their own back.
        """
        role = role_of(user)
        if role in STAFF_ROLES or role == Role.ANONYMOUS:
            rows = self if role in ANSWERERS else self.none()
        else:
            rows = self.filter(Q(user=user) | self._of_member(user))
        return rows.with_organisation().select_related("user")

    def open(self):
        """Requests that nobody has answered yet."""
        return self.filter(state=RequestState.REQUESTED)

    def awaiting(self, user):
        """Requests that this person may answer; nobody answers their own."""
        return self.editable_by(user).open().exclude(user=user)


class OrganisationDraftQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Staff see every draft; others those that they submitted."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(applicant=user)

    def editable_by(self, user):
        """Administrators, editors and verifiers review every draft; others may take their own back."""
        role = role_of(user)
        if role in STAFF_ROLES:
            return self if role in ANSWERERS else self.none()
        return self.none() if role == Role.ANONYMOUS else self.filter(applicant=user)

    def open(self):
        """Drafts that nobody has answered yet."""
        return self.filter(state=DraftState.SUBMITTED)

    def awaiting(self, user):
        """Drafts that this person may answer: none unless they are of the team."""
        return self.editable_by(user).open() if role_of(user) in ANSWERERS else self.none()


class InvitationQuerySet(OfOrganisationQuerySet):
    def visible_to(self, user):
        """Staff see every invitation; members those into their organisations; all, those they received."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(Q(email=user.email) | self._of_member(user))

    def editable_by(self, user):
        """Administrators look after every invitation, editors after those that are not into the team, members
        after those into their organisations; everyone may answer those they received.
        """
        match role_of(user):
            case Role.ADMINISTRATOR:
                rows = self
            case Role.EDITOR:
                rows = self.exclude(account_type=AccountType.STAFF)
            case Role.ANONYMOUS | Role.VERIFIER | Role.AUDITOR:
                rows = self.none()
            case _:
                rows = self.filter(Q(email=user.email) | self._of_member(user))
        return rows.with_organisation()

    def open(self, now):
        """Invitations whose link still serves."""
        return self.filter(state=InvitationState.SENT, expires_at__gt=now)

    def backed(self):
        """Invitations that their sender could still send: a door closes with the account that opened it."""
        team = Q(invited_by__staff_role=StaffRole.ADMINISTRATOR)
        team |= Q(invited_by__staff_role=StaffRole.EDITOR) & ~Q(account_type=AccountType.STAFF)
        colleague = Q()
        for kind in ORGANISATION_TYPES:
            organisation = self.model._meta.get_field(kind).related_model
            members = organisation._meta.get_field("memberships").related_model._base_manager
            senders = members.filter(
                organisation=OuterRef(f"{kind}_id"), user=OuterRef("invited_by_id"), is_active=True
            )
            # A manager is invited by a manager.
            colleague |= Q(Exists(senders.filter(role=MembershipRole.MANAGER)))
            colleague |= ~Q(role=MembershipRole.MANAGER) & Q(Exists(senders))
        return self.filter(team | colleague, invited_by__is_active=True)

    def expired(self, now):
        """Invitations that nobody accepted in time."""
        return self.filter(state=InvitationState.SENT, expires_at__lte=now)
