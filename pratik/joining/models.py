import datetime
import secrets
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from pratik.accounts.enums import AccountType, MembershipRole, StaffRole
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.partners.models import CompanyProfile, PartnerProfile, RecruiterProfile
from pratik.reference.identifiers import (
    read_siret,
    read_uai,
    validate_postcode,
    validate_siret,
    validate_uai,
)
from pratik.reference.models import Commune
from pratik.schools.enums import SchoolKind
from pratik.schools.models import SchoolProfile, TrainingCenterProfile

from .enums import EXPIRED, ORGANISATION_TYPES, SHOWN_STATES, DraftState, InvitationState, RequestState
from .querysets import (
    InvitationQuerySet,
    JoinRequestQuerySet,
    OrganisationDraftQuerySet,
    SignUpQuerySet,
)
from .workflow import INVITATION, JOIN_REQUEST, ORGANISATION_DRAFT

CODE_DIGITS = 6
CODE_LIFE = datetime.timedelta(minutes=5)
CODE_TRIES = 3
INVITATION_LIFE = datetime.timedelta(days=7)
INVITATION_SALT = "pratik.joining.invitation"

ORGANISATION_CHOICES = [(kind.value, kind.label) for kind in ORGANISATION_TYPES]
JOINING_CHOICES = [choice for choice in AccountType.choices if choice[0] != AccountType.STAFF]


@dataclass(frozen=True)
class OrganisationKind:
    """One kind of organisation: its table, and the official number that it is known by."""

    model: type
    identifier: str

    @property
    def membership(self):
        """The table of its members."""
        return self.model._meta.get_field("memberships").related_model

    def read(self, typed):
        """The official number as it is stored. Raises `ValidationError` with a sentence."""
        return {"uai": read_uai, "siret": read_siret}[self.identifier](typed)

    def known_by(self, numbers):
        """The organisations that have one of these numbers."""
        return self.model.objects.filter(**{f"{self.identifier}__in": numbers})


KINDS = {
    AccountType.SCHOOL: OrganisationKind(SchoolProfile, "uai"),
    AccountType.TRAINING_CENTER: OrganisationKind(TrainingCenterProfile, "siret"),
    AccountType.COMPANY: OrganisationKind(CompanyProfile, "siret"),
    AccountType.RECRUITER: OrganisationKind(RecruiterProfile, "siret"),
    AccountType.PARTNER: OrganisationKind(PartnerProfile, "siret"),
}


def read_claim(kind, identifier, name):
    """The number and the name of the organisation that a person says they act for, as they are stored.

    Raises `ValidationError` for `identifier` and `organisation_name`, both at once when both are wrong.
    """
    errors = {}
    try:
        identifier = kind.read(identifier)
    except ValidationError as error:
        errors["identifier"] = error
    # « … » and nothing else would be no name.
    if not fold(name):
        errors["organisation_name"] = ValidationError(_("Écrivez le nom de l’organisme."), code="blank")
    if errors:
        raise ValidationError(errors)
    return identifier, " ".join(name.split())


def new_nonce():
    """What makes a code or a link of its own, and the one before it worthless."""
    return secrets.token_hex(16)


class SignUp(models.Model):
    """Somebody who asks for an account and has not yet shown that the address is theirs.

    The account does not exist until then. The code is not kept: it follows from the row's key, its nonce
    and the secret key of the platform, so that who reads the database can't tell it. A new nonce makes a new
    code and kills the old one. Rows are kept for a day.
    """

    email = models.EmailField(gettext_lazy("adresse e-mail"), db_index=True)
    password = models.CharField(gettext_lazy("empreinte du mot de passe"), max_length=128)
    account_type = models.CharField(gettext_lazy("type de compte"), max_length=20, choices=JOINING_CHOICES)
    first_name = models.CharField(gettext_lazy("prénom"), max_length=100)
    last_name = models.CharField(gettext_lazy("nom de famille"), max_length=100)
    # As typed, spaces and all, until `clean` has read it.
    identifier = models.CharField(gettext_lazy("UAI ou SIRET"), max_length=40, blank=True)
    organisation_name = models.CharField(gettext_lazy("nom de l’organisme"), max_length=200, blank=True)
    message = models.TextField(gettext_lazy("message"), blank=True, max_length=1000)
    language = models.CharField(
        gettext_lazy("langue"), max_length=2, choices=settings.LANGUAGES, default="fr"
    )
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    attempts = models.PositiveSmallIntegerField(gettext_lazy("essais du code"), default=0)
    created_at = models.DateTimeField(gettext_lazy("demandé le"), default=timezone.now)
    code_sent_at = models.DateTimeField(gettext_lazy("code envoyé le"), default=timezone.now, db_index=True)
    codes_sent = models.PositiveSmallIntegerField(gettext_lazy("codes envoyés"), default=1)
    mailed_at = models.DateTimeField(gettext_lazy("e-mail parti le"), null=True, editable=False)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("inscription en cours")
        verbose_name_plural = gettext_lazy("inscriptions en cours")
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.email

    def clean(self):
        """An organisation has a right number and a name; a person has neither."""
        kind = self.kind
        if kind is None:
            self.identifier = self.organisation_name = self.message = ""
            return
        self.identifier, self.organisation_name = read_claim(kind, self.identifier, self.organisation_name)

    @property
    def kind(self):
        """The kind of organisation that the account acts for, or None."""
        return KINDS.get(self.account_type)

    @property
    def expires_at(self):
        """When the present code serves no longer."""
        return self.code_sent_at + CODE_LIFE

    @property
    def code(self):
        """The code that the present mail carries: six digits."""
        digest = salted_hmac("pratik.joining.code", f"{self.pk}:{self.nonce}", algorithm="sha256").digest()
        return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _organisation_field(model, name):
    return models.ForeignKey(
        model,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=name,
    )


