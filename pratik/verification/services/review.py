"""Deciding on documents, one or thousands: a fixed number of queries for each batch of rows."""

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from pratik.accounts.workflow import CHECKERS
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import assess, carry_out
from pratik.core.writes import set_columns, set_each

from .. import rules
from ..enums import RejectionReason
from ..models import ReviewClaim, VerificationDocument
from ..reports import active_requirements
from ..signals import documents_decided
from .badges import refresh_badges
from .claims import holders
from .submit import file_due_on

TEXT_LENGTH = VerificationDocument._meta.get_field("rejection_text").max_length


class _Desk:
    """What is to be known of a set of documents to decide on them; each question is asked once."""

    def __init__(self, actor, verb, pks, last_days=None, no_later_than=None):
        self.actor, self.verb, self.pks = actor, verb, list(pks)
        self.last_days, self.no_later_than = last_days or {}, no_later_than
        self.day = today()
        self.second_opinion = settings.VERIFICATION_SECOND_OPINION

    @cached_property
    def holders(self):
        return holders(pks=self.pks, besides=self.actor)

    @cached_property
    def requirements(self):
        return active_requirements()

    @cached_property
    def owners(self):
        """Of each document, the type of its account and whether that is open."""
        rows = VerificationDocument.objects.filter(pk__in=self.pks).order_by()
        return {pk: owner for pk, *owner in rows.values_list("pk", "owner__account_type", "owner__is_active")}

    def requirement(self, document):
        account_type, _is_active = self.owners[document.pk]
        return self.requirements.get((account_type, document.document_type))

    def last_day(self, document):
        """The last day that an acceptance gives: what the reviewer says, else what the document says, and no
        later than a day that is given for many, of which nobody read each. Of two opinions, the sooner day.
        """
        read = self.last_days.get(document.pk, document.expires_on)
        ends = [read, self.no_later_than]
        if self.second_opinion and document.first_approved_by_id is not None:
            ends.append(document.expires_on)
        return rules.last_day(
            self.requirement(document),
            issued_on=document.issued_on or document.seen_on,
            expires_on=min((end for end in ends if end), default=None),
        )

    def refusal(self, document):
        """Why the verb is not done to a document, apart from its state."""
        why = rules.decision_refusal(
            document,
            verb=self.verb,
            actor=self.actor,
            holder=self.holders.get(document.pk),
            second_opinion=self.second_opinion,
        )
        if why or self.verb not in ("approve", "reopen"):
            return why
        if self.verb == "reopen":
            _account_type, is_active = self.owners[document.pk]
            return rules.reopening_refusal(document, owner_is_active=is_active)
        return rules.approval_refusal(
            document,
            requirement=self.requirement(document),
            expires_on=self.last_day(document),
            today=self.day,
        )


