from django.db import models
from django.utils.translation import gettext_lazy as _

# The address of an account that was erased ends with this. Nobody can receive mail there: the ending is
# reserved for what does not exist (RFC 2606).
ERASED_DOMAIN = "@efface.pratik.invalid"


class AccountType(models.TextChoices):
    """Who an account belongs to."""

    STAFF = "staff", _("Équipe PRATIK")
    STUDENT = "student", _("Étudiant")
    COMPANY = "company", _("Entreprise")
    SCHOOL = "school", _("Établissement scolaire")
    TRAINING_CENTER = "training_center", _("Centre de formation")
    RECRUITER = "recruiter", _("Recruteur")
    LANDLORD = "landlord", _("Propriétaire")
    DRIVER = "driver", _("Conducteur")
    PARTNER = "partner", _("Partenaire institutionnel")


class StaffRole(models.TextChoices):
    """What a member of the platform's team does."""

    ADMINISTRATOR = "administrator", _("Administrateur")
    EDITOR = "editor", _("Éditeur")
    VERIFIER = "verifier", _("Vérificateur")
    AUDITOR = "auditor", _("Auditeur (lecture seule)")


class Role(models.TextChoices):
    """One row of the table of rights: a staff role, or the type of an account."""

    ANONYMOUS = "anonymous", _("Visiteur")
    ADMINISTRATOR = StaffRole.ADMINISTRATOR.value, StaffRole.ADMINISTRATOR.label
    EDITOR = StaffRole.EDITOR.value, StaffRole.EDITOR.label
    VERIFIER = StaffRole.VERIFIER.value, StaffRole.VERIFIER.label
    AUDITOR = StaffRole.AUDITOR.value, StaffRole.AUDITOR.label
    STUDENT = AccountType.STUDENT.value, AccountType.STUDENT.label
    COMPANY = AccountType.COMPANY.value, AccountType.COMPANY.label
    SCHOOL = AccountType.SCHOOL.value, AccountType.SCHOOL.label
    TRAINING_CENTER = AccountType.TRAINING_CENTER.value, AccountType.TRAINING_CENTER.label
    RECRUITER = AccountType.RECRUITER.value, AccountType.RECRUITER.label
    LANDLORD = AccountType.LANDLORD.value, AccountType.LANDLORD.label
    DRIVER = AccountType.DRIVER.value, AccountType.DRIVER.label
    PARTNER = AccountType.PARTNER.value, AccountType.PARTNER.label


STAFF_ROLES = frozenset({Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER, Role.AUDITOR})
# Those who keep the data of the whole platform.
KEEPERS = frozenset({Role.ADMINISTRATOR, Role.EDITOR})

ACCOUNT_COLORS = {AccountType.STAFF: "primary", AccountType.SCHOOL: "info", AccountType.COMPANY: "success"}


class VerificationState(models.TextChoices):
    """Whether people of the platform have checked who is behind an account."""

    UNVERIFIED = "unverified", _("À vérifier")
    VERIFIED = "verified", _("Vérifié")
    REVOKED = "revoked", _("Vérification retirée")


VERIFICATION_COLORS = {
    VerificationState.UNVERIFIED: "warning",
    VerificationState.VERIFIED: "success",
    VerificationState.REVOKED: "danger",
}


class StudentStatus(models.TextChoices):
    STUDYING = "studying", _("En études")
    EMPLOYED = "employed", _("En emploi")
    AVAILABLE = "available", _("Disponible")
    SEEKING = "seeking", _("En recherche")


class LodgingKind(models.TextChoices):
    ROOM = "room", _("Chambre chez l’habitant")
    STUDIO = "studio", _("Studio")
    FLAT = "flat", _("Appartement")
    HOUSE = "house", _("Maison")


class MembershipRole(models.TextChoices):
    MANAGER = "manager", _("Responsable")
    MEMBER = "member", _("Membre")


def role_of(user):
    """The line of the table of rights that applies to a person, signed in or not."""
    return getattr(user, "role", Role.ANONYMOUS)
