from django.db.models import Exists, OuterRef, Q

from pratik.core.querysets import ScopedQuerySet

from .enums import (
    KEEPERS,
    STAFF_ROLES,
    AccountType,
    MembershipRole,
    Role,
    StaffRole,
    VerificationState,
    role_of,
)


class UserQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Staff see every account; others see their own."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(pk=user.pk)

    def editable_by(self, user):
        """Administrators change every account; editors and verifiers none of the team's; all, their own."""
        match role_of(user):
            case Role.ADMINISTRATOR:
                return self
            case Role.EDITOR | Role.VERIFIER:
                return self.filter(~Q(account_type=AccountType.STAFF) | Q(pk=user.pk))
            case Role.ANONYMOUS:
                return self.none()
            case _:
                return self.filter(pk=user.pk)

    def with_address(self, email):
        """The account of an address as it was typed; at most one.

        Addresses are stored in lower case, and it is Python that lowers what is typed, here as for the count
        of failed attempts: a database that compares without case takes « ı » for « i » and « ſ » for « s ».
        """
        return self.filter(email=email.strip().lower())

    def people(self):
        """Accounts of people, without those that tasks work under."""
        return self.exclude(email__endswith="@systeme.pratik.invalid")

    def verified(self, today):
        """Accounts whose badge holds on this day."""
        return self.filter(
            Q(verified_until=None) | Q(verified_until__gte=today), verification=VerificationState.VERIFIED
        )

    def administrators(self):
        """The administrators who can sign in."""
        return self.filter(account_type=AccountType.STAFF, staff_role=StaffRole.ADMINISTRATOR, is_active=True)

    def awaiting_verification(self):
        """Active accounts outside the team that nobody has checked yet."""
        return self.filter(is_active=True, verification="unverified").exclude(account_type=AccountType.STAFF)


class PersonalProfileQuerySet(ScopedQuerySet):
    """A profile that belongs to one person."""

    def visible_to(self, user):
        """Staff see every profile; a person sees their own."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(user=user)

    def editable_by(self, user):
        """Administrators, editors and verifiers change every profile; a person changes their own."""
        match role_of(user):
            case Role.ADMINISTRATOR | Role.EDITOR | Role.VERIFIER:
                return self
            case Role.ANONYMOUS | Role.AUDITOR:
                return self.none()
            case _:
                return self.filter(user=user)


class OrganisationQuerySet(ScopedQuerySet):
    """Organisations and who may see them: the team, their own members, and the public once shown."""

    def of_member(self, user):
        """The organisations that this account is an active member of."""
        members = self.model._meta.get_field("memberships").related_model._base_manager
        return self.filter(
            Exists(members.filter(organisation=OuterRef("pk"), user_id=user.pk, is_active=True))
        )

    def public(self):
        """What visitors may see; nothing unless a kind of organisation says otherwise."""
        return self.none()

    def visible_to(self, user):
        """Staff see all; members their own organisation; others what is public."""
        role = role_of(user)
        if role in STAFF_ROLES:
            return self
        if role == self.model.account_type:
            return self.of_member(user)
        return self.public()

    def editable_by(self, user):
        """Administrators and editors change all; members their own organisation."""
        role = role_of(user)
        if role in KEEPERS:
            return self
        return self.of_member(user) if role == self.model.account_type else self.none()


class MembershipQuerySet(ScopedQuerySet):
    """Who belongs to an organisation."""

    def visible_to(self, user):
        """Staff see all members; a member sees the colleagues of their organisations."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        own = self.model._base_manager.filter(user_id=user.pk, is_active=True)
        return self.filter(organisation_id__in=own.values("organisation_id"))

    def editable_by(self, user):
        """Administrators and editors decide who belongs to an organisation, and so do its managers."""
        role = role_of(user)
        if role in KEEPERS:
            return self
        if role in STAFF_ROLES or role == Role.ANONYMOUS:
            return self.none()
        led = self.model._base_manager.filter(user_id=user.pk, is_active=True, role=MembershipRole.MANAGER)
        return self.filter(organisation_id__in=led.values("organisation_id"))

    def people_of(self, organisations, *, but=None):
        """Who looks after these organisations (keys), as {organisation: [account]}, without the account with
        the key `but`; one query. Who left, or whose account is closed, is left out.
        """
        found = {}
        rows = self.filter(organisation__in=set(organisations), is_active=True, user__is_active=True)
        for row in rows.select_related("user").order_by("pk"):
            if row.user_id != but:
                found.setdefault(row.organisation_id, []).append(row.user)
        return found
