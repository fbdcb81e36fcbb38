"""Amendments: proposed by the school, agreed to by the host, and in force once all parties signed."""

from contextlib import ExitStack, suppress
from copy import copy

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from pratik.accounts.models import User
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import attempt, operation
from pratik.core.services import Outcome, carry_out
from pratik.core.writes import update_rows
from pratik.law.rules import blocking, refusal
from pratik.papers.enums import PaperKind

from ..models import HostTutor, Placement, PlacementBreak, PlacementPaper, ReferentTeacher
from ..reports.law import Surroundings
from ..reports.papers import changes_between, changes_table, long_day
from ..rules import papers as rules
from ..rules.placements import account_refusal
from ..signals import papers_moved
from ..workflow import PAPER, SCHOOL_SIDE
from .hours import derive_hours
from .papers import Desk, keep, making, may, move_papers, the_placement
from .placements import breaks_within, end_overrides, set_aside, wait_for_turns, write_breaks
from .scans import copy_kept

# What an amendment may change; whose placement it is stays.
AMENDABLE = (
    "post",
    "start_on",
    "end_on",
    "schedule",
    "tutor",
    "teacher",
    "stipend_hourly",
    "stipend_payment",
    "remote_share",
    "workplace",
    "activities",
    "skills",
    "supervision",
    "benefits",
    "leave_rules",
    "internal_rules",
)
PEOPLE = {"tutor": HostTutor, "teacher": ReferentTeacher}


class Unlawful(ValidationError):
    """The law stands in the way: `findings` are those that do, so that who may set them aside is asked."""

    def __init__(self, message, findings):
        super().__init__(message, code="law")
        self.findings = findings


def make_amendment(*, actor, placement, changes, breaks=None, reason, overrides=None):
    """Proposes to change a signed placement. Returns the amendment, which keeps the new values.

    Nothing changes yet: the host agrees, then all parties sign. `changes` gives fields of `AMENDABLE` new
    values, `breaks` replaces the days off; days off that the new dates leave outside go. `overrides`, {rule
    code: reason}, sets rules aside for the placement as it will be. Raises `ValidationError` for a broken
    rule, `Unlawful` for what the law forbids and nobody set aside, with nothing kept.
    """
    may(actor, SCHOOL_SIDE)
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Donnez un motif.")}, code="reason_missing")
    if foreign := set(changes) - set(AMENDABLE):
        raise ValueError(f"An amendment does not change {sorted(foreign)}.")
    overrides = _reasons(overrides)
    outcome = Outcome()
    with making(actor, reason) as running:
        row = the_placement(actor, placement)
        desk = Desk(PaperKind.AMENDMENT, [row], today())
        agreement = desk.papers.get((row.pk, PaperKind.AGREEMENT))
        waiting = row.papers.waiting_amendments().first()
        if why := account_refusal(row) or rules.amendment_refusal(row, agreement=agreement, waiting=waiting):
            raise ValidationError(why, code="closed")
        before = desk.values(row)
        terms = {"fields": _kept(changes), "breaks": breaks, "overrides": overrides, "by": actor.pk}
        # Written, judged and drawn as it will be, then taken back: so a proposal and its signature are held
        # against the same rules.
        after = copy(row)
        with suppress(_Rehearsed), attempt():
            _write(actor, after, terms, {})
            desk = Desk(PaperKind.AMENDMENT, [after], today())
            values = desk.values(after)
            raise _Rehearsed
        changed = changes_between(before, values)
        if not changed:
            raise ValidationError(_("Rien ne change : un avenant dit ce qui change."), code="nothing_changes")
        values |= {
            "agreement_number": agreement.number,
            "agreement_signed_on": long_day(row.signed_on),
            "changes": changes_table(changed),
            "change_reason": reason,
        }
        if why := desk.refusal(row, values):
            raise ValidationError(why, code="template")
        paper = desk.paper(row, values, amends=agreement, changes=changed, terms=terms)
        keep([paper], outcome, running)
        if outcome.refused:
            raise ValidationError(outcome.refused[0][1], code="not_drawn")
    return outcome.changed[0]


class _Rehearsed(Exception):
    """What was written to see what it would be is taken back."""


def _reasons(overrides):
    """The reasons for which rules are set aside, by code. Raises `ValidationError` for a blank one."""
    found = {str(code): why.strip() for code, why in (overrides or {}).items()}
    if not all(found.values()):
        raise ValidationError(_("Donnez un motif pour chaque règle écartée."), code="override_reason")
    return found


def _kept(changes):
    """The new values as an amendment keeps them, by column."""
    found = {}
    for name, value in changes.items():
        field = Placement._meta.get_field(name)
        found[field.attname] = value.pk if field.is_relation and value is not None else value
    return found


def _new(terms):
    """The new values of an amendment, by column, as Python has them."""
    columns = {field.attname: field for field in Placement._meta.concrete_fields}
    return {name: columns[name].to_python(value) for name, value in terms["fields"].items()}


def _named(terms):
    """Whom an amendment names instead: {"tutor": row, "teacher": row}, as far as it does.

    Raises `ValidationError` for somebody who was removed meanwhile.
    """
    found = {}
    for name, model in PEOPLE.items():
        if pk := terms["fields"].get(f"{name}_id"):
            found[name] = model.objects.filter(pk=pk).first()
    if not all(found.values()):
        raise ValidationError(
            _("La personne que cet avenant désigne n’est plus là : annulez-le, et proposez-en un autre."),
            code="person_gone",
        )
    return found


