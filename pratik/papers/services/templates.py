"""Writing templates and putting them in force."""

from datetime import date
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.reference_rows import load_missing
from pratik.core.services import Outcome, assess, carry_out, move, save_row

from .. import rules
from ..enums import TemplateState
from ..models import PaperTemplate


def _guard(verb):
    return partial(rules.activation_refusal, today=today()) if verb == "activate" else None


def assess_templates(*, actor, verb, pks):
    """Which templates a verb would move and which it would refuse, with the reasons; writes nothing."""
    return _alone(assess(actor=actor, model=PaperTemplate, verb=verb, pks=pks, guard=_guard(verb)), verb)


def _alone(outcome, verb):
    """Of several templates for the same documents, the first is put in force; the others say why not."""
    if verb != "activate":
        return outcome
    taken, kept = {}, Outcome(refused=list(outcome.refused), operation=outcome.operation)
    for row in outcome.changed:
        first = taken.setdefault((row.kind, row.audience), row)
        if first is row:
            kept.changed.append(row)
        else:
            kept.refused.append(
                (row, _("« %(name)s » est choisi aussi, et un seul peut être en vigueur.") % {"name": first})
            )
    return kept


def activate_templates(*, actor, pks, reason=""):
    """Puts templates in force; those that they replace are retired, in the same operation."""
    transition = PaperTemplate.workflow.transition("activate")
    if actor.role not in transition.who:
        raise PermissionDenied
    with operation(
        kind=OperationKind.TRANSITION,
        actor=actor,
        subject=PaperTemplate,
        verb="activate",
        reason=reason.strip(),
    ) as running:
        # All of a kind are locked, so that two people do not put two in force; in the order of their keys.
        chosen = (
            PaperTemplate.objects.editable_by(actor).filter(pk__in=list(pks)).values_list("kind", flat=True)
        )
        same = list(
            PaperTemplate.objects.filter(kind__in=set(chosen)).order_by("pk").select_for_update(of=("self",))
        )
        outcome = assess_templates(actor=actor, verb="activate", pks=pks)
        places = {(row.kind, row.audience) for row in outcome.changed}
        replaced = [
            row for row in same if row.state == TemplateState.ACTIVE and (row.kind, row.audience) in places
        ]
        carry_out(PaperTemplate.workflow.transition("retire"), replaced)
        carry_out(transition, outcome.changed)
        running.count("refused", len(outcome.refused))
        outcome.operation = running.written
    return outcome


def retire_templates(*, actor, pks, reason):
    """Takes templates out of use, with the reason; no document of their kind is then made without another."""
    return move(actor=actor, model=PaperTemplate, verb="retire", pks=pks, reason=reason)


def copy_template(*, actor, pk):
    """A draft with the same text, to be changed and put in force in its turn. Returns it.

    Raises `PermissionDenied` when the actor does not write templates.
    """
    rows = PaperTemplate.objects.editable_by(actor)
    with operation(kind=OperationKind.CREATE, actor=actor, subject=PaperTemplate):
        origin = rows.filter(pk=pk).first()
        if origin is None:
            raise PermissionDenied
        siblings = rows.filter(kind=origin.kind, audience=origin.audience)
        taken = set(siblings.values_list("name", flat=True))
        copy = PaperTemplate(
            kind=origin.kind,
            audience=origin.audience,
            body=origin.body,
            valid_from=max(origin.valid_from, today()),
            name=_free_name(origin.name, taken),
        )
        return save_row(actor=actor, row=copy)


def _free_name(name, taken):
    """« Convention (2) », « Convention (3) »: the first that nothing is called."""
    most = PaperTemplate._meta.get_field("name").max_length
    number = 2
    while True:
        ending = f" ({number})"
        found = name[: most - len(ending)] + ending
        if found not in taken:
            return found
        number += 1


def load_templates(*, actor, folder):
    """Adds the templates that a release brings along and that are not there yet. Returns how many.

    `folder` holds `paper_templates.csv` and the texts that it names. One takes its place in force when that
    is free, else it waits as a draft: what administrators chose stays.
    """
    taken = set(PaperTemplate.objects.active().values_list("kind", "audience"))

    def template(line):
        place = line["kind"], line["audience"]
        row = PaperTemplate(
            kind=line["kind"],
            audience=line["audience"],
            name=line["name"],
            valid_from=date.fromisoformat(line["valid_from"]),
            body=(folder / "papers" / line["file"]).read_text(encoding="utf-8"),
        )
        row.derive()
        if why := rules.activation_refusal(row, today=today()):
            raise ValidationError(why, code="template")
        if place not in taken:
            taken.add(place)
            row.state, row.activated_at = TemplateState.ACTIVE, timezone.now()
        return row

    return load_missing(actor=actor, model=PaperTemplate, path=folder / "paper_templates.csv", read=template)
