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
