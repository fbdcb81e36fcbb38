"""Verbs that every area needs: save one row, remove one, move states in a set.

All are keyword-only, need an `actor`, and run in one transaction under an operation.
"""

from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .enums import OperationKind
from .operations import attempt, operation
from .writes import assign_slugs, delete_rows, dependants, set_columns, set_each


@dataclass
class Outcome:
    """What became of a set of rows: those changed, and those refused with the reason for each."""

    changed: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    operation: object = None


def save_row(*, actor, row, reason=""):
    """Writes one row that a person typed, new or changed, by the rules that a file obeys too.

    A row that did not change is not written and leaves no history. Raises `ValidationError` for a broken
    rule, `PermissionDenied` when the row is, or would become, one that the actor may not change.
    """
    model = type(row)
    creating = row._state.adding
    kind = OperationKind.CREATE if creating else OperationKind.EDIT
    with operation(kind=kind, actor=actor, subject=model, reason=reason):
        if not creating:
            # The key stays: who points at the row, such as the operations of an account, is not kept waiting.
            rows = model.objects.editable_by(actor).select_for_update(of=("self",), no_key=True)
            before = rows.filter(pk=row.pk).first()
            if before is None:
                raise PermissionDenied
            changed = changed_fields(before, row)
            if not changed:
                return row
            if why := before.change_refusal(actor, changed):
                raise ValidationError(why, code="closed")
            _refuse_state_change(before, row)
        row.derive()
        unchecked = ("slug",) if creating else ()
        row.full_clean(exclude=unchecked)
        if creating:
            assign_slugs(model, [row])
        try:
            with attempt():
                row.save()
        except IntegrityError:
            # Somebody wrote the same row since the rules were asked; asked again, they say so in a sentence.
            row.full_clean(exclude=unchecked)
            raise
        if not model.objects.editable_by(actor).filter(pk=row.pk).exists():
            raise PermissionDenied
    return row


def changed_fields(before, after):
    """The tracked fields in which two versions of a row differ, in the model's order."""
    return [
        field.name
        for field in type(after).history.model.tracked_fields
        if field.name not in ("updated_at", "created_at")
        and getattr(before, field.attname) != getattr(after, field.attname)
    ]


def _refuse_state_change(before, after):
    workflow = getattr(type(after), "workflow", None)
    if workflow and getattr(before, workflow.field) != getattr(after, workflow.field):
        raise ValidationError(_("L’état ne change que par ses actions."), code="state_by_hand")


def assess_removal(*, actor, model, pks, lock=False):
    """Which of these rows could be removed, and why the others could not; writes nothing."""
    rows = {row.pk: row for row in _chosen(model.objects.editable_by(actor).filter(pk__in=list(pks)), lock)}
    blocked = dependants(model, rows)
    outcome = Outcome()
    for pk, row in rows.items():
        why = row.deletion_refusal() or (describe_dependants(blocked[pk]) if pk in blocked else None)
        if why:
            outcome.refused.append((row, why))
        else:
            outcome.changed.append(row)
    return outcome


def remove_rows(*, actor, model, pks, reason=""):
    """Removes rows that nothing depends on. Returns an `Outcome`; what is kept says why."""
    with operation(kind=OperationKind.DELETE, actor=actor, subject=model, reason=reason) as running:
        outcome = assess_removal(actor=actor, model=model, pks=pks, lock=True)
        delete_rows(model, [row.pk for row in outcome.changed])
        running.count("refused", len(outcome.refused))
        outcome.operation = running.written
    return outcome


def _chosen(rows, lock):
    """The rows, in the model's order; those that are locked in the order of their keys, as everybody locks:
    two people with the same rows in different orders would wait for each other for ever.
    """
    return rows.order_by("pk").select_for_update(of=("self",)) if lock else rows


def describe_dependants(found):
    """« 3 calendriers de stages en dépendent », for each kind of row."""
    parts = []
    for model, number in found:
        name = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
        parts.append(
            ngettext("%(number)d %(name)s en dépend", "%(number)d %(name)s en dépendent", number)
            % {"number": number, "name": name}
        )
    return ", ".join(parts)


def assess(*, actor, model, verb, pks, guard=None, lock=False):
    """Which of these rows a verb would move, and why it would refuse the others; writes nothing."""
    workflow = model.workflow
    transition = workflow.transition(verb)
    outcome = Outcome()
    for row in _chosen(model.objects.editable_by(actor).filter(pk__in=list(pks)), lock):
        why = workflow.refusal(transition, row, actor.role) or (guard(row) if guard else None)
        if why:
            outcome.refused.append((row, why))
        else:
            outcome.changed.append(row)
    return outcome


def move(*, actor, model, verb, pks, reason="", guard=None, announce=None, **columns):
    """Moves a set of rows through one line of their workflow.

    `guard` is a pure rule of the area, (row) → a refusal or None; `columns` are further values that the
    verb sets; `announce` is called with the keys of what moved and the operation, in the same transaction,
    so that what a receiver queues is kept or lost with the change itself. Raises `ValidationError` when the
    verb needs a reason and none is given, `PermissionDenied` when the role may never do it.
    """
    transition = model.workflow.transition(verb)
    if actor.role not in transition.who:
        raise PermissionDenied
    if transition.needs_reason and not reason.strip():
        raise ValidationError({"reason": _("Donnez un motif.")}, code="reason_missing")
    with operation(
        kind=OperationKind.TRANSITION, actor=actor, subject=model, verb=verb, reason=reason.strip()
    ) as running:
        outcome = assess(actor=actor, model=model, verb=verb, pks=pks, guard=guard, lock=True)
        carry_out(transition, outcome.changed, **columns)
        running.count("refused", len(outcome.refused))
        outcome.operation = running.written
        if outcome.changed and announce:
            announce([row.pk for row in outcome.changed], running.row)
    return outcome


def carry_out(transition, rows, *, own=None, **columns):
    """Writes what a line of the workflow makes of rows; must run inside an operation.

    The rows are locked, and were judged by the caller: this is the last part of `move`, and of what happens
    by itself. `own`, a pair (column, {key: value}), gives each row a value of its own in one more column.
    A fixed number of queries, whatever the rows.
    """
    if not rows:
        return
    model = type(rows[0])
    values = {model.workflow.field: transition.target, **columns}
    if transition.stamp:
        values[transition.stamp] = timezone.now()
    pks = [row.pk for row in rows]
    if own is None:
        set_columns(model, pks, **values)
    else:
        set_each(model, *own, **values)
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
        if own is not None:
            setattr(row, own[0], own[1][row.pk])
