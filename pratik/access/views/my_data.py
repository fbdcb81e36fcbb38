"""What is held about me: read it, take it away, change one's mind, ask that it be erased."""

import json

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pratik.access.guards import own_account_only
from pratik.core.calendar import CAYENNE, today
from pratik.privacy import reports, rules, services

READ = {"json": "application/json; charset=utf-8", "html": "text/html; charset=utf-8"}


class ErasureForm(forms.Form):
    """Why somebody wants to be erased, if they care to say, and that they mean it."""

    reason = forms.CharField(
        label=gettext_lazy("Pourquoi ?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Rien ne vous oblige à le dire."),
    )
    is_sure = forms.BooleanField(
        label=gettext_lazy("J’ai compris que mon compte sera fermé et que cela ne s’annule pas."),
        error_messages={"required": gettext_lazy("Cochez la case pour confirmer votre demande.")},
    )


@never_cache
@require_safe
@login_required
@own_account_only
def my_data(request):
    """Everything that the platform holds about the person who is signed in, in words."""
    account = request.user
    context = {
        "groups": reports.held_about(account, most=reports.SHOWN),
        "consents": reports.consents_of(account),
        "expires_on": reports.expires_on(account),
        **_requests(account),
    }
    return render(request, "access/my_data/index.html", context)


def _requests(account):
    rows = list(account.erasure_requests.order_by("-pk")[:5])
    current = next((row for row in rows if row.is_open), None)
    return {
        "current": current,
        "days_left": current.days_left(today()) if current else None,
        "answered": [row for row in rows if not row.is_open],
    }


@never_cache
@require_POST
@login_required
@own_account_only
def download(request):
    """The same as a file: JSON for programs (GDPR, article 20), or a page to read and print."""
    file_format = request.POST.get("format")
    if file_format not in READ:
        raise Http404
    if refusal := services.download_refusal(actor=request.user):
        messages.error(request, refusal)
        return redirect("access:my_data")
    services.record_download(actor=request.user, file_format=file_format)
    now = timezone.now()
    if file_format == "json":
        content = json.dumps(reports.as_json(request.user, now=now), ensure_ascii=False, indent=2)
    else:
        context = {
            "account": request.user,
            "now": now,
            "groups": reports.held_about(request.user),
            "consents": reports.consents_of(request.user),
        }
        content = render_to_string("access/my_data/file.html", context)
    name = f"mes-donnees-pratik-{localtime(now, CAYENNE):%Y-%m-%d}.{file_format}"
    return HttpResponse(
        content,
        content_type=READ[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@never_cache
@require_POST
@login_required
@own_account_only
def consent(request, code):
    """Gives a consent or takes it back, at once."""
    answer = request.POST.get("answer")
    if answer not in ("give", "withdraw"):
        raise Http404
    change = services.give_consent if answer == "give" else services.withdraw_consent
    try:
        change(actor=request.user, code=code)
    except KeyError:
        raise Http404 from None
    told = _("Votre accord est enregistré.") if answer == "give" else _("Votre accord est retiré.")
    messages.success(request, told)
    return redirect("access:my_data")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@own_account_only
@reauthentication_required
def ask_erasure(request):
    """Asks that the account be erased, after the password was given once more."""
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            asked = services.receive_request(
                actor=request.user, user=request.user, reason=form.cleaned_data["reason"]
            )
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(
                request,
                _("Votre demande est enregistrée. Nous y répondons au plus tard le %(day)s.")
                % {"day": reports.words(asked.due_on)},
            )
            return redirect("access:my_data")
    context = {
        "form": form,
        "due_on": rules.answer_due_on(today()),
        "exception": services.exception_for(request.user),
        **_requests(request.user),
    }
    return render(request, "access/my_data/erasure.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
@login_required
@own_account_only
def withdraw_erasure(request):
    """Takes one's own open request back."""
    asked = request.user.erasure_requests.open().first()
    if asked is None:
        messages.info(request, _("Aucune demande n’est en cours."))
    else:
        outcome = services.withdraw_requests(actor=request.user, pks=[asked.pk])
        if outcome.changed:
            messages.success(request, _("Votre demande est retirée : rien ne sera effacé."))
        else:
            messages.error(request, " ".join(why for _row, why in outcome.refused))
    return redirect("access:my_data")
