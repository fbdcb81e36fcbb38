from django.db import models
from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import Role

# Those of the team who read a listing before it is public.
MODERATORS = frozenset({Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER})


class OfferState(models.TextChoices):
    """Where a lodging or a trip stands between its owner and the public.

    Whether visitors see it is derived, never kept: published, its owner verified, and not over.
    """

    DRAFT = "draft", _("Brouillon")
    SUBMITTED = "submitted", _("À examiner")
    PUBLISHED = "published", _("Publiée")
    SUSPENDED = "suspended", _("Suspendue")
    ARCHIVED = "archived", _("Archivée")


OFFER_COLORS = {
    OfferState.DRAFT: "default",
    OfferState.SUBMITTED: "warning",
    OfferState.PUBLISHED: "success",
    OfferState.SUSPENDED: "danger",
    OfferState.ARCHIVED: "default",
}


class RequestState(models.TextChoices):
    """What became of a student's request for a place or a seat."""

    REQUESTED = "requested", _("En attente de réponse")
    WAITING = "waiting", _("Sur liste d’attente")
    ACCEPTED = "accepted", _("Acceptée")
    DECLINED = "declined", _("Refusée")
    WITHDRAWN = "withdrawn", _("Retirée")
    EXPIRED = "expired", _("Sans suite")
    OVER = "over", _("Terminée")


REQUEST_COLORS = {
    RequestState.REQUESTED: "warning",
    RequestState.WAITING: "info",
    RequestState.ACCEPTED: "success",
    RequestState.DECLINED: "danger",
    RequestState.WITHDRAWN: "default",
    RequestState.EXPIRED: "default",
    RequestState.OVER: "default",
}

# Requests that may still lead somewhere; a student has one of them for an offer.
LIVE_STATES = (RequestState.REQUESTED, RequestState.WAITING, RequestState.ACCEPTED)
# Those that nobody has answered for good.
OPEN_STATES = (RequestState.REQUESTED, RequestState.WAITING)


class Weekday(models.TextChoices):
    """The days of the week as ISO 8601 numbers them."""

    MONDAY = "1", _("Lundi")
    TUESDAY = "2", _("Mardi")
    WEDNESDAY = "3", _("Mercredi")
    THURSDAY = "4", _("Jeudi")
    FRIDAY = "5", _("Vendredi")
    SATURDAY = "6", _("Samedi")
    SUNDAY = "7", _("Dimanche")
