"""Erasing what identifies a person, in every table, as the ledger says; what counts others stays right."""

import re
import secrets
from dataclasses import replace
from functools import reduce
from operator import or_

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.models import Task

from pratik.accounts.enums import ERASED_DOMAIN
from pratik.accounts.models import User
from pratik.accounts.services import administrators_in, system_actor
from pratik.core.enums import OperationKind
from pratik.core.history import tracked_models
from pratik.core.links import console_page
from pratik.core.models import BusinessModel, Operation, Upload
from pratik.core.operations import forget_reasons, operation
from pratik.core.removals import delete_files_later
from pratik.core.signals import columns_written
from pratik.core.text import fold
from pratik.core.writes import set_columns
from pratik.internships.services import end_placements_of_account, withdraw_of_account
from pratik.joining.enums import InvitationState
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft
from pratik.living.services import close_account
from pratik.notifications.models import Notice
from pratik.recommendations.services import end_recommendations
from pratik.schools.models import ProgramManager
from pratik.schools.services import end_enrolments_of_account
from pratik.security.services import end_sessions
from pratik.tracking.models import Follow
from pratik.tracking.services import stop_following

from .. import reports, rules
from ..enums import Left, OnErasure
from ..ledger import HISTORY_MENTIONS, LINES

STAYS = frozenset({Left.LINK, Left.KEPT})


def account_refusal(actor, administrators, user):
    """Why this account may not be erased by this person; None when it may be."""
    return rules.erasure_refusal(
        user,
        actor=actor,
        other_administrators=len(administrators - {user.pk}),
        system_account=system_actor(),
    )


def contact_refusal(contact):
    """Why a school's contact may not be erased by itself; None when it may be."""
    if contact.user_id is not None:
        return _("Ce responsable a un compte : demandez l’effacement de son compte.")
    return None


def erase_account(*, actor, user, reason=""):
    """Closes an account and erases what identifies its person, history, journal and files included.

    Rows that others count on stay, without a name; what has to be proved stays as it is until its term, as
    the ledger says. Cannot be undone. An account that was erased before is
    left as it is. Raises `PermissionDenied` when the actor is no administrator, `ValidationError` for the
    last active administrator, the actor's own account and the tasks' account.
    """
    if not actor.is_administrator:
        raise PermissionDenied
    with operation(kind=OperationKind.ERASURE, actor=actor, subject=User, reason=reason):
        administrators = administrators_in(lock=True)
        user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        if why := account_refusal(actor, administrators, user):
            raise ValidationError(why, code="not_erasable")
        if not user.is_erased:
            _erase(reports.person_of(user))


def erase_contact(*, actor, contact, reason=""):
    """Erases a school's contact who has no account; the school's calendars keep their dates and numbers.

    Raises `PermissionDenied` when the actor does not keep the platform's data, `ValidationError` when the
    contact has an account.
    """
    if not actor.may_edit_everything:
        raise PermissionDenied
    with operation(kind=OperationKind.ERASURE, actor=actor, subject=ProgramManager, reason=reason):
        contact = ProgramManager.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
        if why := contact_refusal(contact):
            raise ValidationError(why, code="not_erasable")
        if not contact.email.endswith(ERASED_DOMAIN):
            _erase(reports.person_of_contact(contact))


def anonymise(line, rows):
    """Empties rows of what identifies people, with their history; for rows that no account leads to.

    Returns how many.
    """
    nobody = reports.Person(pk=None, addresses=frozenset())
    locked = list(rows.select_for_update(of=("self",), no_key=True))
    history = []
    if reports.has_history(line):
        model = reports.model_of(line)
        lines = models.QuerySet(model.history.model)
        history = list(lines.filter(**{f"{model._meta.pk.attname}__in": [row.pk for row in locked]}))
    _scrub(line, nobody, locked, history)
    return len(locked)


def remove(rows):
    """Removes rows of the machinery; their files go once that is certain. Returns how many."""
    return _remove(rows.model, list(rows))


def _remove(model, rows):
    files = [field for field in model._meta.concrete_fields if isinstance(field, models.FileField)]
    for field in files:
        delete_files_later(field, [getattr(row, field.name).name for row in rows])
    models.QuerySet(model).filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


