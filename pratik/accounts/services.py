"""What may be done with accounts."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import move
from pratik.core.writes import create_rows

from .enums import AccountType
from .models import User


def system_actor():
    """The account that tasks and the setting-up of a platform work under; nobody can sign in with it."""
    return User.objects.system_actor()


def create_account(*, actor, email, password=None, **fields):
    """Opens an account from its fields; see `open_account`."""
    return open_account(actor=actor, user=User(email=email, **fields), password=password)


def open_account(*, actor, user, password=None):
    """Opens an account. Without a password nobody can sign in with it until one is set.

    Raises `ValidationError` for a known address, a weak password or a role that does not go with the type;
    `PermissionDenied` when an actor who is no administrator opens an account of the team.
    """
    if user.account_type == AccountType.STAFF and not actor.is_administrator:
        raise PermissionDenied
    user.derive()
    if password is not None:
        validate_password(password, user)
    user.password = make_password(password)
    user.full_clean()
    with operation(kind=OperationKind.CREATE, actor=actor, subject=User):
        create_rows([user])
    return user


def verify_accounts(*, actor, pks, reason=""):
    """Records that people of the platform have checked who is behind these accounts."""
    return move(
        actor=actor,
        model=User,
        verb="verify",
        pks=pks,
        reason=reason,
        verified_at=timezone.now(),
        verified_by_id=actor.pk,
    )


def revoke_verifications(*, actor, pks, reason):
    """Takes verifications back, with the reason."""
    return move(
        actor=actor, model=User, verb="revoke", pks=pks, reason=reason, verified_at=None, verified_by_id=None
    )
