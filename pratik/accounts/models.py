from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from pratik.core.calendar import today
from pratik.core.fields import TextListField
from pratik.core.files import RandomName, public_storage, validate_image
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.reference.identifiers import validate_postcode, validate_siret
from pratik.reference.levels import LEVELS, Diploma, ReadLevel, level_label
from pratik.reference.models import Commune

from .enums import (
    ERASED_DOMAIN,
    KEEPERS,
    STAFF_ROLES,
    AccountType,
    LodgingKind,
    MembershipRole,
    Role,
    StaffRole,
    StudentStatus,
    VerificationState,
)
from .managers import UserManager
from .querysets import MembershipQuerySet, PersonalProfileQuerySet
from .workflow import VERIFICATION

# What makes an account whose it is and what it may do: only administrators change it.
IDENTITY = ("email", "account_type", "staff_role")


class User(BusinessModel, AbstractBaseUser, PermissionsMixin):
    """An account: a person who signs in with an e-mail address, for one type of use of the platform."""

    natural_key_fields = ("email",)
    derived_fields = ("search_text", "name_text")
    workflow = VERIFICATION

    email = models.EmailField(
        _("adresse e-mail"), unique=True, error_messages={"unique": _("Un compte a déjà cette adresse.")}
    )
    first_name = models.CharField(_("prénom"), max_length=100, blank=True)
    last_name = models.CharField(_("nom de famille"), max_length=100, blank=True)
    account_type = models.CharField(_("type de compte"), max_length=20, choices=AccountType.choices)
    staff_role = models.CharField(
        _("rôle dans l’équipe"), max_length=20, choices=StaffRole.choices, blank=True, default=""
    )
    phone = PhoneNumberField(_("téléphone"), blank=True, default="")
    avatar = models.ImageField(
        _("portrait"),
        upload_to=RandomName("avatars"),
        storage=public_storage,
        blank=True,
        validators=[validate_image],
    )
    language = models.CharField(_("langue"), max_length=2, choices=settings.LANGUAGES, default="fr")
    verification = models.CharField(
        _("vérification"),
        max_length=20,
        choices=VerificationState.choices,
        default=VerificationState.UNVERIFIED,
        editable=False,
    )
    verified_at = models.DateTimeField(_("vérifié le"), null=True, editable=False)
    verified_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("vérifié par"),
    )
    verified_until = models.DateField(
        _("vérifié jusqu’au"),
        null=True,
        editable=False,
        help_text=_("Dernier jour de la première pièce demandée qui expire."),
    )
    # Empty where people gave the badge by hand: only what documents gave goes with them.
    verified_as = models.CharField(
        _("vérifié sur pièces en tant que"),
        max_length=20,
        choices=AccountType.choices,
        blank=True,
        default="",
        editable=False,
    )
    wants_email = models.BooleanField(
        _("reçoit les avis par e-mail"),
        default=True,
        help_text=_("Les avis restent dans la console dans tous les cas."),
    )
    is_active = models.BooleanField(
        _("actif"), default=True, help_text=_("Décochez pour fermer l’accès sans effacer le compte.")
    )
    search_text = models.CharField(max_length=500, editable=False, default="")
    # The name alone, for whoever is not shown the address: what one may look for is known letter by letter.
    name_text = models.CharField(max_length=500, editable=False, default="")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()
    history = history(excluded_fields=("password", "last_login", *derived_fields))

    class Meta:
        verbose_name = _("compte")
        verbose_name_plural = _("comptes")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(account_type=AccountType.STAFF) & ~Q(staff_role=""))
                | (~Q(account_type=AccountType.STAFF) & Q(staff_role="")),
                name="user_staff_role_for_staff",
                violation_error_code="staff_role",
                violation_error_message=_(
                    "Un rôle dans l’équipe va avec le type « Équipe PRATIK », et avec lui seul."
                ),
            ),
        ]

    def __str__(self):
        return self.get_full_name() or self.email

    def derive(self):
        self.email = self.email.strip().lower()
        # A line break in a name would be one in the subject of an e-mail.
        self.first_name = " ".join(self.first_name.split())
        self.last_name = " ".join(self.last_name.split())
        self.name_text = f"{fold(self.first_name)} {fold(self.last_name)}".strip()[:500]
        self.search_text = f"{fold(self.first_name)} {fold(self.last_name)} {self.email}"[:500]

    def get_full_name(self):
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self):
        return self.first_name or self.email

    def reserved_fields(self, actor):
        """Who an account is, and what it may do, is for administrators to change."""
        return () if actor.is_administrator else IDENTITY

    def deletion_refusal(self):
        """An account is closed, not removed: its operations keep their author."""
        return _("Un compte ne se supprime pas : décochez « actif » pour fermer son accès.")

    def has_perm(self, perm, obj=None):
        """Whether the account's role gives this right; the superuser flag, which Django asks, gives none."""
        return perm in self.get_all_permissions(obj)

    async def ahas_perm(self, perm, obj=None):
        return self.has_perm(perm, obj)

    def has_module_perms(self, app_label):
        """Whether the account's role gives any right on this application."""
        return any(perm.startswith(f"{app_label}.") for perm in self.get_all_permissions())

    async def ahas_module_perms(self, app_label):
        return self.has_module_perms(app_label)

    @property
    def role(self):
        """The line of the table of rights that applies to this account."""
        return Role(self.staff_role or self.account_type)

    @property
    def is_staff(self):
        """Whether the account is one of the platform's team."""
        return self.role in STAFF_ROLES

    @property
    def is_administrator(self):
        return self.role == Role.ADMINISTRATOR

    @property
    def may_edit_everything(self):
        """Whether the account keeps the whole platform's data: administrators and editors."""
        return self.role in KEEPERS

    @property
    def is_erased(self):
        """Whether what identifies the person behind the account is gone."""
        return self.email.endswith(ERASED_DOMAIN)

    @property
    def is_verified(self):
        """Whether people of the platform checked who is behind the account, and what they saw is still valid
        today, as days are counted in Cayenne.
        """
        return self.verification == VerificationState.VERIFIED and (
            self.verified_until is None or self.verified_until >= today()
        )


