"""What is done when a host says otherwise how many people work there: its caps follow from its own word."""

from pratik.accounts.enums import Role
from pratik.core.history import versions_around
from pratik.core.models import Operation
from pratik.notifications.services import tell
from pratik.partners.models import CompanyProfile

from ..models import Placement
from ..notices.placements import headcount_changed
from .telling import readers


def headcounts_changed(*, pks, running):
    """The headcounts that a host has just changed of these companies: [(key, before, now)]; None for one that
    is not known. What others than the host wrote is nobody's surprise.
    """
    if running.actor.role != Role.COMPANY:
        return []
    versions = versions_around(CompanyProfile, pks, running)
    found = [(pk, _floor(before), _floor(now)) for pk, (before, now) in versions.items() if before]
    return [(pk, before, now) for pk, before, now in found if before != now]


def _floor(line):
    return CompanyProfile(headcount=line.headcount, size_band=line.size_band).headcount_floor


def tell_of_headcount(*, pk, before, now, operation_pk):
    """Tells the team that a host changed the headcount that interns there were taken by, once it agreed to
    some who are there or still to come. Returns how many notices were new.
    """
    company = CompanyProfile.objects.get(pk=pk)
    number = Placement.objects.agreed().not_over().filter(company=company).count()
    if not number:
        return 0
    act = Operation.objects.get(pk=operation_pk)
    return tell(
        drafts=[
            headcount_changed(company, reader, act, before=before, now=now, placements=number)
            for reader in readers()
        ]
    )
