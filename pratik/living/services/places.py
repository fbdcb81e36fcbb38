"""Answering requests. A place is given under a lock of its listing, so that no more are given than there are.

`model` is `HousingRequest` or `CarpoolRequest`. Listings are always locked before requests.
"""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import assess, carry_out, move

from .. import rules
from ..enums import RequestState
from ..signals import requests_moved


def requests_of(model):
    """The model of the requests for this kind of listing."""
    return model._meta.get_field("requests").related_model


def offers_of(model):
    """The model of the listings that these requests are for."""
    return model._meta.get_field("offer").related_model


def lock_offers(model, pks):
    """Listings by key, each locked until the transaction ends, in the order of their keys."""
    rows = model.objects.filter(pk__in=list(pks)).with_names().order_by("pk")
    return {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}


def accepted_by_offer(model, offers, day):
    """The accepted requests of these listings that are not over, as {listing: [request]}; one query."""
    found = {pk: [] for pk in offers}
    rows = requests_of(model).objects.accepted().filter(offer__in=list(offers), until_on__gte=day)
    for row in rows.order_by("pk"):
        found[row.offer_id].append(row)
    return found


def assess_requests(*, actor, model, verb, pks):
    """Which requests a verb would move and which it would refuse, with the reasons; writes nothing."""
    if verb != "accept":
        return assess(actor=actor, model=model, verb=verb, pks=pks)
    kind = offers_of(model)
    chosen = model.objects.editable_by(actor).filter(pk__in=list(pks))
    offers = {row.pk: row for row in kind.objects.filter(pk__in=chosen.values("offer")).with_names()}
    return _judged(actor, model, pks, offers, lock=False)


def _judged(actor, model, pks, offers, *, lock):
    """Of the requests that may be accepted by their state, those for which there is room, in their order."""
    outcome = assess(actor=actor, model=model, verb="accept", pks=pks, lock=lock)
    accepted = accepted_by_offer(offers_of(model), offers, today())
    wanted, outcome.changed = sorted(outcome.changed, key=lambda row: (row.created_at, row.pk)), []
    for row in wanted:
        offer = offers.get(row.offer_id)
        if offer is None:
            # Made after the listings were locked.
            outcome.refused.append((row, _("Cette demande vient d’arriver : réessayez.")))
            continue
        if why := rules.acceptance_refusal(row, offer, accepted=accepted[offer.pk]):
            outcome.refused.append((row, why))
        else:
            outcome.changed.append(row)
            accepted[offer.pk].append(row)
    return outcome


def accept_requests(*, actor, model, pks, reason=""):
    """Gives students a place each, as far as there is room, whoever asked first before the others.

    Those for whom there is none are refused in the outcome. Who asked for the same days and finds no room any
    more is put on the waiting list, and told. Nobody is accepted for a listing that is off line.
    """
    if actor.role not in model.workflow.transition("accept").who:
        raise PermissionDenied
    _in_own_name()
    with transaction.atomic():
        with operation(
            kind=OperationKind.TRANSITION, actor=actor, subject=model, verb="accept", reason=reason.strip()
        ) as running:
            chosen = model.objects.editable_by(actor).filter(pk__in=list(pks))
            wanted = set(chosen.values_list("offer", flat=True))
            offers = lock_offers(offers_of(model), wanted)
            outcome = _judged(actor, model, pks, offers, lock=True)
            carry_out(model.workflow.transition("accept"), outcome.changed, answer="")
            running.count("refused", len(outcome.refused))
            outcome.operation = running.written
            if outcome.changed:
                _announce(model, "accept", [row.pk for row in outcome.changed], running.row)
        _hold_who_came_too_late(model, offers)
    return outcome


def _hold_who_came_too_late(model, offers):
    """Puts on the waiting list those for whom no place is left in these listings, which are locked."""
    accepted = accepted_by_offer(offers_of(model), offers, today())
    asked = model.objects.filter(state=RequestState.REQUESTED, offer__in=list(offers)).order_by("pk")
    late = [
        row
        for row in asked.select_for_update(of=("self",))
        if not offers[row.offer_id].has_room_for(row, accepted[row.offer_id])
    ]
    move_by_itself(model, "hold", late)


def _in_own_name():
    """Who lives with whom is decided by the two of them: nobody answers in another's name."""
    if in_anothers_name():
        raise PermissionDenied


def _announce(model, verb, pks, operation):
    requests_moved.send(model, pks=pks, verb=verb, operation=operation)


def hold_requests(*, actor, model, pks, reason=""):
    """Puts students on the waiting list; they are told, and told again when a place is free."""
    return _move(actor, model, "hold", pks, reason)


def decline_requests(*, actor, model, pks, reason):
    """Refuses students, or takes their place back; they are told why, and who waits moves up."""
    return _freeing(actor, model, "decline", pks, reason, answer=reason.strip())


def withdraw_requests(*, actor, model, pks, reason=""):
    """Takes one's own requests back; who waits for the place moves up."""
    return _freeing(actor, model, "withdraw", pks, reason)


def _freeing(actor, model, verb, pks, reason, **columns):
    kind = offers_of(model)
    with transaction.atomic():
        chosen = model.objects.editable_by(actor).filter(pk__in=list(pks))
        lock_offers(kind, chosen.values_list("offer", flat=True))
        outcome = _move(actor, model, verb, pks, reason, **columns)
        move_up({row.offer_id for row in outcome.changed}, model=kind)
    return outcome


def _move(actor, model, verb, pks, reason, **columns):
    _in_own_name()
    announce = partial(_announce, model, verb)
    return move(actor=actor, model=model, verb=verb, pks=pks, reason=reason, announce=announce, **columns)


def move_up(pks, *, model):
    """Has those who wait for these listings (`model`) take what is free; whoever asked first comes first.

    Where requests are accepted by themselves they have a place; elsewhere the owner is asked again. Nothing
    moves for a listing that is off line. Returns how many moved.
    """
    requests = requests_of(model)
    pks = set(
        requests.objects.waiting().filter(offer__in=list(pks)).order_by().values_list("offer", flat=True)
    )
    if not pks:
        return 0
    with transaction.atomic():
        offers = {pk: row for pk, row in lock_offers(model, pks).items() if row.is_online}
        waiting = {pk: [] for pk in offers}
        rows = requests.objects.waiting().filter(offer__in=list(offers), student__is_active=True)
        for row in rows.select_for_update(of=("self",)):
            waiting[row.offer_id].append(row)
        accepted = accepted_by_offer(model, offers, today())
        by_verb = {"admit": [], "recall": []}
        for pk, offer in offers.items():
            verb = "admit" if getattr(offer, "is_instant", False) else "recall"
            by_verb[verb] += rules.moving_up(offer, waiting[pk], accepted[pk])
        return sum(move_by_itself(requests, verb, rows) for verb, rows in by_verb.items())


def move_by_itself(model, verb, rows, **columns):
    """What becomes of requests without anybody deciding it; people are told. Returns how many."""
    if not rows:
        return 0
    with operation(kind=OperationKind.TRANSITION, actor=system_actor(), subject=model, verb=verb) as running:
        carry_out(model.workflow.transition(verb), rows, **columns)
        _announce(model, verb, [row.pk for row in rows], running.row)
    return len(rows)


def close_requests(pks, *, model, why):
    """Closes the requests for these listings (`model`) that nobody has answered; students are told why."""
    requests = requests_of(model)
    rows = list(requests.objects.open().filter(offer__in=list(pks)).select_for_update(of=("self",)))
    return move_by_itself(requests, "expire", rows, answer=why)
