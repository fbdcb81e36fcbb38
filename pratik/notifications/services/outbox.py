"""What the team does with e-mails that have not left, or of which nobody knows.

Each act is an operation with its actor and its reason, though a notice has no history: who held or discarded
what somebody was to be told must be found again.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.queue import enqueue
from pratik.core.services import Outcome

from ..enums import ALWAYS_MAILED, MailState
from ..models import OutgoingMail
from ..workflow import MAIL


def assess_mails(*, actor, verb, pks, lock=False):
    """Which of these e-mails a verb would move, and why it would refuse the others; writes nothing."""
    transition = MAIL.transition(verb)
    rows = OutgoingMail.objects.editable_by(actor).filter(pk__in=list(pks)).select_related("recipient")
    if lock:
        rows = rows.order_by("pk").select_for_update(of=("self",))
    outcome = Outcome()
    for row in rows:
        why = MAIL.refusal(transition, row, actor.role) or _always_leaves(verb, row)
        if why:
            outcome.refused.append((row, why))
        else:
            outcome.changed.append(row)
    return outcome


def _always_leaves(verb, row):
    if verb in ("hold", "discard") and row.kind in ALWAYS_MAILED:
        return _("Cet avis touche à la sécurité ou aux données de la personne : il part toujours.")
    return None


def hold_mails(*, actor, pks, reason=""):
    """Keeps e-mails back until they are released."""
    return _move(actor, "hold", pks, reason)


def release_mails(*, actor, pks, reason=""):
    """Lets e-mails leave that were held."""
    return _move(actor, "release", pks, reason, mail_after=timezone.now())


def discard_mails(*, actor, pks, reason):
    """Has e-mails never leave; the notices stay in the console of the people they are addressed to."""
    return _move(actor, "discard", pks, reason)


def send_again(*, actor, pks, reason=""):
    """Has e-mails leave that failed, or that may have left; these then arrive twice where they had."""
    return _move(actor, "send_again", pks, reason, mail_after=timezone.now(), mail_run=None, mail_attempts=0)


def consider_sent(*, actor, pks, reason=""):
    """Takes e-mails that may have left for sent, at the moment at which they were handed over."""
    return _move(actor, "consider_sent", pks, reason, mail_run=None, mailed_at=F("claimed_at"))


def _move(actor, verb, pks, reason, **columns):
    """Moves e-mails through one line of the workflow. Raises as `pratik.core.services.move` does."""
    transition = MAIL.transition(verb)
    if actor.role not in transition.who:
        raise PermissionDenied
    if transition.needs_reason and not reason.strip():
        raise ValidationError({"reason": _("Donnez un motif.")}, code="reason_missing")
    with operation(
        kind=OperationKind.TRANSITION, actor=actor, subject=OutgoingMail, verb=verb, reason=reason.strip()
    ) as running:
        outcome = assess_mails(actor=actor, verb=verb, pks=pks, lock=True)
        if not outcome.changed:
            return outcome
        outcome.operation = running.row
        running.count("updated", len(outcome.changed))
        running.count("refused", len(outcome.refused))
        rows = OutgoingMail.objects.filter(pk__in=[row.pk for row in outcome.changed])
        if columns:
            rows.update(**columns)
        rows.update(mail_state=transition.target)
        if transition.target == MailState.WAITING:
            enqueue("pratik.notifications.tasks.send_mails")
    return outcome
