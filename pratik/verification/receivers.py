"""Reactions to facts: from the queue, so that a decision is quick. And whatever is written past the services
(an undoing, an account whose type was changed or that was closed) brings badges and files along too.
"""

from django.db.models import Q

from pratik.accounts.models import User
from pratik.core.enums import OperationKind
from pratik.core.queue import enqueue
from pratik.core.signals import rows_written

from . import signals
from .models import Requirement, VerificationDocument

BY_HAND = frozenset({OperationKind.EDIT, OperationKind.IMPORT, OperationKind.UNDO, OperationKind.REVERT})


def tell_of_submissions(sender, pks, operation, **kwargs):
    """Those who check documents hear of new ones."""
    enqueue("pratik.verification.tasks.tell_submitted", list(pks), operation.pk)


def tell_decisions(sender, pks, operation, **kwargs):
    """People hear what was decided."""
    enqueue("pratik.verification.tasks.tell_decided", list(pks), operation.pk)


def tell_of_expiry(sender, pks, **kwargs):
    """People hear that a document of theirs is over."""
    enqueue("pratik.verification.tasks.tell_expired", list(pks))


def tell_of_badges_given(sender, pks, operation, **kwargs):
    """People hear that they have the badge."""
    enqueue("pratik.verification.tasks.tell_badges", list(pks), operation.pk, True)


def tell_of_badges_withdrawn(sender, pks, operation, **kwargs):
    """People hear that they have the badge no longer."""
    enqueue("pratik.verification.tasks.tell_badges", list(pks), operation.pk, False)


def follow_what_is_written(sender, pks, operation, **kwargs):
    """Badges and files follow what others write of requirements and accounts."""
    if sender is Requirement:
        # What it was, and what it is now.
        kinds = Requirement.history.filter(id__in=pks).order_by().values_list("account_type", flat=True)
        enqueue("pratik.verification.tasks.refresh_badges_of", sorted(set(kinds)))
    elif sender is User and operation.kind in BY_HAND:
        _follow_accounts(User.objects.filter(pk__in=pks).order_by("pk"))


def _follow_accounts(users):
    """The badge follows the type of an account; the papers that wait follow whether it is open."""
    asked = Requirement.objects.active().values("account_type")
    by_papers = Q(account_type__in=asked) | ~Q(verified_as="")
    if owners := list(users.filter(by_papers).values_list("pk", flat=True)):
        enqueue("pratik.verification.tasks.refresh_badges", owners)
    waiting = VerificationDocument.objects.waiting_for_another_end().filter(owner__in=users.values("pk"))
    if owners := sorted(set(waiting.order_by().values_list("owner", flat=True))):
        enqueue("pratik.verification.tasks.follow_closed_accounts", owners)


def connect():
    for signal, heard in (
        (signals.documents_submitted, tell_of_submissions),
        (signals.documents_decided, tell_decisions),
        (signals.documents_expired, tell_of_expiry),
        (signals.badges_given, tell_of_badges_given),
        (signals.badges_withdrawn, tell_of_badges_withdrawn),
        (rows_written, follow_what_is_written),
    ):
        signal.connect(heard, dispatch_uid=f"verification.{heard.__name__}")
