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
    while done := _expire_batch(actor, today()):
        number += done
    refresh_badges_of()
    return number


def _expire_batch(actor, day):
    reason = _("Échéance passée")
    with operation(
        kind=OperationKind.TRANSITION,
        actor=actor,
        subject=VerificationDocument,
        verb="expire",
        reason=reason,
    ) as running:
        rows = list(
            VerificationDocument.objects.past(day).select_for_update(of=("self",)).order_by("pk")[:BATCH]
        )
        if not rows:
            return 0
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
    day, last, told = today(), 0, 0
    needs = needs_by_type()
    until = day + datetime.timedelta(days=max(REMINDERS))
    while True:
        rows = (
            VerificationDocument.objects.expiring(day, until)
            .filter(pk__gt=last, owner__is_active=True)
            .select_related("owner")
            .order_by("pk")[:BATCH]
        )
        documents = list(rows)
        if not documents:
            return told
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
        last = documents[-1].pk
