"""Taking an operation back, and a row back to an earlier version.

What was created goes, what was changed returns to its values before, what was removed comes back. A row
that somebody touched since, that others now depend on, or whose state is final, is left as it is and
reported with who and why.
An operation that was itself taken back does not count as a touch. Undoing is an operation like any other,
so it can be taken back too.
"""

from copy import copy
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from .enums import HistoryType, OperationKind
from .history import tracked_models
from .history_pruning import is_past
from .models import Operation
from .operations import attempt
from .operations import operation as open_operation
from .services import changed_fields, describe_dependants, save_row
from .workflow import final_transition
from .writes import BATCH, batches, create_rows, delete_rows, dependants, update_rows


@dataclass
class Left:
    """A row that undoing did not touch, and why."""

    model: type
    pk: int
    label: str
    reason: str


@dataclass
class UndoReport:
    """What undoing did, or would do."""

    removed: int = 0
    restored: int = 0
    recreated: int = 0
    left: list = field(default_factory=list)
    operation: object = None

    @property
    def done(self):
        return self.removed + self.restored + self.recreated


class _DryRun(Exception):
    """Rolls a rehearsal back."""


def refuse_undoing(*, actor, operation):
    """Raises what `undo_operation` raises before it looks at any row: `PermissionDenied`, or
    `ValidationError` for an operation that nobody takes back.
    """
    if operation.kind == OperationKind.ERASURE:
        raise ValidationError(
            _("Un effacement ne s’annule pas : les données ne sont plus conservées nulle part."),
            code="erased",
        )
    if not Operation.objects.editable_by(actor).filter(pk=operation.pk).exists():
        raise PermissionDenied
    model = operation.subject_model
    if model is not None and not model.is_undoable:
        raise ValidationError(
            _("Cette opération ne s’annule pas. Servez-vous des actions des fiches elles-mêmes (%(rows)s).")
            % {"rows": model._meta.verbose_name_plural},
            code="not_undoable",
        )
    if is_past(operation.started_at):
        raise ValidationError(
            _("Cette opération est trop ancienne\u00a0: les versions d’avant elle ne sont plus gardées."),
            code="too_old",
        )


def undo_operation(*, actor, operation, reason="", dry_run=False, each=None, named=None):
    """Takes an operation back, whole or as far as possible, and says what was left.

    With `dry_run` the same is done and rolled back. `each` is told of how many rows, of how many, as it
    goes; what it raises stops the whole. Of the rows that were left, so many are `named`, all unless said;
    the others have their key for a name. Raises `PermissionDenied` for an operation that the actor may not
    undo, `ValidationError` when nothing is left to take back, when it erased personal data, when versions
    from before it may be gone (`history_pruning`), or when its rows are of a kind that is not undone: in
    part it would take back what followed, such as a badge, and leave what it followed from.
    """
    refuse_undoing(actor=actor, operation=operation)
    report = UndoReport()
    try:
        with transaction.atomic():
            Operation.objects.select_for_update().get(pk=operation.pk)
            with open_operation(
                kind=OperationKind.UNDO,
                actor=actor,
                subject=operation.subject_model,
                reason=reason,
                undoes=operation,
            ) as running:
                works = [
                    work
                    for model in tracked_models().values()
                    if (work := _ModelUndo(model, operation, actor, report)).touched
                ]
                going = _Going(each, sum(work.pending for work in works))
                if not going.total and not report.left:
                    raise ValidationError(_("Cette opération est déjà annulée."), code="already_undone")
                for work in _pointing_first(works):
                    work.remove_created(going)
                for work in reversed(_pointing_first(works)):
                    work.recreate_deleted(going)
                    work.restore_changed(going)
                _name(report.left[:named])
                running.count("left", len(report.left))
                report.operation = running.written
            if dry_run:
                raise _DryRun
    except _DryRun:
        report.operation = None
    return report


def _name(left):
    """Gives each row that was left the name that people know it by; one query for each kind of row."""
    by_model = {}
    for entry in left:
        by_model.setdefault(entry.model, set()).add(entry.pk)
    names = {
        (model, row.pk): str(row)
        for model, pks in by_model.items()
        for row in models.QuerySet(model).filter(pk__among=list(pks))
    }
    for entry in left:
        entry.label = names.get((entry.model, entry.pk), entry.label)


