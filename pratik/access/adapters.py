"""Where django-allauth asks PRATIK what to do."""

import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from pratik.accounts import services as accounts
from pratik.core.origin import current_origin
from pratik.notifications.services import tell
from pratik.security import services as security

from . import lockout, notices, second_factor
from .sealing import seal, unseal

# Where no trusted proxy says the visitor's address: all such visitors count as one.
NOWHERE = "0.0.0.0"


class AccountAdapter(DefaultAccountAdapter):
    """Signing in and out, and passwords, by the rules and services of PRATIK."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("Ce compte est fermé."),
        "email_password_mismatch": _(
            "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les majuscules, puis réessayez."
        ),
        "enter_current_password": _("Ce n’est pas votre mot de passe actuel."),
        "incorrect_code": _("Ce code n’est pas le bon, ou il a déjà servi."),
        "incorrect_password": _("Ce n’est pas votre mot de passe."),
        "invalid_password_reset": _("Ce lien n’est plus valable."),
        "too_many_login_attempts": _("Trop d’essais. Attendez un quart d’heure, puis réessayez."),
        "rate_limited": _("Trop de demandes en peu de temps. Attendez quelques minutes."),
    }

    def is_open_for_signup(self, request):
        """Accounts are opened by pratik.joining alone."""
        return False

    def get_client_ip(self, request):
        """The visitor's own address, which `TrustedProxies` has put there."""
        return request.META["REMOTE_ADDR"] or NOWHERE

    def is_ajax(self, request):
        """The pages of this door are for people; none answers as JSON."""
        return False

    def is_safe_url(self, url):
        """After signing in one goes on to a page of this very host, and nowhere else."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def respond_user_inactive(self, request, user):
        """Said where it can be said; a closed account's password never leads this far."""
        self.add_message(request, messages.ERROR, message=self.error_messages["account_inactive"])
        return redirect("account_login")

    def login(self, request, user):
        """Opens the session, unless the account was closed between the password and the second factor."""
        if not user.is_active:
            clear_login(request)
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Attempts count for the account, by whatever name of the site they come."""
        return f"login:{credentials['email'].strip().lower()}"

    def pre_authenticate(self, request, **credentials):
        self._login_failed_rl_usage = lockout.count_attempt(
            request, key=self._get_login_attempts_cache_key(request, **credentials), who=credentials["email"]
        )

    def forgive_attempts(self, request, user):
        """The account is locked out no more: its owner has proved to be the owner."""
        self._delete_login_attempts_cached_email(request, email=user.email)

    def set_password(self, user, password):
        """Written by the service, under an operation of the person themselves."""
        accounts.set_password(actor=user, user=user, password=password)

    def post_login(self, request, user, **kwargs):
        """Remembers the device by a cookie, so that the person is told of one that is new."""
        response = super().post_login(request, user, **kwargs)
        known = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        token = security.recognise_device(user=user, token=known)
        response.set_cookie(
            settings.DEVICE_COOKIE_NAME,
            token,
            max_age=settings.DEVICE_COOKIE_DAYS * 24 * 60 * 60,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tells the person of a change of their account's protection, in the console and by e-mail."""
        tell(drafts=[notices.protection_changed(user, template_prefix, origin=current_origin())])

    def is_reauthentication_required(self, *, app, **kwargs):
        """Whoever signed in or proved to be themselves a moment ago is not asked again."""
        records = get_authentication_records(self.request, self.request.user)
        fresh = records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not fresh

    def get_reauthentication_methods(self, user):
        """The ways to prove to be oneself once more, in our words."""
        words = {
            "reauthenticate": _("Confirmer par mon mot de passe"),
            "mfa_reauthenticate": _("Confirmer par un code"),
        }
        methods = super().get_reauthentication_methods(user)
        return [method | {"description": words[method["id"]]} for method in methods]


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor: an authenticator app and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "L’équipe de PRATIK se connecte avec un second facteur\u00a0: vous ne pouvez pas le retirer."
        ),
        "cannot_generate_recovery_codes": _(
            "Les codes de secours vont avec un second facteur\u00a0: activez-le d’abord."
        ),
        "incorrect_code": _("Ce code n’est pas le bon, ou il a déjà servi."),
        "unverified_email": _("Confirmez d’abord votre adresse e-mail."),
    }

    def encrypt(self, text):
        return seal(text)

    def decrypt(self, encrypted_text):
        return unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator):
        """Nobody of the team goes without a second factor while it is required."""
        return not second_factor.is_required(authenticator.user)
