"""What is said to whom about lodgings and trips. No notice tells an address or a telephone number: those are
shown, to whom they concern, where the request is.
"""

from django.utils import translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.calendar import day_label
from pratik.core.links import console_page, papers_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft

from .enums import RequestState

# More single days than these are told as a period.
DAYS_NAMED = 10


def _days(request):
    """« du 01/12/2026 au 31/01/2027 », « le 01/12/2026 », or each of some single days."""
    if getattr(request, "days", ""):
        days = [day_label(day) for day in request.offer.days_of(request)]
        if 1 < len(days) <= DAYS_NAMED:
            return _("les %(days)s") % {"days": get_text_list(days, _("et"))}
    values = {"first": day_label(request.from_on), "last": day_label(request.until_on)}
    if request.from_on == request.until_on:
        return _("le %(first)s") % values
    return _("du %(first)s au %(last)s") % values


def _draft(recipient, kind, about, subject, body, row, path=""):
    return Draft(
        recipient=recipient,
        kind=kind,
        about=about,
        subject=subject,
        body=body,
        path=path or console_page(row),
    )


def _about(row, operation):
    return f"{row._meta.label_lower}:{row.pk}:{operation.pk}"


# Listings


def submitted(offer, recipient, operation):
    """Tells one of the team that a listing waits to be read."""
    with translation.override(recipient.language):
        values = {"offer": offer, "who": offer.owner}
        return _draft(
            recipient,
            NoticeKind.LISTING_SUBMITTED,
            _about(offer, operation),
            _("Annonce à examiner : %(offer)s") % values,
            _("%(who)s propose « %(offer)s ». Lisez l’annonce, puis publiez-la ou renvoyez-la à corriger.")
            % values,
            offer,
        )


def decided(offer, operation):
    """Tells an owner what became of their listing, and why."""
    recipient = offer.owner
    with translation.override(recipient.language):
        values = {"offer": offer, "why": operation.reason}
        texts = {
            "publish": (
                _("Annonce publiée : %(offer)s"),
                _("Votre annonce « %(offer)s » est sur le site."),
            ),
            "reinstate": (
                _("Annonce rétablie : %(offer)s"),
                _("Votre annonce « %(offer)s » est de nouveau sur le site."),
            ),
            "refuse": (
                _("Annonce à corriger : %(offer)s"),
                _(
                    "Votre annonce « %(offer)s » n’est pas publiée. Motif : %(why)s Corrigez-la, puis"
                    " proposez-la de nouveau."
                ),
            ),
            "suspend": (
                _("Annonce suspendue : %(offer)s"),
                _(
                    "Votre annonce « %(offer)s » a quitté le site. Motif : %(why)s Vous pouvez la remettre en"
                    " brouillon, la corriger et la proposer de nouveau."
                ),
            ),
            "archive": (
                _("Annonce archivée : %(offer)s"),
                _("L’équipe PRATIK a archivé votre annonce « %(offer)s »."),
            ),
            "end": (
                _("Annonce terminée : %(offer)s"),
                _("Le dernier jour de votre annonce « %(offer)s » est passé : elle a quitté le site."),
            ),
        }
        subject, body = texts[operation.verb]
        return _draft(
            recipient,
            NoticeKind.LISTING_DECIDED,
            _about(offer, operation),
            subject % values,
            body % values,
            offer,
        )


def listings_offline(owner, offers, operation):
    """Tells an owner who lost the badge which listings left the site with it."""
    with translation.override(owner.language):
        number = len(offers)
        values = {"number": number, "offers": _listed(offers)}
        return _draft(
            owner,
            NoticeKind.LISTING_OFFLINE,
            str(operation.pk),
            ngettext("%(number)d annonce hors ligne", "%(number)d annonces hors ligne", number) % values,
            ngettext(
                "Votre compte n’est plus vérifié : votre annonce %(offers)s a quitté le site, et aucune"
                " demande ne peut y être acceptée. Elle reviendra d’elle-même quand vos pièces"
                " justificatives seront complètes.",
                "Votre compte n’est plus vérifié : vos annonces %(offers)s ont quitté le site, et aucune"
                " demande ne peut y être acceptée. Elles reviendront d’elles-mêmes quand vos pièces"
                " justificatives seront complètes.",
                number,
            )
            % values,
            owner,
            path=papers_page(),
        )


def listings_online(owner, offers, operation):
    """Tells an owner who has the badge which listings are on the site with it."""
    with translation.override(owner.language):
        number = len(offers)
        values = {"number": number, "offers": _listed(offers)}
        return _draft(
            owner,
            NoticeKind.LISTING_ONLINE,
            str(operation.pk),
            ngettext("%(number)d annonce en ligne", "%(number)d annonces en ligne", number) % values,
            ngettext(
                "Votre compte est vérifié : votre annonce %(offers)s est sur le site.",
                "Votre compte est vérifié : vos annonces %(offers)s sont sur le site.",
                number,
            )
            % values,
            owner,
        )


