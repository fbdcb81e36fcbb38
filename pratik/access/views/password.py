"""Changing a password, and making another when it is forgotten."""

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from pratik.access.forms import AskForResetForm, ChangePasswordForm, ResetPasswordForm
from pratik.access.guards import own_account_only
from pratik.access.tokens import reset_tokens
from pratik.accounts.models import User
from pratik.security import services as security
from pratik.security.enums import AccessKind


@method_decorator([never_cache, login_required, own_account_only], name="dispatch")
class ChangePassword(account.PasswordChangeView):
    """One's own password, for a person who knows the present one."""

    form_class = ChangePasswordForm
    success_url = reverse_lazy("access:security")

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)

    def get_default_success_url(self):
        return str(self.success_url)


@method_decorator(never_cache, name="dispatch")
class AskForReset(account.PasswordResetView):
    """The address to which a link is sent; the answer is the same whether the address is known or not."""

    form_class = AskForResetForm

    def form_valid(self, form):
        response = super().form_valid(form)
        if response.status_code != 429:
            security.record(kind=AccessKind.PASSWORD_RESET_ASKED, detail=form.cleaned_data["email"])
        return response


class ResetAsked(account.PasswordResetDoneView):
    """What to do next, in the same words for every address."""


@method_decorator([never_cache, own_account_only], name="dispatch")
class ResetPassword(account.PasswordResetFromKeyView):
    """Another password, for the bearer of a link that holds."""

    form_class = ResetPasswordForm

    def form_valid(self, form):
        """The account is locked while the link is looked at again: of two uses at once, one succeeds."""
        with transaction.atomic():
            user = User.objects.select_for_update(of=("self",)).get(pk=self.reset_user.pk)
            if not reset_tokens.check_token(user, self.key):
                return self.render_to_response(self.get_context_data(token_fail=True))
            form.user = self.reset_user = user
            response = super().form_valid(form)
        get_adapter().forgive_attempts(self.request, user)
        return response


class ResetDone(account.PasswordResetFromKeyDoneView):
    """The password is changed."""
