"""How many interns a host may have in one civil week (articles L124-8 and R124-10 to R124-12)."""

import math

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pratik.core.calendar import day_label, weeks_between

from ..enums import InternshipKind, LegalCode, RuleCode, Severity
from .findings import Rule


def host_cap(headcount, parameters, kind=InternshipKind.INTERNSHIP):
    """The most interns that a host of this headcount may have in one week; None when that is not known.

    A share of the headcount, rounded up, from twenty staff on, a fixed number below (article R124-10). For
    work placement periods the education authority may have raised it (article R124-11); observation counts
    for nothing and has none. Never lower for more staff within either text.
    """
    if headcount is None or kind == InternshipKind.OBSERVATION:
        return None
    caps = [
        _cap(
            headcount,
            parameters.get(LegalCode.HOST_QUOTA_HEADCOUNT),
            parameters.get(LegalCode.HOST_QUOTA_SHARE),
            parameters.get(LegalCode.HOST_QUOTA_SMALL),
        )
    ]
    if kind == InternshipKind.WORK_PLACEMENT_PERIOD:
        caps.append(
            _cap(
                headcount,
                parameters.get(LegalCode.PERIOD_QUOTA_HEADCOUNT),
                parameters.get(LegalCode.PERIOD_QUOTA_SHARE),
                parameters.get(LegalCode.PERIOD_QUOTA_SMALL),
            )
        )
    return max((cap for cap in caps if cap is not None), default=None)


def _cap(headcount, threshold, share, small):
    if None in (threshold, share, small):
        return None
    return int(small) if headcount < threshold else math.ceil(headcount * share)


def weeks_over(facts, parameters):
    """The weeks in which this placement would take its host over the cap: {Monday: interns, this one too}."""
    cap = host_cap(facts.headcount, parameters, facts.kind)
    if cap is None or facts.end < facts.start:
        return {}
    counts = {
        monday: facts.interns_by_week.get(monday, 0) + 1 for monday in weeks_between(facts.start, facts.end)
    }
    return {monday: number for monday, number in counts.items() if number > cap}


def _find(rule, facts, parameters):
    if facts.headcount is None:
        return rule.finding(
            _(
                "L’effectif de l’organisme d’accueil n’est pas connu : le nombre de stagiaires qu’il peut"
                " accueillir la même semaine n’est pas vérifié."
            ),
            Severity.WARN,
        )
    over = weeks_over(facts, parameters)
    if not over:
        return None
    cap = host_cap(facts.headcount, parameters, facts.kind)
    monday = min(over)
    told = ngettext(
        "%(interns)d stagiaires la semaine du %(day)s, pour %(cap)d au plus avec un effectif de"
        " %(headcount)d (%(weeks)d semaine concernée).",
        "%(interns)d stagiaires la semaine du %(day)s, pour %(cap)d au plus avec un effectif de"
        " %(headcount)d (%(weeks)d semaines concernées).",
        len(over),
    ) % {
        "interns": over[monday],
        "day": day_label(monday),
        "cap": cap,
        "headcount": facts.headcount,
        "weeks": len(over),
    }
    figures = {"cap": cap, "headcount": facts.headcount, "weeks": over}
    if facts.headcount_is_exact:
        return rule.finding(told, **figures)
    # A band says the least that the host has: with its real headcount it may be entitled to more.
    told = _(
        "%(told)s L’effectif est le bas d’une tranche : saisissez l’effectif exact de l’organisme d’accueil."
    ) % {"told": told}
    return rule.finding(told, Severity.WARN, **figures)


HOST_QUOTA = Rule(
    code=RuleCode.HOST_QUOTA,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles L124-8 et R124-10 à R124-12"),
    explanation=gettext_lazy(
        "Une même semaine civile, un organisme d’accueil n’a pas plus de stagiaires qu’une part de son"
        " effectif, arrondie à l’entier supérieur, ou qu’un nombre fixe quand il est petit. L’autorité"
        " académique peut relever ce plafond pour les périodes de formation en milieu professionnel."
    ),
    find=_find,
    uses=(LegalCode.HOST_QUOTA_HEADCOUNT, LegalCode.HOST_QUOTA_SHARE, LegalCode.HOST_QUOTA_SMALL),
)
