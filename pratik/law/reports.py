"""The numbers of the law, read from their rows."""

import datetime

from .models import LegalParameter
from .parameters import Parameters


def parameters_on(day: datetime.date) -> Parameters:
    """What the law says on a day, in one query.

    What it answers tells every other day too (`Parameters.on`), so ask once for a whole list. Nothing is
    kept between calls: other processes would go on judging by what an administrator has just corrected.
    """
    steps: dict = {}
    rows = LegalParameter.objects.order_by("valid_from").values_list("code", "valid_from", "value")
    for code, since, value in rows:
        steps[code] = (*steps.get(code, ()), (since, value))
    return Parameters(day, steps)