def _only(kind):
    """The condition that the organisation is of this kind, or that there is none."""
    others = [Q(**{other: None}) for other in ORGANISATION_TYPES if other != kind]
    return reduce(and_, others, Q() if kind is None else ~Q(**{kind: None}))


class OfOrganisation(BusinessModel):
    """A row about one organisation of whatever kind; each kind has a column, named as its account type."""

    school = _organisation_field(SchoolProfile, gettext_lazy("établissement"))
    training_center = _organisation_field(TrainingCenterProfile, gettext_lazy("centre de formation"))
    company = _organisation_field(CompanyProfile, gettext_lazy("entreprise"))
    recruiter = _organisation_field(RecruiterProfile, gettext_lazy("cabinet de recrutement"))
    partner = _organisation_field(PartnerProfile, gettext_lazy("partenaire institutionnel"))

    class Meta:
        abstract = True

    @property
    def organisation_type(self):
        """The account type of the organisation's members, or None without an organisation."""
        return next((kind for kind in ORGANISATION_TYPES if getattr(self, f"{kind}_id")), None)

    @property
    def organisation(self):
        """The organisation that the row is about, or None."""
        kind = self.organisation_type
        return getattr(self, kind) if kind else None

    @property
    def organisation_id(self):
        kind = self.organisation_type
        return getattr(self, f"{kind}_id") if kind else None


class JoinRequest(OfOrganisation):
    """A person asks to become a member of an organisation that the platform knows."""

    natural_key_fields = ("user", *ORGANISATION_TYPES)
    workflow = JOIN_REQUEST

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="join_requests",
        verbose_name=gettext_lazy("personne"),
    )
    message = models.TextField(gettext_lazy("message"), blank=True, max_length=1000)
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=RequestState.choices,
        default=RequestState.REQUESTED,
        editable=False,
        db_index=True,
    )
    answer = models.TextField(gettext_lazy("réponse"), blank=True, editable=False)
    decided_at = models.DateTimeField(gettext_lazy("close le"), null=True, editable=False)

    objects = JoinRequestQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("demande d’adhésion")
        verbose_name_plural = gettext_lazy("demandes d’adhésion")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, (_only(kind) for kind in ORGANISATION_TYPES)),
                name="join_request_of_one_organisation",
                violation_error_code="school",
                violation_error_message=gettext_lazy("Une demande porte sur une organisation, et une seule."),
            ),
            *(
                models.UniqueConstraint(
                    fields=["user", kind],
                    condition=Q(state=RequestState.REQUESTED),
                    name=f"join_{kind}_asked_once",
                    violation_error_message=gettext_lazy(
                        "Une demande de cette personne pour cette organisation est déjà en attente."
                    ),
                )
                for kind in ORGANISATION_TYPES
            ),
        ]

    def __str__(self):
        return _("%(who)s, pour %(organisation)s") % {"who": self.user, "organisation": self.organisation}

    def clean(self):
        if self.organisation_type and self.user.account_type != self.organisation_type:
            raise ValidationError(
                _("Un compte du type « %(kind)s » ne peut pas rejoindre cette organisation.")
                % {"kind": self.user.get_account_type_display()},
                code="wrong_type",
            )

    def deletion_refusal(self):
        """A request is answered or withdrawn, so that its trace stays."""
        return _("Une demande d’adhésion ne se supprime pas : acceptez-la ou refusez-la.")

    @property
    def is_open(self):
        return self.state == RequestState.REQUESTED


