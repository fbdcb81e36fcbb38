from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pratik.law.enums import InternshipKind

INTERNSHIP_KIND_COLORS = {
    InternshipKind.INTERNSHIP: "primary",
    InternshipKind.WORK_PLACEMENT_PERIOD: "info",
    InternshipKind.OBSERVATION: "default",
}


class OfferState(models.TextChoices):
    """Where an offer stands between its company and the public.

    Whether people may still apply is derived, never kept: published, and its last day not over.
    """

    DRAFT = "draft", _("Brouillon")
    SUBMITTED = "submitted", _("À examiner")
    PUBLISHED = "published", _("Publiée")
    FILLED = "filled", _("Pourvue")
    CLOSED = "closed", pgettext_lazy("offre", "Close")
    ARCHIVED = "archived", _("Archivée")


OFFER_COLORS = {
    OfferState.DRAFT: "default",
    OfferState.SUBMITTED: "warning",
    OfferState.PUBLISHED: "success",
    OfferState.FILLED: "info",
    OfferState.CLOSED: "default",
    OfferState.ARCHIVED: "default",
}

# Offers whose applications are answered: what students applied for is not being changed.
ANSWERING_STATES = (OfferState.PUBLISHED, OfferState.FILLED, OfferState.CLOSED)
