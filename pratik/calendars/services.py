"""What may be done with calendars."""

from functools import partial

from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.models import Operation
from pratik.core.services import assess, move
from pratik.notifications.services import tell
from pratik.partners.enums import Partnership
from pratik.schools.models import SchoolMembership

from . import notices, rules
from .models import InternshipCalendar
from .signals import calendars_published, calendars_withdrawn

TOLD_AT_ONCE = 200


def _guard(verb):
    return partial(rules.publication_refusal, today=today()) if verb == "publish" else None


def _announce(signal, pks, operation):
    signal.send(InternshipCalendar, pks=pks, operation=operation)


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
        announce=partial(_announce, calendars_published),
    )


def withdraw_calendars(*, actor, pks, reason):
    """Takes calendars off the site, with the reason."""
    return move(
        actor=actor,
        model=InternshipCalendar,
        verb="withdraw",
        pks=pks,
        reason=reason,
        announce=partial(_announce, calendars_withdrawn),
    )


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


def tell_schools(*, pks, operation_pk):
    """Tells the members of the schools that their calendars were published or withdrawn, and why.

    The person who did it is not told. Safe to run again: each act is told once. Returns how many were new.
    """
    operation = Operation.objects.get(pk=operation_pk)
    say = notices.own_published if operation.verb == "publish" else notices.own_withdrawn
    calendars = list(InternshipCalendar.objects.filter(pk__in=pks).select_related("school").order_by("pk"))
    members = {}
    for membership in SchoolMembership.objects.filter(
        is_active=True,
        user__is_active=True,
        organisation__in={calendar.school_id for calendar in calendars},
    ).select_related("user"):
        if membership.user_id != operation.actor_id:
            members.setdefault(membership.organisation_id, []).append(membership.user)
    return tell(
        drafts=[
            say(calendar, member, operation)
            for calendar in calendars
            for member in members.get(calendar.school_id, ())
        ]
    )
