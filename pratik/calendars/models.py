import datetime

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pratik.core.calendar import weeks_between
from pratik.core.fields import TextListField
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.reference.levels import LEVELS, Diploma, ReadLevel, level_label
from pratik.reference.school_years import school_year_label, school_year_of
from pratik.schools.models import ProgramManager, SchoolProfile

from .enums import CalendarState
from .querysets import LONGEST, SHOWN, CalendarQuerySet
from .workflow import CALENDAR

# A year mistyped as 0027 or 20277 is refused.
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)


class InternshipCalendar(BusinessModel):
    """When the students of one programme of a school are away on internship, and what they look for."""

    natural_key_fields = ("school", "program_key", "start_on")
    derived_fields = ("program_key", "school_year", "search_text")
    workflow = CALENDAR

    school = models.ForeignKey(
        SchoolProfile,
        on_delete=models.PROTECT,
        related_name="internship_calendars",
        verbose_name=_("établissement"),
    )
    program_manager = models.ForeignKey(
        ProgramManager,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="managed_calendars",
        verbose_name=_("responsable"),
    )
    program_name = models.CharField(_("filière"), max_length=200)
    program_key = models.CharField(max_length=200, editable=False, default="")
    level = models.PositiveSmallIntegerField(_("niveau de qualification"), choices=LEVELS)
    diploma = models.CharField(_("diplôme"), max_length=20, choices=Diploma.choices)
    year_in_cycle = models.PositiveSmallIntegerField(_("année dans le cycle"), null=True, blank=True)
    start_on = models.DateField(_("début"))
    end_on = models.DateField(_("fin"))
    school_year = models.PositiveSmallIntegerField(_("année scolaire"), editable=False, db_index=True)
    number_of_students = models.PositiveIntegerField(
        _("effectif"),
        validators=[
            MinValueValidator(1, _("L’effectif doit être d’au moins 1.")),
            MaxValueValidator(2000, _("L’effectif ne peut pas dépasser 2 000.")),
        ],
    )
    skills_sought = TextListField(_("compétences recherchées"))
    description = models.TextField(_("description"), blank=True, max_length=4000)
    is_visible_to_companies = models.BooleanField(_("visible des entreprises"), default=True)
    state = models.CharField(
        _("état"),
        max_length=10,
        choices=CalendarState.choices,
        default=CalendarState.DRAFT,
        editable=False,
        db_index=True,
    )
    published_at = models.DateTimeField(_("publié le"), null=True, editable=False)
    search_text = models.CharField(max_length=400, editable=False, default="")

    objects = CalendarQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("calendrier de stages")
        verbose_name_plural = _("calendriers de stages")
        ordering = ["start_on", "program_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "program_key", "start_on"],
                name="calendar_once_a_start",
                violation_error_message=_(
                    "Cet établissement a déjà un calendrier de cette filière à cette date de début."
                ),
            ),
            models.CheckConstraint(
                condition=Q(end_on__gt=F("start_on")),
                name="calendar_ends_after_start",
                violation_error_code="end_on",
                violation_error_message=_("La fin doit suivre le début."),
            ),
            models.CheckConstraint(
                condition=Q(start_on__gte=FIRST_DAY) & Q(start_on__lt=LAST_DAY),
                name="calendar_starts_in_our_time",
                violation_error_code="start_on",
                violation_error_message=_("Vérifiez l’année du début."),
            ),
            models.CheckConstraint(
                condition=Q(number_of_students__gte=1),
                name="calendar_has_students",
                violation_error_code="number_of_students",
                violation_error_message=_("L’effectif doit être d’au moins 1."),
            ),
        ]
        indexes = [
            # With both days, what is over is passed by in the index.
            models.Index(fields=["state", "start_on", "end_on"], name="calendar_state_days"),
            models.Index(fields=["start_on", "end_on"]),
            # What visitors look through.
            models.Index(
                fields=["level", "start_on", "end_on"], condition=SHOWN, name="calendar_shown_level"
            ),
            models.Index(
                fields=["school", "start_on", "end_on"], condition=SHOWN, name="calendar_shown_school"
            ),
        ]

    def __str__(self):
        return f"{self.program_name}, {self.start_on:%d/%m/%Y}"

    def derive(self):
        self.program_name = " ".join(self.program_name.split())
        self.program_key = fold(self.program_name)[:200]
        self.school_year = school_year_of(self.start_on) if self.start_on else None
        self.search_text = f"{self.program_key} {fold(' '.join(self.skills_sought))}"[:400]

    def clean(self):
        """What the constraints can't say; makes no query when the manager is loaded."""
        if self.program_name and not fold(self.program_name):
            raise ValidationError(
                {"program_name": _("Écrivez le nom de la filière en lettres.")}, code="program_unreadable"
            )
        if self.start_on and self.end_on and self.end_on - self.start_on > LONGEST:
            raise ValidationError(
                {"end_on": _("Un stage ne dure pas plus d’un an : vérifiez les dates.")}, code="too_long"
            )
        if self.program_manager_id and self.program_manager.school_id != self.school_id:
            raise ValidationError(
                {"program_manager": _("Ce responsable est d’un autre établissement.")}, code="foreign_manager"
            )

    def deletion_refusal(self):
        """Only a draft is deleted; what was public is withdrawn or archived, so that its trace stays."""
        if self.state == CalendarState.DRAFT:
            return None
        return _("Seul un brouillon se supprime : retirez ou archivez ce calendrier.")

    def edit_refusal(self):
        """An archived calendar is closed."""
        if self.state == CalendarState.ARCHIVED:
            return _("Ce calendrier est archivé : il ne se modifie plus.")
        return None

    @property
    def read_level(self):
        return ReadLevel(self.level, Diploma(self.diploma), self.year_in_cycle)

    @read_level.setter
    def read_level(self, read):
        self.level, self.diploma, self.year_in_cycle = read.level, read.diploma, read.year_in_cycle

    @property
    def level_label(self):
        """The level as schools print it: « BTS 2e année »."""
        return level_label(self.read_level)

    @property
    def school_year_label(self):
        return school_year_label(self.school_year) if self.school_year else ""

    @property
    def number_of_weeks(self):
        """How many weeks of the year the placement touches."""
        return len(weeks_between(self.start_on, self.end_on))

    @property
    def slug(self):
        return slugify(self.program_name)[:80] or "calendrier"

    @property
    def is_public(self):
        """Whether visitors may see it; the school must be loaded."""
        return (
            self.state == CalendarState.PUBLISHED and self.is_visible_to_companies and self.school.is_visible
        )
