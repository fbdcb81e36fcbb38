"""Placements: where they stand, and who ended them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlacementState(models.TextChoices):
    """Where a placement stands between its first draft and its last day."""

    DRAFTED = "drafted", _("À préparer")
    HOST_AGREED = "host_agreed", _("Accord de l’organisme d’accueil")
    SCHOOL_AGREED = "school_agreed", _("Accord de l’établissement")
    SIGNED = "signed", _("Convention signée")
    RUNNING = "running", _("En cours")
    COMPLETED = "completed", _("Terminé")
    INTERRUPTED = "interrupted", _("Interrompu")
    CANCELLED = "cancelled", _("Annulé")


PLACEMENT_COLORS = {
    PlacementState.DRAFTED: "warning",
    PlacementState.HOST_AGREED: "info",
    PlacementState.SCHOOL_AGREED: "info",
    PlacementState.SIGNED: "primary",
    PlacementState.RUNNING: "success",
    PlacementState.COMPLETED: "default",
    PlacementState.INTERRUPTED: "danger",
    PlacementState.CANCELLED: "default",
}

# The host said yes, and nobody has called it off since: what counts against its quota.
AGREED_STATES = frozenset(
    {
        PlacementState.HOST_AGREED,
        PlacementState.SCHOOL_AGREED,
        PlacementState.SIGNED,
        PlacementState.RUNNING,
        PlacementState.COMPLETED,
        PlacementState.INTERRUPTED,
    }
)
# The intern came to the host.
HOSTED_STATES = frozenset({PlacementState.RUNNING, PlacementState.COMPLETED, PlacementState.INTERRUPTED})
BEFORE_SIGNATURE = frozenset(
    {PlacementState.DRAFTED, PlacementState.HOST_AGREED, PlacementState.SCHOOL_AGREED}
)
BEFORE_START = BEFORE_SIGNATURE | {PlacementState.SIGNED}


class EndedBy(models.TextChoices):
    """Who ended a placement before its last day."""

    INTERN = "intern", _("Le stagiaire")
    HOST = "host", _("L’organisme d’accueil")
    SCHOOL = "school", _("L’établissement")


class Relation(models.TextChoices):
    """What a legal representative is to a person under age."""

    MOTHER = "mother", _("Mère")
    FATHER = "father", _("Père")
    GUARDIAN = "guardian", _("Tuteur ou tutrice")
    OTHER = "other", _("Autre représentant légal")
