"""Following students: asking, answering, and telling followers what changed, once each."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.accounts.models import StudentProfile, User
from pratik.accounts.services import system_actor
from pratik.core.calendar import CAYENNE, today
from pratik.core.contacts import contact_in
from pratik.core.enums import OperationKind
from pratik.core.history import still_as_left
from pratik.core.links import console_page
from pratik.core.locks import wait_for_turn
from pratik.core.models import Operation
from pratik.core.operations import operation as open_operation
from pratik.core.origin import in_anothers_name
from pratik.core.queue import enqueue
from pratik.core.services import assess, carry_out, move, save_row
from pratik.core.writes import create_rows
from pratik.law.enums import LegalCode
from pratik.law.reports import parameters_on
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from pratik.notifications.services import tell
from pratik.partners.models import CompanyMembership
from pratik.security.enums import AccessKind
from pratik.security.services import record

from . import notices, reports, rules
from .enums import ChangeKind
from .models import Dispatch, Follow, ProfileChange, value_of
from .signals import follows_moved

# Recipients whose notices are written in one transaction.
TOLD_AT_ONCE = 5_000


# Asking and answering


def ask_to_follow(*, actor, company, student, kinds, message=""):
    """A company asks to follow a student, to be told of these `kinds` of change. Returns the follow.

    Only a student whom it hosted, who is recommended, or who lets companies see their profile is asked.
    Nothing is ticked in the student's stead: what they show, they say when they agree. Raises
    `PermissionDenied` for somebody who is no member of the company or a student out of its reach,
    `ValidationError` when it asked before.
    """
    if actor.role != Role.COMPANY or in_anothers_name():
        raise PermissionDenied
    with open_operation(kind=OperationKind.CREATE, actor=actor, subject=Follow) as running:
        wait_for_turn(f"tracking.follow:{company.pk}")
        found = reports.reachable(company).select_related("user").filter(pk=student.pk).first()
        if found is None or not reports.companies_of(actor).filter(pk=company.pk).exists():
            raise PermissionDenied
        _refuse_asking(company, found)
        if why := rules.message_refusal(contact_in(message)):
            raise ValidationError({"message": why}, code="contact_in_message")
        row = Follow(
            company=company,
            student=found,
            ground=reports.grounds_of(found)[0],
            message=message.strip(),
            names_student=found.is_named,
            **{f"wants_{kind}": True for kind in kinds},
        )
        row.full_clean(exclude=("company", "student"))
        create_rows([row])
        follows_moved.send(Follow, pks=[row.pk], verb="ask", operation=running.row)
    return row


def _refuse_asking(company, student):
    last = reports.last_follow(company, student)
    closed_on = localdate(last.closed_at, CAYENNE) if last and last.closed_at else None
    by_student = bool(closed_on) and reports.was_ended_by_student(last)
    waiting = Follow.objects.waiting().filter(company=company).count()
    why = rules.asking_refusal(
        last, today=today(), closed_on=closed_on, by_student=by_student
    ) or rules.too_many_refusal(waiting)
    if why:
        raise ValidationError(why, code="not_asked")


def assess_follows(*, actor, model=Follow, verb, pks):
    """Which follows a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=model, verb=verb, pks=pks, guard=_guard(verb))


def _guard(verb):
    if verb != "agree":
        return None
    day = today()
    age = parameters_on(day).get(LegalCode.CONSENT_AGE)
    age = None if age is None else int(age)

    def refusal(follow):
        return rules.agreement_refusal(follow, today=day, age=age)

    return refusal


def agree_to_follows(*, actor, pks, kinds, reason=""):
    """A student lets companies follow them, from now on; each sees these `kinds` of their profile, no more.

    Raises `ValidationError` when nothing is to be seen. Nobody agrees in another's name. A change that is
    being written at this moment is waited for, so that what comes after the agreement is told and what came
    before is not.
    """
    if actor.role != Role.STUDENT or in_anothers_name():
        raise PermissionDenied
    if why := rules.showing_refusal(kinds):
        raise ValidationError({"kinds": why}, code="shows_nothing")
    with transaction.atomic():
        list(StudentProfile.objects.filter(user=actor).select_for_update(of=("self",), no_key=True))
        return move(
            actor=actor,
            model=Follow,
            verb="agree",
            pks=pks,
            reason=reason,
            guard=_guard("agree"),
            announce=_announcing("agree"),
            names_student=True,
            **{f"shows_{kind.value}": kind.value in kinds for kind in ChangeKind},
        )


def refuse_follows(*, actor, pks, reason=""):
    """A student refuses to be followed by companies that asked."""
    return _close(actor, "refuse", pks, reason)


