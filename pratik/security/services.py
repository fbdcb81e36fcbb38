"""What may be done with the journal of accesses, with devices, and in another person's name."""

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role, StaffRole
from pratik.accounts.models import IDENTITY, User
from pratik.accounts.services import system_actor
from pratik.core.enums import HistoryType, OperationKind
from pratik.core.history import versions_around
from pratik.core.origin import current_origin, in_anothers_name
from pratik.core.queue import enqueue
from pratik.core.text import fold
from pratik.notifications.services import mail_elsewhere, tell

from . import notices
from .enums import AccessKind, ImpersonationEnd
from .models import AccessEvent, Impersonation, KnownDevice
from .rules import REASON_AT_LEAST, address_refusal, identity_refusal, impersonation_refusal

BATCH = 5_000
KEPT_AT_LEAST_DAYS = 30


def record(*, kind, actor=None, subject=None, detail=""):
    """Writes one line of the journal, with the moment and the place that the request came from.

    `subject` is the row that it is about, or the model when it is about a list. Without an `actor`, `detail`
    is what was typed in place of one; when that is the address of an account, the line is about the account,
    so that its owner reads of attempts to open it.
    """
    if actor is None and subject is None and "@" in detail:
        subject = User.objects.with_address(detail).first()
    event = _line(kind=kind, actor=actor, subject=subject, detail=detail)
    event.save()
    return event


def record_each(*, actor, lines):
    """Writes many lines of the journal at once, each given as (kind, subject, detail); see `record`."""
    AccessEvent.objects.bulk_create(
        [_line(kind=kind, actor=actor, subject=subject, detail=detail) for kind, subject, detail in lines],
        batch_size=1_000,
    )


def _line(*, kind, actor, subject, detail):
    origin = current_origin()
    label = str(actor) if actor else detail
    event = AccessEvent(
        kind=kind,
        actor=actor,
        actor_label=label[:254],
        # What an administrator does as themselves, such as coming back, is nobody else's doing.
        impersonator=None if origin.impersonator == actor else origin.impersonator,
        address=origin.address,
        device=origin.device[:300],
        subject=subject._meta.label_lower if subject is not None else "",
        object_pk=str(subject.pk) if isinstance(subject, models.Model) else "",
        detail=detail[:500],
    )
    email = actor.email if actor else ""
    event.search_text = fold(f"{label} {email} {detail}")[:900]
    return event


def record_opening(*, actor, row, detail):
    """Writes in the journal that somebody opened a private file; `row` is what it belongs to, `detail` its
    name. Called by every view that hands one out, before it does.
    """
    return record(kind=AccessKind.FILE_OPENED, actor=actor, subject=row, detail=detail)


def record_rights(*, pks, operation):
    """Writes in the journal what an operation changed of accounts' rights: opened, closed, another role or
    address. Sessions end with an account that is closed, and with an address that somebody else replaced.

    `operation` is the running one, whose lines of history are there already. As many queries for one account
    as for thousands, unless addresses change: their owners are told. Raises, which takes the whole change
    back, `PermissionDenied` when an administrator makes it in somebody's name (who may do what, and who a
    person is, is decided in one's own name) or when somebody else changes an address, a type or a role, and
    `ValidationError` for the address of another administrator.
    """
    versions = versions_around(User, pks, operation)
    latest = {pk: line for pk, (_before, line) in versions.items()}
    earlier = {pk: before for pk, (before, _line) in versions.items() if before}
    accounts = models.QuerySet(User).in_bulk(list(latest))
    if in_anothers_name() and any(
        _identity(earlier.get(pk)) != _identity(line) for pk, line in latest.items()
    ):
        raise PermissionDenied(_("Revenez d’abord à votre compte."))
    _refuse_identity(earlier, latest, operation)
    changes = [
        (kind, detail, line)
        for pk, line in latest.items()
        if pk in accounts
        for kind, detail in _changes_of_rights(earlier.get(pk), line)
        # An erased address is not written down once more.
        if (kind, operation.kind) != (AccessKind.EMAIL_CHANGED, OperationKind.ERASURE)
    ]
    record_each(
        actor=operation.actor, lines=[(kind, accounts[line.id], detail) for kind, detail, line in changes]
    )
    moved = [line for kind, _detail, line in changes if kind == AccessKind.EMAIL_CHANGED]
    # Once more when an account opens again: somebody may have been signing in while it was closed.
    switched = (AccessKind.ACCOUNT_CLOSED, AccessKind.ACCOUNT_OPENED)
    ended = {line.id for kind, _detail, line in changes if kind in switched and line.id in earlier}
    end_sessions(pks=ended | {line.id for line in moved if line.id != operation.actor.pk})
    for line in moved:
        is_own = line.id == operation.actor.pk
        tell(drafts=[notices.address_changed(accounts[line.id], line=line, is_own=is_own)])
        enqueue("pratik.security.tasks.tell_former_address", line.history_id)


