from django.db import models
from django.utils.translation import gettext_lazy as _


class SchoolKind(models.TextChoices):
    """What sort of school it is."""

    COLLEGE = "college", _("Collège")
    LYCEE = "lycee", _("Lycée")
    SEGPA = "segpa", _("SEGPA")
    SEP = "sep", _("SEP")
    CFA = "cfa", _("CFA")
    HIGHER = "higher", _("Enseignement supérieur")


class SchoolSector(models.TextChoices):
    PUBLIC = "public", _("Public")
    PRIVATE = "private", _("Privé")


class Civility(models.TextChoices):
    """How a programme manager is addressed."""

    MR = "M.", _("M.")
    MRS = "Mme", _("Mme")
    DR = "Dr", _("Dr")
    PR = "Pr", _("Pr")


class EnrolmentState(models.TextChoices):
    """Whether a student and a school agree that they belong together this school year."""

    PROPOSED = "proposed", _("Attend l’étudiant")
    DECLARED = "declared", _("Attend l’établissement")
    ACTIVE = "active", _("Confirmé")
    REFUSED = "refused", _("Refusé")
    ENDED = "ended", _("Terminé")


ENROLMENT_COLORS = {
    EnrolmentState.PROPOSED: "warning",
    EnrolmentState.DECLARED: "warning",
    EnrolmentState.ACTIVE: "success",
    EnrolmentState.REFUSED: "danger",
    EnrolmentState.ENDED: "default",
}
LIVE_ENROLMENTS = frozenset({EnrolmentState.PROPOSED, EnrolmentState.DECLARED, EnrolmentState.ACTIVE})
