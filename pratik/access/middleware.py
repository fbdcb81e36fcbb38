"""What every request goes through before a page is chosen."""

from dataclasses import replace
from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.core.origin import Origin, coming_from, current_origin, is_trusted, visitor_address
from pratik.security import services as security_services
from pratik.security.enums import ImpersonationEnd

from . import second_factor
from .guards import SAFE_METHODS

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)
DEVICE_LENGTH = 300
# Where a session keeps the impersonation under way.
ACTING_FOR = "acting_for"
SIGN_OUTS = frozenset({"account_logout", "admin:logout"})
# How old the list of sessions may be: a page that is only read should not write.
ACTIVITY_INTERVAL = timedelta(minutes=5)
# What is open to a member of the team who has no second factor yet: ways in and out, and the way to one.
OPEN_WITHOUT_SECOND_FACTOR = {
    "access:security",
    "account_change_password",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_activate_totp",
    "mfa_index",
    "set_language",
    "usersessions_list",
}


class TrustedProxies:
    """Believes what proxies say of the visitor only when it comes from one of `TRUSTED_PROXIES`.

    Afterwards `REMOTE_ADDR` is the visitor's own address, for every library that reads it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        meta = request.META
        peer = meta.get("REMOTE_ADDR", "")
        address = visitor_address(peer, meta.get("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES)
        if not is_trusted(peer, settings.TRUSTED_PROXIES):
            for name in FORWARDED:
                meta.pop(name, None)
        meta["REMOTE_ADDR"] = address or ""
        return self.get_response(request)


class WriteOrigin:
    """Says where the request comes from to everything that it writes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        origin = Origin(
            address=request.META.get("REMOTE_ADDR") or None,
            device=request.META.get("HTTP_USER_AGENT", "")[:DEVICE_LENGTH],
        )
        with coming_from(origin):
            return self.get_response(request)


class ActingFor:
    """Puts the person in whose name an administrator acts in the administrator's place (`request.user`);
    `request.impersonator` is then the administrator, and None for everybody else.

    Asked again at each request: the moment that time is up, or that one of the two is no longer who they
    were, the administrator is back in their own account, and what they were sending is not done in it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.impersonator = request.impersonation = None
        # A visitor without a session is not asked who they are.
        key = request.session.get(ACTING_FOR) if request.session.session_key else None
        if key is None:
            return self.get_response(request)
        acting = security_services.running_impersonation(administrator=request.user, pk=key)
        if acting is None:
            return self._back(request)
        request.impersonator, request.impersonation = request.user, acting
        request.user = acting.target
        with coming_from(replace(current_origin(), impersonator=request.impersonator)):
            return self.get_response(request)

    def _back(self, request):
        # Already gone when the session itself was found to hold no more.
        request.session.pop(ACTING_FOR, None)
        if request.user.is_authenticated:
            messages.warning(
                request, _("Vous n’agissez plus au nom d’un autre\u00a0: vous êtes dans votre propre compte.")
            )
        if request.method not in SAFE_METHODS:
            return redirect("admin:index")
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Signing out ends both: the administrator's session, and what they did in another's name."""
        leaves = request.method == "POST" and request.resolver_match.view_name in SIGN_OUTS
        if leaves and request.impersonation is not None:
            security_services.end_impersonation(
                administrator=request.impersonator,
                pk=request.impersonation.pk,
                how=ImpersonationEnd.SIGNED_OUT,
            )
            del request.session[ACTING_FOR]
            request.user, request.impersonator, request.impersonation = request.impersonator, None, None


class SessionActivity:
    """Keeps a person's list of sessions fresh: from where, with what, and when last, to five minutes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # In this order: a visitor without a session costs no query.
        key = request.session.session_key
        if key and request.user.is_authenticated:
            known = UserSession.objects.filter(
                session_key=key,
                user=request.user,
                ip=get_adapter().get_client_ip(request),
                user_agent=self._user_agent(request),
                last_seen_at__gt=timezone.now() - ACTIVITY_INTERVAL,
            )
            if not known.exists():
                UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _user_agent(self, request):
        length = UserSession._meta.get_field("user_agent").max_length
        return request.META.get("HTTP_USER_AGENT", "")[:length]


class SecondFactorFirst:
    """Leads a member of the team without a second factor to activating one, whatever page they ask for.

    Only the public site and the ways in and out are open to them until then. Somebody who acts in another
    person's name is asked for their own.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        match = request.resolver_match
        if match.view_name in OPEN_WITHOUT_SECOND_FACTOR or match.namespace == "public":
            return None
        if not settings.STAFF_SECOND_FACTOR_REQUIRED or not request.session.session_key:
            return None
        person = getattr(request, "impersonator", None) or request.user
        if second_factor.is_required(person) and not second_factor.is_on(person):
            return redirect("mfa_activate_totp")
        return None


class BrowserPolicies:
    """Tells browsers that no page of PRATIK needs a camera, a place or a payment, and that no other site's
    page has anything of it to embed.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
