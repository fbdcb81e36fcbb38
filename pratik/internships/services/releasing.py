"""An internship that does not take place gives its place back: its application has led nowhere."""

from pratik.core.services import carry_out

from ..models import Application, Placement
from ..signals import applications_moved
from ..workflow import APPLICATION
from .locking import lock_offers


def lock_applications_of(pks):
    """Locks the accepted applications that these placements (keys) came from, their offers first, as whoever
    answers applications does. Called before the placements are locked.
    """
    chosen = Placement.objects.filter(pk__in=list(pks)).order_by()
    rows = Application.objects.accepted().filter(pk__in=chosen.values("application"))
    lock_offers(set(rows.order_by().values_list("offer", flat=True)))
    list(rows.order_by("pk").select_for_update(of=("self",)))


def release_applications(placements, running, *, tells=True):
    """Ends the accepted applications of these placements, which were just called off: their places are free.

    Must run inside the operation `running`, the applications locked. The companies and the students are told,
    unless `tells` is False: once the internship is over, nobody takes the place.
    """
    wanted = {row.application_id for row in placements} - {None}
    rows = list(Application.objects.accepted().filter(pk__in=wanted).order_by("pk"))
    if not rows:
        return
    carry_out(APPLICATION.transition("release"), rows)
    if tells:
        applications_moved.send(
            Application, pks=[row.pk for row in rows], verb="release", operation=running.row
        )
