"""Helping somebody back in who lost both their telephone and their recovery codes."""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from pratik.access import second_factor
from pratik.access.forms import RescueForm
from pratik.access.guards import own_account_only
from pratik.accounts.models import User
from pratik.core.links import console_page
from pratik.security.rules import rescue_refusal


@method_decorator([never_cache, login_required, own_account_only], name="dispatch")
class TakeSecondFactorAway(View):
    """An administrator, who made sure of who is asking and has just given their own password once more,
    takes another account's second factor away. Never that of another administrator.

    The person is told by e-mail, and activates another one at their next sign-in where it is required.
    """

    def dispatch(self, request, *args, pk, **kwargs):
        if not request.user.is_administrator:
            raise PermissionDenied
        self.account = User.objects.editable_by(request.user).people().filter(pk=pk).first()
        if self.account is None or self.account == request.user:
            raise Http404
        self.refusal = rescue_refusal(administrator=request.user, target=self.account)
        if self.refusal is None:
            raise_if_reauthentication_required(request, app="allauth.account")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        return self._page(RescueForm())

    def post(self, request):
        form = RescueForm(request.POST)
        if self.refusal:
            return self._page(form, status=403)
        if not form.is_valid():
            return self._page(form, status=422)
        if second_factor.take_away(actor=request.user, user=self.account, reason=form.cleaned_data["reason"]):
            messages.success(request, _("Le second facteur de %(name)s est retiré.") % {"name": self.account})
        else:
            messages.info(request, _("Ce compte n’a pas de second facteur."))
        return redirect(console_page(self.account))

    def _page(self, form, status=200):
        context = {
            "form": form,
            "account": self.account,
            "refusal": self.refusal,
            "is_on": second_factor.is_on(self.account),
            "back": console_page(self.account),
        }
        return render(self.request, "access/rescue.html", context, status=status)
