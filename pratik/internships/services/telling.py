"""Telling people about offers and applications; each thing is told once, however often it is asked for.
Everything runs from the queue.
"""

import datetime

from pratik.accounts.enums import StaffRole
from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.history import still_as_left
from pratik.core.models import Operation
from pratik.notifications.services import tell
from pratik.partners.models import CompanyMembership

from .. import reports
from ..enums import ApplicationState
from ..models import Application, InternshipOffer
from ..notices import offers as notices

TOLD_AT_ONCE = 500
# How long before its last day a company hears that an offer leaves the site.
EXPIRING = datetime.timedelta(days=3)
DECISIONS = frozenset({"publish", "refuse", "rework", "reopen", "fill", "close", "end", "archive"})


def batches(rows, pks):
    """The rows with these keys and their names, in parts of a size that one transaction takes."""
    for start in range(0, len(pks), TOLD_AT_ONCE):
        yield list(rows.filter(pk__in=pks[start : start + TOLD_AT_ONCE]).with_names().order_by("pk"))


def readers():
    """Those of the team who read offers: editors, else administrators."""
    people = User.objects.people().filter(is_active=True)
    found = list(people.filter(staff_role=StaffRole.EDITOR).order_by("pk"))
    return found or list(people.filter(staff_role=StaffRole.ADMINISTRATOR).order_by("pk"))


def members_of(companies, *, but=None):
    """The people who look after these companies (keys), as {company: [account]}, without the author `but`."""
    return CompanyMembership.objects.people_of(companies, but=but)


def tell_of_offers(*, pks, operation_pk):
    """Tells the team of offers to read, and companies what became of theirs. Who did it is not told. Returns
    how many notices were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for offers in batches(InternshipOffer.objects, pks):
        stand = still_as_left(InternshipOffer, act, [offer.pk for offer in offers])
        offers = [offer for offer in offers if offer.pk in stand]
        if act.verb == "submit":
            team = readers()
            told += tell(
                drafts=[notices.submitted(offer, reader, act) for offer in offers for reader in team]
            )
        elif act.verb in DECISIONS:
            members = members_of({offer.company_id for offer in offers}, but=act.actor_id)
            told += tell(
                drafts=[
                    notices.decided(offer, member, act)
                    for offer in offers
                    for member in members.get(offer.company_id, ())
                ]
            )
    return told


def tell_applications_sent(*, pks, operation_pk):
    """Tells companies of new applications. Returns how many notices were new."""
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for rows in batches(Application.objects, pks):
        # What was taken back meanwhile is told by its withdrawal.
        stand = still_as_left(Application, act, [row.pk for row in rows])
        rows = [row for row in rows if row.pk in stand]
        members = members_of({row.offer.company_id for row in rows})
        told += tell(
            drafts=[
                notices.received(row, member, act)
                for row in rows
                for member in members.get(row.offer.company_id, ())
            ]
        )
    return told


def tell_of_applications(*, pks, verb, operation_pk):
    """Tells students what became of their applications, and companies of those that were taken back or
    maintained, or whose place is free since the internship was called off.

    Of what was moved on meanwhile, the later act tells. Returns how many notices were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for rows in batches(Application.objects, pks):
        stand = still_as_left(Application, act, [row.pk for row in rows])
        rows = [row for row in rows if row.pk in stand]
        if verb == "withdraw":
            told += tell(drafts=_withdrawals(rows, act))
            continue
        if verb == "resume":
            told += tell(drafts=_resumed(rows, act))
            continue
        if verb == "release":
            told += tell(drafts=_releases(rows, act))
            continue
        others = reports.open_by_student({row.student_id for row in rows}) if verb == "accept" else {}
        told += tell(
            drafts=[
                notices.answered(row, act, others=others.get(row.student_id, 0))
                for row in rows
                if row.student.user.is_active
            ]
        )
    return told


def _resumed(rows, act):
    members = members_of({row.offer.company_id for row in rows})
    return [
        notices.resumed(row, member, act) for row in rows for member in members.get(row.offer.company_id, ())
    ]


def _withdrawals(rows, act):
    members = members_of({row.offer.company_id for row in rows}, but=act.actor_id)
    had_place = reports.accepted_before([row.pk for row in rows], act)
    return [
        notices.withdrawn(row, member, act, had_place=row.pk in had_place)
        for row in rows
        if row.state == ApplicationState.WITHDRAWN
        for member in members.get(row.offer.company_id, ())
    ]


def _releases(rows, act):
    """The company and the student hear that the place is free, whoever called the internship off."""
    members = members_of({row.offer.company_id for row in rows})
    for row in rows:
        yield from (notices.freed(row, member, act) for member in members.get(row.offer.company_id, ()))
        if row.student.user.is_active:
            yield notices.released(row, act)


def remind_of_expiring():
    """Tells companies of the offers that students may answer for three days more at most. Returns how many
    notices were new; each last day is told once.
    """
    day = today()
    # Not only those of the third day: a worker that stood still then has some to make good.
    chosen = InternshipOffer.objects.ending_between(day, day + EXPIRING)
    offers = list(chosen.with_names().with_numbers())
    members = members_of({offer.company_id for offer in offers})
    return tell(
        drafts=[
            notices.expiring(offer, member, offer.applications_waiting)
            for offer in offers
            for member in members.get(offer.company_id, ())
        ]
    )