class PersonalProfile(BusinessModel):
    """What the platform knows about a person for one type of account."""

    natural_key_fields = ("user",)

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)s", verbose_name=_("compte")
    )

    objects = PersonalProfileQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.user)

    def deletion_refusal(self):
        """A profile goes with its account's data, not by itself."""
        return _("Un profil ne se supprime pas seul : fermez le compte.")


class StudentProfile(PersonalProfile):
    """A student: what they study, where they stand, what they can do."""

    level = models.PositiveSmallIntegerField(
        _("niveau de qualification"), choices=LEVELS, null=True, blank=True
    )
    diploma = models.CharField(_("diplôme préparé"), max_length=20, choices=Diploma.choices, blank=True)
    year_in_cycle = models.PositiveSmallIntegerField(_("année dans le cycle"), null=True, blank=True)
    domain = models.CharField(_("domaine d’études"), max_length=200, blank=True)
    status = models.CharField(
        _("situation"), max_length=20, choices=StudentStatus.choices, default=StudentStatus.STUDYING
    )
    skills = TextListField(_("compétences"))
    bio = models.TextField(_("présentation"), blank=True, max_length=2000)
    commune = models.ForeignKey(
        Commune,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("commune"),
    )
    born_on = models.DateField(_("date de naissance"), null=True, blank=True)
    is_public = models.BooleanField(
        _("profil visible des entreprises"),
        default=False,
        help_text=_("Rien n’est montré sans votre accord, que vous pouvez retirer à tout moment."),
    )

    history = history()

    class Meta:
        verbose_name = _("profil d’étudiant")
        verbose_name_plural = _("profils d’étudiants")
        ordering = ["pk"]

    def reserved_fields(self, actor):
        """A birth date that an internship rests on is not the intern's own to change: what protects those
        under age would hang on a box that they type.
        """
        return ("born_on",) if actor.pk == self.user_id and self.is_birth_date_settled() else ()

    def is_birth_date_settled(self):
        """Whether a placement that is not over was judged by the birth date; one query."""
        placements = self._meta.get_field("placements").related_model.objects
        return self.born_on is not None and placements.not_over().filter(student=self).exists()

    def change_refusal(self, actor, names):
        if "born_on" in names and self.reserved_fields(actor):
            return gettext("Un stage repose sur la date de naissance : l’équipe PRATIK seule la corrige.")
        return super().change_refusal(actor, names)

    @property
    def read_level(self):
        """The level being studied for, or None."""
        return ReadLevel(self.level, Diploma(self.diploma), self.year_in_cycle) if self.level else None

    @read_level.setter
    def read_level(self, read):
        self.level = read.level if read else None
        self.diploma = read.diploma if read else ""
        self.year_in_cycle = read.year_in_cycle if read else None

    @property
    def level_label(self):
        """The level as schools print it: « BTS 2e année »."""
        return level_label(self.read_level) if self.level else ""


