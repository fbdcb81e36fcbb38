"""The authenticator app and the recovery codes of one's own account."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from django.db import IntegrityError
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from pratik.access import second_factor
from pratik.access.forms import ActivateAppForm
from pratik.access.guards import own_account_only

own_page = [never_cache, own_account_only]
GROUP = 4


@method_decorator(own_page, name="dispatch")
class ActivateApp(app.ActivateTOTPView):
    """Shows the secret to an authenticator app, and asks for the code that it then gives."""

    form_class = ActivateAppForm

    def form_valid(self, form):
        try:
            response = super().form_valid(form)
        except IntegrityError:
            # The same form sent twice: the first one has activated the app.
            return redirect("access:security")
        authenticator = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        second_factor.mark_used(authenticator, form.step)
        return response

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = [secret[start : start + GROUP] for start in range(0, len(secret), GROUP)]
        return context | {
            "secret_groups": groups,
            "is_required": second_factor.is_required(self.request.user),
        }


@method_decorator(own_page, name="dispatch")
class DeactivateApp(app.DeactivateTOTPView):
    """Goes back to the password alone."""


@method_decorator(own_page, name="dispatch")
class RecoveryCodes(codes.ViewRecoveryCodesView):
    """The codes that are left."""


@method_decorator(own_page, name="dispatch")
class MakeRecoveryCodes(codes.GenerateRecoveryCodesView):
    """Replaces all codes by new ones."""


@method_decorator(own_page, name="dispatch")
class DownloadRecoveryCodes(codes.DownloadRecoveryCodesView):
    """The codes as a text file, to be printed."""

    content_type = "text/plain; charset=utf-8"

    def render_to_response(self, context, **response_kwargs):
        response = super().render_to_response(context, **response_kwargs)
        response["Content-Disposition"] = f'attachment; filename="{_("pratik-codes-de-secours")}.txt"'
        return response