def _pointing_first(works):
    """Models in an order in which each comes before those that its rows point at."""
    order, waiting = [], list(works)
    while waiting:
        targets = {
            relation.related_model
            for work in waiting
            for relation in work.model._meta.concrete_fields
            if relation.is_relation and relation.related_model is not work.model
        }
        free = [work for work in waiting if work.model not in targets] or waiting[:1]
        order += free
        waiting = [work for work in waiting if work not in free]
    return order


class _Going:
    """How far an undoing is."""

    def __init__(self, each, total):
        self.each, self.total, self.done = each, total, 0

    def parts(self, keys):
        """The keys in parts that one statement can take; each part is told of once it is dealt with."""
        for part in batches(keys):
            yield part
            self.done += len(part)
            if self.each is not None:
                self.each(self.done, self.total)


class _ModelUndo:
    """The part of an undoing that concerns one model; a fixed number of queries for each batch of rows."""

    def __init__(self, model, operation, actor, report):
        self.model = model
        self.history = model.history.model
        self.key = model._meta.pk.attname
        self.operation = operation
        self.actor = actor
        self.report = report
        self.created, self.changed, self.deleted = [], {}, []
        lines = list(
            self.history.objects.filter(operation=operation)
            .order_by("history_id")
            .values_list(self.key, "history_id", "history_type")
        )
        self.touched = bool(lines)
        if lines:
            # Whoever is changing these rows is waited for, so that what they write counts as later.
            self._locked({pk for pk, _line, _kind in lines})
            self._sort(lines)

    @property
    def pending(self):
        """How many rows there are to remove, to restore and to bring back."""
        return len(self.created) + len(self.changed) + len(self.deleted)

    def _sort(self, lines):
        first, last = {}, {}
        for pk, line, kind in lines:
            first.setdefault(pk, (line, kind))
            last[pk] = (line, kind)
        states = self._later(last)
        earlier = self._earlier({pk: line for pk, (line, _kind) in first.items()})
        for pk, (_line, kind) in first.items():
            if not self.model.is_undoable:
                self._leave(pk, _("Cette fiche ne s’annule pas ainsi : servez-vous de ses propres actions."))
                continue
            by = states.get(pk)
            if by is _UNDONE:
                continue
            if by is not None:
                self._leave(pk, by)
            elif kind == HistoryType.CREATED and last[pk][1] == HistoryType.DELETED:
                continue
            elif kind == HistoryType.CREATED:
                self.created.append(pk)
            elif last[pk][1] == HistoryType.DELETED:
                self.deleted.append(pk)
            elif pk in earlier:
                self.changed[pk] = earlier[pk]
            else:
                self._leave(pk, _("Aucune version antérieure n’est connue."))

    def _lines_of(self, pks):
        return self.history.objects.filter(**{f"{self.key}__among": list(pks)})

    def _earlier(self, first):
        """The line of each row that came before its first one of the operation: {key: line}."""
        begun, ended = min(first.values()), max(first.values())
        before = self._lines_of(first).filter(history_id__lt=begun).order_by().values_list(self.key)
        earlier = dict(before.annotate(line=models.Max("history_id")))
        # Others wrote while the operation did: their lines count as earlier up to the row's own.
        meanwhile = self._lines_of(first).filter(history_id__gt=begun, history_id__lt=ended)
        for pk, line in (
            meanwhile.exclude(operation=self.operation)
            .order_by("history_id")
            .values_list(self.key, "history_id")
        ):
            if line < first[pk]:
                earlier[pk] = line
        return earlier

    def _later(self, last):
        """For each row touched after the operation: `_UNDONE`, or a sentence that says by whom."""
        later = (
            self._lines_of(last)
            .filter(history_id__gt=min(line for line, _kind in last.values()))
            .exclude(operation=self.operation)
            .order_by("history_id")
            .values_list(self.key, "history_id", "operation", "operation__undoes")
        )
        active, taken_back = {}, {}
        for pk, line, operation, undoes in later:
            if line < last[pk][0]:
                continue
            standing = active.setdefault(pk, [self.operation.pk])
            cancelled = taken_back.setdefault(pk, {})
            if standing and standing[-1] == operation:
                continue
            if undoes in standing:
                standing.remove(undoes)
                cancelled[operation] = undoes
            elif undoes in cancelled:
                standing.append(cancelled.pop(undoes))
            else:
                standing.append(operation)
        authors = self._authors({standing[-1] for standing in active.values() if standing})
        return {
            pk: _UNDONE if self.operation.pk not in standing else authors[standing[-1]]
            for pk, standing in active.items()
            if standing != [self.operation.pk]
        }

    @staticmethod
    def _authors(operations):
        return {
            row.pk: _("Modifiée depuis par %(who)s, le %(when)s (%(what)s).")
            % {
                "who": row.actor_label,
                "when": date_format(localtime(row.started_at), "SHORT_DATETIME_FORMAT"),
                "what": row.title,
            }
            for row in Operation.objects.filter(pk__in=operations)
        }

    def _leave(self, pk, reason):
        self.report.left.append(Left(self.model, pk, f"n°\u00a0{pk}", reason))

    def _locked(self, pks):
        rows = models.QuerySet(self.model).filter(pk__among=list(pks)).order_by("pk")
        return list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))

    def _editable(self, pks):
        rows = self.model.objects.editable_by(self.actor).filter(pk__among=list(pks))
        return set(rows.values_list("pk", flat=True))

    def _within_scope(self, pks):
        editable = self._editable(pks)
        for pk in pks:
            if pk not in editable:
                self._leave(pk, _("Vous ne pouvez plus modifier cette ligne."))
        return [pk for pk in pks if pk in editable]

    def remove_created(self, going):
        """What the operation made goes, unless something depends on it."""
        for part in going.parts(self.created):
            pks = self._within_scope(part)
            blocked = dependants(self.model, pks)
            for pk, found in blocked.items():
                self._leave(pk, _("%(what)s.") % {"what": describe_dependants(found)})
            gone = [pk for pk in pks if pk not in blocked]
            delete_rows(self.model, gone)
            self.report.removed += len(gone)

    def restore_changed(self, going):
        """What the operation changed returns to its values before it."""
        for part in going.parts(sorted(self.changed)):
            self._restore(self._within_scope(part))

    def _restore(self, pks):
        lines = self._versions(history_id__among=[self.changed[pk] for pk in pks])
        done = self.operation.subject_model is self.model and final_transition(
            self.operation.subject, self.operation.verb
        )
        rows, differing = [], set()
        for row in self.model.objects.filter(pk__among=pks).order_by("pk"):
            line = lines[row.pk]
            # The operation's own verb is one that stays (a link that was sent again leaves the state as it
            # was), or it led to the present state by one.
            if final := done or self._final(row, line):
                self._leave(
                    row.pk, _("«\u00a0%(act)s\u00a0» ne s’annule pas.") % {"act": final.noun or final.label}
                )
                continue
            differing |= set_to_line(row, line, self.history.tracked_fields)
            rows.append(row)
        self.report.restored += self._write(rows, lambda some: update_rows(some, differing))

    def _versions(self, **asked):
        """Lines of the history by the key of their row: the values that are tracked, by their names."""
        names = [field.attname for field in self.history.tracked_fields]
        lines = self.history.objects.filter(**asked).values_list(*names, named=True)
        return {getattr(line, self.key): line for line in lines.iterator(chunk_size=BATCH)}

    def _final(self, row, line):
        """The transition that led to the row's present state, if it is one that is never undone; or None."""
        workflow = getattr(self.model, "workflow", None)
        return workflow and workflow.final_between(
            getattr(line, workflow.field), getattr(row, workflow.field)
        )

    def recreate_deleted(self, going):
        """What the operation removed comes back, under its former key."""
        for part in going.parts(self.deleted):
            lines = self._versions(
                operation=self.operation,
                history_type=HistoryType.DELETED,
                **{f"{self.key}__among": part},
            )
            rows = []
            for pk, line in lines.items():
                row = self.model(**{self.key: pk})
                set_to_line(row, line, self.history.tracked_fields)
                rows.append(row)
            self.report.recreated += self._write(rows, create_rows)

    def _write(self, rows, write):
        """Writes what still points at something. Returns how many rows were written."""
        return self._write_or_halve(self._with_targets(rows), write)

    def _write_or_halve(self, rows, write):
        """Writes all at once; only if that breaks a constraint or would leave the actor's scope, each half by
        itself, down to the row that does, to name it.
        """
        if not rows:
            return 0
        try:
            self._write_within_scope(rows, write)
            return len(rows)
        except (IntegrityError, PermissionDenied, ValidationError) as refused:
            if len(rows) == 1:
                self._leave(rows[0].pk, _why(refused))
                return 0
        middle = len(rows) // 2
        return self._write_or_halve(rows[:middle], write) + self._write_or_halve(rows[middle:], write)

    def _write_within_scope(self, rows, write):
        with attempt():
            write(rows)
            if len(self._editable([row.pk for row in rows])) < len(rows):
                raise PermissionDenied

    def _with_targets(self, rows):
        """The rows whose foreign keys still point at something; the others are left."""
        for relation in self.model._meta.concrete_fields:
            if not relation.is_relation:
                continue
            wanted = {getattr(row, relation.attname) for row in rows} - {None}
            known = set(
                models.QuerySet(relation.related_model)
                .filter(pk__among=list(wanted))
                .values_list("pk", flat=True)
            )
            for row in rows:
                if getattr(row, relation.attname) in wanted - known:
                    self._leave(
                        row.pk,
                        _("%(field)s : la fiche liée n’existe plus.") % {"field": relation.verbose_name},
                    )
            rows = [row for row in rows if getattr(row, relation.attname) not in wanted - known]
        return rows


