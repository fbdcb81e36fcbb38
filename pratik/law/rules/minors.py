"""What protects those under eighteen (code du travail, articles L3161-1 to L3164-8, and L4153-1).

Article L3161-1 extends to pupils on internships what is said there of young workers. These rules bear no
exception by decision: those that the code knows are the labour inspector's.
"""

import datetime
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import day_label

from ..enums import LegalCode, RuleCode, Severity
from .findings import EVERY_KIND, Rule
from .schedule import DAY, SUNDAY, days_text, hours_of, hours_text, moment_text, weekdays_text

SATURDAY, MONDAY = 5, 0
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class AgeGroup:
    """A part of a placement during which one set of limits holds, and the numbers of these limits."""

    name: str
    start: datetime.date
    end: datetime.date
    day_hours: LegalCode
    week_hours: LegalCode
    from_hour: LegalCode
    until_hour: LegalCode
    daily_rest_hours: LegalCode


def birthday(born_on, age):
    """The day on which somebody reaches an age: 1 March in a common year for who was born on 29 February."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return datetime.date(born_on.year + age, 3, 1)


def is_minor(born_on, day, parameters):
    """Whether somebody is under age on a day."""
    return day < birthday(born_on, int(parameters[LegalCode.ADULT_AGE]))


def consents_alone(born_on, day, parameters):
    """Whether a person of this birth date consents alone to the use of their data (GDPR article 8, and
    article 45 of the law of 6 January 1978). Who did not tell a birth date is not taken for a child.
    """
    return born_on is None or day >= birthday(born_on, int(parameters[LegalCode.CONSENT_AGE]))


def age_groups(facts, parameters):
    """The parts of a placement during which the intern is under sixteen, then under eighteen; [] for adults
    and where the birth date is not known. One that has no day of presence is left out.
    """
    if facts.born_on is None:
        return []
    middle = birthday(facts.born_on, int(parameters[LegalCode.MIDDLE_AGE]))
    adult = birthday(facts.born_on, int(parameters[LegalCode.ADULT_AGE]))
    groups = [
        AgeGroup(
            _("moins de 16 ans"),
            facts.start,
            min(facts.end, middle - ONE_DAY),
            LegalCode.YOUNG_DAY_HOURS,
            LegalCode.YOUNG_WEEK_HOURS,
            LegalCode.YOUNG_FROM_HOUR,
            LegalCode.YOUNG_UNTIL_HOUR,
            LegalCode.YOUNG_DAILY_REST_HOURS,
        ),
        AgeGroup(
            _("16-17 ans"),
            max(facts.start, middle),
            min(facts.end, adult - ONE_DAY),
            LegalCode.MINOR_DAY_HOURS,
            LegalCode.MINOR_WEEK_HOURS,
            LegalCode.MINOR_FROM_HOUR,
            LegalCode.MINOR_UNTIL_HOUR,
            LegalCode.MINOR_DAILY_REST_HOURS,
        ),
    ]
    return [group for group in groups if _days(facts, group)]


def _days(facts, group):
    """The days of the week on which the intern is present during a part of the placement."""
    return {day.weekday() for day, _minutes in facts.presence.between(group.start, group.end).by_day}


def _minor_part(facts, parameters):
    """The presence of the intern while under age."""
    groups = age_groups(facts, parameters)
    if not groups:
        return None
    return facts.presence.between(groups[0].start, groups[-1].end)


def _find_day(rule, facts, parameters):
    told, longest, least = [], 0, None
    for group in age_groups(facts, parameters):
        most = parameters.minutes(group.day_hours)
        over = {
            weekday: minutes
            for weekday in _days(facts, group)
            if (minutes := facts.schedule.minutes_on(weekday)) > most
        }
        if over:
            told.append(
                _("%(days)s : au plus %(most)s par jour pour les %(age)s.")
                % {"days": days_text(over), "most": hours_text(most), "age": group.name}
            )
            longest, least = max(longest, *over.values()), least or most
    if not told:
        return None
    return rule.finding(" ".join(told), hours=hours_of(longest), cap_hours=hours_of(least))


def _find_week(rule, facts, parameters):
    for group in age_groups(facts, parameters):
        most = parameters.minutes(group.week_hours)
        # The week of a birthday counts whole, for as long as the person is under age: it has one cap.
        weeks = _weeks(_minor_part(facts, parameters))
        mondays = _weeks(facts.presence.between(group.start, group.end))
        minutes = max(weeks[monday] for monday in mondays)
        if minutes > most:
            told = _("%(minutes)s par semaine : au plus %(most)s pour les %(age)s.") % {
                "minutes": hours_text(minutes),
                "most": hours_text(most),
                "age": group.name,
            }
            return rule.finding(told, hours=hours_of(minutes), cap_hours=hours_of(most))
    return None


def _weeks(presence):
    weeks = {}
    for day, minutes in presence.by_day:
        monday = day - day.weekday() * ONE_DAY
        weeks[monday] = weeks.get(monday, 0) + minutes
    return weeks


def _find_night(rule, facts, parameters):
    told, found = [], set()
    for group in age_groups(facts, parameters):
        first, last = parameters.minutes(group.from_hour), parameters.minutes(group.until_hour)
        by_span = {}
        for weekday in sorted(_days(facts, group)):
            for start, end in facts.schedule.days[weekday]:
                if start < first or end > last:
                    by_span.setdefault((start, end), []).append(weekday)
                    found.add(weekday)
        told += [
            _(
                "Présence de %(start)s à %(end)s %(days)s : entre %(first)s et %(last)s seulement pour les"
                " %(age)s."
            )
            % {
                "start": moment_text(start),
                "end": moment_text(end),
                "days": weekdays_text(weekdays),
                "first": moment_text(first),
                "last": moment_text(last),
                "age": group.name,
            }
            for (start, end), weekdays in by_span.items()
        ]
    return rule.finding(" ".join(told), weekdays=sorted(found)) if told else None


def _find_rest(rule, facts, parameters):
    part = _minor_part(facts, parameters)
    if part is None:
        return None
    needed = int(parameters[LegalCode.REST_DAYS])
    if facts.schedule.days[SUNDAY] and any(day.weekday() == SUNDAY for day, _minutes in part.by_day):
        return rule.finding(
            _("Présence le dimanche : les mineurs ont %(days)d jours de repos de suite, dont le dimanche.")
            % {"days": needed},
            rest_days=0,
        )
    free = _rest_around_sunday(facts.schedule)
    if free >= needed:
        return None
    return rule.finding(
        _(
            "Repos le dimanche seulement : les mineurs ont %(days)d jours de repos de suite, donc aussi le"
            " samedi ou le lundi."
        )
        % {"days": needed},
        rest_days=free,
    )


def _rest_around_sunday(schedule):
    """How many days in a row are free, Sunday among them; 0 when Sunday is worked."""
    if schedule.days[SUNDAY]:
        return 0
    before = next((number for number in range(7) if schedule.days[SUNDAY - number]), 7)
    after = next((number for number in range(7) if schedule.days[(SUNDAY + number) % 7]), 7)
    return min(7, before + after - 1)


def _find_daily_rest(rule, facts, parameters):
    for group in age_groups(facts, parameters):
        least = parameters.minutes(group.daily_rest_hours)
        days = _days(facts, group)
        for weekday in sorted(days):
            following = (weekday + 1) % 7
            if following not in days:
                continue
            rest = DAY - facts.schedule.days[weekday][-1][1] + facts.schedule.days[following][0][0]
            if rest < least:
                told = _(
                    "%(rest)s de repos entre le %(weekday)s et le %(following)s : au moins %(least)s pour les"
                    " %(age)s."
                ) % {
                    "rest": hours_text(rest),
                    "weekday": WEEKDAYS[weekday],
                    "following": WEEKDAYS[following],
                    "least": hours_text(least),
                    "age": group.name,
                }
                return rule.finding(told, hours=hours_of(rest), least_hours=hours_of(least))
    return None


def _find_break(rule, facts, parameters):
    part = _minor_part(facts, parameters)
    if part is None:
        return None
    most = parameters.minutes(LegalCode.MINOR_STRETCH_HOURS)
    pause = int(parameters[LegalCode.MINOR_BREAK_MINUTES])
    over = {}
    for weekday in {day.weekday() for day, _minutes in part.by_day}:
        longest = _longest_stretch(facts.schedule.days[weekday], pause)
        if longest > most:
            over[weekday] = longest
    if not over:
        return None
    told = _(
        "Trop long sans pause : %(days)s. Les mineurs ont une pause de %(pause)d minutes au plus tard après"
        " %(most)s."
    ) % {"days": days_text(over), "pause": pause, "most": hours_text(most)}
    return rule.finding(told, hours=hours_of(max(over.values())), cap_hours=hours_of(most))


def _longest_stretch(spans, pause):
    """The longest presence of a day without a pause of so many minutes, pauses that are shorter included."""
    longest = begun = 0
    ended = -DAY
    for start, end in spans:
        if start - ended >= pause:
            begun = start
        longest, ended = max(longest, end - begun), end
    return longest


def _find_holiday(rule, facts, parameters):
    part = _minor_part(facts, parameters)
    if part is None:
        return None
    worked = [day for day, _minutes in part.by_day if day in facts.holidays]
    if not worked:
        return None
    return rule.finding(
        _("Présence le %(day)s, jour férié : les mineurs ne travaillent pas ces jours-là.")
        % {"day": day_label(worked[0])},
        days=worked,
    )


def _find_representative(rule, facts, parameters):
    if facts.born_on is None or facts.representative_known:
        return None
    signed = min(facts.today or facts.start, facts.start)
    if not is_minor(facts.born_on, signed, parameters):
        return None
    age = int(parameters[LegalCode.ADULT_AGE])
    told = _(
        "Le stagiaire a %(age)d ans le %(day)s : d’ici là, son représentant légal signe la convention."
        " Indiquez son nom et un moyen de le joindre."
    ) % {"age": age, "day": day_label(birthday(facts.born_on, age))}
    return rule.finding(told)


def _find_age(rule, facts, parameters):
    if facts.born_on is not None:
        return None
    return rule.finding(
        _(
            "La date de naissance du stagiaire n’est pas connue : les règles des mineurs ne sont pas"
            " vérifiées."
        )
    )


AGES = (LegalCode.MIDDLE_AGE, LegalCode.ADULT_AGE)


def _protection(code, find, article, explanation, *uses):
    return Rule(
        code=code,
        severity=Severity.BLOCK,
        article=article,
        explanation=explanation,
        find=find,
        uses=(*AGES, *uses),
        kinds=EVERY_KIND,
        overridable=False,
    )


MINOR_RULES = (
    Rule(
        code=RuleCode.AGE,
        severity=Severity.WARN,
        article=gettext_lazy("Code du travail, article L3161-1"),
        explanation=gettext_lazy(
            "Les règles qui protègent les jeunes travailleurs valent aussi pour les stagiaires de moins de"
            " dix-huit ans : il faut connaître leur date de naissance."
        ),
        find=_find_age,
        uses=AGES,
        kinds=EVERY_KIND,
    ),
    _protection(
        RuleCode.MINOR_DAY,
        _find_day,
        gettext_lazy("Code du travail, articles L3162-1 et D4153-3"),
        gettext_lazy(
            "La présence d’un stagiaire mineur est limitée par jour, plus strictement avant 16 ans : la"
            " limite des vacances scolaires (D4153-3) est retenue ici pour tous les stages."
        ),
        LegalCode.YOUNG_DAY_HOURS,
        LegalCode.MINOR_DAY_HOURS,
    ),
    _protection(
        RuleCode.MINOR_WEEK,
        _find_week,
        gettext_lazy("Code du travail, article L3162-1"),
        gettext_lazy("La présence d’un stagiaire mineur est limitée par semaine."),
        LegalCode.YOUNG_WEEK_HOURS,
        LegalCode.MINOR_WEEK_HOURS,
    ),
    _protection(
        RuleCode.MINOR_NIGHT,
        _find_night,
        gettext_lazy("Code du travail, articles L3163-1 et L3163-2"),
        gettext_lazy("Un stagiaire mineur n’est pas présent la nuit, qui commence plus tôt avant 16 ans."),
        LegalCode.YOUNG_FROM_HOUR,
        LegalCode.YOUNG_UNTIL_HOUR,
        LegalCode.MINOR_FROM_HOUR,
        LegalCode.MINOR_UNTIL_HOUR,
    ),
    _protection(
        RuleCode.MINOR_REST,
        _find_rest,
        gettext_lazy("Code du travail, articles L3132-3 et L3164-2"),
        gettext_lazy(
            "Un stagiaire mineur a chaque semaine des jours de repos de suite, dont le dimanche : avec le"
            " samedi ou le lundi."
        ),
        LegalCode.REST_DAYS,
    ),
    _protection(
        RuleCode.MINOR_DAILY_REST,
        _find_daily_rest,
        gettext_lazy("Code du travail, article L3164-1"),
        gettext_lazy(
            "Entre deux jours, un stagiaire mineur a un repos d’une durée minimale, plus longue avant 16 ans."
        ),
        LegalCode.YOUNG_DAILY_REST_HOURS,
        LegalCode.MINOR_DAILY_REST_HOURS,
    ),
    _protection(
        RuleCode.MINOR_BREAK,
        _find_break,
        gettext_lazy("Code du travail, article L3162-3"),
        gettext_lazy("Un stagiaire mineur n’est pas présent longtemps sans une pause."),
        LegalCode.MINOR_STRETCH_HOURS,
        LegalCode.MINOR_BREAK_MINUTES,
    ),
    _protection(
        RuleCode.MINOR_HOLIDAY,
        _find_holiday,
        gettext_lazy("Code du travail, article L3164-6"),
        gettext_lazy("Les jours fériés, un stagiaire mineur n’est pas présent."),
    ),
    Rule(
        code=RuleCode.LEGAL_REPRESENTATIVE,
        severity=Severity.BLOCK,
        article=gettext_lazy("Code civil, articles 388-1-1 et 414"),
        explanation=gettext_lazy(
            "Le représentant légal d’un mineur signe la convention ; il faut le connaître avant tout accord."
        ),
        find=_find_representative,
        uses=(LegalCode.ADULT_AGE,),
        kinds=EVERY_KIND,
        overridable=False,
    ),
)
