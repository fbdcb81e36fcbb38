from django.db import models
from django.utils.translation import gettext_lazy as _


class OperationKind(models.TextChoices):
    """What sort of writing an operation was. The codes are kept for years: never rename one."""

    CREATE = "create", _("Création")
    EDIT = "edit", _("Modification")
    DELETE = "delete", _("Suppression")
    IMPORT = "import", _("Import de fichier")
    TRANSITION = "transition", _("Changement d’état")
    UNDO = "undo", _("Annulation")
    REVERT = "revert", _("Retour en arrière")
    SETUP = "setup", _("Mise en place")
    ERASURE = "erasure", _("Effacement")


OPERATION_COLORS = {
    OperationKind.CREATE: "success",
    OperationKind.EDIT: "info",
    OperationKind.DELETE: "danger",
    OperationKind.IMPORT: "primary",
    OperationKind.TRANSITION: "info",
    OperationKind.UNDO: "warning",
    OperationKind.REVERT: "warning",
    OperationKind.SETUP: "default",
    OperationKind.ERASURE: "danger",
}


class HistoryType(models.TextChoices):
    """What one line of history tells; the values are django-simple-history's."""

    CREATED = "+", _("créée")
    CHANGED = "~", _("modifiée")
    DELETED = "-", _("supprimée")


class RunState(models.TextChoices):
    """How far the cluster is with a file that is too long to be waited for."""

    WAITING = "waiting", _("en attente")
    READING = "reading", _("lecture en cours")
    READY = "ready", _("à confirmer")
    WRITING = "writing", _("écriture en cours")
    DONE = "done", _("importé")
    CANCELLED = "cancelled", _("annulé")
    REFUSED = "refused", _("fichier refusé")
    FAILED = "failed", _("interrompu par une erreur")


RUN_COLORS = {
    RunState.WAITING: "info",
    RunState.READING: "info",
    RunState.READY: "warning",
    RunState.WRITING: "info",
    RunState.DONE: "success",
    RunState.CANCELLED: "default",
    RunState.REFUSED: "danger",
    RunState.FAILED: "danger",
}
RUNS_UNDER_WAY = (RunState.WAITING, RunState.READING, RunState.WRITING)


class ShownRow(models.TextChoices):
    """Why a row of a file is kept until its sender has looked at it."""

    CREATED = "created", _("à créer")
    UPDATED = "updated", _("à modifier")
    REFUSED = "refused", _("refusée")
    WARNED = "warned", _("à vérifier")
