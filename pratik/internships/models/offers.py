import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pratik.core.calendar import today
from pratik.core.fields import TextListField
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.partners.models import CompanyProfile
from pratik.reference.levels import LEVELS, Diploma, ReadLevel, level_label
from pratik.reference.models import Commune
from pratik.reference.school_years import school_year_label, school_year_of

from ..enums import OFFER_COLORS, ApplicationState, InternshipKind, OfferState
from ..querysets import OfferQuerySet
from ..workflow import OFFER

# A year mistyped as 0027 or 20277 is refused.
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)
LONGEST = datetime.timedelta(days=366)
MAX_QUESTIONS = 5


class InternshipOffer(BusinessModel):
    """An internship that a company offers: what is done there, when, for how many students."""

    natural_key_fields = ("company", "title_key", "start_on")
    derived_fields = ("title_key", "school_year", "search_text")
    workflow = OFFER

    company = models.ForeignKey(
        CompanyProfile,
        on_delete=models.PROTECT,
        related_name="internship_offers",
        verbose_name=gettext_lazy("entreprise"),
    )
    kind = models.CharField(
        gettext_lazy("type"),
        max_length=25,
        choices=InternshipKind.choices,
        default=InternshipKind.INTERNSHIP,
    )
    title = models.CharField(gettext_lazy("titre"), max_length=120)
    title_key = models.CharField(max_length=120, editable=False, default="")
    description = models.TextField(gettext_lazy("missions"), max_length=6000)
    skills = TextListField(gettext_lazy("compétences attendues"))
    level = models.PositiveSmallIntegerField(
        gettext_lazy("niveau de qualification"),
        choices=LEVELS,
        null=True,
        blank=True,
        help_text=gettext_lazy("Vide : ouverte à tous les niveaux."),
    )
    diploma = models.CharField(
        gettext_lazy("diplôme préparé"), max_length=20, choices=Diploma.choices, blank=True
    )
    start_on = models.DateField(gettext_lazy("début"))
    end_on = models.DateField(gettext_lazy("fin"), help_text=gettext_lazy("Dernier jour compris."))
    school_year = models.PositiveSmallIntegerField(
        gettext_lazy("année scolaire"), editable=False, db_index=True
    )
    hours_per_week = models.DecimalField(
        gettext_lazy("heures par semaine"),
        max_digits=4,
        decimal_places=2,
        default=35,
        validators=[
            MinValueValidator(1, gettext_lazy("Indiquez au moins une heure par semaine.")),
            # Code du travail, article L3121-20: the most in one week, whoever works.
            MaxValueValidator(48, gettext_lazy("Au plus %(limit_value)s heures par semaine.")),
        ],
    )
    places = models.PositiveSmallIntegerField(
        gettext_lazy("places"),
        default=1,
        validators=[
            MinValueValidator(1, gettext_lazy("Indiquez au moins une place.")),
            MaxValueValidator(
                200, gettext_lazy("Ce nombre est trop grand : au plus %(limit_value)s places.")
            ),
        ],
    )
    commune = models.ForeignKey(
        Commune,
        on_delete=models.PROTECT,
        related_name="internship_offers",
        verbose_name=gettext_lazy("commune"),
    )
    stipend_hourly = models.DecimalField(
        gettext_lazy("gratification (€ par heure)"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[
            MinValueValidator(0, gettext_lazy("Un montant n’est pas négatif.")),
            MaxValueValidator(99, gettext_lazy("Ce montant est trop grand : vérifiez-le.")),
        ],
        help_text=gettext_lazy("Vide : aucune. Au-delà de deux mois de présence, la loi en impose une."),
    )
    remote_share = models.PositiveSmallIntegerField(
        gettext_lazy("part de télétravail (%)"),
        default=0,
        validators=[MaxValueValidator(100, gettext_lazy("Une part va de 0 à 100."))],
    )
    asks_for_cv = models.BooleanField(gettext_lazy("CV demandé"), default=False)
    questions = TextListField(
        gettext_lazy("questions aux candidats"),
        help_text=gettext_lazy("Cinq au plus ; chaque étudiant répond à toutes."),
    )
    apply_until = models.DateField(
        gettext_lazy("candidatures jusqu’au"), help_text=gettext_lazy("Dernier jour compris.")
    )
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=OfferState.choices,
        default=OfferState.DRAFT,
        editable=False,
        db_index=True,
    )
    submitted_at = models.DateTimeField(gettext_lazy("proposée le"), null=True, editable=False)
    published_at = models.DateTimeField(gettext_lazy("publiée le"), null=True, editable=False)
    copied_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="copies",
        verbose_name=gettext_lazy("reprise de"),
    )
    search_text = models.CharField(max_length=600, editable=False, default="")

    objects = OfferQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("offre de stage")
        verbose_name_plural = gettext_lazy("offres de stage")
        ordering = ["-start_on", "title_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "title_key", "start_on"],
                name="offer_once_a_start",
                violation_error_message=gettext_lazy(
                    "Cette entreprise a déjà une offre de ce titre qui commence ce jour-là."
                ),
            ),
            models.CheckConstraint(
                condition=Q(end_on__gte=F("start_on")),
                name="offer_ends_after_start",
                violation_error_code="end_on",
                violation_error_message=gettext_lazy("Le dernier jour précède le premier."),
            ),
            models.CheckConstraint(
                condition=Q(start_on__gte=FIRST_DAY) & Q(start_on__lt=LAST_DAY),
                name="offer_starts_in_our_time",
                violation_error_code="start_on",
                violation_error_message=gettext_lazy("Vérifiez l’année du début."),
            ),
            models.CheckConstraint(
                condition=Q(apply_until__lt=F("start_on")),
                name="offer_answered_before_start",
                violation_error_code="apply_until",
                violation_error_message=gettext_lazy("On répond à l’offre avant le début du stage."),
            ),
            models.CheckConstraint(
                condition=Q(places__gte=1),
                name="offer_has_places",
                violation_error_code="places",
                violation_error_message=gettext_lazy("Indiquez au moins une place."),
            ),
            models.CheckConstraint(
                condition=Q(remote_share__lte=100),
                name="offer_remote_share_of_a_hundred",
                violation_error_code="remote_share",
                violation_error_message=gettext_lazy("Une part va de 0 à 100."),
            ),
            models.CheckConstraint(
                condition=Q(stipend_hourly=None) | Q(stipend_hourly__gte=0),
                name="offer_stipend_not_negative",
                violation_error_code="stipend_hourly",
                violation_error_message=gettext_lazy("Un montant n’est pas négatif."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "apply_until"], name="offer_by_last_day"),
            models.Index(fields=["company", "state"], name="offer_by_company"),
        ]

    def __str__(self):
        return f"{self.title}, {self.start_on:%d/%m/%Y}"

    def derive(self):
        self.title = " ".join(self.title.split())
        self.title_key = fold(self.title)[:120]
        self.school_year = school_year_of(self.start_on) if self.start_on else None
        self.search_text = f"{self.title_key} {fold(' '.join(map(str, self.skills)))}"[:600]

    def clean(self):
        """What the constraints can't say, that those who were accepted keep their places, and that nobody
        else reads what was written to a company; one query for an offer that exists already.
        """
        errors = {}
        if self.title and not fold(self.title):
            errors["title"] = ValidationError(_("Écrivez le titre en lettres."), code="title_unreadable")
        if self.start_on and self.end_on and self.end_on - self.start_on > LONGEST:
            errors["end_on"] = ValidationError(
                _("Un stage ne dure pas plus d’un an : vérifiez les dates."), code="too_long"
            )
        if self.diploma and not self.level:
            errors["level"] = ValidationError(_("Indiquez aussi le niveau du diplôme."), code="level_missing")
        if isinstance(self.questions, list) and len(self.questions) > MAX_QUESTIONS:
            errors["questions"] = ValidationError(
                _("Au plus %(limit)s questions."), code="too_many", params={"limit": MAX_QUESTIONS}
            )
        if self.pk is not None and self.places is not None:
            found = self.applications.aggregate(
                accepted=Count("pk", filter=Q(state=ApplicationState.ACCEPTED)),
                to_another=Count("pk", filter=~Q(offer__company=self.company_id)),
            )
            accepted = found["accepted"]
            if found["to_another"]:
                errors["company"] = ValidationError(
                    _("Des étudiants ont écrit à cette entreprise : l’offre reste la sienne."),
                    code="company_answered",
                )
            if accepted > self.places:
                errors["places"] = ValidationError(
                    ngettext(
                        "%(number)d candidature est déjà acceptée.",
                        "%(number)d candidatures sont déjà acceptées.",
                        accepted,
                    ),
                    code="too_few_places",
                    params={"number": accepted},
                )
        if errors:
            raise ValidationError(errors)

    def reserved_fields(self, actor):
        """An offer stays that of the company that students wrote to; one query."""
        return ("company",) if self.pk is not None and self.applications.exists() else ()

    def deletion_refusal(self):
        """Only a draft is deleted; what was read by others is archived, so that its trace stays."""
        if self.state == OfferState.DRAFT:
            return None
        return _("Seul un brouillon se supprime : archivez cette offre.")

    def edit_refusal(self):
        """What the team has read, and students answer, is not changed behind their back: only a draft is."""
        match self.state:
            case OfferState.DRAFT:
                return None
            case OfferState.ARCHIVED:
                return _("Cette offre est archivée : elle ne se modifie plus.")
            case OfferState.FILLED:
                return _("Cette offre est pourvue : rouvrez-la ou copiez-la pour la modifier.")
            case _:
                return _("Remettez d’abord cette offre en brouillon ; elle sera relue avant de reparaître.")

    @property
    def color(self):
        return OFFER_COLORS[self.state]

    @property
    def slug(self):
        return slugify(self.title)[:80] or "offre"

    @property
    def read_level(self):
        """The level and the diploma asked for; None where the offer is for everybody."""
        return ReadLevel(self.level, Diploma(self.diploma or Diploma.OTHER)) if self.level else None

    @read_level.setter
    def read_level(self, read):
        self.level, self.diploma = (read.level, read.diploma) if read else (None, "")

    @property
    def level_label(self):
        """The level asked for, as schools print it; nothing where the offer is for everybody."""
        return level_label(self.read_level) if self.level else ""

    @property
    def school_year_label(self):
        return school_year_label(self.school_year) if self.school_year else ""

    def is_open_on(self, day):
        """Whether students may answer the offer on this day."""
        return self.state == OfferState.PUBLISHED and self.apply_until >= day

    @property
    def is_online(self):
        """Whether visitors see it today, and students may answer it."""
        return self.is_open_on(today())
