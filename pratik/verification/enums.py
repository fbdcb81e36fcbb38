from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentType(models.TextChoices):
    """The papers by which somebody proves who they are or what they have."""

    ID_CARD = "id_card", _("Carte d’identité")
    PASSPORT = "passport", _("Passeport")
    PROPERTY_PROOF = "property_proof", _("Justificatif de propriété")
    ADDRESS_PROOF = "address_proof", _("Justificatif de domicile")
    DRIVER_LICENSE = "driver_license", _("Permis de conduire")
    VEHICLE_REGISTRATION = "vehicle_registration", _("Certificat d’immatriculation")
    INSURANCE = "insurance", _("Attestation d’assurance")
    CRIMINAL_RECORD = "criminal_record", _("Extrait de casier judiciaire")


# Seen and noted, never sent or kept as a file.
WITHOUT_FILE = frozenset({DocumentType.CRIMINAL_RECORD})


class DocumentState(models.TextChoices):
    """Where a document stands between the person who sent it and those who check it."""

    PENDING = "pending", _("À examiner")
    APPROVED = "approved", _("Acceptée")
    REJECTED = "rejected", _("Refusée")
    EXPIRED = "expired", _("Expirée")


DOCUMENT_COLORS = {
    DocumentState.PENDING: "warning",
    DocumentState.APPROVED: "success",
    DocumentState.REJECTED: "danger",
    DocumentState.EXPIRED: "default",
}


class Need(models.TextChoices):
    """What is to be proved; one of several documents may prove it."""

    IDENTITY = "identity", _("Identité")
    PROPERTY = "property", _("Propriété du logement")
    ADDRESS = "address", _("Domicile")
    LICENSE = "license", _("Permis de conduire")
    VEHICLE = "vehicle", _("Véhicule")
    INSURANCE = "insurance", _("Assurance")
    RECORD = "record", _("Casier judiciaire")


class RejectionReason(models.TextChoices):
    """Why a document is not accepted. The codes are kept for years: never rename one."""

    UNREADABLE = "unreadable", _("Document illisible")
    WRONG_DOCUMENT = "wrong_document", _("Ce n’est pas le document demandé")
    EXPIRED = "expired", _("Document périmé")
    NAME_DIFFERS = "name_differs", _("Le nom n’est pas celui du compte")
    INCOMPLETE = "incomplete", _("Document incomplet")
    TOO_OLD = "too_old", _("Document trop ancien")
    FORGERY = "forgery", _("Doute sur l’authenticité")
    OTHER = "other", _("Autre motif")


# What the person is asked to do then.
REMEDIES = {
    RejectionReason.UNREADABLE: _(
        "Envoyez une photo ou une numérisation nette, sans reflet, de tout le document."
    ),
    RejectionReason.WRONG_DOCUMENT: _("Envoyez le document demandé."),
    RejectionReason.EXPIRED: _("Envoyez un document en cours de validité."),
    RejectionReason.NAME_DIFFERS: _("Envoyez un document à votre nom, ou corrigez le nom de votre compte."),
    RejectionReason.INCOMPLETE: _("Envoyez toutes les pages, recto et verso."),
    RejectionReason.TOO_OLD: _("Envoyez un document plus récent."),
    RejectionReason.FORGERY: _("Écrivez à l’équipe PRATIK, %(contact)s, avant d’envoyer un autre document."),
    RejectionReason.OTHER: _("Envoyez un autre document."),
}


def remedy(reason):
    """What a person is asked to do about a refusal, in the language of the moment."""
    return REMEDIES[reason] % {"contact": settings.CONTACT_EMAIL}
