"""A person is in one place at a time."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import day_label

from ..enums import RuleCode, Severity
from .findings import EVERY_KIND, Rule


def overlapping(facts):
    """The student's other spells that share a day with this placement, the earliest first."""
    return sorted(
        (spell for spell in facts.spells if spell.start <= facts.end and spell.end >= facts.start),
        key=lambda spell: (spell.start, spell.end),
    )


def _find(rule, facts, parameters):
    shared = overlapping(facts)
    if not shared:
        return None
    # The other host is not named: who decides here need not know where else the student goes.
    told = _("L’étudiant est déjà en stage du %(start)s au %(end)s.") % {
        "start": day_label(shared[0].start),
        "end": day_label(max(spell.end for spell in shared)),
    }
    return rule.finding(told, start=shared[0].start, end=max(spell.end for spell in shared))


OVERLAP = Rule(
    code=RuleCode.OVERLAP,
    severity=Severity.BLOCK,
    article=gettext_lazy("Règle de la plateforme"),
    explanation=gettext_lazy(
        "Une personne n’est pas en stage à deux endroits les mêmes jours. Deux stages à temps partiel peuvent"
        " se suivre dans la semaine : levez alors l’alerte, avec un motif."
    ),
    find=_find,
    kinds=EVERY_KIND,
)
