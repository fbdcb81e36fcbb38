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
