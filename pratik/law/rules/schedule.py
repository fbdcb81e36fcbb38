"""The hours of presence of a week, as typed, kept as JSON and counted."""

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

HOUR = 60
DAY = 24 * HOUR
SUNDAY = 6
# Stretches of presence in one day; more is a mistake.
MOST_SPANS = 6
HOLIDAYS_KEY = "holidays"
CENT = Decimal("0.01")
# « 8:30 », « 8h30 », « 8h » and, from a telephone whose keys are figures, « 0830 » and « 8 ».
_MOMENT = re.compile(r"([01]?\d|2[0-4])(?:[hH]|[:hH]?([0-5]\d))?")


def hours_of(minutes):
    """Minutes as hours with two decimals: 50 gives 0.83. `minutes_of` gives the very minutes back."""
    return (Decimal(minutes) / HOUR).quantize(CENT)


def minutes_of(hours):
    """Hours with two decimals as whole minutes."""
    return int((Decimal(hours) * HOUR).to_integral_value())


def hours_text(minutes):
    """Minutes as people say them: « 309 h », « 7 h 30 »."""
    hours, rest = divmod(minutes, HOUR)
    if rest:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
    return _("%(hours)d h") % {"hours": hours}


def days_text(minutes_by_day):
    """Days of the week with their minutes, as people say them: « 10 h 30 le lundi et le mardi, 11 h le
    samedi »; {Monday being 0: minutes}.
    """
    by_length = {}
    for weekday, minutes in sorted(minutes_by_day.items()):
        by_length.setdefault(minutes, []).append(weekday)
    return ", ".join(
        _("%(length)s %(days)s") % {"length": hours_text(minutes), "days": weekdays_text(weekdays)}
        for minutes, weekdays in by_length.items()
    )


def weekdays_text(weekdays):
    """Days of the week, Monday being 0, as people list them: «le lundi, le mardi et le samedi »."""
    words = [_("le %(weekday)s") % {"weekday": WEEKDAYS[weekday]} for weekday in weekdays]
    if len(words) == 1:
        return words[0]
    return _("%(words)s et %(last)s") % {"words": ", ".join(words[:-1]), "last": words[-1]}


def moment_text(minutes):
    """A moment of the day as it is kept: 08:00; the end of the day is 24:00."""
    return f"{minutes // HOUR:02d}:{minutes % HOUR:02d}"


