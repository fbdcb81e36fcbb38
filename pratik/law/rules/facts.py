"""What is known of a placement when it is held against the law: plain values, no rows."""

import datetime
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from pratik.reference.levels import ReadLevel
from pratik.reference.school_years import school_year_of

from ..enums import InternshipKind
from .hours import Presence, presence
from .schedule import WeekSchedule, hours_of, minutes_of

Period = tuple[datetime.date, datetime.date]


@dataclass(frozen=True)
class Spell:
    """Time that a student spends with a host within one school year: from, until, hours of presence.

    `host` is whatever tells hosts apart, such as a key. `spells_of` makes them of a placement.
    """

    host: Hashable
    start: datetime.date
    end: datetime.date
    hours: Decimal
    school_year: int
    kind: str = InternshipKind.INTERNSHIP

    @property
    def minutes(self):
        return minutes_of(self.hours)


@dataclass(frozen=True)
class Previous:
    """Who held the same post before: until when, and whether the intern left of their own will."""

    start: datetime.date
    end: datetime.date
    ended_by_intern: bool = False

    @property
    def days(self):
        return (self.end - self.start).days + 1


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A placement, and what surrounds it.

    `spells` are the student's other placements, with this host and others; `interns_by_week` the other
    interns of the host by the Monday of each week; `tutor_periods` and `teacher_periods` what else the tutor
    and the referent teacher follow, None while nobody is named; `previous` those who held the post
    before `start`. `headcount_is_exact` is false where the number is only the floor of a band. `level` is
    what the intern studies for, None where nobody knows. `missing_mentions` names what an agreement would
    lack, None before there is one to look at. `today` is the day of the decision, on which an agreement
    would be signed.
    """

    start: datetime.date
    end: datetime.date
    schedule: WeekSchedule
    kind: str = InternshipKind.INTERNSHIP
    host: Hashable = None
    breaks: tuple[Period, ...] = ()
    holidays: frozenset[datetime.date] = frozenset()
    born_on: datetime.date | None = None
    representative_known: bool = False
    today: datetime.date | None = None
    headcount: int | None = None
    headcount_is_exact: bool = True
    stipend_hourly: Decimal | None = None
    spells: tuple[Spell, ...] = ()
    interns_by_week: Mapping[datetime.date, int] = field(default_factory=dict)
    tutor_periods: tuple[Period, ...] | None = None
    teacher_periods: tuple[Period, ...] | None = None
    previous: tuple[Previous, ...] = ()
    level: ReadLevel | None = None
    missing_mentions: tuple[str, ...] | None = None

    @cached_property
    def presence(self) -> Presence:
        """The days and hours of this placement."""
        return presence(self.schedule, self.start, self.end, self.breaks, self.holidays)


def spells_of(host: Hashable, presence: Presence, kind: str = InternshipKind.INTERNSHIP) -> tuple[Spell, ...]:
    """The spells of a placement: one for each school year that it touches, split by the days themselves."""
    years: dict[int, list] = {}
    for day, minutes in presence.by_day:
        years.setdefault(school_year_of(day), []).append((day, minutes))
    return tuple(
        Spell(host, days[0][0], days[-1][0], hours_of(sum(minutes for _day, minutes in days)), year, kind)
        for year, days in years.items()
    )


def minutes_with(host: Hashable, school_year: int, spells: Iterable[Spell]) -> int:
    """How long a student is with a host in a school year, all placements but observation together."""
    return sum(
        spell.minutes
        for spell in spells
        if spell.host == host
        and spell.school_year == school_year
        and spell.kind != InternshipKind.OBSERVATION
    )
