"""Django's own tables of groups and permissions, brought to the table of roles.

Rights never come from them (`backoffice.auth`), so that an account that was just opened, or whose role just
changed, needs nothing here to work. They are written for the tools that read Django's tables, and so that
nothing in those tables says what does not hold.
"""

from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.auth import get_permission_codename, get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Q, Value

from pratik.accounts.enums import STAFF_ROLES
from pratik.accounts.services import system_actor
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns

from .roles import TABLE, granted

# Accounts that are told by their address in each remark; beyond, they are counted.
NAMED = 20

User = get_user_model()
Grant = Group.permissions.through
Membership = User.groups.through
DirectGrant = User.user_permissions.through


@dataclass
class Drift:
    """What Django's tables lacked, and what they had too much, each as a line of words."""

    added: list = field(default_factory=list)
    removed: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.added or self.removed)


def sync_groups(*, check=False):
    """Brings Django's tables to the table of roles, in one transaction. Returns the `Drift` that was found.

    Afterwards there is one group for each role, with exactly the role's permissions; each account is in the
    group of its role and in no other, with no permission and no superuser flag of its own. With `check`
    nothing is written. The number of queries does not grow with the accounts.
    """
    drift = Drift()
    with transaction.atomic():
        for step in (_permissions, _groups, _grants, _members, _own_permissions, _flags, _leftovers):
            step(drift, check)
    return drift


def _codenames():
    """Each permission that there is a reason for: {name: model}. Django's own, and those of the table."""
    wanted = {}
    for model in apps.get_models(include_auto_created=True):
        opts = model._meta
        own = [get_permission_codename(verb, opts) for verb in opts.default_permissions]
        for codename in (*own, *(codename for codename, _name in opts.permissions)):
            wanted[f"{opts.app_label}.{codename}"] = model
    for rights in TABLE.values():
        for label, verbs in rights.items():
            opts = apps.get_model(label)._meta
            for verb in verbs:
                wanted[f"{opts.app_label}.{get_permission_codename(verb, opts)}"] = opts.model
    return wanted


def _known_permissions():
    found = Permission.objects.values_list("content_type__app_label", "codename", "pk")
    return {f"{app}.{codename}": pk for app, codename, pk in found}


def _permissions(drift, check):
    """The rows of permissions: Django makes none to import and to export."""
    known, wanted = _known_permissions(), _codenames()
    missing = sorted(set().union(*(granted(role) for role in TABLE)) - set(known))
    drift.added += [f"permission {name}" for name in missing]
    if check:
        return
    types = ContentType.objects.get_for_models(*{wanted[name] for name in missing}, for_concrete_models=False)
    rows = [(types[wanted[name]], name.partition(".")[2]) for name in missing]
    Permission.objects.bulk_create(
        Permission(content_type=of, codename=codename, name=f"Can {codename.replace('_', ' ', 1)}")
        for of, codename in rows
    )


def _groups(drift, check):
    known = set(Group.objects.values_list("name", flat=True))
    missing = sorted({role.value for role in TABLE} - known)
    drift.added += [f"group {name}" for name in missing]
    if not check:
        Group.objects.bulk_create(Group(name=name) for name in missing)


def _grants(drift, check):
    """What each group may do."""
    wanted = {(role.value, name) for role in TABLE for name in granted(role)}
    found = Grant.objects.filter(group__name__in=[role.value for role in TABLE]).values_list(
        "group__name", "permission__content_type__app_label", "permission__codename", "pk"
    )
    known = {(group, f"{app}.{codename}"): pk for group, app, codename, pk in found}
    missing, stale = sorted(wanted - set(known)), sorted(set(known) - wanted)
    drift.added += [f"group {group}: {name}" for group, name in missing]
    drift.removed += [f"group {group}: {name}" for group, name in stale]
    if not check:
        groups, permissions = dict(Group.objects.values_list("name", "pk")), _known_permissions()
        Grant.objects.bulk_create(
            Grant(group_id=groups[group], permission_id=permissions[name]) for group, name in missing
        )
        Grant.objects.filter(pk__in=[known[pair] for pair in stale]).delete()


def _members(drift, check):
    """Which group each account is in."""
    for role in TABLE:
        of_role = Q(staff_role=role) if role in STAFF_ROLES else Q(account_type=role)
        inside = Membership.objects.filter(user=OuterRef("pk"), group__name=role.value)
        missing = User.objects.filter(of_role, ~Exists(inside)).order_by("email")
        strangers = User.objects.filter(~of_role, Exists(inside)).order_by("email")
        drift.added += _told(f"group {role.value}", missing)
        drift.removed += _told(f"group {role.value}", strangers)
        if not check:
            group = Group.objects.get(name=role.value)
            _join(missing, group)
            Membership.objects.filter(group=group, user__in=strangers.order_by()).delete()


def _join(accounts, group):
    """Puts accounts into a group by one statement of the database: there may be a great many."""
    quote = connection.ops.quote_name
    pairs = accounts.order_by().values_list("pk", Value(group.pk, output_field=BigIntegerField()))
    sql, parameters = pairs.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(Membership._meta.db_table)} ({quote('user_id')}, {quote('group_id')})"
            f" {sql} ON CONFLICT DO NOTHING",
            parameters,
        )


def _told(what, accounts):
    """One remark for each of the first accounts, and one for all the others."""
    lines = [f"{what}: {email}" for email in accounts.values_list("email", flat=True)[:NAMED]]
    more = accounts.count() - NAMED if len(lines) == NAMED else 0
    return [*lines, f"{what}: {more} more accounts"] if more > 0 else lines


def _own_permissions(drift, check):
    """Permissions that were given to an account by itself."""
    holders = User.objects.filter(Exists(DirectGrant.objects.filter(user=OuterRef("pk")))).order_by("email")
    drift.removed += _told("permissions of one account", holders)
    if not check:
        DirectGrant.objects.all().delete()


def _flags(drift, check):
    """The superuser flag, which gives nothing here and would elsewhere."""
    flagged = User.objects.filter(is_superuser=True).order_by("email")
    drift.removed += _told("superuser flag", flagged)
    keys = list(flagged.values_list("pk", flat=True))
    if keys and not check:
        with operation(kind=OperationKind.SETUP, actor=system_actor(), subject=User):
            set_columns(User, keys, is_superuser=False)


def _leftovers(drift, check):
    """Groups of no role, and permissions that there is no reason for any more: Django forgets none."""
    known = _known_permissions()
    stale = sorted(set(known) - set(_codenames()))
    groups = Group.objects.exclude(name__in=[role.value for role in TABLE]).order_by("name")
    drift.removed += [f"permission {name}" for name in stale]
    drift.removed += [f"group {group.name}" for group in groups]
    if not check:
        Permission.objects.filter(pk__in=[known[name] for name in stale]).delete()
        groups.delete()
