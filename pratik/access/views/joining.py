"""Opening an account, and answering an invitation."""

from urllib.parse import urlencode

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pratik.access.guards import own_account_only
from pratik.access.joining_forms import ClaimForm, CodeForm, NewAccountForm, SignUpForm
from pratik.accounts.enums import AccountType
from pratik.accounts.models import User
from pratik.joining import rules, services
from pratik.joining.enums import InvitationState
from pratik.joining.models import SignUp
from pratik.joining.reports import last_refusal, pending_of

SIGN_UP_KEY = "joining_sign_up"
# The word that stands in the address for each type of account.
SLUGS = {
    "etudiant": AccountType.STUDENT,
    "entreprise": AccountType.COMPANY,
    "etablissement-scolaire": AccountType.SCHOOL,
    "centre-de-formation": AccountType.TRAINING_CENTER,
    "recruteur": AccountType.RECRUITER,
    "proprietaire": AccountType.LANDLORD,
    "conducteur": AccountType.DRIVER,
    "partenaire": AccountType.PARTNER,
}
READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])


def _purposes():
    """What each type of account is for."""
    return {
        AccountType.STUDENT: _("Trouver un stage, un logement, un trajet."),
        AccountType.COMPANY: _("Accueillir des stagiaires et suivre les calendriers."),
        AccountType.SCHOOL: _("Publier les périodes de stage de vos filières."),
        AccountType.TRAINING_CENTER: _("Présenter vos formations."),
        AccountType.RECRUITER: _("Proposer des emplois et des stages."),
        AccountType.LANDLORD: _("Loger des stagiaires."),
        AccountType.DRIVER: _("Partager vos trajets et leurs frais."),
        AccountType.PARTNER: _("Collectivité, chambre, service de l’État."),
    }


def _is_spent(request, action):
    """Whether too much was asked from this address of the network; counts this time."""
    return not ratelimit.consume(request, app="allauth.account", action=action)


def _too_many(form):
    form.add_error(
        None, ValidationError(_("Trop de demandes en peu de temps. Attendez une heure, puis réessayez."))
    )


def _let_in(request, user, page):
    """Signs a person in as the sign-in page does, with a session of a new key."""
    login = Login(user=user, email=user.email, redirect_url=page)
    return perform_password_login(request, {"email": user.email}, login)


def _own_sign_up(request):
    """The sign-up that this very browser began, or None."""
    return SignUp.objects.filter(pk=request.session.get(SIGN_UP_KEY)).first()


# Signing up


@never_cache
@require_safe
def sign_up(request):
    """The types of account, each with what it is for."""
    if request.user.is_authenticated:
        return redirect("admin:index")
    purposes = _purposes()
    kinds = [
        {
            "slug": slug,
            "label": kind.label,
            "purpose": purposes[kind],
            "acts_for": rules.asks_for_organisation(kind),
        }
        for slug, kind in SLUGS.items()
    ]
    return render(request, "access/joining/types.html", {"kinds": kinds})


