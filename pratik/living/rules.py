"""May it? Pure functions: days, ceilings and what is taken are passed in, answers explain themselves."""

import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.enums import Role
from pratik.core.calendar import day_label

from .enums import OfferState, RequestState

PUBLISHERS = frozenset({Role.LANDLORD, Role.DRIVER})
# An internship lasts six months at most (code de l'éducation, article L124-5); a year leaves room around it.
LONGEST = datetime.timedelta(days=366)


def can_publish_listing(user):
    """Whether a person may have lodgings or trips online: a landlord or driver whose badge holds today."""
    return user.is_active and user.role in PUBLISHERS and user.is_verified


def publication_refusal(offer, *, today, ceilings=()):
    """Why a listing is not to be on the site; None when it may. The owner must be loaded.

    `ceilings` are those of the sharing of costs, the latest first; only trips ask for them.
    """
    if not can_publish_listing(offer.owner):
        return _("%(who)s n’est pas vérifié : ses pièces justificatives ne sont pas complètes.") % {
            "who": offer.owner
        }
    if offer.is_over_on(today):
        return _("Le dernier jour de cette annonce est passé : archivez-la.")
    return offer.cost_refusal(next((row for row in ceilings if row.from_on <= today), None))


# Asking


def asking_refusal(student, *, live, open_requests, most):
    """Why a person asks for nothing now: `live` says that they have asked for this already."""
    if student.role != Role.STUDENT:
        return _("Seuls les étudiants demandent un logement ou un trajet.")
    if live:
        return _("Vous avez déjà une demande en cours pour cette annonce.")
    if open_requests >= most:
        return ngettext(
            "Vous avez déjà %(number)d demande en attente : retirez-en une d’abord.",
            "Vous avez déjà %(number)d demandes en attente : retirez-en une d’abord.",
            open_requests,
        ) % {"number": open_requests}
    return None


def stay_errors(offer, *, from_on, until_on, today):
    """What is wrong with the days asked of a lodging, as {field: ValidationError}."""
    if errors := _period_errors(from_on, until_on, today):
        return errors
    if until_on == from_on:
        return _wrong("until_on", _("Le départ doit suivre l’arrivée."), "no_night")
    if from_on < offer.available_from:
        return _wrong(
            "from_on",
            _("Ce logement est libre à partir du %(day)s.") % {"day": day_label(offer.available_from)},
            "too_early",
        )
    if offer.available_until and until_on > offer.available_until:
        return _wrong(
            "until_on",
            _("Ce logement est libre jusqu’au %(day)s.") % {"day": day_label(offer.available_until)},
            "too_late",
        )
    return {}


def ride_errors(offer, *, from_on, until_on, days, today):
    """What is wrong with the days asked of a trip: `days` are single ones of a trip on single days, the other
    two bound a stretch of a regular trip.
    """
    if not offer.is_regular:
        strange = sorted(set(days) - set(offer.single_days))
        if not days:
            return _wrong("days", _("Choisissez une ou plusieurs dates du trajet."), "no_day")
        if strange:
            return _wrong(
                "days",
                _("Le trajet n’a pas lieu le %(day)s.") % {"day": day_label(strange[0])},
                "not_running",
            )
        if min(days) < today:
            return _wrong("days", _("Ce jour est passé."), "past")
        return {}
    if days:
        return _wrong("days", _("Ce trajet est régulier : indiquez une période."), "regular")
    if errors := _period_errors(from_on, until_on, today):
        return errors
    if not offer.trip_days(from_on, until_on):
        return _wrong("from_on", _("Le trajet n’a lieu aucun de ces jours."), "not_running")
    if offer.ends_on and until_on > offer.ends_on:
        return _wrong(
            "until_on", _("Le dernier trajet est le %(day)s.") % {"day": day_label(offer.ends_on)}, "too_late"
        )
    return {}


def _period_errors(from_on, until_on, today):
    errors = {
        name: ValidationError(_("Indiquez cette date."), code="missing")
        for name, day in (("from_on", from_on), ("until_on", until_on))
        if day is None
    }
    if errors:
        return errors
    if from_on < today:
        return _wrong("from_on", _("Ce jour est passé."), "past")
    if until_on < from_on:
        return _wrong("until_on", _("Le dernier jour précède le premier."), "backwards")
    if until_on - from_on > LONGEST:
        return _wrong("until_on", _("Demandez un an au plus."), "too_long")
    return {}


def _wrong(field, why, code):
    return {field: ValidationError(why, code=code)}


# Answering


def acceptance_refusal(request, offer, *, accepted):
    """Why a request is not accepted now; `accepted` are those that were. The offer's owner must be loaded."""
    if not offer.is_online:
        return offline_reason(offer)
    if not request.student.is_active:
        return _("Le compte de cette personne est fermé.")
    if not offer.has_room_for(request, accepted):
        return _("Il n’y a plus de place ces jours-là : la demande va sur liste d’attente.")
    return None


def offline_reason(offer):
    """Why a listing is not on the site, for its owner."""
    if offer.state != OfferState.PUBLISHED:
        return _("Cette annonce n’est pas publiée.")
    if not can_publish_listing(offer.owner):
        return _("Cette annonce est hors ligne : vos pièces justificatives ne sont plus complètes.")
    return _("Cette annonce est terminée.")


def moving_up(offer, waiting, accepted):
    """Which of those who wait, in their order, have room now that a place is free.

    Each that has takes it, so that whoever asked later does not pass before who fits.
    """
    taken, found = list(accepted), []
    for request in waiting:
        if request.state == RequestState.WAITING and offer.has_room_for(request, taken):
            taken.append(request)
            found.append(request)
    return found
