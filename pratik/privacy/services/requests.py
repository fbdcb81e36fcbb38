"""Requests to erase data: received, answered in time, and each answer told to the person."""

import logging
from smtplib import SMTPRecipientsRefused

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from pratik.accounts.models import User
from pratik.accounts.services import administrators_in
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.queue import enqueue
from pratik.core.services import Outcome, assess, move, save_row
from pratik.core.writes import set_columns
from pratik.notifications.services import tell
from pratik.security.enums import AccessKind
from pratik.security.services import record

from .. import notices, reports, rules
from ..models import ErasureRequest
from .erasure import (
    account_refusal,
    clean_text,
    contact_refusal,
    erase_account,
    erase_contact,
)

logger = logging.getLogger(__name__)


def receive_request(*, actor, user=None, contact=None, reason="", received_on=None):
    """Writes down that somebody asks to be erased: the person themselves, or staff who got a letter.

    The person and the administrators are told. Raises `ValidationError` when a request of this person is
    open already, when there is nobody to erase, or for a day to come.
    """
    request = ErasureRequest(
        user=user, contact=contact, reason=reason.strip(), received_on=received_on or today()
    )
    return receive(actor=actor, request=request)


def receive(*, actor, request):
    """As `receive_request`, for a request whose fields are set."""
    if request.received_on > today():
        raise ValidationError(
            {"received_on": _("Une demande ne peut pas être reçue dans l’avenir.")}, code="to_come"
        )
    request.due_on = rules.answer_due_on(request.received_on)
    if request.user is not None and request.user.is_erased:
        raise ValidationError({"user": _("Ce compte est déjà effacé.")}, code="erased")
    with operation(kind=OperationKind.CREATE, actor=actor, subject=ErasureRequest):
        save_row(actor=actor, row=request)
        if request.user is not None:
            tell(drafts=[notices.received(request)])
            record(kind=AccessKind.ERASURE_ASKED, actor=actor, subject=request.user)
        enqueue("pratik.privacy.tasks.tell_administrators", request.pk)
    return request


def exception_for(account):
    """What an erasure of this account would leave as it is, and until when, in a sentence; else nothing."""
    return notices.exception(reports.kept_under_duty(reports.person_of(account)))


def tell_administrators(*, pk):
    """Tells each administrator of a request that is still open. Safe to run again. Returns how many."""
    request = ErasureRequest.objects.open().select_related("user", "contact").filter(pk=pk).first()
    if request is None:
        return 0
    return tell(drafts=[notices.to_decide(request, who) for who in _administrators(request)])


def _administrators(request):
    """Who may answer a request: active administrators, but not the person themselves."""
    return User.objects.administrators().exclude(pk=request.user_id)


def remind_of_deadlines(*, day=None):
    """Reminds administrators of requests due within a week, and once more when one is late.

    Safe to run again: each reminder is said once. Returns how many were new.
    """
    day = day or today()
    drafts = [
        notices.due_soon(request, who, request.days_left(day))
        for request in ErasureRequest.objects.due_by(day + rules.NEAR).select_related("user", "contact")
        for who in _administrators(request)
    ]
    return tell(drafts=drafts)


def assess_requests(*, actor, verb, pks):
    """Which requests a verb would move and which it would refuse, with the reasons; writes nothing."""
    guards = {"complete": _guard(actor, lock=False), "extend": _extension_guard}
    return assess(actor=actor, model=ErasureRequest, verb=verb, pks=pks, guard=guards.get(verb))


def _extension_guard(request):
    return rules.extension_refusal(request, today())


def _guard(actor, *, lock):
    administrators = administrators_in(lock=lock)

    def guard(request):
        if request.contact is not None:
            return contact_refusal(request.contact)
        return account_refusal(actor, administrators, request.user)

    return guard


def withdraw_requests(*, actor, pks, reason=""):
    """A person takes their own request back; nothing is erased, and nobody does so in their name."""
    if in_anothers_name():
        raise PermissionDenied
    return move(actor=actor, model=ErasureRequest, verb="withdraw", pks=pks, reason=reason)


