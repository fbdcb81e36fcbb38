"""What may be done with accounts."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from pratik.core.enums import OperationKind
from pratik.core.locks import wait_for_turn
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.writes import create_rows, set_columns

from . import reports
from .enums import AccountType
from .models import User
from .rules import last_administrator_refusal


def system_actor():
    """The account that tasks and the setting-up of a platform work under; nobody can sign in with it."""
    return User.objects.system_actor()


def administrators_in(*, lock=False):
    """The keys of the administrators who can sign in.

    With `lock`, waits for whoever closes or erases one, so that two never take the last ones together;
    what they do meanwhile goes on, since their rows' keys are left free for others to point at.
    """
    active = User.objects.administrators().order_by("pk")
    if lock:
        active = active.select_for_update(of=("self",), no_key=True)
    return set(active.values_list("pk", flat=True))


def keep_an_administrator(*, pks, operation, removing=False):
    """Takes back, by a `ValidationError`, what an operation did to the last administrator who can sign in.

    `operation` is the running one, which has just written the accounts of these keys, or is `removing` them:
    whichever way it came, somebody is left who manages the platform. Operations that each close another
    administrator at the same moment pass here one after the other.
    """
    left = User.objects.administrators()
    if removing:
        left = left.exclude(pk__in=pks)
    if not reports.stopped_being_administrators(pks, operation.row, left):
        return
    wait_for_turn("accounts.administrators")
    if why := last_administrator_refusal(left.count()):
        raise ValidationError(why, code="last_administrator")


def create_account(*, actor, email, password=None, **fields):
    """Opens an account from its fields; see `open_account`."""
    return open_account(actor=actor, user=User(email=email, **fields), password=password)


def open_account(*, actor, user, password=None, hashed=None):
    """Opens an account. Without a password nobody can sign in with it until one is set.

    `hashed` is a password that was checked and hashed before, when the person typed it.

    Raises `ValidationError` for a known address, a weak password or a role that does not go with the type;
    `PermissionDenied` when an actor who is no administrator opens an account of the team.
    """
    if user.account_type == AccountType.STAFF and not actor.is_administrator:
        raise PermissionDenied
    user.derive()
    if password is not None:
        validate_password(password, user)
    user.password = hashed or make_password(password)
    user.full_clean()
    with operation(kind=OperationKind.CREATE, actor=actor, subject=User):
        create_rows([user])
    return user


def set_password(*, actor, user, password, reason=""):
    """Gives an account another password. All its sessions end, but one that is renewed on the spot.

    The operation says who and when; history keeps no trace of a password. Raises `ValidationError` for a
    weak password, `PermissionDenied` when the actor may not change the account, or is not there themselves.
    """
    if in_anothers_name():
        raise PermissionDenied
    validate_password(password, user)
    with operation(
        kind=OperationKind.EDIT, actor=actor, subject=User, reason=reason or _("Changement du mot de passe")
    ):
        if not User.objects.editable_by(actor).filter(pk=user.pk).exists():
            raise PermissionDenied
        user.password = make_password(password)
        set_columns(User, [user.pk], password=user.password)
