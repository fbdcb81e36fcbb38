"""Placements: who is intern where, when, on which conditions."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from pratik.accounts.models import StudentProfile
from pratik.calendars.models import InternshipCalendar
from pratik.core.fields import TextListField
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.law.rules.schedule import WeekSchedule
from pratik.partners.models import CompanyProfile
from pratik.reference.school_years import school_year_label, school_year_of
from pratik.schools.models import SchoolProfile, StudentEnrolment

from ..enums import PLACEMENT_COLORS, EndedBy, InternshipKind, PlacementState, Relation
from ..querysets import PlacementBreakQuerySet, PlacementQuerySet, RuleOverrideQuerySet
from ..workflow import PLACEMENT
from .people import HostTutor, ReferentTeacher

# A year mistyped as 0027 or 20277 is refused.
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)
LONGEST = datetime.timedelta(days=366)


def validate_schedule(value):
    """A week as the law reads it: for each day, spans of hours in their order."""
    if value:
        WeekSchedule.read(value)


def _text(name, most=2000, help_text=""):
    return models.TextField(name, blank=True, default="", max_length=most, help_text=help_text)


# What the school says of a placement, without the host.
SCHOOL_FIELDS = (
    "calendar",
    "teacher",
    "class_group",
    "school_representative",
    "school_representative_role",
    "student_address",
    "program_hours",
    "student_insurer",
    "student_policy",
    "representative_first_name",
    "representative_last_name",
    "representative_relation",
    "representative_email",
    "representative_phone",
)
# What is the intern's own, of no use to a host that has not agreed to take them.
HOME_FIELDS = (
    "student_address",
    "student_insurer",
    "student_policy",
    "representative_first_name",
    "representative_last_name",
    "representative_relation",
    "representative_email",
    "representative_phone",
)
# What an agreement must mention and either party may word (article D124-4).
MENTION_FIELDS = (
    "activities",
    "skills",
    "supervision",
    "stipend_payment",
    "leave_rules",
    "social_protection",
    "validation_rules",
    "host_representative",
    "host_representative_role",
)


def _is_of_the_school(actor):
    return actor.may_edit_everything or actor.role == "school"


class Placement(BusinessModel):
    """One intern at one host for one stretch of days, as the agreement between the three parties says it.

    `hours`, `days` and `stipend_total` follow from the dates, the week, the breaks and the public holidays;
    they are worked out in one place (`services.recompute`).
    """

    natural_key_fields = ("student", "company", "start_on")
    derived_fields = ("post_key", "school_year", "search_text", "hours", "days", "stipend_total")
    workflow = PLACEMENT
    # Agreements, papers and messages followed from what was done: the verbs take it back, with all of that.
    is_undoable = False

    student = models.ForeignKey(
        StudentProfile,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name=gettext_lazy("stagiaire"),
    )
    company = models.ForeignKey(
        CompanyProfile,
        on_delete=models.PROTECT,
        related_name="placements",
        verbose_name=gettext_lazy("organisme d’accueil"),
    )
    school = models.ForeignKey(
        SchoolProfile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=gettext_lazy("établissement"),
    )
    enrolment = models.ForeignKey(
        StudentEnrolment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=gettext_lazy("rattachement"),
    )
    application = models.ForeignKey(
        "internships.Application",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="placements",
        verbose_name=gettext_lazy("candidature"),
    )
    calendar = models.ForeignKey(
        InternshipCalendar,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=gettext_lazy("calendrier de stages"),
    )
    kind = models.CharField(gettext_lazy("nature"), max_length=30, choices=InternshipKind.choices)
    post = models.CharField(gettext_lazy("poste ou mission"), max_length=200)
    post_key = models.CharField(max_length=200, editable=False, default="", db_index=True)
    class_group = models.CharField(gettext_lazy("classe"), max_length=100, blank=True)
    start_on = models.DateField(gettext_lazy("premier jour"))
    end_on = models.DateField(gettext_lazy("dernier jour"))
    school_year = models.PositiveSmallIntegerField(
        gettext_lazy("année scolaire"), editable=False, db_index=True
    )
    schedule = models.JSONField(
        gettext_lazy("horaires de la semaine"),
        default=dict,
        blank=True,
        validators=[validate_schedule],
        help_text=gettext_lazy("Pour chaque jour de la semaine, les heures de début et de fin."),
    )
    hours = models.DecimalField(
        gettext_lazy("heures de présence"), max_digits=7, decimal_places=2, default=0, editable=False
    )
    days = models.PositiveSmallIntegerField(gettext_lazy("jours de présence"), default=0, editable=False)
    tutor = models.ForeignKey(
        HostTutor,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=gettext_lazy("tuteur"),
    )
    teacher = models.ForeignKey(
        ReferentTeacher,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="placements",
        verbose_name=gettext_lazy("enseignant référent"),
    )
    stipend_hourly = models.DecimalField(
        gettext_lazy("gratification (€ par heure)"),
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0, gettext_lazy("Un montant n’est pas négatif.")),
            MaxValueValidator(200, gettext_lazy("Ce montant est trop grand : vérifiez-le.")),
        ],
    )
    stipend_total = models.DecimalField(
        gettext_lazy("gratification totale (€)"), max_digits=9, decimal_places=2, null=True, editable=False
    )
    stipend_payment = models.CharField(
        gettext_lazy("versement de la gratification"),
        max_length=300,
        blank=True,
        help_text=gettext_lazy("Par exemple : chaque mois, par virement."),
    )
    remote_share = models.PositiveSmallIntegerField(
        gettext_lazy("part à distance (%)"),
        default=0,
        validators=[MaxValueValidator(100, gettext_lazy("Une part va de 0 à 100."))],
    )
    workplace = models.CharField(
        gettext_lazy("lieu du stage"),
        max_length=300,
        blank=True,
        help_text=gettext_lazy("S’il n’est pas à l’adresse de l’organisme d’accueil."),
    )
    # Who signs, and what the papers say of the training; the rest of the parties is in their own rows.
    host_representative = models.CharField(
        gettext_lazy("qui signe pour l’organisme"), max_length=150, blank=True
    )
    host_representative_role = models.CharField(
        gettext_lazy("qualité de qui signe pour l’organisme"), max_length=150, blank=True
    )
    school_representative = models.CharField(
        gettext_lazy("qui signe pour l’établissement"), max_length=150, blank=True
    )
    school_representative_role = models.CharField(
        gettext_lazy("qualité de qui signe pour l’établissement"), max_length=150, blank=True
    )
    student_address = models.CharField(gettext_lazy("adresse du stagiaire"), max_length=300, blank=True)
    program_hours = models.CharField(
        gettext_lazy("volume horaire de la formation"),
        max_length=150,
        blank=True,
        help_text=gettext_lazy("Par exemple : 840 heures par année d’enseignement."),
    )

    # The mentions of article D124-4 of the code of education, as the three parties word them.
    activities = _text(gettext_lazy("activités confiées"), 4000)
    skills = TextListField(gettext_lazy("compétences visées"))
    supervision = _text(
        gettext_lazy("encadrement"),
        help_text=gettext_lazy("Comment le tuteur et l’enseignant référent suivent le stagiaire."),
    )
    benefits = _text(
        gettext_lazy("avantages"), help_text=gettext_lazy("Restauration, transport, activités sociales.")
    )
    student_insurer = models.CharField(gettext_lazy("assurance du stagiaire"), max_length=200, blank=True)
    student_policy = models.CharField(
        gettext_lazy("numéro de contrat du stagiaire"), max_length=60, blank=True
    )
    social_protection = _text(gettext_lazy("protection sociale et accidents du travail"))
    leave_rules = _text(gettext_lazy("congés et autorisations d’absence"))
    validation_rules = _text(gettext_lazy("validation en cas d’interruption"))
    internal_rules = _text(
        gettext_lazy("règlement intérieur"),
        help_text=gettext_lazy("Les clauses qui valent pour le stagiaire, s’il y a un règlement."),
    )

    representative_first_name = models.CharField(
        gettext_lazy("prénom du représentant légal"), max_length=100, blank=True
    )
    representative_last_name = models.CharField(
        gettext_lazy("nom du représentant légal"), max_length=100, blank=True
    )
    representative_relation = models.CharField(
        gettext_lazy("lien avec le stagiaire"), max_length=10, choices=Relation.choices, blank=True
    )
    representative_email = models.EmailField(gettext_lazy("adresse du représentant légal"), blank=True)
    representative_phone = PhoneNumberField(
        gettext_lazy("téléphone du représentant légal"), blank=True, default=""
    )

    state = models.CharField(
        gettext_lazy("état"),
        max_length=20,
        choices=PlacementState.choices,
        default=PlacementState.DRAFTED,
        editable=False,
        db_index=True,
    )
    host_agreed_at = models.DateTimeField(gettext_lazy("accord de l’organisme le"), null=True, editable=False)
    host_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("accord de l’organisme par"),
    )
    school_agreed_at = models.DateTimeField(
        gettext_lazy("accord de l’établissement le"), null=True, editable=False
    )
    school_agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("accord de l’établissement par"),
    )
    signed_on = models.DateField(gettext_lazy("signée le"), null=True, editable=False)
    ended_on = models.DateField(gettext_lazy("dernier jour fait"), null=True, editable=False)
    ended_by = models.CharField(
        gettext_lazy("interrompu par"),
        max_length=10,
        choices=EndedBy.choices,
        blank=True,
        default="",
        editable=False,
    )
    end_reason = models.TextField(
        gettext_lazy("motif de la fin ou de l’annulation"), blank=True, default="", editable=False
    )
    absence_hours = models.DecimalField(
        gettext_lazy("heures d’absence"), max_digits=7, decimal_places=2, default=0, editable=False
    )
    stipend_paid = models.DecimalField(
        gettext_lazy("gratification versée (€)"), max_digits=9, decimal_places=2, null=True, editable=False
    )
    search_text = models.CharField(max_length=400, editable=False, default="")

    objects = PlacementQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("stage")
        verbose_name_plural = gettext_lazy("stages")
        ordering = ["-start_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "company", "start_on"],
                condition=~Q(state=PlacementState.CANCELLED),
                name="placement_once_a_start",
                violation_error_message=gettext_lazy(
                    "Ce stagiaire a déjà un stage chez cet organisme qui commence ce jour-là."
                ),
            ),
            # A student who is accepted again after a withdrawal has another placement.
            models.UniqueConstraint(
                fields=["application"],
                condition=~Q(state=PlacementState.CANCELLED),
                name="placement_once_an_application",
                violation_error_message=gettext_lazy("Cette candidature a déjà son stage."),
            ),
            models.CheckConstraint(
                condition=Q(end_on__gte=F("start_on")),
                name="placement_ends_after_start",
                violation_error_code="end_on",
                violation_error_message=gettext_lazy("La fin précède le début : vérifiez les dates."),
            ),
            models.CheckConstraint(
                condition=Q(start_on__gte=FIRST_DAY) & Q(start_on__lt=LAST_DAY),
                name="placement_starts_in_our_time",
                violation_error_code="start_on",
                violation_error_message=gettext_lazy("Vérifiez l’année du premier jour."),
            ),
            models.CheckConstraint(
                condition=Q(school=None, enrolment=None) | Q(school__isnull=False, enrolment__isnull=False),
                name="placement_school_by_enrolment",
                violation_error_code="enrolment",
                violation_error_message=gettext_lazy(
                    "L’établissement d’un stage est celui du rattachement de l’étudiant."
                ),
            ),
            models.CheckConstraint(
                condition=Q(enrolment__isnull=False)
                | Q(state__in=[PlacementState.DRAFTED, PlacementState.HOST_AGREED, PlacementState.CANCELLED]),
                name="placement_agreed_by_a_school",
                violation_error_code="enrolment",
                violation_error_message=gettext_lazy("Aucun établissement n’est nommé pour ce stage."),
            ),
            models.CheckConstraint(
                condition=~Q(state=PlacementState.INTERRUPTED)
                | (Q(ended_on__isnull=False) & ~Q(ended_by="")),
                name="placement_interrupted_by_somebody",
                violation_error_code="ended_on",
                violation_error_message=gettext_lazy("Dites quel jour le stage a pris fin, et par qui."),
            ),
        ]
        indexes = [
            models.Index(fields=["company", "start_on", "end_on"], name="placement_of_host"),
            models.Index(fields=["state", "start_on"], name="placement_by_state"),
        ]

    def __str__(self):
        return _("%(student)s chez %(company)s, %(day)s") % {
            "student": self.student,
            "company": self.company,
            "day": f"{self.start_on:%d/%m/%Y}",
        }

    def derive(self):
        self.post = " ".join(self.post.split())
        self.post_key = fold(self.post)[:200]
        self.class_group = " ".join(self.class_group.split())
        self.representative_email = self.representative_email.strip().lower()
        self.school_year = school_year_of(self.start_on) if self.start_on else None
        self.search_text = f"{self.post_key} {fold(self.class_group)}"[:400]

    def clean(self):
        """That those who are named belong together; eight queries at most."""
        errors = {}
        if self.start_on and self.end_on and self.end_on - self.start_on > LONGEST:
            errors["end_on"] = _("Un stage ne dure pas plus d’un an : vérifiez les dates.")
        if self.post and not fold(self.post):
            errors["post"] = _("Écrivez le poste ou la mission en lettres.")
        if self.tutor_id and self.tutor.company_id != self.company_id:
            errors["tutor"] = _("Ce tuteur est d’un autre organisme d’accueil.")
        if self.teacher_id and self.teacher.school_id != self.school_id:
            errors["teacher"] = _("Cet enseignant est d’un autre établissement.")
        if self.calendar_id and self.calendar.school_id != self.school_id:
            errors["calendar"] = _("Ce calendrier est d’un autre établissement.")
        if self.enrolment_id and (
            self.enrolment.student_id != self.student_id or self.enrolment.school_id != self.school_id
        ):
            errors["enrolment"] = _("Ce rattachement n’est pas celui de cet étudiant à cet établissement.")
        if self.application_id and self.application.student_id != self.student_id:
            errors["enrolment"] = _(
                "Ce stage vient de la candidature de %(student)s : choisissez une inscription de cette"
                " personne."
            ) % {"student": self.application.student}
        if self.application_id and self.application.offer.company_id != self.company_id:
            errors["company"] = _("Ce stage vient d’une candidature chez %(company)s.") % {
                "company": self.application.offer.company
            }
        if errors:
            raise ValidationError(errors)

    def edit_refusal(self):
        """What a party agreed to is not changed behind its back."""
        match self.state:
            case PlacementState.DRAFTED:
                return None
            case PlacementState.HOST_AGREED | PlacementState.SCHOOL_AGREED:
                return _("Une partie a donné son accord : remettez d’abord ce stage à préparer.")
            case PlacementState.SIGNED | PlacementState.RUNNING:
                return _("La convention est signée : ce stage ne change que par un avenant.")
            case _:
                return _("Ce stage est terminé ou annulé : il ne se modifie plus.")

    def change_refusal(self, actor, names):
        """Between the host's agreement and its own, the school completes what is left to it."""
        is_left = self.is_completed_by(actor) and set(names).isdisjoint(self.reserved_fields(actor))
        return None if is_left else self.edit_refusal()

    def is_completed_by(self, actor):
        """Whether this person adds now what the host had no word in, or left blank."""
        return self.state == PlacementState.HOST_AGREED and _is_of_the_school(actor)

    def hidden_fields(self, actor):
        """What this person does not read here: a host learns where its intern lives, and who answers for
        them, once it has agreed to take them (GDPR, article 5(1)(c)).
        """
        return HOME_FIELDS if actor.role == "company" and self.host_agreed_at is None else ()

    def deletion_refusal(self):
        """What was begun is called off, so that its trace stays."""
        return _("Un stage ne se supprime pas : annulez-le.")

    def reserved_fields(self, actor):
        """A host words its part of the placement; whose intern it is, who follows them, and what the stay is
        in the eyes of the law, on which all that protects them hangs, is the school's to say. Once the host
        has agreed, the school completes what the host had no word in or left blank.
        """
        if self.state == PlacementState.HOST_AGREED:
            open_fields = self._left_to_the_school() if _is_of_the_school(actor) else frozenset()
            return tuple(
                field.name
                for field in self._meta.fields
                if field.editable and not field.primary_key and field.name not in open_fields
            )
        if _is_of_the_school(actor):
            # A place is that of the student who was accepted, at the host that accepted them.
            return ("student", "company") if self.application_id else ()
        return ("student", "company", "school", "enrolment", "kind", *SCHOOL_FIELDS)

    def _left_to_the_school(self):
        return {*SCHOOL_FIELDS, *(name for name in MENTION_FIELDS if not getattr(self, name))}

    @property
    def color(self):
        return PLACEMENT_COLORS[self.state]

    @property
    def school_year_label(self):
        return school_year_label(self.school_year) if self.school_year else ""

    @property
    def last_day(self):
        """The last day that counts: that of the interruption, else the one agreed on."""
        return self.ended_on or self.end_on

    @property
    def week(self):
        """The weekly schedule as the law reads it; an empty one has no hours."""
        return WeekSchedule.read(self.schedule or {})

    @property
    def representative(self):
        """The legal representative's name, or nothing."""
        return f"{self.representative_first_name} {self.representative_last_name}".strip()

    @property
    def has_reachable_representative(self):
        """Whether who signs for an intern under age is named, with a means to reach them."""
        return bool(self.representative and (self.representative_email or self.representative_phone))