@dataclass(frozen=True)
class WeekSchedule:
    """When somebody is present in a week: for each day, Monday first, spans in minutes since midnight.

    Public holidays are not worked unless `works_holidays` says so. A night is two spans: until 24:00 and,
    on the next day, from 00:00.
    """

    days: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7
    works_holidays: bool = False

    @classmethod
    def read(cls, data):
        """A schedule from plain JSON: `{"0": [["08:00", "12:00"], ["13:00", "16:00"]], "holidays": false}`.

        Keys are the days, Monday being 0; a day left out is free. Raises `ValidationError` with one sentence
        for each mistake.
        """
        if not isinstance(data, dict):
            raise ValidationError(_("Indiquez les horaires de chaque jour."), code="not_a_schedule")
        days, errors = [[] for _day in range(7)], []
        for key, spans in data.items():
            if key == HOLIDAYS_KEY:
                if not isinstance(spans, bool):
                    errors.append(_("Indiquez par oui ou non si les jours fériés sont travaillés."))
            elif str(key) not in map(str, range(7)):
                errors.append(_("« %(key)s » n’est pas un jour de la semaine.") % {"key": str(key)[:20]})
            else:
                try:
                    days[int(key)] = _read_spans(spans)
                except ValueError as error:
                    errors.append(
                        _("%(day)s : %(why)s") % {"day": WEEKDAYS[int(key)].capitalize(), "why": error}
                    )
        if errors:
            raise ValidationError([ValidationError(error, code="schedule") for error in errors])
        return cls(tuple(map(tuple, days)), data.get(HOLIDAYS_KEY, False))

    @classmethod
    def even(cls, hours_per_week, *, days=5):
        """The usual week of so many hours: the same on each of the first days, from 8 o'clock, with an hour
        for lunch after four hours. Raises ValueError for hours that fill more than 15 a day.
        """
        share, rest = divmod(minutes_of(hours_per_week), days)
        if share + bool(rest) > 15 * HOUR or share < 0:
            raise ValueError(f"{hours_per_week} hours do not fit into {days} days.")
        return cls(tuple(_usual_day(share + (day < rest)) if day < days else () for day in range(7)))

    def as_json(self):
        """The schedule as plain JSON, which `read` reads back."""
        kept = {
            str(day): [[moment_text(start), moment_text(end)] for start, end in spans]
            for day, spans in enumerate(self.days)
            if spans
        }
        return kept | ({HOLIDAYS_KEY: True} if self.works_holidays else {})

    def minutes_on(self, weekday):
        """How long somebody is present on a day of the week, Monday being 0, in minutes."""
        return sum(end - start for start, end in self.days[weekday])

    def hours_on(self, weekday):
        """The same in hours."""
        return hours_of(self.minutes_on(weekday))

    @property
    def minutes_per_week(self):
        return sum(map(self.minutes_on, range(7)))

    @property
    def hours_per_week(self):
        return hours_of(self.minutes_per_week)

    @property
    def worked_days(self):
        """The days of the week with presence, Monday being 0."""
        return tuple(day for day in range(7) if self.days[day])

    @property
    def earliest(self):
        """The earliest arrival of the week, in minutes since midnight; None for an empty week."""
        return min((spans[0][0] for spans in self.days if spans), default=None)

    @property
    def latest(self):
        """The latest departure of the week, in minutes since midnight; None for an empty week."""
        return max((spans[-1][1] for spans in self.days if spans), default=None)

    def lines(self):
        """The week in words, a line for each day with presence: (« lundi », « 08:00 – 12:00, … »)."""
        return [
            (
                str(WEEKDAYS[day]),
                ", ".join(f"{moment_text(start)} – {moment_text(end)}" for start, end in self.days[day]),
            )
            for day in self.worked_days
        ]


def _usual_day(minutes):
    morning = min(minutes, 4 * HOUR)
    spans = ((8 * HOUR, 8 * HOUR + morning), (13 * HOUR, 13 * HOUR + minutes - morning))
    return tuple((start, end) for start, end in spans if end > start)


def _read_spans(spans):
    if not isinstance(spans, list) or not all(isinstance(span, (list, tuple)) for span in spans):
        raise ValueError(_("indiquez une arrivée et un départ."))
    if len(spans) > MOST_SPANS:
        raise ValueError(_("au plus %(number)d plages horaires.") % {"number": MOST_SPANS})
    read = sorted(map(_read_span, spans))
    for (_start, end), (start, _end) in pairwise(read):
        if start < end:
            raise ValueError(
                _("la plage qui commence à %(start)s chevauche la précédente.")
                % {"start": moment_text(start)}
            )
    return read


def _read_span(span):
    if len(span) != 2:
        raise ValueError(_("indiquez une arrivée et un départ."))
    start, end = map(_read_moment, span)
    if end <= start:
        raise ValueError(
            _("le départ (%(end)s) doit suivre l’arrivée (%(start)s).")
            % {"end": moment_text(end), "start": moment_text(start)}
        )
    return start, end


def _read_moment(text):
    found = _MOMENT.fullmatch(text.strip()) if isinstance(text, str) else None
    minutes = int(found[1]) * HOUR + int(found[2] or 0) if found else DAY + 1
    if minutes > DAY:
        raise ValueError(_("« %(text)s » n’est pas une heure, comme 08:30.") % {"text": str(text)[:20]})
    return minutes
