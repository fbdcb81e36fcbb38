"""Placements: prepared, agreed to, signed, interrupted; each step is held against the law."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.locks import wait_for_turn
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import assess, carry_out, changed_fields, save_row
from pratik.core.writes import create_rows, delete_rows, set_columns, update_rows
from pratik.law.enums import RuleCode
from pratik.papers.enums import PaperKind
from pratik.partners.models import CompanyMembership
from pratik.schools.enums import EnrolmentState
from pratik.schools.models import StudentEnrolment

from ..enums import EndedBy, PaperState
from ..models import Placement, PlacementBreak, PlacementPaper, RuleOverride
from ..reports.law import Surroundings
from ..rules import placements as rules
from ..signals import placements_moved
from ..workflow import PAPER, PLACEMENT, SCHOOL_SIDE
from .releasing import lock_applications_of, release_applications

# What the law has to say a word to, since a party binds itself.
LAWFUL_VERBS = frozenset({"agree_as_host", "record_host_agreement", "agree_as_school", "sign"})

HOST_VERBS = frozenset({"agree_as_host", "record_host_agreement"})
# Who signs for a person under age is the school's to find out, after the host has agreed.
LEFT_TO_THE_SCHOOL = frozenset({RuleCode.LEGAL_REPRESENTATIVE})
# What nearly every rule looks at: once it is changed, what was set aside was said of something else.
TERMS = frozenset({"student", "company", "kind", "post", "start_on", "end_on", "schedule", "breaks"})
# What single rules look at.
LOOKED_AT_BY = {
    "tutor": (RuleCode.TUTOR,),
    "teacher": (RuleCode.TEACHER,),
    "stipend_hourly": (RuleCode.STIPEND,),
}


def save_placement(*, actor, row, breaks=None, reason=""):
    """Writes a placement that somebody typed, new or changed. Returns it, with its hours worked out.

    `breaks` are its days off as (from, until, reason); those it had are replaced, unless None: then those
    that its dates have no room for any more go. A school types
    placements of students whose enrolment is confirmed; a host words its part of one that exists. Raises
    `ValidationError` for a broken rule, `PermissionDenied` when the row is not the actor's to write, or is
    written in another's name.
    """
    if in_anothers_name() or (row._state.adding and actor.role not in SCHOOL_SIDE):
        raise PermissionDenied
    kind = OperationKind.CREATE if row._state.adding else OperationKind.EDIT
    with operation(kind=kind, actor=actor, subject=Placement, reason=reason):
        _settle_school(actor, row)
        before = Placement.objects.filter(pk=row.pk).first()
        save_row(actor=actor, row=row, reason=reason)
        changed = changed_fields(before, row) if before else []
        if breaks is None and not row.edit_refusal():
            breaks = breaks_within(row)
        if breaks is not None and write_breaks(row, breaks):
            if why := row.edit_refusal():
                raise ValidationError(why, code="closed")
            changed.append("breaks")
        end_overrides([row], changed)
    row.refresh_from_db(fields=Placement.derived_fields)
    return row


def _settle_school(actor, row):
    """The school of a placement is that of the student's enrolment, which both have confirmed."""
    before = None
    if not row._state.adding:
        before = Placement.objects.filter(pk=row.pk).values_list("enrolment", flat=True).first()
    if row.enrolment_id is None:
        if actor.role == Role.SCHOOL:
            raise ValidationError(
                {"enrolment": _("Choisissez un étudiant dont l’inscription est confirmée.")},
                code="enrolment_missing",
            )
        row.school = None
        return
    if row.enrolment_id != before:
        seen = StudentEnrolment.objects.editable_by(actor).filter(
            pk=row.enrolment_id, state=EnrolmentState.ACTIVE
        )
        if not seen.exists():
            raise ValidationError(
                {"enrolment": _("Choisissez un étudiant dont l’inscription est confirmée.")},
                code="enrolment_foreign",
            )
        row.student_id, row.school_id = row.enrolment.student_id, row.enrolment.school_id
        row.class_group = row.class_group or row.enrolment.class_group


def breaks_within(placement):
    """The days off of a placement, as far as its dates have room for them; two that are cut to the same first
    day are one.
    """
    found = {}
    for row in PlacementBreak.objects.filter(placement=placement).order_by("from_on"):
        from_on, until_on = max(row.from_on, placement.start_on), min(row.until_on, placement.end_on)
        if from_on <= until_on:
            _first, last, why = found.get(from_on, (from_on, until_on, row.reason))
            found[from_on] = (from_on, max(last, until_on), why)
    return list(found.values())