class PlacementBreak(BusinessModel):
    """Days on which an intern is away by agreement: holidays of the host, classes at school."""

    natural_key_fields = ("placement", "from_on")
    is_undoable = False

    placement = models.ForeignKey(
        Placement, on_delete=models.PROTECT, related_name="breaks", verbose_name=gettext_lazy("stage")
    )
    from_on = models.DateField(gettext_lazy("du"))
    until_on = models.DateField(gettext_lazy("au"))
    reason = models.CharField(gettext_lazy("motif"), max_length=200, blank=True)

    objects = PlacementBreakQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("coupure de stage")
        verbose_name_plural = gettext_lazy("coupures de stage")
        ordering = ["from_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "from_on"],
                name="placement_break_once_a_start",
                violation_error_message=gettext_lazy("Une coupure commence déjà ce jour-là."),
            ),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="placement_break_ends_after_start",
                violation_error_code="until_on",
                violation_error_message=gettext_lazy("La fin précède le début : vérifiez les dates."),
            ),
        ]

    def __str__(self):
        return f"{self.from_on:%d/%m/%Y} – {self.until_on:%d/%m/%Y}"

    def clean(self):
        """A break lies within its placement, of which nobody has agreed yet; one query."""
        if self.placement_id is not None and (why := self.dates_refusal() or self.placement.edit_refusal()):
            raise ValidationError(why, code="closed")

    def dates_refusal(self):
        """Why these days off cannot be; the placement must be loaded."""
        if not (self.from_on and self.until_on):
            return None
        if self.until_on < self.from_on:
            return _("La coupure finirait avant son début : vérifiez les dates.")
        if self.from_on < self.placement.start_on or self.until_on > self.placement.end_on:
            return _("La coupure sort des dates du stage.")
        return None

    def edit_refusal(self):
        return self.placement.edit_refusal()

    def deletion_refusal(self):
        return self.placement.edit_refusal()