def withdraw_agreement(*, actor, pks, reason=""):
    """A student takes their agreement back, at once: the companies see nothing more of them, what they were
    told of the student's changes goes too.
    """
    # Together with its line in the journal: neither is kept without the other.
    with transaction.atomic():
        outcome = _close(actor, "withdraw", pks, reason)
        for row in outcome.changed:
            detail = _("Suivi par %(company)s") % {"company": row.company}
            record(kind=AccessKind.CONSENT_WITHDRAWN, actor=actor, subject=actor, detail=detail)
    return outcome


def end_follows(*, actor, pks, reason=""):
    """A company follows students no longer, or takes its requests back."""
    return _close(actor, "end", pks, reason)


def _close(actor, verb, pks, reason):
    if in_anothers_name():
        raise PermissionDenied
    with transaction.atomic():
        outcome = move(
            actor=actor, model=Follow, verb=verb, pks=pks, reason=reason, announce=_announcing(verb)
        )
        _forget(outcome.changed)
    return outcome


def _announcing(verb):
    def announce(pks, operation):
        follows_moved.send(Follow, pks=pks, verb=verb, operation=operation)

    return announce


def stop_following(*, student_user_pk):
    """Ends every follow of one person, before their account is erased.

    Must run inside an operation that holds the account locked.
    """
    rows = Follow.objects.live().filter(student__user=student_user_pk).with_names().order_by("pk")
    rows = list(rows.select_for_update(of=("self",)))
    if not rows:
        return
    with open_operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=Follow, verb="stop"
    ) as running:
        carry_out(Follow.workflow.transition("stop"), rows)
        follows_moved.send(Follow, pks=[row.pk for row in rows], verb="stop", operation=running.row)
        _forget(rows)


def _forget(rows):
    """Takes from companies what follows that are over told them: the notices of changes, read or not; and the
    changes themselves of students whom nobody follows any more.
    """
    if not rows:
        return
    members = CompanyMembership.objects.filter(organisation__in={row.company_id for row in rows})
    Notice.objects.filter(
        kind=NoticeKind.PROFILE_CHANGED,
        recipient__in=members.values("user"),
        path__in=[console_page(row) for row in rows],
    ).delete()
    students = {row.student_id for row in rows}
    followed = Follow.objects.active().filter(student__in=students).values("student")
    ProfileChange.objects.filter(student__in=students).exclude(student__in=followed).delete()


def save_choices(*, actor, follow):
    """Writes what a company wants to be told of, or what a student shows, as each chose it on the page.

    Raises `PermissionDenied` for anybody else, and where one would choose for the other.
    """
    if actor.role not in (Role.COMPANY, Role.STUDENT) or in_anothers_name():
        raise PermissionDenied
    before = Follow.objects.editable_by(actor).filter(pk=follow.pk).first()
    reserved = follow.reserved_fields(actor)
    if before is None or any(getattr(before, name) != getattr(follow, name) for name in reserved):
        raise PermissionDenied
    with transaction.atomic():
        save_row(actor=actor, row=follow)
        if set(before.shown_kinds) - set(follow.shown_kinds):
            _forget_notices_of_what_is_hidden(follow)
    return follow


def _forget_notices_of_what_is_hidden(follow):
    """A notice may tell of several things at once: with one of them hidden, none of the old ones stays."""
    members = CompanyMembership.objects.filter(organisation=follow.company_id)
    Notice.objects.filter(
        kind=NoticeKind.PROFILE_CHANGED,
        recipient__in=members.values("user"),
        path=console_page(follow),
    ).delete()