_UNDONE = object()


def _why(refused):
    """What keeps a row from being written, in a sentence."""
    match refused:
        case IntegrityError():
            return _("Une autre ligne a pris sa place entre-temps.")
        case ValidationError():
            return " ".join(refused.messages)
        case _denied:
            return str(refused) or _("Vous ne pouvez plus modifier cette ligne.")


def set_to_line(row, line, fields=None):
    """Gives a row the values that a line of its history holds, in these fields or in all that it tracks.
    Returns the names of those that differed.
    """
    differing = set()
    for tracked in type(line).tracked_fields if fields is None else fields:
        value = getattr(line, tracked.attname)
        if not tracked.primary_key and getattr(row, tracked.attname) != value:
            setattr(row, tracked.attname, value)
            differing.add(tracked.name)
    return differing


def kept_on_return(row, actor):
    """The fields that returning to an earlier version leaves as they are."""
    workflow = getattr(type(row), "workflow", None)
    kept = {"created_at", "updated_at", *row.reserved_fields(actor)}
    if workflow:
        kept |= {workflow.field, *(t.stamp for t in workflow.transitions)}
    return kept


def revert_row(*, actor, row, line, reason="", names=None, save=None):
    """Gives one row the values of an earlier version; its state is left, since states move by their verbs,
    and so are the columns that are reserved to others than the actor.

    `names` are the columns that return, all unless they are named: whoever is shown part of a row gives back
    that part. `save` is the service by which these rows are written, (row) →, where that is not `save_row`.

    Raises `PermissionDenied` out of scope, `ValidationError` when the earlier values break a rule of today
    or do not differ from the present ones.
    """
    model = type(row)
    with open_operation(kind=OperationKind.REVERT, actor=actor, subject=model, reason=reason):
        current = model.objects.editable_by(actor).select_for_update(of=("self",)).filter(pk=row.pk).first()
        if current is None:
            raise PermissionDenied
        before = copy(current)
        later = model.history.filter(**{model._meta.pk.attname: row.pk}, history_id__gt=line.history_id)
        if later.filter(operation__kind=OperationKind.ERASURE).exists():
            raise ValidationError(
                _("Les données de cette fiche ont été effacées depuis : on ne revient pas en deçà."),
                code="erased",
            )
        kept = kept_on_return(current, actor)
        if names is not None:
            kept |= {field.name for field in type(line).tracked_fields if field.name not in names}
        returning = [field for field in type(line).tracked_fields if field.name not in kept]
        set_to_line(current, line, returning)
        if not changed_fields(before, current):
            raise ValidationError(_("La fiche a déjà ces valeurs."), code="nothing_to_revert")
        if save is None:
            return save_row(actor=actor, row=current)
        save(current)
        return current
