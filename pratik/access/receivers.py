"""What the journal of accesses keeps of signing in and out, and of each change of an account's protection."""

from allauth.account import signals as account
from allauth.mfa import signals as factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.utils.translation import gettext as _

from pratik.security import services as security
from pratik.security.enums import AccessKind

TOTP = Authenticator.Type.TOTP


def signed_in(sender, user, **kwargs):
    security.record(kind=AccessKind.SIGN_IN, actor=user)


def signed_out(sender, user, **kwargs):
    if user is not None:
        security.record(kind=AccessKind.SIGN_OUT, actor=user)


def sign_in_failed(sender, credentials, request=None, **kwargs):
    """`credentials` comes without the password: Django has replaced it by stars."""
    person = getattr(request, "user", None)
    actor = person if person is not None and person.is_authenticated else None
    security.record(kind=AccessKind.SIGN_IN_FAILED, actor=actor, detail=credentials.get("email", ""))


def second_factor_failed(sender, user, **kwargs):
    security.record(kind=AccessKind.SECOND_FACTOR_FAILED, actor=user)


def second_factor_added(sender, user, authenticator, **kwargs):
    on = authenticator.type == TOTP
    security.record(kind=AccessKind.SECOND_FACTOR_ON if on else AccessKind.RECOVERY_CODES_MADE, actor=user)


def recovery_codes_made(sender, user, **kwargs):
    security.record(kind=AccessKind.RECOVERY_CODES_MADE, actor=user)


def second_factor_removed(sender, user, authenticator, **kwargs):
    """The recovery codes go with the app, and are no event of their own."""
    if authenticator.type == TOTP:
        security.record(kind=AccessKind.SECOND_FACTOR_OFF, actor=user)


def recovery_code_used(sender, user, authenticator, **kwargs):
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        left = len(authenticator.wrap().get_unused_codes())
        security.record(
            kind=AccessKind.RECOVERY_CODE_USED,
            actor=user,
            detail=_("Codes restants\u00a0: %(number)d") % {"number": left},
        )


def password_changed(sender, user, **kwargs):
    security.record(kind=AccessKind.PASSWORD_CHANGED, actor=user)


def password_reset(sender, user, **kwargs):
    security.record(kind=AccessKind.PASSWORD_RESET, actor=user)


def connect():
    for signal, heard in (
        (account.user_logged_in, signed_in),
        (user_logged_out, signed_out),
        (user_login_failed, sign_in_failed),
        (factors.authentication_failed, second_factor_failed),
        (factors.authenticator_added, second_factor_added),
        (factors.authenticator_reset, recovery_codes_made),
        (factors.authenticator_removed, second_factor_removed),
        (factors.authenticator_used, recovery_code_used),
        (account.password_changed, password_changed),
        (account.password_reset, password_reset),
    ):
        signal.connect(heard, dispatch_uid=f"access.{heard.__name__}")