def _refuse_identity(earlier, latest, operation):
    """Keeps who accounts are from all but administrators, whichever way the change came about: by a form, a
    file, or by taking back what somebody else decided.
    """
    changed = [
        (before, line)
        for pk, line in latest.items()
        if (before := earlier.get(pk))
        and any(getattr(before, name) != getattr(line, name) for name in IDENTITY)
    ]
    if not changed:
        return
    actor = operation.actor
    # Whoever changes their own account is who they were before.
    own = earlier.get(actor.pk)
    is_administrator = _is_administrator(own) if own else actor.is_administrator
    if why := identity_refusal(is_administrator=is_administrator):
        raise PermissionDenied(why)
    replaced = {
        line.id for before, line in changed if _is_administrator(before) and before.email != line.email
    }
    if not replaced or operation.kind == OperationKind.ERASURE or actor == system_actor():
        return
    if why := address_refusal(is_own=replaced == {actor.pk}):
        raise ValidationError({"email": why}, code="other_administrator")


def _is_administrator(line):
    return line.staff_role == StaffRole.ADMINISTRATOR


def end_sessions(*, pks):
    """Ends every session of these accounts, wherever they are signed in, with what they do from one in
    another's name.
    """
    if not pks:
        return
    for impersonation in _not_ended().filter(administrator__in=pks):
        _end(impersonation, ImpersonationEnd.NO_LONGER_ALLOWED, timezone.now())
    rows = UserSession.objects.filter(user__in=pks)
    Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
    rows.delete()


def tell_former_address(*, line):
    """Tells the owner of an account, at its former address, that it has another one.

    `line` is the key of the line of history that has the new one. Nothing leaves when the former one is the
    account's again.
    """
    history = User.history.model.objects
    after = history.select_related("operation").get(history_id=line)
    before = history.filter(id=after.id, history_id__lt=line).order_by("-history_id").first()
    user = User.objects.get(pk=after.id)
    if before is not None and before.email not in (after.email, user.email):
        is_own = after.operation.actor_id == after.id
        draft = notices.address_changed(user, line=after, is_own=is_own)
        mail_elsewhere(replace(draft, path=""), address=before.email).send()


def _changes_of_rights(before, after):
    """What changed of an account's rights between two lines of its history, as (kind, words)."""
    if after.history_type == HistoryType.CREATED:
        yield AccessKind.ACCOUNT_OPENED, _role(after)
        return
    if before is None:
        return
    if _role(before) != _role(after):
        yield AccessKind.ROLE_CHANGED, f"{_role(before)} → {_role(after)}"
    if before.email != after.email:
        yield AccessKind.EMAIL_CHANGED, f"{before.email} → {after.email}"
    if before.is_active and not after.is_active:
        yield AccessKind.ACCOUNT_CLOSED, ""
    elif after.is_active and not before.is_active:
        yield AccessKind.ACCOUNT_OPENED, _("Compte rouvert")


def _identity(line):
    """What an account is to the platform, apart from what its owner tells of themselves."""
    return line and (line.email, line.account_type, line.staff_role, line.is_active, line.verification)


def _role(line):
    return str(Role(line.staff_role or line.account_type).label)


def forget_old_events(*, now=None):
    """Removes the lines that the journal has kept for long enough (`ACCESS_EVENTS_KEPT_DAYS`).

    In batches, so that a task that is killed has done part of it and the next one goes on. Returns how
    many were removed.
    """
    days = max(settings.ACCESS_EVENTS_KEPT_DAYS, KEPT_AT_LEAST_DAYS)
    limit = (now or timezone.now()) - timedelta(days=days)
    number = 0
    while True:
        old = AccessEvent.objects.filter(happened_at__lt=limit).order_by("pk").values_list("pk", flat=True)
        batch = models.QuerySet(AccessEvent).filter(pk__in=list(old[:BATCH]))
        removed = batch._raw_delete(batch.db)
        if not removed:
            return number
        number += removed


