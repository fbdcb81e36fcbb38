"""What is said to people about the use of their account."""

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pratik.core.devices import device_name
from pratik.core.links import my_data_page, security_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft


def new_device(device, *, address):
    """Somebody signed in with a browser that the account did not know."""
    user = device.user
    with translation.override(user.language):
        moment = timezone.localtime(device.first_seen_at)
        facts = {
            "device": device_name(device.device),
            "day": date_format(moment, "DATE_FORMAT"),
            "time": date_format(moment, "TIME_FORMAT"),
            "address": address or _("une adresse inconnue"),
        }
        return Draft(
            recipient=user,
            kind=NoticeKind.NEW_DEVICE,
            about=str(device.pk),
            subject=_("Connexion depuis un nouvel appareil\u00a0: %(device)s") % facts,
            body=_(
                "Le %(day)s à %(time)s, votre compte a été ouvert depuis %(address)s avec un appareil "
                "que nous ne connaissions pas\u00a0: %(device)s. Si c’était vous, il n’y a rien à faire. "
                "Sinon, changez votre mot de passe et fermez les autres sessions\u00a0: la page de sécurité "
                "de votre compte vous y mène."
            )
            % facts,
            path=security_page(),
        )


def address_changed(user, *, line, is_own):
    """The account has another address from now on; `line` is that of its history. Said at the former address
    too, which reaches the owner when it was somebody else, and so it names nobody.
    """
    with translation.override(user.language):
        moment = timezone.localtime(line.history_date)
        facts = {
            "whence": _("depuis ce compte lui-même") if is_own else _("par l’équipe de PRATIK"),
            "day": date_format(moment, "DATE_FORMAT"),
            "time": date_format(moment, "TIME_FORMAT"),
        }
        return Draft(
            recipient=user,
            kind=NoticeKind.ACCOUNT_PROTECTION,
            about=f"address:{line.history_id}",
            subject=_("L’adresse e-mail de votre compte PRATIK a changé"),
            body=_(
                "L’adresse e-mail de votre compte a été remplacée par une autre le %(day)s à %(time)s, "
                "%(whence)s. On ne s’y connecte plus avec l’ancienne. Si vous n’avez rien demandé, prévenez "
                "aussitôt l’équipe de PRATIK."
            )
            % facts,
            path=security_page(),
        )


def acted_for(impersonation):
    """An administrator begins to act in a person's name: who, until when, and why."""
    person = impersonation.target
    with translation.override(person.language):
        started = timezone.localtime(impersonation.started_at)
        facts = {
            "administrator": impersonation.administrator,
            "day": date_format(started, "DATE_FORMAT"),
            "time": date_format(started, "TIME_FORMAT"),
            "end": date_format(timezone.localtime(impersonation.expires_at), "TIME_FORMAT"),
            "why": impersonation.reason,
        }
        return Draft(
            recipient=person,
            kind=NoticeKind.ACCOUNT_PROTECTION,
            about=f"acting:{impersonation.pk}",
            subject=_("Un administrateur agit en votre nom sur PRATIK"),
            body=_(
                "Depuis le %(day)s à %(time)s et jusqu’à %(end)s au plus tard, %(administrator)s, de "
                "l’équipe de PRATIK, peut voir et faire ce que vous voyez et faites. Motif\u00a0: %(why)s"
                "\n\nVotre mot de passe, votre second facteur, vos sessions et vos données personnelles lui "
                "restent fermés. "
                "Vous retrouvez cette ligne dans «\u00a0Mes données\u00a0». Si vous ne savez pas de quoi il "
                "s’agit, demandez-le à l’équipe de PRATIK."
            )
            % facts,
            path=my_data_page(),
        )
