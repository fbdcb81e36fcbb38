"""Days as they are typed and kept: the dates of a trip, and of a request for it."""

import datetime
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DAY = datetime.timedelta(days=1)
# Single days of one listing, or of one request.
MAX_DAYS = 60
ONE_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4})")


def read_days(text):
    """The days that a text lists, in order and each once, from « 2026-12-01 2026-12-08 » or « 1/12/2026 ».

    Raises `ValidationError` for what is no day.
    """
    days = set()
    for word in re.split(r"[\s,;]+", text.strip()):
        if not word:
            continue
        found = ONE_DAY.fullmatch(word)
        try:
            year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
            days.add(datetime.date(int(year), int(month), int(day)))
        except (TypeError, ValueError):
            raise ValidationError(
                _("« %(word)s » n’est pas une date : écrivez par exemple 01/12/2026.") % {"word": word},
                code="not_a_day",
            ) from None
    if len(days) > MAX_DAYS:
        raise ValidationError(
            ngettext("Au plus %(number)d jour.", "Au plus %(number)d jours.", MAX_DAYS)
            % {"number": MAX_DAYS},
            code="too_many_days",
        )
    return sorted(days)


def validate_days(text):
    """A list of days, as `read_days` reads it."""
    read_days(text)


def write_days(days):
    """A list of days as it is kept: « 2026-12-01 2026-12-08 »."""
    return " ".join(day.isoformat() for day in sorted(set(days)))
