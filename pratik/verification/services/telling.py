"""Telling people what became of their documents; each thing is told once, however often it is asked for."""

from pratik.accounts.enums import StaffRole
from pratik.accounts.models import User
from pratik.core.history import still_as_left
from pratik.core.models import Operation
from pratik.notifications.services import tell

from .. import notices, reports
from ..enums import DocumentState
from ..models import VerificationDocument

TOLD_AT_ONCE = 1_000


def tell_submitted(*, pks, operation_pk):
    """Tells those who check documents that somebody sent some: one notice for all of one account.

    Where nobody has that role, administrators are told. Returns how many notices were new.
    """
    documents = list(VerificationDocument.objects.filter(pk__in=pks).select_related("owner").order_by("pk"))
    by_owner = {}
    for document in documents:
        by_owner.setdefault(document.owner, []).append(document)
    reviewers = _reviewers()
    return tell(
        drafts=[
            notices.submitted(owner, sent, recipient, operation_pk)
            for owner, sent in by_owner.items()
            for recipient in reviewers
            if recipient.pk != sent[0].submitted_by_id
        ]
    )


def _reviewers():
    for role in (StaffRole.VERIFIER, StaffRole.ADMINISTRATOR):
        found = list(User.objects.people().filter(staff_role=role, is_active=True).order_by("pk"))
        if found:
            return found
    return []


def tell_decided(*, pks, operation_pk):
    """Tells people what an operation decided on their documents: accepted or not and why, or looked at again.

    Of what was decided otherwise meanwhile, the later operation tells.
    """
    act = Operation.objects.get(pk=operation_pk)
    say = {
        DocumentState.APPROVED: notices.approved,
        DocumentState.REJECTED: notices.rejected,
        DocumentState.PENDING: notices.reopened,
    }
    told = 0
    for some in _batches(pks):
        stand = still_as_left(VerificationDocument, act, some)
        told += _tell_owners(stand, lambda document: say[document.state](document, act), state__in=list(say))
    return told


def tell_expired(*, pks):
    """Tells people that a document of theirs counts no more."""
    return sum(_tell_owners(some, notices.expired, state=DocumentState.EXPIRED) for some in _batches(pks))


def _tell_owners(pks, say, **conditions):
    rows = VerificationDocument.objects.filter(pk__in=pks, owner__is_active=True, **conditions)
    return tell(drafts=[say(document) for document in rows.select_related("owner").order_by("pk")])


def tell_badges(*, pks, operation_pk, given):
    """Tells people that an operation gave them the badge, or took it and what is missing.

    Of a badge that was taken or given again meanwhile, the later operation tells.
    """
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for some in _batches(pks):
        users = list(User.objects.filter(pk__in=still_as_left(User, act, some), is_active=True))
        missing = {} if given else reports.missing_needs(users)
        told += tell(
            drafts=[
                notices.badge_given(user, operation_pk)
                if given
                else notices.badge_withdrawn(user, missing.get(user.pk, ()), operation_pk)
                for user in users
            ]
        )
    return told


def _batches(pks):
    for start in range(0, len(pks), TOLD_AT_ONCE):
        yield pks[start : start + TOLD_AT_ONCE]
