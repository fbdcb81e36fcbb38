"""The page « Règles de droit »: every rule with its numbers of today, and a calculator of hours."""

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.calendar import today
from pratik.law.enums import OPTIONAL_CODES, SEVERITY_COLORS, InternshipKind, LegalCode, RuleCode, Severity
from pratik.law.models import LegalParameter, plain
from pratik.law.reports import parameters_on
from pratik.law.rules import (
    RULES,
    Facts,
    Spell,
    check,
    euros,
    hours_text,
    minutes_of,
    stipend_of,
)
from pratik.reference.models import PublicHoliday
from pratik.reference.school_years import school_year_of

from .forms import CalculatorForm

AGES = (LegalCode.MIDDLE_AGE, LegalCode.ADULT_AGE)
# Rules that ask for studies, a host, people or an agreement, which the calculator knows nothing of.
CALCULATED = frozenset(RULES) - {
    RuleCode.KIND,
    RuleCode.OVERLAP,
    RuleCode.HOST_QUOTA,
    RuleCode.TUTOR,
    RuleCode.TEACHER,
    RuleCode.COOLING_OFF,
    RuleCode.AGE,
    RuleCode.LEGAL_REPRESENTATIVE,
    RuleCode.MENTIONS,
}


class RulesPage:
    """Gives the list of legal parameters the page of the rules that they serve."""

    def get_urls(self):
        return [
            path("regles/", self.admin_site.admin_view(self.rules_view), name="law_rules"),
            *super().get_urls(),
        ]

    def rules_view(self, request):
        """Everybody with an account reads what placements are held against. Asking changes nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        day = today()
        form = CalculatorForm(request.GET) if "start" in request.GET else CalculatorForm()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Règles de droit"),
            "opts": self.model._meta,
            "today": day,
            "rules": _rules(day),
            "severities": [(severity, SEVERITY_COLORS[severity]) for severity in Severity],
            "form": form,
            "media": form.media,
            "result": _result(form.cleaned_data, day) if form.is_bound and form.is_valid() else None,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/law/rules.html", context)


def _rules(day):
    """Each rule with the rows that hold today, as (rule, colour, [(code, row or None)])."""
    held = {}
    for row in LegalParameter.objects.filter(valid_from__lte=day).order_by("valid_from"):
        held[row.code] = row
    for row in held.values():
        row.told_value = plain(row.value)
    return [
        (
            rule,
            SEVERITY_COLORS[rule.severity],
            [(code.label, held.get(code)) for code in _numbers(rule) if code in held or code in rule.uses],
        )
        for rule in RULES.values()
    ]


def _numbers(rule):
    """The numbers that are told with a rule: the ages of all that protects minors stand with the first of it,
    and what an authority may have set besides stands with the quota once it has.
    """
    if rule.code == RuleCode.HOST_QUOTA:
        return [code for code in LegalCode if code in rule.uses or code in OPTIONAL_CODES]
    if rule.code.startswith("minor_"):
        return [code for code in rule.uses if code not in AGES]
    return rule.uses


def _result(typed, day):
    """What the days and the week come to, and what the law says of them."""
    start, end = typed["start"], typed["end"]
    rows = PublicHoliday.objects.filter(day__gte=start, day__lte=end)
    holidays = {row.day: row.name for row in rows}
    before = typed["hours_before"] or 0
    year = school_year_of(start)
    facts = Facts(
        kind=typed["kind"],
        start=start,
        end=end,
        schedule=typed["schedule"],
        holidays=frozenset(holidays),
        born_on=typed["born_on"],
        stipend_hourly=typed["stipend_hourly"],
        spells=(Spell(None, start, start, before, year),) if before else (),
        today=day,
    )
    parameters = parameters_on(start)
    presence = facts.presence
    off = [
        (held, name)
        for held, name in sorted(holidays.items())
        if facts.schedule.days[held.weekday()] and not facts.schedule.works_holidays
    ]
    result = {
        "hours": hours_text(presence.minutes),
        "days": presence.days,
        "week": hours_text(facts.schedule.minutes_per_week),
        "off": off,
        "holidays_known": PublicHoliday.objects.filter(day__year=end.year).exists(),
        "before": hours_text(minutes_of(before)) if before else "",
        "findings": [
            (finding, SEVERITY_COLORS[finding.severity]) for finding in check(facts, parameters, CALCULATED)
        ],
    }
    if not parameters.missing((LegalCode.HOURS_PER_DAY, LegalCode.DAYS_PER_MONTH)):
        result["legal"] = _length_text(presence, parameters)
    if not parameters.missing((LegalCode.STIPEND_THRESHOLD_HOURS,)):
        stipend = stipend_of(facts, parameters)
        result |= {
            "stipend": stipend,
            "least": euros(stipend.own_amount) if stipend.own_amount is not None else "",
            "observation": typed["kind"] == InternshipKind.OBSERVATION,
        }
    return result


def _length_text(presence, parameters):
    """A presence as the law counts it: « 2 mois et 1 jour », of days of seven hours."""
    months = presence.legal_months(parameters)
    days = presence.legal_days(parameters) - months * int(parameters[LegalCode.DAYS_PER_MONTH])
    days_text = ngettext("%(days)d jour", "%(days)d jours", days) % {"days": days}
    if not months:
        return days_text
    months_text = ngettext("%(months)d mois", "%(months)d mois", months) % {"months": months}
    if not days:
        return months_text
    return _("%(months)s et %(days)s") % {"months": months_text, "days": days_text}
