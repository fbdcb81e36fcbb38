"""What time does to documents: their last day passes, and before it people are reminded."""

import datetime

from django.utils.translation import gettext as _

from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import carry_out
from pratik.notifications.services import tell

from .. import notices, rules
from ..models import VerificationDocument
from ..reports import needs_by_type
from ..signals import documents_expired
from .badges import in_force, refresh_badges, refresh_badges_of

BATCH = 1_000
REMINDERS = (30, 7, 1)


def expire_documents():
    """Marks the documents whose last day is over, takes the badges that stood on them, and then brings every
    badge to what its documents say. Returns how many documents expired.

    In batches, each a transaction of its own: it may be stopped at any moment, and run again.
    """
    actor, number = system_actor(), 0
    while (done := _expire_batch(actor, today())) is not None:
        number += done
    refresh_badges_of()
    return number


def _expire_batch(actor, day):
    """Returns how many expired, which may be none of those found, decided on meanwhile; None at the end."""
    reason = _("Échéance passée")
    with operation(
        kind=OperationKind.TRANSITION,
        actor=actor,
        subject=VerificationDocument,
        verb="expire",
        reason=reason,
    ) as running:
        # Found by their days, which an index gives, and locked by their keys, as everybody locks.
        found = list(VerificationDocument.objects.past(day).values_list("pk", flat=True)[:BATCH])
        if not found:
            return None
        rows = list(
            VerificationDocument.objects.past(day)
            .filter(pk__in=found)
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        counted = [row.pk for row in rows if row.is_in_force]
        carry_out(VerificationDocument.workflow.transition("expire"), rows, is_in_force=False)
        refresh_badges(actor=actor, pks={row.owner_id for row in rows}, reason=reason)
        if counted:
            documents_expired.send(VerificationDocument, pks=counted, operation=running.row)
    return len(rows)


def remind_of_expiry():
    """Reminds people 30, 7 and 1 days before the last day of a document; each reminder once.

    Nobody is reminded of a document whose next version waits for its review, that is not asked for any more,
    or beside which another one proves the same for longer. Returns how many notices were new.
    """
    day, told = today(), 0
    needs = needs_by_type()
    until = day + datetime.timedelta(days=max(REMINDERS))
    ending = VerificationDocument.objects.expiring(day, until).filter(owner__is_active=True)
    left = ending
    while documents := list(left.select_related("owner")[:BATCH]):
        found = in_force({document.owner_id for document in documents}, day)
        told += tell(
            drafts=[
                notices.expiring(
                    document,
                    days_left=(document.expires_on - day).days,
                    reminder=rules.reminder_due((document.expires_on - day).days, reminders=REMINDERS),
                )
                for document in documents
                if rules.is_missed_after(
                    document,
                    needs=needs.get(document.owner.account_type, {}),
                    last_days=found[document.owner_id],
                )
            ]
        )
        last = documents[-1]
        # The day once more by itself, since an index finds where to begin by that alone.
        left = ending.filter(expires_on__gte=last.expires_on).exclude(
            expires_on=last.expires_on, pk__lte=last.pk
        )
    return told
