"""The numbers of the law on a given day, as plain values that rules are asked with."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from .enums import LegalCode


class MissingParameter(LookupError):
    """A number of the law has no value on the day that is asked about."""

    def __init__(self, code, day):
        super().__init__(f"{code} has no value on {day}: load the reference rows, or add it in the console.")
        self.code, self.day = code, day


@dataclass(frozen=True)
class Parameters:
    """The numbers of the law as they stand on one day.

    `steps` holds every dated value of each number, so that another day (`on`) asks no query. Read a number
    by `parameters[LegalCode.…]`, which raises `MissingParameter`, or by `get`, which answers None.
    """

    day: datetime.date
    steps: Mapping[LegalCode, tuple[tuple[datetime.date, Decimal], ...]]

    def __getitem__(self, code):
        value = self.get(code)
        if value is None:
            raise MissingParameter(code, self.day)
        return value

    def get(self, code, day=None):
        """The value of a number on this day, or on another; None when there is none yet."""
        day = day or self.day
        held = [(since, value) for since, value in self.steps.get(code, ()) if since <= day]
        return max(held)[1] if held else None

    def on(self, day):
        """The same numbers as they stand on another day."""
        return self if day == self.day else replace(self, day=day)

    def minutes(self, code):
        """A number of hours, in minutes."""
        return int(self[code] * 60)

    @property
    def consent_age(self):
        """The age from which somebody consents alone to the use of their data; None while it is not set."""
        age = self.get(LegalCode.CONSENT_AGE)
        return None if age is None else int(age)

    def missing(self, codes):
        """Which of these numbers have no value on this day."""
        return [code for code in codes if self.get(code) is None]