class OrganisationDraft(BusinessModel):
    """An organisation that somebody acts for and that the platform does not know yet; never public."""

    natural_key_fields = ("applicant", "siret", "uai")
    derived_fields = ("search_text",)
    workflow = ORGANISATION_DRAFT

    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="organisation_drafts",
        verbose_name=gettext_lazy("demandeur"),
    )
    account_type = models.CharField(
        gettext_lazy("type d’organisme"), max_length=20, choices=ORGANISATION_CHOICES, editable=False
    )
    name = models.CharField(gettext_lazy("nom"), max_length=200)
    uai = models.CharField(gettext_lazy("UAI"), max_length=8, blank=True, validators=[validate_uai])
    siret = models.CharField(gettext_lazy("SIRET"), max_length=14, blank=True, validators=[validate_siret])
    school_kind = models.CharField(
        gettext_lazy("type d’établissement"),
        max_length=10,
        choices=SchoolKind.choices,
        blank=True,
        help_text=gettext_lazy("À choisir pour accepter un établissement scolaire."),
    )
    address = models.CharField(gettext_lazy("adresse"), max_length=300, blank=True)
    postcode = models.CharField(
        gettext_lazy("code postal"), max_length=5, blank=True, validators=[validate_postcode]
    )
    commune = models.ForeignKey(
        Commune,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("commune"),
    )
    phone = PhoneNumberField(gettext_lazy("téléphone"), blank=True, default="")
    message = models.TextField(gettext_lazy("message"), blank=True, max_length=1000)
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=DraftState.choices,
        default=DraftState.SUBMITTED,
        editable=False,
        db_index=True,
    )
    answer = models.TextField(gettext_lazy("réponse"), blank=True, editable=False)
    decided_at = models.DateTimeField(gettext_lazy("clos le"), null=True, editable=False)
    search_text = models.CharField(max_length=300, editable=False, default="")

    objects = OrganisationDraftQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("organisme à valider")
        verbose_name_plural = gettext_lazy("organismes à valider")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(account_type=AccountType.SCHOOL) & ~Q(uai=""))
                | (~Q(account_type=AccountType.SCHOOL) & Q(uai="")),
                name="draft_uai_for_schools",
                violation_error_code="uai",
                violation_error_message=gettext_lazy("Un établissement scolaire a un UAI, et lui seul."),
            ),
            models.CheckConstraint(
                condition=Q(account_type=AccountType.SCHOOL) | ~Q(siret=""),
                name="draft_siret_for_others",
                violation_error_code="siret",
                violation_error_message=gettext_lazy("Donnez le SIRET de l’organisme."),
            ),
        ]

    def __str__(self):
        return self.name

    def derive(self):
        self.name = " ".join(self.name.split())
        self.search_text = f"{fold(self.name)} {self.identifier.lower()}"[:300]

    def deletion_refusal(self):
        """A draft is answered or withdrawn, so that its trace stays."""
        return _("Un organisme à valider ne se supprime pas : acceptez-le ou refusez-le.")

    def edit_refusal(self):
        """What was answered is closed."""
        return None if self.is_open else _("Cette demande est close : elle ne se modifie plus.")

    @property
    def is_open(self):
        return self.state == DraftState.SUBMITTED

    @property
    def kind(self):
        """The kind of organisation that it would be."""
        return KINDS[self.account_type]

    @property
    def identifier(self):
        """The official number that the organisation is known by."""
        return getattr(self, self.kind.identifier)

    def as_organisation(self):
        """The organisation that accepting the draft makes; not written."""
        fields = {
            name: getattr(self, name) for name in ("name", "siret", "address", "postcode", "commune", "phone")
        }
        if self.account_type == AccountType.SCHOOL:
            fields |= {"uai": self.uai, "kind": self.school_kind}
        return self.kind.model(**fields)


