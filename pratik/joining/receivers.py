"""Reactions to facts: people are told from the queue, so that an answer is quick."""

from pratik.core.queue import enqueue
from pratik.core.signals import rows_written

from . import services, signals
from .models import KINDS


def tell_of_requests(sender, pks, **kwargs):
    """Members and the team hear that somebody asks to join."""
    enqueue("pratik.joining.tasks.tell_requests_made", list(pks))


def tell_answers(sender, pks, operation, **kwargs):
    """People hear what was answered to their request."""
    enqueue("pratik.joining.tasks.tell_requests_answered", list(pks), operation.pk)


def tell_of_drafts(sender, pks, **kwargs):
    """The team hears that an organisation waits to be checked."""
    enqueue("pratik.joining.tasks.tell_drafts_submitted", list(pks))


def tell_draft_answers(sender, pks, operation, **kwargs):
    """Applicants hear whether their organisation was added."""
    enqueue("pratik.joining.tasks.tell_drafts_answered", list(pks), operation.pk)


def tell_of_acceptance(sender, pks, **kwargs):
    """Those who invited hear that somebody came."""
    enqueue("pratik.joining.tasks.tell_accepted", list(pks))


def journal_of_memberships(sender, pks, operation, **kwargs):
    """A form, an import, an invitation, an undoing: all are heard here, in their own transaction."""
    services.record_memberships(model=sender, pks=pks, operation=operation)


def connect():
    for signal, heard in (
        (signals.requests_made, tell_of_requests),
        (signals.requests_answered, tell_answers),
        (signals.drafts_submitted, tell_of_drafts),
        (signals.drafts_answered, tell_draft_answers),
        (signals.invitations_accepted, tell_of_acceptance),
    ):
        signal.connect(heard, dispatch_uid=f"joining.{heard.__name__}")
    for kind in KINDS.values():
        rows_written.connect(
            journal_of_memberships, sender=kind.membership, dispatch_uid="joining.memberships"
        )
