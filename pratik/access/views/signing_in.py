"""Coming in and going out."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from pratik.access.forms import ConfirmByCodeForm, ConfirmByPasswordForm, SecondFactorForm, SignInForm
from pratik.access.guards import own_account_only

own_page = [never_cache, own_account_only]


class SignIn(account.LoginView):
    """An address and a password."""

    form_class = SignInForm


@method_decorator(never_cache, name="dispatch")
class SignOut(account.LogoutView):
    """The question by GET, the act by POST."""


class SecondFactor(factors.AuthenticateView):
    """After the password: a code of the authenticator app, or a recovery code."""

    form_class = SecondFactorForm

    def _build_forms(self):
        """The library takes a form without a code for that of a security key, which there is none of here."""
        user = self.stage.login.user
        self.webauthn_form = None
        self.auth_form = self.form_class(data=self.request.POST or None, user=user)
        return self.auth_form


@method_decorator(own_page, name="dispatch")
class ConfirmByPassword(account.ReauthenticateView):
    """The password once more, before something that matters."""

    form_class = ConfirmByPasswordForm


@method_decorator(own_page, name="dispatch")
class ConfirmByCode(factors.ReauthenticateView):
    """A code of the second factor once more, before something that matters."""

    form_class = ConfirmByCodeForm
