from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from pratik.accounts.enums import AccountType
from pratik.accounts.models import Membership, Organisation
from pratik.accounts.querysets import OrganisationQuerySet
from pratik.core.fields import TextListField
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.reference.identifiers import validate_siret, validate_uai

from .enums import Civility, SchoolKind, SchoolSector
from .querysets import ProgramManagerQuerySet, SchoolQuerySet


class SchoolProfile(Organisation):
    """A school of French Guiana, known by its UAI."""

    natural_key_fields = ("uai",)
    account_type = AccountType.SCHOOL

    uai = models.CharField(
        _("UAI"),
        max_length=8,
        unique=True,
        validators=[validate_uai],
        error_messages={"unique": _("Un établissement a déjà cet UAI.")},
    )
    kind = models.CharField(_("type"), max_length=10, choices=SchoolKind.choices)
    sector = models.CharField(_("secteur"), max_length=10, choices=SchoolSector.choices, blank=True)
    number_of_students = models.PositiveIntegerField(_("effectif"), null=True, blank=True)
    has_general_track = models.BooleanField(_("voie générale"), default=False)
    has_technological_track = models.BooleanField(_("voie technologique"), default=False)
    has_vocational_track = models.BooleanField(_("voie professionnelle"), default=False)
    has_apprenticeship = models.BooleanField(_("apprentissage"), default=False)
    has_higher_education = models.BooleanField(_("post-bac"), default=False)
    opened_on = models.DateField(_("date d’ouverture"), null=True, blank=True)
    is_visible = models.BooleanField(_("visible sur le site"), default=True)

    objects = SchoolQuerySet.as_manager()
    history = history(excluded_fields=Organisation.derived_fields)

    class Meta:
        verbose_name = _("établissement")
        verbose_name_plural = _("établissements")
        ordering = ["sort_name", "pk"]

    def searched(self):
        return (*super().searched(), self.uai.lower())

    def derive(self):
        self.uai = self.uai.strip().upper()
        super().derive()


class TrainingCenterProfile(Organisation):
    """A training centre for adults and apprentices, with its certification."""

    natural_key_fields = ("siret",)
    account_type = AccountType.TRAINING_CENTER

    siret = models.CharField(_("SIRET"), max_length=14, unique=True, validators=[validate_siret])
    activity_declaration_number = models.CharField(
        _("numéro de déclaration d’activité"), max_length=11, blank=True
    )
    is_qualiopi_certified = models.BooleanField(_("certifié Qualiopi"), default=False)
    certification_number = models.CharField(_("numéro de certificat"), max_length=50, blank=True)
    certified_until = models.DateField(_("certifié jusqu’au"), null=True, blank=True)
    specialities = TextListField(_("domaines de formation"))

    objects = OrganisationQuerySet.as_manager()
    history = history(excluded_fields=Organisation.derived_fields)

    class Meta:
        verbose_name = _("centre de formation")
        verbose_name_plural = _("centres de formation")
        ordering = ["sort_name", "pk"]


class ProgramManager(BusinessModel):
    """The person who looks after the internships of some programmes of a school.

    One account may stand behind several managers, since a person may serve two schools.
    """

    natural_key_fields = ("school", "email")
    derived_fields = ("search_text", "sort_name")

    school = models.ForeignKey(
        SchoolProfile,
        on_delete=models.PROTECT,
        related_name="program_managers",
        verbose_name=_("établissement"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_programs",
        verbose_name=_("compte"),
    )
    title = models.CharField(_("civilité"), max_length=5, choices=Civility.choices, blank=True)
    first_name = models.CharField(_("prénom"), max_length=100)
    last_name = models.CharField(_("nom de famille"), max_length=100)
    email = models.EmailField(_("adresse e-mail"))
    phone = PhoneNumberField(_("téléphone"), blank=True, default="")
    programs = TextListField(_("filières"))
    office_hours = models.CharField(_("permanence"), max_length=300, blank=True)
    is_active = models.BooleanField(_("actif"), default=True)
    search_text = models.CharField(max_length=500, editable=False, default="")
    sort_name = models.CharField(max_length=220, editable=False, default="", db_index=True)

    objects = ProgramManagerQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("responsable de stages")
        verbose_name_plural = _("responsables de stages")
        ordering = ["sort_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "email"],
                name="manager_once_a_school",
                violation_error_message=_("Un responsable de cet établissement a déjà cette adresse."),
            )
        ]

    def __str__(self):
        return f"{self.title} {self.first_name} {self.last_name}".strip()

    def derive(self):
        self.email = self.email.strip().lower()
        self.sort_name = f"{fold(self.last_name)} {fold(self.first_name)}"[:220]
        self.search_text = f"{self.sort_name} {self.email} {fold(' '.join(self.programs))}"[:500]


class SchoolMembership(Membership):
    """An account's place in a school."""

    natural_key_fields = ("organisation", "user")
    organisation = models.ForeignKey(
        SchoolProfile,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("établissement"),
    )
    history = history()

    class Meta:
        verbose_name = _("membre d’un établissement")
        verbose_name_plural = _("membres d’établissements")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="school_member_once")]


class TrainingCenterMembership(Membership):
    """An account's place in a training centre."""

    natural_key_fields = ("organisation", "user")
    organisation = models.ForeignKey(
        TrainingCenterProfile,
        on_delete=models.PROTECT,
        related_name="memberships",
        verbose_name=_("centre de formation"),
    )
    history = history()

    class Meta:
        verbose_name = _("membre d’un centre de formation")
        verbose_name_plural = _("membres de centres de formation")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="training_center_member_once")
        ]