def assess_documents(*, actor, verb, pks):
    """Which documents a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(
        actor=actor,
        model=VerificationDocument,
        verb=verb,
        pks=pks,
        guard=_Desk(actor, verb, pks).refusal,
    )


def approve_documents(*, actor, pks, reason="", last_days=None, no_later_than=None):
    """Accepts documents, and gives the badge to those whose file is complete by it. Returns an `Outcome`.

    `last_days` is {document: last day of validity} as the reviewer read it; otherwise what the person typed
    holds, no longer than the requirement's validity. `no_later_than` is a day for all of them: a document
    that ends sooner keeps its own. Where two opinions are asked for
    (VERIFICATION_SECOND_OPINION), the first one leaves the document waiting for another person's.
    """
    _may_decide(actor)
    with _deciding(actor, "approve", reason) as running:
        replaced = _lock(pks, with_replaced=True)
        desk = _Desk(actor, "approve", pks, last_days, no_later_than)
        outcome = assess(actor=actor, model=VerificationDocument, verb="approve", pks=pks, guard=desk.refusal)
        first, final = [], []
        for row in outcome.changed:
            waits = desk.second_opinion and row.first_approved_by_id is None
            (first if waits else final).append(row)
        _first_opinion(actor, first, desk)
        accepted = {(row.owner_id, row.document_type) for row in final}
        superseded = [pk for pk, key in replaced.items() if key in accepted]
        set_columns(VerificationDocument, superseded, is_in_force=False)
        carry_out(
            VerificationDocument.workflow.transition("approve"),
            final,
            own=("expires_on", {row.pk: desk.last_day(row) for row in final}),
            decided_by_id=actor.pk,
            is_in_force=True,
            file_due_on=file_due_on(),
        )
        return _done(actor, running, outcome, final, reason)


def reject_documents(*, actor, pks, reason="", why=RejectionReason.OTHER):
    """Refuses documents: `why` from the list, `reason` in words, which « other » cannot do without.

    The people are told both. Returns an `Outcome`; raises `ValidationError` for a missing reason.
    """
    return _refuse("reject", actor, pks, reason, why)


def revoke_documents(*, actor, pks, reason="", why=RejectionReason.OTHER):
    """Takes acceptances back; whose file is no longer complete loses the badge. As `reject_documents`."""
    return _refuse("revoke", actor, pks, reason, why, is_in_force=False)


def reopen_documents(*, actor, pks, reason=""):
    """Has documents that were refused, or whose acceptance was taken back, looked at again: a decision that
    was a mistake. The people are told. Returns an `Outcome`.

    Refused for one that has a newer version, whose file is gone, or whose account is closed. Raises
    `ValidationError` for a missing reason.
    """
    _may_decide(actor)
    reason = " ".join(reason.split())
    if not reason:
        raise ValidationError({"reason": _("Donnez un motif.")}, code="reason_missing")
    with _deciding(actor, "reopen", reason) as running:
        _lock(pks)
        outcome = assess(
            actor=actor,
            model=VerificationDocument,
            verb="reopen",
            pks=pks,
            guard=_Desk(actor, "reopen", pks).refusal,
        )
        carry_out(
            VerificationDocument.workflow.transition("reopen"),
            outcome.changed,
            decided_at=None,
            decided_by_id=None,
            first_approved_at=None,
            first_approved_by_id=None,
            rejection_reason="",
            rejection_text="",
            file_due_on=None,
        )
        return _done(actor, running, outcome, outcome.changed, reason)


def _refuse(verb, actor, pks, text, why, **columns):
    _may_decide(actor)
    text = " ".join(text.split())
    if why not in RejectionReason.values:
        raise ValidationError({"why": _("Choisissez un motif de la liste.")}, code="unknown_reason")
    if why == RejectionReason.OTHER and not text:
        raise ValidationError({"reason": _("Donnez un motif.")}, code="reason_missing")
    if len(text) > TEXT_LENGTH:
        raise ValidationError(
            {"reason": _("Au plus %(limit)s caractères.") % {"limit": TEXT_LENGTH}}, code="reason_too_long"
        )
    label = str(RejectionReason(why).label)
    told = _("%(why)s : %(text)s") % {"why": label, "text": text} if text else label
    with _deciding(actor, verb, told) as running:
        _lock(pks)
        outcome = assess(
            actor=actor,
            model=VerificationDocument,
            verb=verb,
            pks=pks,
            guard=_Desk(actor, verb, pks).refusal,
        )
        carry_out(
            VerificationDocument.workflow.transition(verb),
            outcome.changed,
            decided_by_id=actor.pk,
            rejection_reason=why,
            rejection_text=text,
            file_due_on=file_due_on(),
            **columns,
        )
        return _done(actor, running, outcome, outcome.changed, told)


def _may_decide(actor):
    """Decisions about people are taken in one's own name."""
    if actor.role not in CHECKERS or in_anothers_name():
        raise PermissionDenied


def _deciding(actor, verb, reason):
    return operation(
        kind=OperationKind.TRANSITION,
        actor=actor,
        subject=VerificationDocument,
        verb=verb,
        reason=reason.strip(),
    )


def _lock(pks, *, with_replaced=False):
    """Has whoever decides on these documents wait, in the order of their keys.

    With `with_replaced`, also locks the versions in force that theirs may replace, and returns those as
    {document: (account, document type)}.
    """
    chosen = VerificationDocument.objects.filter(pk__in=list(pks))
    replaced = {}
    if with_replaced:
        same = chosen.filter(owner=OuterRef("owner"), document_type=OuterRef("document_type"))
        rows = VerificationDocument.objects.filter(Exists(same), is_in_force=True).order_by()
        replaced = {pk: (owner, kind) for pk, owner, kind in rows.values_list("pk", "owner", "document_type")}
    locked = VerificationDocument.objects.filter(pk__in={*pks, *replaced}).order_by("pk")
    list(locked.select_for_update(of=("self",)).values_list("pk", flat=True))
    return replaced


def _first_opinion(actor, rows, desk):
    """Notes the first of two opinions; the document goes on waiting."""
    now = timezone.now()
    days = {row.pk: desk.last_day(row) for row in rows}
    set_each(VerificationDocument, "expires_on", days, first_approved_by_id=actor.pk, first_approved_at=now)
    for row in rows:
        row.first_approved_by_id, row.first_approved_at, row.expires_on = actor.pk, now, days[row.pk]


def _done(actor, running, outcome, decided, reason):
    """What follows from decisions, in the same transaction: claims end, badges follow, people hear."""
    ReviewClaim.objects.filter(document__in=[row.pk for row in outcome.changed]).delete()
    running.count("refused", len(outcome.refused))
    if decided:
        refresh_badges(actor=actor, pks={row.owner_id for row in decided}, reason=reason)
        documents_decided.send(VerificationDocument, pks=[row.pk for row in decided], operation=running.row)
    outcome.operation = running.written
    return outcome
