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
from .enums import CalendarState
from .models import InternshipCalendar
from .signals import calendars_published, calendars_withdrawn

TOLD_AT_ONCE = 200
# What starts within so many days is close enough to be reminded of, and far enough to answer.
REMINDED_DAYS = 30


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
    return _tell_partners_of(InternshipCalendar.objects.public().filter(pk__in=pks), notices.published)


def _tell_partners_of(calendars, say):
    """Says the same of each calendar to each member of a partner company, some thousands at a time."""
    recipients = list(
        User.objects.filter(
            is_active=True,
            companymemberships__is_active=True,
            companymemberships__organisation__partnership=Partnership.PARTNER,
        ).distinct()
    )
    fresh = 0
    per_batch = max(1, TOLD_AT_ONCE * 10 // max(1, len(recipients)))
    rows = list(calendars.select_related("school").order_by("start_on", "pk"))
    for start in range(0, len(rows), per_batch):
        fresh += tell(
            drafts=[
                say(calendar, recipient)
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
    members = _members_of_schools(calendars)
    return tell(
        drafts=[
            say(calendar, member, operation)
            for calendar in calendars
            for member in members.get(calendar.school_id, ())
            if member.pk != operation.actor_id
        ]
    )


def _members_of_schools(calendars):
    """Who belongs to the schools of these calendars: {school: [people]}. One query."""
    return SchoolMembership.objects.people_of(calendar.school_id for calendar in calendars)


def remind_of_calendars():
    """Reminds the schools' members, and those of partner companies, of placements that start within 30 days.

    Calendars that are published; companies hear of what is public alone. Safe to run again, each week as each
    hour: a person is reminded of a start once. Returns how many notices were new.
    """
    soon = InternshipCalendar.objects.starting_within(today(), REMINDED_DAYS)
    published = list(soon.filter(state=CalendarState.PUBLISHED).select_related("school").order_by("pk"))
    members = _members_of_schools(published)
    fresh = tell(
        drafts=[
            notices.own_starting(calendar, member)
            for calendar in published
            for member in members.get(calendar.school_id, ())
        ]
    )
    return fresh + _tell_partners_of(soon.public(), notices.starting)
