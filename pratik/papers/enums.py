from django.db import models
from django.utils.translation import gettext_lazy as _


class PaperKind(models.TextChoices):
    """The documents that are made from a template."""

    AGREEMENT = "agreement", _("Convention")
    AMENDMENT = "amendment", _("Avenant")
    CERTIFICATE = "certificate", _("Attestation")
    RECOMMENDATION = "recommendation", _("Recommandation")


class Audience(models.TextChoices):
    """Which placements a template is for, named as kinds of placement are; blank is for all."""

    INTERNSHIP = "internship", _("Stage")
    WORK_PLACEMENT_PERIOD = "work_placement_period", _("PFMP")
    OBSERVATION = "observation", _("Séquence d’observation")


class TemplateState(models.TextChoices):
    """Where a template stands: being written, used for new documents, or kept for the old ones."""

    DRAFT = "draft", _("Brouillon")
    ACTIVE = "active", _("En vigueur")
    RETIRED = "retired", _("Retiré")


TEMPLATE_COLORS = {
    TemplateState.DRAFT: "warning",
    TemplateState.ACTIVE: "success",
    TemplateState.RETIRED: "default",
}
