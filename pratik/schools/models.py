from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from pratik.accounts.enums import AccountType
from pratik.accounts.models import Membership, Organisation, StudentProfile
from pratik.accounts.querysets import OrganisationQuerySet
from pratik.core.fields import TextListField
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.reference.identifiers import validate_siret, validate_uai
from pratik.reference.school_years import school_year_label

from .enums import (
    ENROLMENT_COLORS,
    LIVE_ENROLMENTS,
    Civility,
    EnrolmentState,
    SchoolKind,
    SchoolSector,
)
from .querysets import ProgramManagerQuerySet, SchoolQuerySet, StudentEnrolmentQuerySet
from .workflow import ENROLMENT


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


class StudentEnrolment(BusinessModel):
    """A student belongs to a school for a school year, once both have said so.

    A school proposes by an address: `student` stays empty until that person confirms, whether or not the
    address has an account, so that nobody learns from it who has one. A student declares a school by name.
    """

    natural_key_fields = ("school", "email", "school_year")
    derived_fields = ("search_text",)
    workflow = ENROLMENT
    # What a person saw by it cannot be unseen: it is ended, not undone.
    is_undoable = False

    student = models.ForeignKey(
        StudentProfile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="enrolments",
        verbose_name=_("étudiant"),
    )
    email = models.EmailField(_("adresse e-mail de l’étudiant"), editable=False)
    school = models.ForeignKey(
        SchoolProfile,
        on_delete=models.PROTECT,
        editable=False,
        related_name="enrolments",
        verbose_name=_("établissement"),
    )
    class_group = models.CharField(_("classe"), max_length=100, blank=True)
    program_name = models.CharField(_("filière"), max_length=200)
    school_year = models.PositiveSmallIntegerField(
        _("année scolaire"),
        editable=False,
        validators=[MinValueValidator(2000), MaxValueValidator(2100)],
    )
    state = models.CharField(
        _("état"), max_length=10, choices=EnrolmentState.choices, editable=False, db_index=True
    )
    asked_at = models.DateTimeField(_("demandé le"), default=timezone.now, editable=False)
    decided_at = models.DateTimeField(_("décidé le"), null=True, editable=False)
    ended_at = models.DateTimeField(_("terminé le"), null=True, editable=False)
    refusal = models.TextField(_("motif du refus"), blank=True, default="", editable=False)
    search_text = models.CharField(max_length=500, editable=False, default="")

    objects = StudentEnrolmentQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("rattachement d’étudiant")
        verbose_name_plural = _("rattachements d’étudiants")
        ordering = ["-school_year", "class_group", "email", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "email", "school_year"],
                condition=Q(state__in=LIVE_ENROLMENTS),
                name="enrolment_one_live",
                violation_error_message=_("Un rattachement de cette adresse est déjà en cours pour l’année."),
            ),
            models.UniqueConstraint(
                fields=["school", "student", "school_year"],
                condition=Q(state__in=LIVE_ENROLMENTS, student__isnull=False),
                name="enrolment_one_live_a_student",
                violation_error_message=_("Vous avez déjà un rattachement à cet établissement pour l’année."),
            ),
            models.CheckConstraint(
                condition=Q(student__isnull=False)
                | ~Q(state__in=[EnrolmentState.DECLARED, EnrolmentState.ACTIVE]),
                name="enrolment_of_somebody",
                violation_error_code="student",
                violation_error_message=_("Un rattachement déclaré ou confirmé est celui d’une personne."),
            ),
        ]

    def __str__(self):
        return f"{self.student or self.email} · {self.school}"

    def derive(self):
        self.email = self.email.strip().lower()
        self.class_group = " ".join(self.class_group.split())
        self.program_name = " ".join(self.program_name.split())
        self.search_text = f"{self.email} {fold(self.class_group)} {fold(self.program_name)}"[:500]

    def clean(self):
        if self.program_name and not fold(self.program_name):
            raise ValidationError(
                {"program_name": gettext("Écrivez le nom de la filière en lettres.")},
                code="program_unreadable",
            )

    def edit_refusal(self):
        """What is over stays as it was."""
        if self.state in LIVE_ENROLMENTS:
            return None
        return gettext("Ce rattachement est terminé ou refusé : il ne se modifie plus.")

    def deletion_refusal(self):
        return gettext("Un rattachement ne se supprime pas : mettez-y fin.")

    def reserved_fields(self, actor):
        """The class is the school's to name, once the student has confirmed."""
        if actor.role == "student" and self.state != EnrolmentState.DECLARED:
            return ("class_group", "program_name")
        return ()

    @property
    def color(self):
        return ENROLMENT_COLORS[self.state]

    @property
    def school_year_label(self):
        return school_year_label(self.school_year) if self.school_year else ""


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