# How


def clean_text(text, person):
    """A text without the person's addresses, numbers and full names."""
    for word in sorted(person.details, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "", text, flags=re.IGNORECASE)
    for word in sorted(person.addresses | person.names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", person.pseudonym, text, flags=re.IGNORECASE)
    return text


def clean_value(value, person):
    """A text, or a list or mapping of them, without the person's addresses, numbers and full names."""
    if isinstance(value, str):
        return clean_text(value, person)
    if isinstance(value, list):
        return [clean_value(item, person) for item in value]
    if isinstance(value, dict):
        return {key: clean_value(item, person) for key, item in value.items()}
    return value


def _erase(person):
    _relabel_unowned(person)
    person = reports.named(person)
    own = _operations_about(person)
    # Whatever somebody else wrote is looked through while it is still known what to look for.
    _clean_mentions(person, own)
    _forget_tasks(person)
    _revoke_invitations(person)
    if person.pk is not None:
        end_sessions(pks=[person.pk])
        _withdraw_joining(person)
        close_account(pk=person.pk)
        end_recommendations(pk=person.pk)
        withdraw_of_account(pk=person.pk)
        end_placements_of_account(pk=person.pk)
        stop_following(student_user_pk=person.pk)
        end_enrolments_of_account(pk=person.pk, addresses=person.addresses)
        unfinished = models.QuerySet(Upload).filter(owner=person.pk, operation=None)
        remove(unfinished)
    # All is found before anything is emptied, since one row may be found by what another says.
    found = [_Found(line, person) for line in LINES if line.people or line.addresses]
    for rows in found:
        rows.erase()
    if person.pk is not None:
        set_columns(User, [person.pk], password=make_password(None))


class _Found:
    """The rows of one line about a person, locked, with their history."""

    def __init__(self, line, person):
        self.line, self.person, self.rows, self.history = line, person, [], []
        if line.on_erasure == OnErasure.SCRUBBED and not _emptied(line):
            return
        rows = reports.free_of_duty(line, reports.rows_about(line, person))
        self.rows = list(rows.select_for_update(of=("self",), no_key=True))
        if reports.has_history(line):
            history = reports.history_about(line, person, [row.pk for row in self.rows])
            self.history = list(reports.free_of_duty(line, history))

    def erase(self):
        if self.line.on_erasure == OnErasure.REMOVED:
            _remove(reports.model_of(self.line), self.rows)
            return
        _scrub(self.line, self.person, self.rows, self.history)
        _relabel(self.line, self.person)


def _scrub(line, person, rows, history):
    """Puts into each personal column what the ledger leaves there, and the same into the row's history."""
    model = reports.model_of(line)
    key = model._meta.pk.attname
    left_by_row = {}
    for row in rows:
        _forget_files(line, [row])
        left_by_row[row.pk] = left = _left(line, row, person)
        _write(model, row, left)
    if not reports.has_history(line):
        return
    _forget_files(line, history)
    _forget_reasons(line, rows, history)
    gone = {getattr(entry, key) for entry in history} - set(left_by_row)
    left_by_row |= {pk: _left(line, None, person) for pk in gone}
    tracked = {field.attname for field in model.history.model.tracked_fields}
    for pk, left in left_by_row.items():
        lines = models.QuerySet(model.history.model).filter(**{key: pk})
        lines.update(
            history_change_reason="", **{name: value for name, value in left.items() if name in tracked}
        )


def _write(model, row, left):
    """Writes what is left of a row, with the columns that are made from it."""
    derived = getattr(model, "derived_fields", ())
    for name, value in left.items():
        setattr(row, name, value)
    if issubclass(model, BusinessModel):
        row.derive()
        values = {**left, **{name: getattr(row, name) for name in derived}}
        if values:
            set_columns(model, [row.pk], **values)
    elif left:
        models.QuerySet(model).filter(pk=row.pk).update(**left)


def _left(line, row, person):
    """What the ledger leaves of a row's personal columns, {column: value}; those that stay are not in it."""
    model = reports.model_of(line)
    shared = _shared(line, row)
    left = {}
    for name in _emptied(line):
        field = model._meta.get_field(name)
        match line.fields[name]:
            case Left.ADDRESS:
                left[field.attname] = f"{secrets.token_hex(12)}{ERASED_DOMAIN}"
            case Left.PSEUDONYM:
                left[field.attname] = person.pseudonym
            case Left.CLOSED:
                left[field.attname] = False
            case _ if name in shared:
                left[field.attname] = getattr(row, field.attname)
            case _:
                left[field.attname] = _nothing(field)
    return left


def _emptied(line):
    """The columns of a line that an erasure changes in each row by itself."""
    return [name for name, kind in line.fields.items() if kind not in STAYS and name not in line.whose]


def _shared(line, row):
    """The columns whose values so many others share that together they tell nobody apart.

    They are asked in the ledger's order, and the first that few share ends the search.
    """
    names = [name for name, kind in line.fields.items() if kind == Left.IF_SHARED]
    if row is None or not names:
        return frozenset()
    others = models.QuerySet(reports.model_of(line)).exclude(pk=row.pk)
    for number, _name in enumerate(names):
        values = {name: getattr(row, name) for name in names[: number + 1]}
        if not rules.may_be_kept(others.filter(**values).count()):
            return frozenset(names[:number])
    return frozenset(names)


def _forget_files(line, rows):
    """Has the files that these rows or lines of history name removed, once the erasure is certain."""
    model = reports.model_of(line)
    for name in line.fields:
        field = model._meta.get_field(name)
        if isinstance(field, models.FileField) and line.fields[name] == Left.BLANK:
            delete_files_later(field, [str(getattr(row, name)) for row in rows])


def _forget_reasons(line, rows, history):
    """What was said to the person, and goes from their row, was given as the reason of an operation too."""
    model = reports.model_of(line)
    emptied = [name for name in _emptied(line) if line.fields[name] == Left.BLANK]
    texts = [
        name
        for name in emptied
        if isinstance(model._meta.get_field(name), models.CharField | models.TextField)
    ]
    said = {getattr(entry, name, "") for entry in (*rows, *history) for name in texts} - {"", None}
    if said:
        acts = {entry.operation_id for entry in history}
        forget_reasons(models.QuerySet(Operation).filter(pk__in=acts, reason__in=said))


def _withdraw_joining(person):
    """What the person asked for is open no longer: nobody answers somebody who is gone."""
    closed = {"decided_at": timezone.now(), "state": "withdrawn"}
    for model, who in ((JoinRequest, "user"), (OrganisationDraft, "applicant")):
        rows = model.objects.open().filter(**{who: person.pk})
        set_columns(model, list(rows.values_list("pk", flat=True)), **closed)


def _revoke_invitations(person):
    """An invitation to an address that is erased leads nowhere."""
    rows = Invitation.objects.filter(email__in=person.addresses, state=InvitationState.SENT)
    set_columns(Invitation, list(rows.values_list("pk", flat=True)), state=InvitationState.REVOKED)


def _forget_tasks(person):
    """Finished tasks are few; what they were asked with may be somebody's address."""
    said = [
        task.pk
        for task in Task.objects.iterator()
        if any(address in repr((task.args, task.kwargs, task.result)) for address in person.addresses)
    ]
    Task.objects.filter(pk__in=said).delete()


def _relabel_unowned(person):
    """What was typed or done under the person's address before anybody was known, such as failed sign-ins."""
    for line in LINES:
        owners = {owner for owners in line.whose.values() for owner in owners}
        typed = reduce(
            or_,
            (reports.holds_address(column, person) for column in line.addresses if person.addresses),
            Q(),
        )
        if owners and typed:
            rows = models.QuerySet(reports.model_of(line)).filter(typed, **dict.fromkeys(owners))
            rows.update(**{name: _unnamed(line, name, person) for name in line.whose})


def _unnamed(line, name, person):
    if line.fields[name] == Left.PSEUDONYM:
        return person.pseudonym
    return _nothing(reports.model_of(line)._meta.get_field(name))


def _relabel(line, person):
    """Replaces what is the person's own in rows that may also be about somebody else."""
    if person.pk is None:
        return
    model = reports.model_of(line)
    for name, owners in line.whose.items():
        theirs, nobody_before = Q(pk__in=[]), Q()
        for owner in owners:
            theirs |= nobody_before & Q(**{owner: person.pk})
            nobody_before &= Q(**{owner: None})
        rows = models.QuerySet(model).filter(theirs)
        if line.fields[name] == Left.PSEUDONYM:
            for label in set(rows.values_list(name, flat=True)) - {""}:
                searched = Replace(F("search_text"), Value(fold(label)), Value(fold(person.pseudonym)))
                rows.filter(**{name: label}).update(search_text=searched)
        rows.update(**{name: _unnamed(line, name, person)})
    columns_written.send(sender=model)


def _nothing(field):
    return None if field.null else field.get_default()


def _operations_about(person):
    """The operations that changed rows about this person, by anybody."""
    found = set()
    for line in LINES:
        if reports.has_history(line) and (line.people or line.addresses):
            pks = list(reports.rows_about(line, person).values_list("pk", flat=True))
            found.update(reports.history_about(line, person, pks).values_list("operation", flat=True))
    return found


def _clean_mentions(person, operations):
    """Takes the person's addresses out of every free text, and their names where no homonym is meant: in
    what they did, in what was done to their rows, and in messages, which nobody takes for a record.
    """
    for line in LINES:
        model = reports.model_of(line)
        if not line.mentions:
            continue
        theirs = reports.naming(model, line, person)
        if model is Operation:
            theirs |= Q(pk__in=operations)
        if model is Notice:
            theirs = ~Q(pk__in=[])
        _clean(reports.free_of_duty(line, models.QuerySet(model)), line.mentions, person, theirs)
        if reports.has_history(line):
            history = model.history.model
            tracked = {field.name for field in history.tracked_fields}
            columns = [name for name in line.mentions if name in tracked]
            entries = reports.free_of_duty(line, models.QuerySet(history))
            _clean(entries, columns, person, reports.naming(history, line, person))
    if person.pk is not None:
        _clean_short_names(person)
    lines = {line.model: line for line in LINES}
    for label, model in tracked_models().items():
        history = models.QuerySet(model.history.model)
        if label in lines:
            history = reports.free_of_duty(lines[label], history)
        theirs = Q(operation__in=operations)
        if person.pk is not None:
            theirs |= Q(operation__actor=person.pk)
        _clean(history, HISTORY_MENTIONS, person, theirs)


def _clean_short_names(person):
    """A company that follows somebody may know them as « Camille P. », as do its notices of that follow;
    others of that name are not meant.
    """
    follows = models.QuerySet(Follow).filter(student__user=person.pk).select_related("student__user")
    pages = [console_page(row) for row in follows]
    short = frozenset(f"{first} {last[0].upper()}." for first, last in _first_and_last(person))
    if pages and short:
        notices = models.QuerySet(Notice).filter(path__in=pages)
        _clean(notices, ("subject", "body"), replace(person, names=short), ~Q(pk__in=[]))


def _first_and_last(person):
    """Each first and last name that the person's account ever had together."""
    history = User.history.filter(id=person.pk).exclude(first_name="").exclude(last_name="")
    return set(history.values_list("first_name", "last_name"))


def _clean(rows, columns, person, theirs):
    """Cleans the texts of these columns, and what they are searched by; names and numbers only in rows that
    are `theirs`.
    """
    searched = reports.is_searched(rows.model)
    found = reports.mentioning(rows, columns, person, theirs)
    named = set(found.filter(theirs).values_list("pk", flat=True))
    nameless = replace(person, names=frozenset(), details=frozenset())
    for row in found:
        who = person if row.pk in named else nameless
        values = {column: clean_value(getattr(row, column), who) for column in columns}
        if searched:
            values["search_text"] = _clean_folded(row.search_text, who)
        for column, text in values.items():
            limit = row._meta.get_field(column).max_length if isinstance(text, str) else None
            values[column] = text[:limit] if limit else text
        models.QuerySet(type(row)).filter(pk=row.pk).update(**values)
    columns_written.send(sender=rows.model)


def _clean_folded(text, person):
    for word in sorted(map(fold, person.details), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "", text)
    for word in sorted(map(fold, person.addresses | person.names), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", fold(person.pseudonym), text)
    return text
