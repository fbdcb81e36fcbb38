from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessKind(models.TextChoices):
    """What the journal of accesses tells. The codes are kept for years: never rename one."""

    SIGN_IN = "sign_in", _("Connexion")
    SIGN_IN_FAILED = "sign_in_failed", _("Échec de connexion")
    LOCKED_OUT = "locked_out", _("Blocage après trop d’essais")
    SIGN_OUT = "sign_out", _("Déconnexion")
    SESSIONS_ENDED = "sessions_ended", _("Fermeture d’autres sessions")
    SECOND_FACTOR_ON = "second_factor_on", _("Second facteur activé")
    SECOND_FACTOR_OFF = "second_factor_off", _("Second facteur retiré")
    SECOND_FACTOR_FAILED = "second_factor_failed", _("Échec du second facteur")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Codes de secours créés")
    RECOVERY_CODE_USED = "recovery_code_used", _("Code de secours utilisé")
    PASSWORD_CHANGED = "password_changed", _("Mot de passe changé")
    PASSWORD_RESET_ASKED = "password_reset_asked", _("Mot de passe oublié")
    PASSWORD_RESET = "password_reset", _("Mot de passe remplacé")
    SIGN_UP = "sign_up", _("Inscription")
    INVITATION_SENT = "invitation_sent", _("Invitation envoyée")
    INVITATION_ACCEPTED = "invitation_accepted", _("Invitation acceptée")
    MEMBERSHIP_CHANGED = "membership_changed", _("Adhésion changée")
    ROLE_CHANGED = "role_changed", _("Droits changés")
    EMAIL_CHANGED = "email_changed", _("Adresse e-mail changée")
    ACCOUNT_OPENED = "account_opened", _("Compte ouvert")
    ACCOUNT_CLOSED = "account_closed", _("Compte fermé")
    IMPERSONATION_STARTED = "impersonation_started", _("Au nom d’un autre\u00a0: début")
    IMPERSONATION_ENDED = "impersonation_ended", _("Au nom d’un autre\u00a0: fin")
    IMPERSONATION_REFUSED = "impersonation_refused", _("Au nom d’un autre\u00a0: refus")
    EXPORT = "export", _("Export de données")
    FILE_OPENED = "file_opened", _("Fichier ouvert")
    DATA_DOWNLOADED = "data_downloaded", _("Données personnelles téléchargées")
    ERASURE_ASKED = "erasure_asked", _("Effacement demandé")
    ERASURE_DONE = "erasure_done", _("Effacement fait")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("Accord retiré")


ACCESS_COLORS = dict.fromkeys(AccessKind, "info") | {
    AccessKind.SIGN_IN: "success",
    AccessKind.SIGN_OUT: "default",
    AccessKind.SIGN_IN_FAILED: "warning",
    AccessKind.SECOND_FACTOR_FAILED: "warning",
    AccessKind.SECOND_FACTOR_OFF: "warning",
    AccessKind.LOCKED_OUT: "danger",
    AccessKind.ROLE_CHANGED: "warning",
    AccessKind.EMAIL_CHANGED: "warning",
    AccessKind.ACCOUNT_CLOSED: "warning",
    AccessKind.IMPERSONATION_STARTED: "danger",
    AccessKind.IMPERSONATION_ENDED: "default",
    AccessKind.IMPERSONATION_REFUSED: "danger",
    AccessKind.ERASURE_DONE: "danger",
}


class ImpersonationEnd(models.TextChoices):
    """How acting in somebody's name ended."""

    RETURNED = "returned", _("Retour à son compte")
    SIGNED_OUT = "signed_out", _("Déconnexion")
    EXPIRED = "expired", _("Temps écoulé")
    NO_LONGER_ALLOWED = "no_longer_allowed", _("Droit perdu en cours de route")
