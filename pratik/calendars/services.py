"""What may be done with calendars."""

from functools import partial

from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.services import assess, move
from pratik.notifications.services import tell
from pratik.partners.enums import Partnership

from . import notices, rules
from .models import InternshipCalendar
from .signals import calendars_published

TOLD_AT_ONCE = 200


def _guard(verb):
    return partial(rules.publication_refusal, today=today()) if verb == "publish" else None


def assess_calendars(*, actor, verb, pks):
    """Which calendars a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=InternshipCalendar, verb=verb, pks=pks, guard=_guard(verb))


def publish_calendars(*, actor, pks, reason=""):
    """Shows calendars on the site; partner companies are told of each calendar once, ever."""
    return move(
        actor=actor,
        model=InternshipCalendar,
        verb="publish",
        pks=pks,
        reason=reason,
        guard=_guard("publish"),
        announce=lambda moved: calendars_published.send(InternshipCalendar, pks=moved),
    )


def withdraw_calendars(*, actor, pks, reason):
    """Takes calendars off the site, with the reason."""
    return move(actor=actor, model=InternshipCalendar, verb="withdraw", pks=pks, reason=reason)


def archive_calendars(*, actor, pks, reason=""):
    """Puts calendars away: off the site, and closed to changes."""
    return move(actor=actor, model=InternshipCalendar, verb="archive", pks=pks, reason=reason)


def tell_partners(*, pks):
    """Tells the members of partner companies of these calendars, if they are still public.

    Safe to run again: a person hears of a calendar once. Returns how many notices were new.
    """
    recipients = list(
        User.objects.filter(
            is_active=True,
            companymemberships__is_active=True,
            companymemberships__organisation__partnership=Partnership.PARTNER,
        ).distinct()
    )
    fresh = 0
    calendars = InternshipCalendar.objects.public().filter(pk__in=pks).select_related("school")
    per_batch = max(1, TOLD_AT_ONCE * 10 // max(1, len(recipients)))
    rows = list(calendars.order_by("start_on", "pk"))
    for start in range(0, len(rows), per_batch):
        fresh += tell(
            drafts=[
                notices.published(calendar, recipient)
                for calendar in rows[start : start + per_batch]
                for recipient in recipients
            ]
        )
    return fresh