@never_cache
@sensitive_post_parameters("password")
@READ_OR_SEND
def sign_up_as(request, slug):
    """The form for one type of account. A good answer leads to the code, whoever has the address."""
    if slug not in SLUGS:
        raise Http404
    if request.user.is_authenticated:
        return redirect("admin:index")
    account_type = SLUGS[slug]
    form = SignUpForm(
        request.POST or None, account_type=account_type, initial=_typed_before(request, account_type)
    )
    if request.method == "POST" and form.is_valid():
        if _is_spent(request, "sign_up"):
            _too_many(form)
            return _form_page(request, "access/joining/sign_up.html", form, 429, kind=account_type)
        try:
            row = services.ask_to_sign_up(
                account_type=account_type.value, language=_language(), **form.cleaned_data
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            request.session[SIGN_UP_KEY] = row.pk
            return redirect("access:sign_up_code")
    return _form_page(request, "access/joining/sign_up.html", form, kind=account_type)


def _language():
    known = dict(settings.LANGUAGES)
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    return language if language in known else settings.LANGUAGE_CODE


def _typed_before(request, account_type):
    """What this browser typed a moment ago, for a person who comes back to correct it."""
    row = _own_sign_up(request)
    if row is None or row.account_type != account_type:
        return {}
    return {
        name: getattr(row, name)
        for name in ("email", "first_name", "last_name", "identifier", "organisation_name", "message")
    }


def _form_page(request, template, form, status=None, **context):
    return render(
        request, template, {"form": form, **context}, status=status or (422 if form.errors else 200)
    )


@never_cache
@READ_OR_SEND
def sign_up_code(request):
    """Asks for the code; the right one opens the account and signs its owner in."""
    if request.user.is_authenticated:
        return redirect("admin:index")
    row = _own_sign_up(request)
    if row is None:
        messages.info(
            request, _("Cette inscription est terminée ou trop ancienne. Recommencez-la ou connectez-vous.")
        )
        return redirect("access:sign_up")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.confirm_sign_up(pk=row.pk, code=form.cleaned_data["code"])
        except ValidationError as error:
            row = _own_sign_up(request)
            if row is None:
                # Confirmed from another window meanwhile.
                return redirect("access:sign_up_code")
            form.add_error("code", error)
        else:
            request.session.pop(SIGN_UP_KEY, None)
            return _let_in(request, user, _first_page(request, user))
    return _code_page(request, row, form)


def _code_page(request, row, form, status=None):
    now = timezone.now()
    context = {
        "sign_up": row,
        "dead": rules.code_refusal(row, now),
        "seconds": max(0, int((row.expires_at - now).total_seconds())),
        "pause": rules.pause_left(row.code_sent_at, rules.CODE_PAUSE, now),
        "form_page": reverse(
            "access:sign_up_as",
            args=[next(slug for slug, kind in SLUGS.items() if kind == row.account_type)],
        ),
    }
    return _form_page(request, "access/joining/code.html", form, status, **context)


def _first_page(request, user):
    if rules.asks_for_organisation(user.account_type):
        return reverse("access:welcome")
    messages.success(request, _("Votre compte est ouvert. Bienvenue sur PRATIK."))
    return reverse("admin:index")


@require_POST
def resend_code(request):
    """Has another code sent."""
    row = _own_sign_up(request)
    if row is None:
        return redirect("access:sign_up_code")
    if _is_spent(request, "another_code"):
        messages.error(request, _("Trop de demandes en peu de temps. Attendez une heure, puis réessayez."))
        return redirect("access:sign_up_code")
    try:
        services.resend_code(pk=row.pk)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Un nouveau code est parti. L’ancien ne sert plus."))
    return redirect("access:sign_up_code")


@never_cache
@require_safe
def welcome(request):
    """What happens next to somebody whose organisation is not theirs yet."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    return render(
        request, "access/joining/welcome.html", {"pending": pending_of(request.user, timezone.now())}
    )


@never_cache
@READ_OR_SEND
@login_required
@own_account_only
def claim(request):
    """Says which organisation one acts for: at first, or again after a refusal."""
    account_type = request.user.account_type
    if not rules.asks_for_organisation(account_type):
        return redirect("admin:index")
    form = ClaimForm(request.POST or None, account_type=account_type)
    if request.method == "POST" and form.is_valid():
        if _is_spent(request, "claim"):
            _too_many(form)
            return _form_page(request, "access/joining/claim.html", form, 429)
        try:
            services.ask_for_organisation(actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Votre demande est transmise."))
            return redirect("admin:index")
    return _form_page(request, "access/joining/claim.html", form, refusal=last_refusal(request.user))


# Invitations


@never_cache
@sensitive_post_parameters("password")
@READ_OR_SEND
def invitation(request, token):
    """Who invites, into what, and how to answer; changes nothing until it is answered by POST."""
    row = services.find_invitation(token)
    if row is None or row.state_at(timezone.now()) != InvitationState.SENT:
        return render(request, "access/joining/dead_link.html", {"invitation": row}, status=410)
    known = User.objects.with_address(row.email).first()
    if request.user.is_authenticated:
        return _answer_as(request, row, token)
    if known is not None:
        here = reverse("access:invitation", args=[token])
        sign_in = f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': here})}"
        return render(request, "access/joining/invited_known.html", {"invitation": row, "sign_in": sign_in})
    return _answer_anew(request, row, token)


@own_account_only(readable=True)
def _answer_as(request, row, token):
    """An account that is signed in answers, if the invitation is for it."""
    context = {"invitation": row, "token": token, "is_theirs": row.email == request.user.email}
    if context["is_theirs"]:
        context["refusal"] = services.acceptance_refusal(actor=request.user, invitation=row)
    if request.method != "POST" or not context["is_theirs"]:
        return render(request, "access/joining/invited_signed_in.html", context)
    try:
        services.accept_by_link(actor=request.user, token=token)
    except ValidationError as error:
        context["refusal"] = " ".join(error.messages)
        return render(request, "access/joining/invited_signed_in.html", context, status=422)
    messages.success(request, _("Vous êtes membre de %(organisation)s.") % {"organisation": row.organisation})
    return redirect("admin:index")


def _answer_anew(request, row, token):
    """A person without an account opens one."""
    form = NewAccountForm(
        request.POST or None,
        account_type=row.account_type,
        asks_for_organisation=row.asks_for_organisation,
        email=row.email,
    )
    if request.method == "POST" and form.is_valid():
        if _is_spent(request, "invitation"):
            _too_many(form)
            return _form_page(request, "access/joining/invited.html", form, 429, invitation=row)
        try:
            user = services.open_invited_account(token=token, **form.cleaned_data)
        except ValidationError as error:
            if getattr(error, "code", None) in ("dead_link", "known_account"):
                # Answered meanwhile, by this person or from another window: the page says how it stands.
                return redirect("access:invitation", token=token)
            form.refuse(error)
        else:
            if row.asks_for_organisation:
                return _let_in(request, user, reverse("access:welcome"))
            messages.success(request, _("Votre compte est ouvert. Bienvenue sur PRATIK."))
            return _let_in(request, user, reverse("admin:index"))
    return _form_page(request, "access/joining/invited.html", form, invitation=row)