def _print_of(token):
    return hashlib.sha256(token.encode()).hexdigest()


def recognise_device(*, user, token):
    """Remembers that a person signed in with a device. Returns the secret that its cookie keeps.

    Whoever had other devices before is told of a new one, in the console and by e-mail, whatever they prefer.
    """
    now = timezone.now()
    origin = current_origin()
    seen = {"last_seen_at": now, "device": origin.device[:300]}
    if token and KnownDevice.objects.filter(user=user, token_hash=_print_of(token)).update(**seen):
        return token
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        is_first = not KnownDevice.objects.filter(user=user).exists()
        device = KnownDevice.objects.create(user=user, token_hash=_print_of(token), first_seen_at=now, **seen)
        if not is_first:
            tell(drafts=[notices.new_device(device, address=origin.address)])
    return token


def start_impersonation(*, actor, target, reason):
    """Lets an administrator act in another person's name for a while, and tells the person at once.
    Returns the `Impersonation`.

    One at a time: what the administrator had under way ends. Raises `PermissionDenied` for whom it is not
    open to, which is recorded, and `ValidationError` for a reason that says nothing.
    """
    reason = " ".join(reason.split())
    if len(reason) < REASON_AT_LEAST:
        raise ValidationError(
            {
                "reason": _("Dites pourquoi, en %(number)d signes au moins.") % {"number": REASON_AT_LEAST},
            }
        )
    if in_anothers_name():
        refusal = _("Revenez d’abord à votre compte.")
    else:
        refusal = impersonation_refusal(administrator=actor, target=target)
    if refusal:
        record(kind=AccessKind.IMPERSONATION_REFUSED, actor=actor, subject=target, detail=refusal)
        raise PermissionDenied(refusal)
    now = timezone.now()
    with transaction.atomic():
        # Two windows of one administrator: the second one waits here, and ends the first.
        User.objects.select_for_update(of=("self",)).get(pk=actor.pk)
        for other in _not_ended().filter(administrator=actor):
            _end(other, ImpersonationEnd.RETURNED, now)
        impersonation = Impersonation.objects.create(
            administrator=actor,
            target=target,
            reason=reason[:500],
            started_at=now,
            expires_at=now + timedelta(minutes=settings.IMPERSONATION_MINUTES),
            search_text=fold(f"{actor} {target} {target.email} {reason}")[:900],
        )
        record(kind=AccessKind.IMPERSONATION_STARTED, actor=actor, subject=target, detail=reason)
        tell(drafts=[notices.acted_for(impersonation)])
    return impersonation


def running_impersonation(*, administrator, pk, now=None):
    """The impersonation of this key while it holds, else None, which ends it.

    It holds while time is left and both persons may still: an administrator who was demoted or whose account
    was closed, or a person who became one, ends it at once. One of another administrator is left alone.
    """
    now = now or timezone.now()
    found = _not_ended().filter(pk=pk).first()
    if found is None:
        return None
    if found.expires_at <= now:
        _end(found, ImpersonationEnd.EXPIRED, found.expires_at)
        return None
    if impersonation_refusal(administrator=found.administrator, target=found.target):
        _end(found, ImpersonationEnd.NO_LONGER_ALLOWED, now)
        return None
    return found if found.administrator == administrator else None


def end_impersonation(*, administrator, pk, how=ImpersonationEnd.RETURNED):
    """Gives the administrator their own account back. Ending twice is no error."""
    found = _not_ended().filter(pk=pk, administrator=administrator).first()
    if found is not None:
        _end(found, how, timezone.now())


def end_expired_impersonations(*, now=None):
    """Ends those whose time is up and whose browser never came back to notice. Returns how many."""
    expired = list(_not_ended().filter(expires_at__lte=now or timezone.now()))
    for impersonation in expired:
        _end(impersonation, ImpersonationEnd.EXPIRED, impersonation.expires_at)
    return len(expired)


def _not_ended():
    return Impersonation.objects.select_related("administrator", "target").filter(ended_at=None)


def _end(impersonation, how, moment):
    ended = Impersonation.objects.filter(pk=impersonation.pk, ended_at=None).update(
        ended_at=moment, ended_how=how
    )
    if ended:
        record(
            kind=AccessKind.IMPERSONATION_ENDED,
            actor=impersonation.administrator,
            subject=impersonation.target,
            detail=str(ImpersonationEnd(how).label),
        )