def _breaks(row, terms):
    """The days off that a placement has with an amendment, as (from, until, why)."""
    if terms["breaks"] is None:
        return breaks_within(row)
    day = PlacementBreak._meta.get_field("from_on").to_python
    return [(day(first), day(last), why) for first, last, why in terms["breaks"]]


def _set(row, terms):
    """Sets on a placement what an amendment says, with its days off and what follows from them. Returns the
    names of the fields, which are still to be written.
    """
    new, first_day = _new(terms), row.start_on
    for name, value in new.items():
        setattr(row, name, value)
    if why := rules.first_day_refusal(row, before=first_day):
        raise ValidationError({"start_on": why}, code="begun")
    row.derive()
    row.full_clean()
    moved = write_breaks(row, _breaks(row, terms))
    derive_hours(row, Desk(PaperKind.AMENDMENT, [row], today()).presence(row))
    names = [field.name for field in Placement._meta.concrete_fields if field.attname in new]
    end_overrides([row], [*names, *(["breaks"] if moved else [])])
    return names


def _write(actor, row, terms, overrides):
    """Writes on a placement what an amendment says, if the law lets it; must run inside an operation.

    What is set aside with the amendment is in its own terms; `overrides` are set aside by the actor besides.
    """
    named = _named(terms)
    wait_for_turns(
        [row],
        tutors=[named["tutor"]] if "tutor" in named else (),
        teachers=[named["teacher"]] if "teacher" in named else (),
    )
    names = _set(row, terms)
    _hold_to_the_law(actor, row, terms, overrides)
    update_rows([row], names)


def _hold_to_the_law(actor, placement, terms, overrides):
    """Sets aside the rules that the amendment sets aside, and these; raises `Unlawful` for what stands in the
    way besides.
    """
    around = Surroundings([placement], today())
    found = around.findings(placement)
    aside = set(around.overrides(placement))
    # A reason that another change made needless is no reason to refuse.
    standing = {str(finding.code) for finding in blocking(found, aside)}
    proposer = User.objects.filter(pk=terms["by"]).first() or actor
    for who, reasons in ((actor, overrides), (proposer, terms["overrides"])):
        chosen = {code: why for code, why in reasons.items() if code in standing - aside}
        set_aside(who, placement, found, chosen)
        aside |= set(chosen)
    if left := blocking(found, aside):
        raise Unlawful(refusal(left), left)


def agree_to_amendments(*, actor, pks, reason=""):
    """The host agrees to what these amendments change; they are then signed by all parties."""
    return move_papers(actor, "agree_amendment", pks, reason, agreed_by=actor)


def record_amendment_agreement(*, actor, pks, reason):
    """The school notes that hosts without an account agreed; the reason says who, when and how."""
    return move_papers(actor, "record_amendment_agreement", pks, reason, agreed_by=actor)


def decline_amendments(*, actor, pks, reason):
    """The host wants none of these amendments: they count for nothing, and the parties read why."""
    return move_papers(actor, "decline_amendment", pks, reason, void_reason=reason.strip())


def sign_amendment(*, actor, paper, signed_on, upload=None, name="", overrides=None):
    """Notes that all parties signed an amendment, and changes the placement as it says. Returns the paper.

    `upload` is its signed copy, called `name`, where there is one. The law is asked again: `overrides`, {rule
    code: reason}, sets aside what stands in the way now. Raises `ValidationError` by field (`file`,
    `signed_on`), `Unlawful`, with nothing changed, `PermissionDenied` when the paper is not the actor's.
    """
    transition = PAPER.transition("sign_amendment")
    may(actor, transition.who)
    overrides = _reasons(overrides)
    rows = PlacementPaper.objects.editable_by(actor)
    known = rows.filter(pk=paper.pk).first()
    if known is None:
        raise PermissionDenied
    with ExitStack() as stack:
        filed = stack.enter_context(copy_kept(actor, known, upload, name)) if upload is not None else {}
        with operation(
            kind=OperationKind.TRANSITION, actor=actor, subject=PlacementPaper, verb=transition.verb
        ) as running:
            row = the_placement(actor, known.placement)
            locked = rows.filter(pk=paper.pk).select_for_update(of=("self",)).get()
            if why := account_refusal(row) or PAPER.refusal(transition, locked, actor.role):
                raise ValidationError(why, code="closed")
            if why := rules.amendment_signature_refusal(locked, signed_on=signed_on, today=today()):
                raise ValidationError({"signed_on": why}, code="signed_on")
            _write(actor, row, locked.terms, overrides)
            carry_out(transition, [locked], signed_on=signed_on, **filed)
            papers_moved.send(PlacementPaper, pks=[locked.pk], verb=transition.verb, operation=running.row)
    locked.refresh_from_db()
    return locked


def amendment_signing_refusal(*, actor, paper):
    """Why this person can't note the signature of a paper today, in a sentence; None when they can."""
    transition = PAPER.transition("sign_amendment")
    day = today()
    return rules.amendment_signature_refusal(paper, signed_on=day, today=day) or PAPER.refusal(
        transition, paper, actor.role
    )


def law_of_amendment(*, actor, paper):
    """What the law says of a placement as a waiting amendment would have it, and the rules that stay set
    aside for it, {code: RuleOverride}, besides those of the amendment; keeps nothing.

    Raises `ValidationError` for an amendment that cannot be written any more.
    """
    found, aside = [], {}
    with operation(kind=OperationKind.EDIT, actor=actor, subject=PlacementPaper), suppress(_Rehearsed):
        row = Placement.objects.with_names().get(pk=paper.placement_id)
        with attempt():
            _named(paper.terms)
            _set(row, paper.terms)
            around = Surroundings([row], today())
            found, aside = around.findings(row), dict(around.overrides(row))
            raise _Rehearsed
    return found, aside
