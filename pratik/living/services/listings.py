"""Listings on their way to the public and back. `model` is `HousingOffer` or `CarpoolOffer`."""

from functools import partial

from django.utils.translation import gettext as _

from pratik.core.calendar import today
from pratik.core.services import assess, move

from .. import rules
from ..models import CarpoolOffer, CostCeiling
from ..signals import offers_moved
from .places import close_requests, move_up

APPEARING = frozenset({"publish", "reinstate"})


def _guard(model, verb):
    """The rule that a verb asks of each listing; the ceilings are read once for all."""
    if verb not in APPEARING:
        return None
    day = today()
    ceilings = list(CostCeiling.objects.filter(from_on__lte=day)) if model is CarpoolOffer else []
    return partial(rules.publication_refusal, today=day, ceilings=ceilings)


def assess_offers(*, actor, model, verb, pks):
    """Which listings a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=model, verb=verb, pks=pks, guard=_guard(model, verb))


def _move(actor, model, verb, pks, reason, follow=None):
    def announce(moved, operation):
        if follow:
            follow(moved)
        offers_moved.send(model, pks=moved, operation=operation)

    return move(
        actor=actor,
        model=model,
        verb=verb,
        pks=pks,
        reason=reason,
        guard=_guard(model, verb),
        announce=announce,
    )


def submit_offers(*, actor, model, pks, reason=""):
    """Has the team read one's own drafts."""
    return _move(actor, model, "submit", pks, reason)


def publish_offers(*, actor, model, pks, reason=""):
    """Shows listings on the site, those of verified owners whose days are not over. Owners are told; who
    waits for a place has it where there is room now.
    """
    return _move(actor, model, "publish", pks, reason, partial(move_up, model=model))


def refuse_offers(*, actor, model, pks, reason):
    """Sends listings back to be mended; owners are told why."""
    return _move(actor, model, "refuse", pks, reason)


def rework_offers(*, actor, model, pks, reason=""):
    """Takes one's own listings off the site, to change them; the team reads them again afterwards."""
    return _move(actor, model, "rework", pks, reason)


def suspend_offers(*, actor, model, pks, reason):
    """Takes listings off the site; owners are told why, and students who have a place that it is off line."""
    return _move(actor, model, "suspend", pks, reason)


def reinstate_offers(*, actor, model, pks, reason=""):
    """Brings suspended listings back to the site."""
    return _move(actor, model, "reinstate", pks, reason, partial(move_up, model=model))


def archive_offers(*, actor, model, pks, reason=""):
    """Puts listings away for good. Requests without an answer are closed, places that were given stay."""
    close = partial(close_requests, model=model, why=_("L’annonce n’est plus proposée."))
    return _move(actor, model, "archive", pks, reason, close)
