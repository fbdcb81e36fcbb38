"""The link of an e-mail by which its reader wants no more of them; it works without signing in."""

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from pratik.notifications import services
from pratik.privacy.services import withdraw_consent

CONSENT = "e-mails"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """Says what the link stops; by POST, stops it, takes it back (`back`), or stops all e-mails (`all`).

    Nothing changes by GET, since machines open the links of e-mails before people do. A mailbox posts
    « List-Unsubscribe=One-Click » with no cookie and no page before it (RFC 8058): the signed address is
    what shows the right to ask, here as in a browser.
    """
    found = services.read_token(token)
    if found is None:
        return render(request, "access/unsubscribe_dead.html", status=410)
    asked = request.POST.get("what", "topics") if request.method == "POST" else ""
    if asked == "topics":
        services.stop_topics(actor=found.user, topics=found.topics)
    elif asked == "back":
        services.receive_again(actor=found.user, topics=found.topics)
    elif asked == "all":
        withdraw_consent(actor=found.user, code=CONSENT)
    context = {
        "topics": found.topics,
        "address": _masked(found.user.email),
        "done": asked,
        "wants_email": found.user.wants_email and asked != "all",
    }
    return render(request, "access/unsubscribe.html", context)


def _masked(address):
    """An address that its owner knows again, and nobody else to whom the e-mail was forwarded learns."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"
