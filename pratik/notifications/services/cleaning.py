"""Removing what was read long ago."""

import datetime

from django.utils import timezone

from pratik.core.calendar import CAYENNE, months_after

from ..models import Notice

# As the register of personal data says of notices.
KEPT_MONTHS = 6
BATCH = 1_000


def clean_up(*, now=None):
    """Removes the notices that were read six months ago or earlier, a batch at a time. Returns how many.

    What may still leave by e-mail, and what nobody read, stays. A run that is killed leaves the rest to the
    next one.
    """
    day = months_after(timezone.localdate(now or timezone.now(), CAYENNE), -KEPT_MONTHS)
    over = Notice.objects.read_before(datetime.datetime.combine(day, datetime.time(), tzinfo=CAYENNE))
    removed = 0
    while pks := list(over.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        removed += Notice.objects.filter(pk__in=pks).delete()[0]
    return removed