class LandlordProfile(PersonalProfile):
    """A person who lets lodgings to interns."""

    lodging_kind = models.CharField(
        _("type de logement"), max_length=20, choices=LodgingKind.choices, blank=True
    )
    address = models.CharField(_("adresse"), max_length=300, blank=True)
    commune = models.ForeignKey(
        Commune,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("commune"),
    )
    number_of_lodgings = models.PositiveSmallIntegerField(_("nombre de logements"), default=1)
    description = models.TextField(_("présentation"), blank=True, max_length=2000)

    history = history()

    class Meta:
        verbose_name = _("profil de propriétaire")
        verbose_name_plural = _("profils de propriétaires")
        ordering = ["pk"]


class DriverProfile(PersonalProfile):
    """A person who shares the cost of their own trips; a carpool is not a taxi."""

    vehicle = models.CharField(_("véhicule"), max_length=100, blank=True)
    registration_number = models.CharField(_("immatriculation"), max_length=15, blank=True)
    licence_number = models.CharField(_("numéro de permis"), max_length=20, blank=True)
    licence_expires_on = models.DateField(_("fin de validité du permis"), null=True, blank=True)
    seats = models.PositiveSmallIntegerField(_("places offertes"), default=3)
    commune = models.ForeignKey(
        Commune,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("commune de départ"),
    )

    history = history()

    class Meta:
        verbose_name = _("profil de conducteur")
        verbose_name_plural = _("profils de conducteurs")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(seats__gte=1) & Q(seats__lte=8),
                name="driver_seats_one_to_eight",
                violation_error_code="seats",
                violation_error_message=_("Indiquez de 1 à 8 places."),
            )
        ]


class Organisation(BusinessModel):
    """What companies, schools and other organisations have in common: a name, a place, ways to reach them.

    `account_type` is the type of account whose members look after the organisation.
    """

    account_type: AccountType
    derived_fields: tuple[str, ...] = ("search_text", "sort_name")

    name = models.CharField(_("nom"), max_length=200)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True, validators=[validate_siret])
    address = models.CharField(_("adresse"), max_length=300, blank=True)
    postcode = models.CharField(_("code postal"), max_length=5, blank=True, validators=[validate_postcode])
    commune = models.ForeignKey(
        Commune,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("commune"),
    )
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    phone = PhoneNumberField(_("téléphone"), blank=True, default="")
    email = models.EmailField(_("adresse e-mail"), blank=True)
    website = models.URLField(_("site web"), blank=True, max_length=300)
    description = models.TextField(_("présentation"), blank=True, max_length=4000)
    logo = models.ImageField(
        _("logo"),
        upload_to=RandomName("logos"),
        storage=public_storage,
        blank=True,
        validators=[validate_image],
    )
    search_text = models.CharField(max_length=600, editable=False, default="")
    sort_name = models.CharField(max_length=200, editable=False, default="", db_index=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def derive(self):
        self.name = " ".join(self.name.split())
        self.email = self.email.strip().lower()
        self.sort_name = fold(self.name)[:200]
        self.search_text = " ".join(filter(None, (self.sort_name, *self.searched())))[:600]

    def searched(self):
        """Further words by which a person would look for the organisation; made without a query."""
        return (self.siret, self.postcode, self.email)

    @property
    def initials(self):
        """Two letters that stand for the organisation where it has no logo."""
        words = [word for word in self.sort_name.split() if len(word) > 2] or self.sort_name.split()
        return "".join(word[0] for word in words[:2]).upper()


class Membership(BusinessModel):
    """An account's place in an organisation. Each kind of organisation has its own table of members."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("compte"),
    )
    role = models.CharField(
        _("rôle"), max_length=20, choices=MembershipRole.choices, default=MembershipRole.MEMBER
    )
    is_active = models.BooleanField(_("actif"), default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"
