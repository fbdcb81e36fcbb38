"""How many interns one person follows at once (articles L124-9, L124-10, R124-13; L124-2, D124-3)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import day_label

from ..enums import LegalCode, RuleCode, Severity
from .findings import Rule


def most_at_once(start, end, periods):
    """The most of these periods that run on one day between two days, and the first such day.

    (0, start) when none does.
    """
    running = [period for period in periods if period[0] <= end and period[1] >= start]
    days = sorted({max(start, first) for first, _last in running})
    counts = [(sum(first <= day <= last for first, last in running), day) for day in days]
    most = max((number for number, _day in counts), default=0)
    return most, next((day for number, day in counts if number == most), start)


def _too_many(facts, periods, most):
    """With this placement, how many at once and since when, where that is more than allowed; else None."""
    if periods is None:
        return None
    number, day = most_at_once(facts.start, facts.end, periods)
    return (number + 1, day) if number + 1 > most else None


def _find_tutor(rule, facts, parameters):
    most = int(parameters[LegalCode.TUTOR_MAX])
    found = _too_many(facts, facts.tutor_periods, most)
    if found is None:
        return None
    number, day = found
    told = _(
        "Le tuteur suivrait %(number)d stagiaires à la fois le %(day)s, pour %(most)d au plus : désignez-en"
        " un autre."
    ) % {"number": number, "day": day_label(day), "most": most}
    return rule.finding(told, number=number, cap=most, day=day)


def _find_teacher(rule, facts, parameters):
    most = int(parameters[LegalCode.TEACHER_MAX])
    found = _too_many(facts, facts.teacher_periods, most)
    if found is None:
        return None
    number, day = found
    told = _(
        "L’enseignant référent suivrait %(number)d stagiaires à la fois le %(day)s, pour %(most)d au plus :"
        " désignez-en un autre."
    ) % {"number": number, "day": day_label(day), "most": most}
    return rule.finding(told, number=number, cap=most, day=day)


TUTOR = Rule(
    code=RuleCode.TUTOR,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles L124-9, L124-10 et R124-13"),
    explanation=gettext_lazy(
        "Une personne n’est pas désignée comme tuteur quand elle l’est déjà dans autant de conventions en"
        " cours que la loi en permet. Deux tuteurs du même nom chez un même organisme comptent pour une"
        " personne."
    ),
    find=_find_tutor,
    uses=(LegalCode.TUTOR_MAX,),
)
TEACHER = Rule(
    code=RuleCode.TEACHER,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles L124-2 et D124-3"),
    explanation=gettext_lazy(
        "Un enseignant référent suit un nombre limité de stagiaires à la fois ; le conseil d’administration"
        " de l’établissement peut décider moins."
    ),
    find=_find_teacher,
    uses=(LegalCode.TEACHER_MAX,),
)
