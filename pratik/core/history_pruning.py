"""How long versions of rows are kept: what was in between goes with time, what tells of a row stays.

Of each row there stay, for good, its first version, and the one that held when the time began from which all
is kept (`kept_since`); so whatever an operation within that time changed still has the version before it. An
operation from before that day is not taken back any more. Rows whose operations are never undone (placements,
documents: what binds people or proves something) and what decisions rested on (the numbers of the law, the
words of papers) keep all of their versions.
"""

import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from .calendar import CAYENNE, day_label, months_after, today
from .enums import OperationKind
from .history import tracked_models
from .locks import is_alive, sign_of_life
from .operations import operation

BATCH = 1_000
AT_WORK = "core.history_pruning"
# Ten million lines take minutes.
SECONDS = 2 * 60 * 60


def kept_since():
    """The moment from which every version is kept (`HISTORY_KEPT_YEARS` back); None where all always are."""
    if not settings.HISTORY_KEPT_YEARS:
        return None
    day = months_after(today(), -12 * settings.HISTORY_KEPT_YEARS)
    return datetime.datetime.combine(day, datetime.time(), tzinfo=CAYENNE)


def is_past(moment):
    """Whether versions of then may be gone."""
    since = kept_since()
    return since is not None and moment < since


def pruned_models():
    """The models whose versions go with time: neither what binds people nor what decisions rested on."""
    return [
        model for model in tracked_models().values() if model.is_undoable and not model.keeps_every_version
    ]


def prune_history(*, actor):
    """Removes the versions whose time is over. Returns how many.

    So many rows at a time by their keys, each time a transaction and an operation that says how many went: it
    may be stopped at any moment, and run again. While somebody is at it, others leave at once.
    """
    since = kept_since()
    if since is None or is_alive(AT_WORK):
        return 0
    with sign_of_life(AT_WORK):
        return sum(_prune_model(model, since, actor) for model in pruned_models())


def _prune_model(model, since, actor):
    key, number, last = model._meta.pk.attname, 0, 0
    lines = model.history.model.objects.order_by()
    while keys := list(
        lines.filter(**{f"{key}__gt": last}).order_by(key).values_list(key, flat=True).distinct()[:BATCH]
    ):
        number += _prune_rows(model, keys, since, actor)
        last = keys[-1]
    return number


def _prune_rows(model, keys, since, actor):
    key = model._meta.pk.attname
    lines = model.history.model.objects.order_by()
    own = lines.filter(**{key: models.OuterRef(key)}).values(key)
    between = lines.filter(
        **{f"{key}__in": keys},
        history_date__lt=since,
        history_id__gt=models.Subquery(own.annotate(at=models.Min("history_id")).values("at")),
        history_id__lt=models.Subquery(
            own.filter(history_date__lt=since).annotate(at=models.Max("history_id")).values("at")
        ),
    )
    reason = _("Versions antérieures au %(day)s") % {"day": day_label(since.date())}
    with operation(kind=OperationKind.ERASURE, actor=actor, subject=model, reason=reason) as running:
        number, _by_model = between.delete()
        if number:
            running.count("deleted", number)
            running.keep()
    return number
