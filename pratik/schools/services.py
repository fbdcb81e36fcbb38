"""What may be done with enrolments: a student and a school say that they belong together."""

from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.accounts.services import system_actor
from pratik.core.calendar import today as today_in_cayenne
from pratik.core.enums import OperationKind
from pratik.core.history import still_as_left
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import Outcome, assess, carry_out, move
from pratik.core.writes import create_rows
from pratik.notifications.services import tell
from pratik.reference.school_years import school_year_of

from . import notices, reports, rules
from .enums import EnrolmentState
from .models import SchoolMembership, SchoolProfile, StudentEnrolment
from .signals import enrolments_asked, enrolments_moved


def propose_enrolments(*, actor, school, emails, school_year, program_name, class_group="", reason=""):
    """Asks students, by their addresses, whether they belong to this school: a whole class at once.

    Nothing tells which of the addresses has an account; whoever said no is left in peace for a while. Returns
    an `Outcome` of enrolments; refused ones were not kept. Raises `PermissionDenied` when the school is not
    the actor's to change, `ValidationError` for a year that is not open or for too many addresses. The number
    of queries does not grow with the class.
    """
    _refuse_foreign_school(actor, school)
    _refuse_year(school_year)
    addresses = list(dict.fromkeys(email.strip().lower() for email in emails if email.strip()))
    if not addresses:
        raise ValidationError({"emails": _("Écrivez au moins une adresse e-mail.")})
    if len(addresses) > rules.MOST_AT_ONCE:
        raise ValidationError(
            {"emails": _("Au plus %(limit)d adresses à la fois.") % {"limit": rules.MOST_AT_ONCE}}
        )
    outcome = Outcome()
    with _asking(actor, reason) as running:
        rows = StudentEnrolment.objects.live().filter(
            school=school, school_year=school_year, email__in=addresses
        )
        live = {row.email: row for row in rows}
        closed, day = reports.closed_enrolments(school, addresses), today_in_cayenne()
        for email in addresses:
            row = StudentEnrolment(
                email=email,
                school=school,
                class_group=class_group,
                program_name=program_name,
                school_year=school_year,
                state=EnrolmentState.PROPOSED,
            )
            if why := rules.address_refusal(email) or rules.proposal_refusal(
                live.get(email), today=day, closed=closed.get(email)
            ):
                outcome.refused.append((row, why))
            else:
                outcome.changed.append(row)
        if outcome.changed:
            # They differ by their address alone, which was looked at.
            outcome.changed[0].derive()
            outcome.changed[0].full_clean(validate_constraints=False)
            _create(outcome.changed)
            enrolments_asked.send(
                StudentEnrolment, pks=[row.pk for row in outcome.changed], operation=running.row
            )
        outcome.operation = running.written
    return outcome


def declare_enrolment(*, actor, school, school_year, program_name, class_group="", reason=""):
    """A student names their school, which is then asked whether that is so. Returns the enrolment.

    Raises `PermissionDenied` for anybody else, `ValidationError` by field.
    """
    student = getattr(actor, "studentprofile", None) if actor.role == Role.STUDENT else None
    if student is None or in_anothers_name():
        raise PermissionDenied
    if not SchoolProfile.objects.public().filter(pk=school.pk).exists():
        raise PermissionDenied
    _refuse_year(school_year)
    row = StudentEnrolment(
        student=student,
        email=actor.email,
        school=school,
        class_group=class_group,
        program_name=program_name,
        school_year=school_year,
        state=EnrolmentState.DECLARED,
    )
    with _asking(actor, reason) as running:
        own = StudentEnrolment.objects.editable_by(actor).live()
        live = own.filter(school=school, school_year=school_year).first()
        if why := rules.declaration_refusal(live):
            raise ValidationError({"school": why}, code="enrolled_already")
        row.derive()
        row.full_clean()
        _create([row])
        enrolments_asked.send(StudentEnrolment, pks=[row.pk], operation=running.row)
    return row


def _refuse_foreign_school(actor, school):
    if in_anothers_name() or not SchoolProfile.objects.editable_by(actor).filter(pk=school.pk).exists():
        raise PermissionDenied


def _refuse_year(school_year):
    if why := rules.school_year_refusal(school_year, today=today_in_cayenne()):
        raise ValidationError({"school_year": why}, code="year_closed")


def _asking(actor, reason):
    return operation(kind=OperationKind.CREATE, actor=actor, subject=StudentEnrolment, reason=reason.strip())


def _create(rows):
    try:
        create_rows(rows)
    except IntegrityError:
        raise ValidationError(
            _("Un rattachement vient d’être demandé pour l’une de ces adresses : rechargez la page."),
            code="asked_meanwhile",
        ) from None


