"""When a post is free again after an intern (article L124-11)."""

import datetime
import math

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import day_label

from ..enums import LegalCode, RuleCode, Severity
from .findings import Rule


def free_from(previous, parameters):
    """The first day on which the same post may have another intern: a third of the previous internship's
    calendar days, a begun day counting whole, after its last day; the day after when the intern left.
    """
    days = 0
    if not previous.ended_by_intern:
        days = math.ceil(previous.days / parameters[LegalCode.COOLING_OFF_DIVISOR])
    return previous.end + datetime.timedelta(days=days + 1)


def _find(rule, facts, parameters):
    # Whoever left of their own will frees the post of their own internship alone, not of one before it.
    waited_for = [previous for previous in facts.previous if not previous.ended_by_intern]
    if not waited_for:
        return None
    previous = max(waited_for, key=lambda one: (free_from(one, parameters), one.end))
    free = free_from(previous, parameters)
    if facts.start >= free:
        return None
    days = (free - previous.end).days - 1
    told = _(
        "Le stage précédent sur ce poste a duré %(length)d jours, jusqu’au %(end)s : le délai de carence est"
        " de %(days)d jours et le poste est libre à partir du %(free)s."
    ) % {
        "length": previous.days,
        "end": day_label(previous.end),
        "days": days,
        "free": day_label(free),
    }
    return rule.finding(told, days=days, free_from=free)


COOLING_OFF = Rule(
    code=RuleCode.COOLING_OFF,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, article L124-11"),
    explanation=gettext_lazy(
        "Un même poste n’accueille un autre stagiaire qu’après un délai égal au tiers de la durée du stage"
        " précédent, sauf si celui-ci a été interrompu avant son terme à l’initiative du stagiaire."
    ),
    find=_find,
    uses=(LegalCode.COOLING_OFF_DIVISOR,),
)
