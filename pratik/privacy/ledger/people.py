"""Accounts, their profiles, and who belongs to which organisation."""

from django.utils.translation import gettext_lazy as _

from ..enums import Basis, Fate, Left
from .shape import BLANK, CLOSED, CNIL_CONTACT, KEPT, LINK, RGPD_5_1_E, Line, Rule

PROFILE_KEPT = _("Aussi longtemps que le compte existe ; vidé avec lui.")
MEMBERSHIP = {
    "purpose": _("Savoir qui s’occupe d’une organisation, et lui montrer ce qui la concerne."),
    "basis": Basis.CONTRACT,
    "kept": _("Aussi longtemps que le compte existe ; le lien reste ensuite, sans nom."),
    "source": RGPD_5_1_E,
    "fields": {"user": LINK, "role": KEPT, "is_active": CLOSED},
    "people": ("user",),
}

LINES = (
    Line(
        model="accounts.user",
        title=_("Votre compte"),
        purpose=_("Vous reconnaître, vous ouvrir votre espace et vous écrire."),
        basis=Basis.CONTRACT,
        kept=_(
            "Trois ans après votre dernière connexion ; vous êtes prévenu trente jours avant."
            " Un compte fermé : un an."
        ),
        source=CNIL_CONTACT,
        fields={
            "email": Left.ADDRESS,
            "first_name": BLANK,
            "last_name": Left.PSEUDONYM,
            "phone": BLANK,
            "avatar": BLANK,
            "language": BLANK,
            "wants_email": CLOSED,
            "is_active": CLOSED,
            "last_login": BLANK,
            "verified_by": KEPT,
        },
        people=("pk",),
        secrets=("password",),
        unsaid=("is_superuser",),
        rules=(
            Rule(
                code="idle_accounts",
                title=_("Comptes sans connexion depuis trois ans"),
                since=("last_login", "created_at"),
                months=36,
                fate=Fate.ANONYMISED,
                # A colleague's account is closed by an administrator, never by the calendar.
                only={"is_active": True},
                never={"account_type": "staff"},
                warned_days=30,
            ),
            Rule(
                code="closed_accounts",
                title=_("Comptes fermés depuis un an"),
                since=("last_login", "updated_at"),
                months=12,
                fate=Fate.ANONYMISED,
                only={"is_active": False},
                never={"email__endswith": ".pratik.invalid"},
            ),
        ),
    ),
    Line(
        model="accounts.studentprofile",
        title=_("Votre profil d’étudiant"),
        purpose=_("Rapprocher vos études et vos souhaits des stages proposés."),
        basis=Basis.CONTRACT,
        kept=PROFILE_KEPT,
        source=RGPD_5_1_E,
        fields={
            "user": LINK,
            "diploma": Left.IF_SHARED,
            "level": Left.IF_SHARED,
            "commune": Left.IF_SHARED,
            "year_in_cycle": BLANK,
            "domain": BLANK,
            "status": BLANK,
            "skills": BLANK,
            "bio": BLANK,
            "born_on": BLANK,
            "is_public": CLOSED,
        },
        people=("user",),
    ),
    Line(
        model="accounts.landlordprofile",
        title=_("Votre profil de propriétaire"),
        purpose=_("Proposer un logement à des stagiaires."),
        basis=Basis.CONTRACT,
        kept=PROFILE_KEPT,
        source=RGPD_5_1_E,
        fields={
            "user": LINK,
            "lodging_kind": BLANK,
            "address": BLANK,
            "commune": BLANK,
            "number_of_lodgings": BLANK,
            "description": BLANK,
        },
        people=("user",),
    ),
    Line(
        model="accounts.driverprofile",
        title=_("Votre profil de conducteur"),
        purpose=_("Proposer des trajets partagés à des stagiaires, avec un permis valable."),
        basis=Basis.CONTRACT,
        kept=PROFILE_KEPT,
        source=RGPD_5_1_E,
        fields={
            "user": LINK,
            "vehicle": BLANK,
            "registration_number": BLANK,
            "licence_number": BLANK,
            "licence_expires_on": BLANK,
            "seats": BLANK,
            "commune": BLANK,
        },
        people=("user",),
    ),
    Line(model="schools.schoolmembership", title=_("Vos établissements"), **MEMBERSHIP),
    Line(model="schools.trainingcentermembership", title=_("Vos centres de formation"), **MEMBERSHIP),
    Line(model="partners.companymembership", title=_("Vos entreprises"), **MEMBERSHIP),
    Line(model="partners.recruitermembership", title=_("Vos cabinets de recrutement"), **MEMBERSHIP),
    Line(model="partners.partnermembership", title=_("Vos institutions"), **MEMBERSHIP),
    Line(
        model="schools.programmanager",
        title=_("Vous, comme responsable de stages"),
        purpose=_("Dire aux entreprises à qui s’adresser pour les stages d’une filière."),
        basis=Basis.PUBLIC_TASK,
        kept=_("Aussi longtemps que la personne a ce rôle, puis deux ans."),
        source=_("Code de l’éducation, article L124-1 ; RGPD, article 5(1)(e)"),
        fields={
            "user": LINK,
            "title": BLANK,
            "first_name": BLANK,
            "last_name": Left.PSEUDONYM,
            "email": Left.ADDRESS,
            "phone": BLANK,
            "office_hours": BLANK,
            "is_active": CLOSED,
        },
        people=("user",),
        addresses=("email",),
        rules=(
            Rule(
                code="former_contacts",
                title=_("Responsables de stages partis depuis deux ans"),
                since=("updated_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"is_active": False},
                never={"email__endswith": ".pratik.invalid"},
            ),
        ),
    ),
)
