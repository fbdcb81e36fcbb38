from django.db import models
from django.utils.translation import gettext_lazy as _


class ApplicationState(models.TextChoices):
    """What became of a student's application."""

    RECEIVED = "received", _("Reçue")
    SHORTLISTED = "shortlisted", _("Présélectionnée")
    INTERVIEW = "interview", _("Entretien")
    ACCEPTED = "accepted", _("Acceptée")
    REFUSED = "refused", _("Refusée")
    WITHDRAWN = "withdrawn", _("Retirée")
    EXPIRED = "expired", _("Sans suite")
    REOPENED = "reopened", _("Reprise proposée")


APPLICATION_COLORS = {
    ApplicationState.RECEIVED: "warning",
    ApplicationState.SHORTLISTED: "info",
    ApplicationState.INTERVIEW: "primary",
    ApplicationState.ACCEPTED: "success",
    ApplicationState.REFUSED: "danger",
    ApplicationState.WITHDRAWN: "default",
    ApplicationState.EXPIRED: "default",
    ApplicationState.REOPENED: "warning",
}

# Those that the company has still to answer for good.
OPEN_APPLICATIONS = (
    ApplicationState.RECEIVED,
    ApplicationState.SHORTLISTED,
    ApplicationState.INTERVIEW,
)
# Those that nobody has decided: the company has to answer, or the student to say whether they still come.
UNDECIDED_APPLICATIONS = (*OPEN_APPLICATIONS, ApplicationState.REOPENED)
# Those that may still lead somewhere; a student has one of them for an offer.
LIVE_APPLICATIONS = (*UNDECIDED_APPLICATIONS, ApplicationState.ACCEPTED)
# Those that led nowhere: they are kept for two years at most.
UNSUCCESSFUL_APPLICATIONS = (
    ApplicationState.REFUSED,
    ApplicationState.WITHDRAWN,
    ApplicationState.EXPIRED,
)
# From the interview on the company may write to the student or call them.
REACHABLE_APPLICATIONS = (ApplicationState.INTERVIEW, ApplicationState.ACCEPTED)


class RefusalReason(models.TextChoices):
    """Why a company does not take a student; the student reads it. The codes are kept: never rename one.

    None of them names what a person is (law nº 2008-496): they are about the offer and what was sent.
    """

    FILLED = "filled", _("Toutes les places sont pourvues")
    OTHER_PROFILE = "other_profile", _("Un autre profil correspond mieux à la mission")
    LEVEL = "level", _("Le niveau d’études ne correspond pas à l’offre")
    SKILLS = "skills", _("Il manque des compétences demandées par l’offre")
    DATES = "dates", _("Les dates ne conviennent pas")
    INCOMPLETE = "incomplete", _("La candidature est incomplète")
    CANCELLED = "cancelled", _("L’entreprise renonce à ce stage")
    OTHER = "other", _("Autre motif")
