"""Answers about coming in that are not rows of one model."""

from dataclasses import dataclass

from pratik.accounts.enums import MembershipRole
from pratik.core.enums import HistoryType

from .enums import DraftState, RequestState
from .models import KINDS, Invitation, JoinRequest, OrganisationDraft


@dataclass(frozen=True)
class Pending:
    """What a person waits for: requests to join, organisations to be checked, invitations to answer."""

    requests: list
    drafts: list
    invitations: list

    def __bool__(self):
        return bool(self.requests or self.drafts or self.invitations)


def pending_of(user, now):
    """What does this person wait for, or what waits for their own answer, to come into an organisation?"""
    return Pending(
        requests=list(JoinRequest.objects.filter(user=user).open().with_organisation()),
        drafts=list(OrganisationDraft.objects.filter(applicant=user).open()),
        invitations=list(
            Invitation.objects.filter(email=user.email)
            .open(now)
            .with_organisation()
            .select_related("invited_by")
        ),
    )


@dataclass(frozen=True)
class Refusal:
    """What was refused to a person, and why."""

    name: str
    why: str


def last_refusal(user):
    """What was refused to this person last, when they asked to act for an organisation; None if nothing."""
    requests = JoinRequest.objects.filter(user=user, state=RequestState.REFUSED).with_organisation()
    drafts = OrganisationDraft.objects.filter(applicant=user, state=DraftState.REFUSED)
    latest = [rows.order_by("-decided_at", "-pk").first() for rows in (requests, drafts)]
    row = max(filter(None, latest), key=lambda row: row.decided_at, default=None)
    if row is None:
        return None
    return Refusal(str(getattr(row, "organisation", row)), row.answer)


def requests_to_answer(user):
    """Which requests to join may this person answer?"""
    return JoinRequest.objects.awaiting(user)


def drafts_to_answer(user):
    """Which new organisations may this person check?"""
    return OrganisationDraft.objects.awaiting(user)


def open_requests(user):
    """Which requests of others, among those I may see, wait for an answer? Those that wait longest first."""
    rows = JoinRequest.objects.visible_to(user).open().exclude(user=user)
    return rows.with_organisation().select_related("user").order_by("created_at", "pk")


def open_drafts(user):
    """Which new organisations, among those I may see, wait to be checked? Those that wait longest first."""
    rows = OrganisationDraft.objects.visible_to(user).open()
    return rows.select_related("applicant").order_by("created_at", "pk")


def organisations_led_by(user):
    """Which organisations of the kind of their account does this person answer for? Keys."""
    kind = KINDS.get(user.account_type)
    if kind is None:
        return frozenset()
    led = kind.membership.objects.filter(user=user, is_active=True, role=MembershipRole.MANAGER)
    return frozenset(led.values_list("organisation_id", flat=True))


def places_closed_by_others(user):
    """When did somebody else close or remove a place that this person lost? {organisation: moment}"""
    kind = KINDS.get(user.account_type)
    if kind is None:
        return {}
    lines = kind.membership.history.filter(user=user).order_by("history_id")
    closed = {}
    for organisation, is_active, what, moment, who in lines.values_list(
        "organisation_id", "is_active", "history_type", "history_date", "history_user_id"
    ):
        if is_active and what != HistoryType.DELETED:
            closed.pop(organisation, None)
        else:
            closed.setdefault(organisation, (moment, who))
    return {organisation: moment for organisation, (moment, who) in closed.items() if who != user.pk}
