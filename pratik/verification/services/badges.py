"""Whose documents are complete: the badge « verified » follows them, and is given by hand to the others."""

from functools import partial

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.enums import VerificationState
from pratik.accounts.models import User
from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import assess, carry_out, move
from pratik.core.writes import set_columns, set_each

from .. import rules
from ..models import VerificationDocument
from ..reports import needs_by_type
from ..reports import standing as standing_of
from ..signals import badges_given, badges_withdrawn

BATCH = 1_000
GIVEN, MOVED_ON, WITHDRAWN, BY_HAND = "given", "moved_on", "withdrawn", "by_hand"
GAINS = VerificationState.UNVERIFIED, VerificationState.REVOKED


def refresh_badges(*, actor, pks, reason=""):
    """Gives the badge to those of these accounts whose documents are complete, and takes it from the others.

    Closed accounts are left as they are, and so is a badge that was given by hand to an account that is asked
    for no documents. One that documents gave to an account of another type ends with the change of type:
    nobody has looked at who is behind the account as it is now. Where a type is asked for nothing any more,
    what was checked stays checked and nothing of it ends.
    A fixed number of queries for each type of account. The accounts are locked before their documents are
    read, so that of two reviewers who accept the last two documents at once, the second one sees both.
    """
    day = today()
    with operation(
        kind=OperationKind.TRANSITION, actor=actor, subject=User, reason=reason or _("Pièces justificatives")
    ) as running:
        users = list(
            User.objects.filter(pk__in=list(pks), is_active=True)
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        needs = needs_by_type()
        found = in_force([user.pk for user in users], day)
        given, withdrawn, moved_on, by_hand = {}, [], {}, []
        for user in users:
            what, until = _verdict(user, needs, found.get(user.pk, {}))
            if what == GIVEN:
                given.setdefault(user.account_type, {})[user] = until
            elif what == MOVED_ON:
                moved_on.setdefault(user.account_type, {})[user.pk] = until
            elif what == WITHDRAWN:
                withdrawn.append(user)
            elif what == BY_HAND:
                by_hand.append(user.pk)
        set_columns(User, by_hand, verified_until=None, verified_as="")
        for kind, lasts in moved_on.items():
            set_each(User, "verified_until", lasts, verified_as=kind)
        for kind, lasts in given.items():
            carry_out(
                User.workflow.transition("verify"),
                list(lasts),
                own=("verified_until", {user.pk: until for user, until in lasts.items()}),
                verified_at=timezone.now(),
                verified_by_id=actor.pk,
                verified_as=kind,
            )
        carry_out(
            User.workflow.transition("lapse"),
            withdrawn,
            verified_at=None,
            verified_by_id=None,
            verified_until=None,
            verified_as="",
        )
        if given:
            pks = [user.pk for lasts in given.values() for user in lasts]
            badges_given.send(User, pks=pks, operation=running.row)
        if withdrawn:
            badges_withdrawn.send(User, pks=[user.pk for user in withdrawn], operation=running.row)


def _verdict(user, needs, documents):
    """What is to become of an account's badge, and until when it holds; (None, None) when it is right.

    `documents` are those in force, as {document type: last day or None}.
    """
    kind = user.account_type
    is_verified = user.verification == VerificationState.VERIFIED
    if kind not in needs:
        if user.verified_as not in ("", kind) and is_verified:
            return WITHDRAWN, None
        return (BY_HAND if user.verified_as or user.verified_until is not None else None), None
    standing = standing_of(needs[kind], documents)
    if standing.complete and user.verification in GAINS:
        return GIVEN, standing.until
    if standing.complete and (user.verified_until, user.verified_as) != (standing.until, kind):
        return MOVED_ON, standing.until
    return (WITHDRAWN if not standing.complete and is_verified else None), None


def in_force(owners, day):
    """The documents that count, as {account: {document type: last day or None}}."""
    found = {}
    rows = VerificationDocument.objects.filter(owner__in=owners).in_force(day).order_by()
    for owner, kind, last in rows.values_list("owner", "document_type", "expires_on"):
        lasts = found.setdefault(owner, {})
        ends = last, lasts.get(kind, last)
        lasts[kind] = None if None in ends else max(ends)
    return found


def refresh_badges_of(*, account_types=None):
    """Recomputes the badges of all accounts of these types, else all that documents give or gave.

    In batches, each a transaction of its own: it may be stopped at any moment, and run again.
    """
    actor = system_actor()
    concerned = Q(account_type__in=needs_by_type() if account_types is None else account_types)
    if account_types is None:
        # Whose badge documents gave, though nothing is asked of accounts like theirs.
        concerned |= ~Q(verified_as="")
    accounts = User.objects.filter(concerned, is_active=True).order_by("pk")
    accounts = accounts.only("account_type", "verification", "verified_as", "verified_until")
    needs, last = needs_by_type(), 0
    while users := list(accounts.filter(pk__gt=last)[:BATCH]):
        found = in_force([user.pk for user in users], today())
        # Most are right as they are: only the others are locked, and judged again then.
        wrong = [user.pk for user in users if _verdict(user, needs, found.get(user.pk, {}))[0]]
        if wrong:
            refresh_badges(actor=actor, pks=wrong)
        last = users[-1].pk


# By hand, where no documents are asked for


def _guard():
    return partial(rules.by_hand_refusal, types_with_requirements=frozenset(needs_by_type()))


def assess_accounts(*, actor, verb, pks):
    """Which accounts a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=User, verb=verb, pks=pks, guard=_guard())


def verify_accounts(*, actor, pks, reason=""):
    """Records that people of the platform have checked who is behind these accounts.

    Only for accounts that are asked for no documents; the others' badge follows those.
    """
    return move(
        actor=actor,
        model=User,
        verb="verify",
        pks=pks,
        reason=reason,
        guard=_guard(),
        verified_at=timezone.now(),
        verified_by_id=actor.pk,
        verified_until=None,
        verified_as="",
    )


def revoke_verifications(*, actor, pks, reason):
    """Takes verifications back that were given by hand, with the reason."""
    return move(
        actor=actor,
        model=User,
        verb="revoke",
        pks=pks,
        reason=reason,
        guard=_guard(),
        verified_at=None,
        verified_by_id=None,
        verified_until=None,
        verified_as="",
    )
