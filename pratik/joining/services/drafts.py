"""Adding an organisation that the platform does not know: the team reads, corrects, and answers."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from pratik.accounts.enums import MembershipRole
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.services import assess, move
from pratik.core.writes import create_rows
from pratik.notifications.services import tell

from .. import notices, rules
from ..enums import DraftState
from ..models import KINDS, OrganisationDraft
from ..signals import drafts_answered
from .members import Place, answering_staff, join


def _guard(verb):
    return rules.draft_refusal if verb == "accept" else None


def _move(actor, verb, pks, reason, **columns):
    def announce(moved, operation):
        drafts_answered.send(OrganisationDraft, pks=moved, operation=operation)

    return move(
        actor=actor,
        model=OrganisationDraft,
        verb=verb,
        pks=pks,
        reason=reason,
        guard=_guard(verb),
        announce=announce,
        **columns,
    )


def assess_drafts(*, actor, verb, pks):
    """Which drafts a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=OrganisationDraft, verb=verb, pks=pks, guard=_guard(verb))


def accept_drafts(*, actor, pks, reason=""):
    """Makes the organisations, and the people who asked their managers.

    Where an organisation has the number by now, the person becomes one of its members; such rows of the
    outcome carry it as `existing`. Raises `ValidationError`, with nothing written, when somebody creates
    the same organisation at the same moment.
    """
    with operation(
        kind=OperationKind.TRANSITION,
        actor=actor,
        subject=OrganisationDraft,
        verb="accept",
        reason=reason.strip(),
    ):
        outcome = _move(actor, "accept", pks, reason, answer=reason.strip())
        by_kind = {}
        for draft in outcome.changed:
            by_kind.setdefault(draft.account_type, []).append(draft)
        try:
            for account_type, drafts in by_kind.items():
                _make(account_type, drafts)
        except IntegrityError:
            raise ValidationError(
                _("Quelqu’un vient de créer un de ces organismes. Rien n’est écrit : recommencez."),
                code="made_meanwhile",
            ) from None
    return outcome


def _make(account_type, drafts):
    kind = KINDS[account_type]
    there = {
        getattr(row, kind.identifier): row for row in kind.known_by({draft.identifier for draft in drafts})
    }
    fresh = {}
    for draft in drafts:
        draft.existing = there.get(draft.identifier) or fresh.get(draft.identifier)
        if draft.existing is None:
            fresh[draft.identifier] = draft.as_organisation()
    create_rows(fresh.values())
    organisations = there | fresh
    join(
        places=[
            Place(
                account_type,
                organisations[draft.identifier].pk,
                draft.applicant_id,
                MembershipRole.MEMBER if draft.existing else MembershipRole.MANAGER,
            )
            for draft in drafts
        ],
    )


def refuse_drafts(*, actor, pks, reason):
    """Refuses drafts; the applicants are told why."""
    return _move(actor, "refuse", pks, reason, answer=reason.strip())


def withdraw_drafts(*, actor, pks, reason=""):
    """Takes one's own drafts back."""
    return _move(actor, "withdraw", pks, reason)


def tell_drafts_submitted(*, pks):
    """Tells the team that organisations wait to be checked. Safe to run again."""
    drafts = OrganisationDraft.objects.filter(pk__in=pks).open().select_related("applicant")
    staff = answering_staff()
    return tell(drafts=[notices.draft_submitted(draft, recipient) for draft in drafts for recipient in staff])


def tell_drafts_answered(*, pks, operation_pk):
    """Tells the applicants what was answered. Safe to run again."""
    act = Operation.objects.get(pk=operation_pk)
    drafts = list(
        OrganisationDraft.objects.filter(
            pk__in=pks, state__in=(DraftState.ACCEPTED, DraftState.REFUSED)
        ).select_related("applicant")
    )
    numbers = {}
    for draft in drafts:
        if draft.state == DraftState.ACCEPTED:
            numbers.setdefault(draft.account_type, set()).add(draft.identifier)
    accepted = {
        (account_type, getattr(row, KINDS[account_type].identifier)): row
        for account_type, wanted in numbers.items()
        for row in KINDS[account_type].known_by(wanted)
    }
    return tell(
        drafts=[
            notices.draft_answered(draft, act, accepted.get((draft.account_type, draft.identifier)))
            for draft in drafts
        ]
    )
