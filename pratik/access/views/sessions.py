"""Where one's own account is signed in."""

from operator import attrgetter

from allauth.usersessions.internal import flows
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pratik.access.guards import own_account_only
from pratik.core.devices import device_name
from pratik.security import services as security
from pratik.security.enums import AccessKind


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@own_account_only
def sessions(request):
    """The open sessions. By POST, one of them ends (`session`, its key in the list), or all the others."""
    rows = UserSession.objects.purge_and_list(request.user)
    if request.method == "POST":
        return _end(request, rows)
    rows.sort(key=attrgetter("last_seen_at"), reverse=True)
    for row in rows:
        row.device = device_name(row.user_agent)
    # This one first.
    rows.sort(key=lambda row: not row.is_current())
    return render(request, "usersessions/usersession_list.html", {"sessions": rows})


def _end(request, rows):
    asked = request.POST.get("session")
    if asked is None:
        chosen = [row for row in rows if not row.is_current()]
    else:
        chosen = [row for row in rows if str(row.pk) == asked]
    number = len(chosen)
    if not number:
        messages.info(request, _("Cette session était déjà fermée."))
        return redirect("usersessions_list")
    security.record(
        kind=AccessKind.SESSIONS_ENDED,
        actor=request.user,
        detail=", ".join(device_name(row.user_agent) for row in chosen)[:200],
    )
    flows.sessions.end_sessions(request, chosen)
    messages.success(
        request,
        ngettext("%(number)d session est fermée.", "%(number)d sessions sont fermées.", number)
        % {"number": number},
    )
    return redirect("usersessions_list")
