"""What time does to listings and requests, and what remains of them when somebody's account is erased."""

from django.db import transaction
from django.utils.translation import gettext as _

from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import carry_out

from ..enums import OfferState
from ..models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest
from ..signals import offers_moved
from .photos import forget_photos_of
from .places import close_requests, lock_offers, move_by_itself, move_up

BATCH = 1_000
KINDS = ((HousingOffer, HousingRequest), (CarpoolOffer, CarpoolRequest))


def close_what_is_over():
    """Closes requests for days gone by and puts listings away whose last day has passed, as days are counted
    in Cayenne. Returns how many rows were closed.

    In batches, each a transaction of its own: it may be stopped at any moment, and run again.
    """
    day, number = today(), 0
    for offers, requests in KINDS:
        while done := _requests(requests, "end", requests.objects.past(day)):
            number += done
        why = _("Les jours demandés sont passés.")
        while done := _requests(requests, "expire", requests.objects.too_late(day), answer=why):
            number += done
        while done := _offers(offers, day):
            number += done
    return number


def _requests(model, verb, rows, **columns):
    with transaction.atomic():
        batch = list(rows.select_for_update(of=("self",)).order_by("pk")[:BATCH])
        return move_by_itself(model, verb, batch, **columns)


def _offers(model, day):
    with transaction.atomic():
        rows = model.objects.over(day).select_for_update(of=("self",), no_key=True).order_by("pk")
        return _end(model, list(rows[:BATCH]), _("L’annonce est terminée."))


def _end(model, rows, why):
    """Puts listings away without anybody deciding it."""
    if not rows:
        return 0
    with operation(kind=OperationKind.TRANSITION, actor=system_actor(), subject=model, verb="end") as running:
        carry_out(model.workflow.transition("end"), rows)
        close_requests([row.pk for row in rows], model=model, why=why)
        offers_moved.send(model, pks=[row.pk for row in rows], operation=running.row)
    return len(rows)


def close_account(*, pk):
    """Ends what the account with this key offers and asks for, and removes its photos, before it is erased.

    Must run inside an operation that holds the account locked, so that nothing more is asked for meanwhile;
    who waits for a place of theirs moves up.
    """
    for offers, requests in KINDS:
        asked = requests.objects.live().filter(student=pk)
        # Whoever answers requests locks their listings first, and so does this.
        listed = {*offers.objects.of(pk).values_list("pk", flat=True), *asked.values_list("offer", flat=True)}
        locked = lock_offers(offers, listed)
        live = list(asked.select_for_update(of=("self",)))
        move_by_itself(requests, "withdraw", live)
        move_up({row.offer_id for row in live}, model=offers)
        own = [row for row in locked.values() if row.owner_id == pk]
        if offers is HousingOffer:
            forget_photos_of([row.pk for row in own])
        _end(
            offers,
            [row for row in own if row.state != OfferState.ARCHIVED],
            _("L’annonce n’est plus proposée."),
        )
        given = requests.objects.accepted().filter(offer__in=[row.pk for row in own])
        _take_back(requests, list(given.select_for_update(of=("self",))))


def _take_back(model, rows):
    """Takes places back that are gone with the account of who gave them; students are told."""
    move_by_itself(model, "decline", rows, answer=_("Le compte de cette personne n’existe plus."))