def write_breaks(placement, breaks):
    """The days off of a placement are these and no others; must run inside an operation.

    Returns whether anything changed. Raises `ValidationError` for days outside of the placement.
    """
    before = {row.from_on: row for row in PlacementBreak.objects.filter(placement=placement)}
    wanted, changed = {}, []
    for from_on, until_on, why in breaks:
        if from_on in wanted:
            raise ValidationError(_("Deux coupures commencent le même jour."), code="break_twice")
        row = wanted[from_on] = before.get(from_on) or PlacementBreak(from_on=from_on)
        row.placement = placement
        if row.pk is not None and (row.until_on, row.reason) != (until_on, why):
            changed.append(row)
        row.until_on, row.reason = until_on, why
        row.clean_fields()
        if refused := row.dates_refusal():
            raise ValidationError(refused, code="break_dates")
    gone = [row.pk for day, row in before.items() if day not in wanted]
    fresh = [row for row in wanted.values() if row.pk is None]
    delete_rows(PlacementBreak, gone)
    create_rows(fresh)
    update_rows(changed, ["until_on", "reason"])
    return bool(gone or fresh or changed)


def end_overrides(placements, changed=None):
    """The rules that were set aside for these placements stand again: those that look at the fields that
    were `changed`, or all of them. Must run inside an operation.
    """
    rows = RuleOverride.objects.standing().filter(placement__in=[row.pk for row in placements])
    if changed is not None and not set(changed) & TERMS:
        looked_at = {code for name in changed for code in LOOKED_AT_BY.get(name, ())}
        rows = rows.filter(rule__in=looked_at)
    set_columns(RuleOverride, list(rows.order_by("pk").values_list("pk", flat=True)), ended_at=timezone.now())


def override_rule(*, actor, placement, code, reason):
    """Sets a rule of law aside for one placement, for a reason that stays with it. Returns the row.

    Only what stands in the way now, and may be set aside at all; it counts until what the rule looks at is
    changed, or the placement is prepared again. Raises `PermissionDenied` for anybody but
    the school and those who keep the platform's data, `ValidationError` for what cannot be set aside.
    """
    _may(actor, SCHOOL_SIDE)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Donnez un motif.")}, code="reason_missing")
    with operation(kind=OperationKind.EDIT, actor=actor, subject=RuleOverride, reason=reason):
        placement = _held(actor, placement)
        around = Surroundings([placement], today())
        (row,) = set_aside(actor, placement, around.findings(placement), {code: reason})
    return row


def reinstate_rule(*, actor, placement, code):
    """Has a rule that was set aside for a placement hold again; the reason that was given stays on file.

    Raises `PermissionDenied` for anybody but those who may set rules aside, `ValidationError` when the rule
    is not set aside, or was when the agreement was signed.
    """
    _may(actor, SCHOOL_SIDE)
    with operation(kind=OperationKind.EDIT, actor=actor, subject=RuleOverride):
        placement = _held(actor, placement)
        row = RuleOverride.objects.standing().filter(placement=placement, rule=code).first()
        if row is None:
            raise ValidationError(_("Cette règle n’est pas écartée pour ce stage."), code="not_set_aside")
        if why := rules.reinstatement_refusal(placement):
            raise ValidationError(why, code="closed")
        set_columns(RuleOverride, [row.pk], ended_at=timezone.now())


def _held(actor, placement):
    """A placement that nobody else decides on meanwhile."""
    rows = Placement.objects.editable_by(actor).select_for_update(of=("self",), no_key=True)
    placement = rows.filter(pk=placement.pk).first()
    if placement is None:
        raise PermissionDenied
    return placement


