"""Taking a document to look at it, so that two reviewers do not collide."""

import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils import timezone

from pratik.accounts.workflow import CHECKERS

from .. import rules
from ..models import ReviewClaim, VerificationDocument


def claim(*, actor, pk):
    """Takes a document for REVIEW_CLAIM_MINUTES, or for that long again where one has it. Returns the claim.

    Raises `ValidationError` when somebody else has it (`held`, by name) or it waits for nobody, and
    `PermissionDenied` when the actor does not check documents.
    """
    _may_review(actor)
    with transaction.atomic():
        rows = VerificationDocument.objects.editable_by(actor).filter(pk=pk)
        document = rows.select_for_update(of=("self",)).first()
        if document is None:
            raise PermissionDenied
        return _take(actor, document)


def _take(actor, document):
    """Writes the claim on a document that is locked."""
    now = timezone.now()
    held = ReviewClaim.objects.filter(document=document).select_related("reviewer").first()
    holder = held.reviewer if held and held.holds_at(now) else None
    if why := rules.claim_refusal(
        document, reviewer=actor, holder=holder, second_opinion=settings.VERIFICATION_SECOND_OPINION
    ):
        raise ValidationError(why, code="held" if holder else "not_waiting")
    row = held or ReviewClaim(document=document)
    if holder is None:
        row.reviewer, row.claimed_at = actor, now
    row.until = now + datetime.timedelta(minutes=settings.REVIEW_CLAIM_MINUTES)
    row.save()
    return row


def release(*, actor, pk):
    """Gives a document back to the queue; administrators also take back what others hold. Returns whether
    there was something to give back.
    """
    _may_review(actor)
    return bool(ReviewClaim.objects.editable_by(actor).filter(document=pk).delete()[0])


def next_document(*, actor, rows=None, after=None):
    """Takes the document that waits longest and that nobody looks at. Returns it, or None when none is left.

    `rows` narrows the queue (documents of one type, one kind of account); `after` is the document that was
    just looked at and is passed over, given back if the actor held it.
    """
    _may_review(actor)
    queue = VerificationDocument.objects.all() if rows is None else rows
    skip = connection.features.has_select_for_update_skip_locked
    passed = [after] if after is not None else []
    if after is not None:
        release(actor=actor, pk=after)
    while True:
        with transaction.atomic():
            document = (
                queue.editable_by(actor)
                .awaiting_review()
                .open_to(actor, timezone.now())
                .exclude(pk__in=passed)
                .select_for_update(of=("self",), skip_locked=skip)
                .first()
            )
            if document is None:
                return None
            try:
                # Asked again now that it is locked: somebody may have taken it meanwhile.
                _take(actor, document)
            except ValidationError:
                passed.append(document.pk)
                continue
            return document


def holders(*, pks, besides):
    """Who else looks at these documents just now, as {document: account}; one query."""
    claims = ReviewClaim.objects.held(timezone.now()).of_others(besides).filter(document__in=pks)
    return {row.document_id: row.reviewer for row in claims.select_related("reviewer")}


def _may_review(actor):
    if actor.role not in CHECKERS:
        raise PermissionDenied
