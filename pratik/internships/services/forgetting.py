"""What remains of applications: nothing two years after a no, nothing to answer once an account is erased."""

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.accounts.services import system_actor
from pratik.core.calendar import CAYENNE, months_after, today
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import forget_reasons, operation
from pratik.core.services import carry_out
from pratik.core.writes import delete_rows, set_columns

from .. import reports
from ..enums import BEFORE_SIGNATURE, ApplicationState, PlacementState
from ..models import Application, Placement
from ..signals import applications_moved, interns_erased, placements_moved
from ..workflow import APPLICATION, PLACEMENT
from .cvs import NO_CV, remove_cvs
from .locking import lock_offers
from .placements import void_agreements
from .releasing import lock_applications_of, release_applications

# For how many months after the decision an application that led nowhere is kept: two years at most, as the
# CNIL recommends for those who were not taken.
KEPT_MONTHS = 24
BATCH = 500


def forget_unsuccessful():
    """Removes the applications that led nowhere, two years after the decision, with their history and CVs.

    Returns how many. In batches, each a transaction of its own: it may be stopped at any moment, and run
    again. Nobody takes it back.
    """
    day = datetime.datetime.combine(months_after(today(), -KEPT_MONTHS), datetime.time.min)
    before, number = timezone.make_aware(day, CAYENNE), 0
    while done := _forget_batch(before):
        number += done
    return number


def _forget_batch(before):
    with operation(kind=OperationKind.ERASURE, actor=system_actor(), subject=Application):
        rows = Application.objects.unsuccessful_until(before).order_by("pk")
        pks = [row.pk for row in rows.select_for_update(of=("self",))[:BATCH]]
        if not pks:
            return 0
        # A placement that was drafted and came to nothing is its own row, with a time of its own.
        drafted = Placement.objects.filter(application__in=pks)
        set_columns(Placement, list(drafted.values_list("pk", flat=True)), application=None)
        history = Application.history.filter(id__in=pks)
        names = {*rows.filter(pk__in=pks).values_list("cv", flat=True), *history.values_list("cv", flat=True)}
        remove_cvs(names)
        # What was said to the student, an invitation or a refusal, was given as the reason of the act.
        acts = set(history.values_list("operation", flat=True))
        said = Operation.objects.filter(pk__in=acts, subject=Application._meta.label_lower)
        forget_reasons(said.exclude(reason=""))
        # That so many were removed is kept; what they said goes, their last line of history included.
        delete_rows(Application, pks)
        history.delete()
    return len(pks)


def withdraw_of_account(*, pk):
    """Withdraws what the account with this key still waits for, before it is erased; companies are told.

    Must run inside an operation that holds the account locked, so that nothing more is sent meanwhile. A
    place whose placement host or school have agreed to is left to `end_placements_of_account`.
    """
    with transaction.atomic():
        own = Application.objects.live().filter(student__user_id=pk)
        # Whoever answers applications locks their offers first, and so does this.
        lock_offers(set(own.values_list("offer", flat=True)))
        rows = list(own.with_names().select_for_update(of=("self",)).order_by("pk"))
        prepared = reports.with_prepared_placement([row.pk for row in rows])
        leaving = [row for row in rows if row.state != ApplicationState.ACCEPTED or row.pk not in prepared]
        if not leaving:
            return
        with operation(
            kind=OperationKind.TRANSITION, actor=system_actor(), subject=Application, verb="withdraw"
        ) as running:
            cvs = [row.cv.name for row in leaving]
            carry_out(APPLICATION.transition("withdraw"), leaving, **NO_CV)
            remove_cvs(cvs)
            applications_moved.send(
                Application,
                pks=[row.pk for row in leaving],
                verb="withdraw",
                operation=running.row,
            )


def end_placements_of_account(*, pk):
    """Calls off the placements of the account with this key that nobody had signed, before it is erased; the
    parties are told, and the places are free.

    What was signed binds host and school whatever becomes of an account: it goes on, and they are told (GDPR,
    article 17(3)(b)). Must run inside an operation that holds the account locked, once
    `withdraw_of_account` has run.
    """
    why = _("Le compte du stagiaire est effacé.")
    with operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=Placement, verb="cancel", reason=why
    ) as running:
        own = Placement.objects.filter(student__user_id=pk).order_by("pk")
        lock_applications_of(own.filter(state__in=BEFORE_SIGNATURE).values_list("pk", flat=True))
        rows = list(own.filter(state__in=BEFORE_SIGNATURE).select_for_update(of=("self",)))
        carry_out(PLACEMENT.transition("cancel"), rows, end_reason=why)
        void_agreements(rows, why)
        release_applications(rows, running)
        if rows:
            placements_moved.send(
                Placement, pks=[row.pk for row in rows], verb="cancel", operation=running.row
            )
        bound = (PlacementState.SIGNED, PlacementState.RUNNING)
        if going_on := list(own.filter(state__in=bound).values_list("pk", flat=True)):
            interns_erased.send(Placement, pks=going_on, operation=running.row)
