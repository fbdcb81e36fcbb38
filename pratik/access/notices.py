"""What is said to people when the protection of their account changes."""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.devices import device_name
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft

# By the name that the library gives each piece of news: the subject, and what happened.
NEWS = {
    "account/email/password_changed": (
        gettext_lazy("Votre mot de passe PRATIK a changé"),
        gettext_lazy("Le mot de passe de votre compte a changé, et vos autres sessions sont fermées."),
    ),
    "account/email/password_reset": (
        gettext_lazy("Votre mot de passe PRATIK a changé"),
        gettext_lazy(
            "Un nouveau mot de passe a été choisi pour votre compte par le lien que vous aviez demandé. "
            "Toutes vos sessions sont fermées."
        ),
    ),
    "mfa/email/totp_activated": (
        gettext_lazy("Second facteur activé sur votre compte PRATIK"),
        gettext_lazy("Votre compte demande désormais un second facteur à la connexion."),
    ),
    "mfa/email/totp_deactivated": (
        gettext_lazy("Second facteur retiré de votre compte PRATIK"),
        gettext_lazy(
            "Votre compte ne demande plus de second facteur à la connexion\u00a0: le mot de passe suffit."
        ),
    ),
    "mfa/email/recovery_codes_generated": (
        gettext_lazy("Nouveaux codes de secours de votre compte PRATIK"),
        gettext_lazy(
            "De nouveaux codes de secours ont été faits pour votre compte. Les anciens ne servent plus."
        ),
    ),
}


def protection_changed(user, news, *, origin):
    """A change that the person made, or somebody who has got into their account: so they are told of each."""
    now = timezone.now()
    moment = timezone.localtime(now)
    with translation.override(user.language):
        subject, happened = NEWS[news]
        facts = {
            "happened": happened,
            "day": date_format(moment, "DATE_FORMAT"),
            "time": date_format(moment, "TIME_FORMAT"),
            "device": device_name(origin.device),
            "address": origin.address or _("une adresse inconnue"),
        }
        body = (
            _(
                "%(happened)s C’était le %(day)s à %(time)s, avec %(device)s, depuis %(address)s. Si ce "
                "n’était pas vous, choisissez aussitôt un autre mot de passe, ce qui ferme toutes les "
                "sessions, et prévenez l’équipe de PRATIK."
            )
            % facts
        )
        return Draft(
            recipient=user,
            kind=NoticeKind.ACCOUNT_PROTECTION,
            about=f"{news}:{now.isoformat()}",
            subject=str(subject),
            body=body,
            path=reverse("access:security"),
        )
