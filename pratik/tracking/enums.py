from django.db import models
from django.utils.translation import gettext_lazy as _


class FollowState(models.TextChoices):
    """Where a company's wish to follow a student stands. Only an active one shows the company anything."""

    REQUESTED = "requested", _("Attend l’accord de l’étudiant")
    ACTIVE = "active", _("En cours")
    REFUSED = "refused", _("Refusé")
    ENDED = "ended", _("Terminé")


FOLLOW_COLORS = {
    FollowState.REQUESTED: "warning",
    FollowState.ACTIVE: "success",
    FollowState.REFUSED: "danger",
    FollowState.ENDED: "default",
}

# A company has one of these at most for a student.
LIVE_STATES = (FollowState.REQUESTED, FollowState.ACTIVE)


class ChangeKind(models.TextChoices):
    """What of a student's profile is followed. The codes are part of the columns' names: never rename one."""

    LEVEL = "level", _("Niveau")
    DOMAIN = "domain", _("Domaine d’études")
    STATUS = "status", _("Situation")


CHANGE_ICONS = {
    ChangeKind.LEVEL: "school",
    ChangeKind.DOMAIN: "interests",
    ChangeKind.STATUS: "work",
}


class Ground(models.TextChoices):
    """Why a company may ask to follow this student at all."""

    HOSTED = "hosted", _("Accueilli en stage")
    RECOMMENDED = "recommended", _("Recommandé")
    PUBLIC = "public", _("Profil visible des entreprises")


GROUND_COLORS = {Ground.HOSTED: "success", Ground.RECOMMENDED: "primary", Ground.PUBLIC: "info"}
