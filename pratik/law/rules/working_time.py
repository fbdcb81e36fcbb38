"""The longest days and weeks of those who are of age (article L124-14)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..enums import LegalCode, RuleCode, Severity
from .findings import Rule
from .minors import is_minor
from .schedule import days_text, hours_of, hours_text


def _find(rule, facts, parameters):
    if facts.born_on is not None and is_minor(facts.born_on, facts.end, parameters):
        # Stricter limits hold for the whole of it.
        return None
    schedule = facts.schedule
    day_cap = parameters.minutes(LegalCode.DAY_HOURS)
    week_cap = parameters.minutes(LegalCode.WEEK_HOURS)
    told, figures = [], {}
    over = {day: schedule.minutes_on(day) for day in range(7) if schedule.minutes_on(day) > day_cap}
    if over:
        told.append(
            _("%(days)s : au plus %(most)s par jour.")
            % {"days": days_text(over), "most": hours_text(day_cap)}
        )
        figures |= {
            "days": {day: hours_of(minutes) for day, minutes in over.items()},
            "day_cap_hours": hours_of(day_cap),
        }
    if schedule.minutes_per_week > week_cap:
        told.append(
            _("%(minutes)s par semaine : au plus %(most)s.")
            % {"minutes": hours_text(schedule.minutes_per_week), "most": hours_text(week_cap)}
        )
        figures |= {"week_hours": schedule.hours_per_week, "week_cap_hours": hours_of(week_cap)}
    return rule.finding(" ".join(told), **figures) if told else None


WORKING_TIME = Rule(
    code=RuleCode.WORKING_TIME,
    severity=Severity.WARN,
    article=gettext_lazy(
        "Code de l’éducation, article L124-14 ; code du travail, articles L3121-18 et L3121-20"
    ),
    explanation=gettext_lazy(
        "La présence d’un stagiaire suit les règles des salariés de l’organisme d’accueil : des durées"
        " maximales par jour et par semaine, sauf accord ou dérogation."
    ),
    find=_find,
    uses=(LegalCode.DAY_HOURS, LegalCode.WEEK_HOURS, LegalCode.ADULT_AGE),
)
