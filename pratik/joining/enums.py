from django.db import models
from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import AccountType, Role

# Accounts that act for an organisation, which they become members of.
ORGANISATION_TYPES = (
    AccountType.SCHOOL,
    AccountType.TRAINING_CENTER,
    AccountType.COMPANY,
    AccountType.RECRUITER,
    AccountType.PARTNER,
)
ORGANISATION_ROLES = frozenset(Role(kind) for kind in ORGANISATION_TYPES)
# Those of the team who say whether a person belongs to an organisation, and whether it exists.
ANSWERERS = frozenset({Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER})


class RequestState(models.TextChoices):
    """What became of a request to join an organisation."""

    REQUESTED = "requested", _("En attente")
    ACCEPTED = "accepted", _("Acceptée")
    REFUSED = "refused", _("Refusée")
    WITHDRAWN = "withdrawn", _("Retirée")


REQUEST_COLORS = {
    RequestState.REQUESTED: "warning",
    RequestState.ACCEPTED: "success",
    RequestState.REFUSED: "danger",
    RequestState.WITHDRAWN: "default",
}


class DraftState(models.TextChoices):
    """What became of an organisation that somebody asked to add."""

    SUBMITTED = "submitted", _("À valider")
    ACCEPTED = "accepted", _("Accepté")
    REFUSED = "refused", _("Refusé")
    WITHDRAWN = "withdrawn", _("Retiré")


DRAFT_COLORS = {
    DraftState.SUBMITTED: "warning",
    DraftState.ACCEPTED: "success",
    DraftState.REFUSED: "danger",
    DraftState.WITHDRAWN: "default",
}


class InvitationState(models.TextChoices):
    """What became of an invitation. That one has expired follows from the clock (`EXPIRED`)."""

    SENT = "sent", _("Envoyée")
    ACCEPTED = "accepted", _("Acceptée")
    REVOKED = "revoked", _("Révoquée")


EXPIRED = "expired"
# What is shown: the states, and that an invitation that was sent has expired.
SHOWN_STATES = {**dict(InvitationState.choices), EXPIRED: _("Expirée")}
INVITATION_COLORS = {
    InvitationState.SENT: "info",
    InvitationState.ACCEPTED: "success",
    InvitationState.REVOKED: "default",
    EXPIRED: "warning",
}