def tell_of_follows(*, pks, verb, operation_pk):
    """Tells the other side what was asked, answered or ended; of what moved on meanwhile, the later act
    tells. Returns how many notices were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    stand = still_as_left(Follow, act, pks)
    rows = list(Follow.objects.filter(pk__in=stand).with_names().order_by("pk"))
    if verb in ("ask", "end"):
        say = notices.asked if verb == "ask" else notices.ended
        if verb == "end":
            # Who never heard of a request need not hear that it was taken back.
            asked = Notice.objects.filter(
                kind=NoticeKind.FOLLOW_ASKED, path__in=[console_page(row) for row in rows]
            )
            heard = set(asked.values_list("path", flat=True))
            rows = [row for row in rows if row.agreed_at or console_page(row) in heard]
        return tell(drafts=[say(row, act) for row in rows if row.student.user.is_active])
    members = CompanyMembership.objects.people_of({row.company_id for row in rows})
    return tell(
        drafts=[
            notices.answered(row, member, verb, act)
            for row in rows
            for member in members.get(row.company_id, ())
        ]
    )


# What changed


def record_changes(*, pks, operation):
    """Keeps what the running operation has changed, up to now, in the profiles of students who are followed.

    From before the operation to its latest writing: what is back where it was is no change. The followers are
    told by a task, queued in the same transaction, once for each operation. A fixed number of queries,
    whatever the rows; one where nobody is followed.
    """
    followed = set(Follow.objects.active().filter(student__in=pks).values_list("student", flat=True))
    if not followed:
        return
    lines = StudentProfile.history.filter(id__in=followed).order_by("history_id")
    now = {line.id: line for line in lines.filter(operation=operation.row)}
    former = lines.exclude(operation=operation.row).order_by().values("id").annotate(newest=Max("history_id"))
    before = {line.id: line for line in lines.filter(history_id__in=former.values("newest"))}
    found = {
        (pk, kind.value): change
        for pk, line in now.items()
        if pk in before
        for kind in ChangeKind
        if (change := (value_of(kind, before[pk]), value_of(kind, line)))[0] != change[1]
    }
    known = ProfileChange.objects.filter(operation=operation.row, student__in=followed)
    stale = [
        pk
        for pk, student, field in known.values_list("pk", "student", "field")
        if (student, field) not in found
    ]
    ProfileChange.objects.filter(pk__in=stale).delete()
    if not found:
        return
    moment = timezone.now()
    ProfileChange.objects.bulk_create(
        [
            ProfileChange(
                student_id=student, field=field, before=old, after=new, operation=operation.row, at=moment
            )
            for (student, field), (old, new) in found.items()
        ],
        update_conflicts=True,
        unique_fields=["operation", "student", "field"],
        update_fields=["before", "after", "at"],
    )
    _dispatch, is_new = Dispatch.objects.get_or_create(operation=operation.row)
    if is_new:
        enqueue("pratik.tracking.tasks.tell_followers", operation.row.pk)


def tell_followers(*, operation_pk):
    """Tells the followers of students what an operation changed, of the kinds each asked for and is shown.

    In batches, each a transaction of its own that also notes how far it came: it may be stopped at any
    moment, and goes on from there without telling anybody twice. Another worker that is at it is left to it.
    Returns how many notices were new.
    """
    told = 0
    while (number := _tell_batch(operation_pk)) is not None:
        told += number
    return told


def tell_followers_left():
    """Goes on with every telling that a worker left. Returns how many notices were new."""
    left = list(Dispatch.objects.unfinished().values_list("pk", flat=True))
    return sum(tell_followers(operation_pk=pk) for pk in left)


def _tell_batch(operation_pk):
    """Tells the next followers. Returns how many notices were new; None when there is nothing left to do."""
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        dispatch = (
            Dispatch.objects.unfinished()
            .select_for_update(skip_locked=skip)
            .filter(operation=operation_pk)
            .first()
        )
        if dispatch is None:
            return None
        pairs = _next_recipients(dispatch)
        if not pairs:
            dispatch.finished_at = timezone.now()
            dispatch.save(update_fields=["finished_at"])
            return None
        number = tell(drafts=_drafts(pairs, operation_pk))
        dispatch.last_follow, dispatch.last_member = pairs[-1][:2]
        dispatch.told += number
        dispatch.save(update_fields=["last_follow", "last_member", "told"])
    return number


def _next_recipients(dispatch):
    """The next (follow, membership, account) to be told, in the order of their keys."""
    students = ProfileChange.objects.filter(operation=dispatch.operation_id).values("student")
    after = Q(pk__gt=dispatch.last_follow) | Q(
        pk=dispatch.last_follow, company__memberships__pk__gt=dispatch.last_member
    )
    rows = Follow.objects.active().filter(
        after,
        student__in=students,
        company__memberships__is_active=True,
        company__memberships__user__is_active=True,
    )
    rows = rows.order_by("pk", "company__memberships__pk")
    return list(
        rows.values_list("pk", "company__memberships__pk", "company__memberships__user")[:TOLD_AT_ONCE]
    )


def _drafts(pairs, operation_pk):
    """What each of these is told. Their follows are locked: an agreement that is being taken back at this
    moment is waited for, and nothing is told of it.
    """
    rows = Follow.objects.active().filter(pk__in={pair[0] for pair in pairs}).with_names().order_by("pk")
    follows = {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}
    people = User.objects.in_bulk({pair[2] for pair in pairs})
    changes, order = {}, ChangeKind.values
    of_operation = ProfileChange.objects.filter(
        operation=operation_pk, student__in={row.student_id for row in follows.values()}
    )
    for change in sorted(of_operation, key=lambda change: order.index(change.field)):
        changes.setdefault(change.student_id, []).append(change)
    drafts = []
    for follow_pk, _membership, user in pairs:
        follow = follows.get(follow_pk)
        told = [
            change
            for change in changes.get(follow.student_id if follow else None, ())
            if change.field in follow.told_kinds and change.at >= follow.agreed_at
        ]
        if told:
            drafts.append(notices.changed(follow, people[user], told, operation_pk))
    return drafts