class Invitation(OfOrganisation):
    """A link by which a person opens an account, or brings theirs, and becomes a member.

    The link carries the row's key and its nonce, signed; it is not kept. Sending it again makes another
    nonce, so that only the last link serves. It serves once.
    """

    natural_key_fields = ("email", *ORGANISATION_TYPES)
    derived_fields = ("search_text",)
    workflow = INVITATION

    email = models.EmailField(gettext_lazy("adresse e-mail"))
    account_type = models.CharField(
        gettext_lazy("type de compte"), max_length=20, choices=AccountType.choices
    )
    staff_role = models.CharField(
        gettext_lazy("rôle dans l’équipe"), max_length=20, choices=StaffRole.choices, blank=True, default=""
    )
    role = models.CharField(
        gettext_lazy("rôle dans l’organisation"),
        max_length=20,
        choices=MembershipRole.choices,
        default=MembershipRole.MEMBER,
    )
    message = models.TextField(
        gettext_lazy("message"),
        blank=True,
        max_length=1000,
        help_text=gettext_lazy("Joint à l’e-mail d’invitation."),
    )
    language = models.CharField(
        gettext_lazy("langue de l’e-mail"), max_length=2, choices=settings.LANGUAGES, default="fr"
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="invitations_sent",
        verbose_name=gettext_lazy("invité par"),
    )
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=InvitationState.choices,
        default=InvitationState.SENT,
        editable=False,
        db_index=True,
    )
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    sent_at = models.DateTimeField(gettext_lazy("envoyée le"), default=timezone.now, editable=False)
    times_sent = models.PositiveSmallIntegerField(gettext_lazy("nombre d’envois"), default=1, editable=False)
    mailed_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(gettext_lazy("expire le"), editable=False, db_index=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="invitations_accepted",
        verbose_name=gettext_lazy("acceptée par"),
    )
    accepted_at = models.DateTimeField(gettext_lazy("acceptée le"), null=True, editable=False)
    search_text = models.CharField(max_length=300, editable=False, default="")

    objects = InvitationQuerySet.as_manager()
    history = history(excluded_fields=("nonce", "mailed_at", *derived_fields))

    class Meta:
        verbose_name = gettext_lazy("invitation")
        verbose_name_plural = gettext_lazy("invitations")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=reduce(
                    or_, (_only(kind) & Q(account_type=kind) for kind in ORGANISATION_TYPES), _only(None)
                ),
                name="invitation_of_one_organisation",
                violation_error_code="account_type",
                violation_error_message=gettext_lazy(
                    "Choisissez une organisation qui va avec le type de compte, et une seule."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(account_type=AccountType.STAFF) & ~Q(staff_role=""))
                | (~Q(account_type=AccountType.STAFF) & Q(staff_role="")),
                name="invitation_staff_role_for_staff",
                violation_error_code="staff_role",
                violation_error_message=gettext_lazy(
                    "Un rôle dans l’équipe va avec le type « Équipe PRATIK », et avec lui seul."
                ),
            ),
            *(
                models.UniqueConstraint(
                    fields=["email", kind],
                    condition=Q(state=InvitationState.SENT),
                    name=f"invited_once_to_{kind}",
                    violation_error_message=gettext_lazy(
                        "Cette adresse a déjà une invitation : renvoyez-la ou révoquez-la."
                    ),
                )
                for kind in ORGANISATION_TYPES
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(state=InvitationState.SENT) & _only(None),
                name="invited_once_without_organisation",
                violation_error_message=gettext_lazy(
                    "Cette adresse a déjà une invitation : renvoyez-la ou révoquez-la."
                ),
            ),
        ]

    def __str__(self):
        return self.email

    def derive(self):
        self.email = self.email.strip().lower()
        self.search_text = fold(self.email)[:300]
        if self.expires_at is None:
            self.expires_at = self.sent_at + INVITATION_LIFE

    def deletion_refusal(self):
        """An invitation is revoked, so that its trace stays."""
        return _("Une invitation ne se supprime pas : révoquez-la.")

    def edit_refusal(self):
        """What left by e-mail is not changed afterwards."""
        return _("Une invitation partie ne se modifie plus : révoquez-la, puis invitez de nouveau.")

    @property
    def asks_for_organisation(self):
        """Whether the account would act for an organisation that the person has still to name."""
        return self.account_type in KINDS and self.organisation_type is None

    @property
    def token(self):
        """What the link carries: the row's key and the present nonce, signed; the row tells when it ends."""
        return signing.Signer(salt=INVITATION_SALT).sign_object([self.pk, self.nonce])

    def state_at(self, now):
        """The state as it is shown: one that was sent and whose time is over has expired."""
        if self.state == InvitationState.SENT and self.expires_at <= now:
            return EXPIRED
        return self.state

    def state_label_at(self, now):
        return str(SHOWN_STATES[self.state_at(now)])


def read_token(token):
    """The key and the nonce that a link carries, or None for one that the platform did not make."""
    try:
        pk, nonce = signing.Signer(salt=INVITATION_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (pk, nonce) if isinstance(pk, int) and isinstance(nonce, str) else None
