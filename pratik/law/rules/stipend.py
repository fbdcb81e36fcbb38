"""When a stipend is due, and the least that it may be (articles L124-6, D124-6 and D124-8)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import day_label
from pratik.reference.school_years import school_year_label

from ..enums import WITH_AGREEMENT, InternshipKind, LegalCode, RuleCode, Severity
from .facts import Spell
from .findings import Rule
from .schedule import CENT, HOUR, hours_of, hours_text


@dataclass(frozen=True)
class Stipend:
    """What a placement owes: `minutes` are all those with the host that count, `own_minutes` its own.

    The two amounts are the least in euros, for all that counts and for this placement alone; None when no
    minimum is known for some day. `hourly` is the highest minimum of the placement's days, `since` the day
    from which it holds. `school_year` is None when the placement is long enough by itself.
    """

    due: bool
    minutes: int
    own_minutes: int
    amount: Decimal | None = None
    own_amount: Decimal | None = None
    hourly: Decimal | None = None
    school_year: int | None = None


def euros(amount):
    """An amount as people write it: « 1 390,50 € »."""
    return _("%(amount)s €") % {"amount": number_format(amount, 2, force_grouping=True)}


def stipend_of(facts, parameters):
    """Whether a stipend is due for a placement, and at least how much.

    It is due above two months with one host, by hours of presence: this placement by itself, or all those of
    one school year together, consecutive or not, work placement periods included; exactly two months owe
    nothing. Once due, it is from the first hour of each placement that counts. Each hour is owed at the
    minimum of its own day, which matters to a placement that lasts over New Year.
    """
    own = facts.presence.minutes
    threshold = parameters.minutes(LegalCode.STIPEND_THRESHOLD_HOURS)
    if facts.kind not in WITH_AGREEMENT:
        return Stipend(False, own, own)
    others = [
        spell
        for spell in facts.spells
        if spell.host == facts.host and spell.kind != InternshipKind.OBSERVATION
    ]
    years = facts.presence.minutes_by_school_year
    totals = {
        year: minutes + sum(spell.minutes for spell in others if spell.school_year == year)
        for year, minutes in years.items()
    }
    above = [year for year, minutes in totals.items() if minutes > threshold]
    if not above and own <= threshold:
        return Stipend(False, max(totals.values(), default=own), own)
    counted = [spell for spell in others if spell.school_year in above]
    own_amount = _least_for(facts.presence, parameters)
    rates = [_rate(day, parameters) for day, _minutes in facts.presence.by_day]
    return Stipend(
        due=True,
        minutes=own + sum(spell.minutes for spell in counted),
        own_minutes=own,
        amount=_sum([own_amount, *(_least_for_spell(spell, parameters) for spell in counted)]),
        own_amount=own_amount,
        hourly=None if None in rates else max(rates),
        school_year=above[0] if above and (counted or len(years) == 1) else None,
    )


def _rate(day, parameters):
    return parameters.get(LegalCode.STIPEND_HOURLY_MINIMUM, day)


def _least_for(presence, parameters):
    by_rate = {}
    for day, minutes in presence.by_day:
        rate = _rate(day, parameters)
        by_rate[rate] = by_rate.get(rate, 0) + minutes
    if None in by_rate:
        return None
    return _cents(sum((rate * minutes / HOUR for rate, minutes in by_rate.items()), Decimal(0)))


def _least_for_spell(spell: Spell, parameters):
    # Its days are not known one by one: the minimum of its first day is the lowest of them.
    rate = _rate(spell.start, parameters)
    return None if rate is None else _cents(rate * spell.minutes / HOUR)


def _cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def _sum(amounts):
    return None if None in amounts else sum(amounts, Decimal(0))


def _find(rule, facts, parameters):
    stipend = stipend_of(facts, parameters)
    if not stipend.due:
        return None
    told = _due_text(stipend)
    figures = {
        "hours": hours_of(stipend.minutes),
        "own_hours": hours_of(stipend.own_minutes),
        "amount": stipend.amount,
        "own_amount": stipend.own_amount,
        "hourly": stipend.hourly,
        "school_year": stipend.school_year,
    }
    given = facts.stipend_hourly or Decimal(0)
    if not given:
        return rule.finding(
            _("%(due)s Aucune gratification n’est prévue.") % {"due": told},
            **figures,
        )
    if stipend.hourly is not None and given < stipend.hourly:
        return rule.finding(
            _("%(due)s %(given)s par heure sont prévus ; le minimum est de %(least)s%(since)s.")
            % {
                "due": told,
                "given": euros(given),
                "least": euros(stipend.hourly),
                "since": _since_text(stipend.hourly, parameters, facts.end),
            },
            **figures,
        )
    return rule.finding(told, Severity.INFORM, **figures)


def _due_text(stipend):
    values = {
        "hours": hours_text(stipend.minutes),
        "year": school_year_label(stipend.school_year) if stipend.school_year else "",
        "amount": euros(stipend.amount) if stipend.amount is not None else "",
    }
    if stipend.amount is None:
        if stipend.school_year is None:
            return (
                _("%(hours)s chez cet organisme : la gratification est due dès la première heure.") % values
            )
        return (
            _(
                "%(hours)s chez cet organisme pendant l’année scolaire %(year)s : la gratification est due"
                " dès la première heure."
            )
            % values
        )
    if stipend.school_year is None:
        return (
            _(
                "%(hours)s chez cet organisme : la gratification est due dès la première heure, au moins"
                " %(amount)s."
            )
            % values
        )
    return (
        _(
            "%(hours)s chez cet organisme pendant l’année scolaire %(year)s : la gratification est due dès la"
            " première heure, au moins %(amount)s."
        )
        % values
    )


def _since_text(rate, parameters, end):
    steps = parameters.steps.get(LegalCode.STIPEND_HOURLY_MINIMUM, ())
    since = max((day for day, value in steps if value == rate and day <= end), default=None)
    return _(" depuis le %(day)s") % {"day": day_label(since)} if since else ""


STIPEND = Rule(
    code=RuleCode.STIPEND,
    severity=Severity.BLOCK,
    article=gettext_lazy("Code de l’éducation, articles L124-6, D124-6 et D124-8"),
    explanation=gettext_lazy(
        "Au-delà de deux mois de présence chez un même organisme d’accueil, d’affilée ou au cours d’une même"
        " année scolaire, la gratification est due dès la première heure, au moins au minimum horaire. Deux"
        " mois justes n’obligent à rien. Les périodes de formation en milieu professionnel comptent aussi."
    ),
    find=_find,
    uses=(LegalCode.STIPEND_THRESHOLD_HOURS, LegalCode.STIPEND_HOURLY_MINIMUM),
)
