"""Papers of a placement: their state and the letter that begins their number."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaperState(models.TextChoices):
    """Whether a paper counts, and whether its signed copy is there; the host agrees to amendments alone."""

    MADE = "made", _("Établi")
    AGREED = "agreed", _("Accord donné")
    SIGNED = "signed", _("Signé")
    VOID = "void", _("Annulé")


PAPER_COLORS = {
    PaperState.MADE: "info",
    PaperState.AGREED: "info",
    PaperState.SIGNED: "success",
    PaperState.VOID: "danger",
}
