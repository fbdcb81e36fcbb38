"""The law as a release brings it along, read without a database, and placements to hold against it."""

import csv
import datetime
from decimal import Decimal

import pytest
from django.conf import settings

from pratik.law.parameters import Parameters
from pratik.law.rules import Facts, Spell, WeekSchedule, check

FIXTURE = settings.BASE_DIR / "fixtures" / "reference" / "legal_parameters.csv"
HOST = "host"
# A Monday early in a school year.
MONDAY = datetime.date(2026, 9, 7)
ADULT = datetime.date(2000, 1, 1)
FULL_TIME = WeekSchedule.even(35)
# So that hours are days: a placement of 308 days is one of 308 hours.
ONE_HOUR_A_DAY = WeekSchedule((((8 * 60, 9 * 60),),) * 7)


def released():
    """Each number with its dated values, as the file of a release says them."""
    steps = {}
    with FIXTURE.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            step = (datetime.date.fromisoformat(line["valid_from"]), Decimal(line["value"]))
            steps[line["code"]] = (*steps.get(line["code"], ()), step)
    return steps


LAW = Parameters(MONDAY, released())


@pytest.fixture
def law():
    return LAW


def days_after(day, number):
    return day + datetime.timedelta(days=number)


def placement(**known):
    """A week of full time of an adult with a host of ten, where nothing is wrong unless said otherwise."""
    values = {
        "start": MONDAY,
        "end": days_after(MONDAY, 4),
        "schedule": FULL_TIME,
        "host": HOST,
        "born_on": ADULT,
        "headcount": 10,
        "tutor_periods": (),
        "teacher_periods": (),
    }
    return Facts(**values | known)


def of_hours(number, start=datetime.date(2026, 9, 1), **known):
    """A placement of exactly so many hours of presence, an hour each day."""
    return placement(start=start, end=days_after(start, number - 1), schedule=ONE_HOUR_A_DAY, **known)


def spell(hours, host=HOST, year=2026, start=datetime.date(2027, 8, 1), **known):
    """Time that the student spends elsewhere in the year, on days that touch nothing else."""
    return Spell(host, start, start, Decimal(hours), year, **known)


def found(facts, code, law=LAW):
    """What one rule says of a placement, or None."""
    return next(iter(check(facts, law, only={code})), None)


def plain_spaces(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def said(facts, code, law=LAW):
    """The same as a sentence with ordinary spaces, or None."""
    finding = found(facts, code, law)
    return finding and plain_spaces(finding.explanation)
