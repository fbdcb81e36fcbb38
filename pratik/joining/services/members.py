"""Who belongs to an organisation: becoming a member, and what those who answer for it may change."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from pratik.accounts.enums import STAFF_ROLES, AccountType, MembershipRole, Role
from pratik.accounts.models import User
from pratik.core.enums import HistoryType, OperationKind
from pratik.core.history import versions_around
from pratik.core.operations import operation
from pratik.core.services import changed_fields, save_row
from pratik.core.writes import create_rows, set_columns
from pratik.security.enums import AccessKind
from pratik.security.services import record_each

from ..enums import ANSWERERS
from ..models import KINDS


@dataclass(frozen=True)
class Place:
    """A place in an organisation for an account."""

    kind: str
    organisation_id: int
    user_id: int
    role: str = MembershipRole.MEMBER


def join(*, places):
    """Makes accounts members of organisations; must run inside an operation.

    Who joins an organisation without any active member becomes its manager. A membership that was closed
    opens again. The organisations are locked meanwhile, so that two acceptances at once make one membership.
    A fixed number of queries for each kind of organisation.
    """
    by_kind = {}
    for place in places:
        by_kind.setdefault(place.kind, []).append(place)
    for kind, wanted in by_kind.items():
        _join_kind(KINDS[kind], wanted)


def _join_kind(kind, places):
    membership = kind.membership
    chosen = {place.organisation_id for place in places}
    organisations = {
        row.pk: row
        for row in kind.model.objects.filter(pk__in=chosen).select_for_update(of=("self",)).order_by("pk")
    }
    known = {
        (row.organisation_id, row.user_id): row for row in membership.objects.filter(organisation__in=chosen)
    }
    led = {row.organisation_id for row in known.values() if row.is_active}
    fresh, reopened = [], {}
    for place in places:
        key = (place.organisation_id, place.user_id)
        role = place.role if place.organisation_id in led else MembershipRole.MANAGER
        row = known.get(key)
        if row is not None and row.is_active:
            continue
        led.add(place.organisation_id)
        if row is None:
            row = known[key] = membership(
                organisation=organisations[place.organisation_id], user_id=place.user_id, role=role
            )
            fresh.append(row)
        else:
            reopened.setdefault(role, []).append(row.pk)
            row.is_active = True
    create_rows(fresh)
    for role, pks in reopened.items():
        set_columns(membership, pks, is_active=True, role=role)


def record_memberships(*, model, pks, operation):
    """Writes in the journal what an operation changed of memberships of one kind, whichever way it came.

    As many queries for one membership as for thousands. What an erasure closes is not told here: the journal
    has the erasure, and an erased address is not written down once more.
    """
    if operation.kind == OperationKind.ERASURE:
        return
    changed = [
        line
        for before, line in versions_around(model, pks, operation).values()
        if _standing(before) != _standing(line)
    ]
    organisation = model._meta.get_field("organisation").related_model
    organisations = organisation.objects.in_bulk({line.organisation_id for line in changed})
    emails = dict(User.objects.filter(pk__in={line.user_id for line in changed}).values_list("pk", "email"))
    lines = []
    for line in changed:
        facts = {
            "organisation": organisations[line.organisation_id],
            "who": emails[line.user_id],
            "role": line.get_role_display(),
            "open": _how(line),
        }
        detail = _("%(organisation)s\u00a0: %(who)s, %(role)s, %(open)s") % facts
        lines.append((AccessKind.MEMBERSHIP_CHANGED, line.instance, detail))
    record_each(actor=operation.actor, lines=lines)


def _standing(line):
    """What a line of history says of somebody's place; None when there is none."""
    if line is None or line.history_type == HistoryType.DELETED:
        return None
    return line.organisation_id, line.user_id, line.role, line.is_active


def _how(line):
    if line.history_type == HistoryType.DELETED:
        return _("retirée")
    return _("ouverte") if line.is_active else _("fermée")


def change_membership(*, actor, membership):
    """Writes a membership as it was typed: by the team, or by one who answers for the organisation.

    An organisation keeps somebody who answers for it, unless the team decides otherwise. Raises
    `ValidationError` for a broken rule, `PermissionDenied` for a membership that the actor may not change.
    """
    model = type(membership)
    creating = membership._state.adding
    with operation(kind=OperationKind.CREATE if creating else OperationKind.EDIT, actor=actor, subject=model):
        if actor.may_edit_everything:
            save_row(actor=actor, row=membership)
        else:
            _change_as_manager(actor, membership)
    return membership


def _change_as_manager(actor, membership):
    """Writes the two columns that a manager decides on."""
    model = type(membership)
    # All that answer for the organisation wait for one another, so that two never step down at once.
    colleagues = {
        row.pk: row
        for row in model.objects.filter(organisation=membership.organisation_id)
        .select_for_update(of=("self",))
        .order_by("pk")
    }
    before = colleagues.get(membership.pk)
    if before is None or not model.objects.editable_by(actor).filter(pk=membership.pk).exists():
        raise PermissionDenied
    if (membership.organisation_id, membership.user_id) != (before.organisation_id, before.user_id):
        raise PermissionDenied
    membership.clean_fields()
    stays = membership.is_active and membership.role == MembershipRole.MANAGER
    others = [
        row
        for row in colleagues.values()
        if row.pk != before.pk and row.is_active and row.role == MembershipRole.MANAGER
    ]
    if before.is_active and before.role == MembershipRole.MANAGER and not stays and not others:
        raise ValidationError(
            _("C’est le dernier responsable de l’organisation : nommez-en d’abord un autre."),
            code="last_manager",
        )
    values = {name: getattr(membership, name) for name in changed_fields(before, membership)}
    if values:
        set_columns(model, [membership.pk], **values)


def members_of(kind, organisation_ids):
    """The active members of organisations, as {organisation: [account]}."""
    return KINDS[kind].membership.objects.people_of(organisation_ids)


def answering_staff():
    """Those of the team who answer requests and drafts."""
    roles = [role.value for role in ANSWERERS & STAFF_ROLES if role != Role.ANONYMOUS]
    return list(
        User.objects.people()
        .filter(account_type=AccountType.STAFF, staff_role__in=roles, is_active=True)
        .order_by("pk")
    )