def assess_enrolments(*, actor, verb, pks):
    """Which enrolments a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=StudentEnrolment, verb=verb, pks=pks, guard=_guard(actor, verb, pks))


def _guard(actor, verb, pks):
    """A student who changed their address may hold two enrolments for one school: only one is confirmed."""
    if verb != "accept":
        return None
    own = StudentEnrolment.objects.live().filter(student__user_id=actor.pk).exclude(pk__in=list(pks))
    taken = set(own.values_list("school", "school_year"))
    return lambda row: rules.acceptance_refusal((row.school_id, row.school_year) in taken)


def _move(actor, verb, pks, reason="", **columns):
    """Moves enrolments; who belongs to whom is said in one's own name."""
    if in_anothers_name():
        raise PermissionDenied
    return move(
        actor=actor,
        model=StudentEnrolment,
        verb=verb,
        pks=pks,
        reason=reason,
        guard=_guard(actor, verb, pks),
        announce=partial(_announce, enrolments_moved),
        **columns,
    )


def _announce(signal, pks, operation):
    signal.send(StudentEnrolment, pks=pks, operation=operation)


def accept_enrolments(*, actor, pks, reason=""):
    """A student confirms that these schools are theirs; the schools see their placements from now on. Raises
    `ValidationError` when the same school was confirmed at the same moment.
    """
    student = getattr(actor, "studentprofile", None)
    if student is None:
        raise PermissionDenied
    try:
        return _move(actor, "accept", pks, reason, student=student)
    except IntegrityError:
        raise ValidationError(
            _("Vous venez de confirmer un rattachement à cet établissement : rechargez la page."),
            code="confirmed_meanwhile",
        ) from None


def decline_enrolments(*, actor, pks, reason=""):
    """A student says that these schools are not theirs; the schools see nothing of them."""
    return _move(actor, "decline", pks, reason)


def confirm_enrolments(*, actor, pks, reason=""):
    """A school confirms that these students are its own."""
    return _move(actor, "confirm", pks, reason)


def refuse_enrolments(*, actor, pks, reason):
    """A school says that these students are not its own; they are told why."""
    return _move(actor, "refuse", pks, reason, refusal=reason.strip())


def end_enrolments(*, actor, pks, reason=""):
    """Ends enrolments: the school sees no more than the placements that were prepared with it."""
    return _move(actor, "end", pks, reason)


def end_past_enrolments(*, today):
    """Ends the enrolments of school years that are over, without telling anybody. Returns how many."""
    ended = 0
    while True:
        with operation(
            kind=OperationKind.TRANSITION, actor=system_actor(), subject=StudentEnrolment, verb="lapse"
        ):
            past = StudentEnrolment.objects.over(school_year_of(today)).order_by("pk")
            rows = list(past.select_for_update(of=("self",))[:1_000])
            carry_out(StudentEnrolment.workflow.transition("lapse"), rows)
        if not rows:
            return ended
        ended += len(rows)


def end_enrolments_of_account(*, pk, addresses):
    """Ends what binds the account with this key to schools, and what schools proposed to these addresses of
    its person, before it is erased. Nobody is told.

    Must run inside an operation that holds the account locked.
    """
    own = Q(student__user_id=pk) | Q(student=None, email__in=addresses)
    rows = StudentEnrolment.objects.live().filter(own).order_by("pk")
    with operation(kind=OperationKind.TRANSITION, actor=system_actor(), subject=StudentEnrolment, verb="end"):
        locked = list(rows.select_for_update(of=("self",)))
        carry_out(StudentEnrolment.workflow.transition("end"), locked)


def tell_who_is_asked(*, pks, operation_pk):
    """Tells students which school proposes itself, and schools which students name them.

    What was answered or ended meanwhile asks for nothing. Safe to run again: each thing is told once. Returns
    how many notices were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    rows = list(StudentEnrolment.objects.filter(pk__in=pks).with_names().order_by("pk"))
    proposed = [row for row in rows if row.state == EnrolmentState.PROPOSED]
    accounts = User.objects.filter(
        email__in={row.email for row in proposed}, account_type=Role.STUDENT, is_active=True
    )
    by_email = {user.email: user for user in accounts}
    drafts = [notices.proposed(row, by_email[row.email], act) for row in proposed if row.email in by_email]
    declared = [row for row in rows if row.state == EnrolmentState.DECLARED]
    drafts += [notices.declared(row, member, act) for row, member in _with_members(declared, act)]
    return tell(drafts=drafts)


def tell_what_was_answered(*, pks, operation_pk):
    """Tells the other side what became of enrolments; who did it is not told. Of what moved on meanwhile,
    the later act tells. Safe to run again.
    """
    act = Operation.objects.get(pk=operation_pk)
    stand = still_as_left(StudentEnrolment, act, list(pks))
    rows = list(StudentEnrolment.objects.filter(pk__in=stand).with_names().order_by("pk"))
    drafts = [
        notices.answered(row, row.student.user, act)
        for row in rows
        if row.student_id and row.student.user_id != act.actor_id and row.student.user.is_active
    ]
    if act.verb in ("accept", "decline", "end"):
        drafts += [notices.answered(row, member, act) for row, member in _with_members(rows, act)]
    return tell(drafts=drafts)


def _with_members(rows, act):
    """Each enrolment with each member of its school, but for who did it; one query."""
    members = SchoolMembership.objects.people_of({row.school_id for row in rows}, but=act.actor_id)
    return [(row, member) for row in rows for member in members.get(row.school_id, ())]
