"""What placements do by themselves: they are drafted from acceptances, find their school, start and end."""

import datetime
import logging

from django.db.models import Count
from django.utils.translation import gettext as _

from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import carry_out
from pratik.core.writes import create_rows, set_each, update_rows
from pratik.law.rules import WeekSchedule
from pratik.partners.models import CompanyProfile
from pratik.schools.models import StudentEnrolment

from ..enums import BEFORE_START, ApplicationState, PlacementState
from ..models import Application, Placement
from ..reports.law import Surroundings
from ..signals import placements_adopted, placements_drafted, placements_moved
from ..workflow import PLACEMENT
from .placements import LEFT_TO_THE_SCHOOL, void_agreements
from .releasing import lock_applications_of, release_applications

logger = logging.getLogger(__name__)

AT_ONCE = 500
# For how many days after the last day of an internship its signature may still be noted.
SIGNED_WITHIN_DAYS = 30


def draft_placements(*, pks):
    """Prepares a placement for each of these applications that is accepted and has none. Returns them.

    The student's confirmed enrolment of that school year gives the school; without one, or with several, it
    is left open. Where the school has already typed the same placement, that one takes the application. A
    student starts once a day at one host: a second application for it makes none, and is left to the
    journal. Safe to run again, and at the same time: an application has one placement.
    """
    with operation(kind=OperationKind.CREATE, actor=system_actor(), subject=Placement) as running:
        chosen = Application.objects.accepted().filter(pk__in=pks).with_names().order_by("pk")
        applications = list(chosen.select_for_update(of=("self",)))
        live = Placement.objects.not_cancelled()
        done = set(live.filter(application__in=applications).values_list("application", flat=True))
        applications = [row for row in applications if row.pk not in done]
        known = {
            (row.student_id, row.company_id, row.start_on): row
            for row in live.filter(student__in={row.student_id for row in applications})
            .order_by("pk")
            .select_for_update(of=("self",))
        }
        schools = _enrolments({row.student_id for row in applications})
        fresh, taken = [], []
        for application in applications:
            offer = application.offer
            start = (application.student_id, offer.company_id, offer.start_on)
            if start not in known:
                known[start] = _draft(application, schools)
                fresh.append(known[start])
            elif known[start].application_id is None:
                known[start].application = application
                taken.append(known[start])
            else:
                logger.warning(
                    "Application %s makes no placement: its student starts there that day already.",
                    application.pk,
                )
        update_rows(taken, ["application"])
        create_rows(fresh)
        if fresh:
            placements_drafted.send(Placement, pks=[row.pk for row in fresh], operation=running.row)
    return fresh


def findings_if_accepted(*, applications, day=None):
    """What the law will say of the placements that accepting these applications prepares, so that it is read
    before: {application key: [Finding]}; those without are left out. Each counts for those after it. Writes
    nothing; a fixed number of queries. The applications come `with_names`.
    """
    schools = _enrolments({row.student_id for row in applications})
    drafts = []
    for application in applications:
        draft = _draft(application, schools)
        # No placement has such a key: drafts that are kept nowhere are told apart by it.
        draft.pk = -application.pk
        draft.derive()
        drafts.append(draft)
    around = Surroundings(drafts, day or today())
    found = {}
    for draft in drafts:
        told = [one for one in around.findings(draft) if one.code not in LEFT_TO_THE_SCHOOL]
        if told:
            found[-draft.pk] = told
        around.admit(draft)
    return found


def _enrolments(students):
    """The confirmed enrolments of these students: {(student, school year): [enrolment]}; one query."""
    found = {}
    for row in StudentEnrolment.objects.active().filter(student__in=students).order_by("pk"):
        found.setdefault((row.student_id, row.school_year), []).append(row)
    return found


def _draft(application, schools):
    offer = application.offer
    enrolments = schools.get((application.student_id, offer.school_year), ())
    enrolment = enrolments[0] if len(enrolments) == 1 else None
    return Placement(
        student=application.student,
        company=offer.company,
        application=application,
        enrolment=enrolment,
        school_id=enrolment.school_id if enrolment else None,
        class_group=enrolment.class_group if enrolment else "",
        kind=offer.kind,
        post=offer.title,
        activities=offer.description[:4000],
        skills=list(offer.skills),
        start_on=offer.start_on,
        end_on=offer.end_on,
        schedule=WeekSchedule.even(offer.hours_per_week).as_json(),
        stipend_hourly=offer.stipend_hourly,
        remote_share=offer.remote_share,
    )


