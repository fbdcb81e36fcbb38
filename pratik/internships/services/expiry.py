"""Applications that nobody answers end by themselves."""

import datetime

from django.db import transaction

from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import carry_out

from .. import rules
from ..models import Application
from ..signals import applications_moved
from ..workflow import APPLICATION
from .locking import lock_offers

BATCH = 1_000


def _expire(rows):
    """Ends applications, which are locked, by themselves; students are told. Returns how many."""
    if not rows:
        return 0
    with operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=Application, verb="expire"
    ) as running:
        carry_out(APPLICATION.transition("expire"), rows)
        applications_moved.send(
            Application, pks=[row.pk for row in rows], verb="expire", operation=running.row
        )
    return len(rows)


def expire_applications_of(offers):
    """Ends the applications for these offers that nobody has answered; the offers are locked."""
    rows = Application.objects.undecided().filter(offer__in=list(offers)).order_by("pk")
    return _expire(list(rows.select_for_update(of=("self",))))


def expire_applications():
    """Ends the applications that were left without an answer for 30 days after the start of the offer, as
    days are counted in Cayenne. Returns how many. In batches: it may be stopped at any moment, and run again.
    """
    day = today() - datetime.timedelta(days=rules.ANSWERED_WITHIN_DAYS)
    number = 0
    while done := _expire_batch(day):
        number += done
    return number


def _expire_batch(day):
    with transaction.atomic():
        late = list(Application.objects.too_late(day).order_by("pk").values_list("pk", "offer")[:BATCH])
        # Whoever answers locks the offers first, and so does this.
        lock_offers({offer for _pk, offer in late})
        rows = Application.objects.too_late(day).filter(pk__in=[pk for pk, _offer in late])
        done = _expire(list(rows.select_for_update(of=("self",)).order_by("pk")))
        # Answered meanwhile by somebody: what is left is for the next batch.
        return done or len(late)