def refuse_requests(*, actor, pks, reason):
    """Refuses requests, with the reason that the people are told."""

    def announce(moved, _operation):
        _tell_people(moved, notices.refused, reason)

    return move(
        actor=actor,
        model=ErasureRequest,
        verb="refuse",
        pks=pks,
        reason=reason,
        announce=announce,
        answer=reason.strip(),
    )


def extend_requests(*, actor, pks, reason):
    """Takes two months more to answer, once and before the month is over, with the reason that the people
    are told (GDPR, article 12(3)).
    """

    def announce(moved, _operation):
        by_day = {}
        for request in ErasureRequest.objects.filter(pk__in=moved):
            by_day.setdefault(request.received_on, []).append(request.pk)
        for day, chosen in by_day.items():
            set_columns(ErasureRequest, chosen, due_on=rules.answer_due_on(day, extended=True))
        _tell_people(moved, notices.extended, reason)

    return move(
        actor=actor,
        model=ErasureRequest,
        verb="extend",
        pks=pks,
        reason=reason,
        guard=_extension_guard,
        announce=announce,
        answer=reason.strip(),
    )


def _tell_people(pks, say, reason):
    rows = ErasureRequest.objects.filter(pk__in=pks).exclude(user=None).select_related("user")
    tell(drafts=[say(request, reason.strip()) for request in rows])


def complete_requests(*, actor, pks, reason=""):
    """Erases the people who asked for it, each in a transaction of its own, and tells them by e-mail.

    Somebody whose e-mail can't leave for now is not erased, since they would never learn of it; neither is
    who can be erased no longer. They are among the refused of the `Outcome`, with the reason, and the others
    are done.
    """
    total = Outcome()
    for pk in pks:
        rows = ErasureRequest.objects.editable_by(actor).select_related("user", "contact")
        request = rows.filter(pk=pk).first()
        if request is None:
            continue
        try:
            outcome = _complete(actor, request, reason)
        except ValidationError as problem:
            outcome = Outcome(refused=[(request, " ".join(problem.messages))])
        total.changed += outcome.changed
        total.refused += outcome.refused
        total.operation = outcome.operation or total.operation
    return total


def _complete(actor, request, reason):
    pk = request.pk
    address, language = request.person.email, getattr(request.person, "language", "fr")
    is_account = request.user is not None
    person = reports.person_of(request.user) if is_account else reports.person_of_contact(request.contact)
    with operation(
        kind=OperationKind.ERASURE,
        actor=actor,
        subject=ErasureRequest,
        verb="complete",
        # What is written about an erasure must not name whom it erases.
        reason=clean_text(reason.strip(), person),
    ):
        outcome = move(
            actor=actor, model=ErasureRequest, verb="complete", pks=[pk], guard=_guard(actor, lock=True)
        )
        if not outcome.changed:
            return outcome
        # Afterwards nobody knows whose these were.
        kept = reports.kept_under_duty(person)
        if is_account:
            erase_account(actor=actor, user=request.user)
            # As the account is now: the journal writes down what it is called.
            record(kind=AccessKind.ERASURE_DONE, actor=actor, subject=User.objects.get(pk=request.user_id))
        else:
            erase_contact(actor=actor, contact=request.contact)
        set_columns(ErasureRequest, [pk], answer=notices.what_stays(kept))
        _say_farewell(address, language, kept)
    outcome.changed = list(ErasureRequest.objects.filter(pk=pk).select_related("user", "contact"))
    return outcome


def _say_farewell(address, language, kept):
    """The last e-mail leaves before the erasure is committed: afterwards nobody knows the address."""
    try:
        notices.erased(address, language, kept).send()
    except SMTPRecipientsRefused:
        # The address takes no mail: there is no other way to tell, and the right to be erased remains.
        logger.warning("The e-mail about an erasure was refused by its recipient's server.")
    except OSError as problem:
        logger.exception("The e-mail about an erasure did not leave; the person was not erased.")
        raise ValidationError(
            _(
                "L’e-mail qui prévient la personne n’est pas parti : ses données ne sont pas effacées."
                " Réessayez plus tard."
            ),
            code="mail_failed",
        ) from problem