def adopt_placements(*, pks):
    """Gives placements without a school that of the student's enrolment, once it is confirmed.

    `pks` are enrolments; with several in a school year, somebody has to choose. Returns how many placements
    found their school. Safe to run again.
    """
    with operation(kind=OperationKind.EDIT, actor=system_actor(), subject=Placement) as running:
        chosen = StudentEnrolment.objects.active().filter(pk__in=pks).order_by()
        enrolments = {
            key: rows[0] for key, rows in _enrolments(chosen.values("student")).items() if len(rows) == 1
        }
        orphans = Placement.objects.without_school().filter(
            student__in={student for student, _year in enrolments}
        )
        rows = []
        for row in orphans.order_by("pk").select_for_update(of=("self",)):
            enrolment = enrolments.get((row.student_id, row.school_year))
            if enrolment is not None:
                row.enrolment, row.school_id = enrolment, enrolment.school_id
                row.class_group = row.class_group or enrolment.class_group
                rows.append(row)
        update_rows(rows, ["enrolment", "school", "class_group"])
        if rows:
            placements_adopted.send(Placement, pks=[row.pk for row in rows], operation=running.row)
    return len(rows)


def cancel_of_applications(*, pks):
    """Calls off the placements of applications that are accepted no more, before they begin.

    Returns how many. Safe to run again.
    """
    why = _("La candidature n’est plus acceptée.")
    with operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=Placement, verb="cancel", reason=why
    ) as running:
        rows = list(
            Placement.objects.filter(application__in=pks, state__in=BEFORE_START)
            .exclude(application__state=ApplicationState.ACCEPTED)
            .order_by("pk")
            .select_for_update(of=("self",))
        )
        carry_out(PLACEMENT.transition("cancel"), rows, end_reason=why)
        void_agreements(rows, why)
        _announce(running, "cancel", rows)
    return len(rows)


def catch_up(*, day=None):
    """Does again what an acceptance, a withdrawal or a confirmed enrolment should have led to, where the
    queue failed: each of these knows what is done already. Returns how many placements changed.

    An application whose placement was called off has had one, and gets no other.
    """
    waiting = Application.objects.accepted().filter(offer__start_on__gt=day or today(), placements=None)
    number = len(draft_placements(pks=list(waiting.order_by("pk").values_list("pk", flat=True))))
    left = Application.objects.exclude(state=ApplicationState.ACCEPTED).filter(
        placements__state__in=BEFORE_START
    )
    number += cancel_of_applications(pks=list(left.order_by("pk").values_list("pk", flat=True)))
    orphans = Placement.objects.without_school().order_by()
    own = StudentEnrolment.objects.active().filter(student__in=orphans.values("student"))
    return number + adopt_placements(pks=list(own.order_by("pk").values_list("pk", flat=True)))


def start_and_complete(*, day=None):
    """Starts the signed placements whose first day is there, and completes those whose last day is over.

    What the host did is counted anew. What nobody had signed a month after its last day is called off: it
    weighs on nobody's quota, and is kept no longer than others. Returns how many moved. In batches, safe to
    kill and to run again.
    """
    day, moved = day or today(), 0
    for verb, due in (("start", "to_start"), ("complete", "to_complete")):
        while rows := _move_by_itself(verb, due, day):
            moved += len(rows)
    while rows := _lapse(day - datetime.timedelta(days=SIGNED_WITHIN_DAYS)):
        moved += len(rows)
    return moved


def _lapse(day):
    why = _("La convention n’a jamais été signée.")
    with operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=Placement, verb="lapse", reason=why
    ) as running:
        due = list(Placement.objects.to_lapse(day).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        lock_applications_of(due)
        chosen = Placement.objects.to_lapse(day).filter(pk__in=due).order_by("pk")
        rows = list(chosen.select_for_update(of=("self",)))
        carry_out(PLACEMENT.transition("lapse"), rows, end_reason=why)
        void_agreements(rows, why)
        # The internship is over: nobody takes the place.
        release_applications(rows, running, tells=False)
        _announce(running, "lapse", rows)
    # What was signed meanwhile by somebody is left for the next run.
    return rows


def _move_by_itself(verb, due, day):
    with operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=Placement, verb=verb
    ) as running:
        chosen = getattr(Placement.objects, due)(day).order_by("pk")
        rows = list(chosen.select_for_update(of=("self",))[:AT_ONCE])
        carry_out(PLACEMENT.transition(verb), rows)
        if verb == "complete":
            count_hosted({row.company_id for row in rows})
        _announce(running, verb, rows)
    return rows


def _announce(running, verb, rows):
    if rows:
        placements_moved.send(Placement, pks=[row.pk for row in rows], verb=verb, operation=running.row)


def count_hosted(companies):
    """Counts anew how many interns these hosts (keys) have had to the end; must run inside an operation."""
    counted = dict(
        Placement.objects.filter(company__in=companies, state=PlacementState.COMPLETED)
        .order_by()
        .values_list("company")
        .annotate(number=Count("pk"))
    )
    hosts = CompanyProfile.objects.filter(pk__in=companies).order_by("pk")
    known = dict(hosts.values_list("pk", "total_interns_hosted"))
    changed = {pk: counted.get(pk, 0) for pk, number in known.items() if number != counted.get(pk, 0)}
    if changed:
        set_each(CompanyProfile, "total_interns_hosted", changed)
