"""Telling people; each thing is told once, however often it is asked for. Everything runs from the queue."""

from pratik.accounts.enums import StaffRole
from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.history import still_as_left
from pratik.core.models import Operation
from pratik.notifications.services import tell

from .. import notices, rules
from ..enums import OfferState, RequestState
from ..models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest
from ..reports import changes_since_online
from .places import move_up, requests_of

TOLD_AT_ONCE = 1_000
KINDS = (HousingOffer, CarpoolOffer)
MODELS = {
    model._meta.label_lower: model for model in (HousingOffer, CarpoolOffer, HousingRequest, CarpoolRequest)
}
# What the team, or the calendar, did to a listing.
DECISIONS = frozenset({"publish", "reinstate", "refuse", "suspend", "archive", "end"})
LEAVING = frozenset({"suspend", "archive", "rework"})
APPEARING = frozenset({"publish", "reinstate"})
ANSWERS = frozenset(
    {
        RequestState.REQUESTED,
        RequestState.ACCEPTED,
        RequestState.WAITING,
        RequestState.DECLINED,
        RequestState.EXPIRED,
    }
)


def _batches(model, pks):
    for start in range(0, len(pks), TOLD_AT_ONCE):
        yield list(model.objects.filter(pk__in=pks[start : start + TOLD_AT_ONCE]).with_names().order_by("pk"))


def _readers():
    """Those of the team who read listings: verifiers and editors, else administrators."""
    people = User.objects.people().filter(is_active=True)
    found = people.filter(staff_role__in=(StaffRole.VERIFIER, StaffRole.EDITOR)).order_by("pk")
    return list(found) or list(people.filter(staff_role=StaffRole.ADMINISTRATOR).order_by("pk"))


def tell_of_offers(*, label, pks, operation_pk):
    """Tells the team of listings to read, owners what became of theirs, and students who have a place when it
    left the site or is back, with what changed meanwhile. Who did it is not told. Returns how many notices
    were new.
    """
    model, act = MODELS[label], Operation.objects.get(pk=operation_pk)
    told = 0
    for offers in _batches(model, pks):
        if act.verb == "submit":
            readers = _readers()
            told += tell(
                drafts=[notices.submitted(offer, reader, act) for offer in offers for reader in readers]
            )
        if act.verb in DECISIONS:
            told += tell(
                drafts=[
                    notices.decided(offer, act)
                    for offer in offers
                    if offer.owner_id != act.actor_id and offer.owner.is_active
                ]
            )
        if act.verb in LEAVING:
            told += tell(drafts=[notices.place_at_risk(row, act) for row in _with_a_place(model, offers)])
        if act.verb in APPEARING:
            changed = changes_since_online(model, [offer.pk for offer in offers], act)
            told += tell(
                drafts=[
                    notices.place_safe_again(row, act, changed.get(row.offer_id, ()))
                    for row in _with_a_place(model, offers)
                ]
            )
    return told


def _with_a_place(model, offers):
    rows = requests_of(model).objects.accepted().filter(offer__in=[offer.pk for offer in offers])
    return rows.filter(until_on__gte=today(), student__is_active=True).with_names().order_by("pk")


def tell_of_badges(*, pks, operation_pk):
    """Tells owners whose badge came or went which listings came or went with it, and students who have a
    place there; who waits for one has it where there is room now. Returns how many notices were new.
    """
    act, day, told = Operation.objects.get(pk=operation_pk), today(), 0
    for start in range(0, len(pks), TOLD_AT_ONCE):
        owners = {
            user.pk: user
            for user in User.objects.filter(pk__in=pks[start : start + TOLD_AT_ONCE], is_active=True)
        }
        by_owner = {}
        for model in KINDS:
            rows = model.objects.filter(
                state=OfferState.PUBLISHED, **{f"{model.owner_field}__in": list(owners)}
            )
            offers = [row for row in rows.with_names().order_by("pk") if not row.is_over_on(day)]
            for offer in offers:
                by_owner.setdefault(offer.owner_id, []).append(offer)
            move_up([offer.pk for offer in offers if offer.is_online], model=model)
            told += tell(
                drafts=[
                    notices.place_safe_again(row, act)
                    if rules.can_publish_listing(owners[row.offer.owner_id])
                    else notices.place_at_risk(row, act)
                    for row in _with_a_place(model, offers)
                ]
            )
        told += tell(
            drafts=[
                (
                    notices.listings_online
                    if rules.can_publish_listing(owners[pk])
                    else notices.listings_offline
                )(owners[pk], offers, act)
                for pk, offers in by_owner.items()
            ]
        )
    return told


def tell_requests_made(*, label, pks, operation_pk):
    """Tells owners of new requests, and students who have a place at once or wait for one."""
    act, told = Operation.objects.get(pk=operation_pk), 0
    for requests in _batches(MODELS[label], pks):
        told += tell(drafts=[notices.asked(row, act) for row in requests if row.offer.owner.is_active])
        stand = still_as_left(MODELS[label], act, [row.pk for row in requests])
        told += tell(
            drafts=[
                notices.answered(row, act)
                for row in requests
                if row.pk in stand and row.state in (RequestState.ACCEPTED, RequestState.WAITING)
            ]
        )
    return told


def tell_of_requests(*, label, pks, verb, operation_pk):
    """Tells students what became of their requests, and owners of those that were taken back or moved up."""
    act, told = Operation.objects.get(pk=operation_pk), 0
    for requests in _batches(MODELS[label], pks):
        stand = still_as_left(MODELS[label], act, [row.pk for row in requests])
        drafts = []
        for row in requests:
            if verb == "withdraw":
                drafts += [notices.given_up(row, act)] if row.offer.owner.is_active else []
                continue
            if row.pk in stand and row.state in ANSWERS and row.student.is_active:
                drafts.append(notices.answered(row, act))
            if verb in ("admit", "recall") and row.offer.owner.is_active:
                drafts.append(notices.asked(row, act))
        told += tell(drafts=drafts)
    return told
