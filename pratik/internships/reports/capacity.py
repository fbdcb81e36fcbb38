"""How many interns hosts have in each week, how many they may have, and how many will look for a place."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import students_by_week
from pratik.core.calendar import weeks_between
from pratik.law.reports import parameters_on
from pratik.law.rules import host_cap

from ..enums import InternshipKind
from ..models import Placement

SIX_DAYS = datetime.timedelta(days=6)


@dataclass(frozen=True)
class Week:
    """One ISO week of one host: how many interns it agreed to take, and the most that it may have.

    `cap` is None while nobody knows how many people work there. `is_floor` says that the cap follows from the
    lower end of a band of headcount, so that it may be higher.
    """

    agreed: int
    cap: int | None
    is_floor: bool = False

    @property
    def free(self):
        """How many more it may take; None when that is not known."""
        return None if self.cap is None else max(0, self.cap - self.agreed)

    @property
    def is_over(self):
        return self.cap is not None and self.agreed > self.cap

    @property
    def share(self):
        """How full the week is, from 0 to 1 and above; None without a cap."""
        if self.cap is None:
            return None
        return self.agreed / self.cap if self.cap else float(self.agreed > 0)


def capacity(companies, first, last):
    """For each host and each ISO week of a stretch of days: {company key: {Monday: `Week`}}.

    An intern counts in full in each week that their placement touches; observation counts for nothing
    (article L124-8). The cap is that in force on the Monday. Two queries, however many hosts.
    """
    companies = list(companies)
    mondays = weeks_between(first, last)
    agreed = interns_by_week([company.pk for company in companies], mondays)
    parameters = parameters_on(first)
    found = {}
    for company in companies:
        headcount = company.headcount_floor
        found[company.pk] = {
            monday: Week(
                agreed[company.pk][monday],
                host_cap(headcount, parameters.on(monday)),
                company.headcount is None and headcount is not None,
            )
            for monday in mondays
        }
    return found


def interns_by_week(company_pks, mondays):
    """How many interns these hosts agreed to in these weeks: {company key: {Monday: number}}; one query."""
    found = defaultdict(lambda: dict.fromkeys(mondays, 0))
    end = mondays[-1] + SIX_DAYS
    rows = (
        Placement.objects.agreed()
        .touching(mondays[0], end)
        .filter(company__in=company_pks)
        .exclude(kind=InternshipKind.OBSERVATION)
        .order_by()
        .values_list("company", "start_on", "end_on", "ended_on")
    )
    for company, start_on, end_on, ended_on in rows:
        for monday in weeks_between(max(start_on, mondays[0]), min(ended_on or end_on, end)):
            found[company][monday] += 1
    return found


def students_looking(first, last):
    """How many students the published calendars send out in each week: [(Monday, number)]; one query."""
    return students_by_week(InternshipCalendar.objects.public(), first, last)