def _listed(offers):
    return ", ".join(_("« %(offer)s »") % {"offer": offer} for offer in offers)


# What those who have a place hear of their listing


def place_at_risk(request, operation):
    """Tells a student who has a place that the listing left the site."""
    with translation.override(request.student.language):
        values = {"offer": request.offer, "days": _days(request)}
        return _draft(
            request.student,
            NoticeKind.LISTING_OFFLINE,
            _about(request, operation),
            _("« %(offer)s » n’est plus en ligne") % values,
            _(
                "L’annonce « %(offer)s », où vous avez une place %(days)s, a quitté le site. Votre place"
                " n’est pas annulée ; demandez des nouvelles à la personne qui vous a accepté avant de verser"
                " une somme."
            )
            % values,
            request,
        )


def place_safe_again(request, operation, changes=()):
    """Tells a student who has a place that the listing is back on the site, and what changed in it."""
    with translation.override(request.student.language):
        values = {
            "offer": request.offer,
            "days": _days(request),
            "changes": ", ".join(str(name) for name in changes),
        }
        body = (
            _(
                "L’annonce « %(offer)s », où vous avez une place %(days)s, est de nouveau sur le site. Ce qui"
                " y a changé : %(changes)s. Relisez-la : le lien est sur la page de votre demande."
            )
            if changes
            else _("L’annonce « %(offer)s », où vous avez une place %(days)s, est de nouveau sur le site.")
        )
        return _draft(
            request.student,
            NoticeKind.LISTING_ONLINE,
            _about(request, operation),
            _("« %(offer)s » est de nouveau en ligne") % values,
            body % values,
            request,
        )


# Requests


def asked(request, operation):
    """Tells an owner that a student asks for a place, has one by itself, or waits for one."""
    recipient = request.offer.owner
    with translation.override(recipient.language):
        values = {"who": request.student, "offer": request.offer, "days": _days(request)}
        match request.state:
            case RequestState.ACCEPTED:
                subject = _("%(who)s a réservé une place : %(offer)s")
                body = _("%(who)s a une place %(days)s pour « %(offer)s », par réservation immédiate.")
            case RequestState.WAITING:
                subject = _("%(who)s attend une place : %(offer)s")
                body = _(
                    "%(who)s est sur liste d’attente %(days)s pour « %(offer)s », où il n’y a plus de place."
                )
            case _:
                subject = _("%(who)s demande une place : %(offer)s")
                body = _(
                    "%(who)s demande une place %(days)s pour « %(offer)s ». Acceptez ou refusez la demande."
                )
        return _draft(
            recipient,
            NoticeKind.PLACE_ASKED,
            _about(request, operation),
            subject % values,
            body % values,
            request,
        )


def answered(request, operation):
    """Tells a student where their request stands now, and why when it is no."""
    with translation.override(request.student.language):
        values = {"offer": request.offer, "days": _days(request), "why": request.answer}
        texts = {
            RequestState.REQUESTED: (
                _("Une place se libère : %(offer)s"),
                _(
                    "Une place s’est libérée pour « %(offer)s » %(days)s : votre demande a quitté la liste"
                    " d’attente et attend une réponse."
                ),
            ),
            RequestState.ACCEPTED: (
                _("Vous avez une place : %(offer)s"),
                _(
                    "Vous avez une place pour « %(offer)s » %(days)s. Où aller et qui joindre est écrit sur"
                    " la page de votre demande."
                ),
            ),
            RequestState.WAITING: (
                _("Vous êtes sur liste d’attente : %(offer)s"),
                _(
                    "Il n’y a plus de place pour « %(offer)s » %(days)s. Vous êtes sur liste d’attente et"
                    " serez prévenu si une place se libère."
                ),
            ),
            RequestState.DECLINED: (
                _("Votre demande est refusée : %(offer)s"),
                _("Votre demande pour « %(offer)s » %(days)s est refusée. Motif : %(why)s"),
            ),
            RequestState.EXPIRED: (
                _("Votre demande est close : %(offer)s"),
                _("Votre demande pour « %(offer)s » %(days)s est restée sans suite. %(why)s"),
            ),
        }
        subject, body = texts[request.state]
        return _draft(
            request.student,
            NoticeKind.PLACE_ANSWERED,
            _about(request, operation),
            subject % values,
            (body % values).strip(),
            request,
        )


def given_up(request, operation):
    """Tells an owner that a student who had a place, or asked for one, no longer does."""
    recipient = request.offer.owner
    with translation.override(recipient.language):
        values = {"who": request.student, "offer": request.offer, "days": _days(request)}
        return _draft(
            recipient,
            NoticeKind.PLACE_GIVEN_UP,
            _about(request, operation),
            _("%(who)s retire sa demande : %(offer)s") % values,
            _("%(who)s retire sa demande %(days)s pour « %(offer)s ».") % values,
            request,
        )
