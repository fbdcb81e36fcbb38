"""What may be done with partner companies."""

from pratik.core.calendar import today
from pratik.core.services import move

from .models import CompanyProfile


def mark_partners(*, actor, pks, reason="", since=None):
    """Makes companies partners of PRATIK from a day on (today unless said)."""
    return move(
        actor=actor,
        model=CompanyProfile,
        verb="mark_partner",
        pks=pks,
        reason=reason,
        partner_since=since or today(),
    )


def unmark_partners(*, actor, pks, reason):
    """Ends partnerships, with the reason; the companies leave the partners' page."""
    return move(
        actor=actor, model=CompanyProfile, verb="unmark_partner", pks=pks, reason=reason, partner_since=None
    )
