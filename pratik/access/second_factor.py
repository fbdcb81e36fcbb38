"""What counts as a second factor: a code of the authenticator app, or a recovery code, each once."""

from allauth.account.adapter import get_adapter
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.crypto import constant_time_compare

from pratik.accounts.services import system_actor
from pratik.security import services as security
from pratik.security.enums import AccessKind
from pratik.security.rules import rescue_refusal

LAST_STEP = "last_step"


def is_on(user):
    """Whether the account asks for a second factor at sign-in."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def is_required(user):
    """Whether the account may do nothing without a second factor: the team's, unless a setting says else."""
    return settings.STAFF_SECOND_FACTOR_REQUIRED and user.is_authenticated and user.is_staff


def step_of(secret, code):
    """The moment, in steps of 30 seconds, whose code this is; None when it is the code of no near moment."""
    typed = "".join(code.split())
    for step in yield_hotp_counters_from_time():
        if constant_time_compare(typed, format_hotp_value(hotp_value(secret, step))):
            return step
    return None


@transaction.atomic
def accept(*, user, code):
    """Uses a code up. Returns the authenticator that it is of, or None when it is no code or was used.

    A code of the app is good once, and so are those before it. Codes that come at the same time wait for
    one another, so that one of two uses of the same code fails.
    """
    rows = Authenticator.objects.select_for_update().filter(user=user).order_by("-type")
    for row in rows:
        if row.type == Authenticator.Type.TOTP:
            step = step_of(decrypt(row.data["secret"]), code)
            if step is not None and step > row.data.get(LAST_STEP, 0):
                mark_used(row, step)
                return row
        elif row.type == Authenticator.Type.RECOVERY_CODES and row.wrap().validate_code(code):
            row.refresh_from_db()
            return row
    return None


def mark_used(authenticator, step):
    """The codes of the app up to this step are good no more."""
    authenticator.data[LAST_STEP] = step
    authenticator.save(update_fields=["data"])


def codes_left(user):
    """How many recovery codes were not used; None when the account has none."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return None if row is None else app_settings.RECOVERY_CODE_COUNT - row.data["used_mask"].bit_count()


def take_away(*, actor, user, reason):
    """Removes the second factor and the recovery codes of an account, and tells its owner.

    Returns whether it had any. Raises `PermissionDenied`, in a sentence, for an actor who may not; on the
    server, where it is done in the name of the platform, an administrator's goes too.
    """
    if actor != system_actor() and (why := rescue_refusal(administrator=actor, target=user)):
        raise PermissionDenied(why)
    with transaction.atomic():
        removed, _kinds = Authenticator.objects.filter(user=user).delete()
        if removed:
            security.record(kind=AccessKind.SECOND_FACTOR_OFF, actor=actor, subject=user, detail=reason)
            get_adapter().send_notification_mail("mfa/email/totp_deactivated", user)
    return bool(removed)
