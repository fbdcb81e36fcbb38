"""Asking to become a member of an organisation that is known, and the answer."""

from functools import partial

from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.services import assess, move
from pratik.notifications.services import tell

from .. import notices, rules
from ..enums import RequestState
from ..models import JoinRequest
from ..signals import requests_answered
from .members import Place, answering_staff, join, members_of


def _guard(actor, verb):
    return partial(rules.request_refusal, actor=actor, verb=verb)


def _move(actor, verb, pks, reason, **columns):
    def announce(moved, operation):
        requests_answered.send(JoinRequest, pks=moved, operation=operation)

    return move(
        actor=actor,
        model=JoinRequest,
        verb=verb,
        pks=pks,
        reason=reason,
        guard=_guard(actor, verb),
        announce=announce,
        **columns,
    )


def assess_requests(*, actor, verb, pks):
    """Which requests a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=JoinRequest, verb=verb, pks=pks, guard=_guard(actor, verb))


def accept_requests(*, actor, pks, reason=""):
    """Makes the people who asked members of their organisations, and tells them.

    The first member of an organisation that has none becomes its manager.
    """
    with operation(
        kind=OperationKind.TRANSITION, actor=actor, subject=JoinRequest, verb="accept", reason=reason.strip()
    ):
        outcome = _move(actor, "accept", pks, reason, answer=reason.strip())
        join(
            places=[
                Place(row.organisation_type, row.organisation_id, row.user_id) for row in outcome.changed
            ],
        )
    return outcome


def refuse_requests(*, actor, pks, reason):
    """Refuses requests; the people are told why."""
    return _move(actor, "refuse", pks, reason, answer=reason.strip())


def withdraw_requests(*, actor, pks, reason=""):
    """Takes one's own requests back."""
    return _move(actor, "withdraw", pks, reason)


def tell_requests_made(*, pks):
    """Tells the members of the organisations, and the team, that somebody asks to join.

    Safe to run again: each is told once of each request. Returns how many notices were new.
    """
    requests = list(JoinRequest.objects.filter(pk__in=pks).open().with_organisation().select_related("user"))
    staff = answering_staff()
    by_kind = {}
    for request in requests:
        by_kind.setdefault(request.organisation_type, set()).add(request.organisation_id)
    members = {kind: members_of(kind, chosen) for kind, chosen in by_kind.items()}
    return tell(
        drafts=[
            notices.request_made(request, recipient)
            for request in requests
            for recipient in [
                *members[request.organisation_type].get(request.organisation_id, ()),
                *staff,
            ]
            if recipient.pk != request.user_id
        ]
    )


def tell_requests_answered(*, pks, operation_pk):
    """Tells the people who asked what was answered. Safe to run again."""
    act = Operation.objects.get(pk=operation_pk)
    requests = JoinRequest.objects.filter(pk__in=pks).with_organisation().select_related("user")
    answered = requests.filter(state__in=(RequestState.ACCEPTED, RequestState.REFUSED))
    return tell(drafts=[notices.request_answered(request, act) for request in answered])
