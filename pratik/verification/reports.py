"""Answers about documents that are not rows of them."""

import datetime
from dataclasses import dataclass

from pratik.core.calendar import today

from .enums import DocumentState, DocumentType, Need
from .models import Requirement, VerificationDocument

# From how long before its last day a document ends soon.
SOON = datetime.timedelta(days=30)


def active_requirements():
    """What is asked today, as {(account type, document type): requirement}; one query."""
    return {(row.account_type, row.document_type): row for row in Requirement.objects.active()}


def needs_by_type():
    """What accounts have to prove, as {account type: {need: document types that prove it}}; one query.

    A type of account that is not in it has its badge given by hand.
    """
    needs = {}
    for row in Requirement.objects.active().order_by("need", "document_type"):
        needs.setdefault(row.account_type, {}).setdefault(row.need, []).append(row.document_type)
    return needs


@dataclass(frozen=True)
class Standing:
    """Whether an account's documents are complete, until when, and what is missing otherwise.

    `until` is the last day on which they are: None when nothing of it ends, or when they are not complete.
    """

    complete: bool
    until: datetime.date | None
    missing: tuple


def standing(needs, documents):
    """Are these documents complete? `needs` is {need: document types that prove it}, `documents` is
    {document type: last day or None} of those in force today.

    Of several documents for one need, the one that lasts longest counts.
    """
    missing, ends = [], []
    for need, accepted in needs.items():
        lasting = [documents[kind] for kind in accepted if kind in documents]
        if not lasting:
            missing.append(need)
        elif None not in lasting:
            ends.append(max(lasting))
    if missing:
        return Standing(False, None, tuple(missing))
    return Standing(True, min(ends, default=None), ())


@dataclass(frozen=True)
class NeedStatus:
    """One thing that an account has to prove, and how far it is.

    `requirements` are the ways to prove it, `counting` the document that proves it now, `latest` the last
    version that was sent; each may be None.
    """

    need: Need
    requirements: tuple
    counting: object
    latest: object

    @property
    def is_met(self):
        return self.counting is not None

    @property
    def is_waiting(self):
        """Whether what was sent last waits for its review."""
        return self.latest is not None and self.latest.state == DocumentState.PENDING

    def ends_soon(self, day):
        """Whether what proves it now ends within `SOON`."""
        return self.is_met and self.counting.expires_on is not None and self.counting.expires_on - day <= SOON


def file_of(owner):
    """What has this account to prove, and what of it is proved? In the order of `Need`; two queries."""
    day = today()
    asked = {}
    for row in Requirement.objects.active().filter(account_type=owner.account_type):
        asked.setdefault(row.need, []).append(row)
    documents = list(
        VerificationDocument.objects.filter(owner=owner)
        .with_claims()
        .select_related("owner")
        .order_by("submitted_at", "pk")
    )
    statuses = []
    for need in Need:
        if need not in asked:
            continue
        kinds = {row.document_type for row in asked[need]}
        ours = [document for document in documents if document.document_type in kinds]
        counting = [row for row in ours if row.is_in_force and row.is_valid_on(day)]
        statuses.append(
            NeedStatus(
                need=need,
                requirements=tuple(asked[need]),
                counting=max(counting, key=_lasting, default=None),
                latest=next((row for row in reversed(ours) if row.is_current), None),
            )
        )
    return statuses


def _lasting(document):
    return document.expires_on or datetime.date.max


def missing_needs(accounts):
    """What is still to be proved by these accounts, as {account: needs}; two queries, however many."""
    needs, found = needs_by_type(), {}
    rows = VerificationDocument.objects.filter(owner__in=[account.pk for account in accounts])
    for owner, kind in rows.in_force(today()).order_by().values_list("owner", "document_type"):
        found.setdefault(owner, {})[kind] = None
    return {
        account.pk: standing(needs.get(account.account_type, {}), found.get(account.pk, {})).missing
        for account in accounts
    }


def document_types_for(account_type):
    """Which documents may somebody with such an account send? Pairs for a list, as they are asked for."""
    asked = Requirement.objects.active().filter(account_type=account_type).order_by("need", "document_type")
    return [(row.document_type, str(DocumentType(row.document_type).label)) for row in asked]


def awaiting_review(user):
    """Which documents, among those I may see, wait for their review? Those that wait longest first."""
    rows = VerificationDocument.objects.visible_to(user).awaiting_review()
    return rows.with_claims().select_related("owner").with_duplicates()
