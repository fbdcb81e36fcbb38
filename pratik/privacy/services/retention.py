"""Removing what is kept no longer, as the ledger says, after a warning where one is due."""

import datetime
import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from pratik.accounts.models import User
from pratik.accounts.services import system_actor
from pratik.core.calendar import CAYENNE, months_after
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.notifications.services import tell

from .. import notices, reports
from ..enums import Fate
from ..models import RetentionRun
from .erasure import anonymise, erase_account, remove

logger = logging.getLogger(__name__)

BATCH = 500


def apply_retention(*, now=None):
    """Warns whoever is to be warned and removes or empties what is overdue, rule by rule of the ledger.

    Works in batches, each a transaction of its own, so that it may be stopped at any moment: the next run
    does the rest. Run again, it finds nothing to do. Returns the row of this run.
    """
    now = now or timezone.now()
    run = RetentionRun.objects.create(started_at=now)
    for line, rule in reports.all_rules():
        if rule.task:
            continue
        warned = _warn(line, rule, now) if rule.warned_days else 0
        treated, left = _treat(line, rule, now)
        run.results[rule.code] = {"warned": warned, "treated": treated, "left": left}
        run.warned += warned
        run.treated += treated
        run.save()
    run.finished_at = timezone.now()
    run.save()
    return run


def _warn(line, rule, now):
    """Tells people that their account is about to be erased. Returns how many were told now."""
    told = 0
    while rows := list(reports.to_be_warned(line, rule, now).order_by("pk")[:BATCH]):
        told_now = tell(drafts=[_warning(rule, row, now) for row in rows])
        told += told_now
        if not told_now:
            break
    return told


def _warning(rule, user, now):
    last_used_on = timezone.localdate(user.held_since, CAYENNE)
    over_on = months_after(last_used_on, rule.months) + datetime.timedelta(days=1)
    warned_until = timezone.localdate(now, CAYENNE) + datetime.timedelta(days=rule.warned_days)
    return notices.expiring(user, last_used_on, max(over_on, warned_until))


def _treat(line, rule, now):
    """Removes or empties what is overdue. Returns how many rows, and how many it had to leave."""
    treat = _account if reports.model_of(line) is User else _rows
    treated, left = 0, 0
    last = None
    while pks := _next(line, rule, now, last):
        last = pks[-1]
        done = treat(line, rule, pks, now)
        treated += done
        left += len(pks) - done
    return treated, left


def _next(line, rule, now, last):
    """The next keys in order; what was left before is passed over, so that one row never stops the rest."""
    rows = reports.to_be_treated(line, rule, now).order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _rows(line, rule, pks, now):
    """Removes or empties rows, each asked again under lock: what was renewed meanwhile stays."""
    with transaction.atomic():
        rows = reports.to_be_treated(line, rule, now).filter(pk__in=pks)
        if rule.fate == Fate.REMOVED:
            return remove(rows.select_for_update(of=("self",)))
        with operation(kind=OperationKind.ERASURE, actor=system_actor(), subject=rows.model):
            for other, own in reports.children(rule, rows):
                anonymise(other, own)
            if rule.also:
                held = rows.select_for_update(of=("self",), no_key=True)
                import_string(rule.also)(list(held.values_list("pk", flat=True)))
            return anonymise(line, rows)


def _account(line, rule, pks, now):
    """Erases accounts one by one, each asked again under lock: whoever has just signed in keeps theirs."""
    actor, done = system_actor(), 0
    for pk in pks:
        with transaction.atomic():
            user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
            if not reports.to_be_treated(line, rule, now).filter(pk=pk).exists():
                continue
            try:
                erase_account(actor=actor, user=user)
            except ValidationError as refused:
                logger.warning("Account %s is overdue and was left: %s", pk, refused.code)
                continue
            done += 1
    return done
