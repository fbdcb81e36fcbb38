"""Acting in another person's name: beginning, and coming back."""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pratik.access.forms import ActForForm
from pratik.access.middleware import ACTING_FOR
from pratik.accounts.models import User
from pratik.core.links import console_page
from pratik.security import services as security
from pratik.security.enums import AccessKind
from pratik.security.rules import impersonation_refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def act_for(request, pk):
    """Asks an administrator why, then lets them see and do what the person sees and does.

    Their password is asked for once more before, unless they gave it a moment ago.
    """
    if request.impersonator is not None or not request.user.is_administrator:
        if request.method == "POST":
            security.record(
                kind=AccessKind.IMPERSONATION_REFUSED,
                actor=request.user,
                subject=User,
                detail=_("Compte n°\u00a0%(number)d") % {"number": pk},
            )
        raise PermissionDenied
    target = User.objects.visible_to(request.user).people().filter(pk=pk).first()
    if target is None:
        raise Http404
    form = ActForForm(request.POST or None)
    refusal = impersonation_refusal(administrator=request.user, target=target)
    if refusal is None:
        raise_if_reauthentication_required(request, app="allauth.account")
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            begun = security.start_impersonation(
                actor=request.user, target=target, reason=form.cleaned_data["reason"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        except PermissionDenied:
            status = 403
        else:
            request.session[ACTING_FOR] = begun.pk
            return redirect("admin:index")
    context = {
        "form": form,
        "target": target,
        "refusal": refusal,
        "back": console_page(target),
        "minutes": settings.IMPERSONATION_MINUTES,
    }
    return render(request, "access/act_for.html", context, status=422 if form.errors else status)


@never_cache
@require_POST
@login_required
def come_back(request):
    """Gives the administrator their own account back."""
    if request.impersonator is None:
        messages.info(request, _("Vous étiez déjà dans votre propre compte."))
        return redirect("admin:index")
    target = request.user
    security.end_impersonation(administrator=request.impersonator, pk=request.session.pop(ACTING_FOR))
    messages.success(request, _("Vous êtes de nouveau dans votre propre compte."))
    return redirect(console_page(target))
