"""Telling the parties about placements and papers; each thing is told once, however often it is asked for.
Everything runs from the queue.
"""

from pratik.core.history import still_as_left
from pratik.core.models import Operation
from pratik.notifications.services import tell
from pratik.schools.models import SchoolMembership

from ..models import Placement, PlacementPaper
from ..notices import placements as notices
from .telling import batches, members_of

# What is told with its reason: something does not happen as it was agreed.
ENDINGS = frozenset({"cancel", "lapse", "interrupt", "rework"})


class _Parties:
    """Who is told of these placements, without who did it; two queries for all."""

    def __init__(self, placements, act):
        self.but = act.actor_id
        self.hosts = members_of({row.company_id for row in placements}, but=self.but)
        schools = {row.school_id for row in placements if row.school_id}
        self.schools = SchoolMembership.objects.people_of(schools, but=self.but)

    def organisations(self, placement):
        """The members of the host and of the school, each with their side."""
        for user in self.hosts.get(placement.company_id, ()):
            yield user, "host"
        for user in self.schools.get(placement.school_id, ()):
            yield user, "school"

    def all(self, placement):
        """The same, and the student."""
        yield from self.organisations(placement)
        student = placement.student.user
        if student.is_active and student.pk != self.but:
            yield student, "student"


def tell_of_drafts(*, pks, operation_pk):
    """Tells hosts and schools of placements that they are to prepare. Returns how many notices were new."""
    return _tell_to_prepare(pks, operation_pk, {"host", "school"})


def tell_of_adoptions(*, pks, operation_pk):
    """Tells schools of placements that found them; the hosts were told when those were drafted. Returns how
    many notices were new.
    """
    return _tell_to_prepare(pks, operation_pk, {"school"})


def _tell_to_prepare(pks, operation_pk, sides):
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for rows in batches(Placement.objects, pks):
        stand = still_as_left(Placement, act, [row.pk for row in rows])
        rows = [row for row in rows if row.pk in stand]
        parties = _Parties(rows, act)
        told += tell(
            drafts=[
                notices.to_prepare(row, user, act)
                for row in rows
                for user, side in parties.organisations(row)
                if side in sides
            ]
        )
    return told


def tell_of_placements(*, pks, verb, operation_pk):
    """Tells the parties how far placements are, and who has something to do next.

    Of what moved on meanwhile, the later act tells. Returns how many notices were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for rows in batches(Placement.objects, pks):
        stand = still_as_left(Placement, act, [row.pk for row in rows])
        rows = [row for row in rows if row.pk in stand]
        parties = _Parties(rows, act)
        told += tell(
            drafts=[
                notices.ended(row, user, act) if verb in ENDINGS else notices.moved(row, user, act, side=side)
                for row in rows
                for user, side in parties.all(row)
            ]
        )
    return told


def tell_of_erased_interns(*, pks, operation_pk):
    """Tells hosts and schools that the account of an intern is erased while what was signed goes on. Returns
    how many notices were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for rows in batches(Placement.objects, pks):
        parties = _Parties(rows, act)
        told += tell(
            drafts=[
                notices.intern_erased(row, user, act)
                for row in rows
                for user, _side in parties.organisations(row)
            ]
        )
    return told


def tell_of_papers(*, pks, verb, operation_pk):
    """Tells the parties of papers that were made, agreed to, signed or declared void.

    Of what moved on meanwhile, the later act tells. Returns how many were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for rows in batches(PlacementPaper.objects, pks):
        stand = still_as_left(PlacementPaper, act, [row.pk for row in rows])
        rows = [row for row in rows if row.pk in stand]
        parties = _Parties([row.placement for row in rows], act)
        told += tell(
            drafts=[
                notices.paper(row, user, act, verb, side=side)
                for row in rows
                for user, side in parties.all(row.placement)
            ]
        )
    return told
