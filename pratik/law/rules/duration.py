"""How long one person stays with one host in a school year (articles L124-5, L124-18 and D124-6)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.reference.school_years import school_year_label

from ..enums import LegalCode, RuleCode, Severity
from .facts import minutes_with
from .findings import Rule
from .schedule import hours_of, hours_text


def hours_used(facts):
    """The hours with this host in each school year that this placement touches, in minutes: it and the
    student's others there, split by the days themselves.
    """
    return {
        year: own + minutes_with(facts.host, year, facts.spells)
        for year, own in facts.presence.minutes_by_school_year.items()
    }


def _find(rule, facts, parameters):
    cap = parameters.minutes(LegalCode.DURATION_CAP_HOURS)
    over = {year: minutes for year, minutes in hours_used(facts).items() if minutes > cap}
    if not over:
        return None
    year = min(over)
    own = facts.presence.minutes_by_school_year[year]
    told = _(
        "%(total)s chez cet organisme pendant l’année scolaire %(year)s, dont %(own)s pour ce stage :"
        " %(over)s de trop. Le plafond est de %(cap)s."
    ) % {
        "total": hours_text(over[year]),
        "year": school_year_label(year),
        "own": hours_text(own),
        "over": hours_text(over[year] - cap),
        "cap": hours_text(cap),
    }
    return rule.finding(
        told,
        school_year=year,
        hours=hours_of(over[year]),
        own_hours=hours_of(own),
        cap_hours=hours_of(cap),
    )


DURATION = Rule(
    code=RuleCode.DURATION,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles L124-5, L124-18 et D124-6"),
    explanation=gettext_lazy(
        "Pendant une année scolaire, le temps de présence d’un même stagiaire chez un même organisme"
        " d’accueil, tous stages ensemble, ne dépasse pas six mois. Sept heures valent un jour, vingt-deux"
        " jours un mois."
    ),
    find=_find,
    uses=(LegalCode.DURATION_CAP_HOURS,),
)