def set_aside(actor, placement, findings, reasons):
    """Sets these rules aside, {code: reason}, of what the law says of a placement. Returns the rows.

    Must run inside an operation. Raises `ValidationError` for what does not stand in the way, or may not be
    set aside.
    """
    blocking = {str(finding.code): finding for finding in findings if finding.blocks}
    rows = []
    for code, reason in reasons.items():
        found = blocking.get(str(code))
        if found is None:
            raise ValidationError(_("Cette règle ne s’oppose pas à ce stage."), code="nothing_to_override")
        if not found.overridable:
            raise ValidationError(_("Cette règle ne peut pas être écartée."), code="not_overridable")
        if why := rules.override_reason_refusal(reason):
            raise ValidationError(why, code="reason_short")
        row = RuleOverride(
            placement=placement,
            rule=str(found.code),
            finding=found.explanation,
            reason=reason,
            made_by=actor,
        )
        row.full_clean()
        rows.append(row)
    create_rows(rows)
    return rows


def assess_placements(*, actor, verb, pks, **given):
    """Which placements a verb would move and which it would refuse, with the reasons; writes nothing.

    `given` is what the verb asks for besides: `signed_on`, or `ended_on`.
    """
    return _judged(actor, verb, pks, given, lock=False)


def _judged(actor, verb, pks, given, *, lock):
    """The members of a set judged one after the other: each that may go counts for those after it."""
    outcome = assess(actor=actor, model=Placement, verb=verb, pks=pks, lock=lock)
    wanted, outcome.changed = sorted(outcome.changed, key=lambda row: row.pk), []
    may = _rule(verb, wanted, given)
    around = Surroundings(wanted, today()) if verb in LAWFUL_VERBS else None
    later = LEFT_TO_THE_SCHOOL if verb in HOST_VERBS else frozenset()
    for row in wanted:
        why = rules.account_refusal(row) if verb in LAWFUL_VERBS else None
        why = why or may(row) or (around.refusal(row, leaving=later) if around else None)
        if why:
            outcome.refused.append((row, why))
        else:
            outcome.changed.append(row)
            if verb in HOST_VERBS:
                around.admit(row)
    return outcome


def _rule(verb, rows, given):
    """What is asked of each placement before a verb, whatever the law says; at most one query for all."""
    day = today()
    match verb:
        case "agree_as_host":
            return rules.host_agreement_refusal
        case "record_host_agreement":
            members = CompanyMembership.objects.filter(
                is_active=True, user__is_active=True, organisation__in={row.company_id for row in rows}
            )
            with_account = set(members.order_by().values_list("organisation", flat=True))
            return lambda row: rules.recorded_agreement_refusal(
                row, has_account=row.company_id in with_account
            )
        case "agree_as_school":
            return rules.school_agreement_refusal
        case "sign":
            papers = PlacementPaper.objects.in_force().filter(
                placement__in=[row.pk for row in rows], kind=PaperKind.AGREEMENT
            )
            made_on = {paper.placement_id: paper.made_on for paper in papers}
            signed_on = given.get("signed_on") or day
            return lambda row: rules.signature_refusal(
                row, signed_on=signed_on, today=day, made_on=made_on.get(row.pk)
            )
        case "interrupt":
            ended_on = given.get("ended_on") or day
            return lambda row: rules.interruption_refusal(row, ended_on=ended_on, today=day)
        case _verb:
            return lambda row: None


def _may(actor, who):
    """Nobody binds a party in its name."""
    if actor.role not in who or in_anothers_name():
        raise PermissionDenied


def _move(actor, verb, pks, reason="", given=None, void=False, **columns):
    transition = PLACEMENT.transition(verb)
    _may(actor, transition.who)
    reason = reason.strip()
    if transition.needs_reason and not reason:
        raise ValidationError({"reason": _("Donnez un motif.")}, code="reason_missing")
    pks = list(pks)
    with operation(
        kind=OperationKind.TRANSITION, actor=actor, subject=Placement, verb=verb, reason=reason
    ) as running:
        if verb in LAWFUL_VERBS:
            wait_for_turns(_locked(actor, pks))
        if verb == "cancel":
            own = Placement.objects.editable_by(actor).filter(pk__in=pks)
            lock_applications_of(own.order_by().values_list("pk", flat=True))
        outcome = _judged(actor, verb, pks, given or {}, lock=True)
        carry_out(transition, outcome.changed, **columns)
        if void:
            void_agreements(outcome.changed, reason)
        if verb == "sign":
            _sign_agreements(outcome.changed, **columns)
        if verb == "rework":
            end_overrides(outcome.changed)
        if verb == "cancel":
            release_applications(outcome.changed, running)
        running.count("refused", len(outcome.refused))
        outcome.operation = running.written
        if outcome.changed:
            placements_moved.send(
                Placement, pks=[row.pk for row in outcome.changed], verb=verb, operation=running.row
            )
    return outcome


