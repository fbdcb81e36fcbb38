"""How one's own account is protected, at a glance."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pratik.access import second_factor
from pratik.access.guards import own_account_only


@never_cache
@require_safe
@login_required
@own_account_only
def security(request):
    """The password, the second factor, the recovery codes and the sessions, with what can be done."""
    app = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.TOTP).first()
    context = {
        "app": app,
        "is_required": second_factor.is_required(request.user),
        "codes_left": second_factor.codes_left(request.user) if app else None,
        "sessions": UserSession.objects.purge_and_list(request.user),
    }
    return render(request, "access/security.html", context)
