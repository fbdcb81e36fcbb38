from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Basis(models.TextChoices):
    """Why personal data may be used at all: the six grounds of article 6(1) of the GDPR."""

    CONSENT = "a", _("Consentement")
    CONTRACT = "b", _("Exécution du contrat")
    OBLIGATION = "c", _("Obligation légale")
    VITAL = "d", _("Intérêts vitaux")
    PUBLIC_TASK = "e", _("Mission d’intérêt public")
    LEGITIMATE = "f", _("Intérêt légitime")


class Fate(models.TextChoices):
    """What becomes of data whose time is over."""

    REMOVED = "removed", _("Supprimées")
    ANONYMISED = "anonymised", _("Anonymisées")


class OnErasure(models.TextChoices):
    """What an erasure does to the rows that are about a person."""

    SCRUBBED = "scrubbed", _("Vidées de ce qui identifie")
    REMOVED = "removed", _("Supprimées")


class RequestState(models.TextChoices):
    """Where a request to erase somebody's data stands."""

    RECEIVED = "received", _("À traiter")
    EXTENDED = "extended", _("Délai prolongé")
    DONE = "done", _("Données effacées")
    REFUSED = "refused", _("Refusée")
    WITHDRAWN = "withdrawn", _("Retirée")


OPEN_STATES = (RequestState.RECEIVED, RequestState.EXTENDED)

REQUEST_COLORS = {
    RequestState.RECEIVED: "warning",
    RequestState.EXTENDED: "info",
    RequestState.DONE: "success",
    RequestState.REFUSED: "danger",
    RequestState.WITHDRAWN: "default",
}


class Left(models.TextChoices):
    """What an erasure leaves in one column."""

    BLANK = "blank", _("rien")
    PSEUDONYM = "pseudonym", _("un pseudonyme")
    ADDRESS = "address", _("une adresse qui ne mène nulle part")
    CLOSED = "closed", _("non")
    IF_SHARED = "if_shared", _("la valeur, si assez d’autres personnes la partagent")
    LINK = "link", _("le lien vers le compte, devenu anonyme")
    KEPT = "kept", _("la valeur, qui ne désigne plus personne")


class Said(StrEnum):
    """How a value that machines wrote is said to people."""

    NOT = "not"
    # The header by which a browser presents itself.
    AS_DEVICE = "device"
    # The name of a model.
    AS_MODEL = "model"
    # The verb of a workflow; the column `subject` beside it names the model.
    AS_VERB = "verb"