def _locked(actor, pks):
    rows = Placement.objects.editable_by(actor).filter(pk__in=pks).order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def wait_for_turns(placements, *, tutors=(), teachers=()):
    """Who decides for the same host, student or supervisor waits, so that caps hold for many at once.

    The placements are locked already, so that whom they name stays; `tutors` and `teachers` are those whom
    they will have instead. Nobody locks another placement once it has a turn: nobody waits in a circle.
    """
    names = {f"tutor:{row.pk}" for row in tutors} | {f"teacher:{row.pk}" for row in teachers}
    for row in placements:
        company, student, tutor, teacher = row.company_id, row.student_id, row.tutor_id, row.teacher_id
        names |= {f"company:{company}", f"student:{student}"}
        names |= {f"tutor:{tutor}"} if tutor else set()
        names |= {f"teacher:{teacher}"} if teacher else set()
    for name in sorted(names):
        wait_for_turn(f"internships.placements:{name}")


def void_agreements(placements, reason):
    """The agreements of these placements count no more; must run inside an operation."""
    papers = PlacementPaper.objects.in_force().filter(
        placement__in=[row.pk for row in placements], kind__in=(PaperKind.AGREEMENT, PaperKind.AMENDMENT)
    )
    rows = list(papers.order_by("pk").select_for_update(of=("self",)))
    carry_out(PAPER.transition("void"), rows, void_reason=reason)
    return [row for row in rows if row.state == PaperState.VOID]


def _sign_agreements(placements, signed_on):
    """Their agreements are signed with them; one whose signed copy was filed before is already."""
    papers = PlacementPaper.objects.filter(
        placement__in=[row.pk for row in placements], kind=PaperKind.AGREEMENT, state=PaperState.MADE
    )
    rows = list(papers.order_by("pk").select_for_update(of=("self",)))
    carry_out(PAPER.transition("sign_agreement"), rows, signed_on=signed_on)


def agree_as_host(*, actor, pks, reason=""):
    """The host takes these interns on the terms that are written; the school is told."""
    return _move(actor, "agree_as_host", pks, reason, host_agreed_by=actor)


def record_host_agreement(*, actor, pks, reason):
    """The school notes that hosts without an account agreed; the reason says who, when and how."""
    return _move(actor, "record_host_agreement", pks, reason, host_agreed_by=actor)


def agree_as_school(*, actor, pks, reason=""):
    """The school agrees to these placements, a class at once; the parties are told."""
    return _move(actor, "agree_as_school", pks, reason, school_agreed_by=actor)


def sign_placements(*, actor, pks, signed_on=None, reason=""):
    """Notes that all parties signed these agreements, on a day (today unless said)."""
    signed_on = signed_on or today()
    return _move(actor, "sign", pks, reason, given={"signed_on": signed_on}, signed_on=signed_on)


def rework_placements(*, actor, pks, reason):
    """Has placements prepared again: what was agreed to is agreed to no more, agreements made are void, and
    rules that were set aside stand again.
    """
    return _move(
        actor,
        "rework",
        pks,
        reason,
        void=True,
        host_agreed_at=None,
        host_agreed_by=None,
        school_agreed_at=None,
        school_agreed_by=None,
    )


def cancel_placements(*, actor, pks, reason):
    """Calls placements off before they begin; the parties are told why. Where students had their places from
    an application, those are free again: the company and the students are told.
    """
    return _move(actor, "cancel", pks, reason, void=True, end_reason=reason.strip())


def interrupt_placements(*, actor, pks, ended_on, ended_by, reason):
    """Ends placements before their last day: when, by whom (`EndedBy`) and why; the parties are told. A host
    says so of itself alone (`enders`).
    """
    if ended_by not in EndedBy.values:
        raise ValidationError({"ended_by": _("Dites qui met fin au stage.")}, code="ended_by")
    if ended_by not in rules.enders(actor.role):
        raise ValidationError(
            {"ended_by": _("Si ce n’est pas vous qui mettez fin au stage, l’établissement le note.")},
            code="ended_by_another",
        )
    return _move(
        actor,
        "interrupt",
        pks,
        reason,
        given={"ended_on": ended_on},
        ended_on=ended_on,
        ended_by=ended_by,
        end_reason=reason.strip(),
    )