class RuleOverride(BusinessModel):
    """A rule of law that somebody set aside for one placement: which, what it said, and why.

    It stands for the placement as it was then: once what the rule looks at is changed, or agreed to anew, it
    has ended, and only its trace stays.
    """

    natural_key_fields = ("placement", "rule")
    is_undoable = False

    placement = models.ForeignKey(
        Placement,
        on_delete=models.PROTECT,
        editable=False,
        related_name="overrides",
        verbose_name=gettext_lazy("stage"),
    )
    rule = models.CharField(gettext_lazy("règle"), max_length=60, editable=False)
    finding = models.TextField(gettext_lazy("ce que disait la règle"), editable=False)
    reason = models.TextField(gettext_lazy("motif"), max_length=2000)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("écartée par"),
    )
    ended_at = models.DateTimeField(gettext_lazy("ne vaut plus depuis le"), null=True, editable=False)

    objects = RuleOverrideQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("règle écartée")
        verbose_name_plural = gettext_lazy("règles écartées")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "rule"],
                condition=Q(ended_at=None),
                name="rule_overridden_once",
                violation_error_message=gettext_lazy("Cette règle est déjà écartée pour ce stage."),
            )
        ]

    def __str__(self):
        return f"{self.rule} · {self.placement_id}"

    def edit_refusal(self):
        return _("Une règle écartée ne se réécrit pas : son motif reste tel qu’il fut donné.")

    def deletion_refusal(self):
        return _("Une règle écartée reste au dossier du stage.")
