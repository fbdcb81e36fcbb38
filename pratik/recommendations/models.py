from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.accounts.models import StudentProfile
from pratik.core.calendar import CAYENNE
from pratik.core.contacts import contact_in
from pratik.core.fields import TextListField
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.internships.enums import HOSTED_STATES
from pratik.internships.models import Placement
from pratik.papers.services import new_code
from pratik.partners.models import CompanyProfile

from .enums import (
    RECOMMENDATION_COLORS,
    Rating,
    RecommendationState,
    Strength,
    Visibility,
)
from .querysets import RecommendationQuerySet, RecommendedStudentQuerySet
from .workflow import RECOMMENDATION

SEARCHED = 2_000


def _strength(strength):
    return models.BooleanField(strength.label, default=False)


class InternRecommendation(BusinessModel):
    """What a company says of a person whom it hosted; read by nobody else before the person agrees.

    Who reads it, and under which name, is the person's choice, taken back at any time. The company and the
    student are those of the placement.
    """

    natural_key_fields = ("company", "student", "placement")
    derived_fields = ("search_text", "skills_key", "domains_key")
    workflow = RECOMMENDATION
    # An agreement that was taken back is not given again by undoing that.
    is_undoable = False

    placement = models.ForeignKey(
        Placement,
        on_delete=models.PROTECT,
        related_name="recommendations",
        verbose_name=gettext_lazy("stage"),
    )
    company = models.ForeignKey(
        CompanyProfile,
        on_delete=models.PROTECT,
        related_name="recommendations",
        editable=False,
        verbose_name=gettext_lazy("entreprise"),
    )
    student = models.ForeignKey(
        StudentProfile,
        on_delete=models.PROTECT,
        related_name="recommendations",
        editable=False,
        verbose_name=gettext_lazy("étudiant"),
    )
    rating = models.PositiveSmallIntegerField(
        gettext_lazy("note"),
        choices=Rating.choices,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    autonomy = _strength(Strength.AUTONOMY)
    teamwork = _strength(Strength.TEAMWORK)
    rigor = _strength(Strength.RIGOR)
    creativity = _strength(Strength.CREATIVITY)
    punctuality = _strength(Strength.PUNCTUALITY)
    skills_validated = TextListField(gettext_lazy("compétences validées"))
    recommended_domains = TextListField(gettext_lazy("domaines où vous recommandez cette personne"))
    comment = models.TextField(
        gettext_lazy("commentaire"),
        max_length=2000,
    )
    author_name = models.CharField(
        gettext_lazy("qui recommande"),
        max_length=200,
        blank=True,
    )
    author_role = models.CharField(
        gettext_lazy("fonction"),
        max_length=200,
        blank=True,
    )
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=RecommendationState.choices,
        default=RecommendationState.DRAFT,
        editable=False,
        db_index=True,
    )
    visibility = models.CharField(
        gettext_lazy("visible par"),
        max_length=10,
        choices=Visibility.choices,
        blank=True,
        default="",
        editable=False,
    )
    shows_full_name = models.BooleanField(gettext_lazy("nom complet montré"), default=False, editable=False)
    is_featured = models.BooleanField(gettext_lazy("mise en avant"), default=False, editable=False)
    code = models.CharField(gettext_lazy("code de vérification"), max_length=40, unique=True, editable=False)
    proposed_at = models.DateTimeField(gettext_lazy("envoyée le"), null=True, editable=False)
    accepted_at = models.DateTimeField(gettext_lazy("acceptée le"), null=True, editable=False)
    declined_at = models.DateTimeField(gettext_lazy("déclinée le"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(gettext_lazy("retirée le"), null=True, editable=False)
    withdrawal_reason = models.TextField(
        gettext_lazy("motif du retrait"), blank=True, default="", editable=False
    )
    search_text = models.CharField(max_length=SEARCHED, editable=False, default="")
    # The names of the skills and of the domains, each between bars, so that a whole name can be looked for.
    skills_key = models.TextField(editable=False, default="")
    domains_key = models.TextField(editable=False, default="")

    objects = RecommendationQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("recommandation")
        verbose_name_plural = gettext_lazy("recommandations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "student", "placement"],
                name="recommendation_once_for_a_placement",
                violation_error_message=gettext_lazy("Ce stage a déjà sa recommandation."),
            ),
            models.CheckConstraint(
                condition=Q(rating__gte=1) & Q(rating__lte=5),
                name="recommendation_rating_one_to_five",
                violation_error_code="rating",
                violation_error_message=gettext_lazy("Une note va de 1 à 5."),
            ),
            models.CheckConstraint(
                condition=~Q(state=RecommendationState.ACCEPTED) | ~Q(visibility=""),
                name="recommendation_accepted_for_somebody",
                violation_error_code="visibility",
                violation_error_message=gettext_lazy("Une recommandation acceptée dit qui peut la lire."),
            ),
            models.CheckConstraint(
                condition=Q(is_featured=False)
                | Q(state=RecommendationState.ACCEPTED, visibility=Visibility.PUBLIC),
                name="recommendation_featured_when_public",
                violation_error_code="is_featured",
                violation_error_message=gettext_lazy(
                    "Seule une recommandation acceptée et publique se met en avant."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.student} · {self.company}"

    def clean(self):
        """That the company hosted the person, and that nobody is reached by what anybody may read."""
        errors = {}
        if self._state.adding and self.placement_id and self.placement.state not in HOSTED_STATES:
            errors["placement"] = ValidationError(
                _("Ce stage n’a pas commencé : une recommandation s’écrit à partir du premier jour."),
                code="not_hosted",
            )
        for name in ("comment", "skills_validated", "recommended_domains", "author_name", "author_role"):
            value = getattr(self, name)
            if found := contact_in(value if isinstance(value, str) else "\n".join(value)):
                errors[name] = ValidationError(
                    _("Retirez « %(found)s » : ce texte peut devenir public.") % {"found": found},
                    code="contact_in_public",
                )
        if errors:
            raise ValidationError(errors)

    def derive(self):
        self.author_name = " ".join(self.author_name.split())
        self.author_role = " ".join(self.author_role.split())
        if self._state.adding and self.placement_id:
            self.company_id, self.student_id = self.placement.company_id, self.placement.student_id
        self.code = self.code or new_code()
        self.skills_key = _key(self.skills_validated)
        self.domains_key = _key(self.recommended_domains)
        self.search_text = fold(" ".join((*self.skills_validated, *self.recommended_domains)))[:SEARCHED]

    def edit_refusal(self):
        """What was sent is not changed behind the person's back: only a draft is."""
        match self.state:
            case RecommendationState.DRAFT:
                return None
            case RecommendationState.PROPOSED:
                return _("Remettez d’abord cette recommandation en brouillon.")
            case _:
                return _("L’étudiant a répondu : cette recommandation ne se modifie plus.")

    def deletion_refusal(self):
        """Only a draft is deleted: of what was sent, the trace stays."""
        if self.state == RecommendationState.DRAFT:
            return None
        return _("Cette recommandation a été envoyée : retirez-la plutôt.")

    @property
    def color(self):
        return RECOMMENDATION_COLORS[self.state]

    @property
    def number(self):
        """What the document is called by: R-2026-000012."""
        return f"R-{localdate(self.created_at, CAYENNE).year}-{self.pk:06}"

    @property
    def strengths(self):
        """What the company says that the person is good at, in words."""
        return [strength.label for strength in Strength if getattr(self, strength.value)]

    @property
    def shown_name(self):
        """The person's name as they want it shown; the account must be loaded."""
        return shown_name(self.student.user, full=self.shows_full_name)

    @property
    def is_accepted(self):
        return self.state == RecommendationState.ACCEPTED

    @property
    def is_retracted(self):
        """Whether the company took back what it wrote, which only it does with a reason."""
        return self.state == RecommendationState.WITHDRAWN and bool(self.withdrawal_reason)

    @property
    def is_public(self):
        """Whether visitors may read it; the account must be loaded."""
        return self.is_accepted and self.visibility == Visibility.PUBLIC and self.student.user.is_active


def shown_name(user, *, full):
    """A person's name in full, or the first name with the initial of the other one: « Camille P. »."""
    if full or not user.last_name:
        return user.get_full_name() or _("Un étudiant")
    return f"{user.first_name} {user.last_name[0].upper()}.".strip()


def _key(names):
    return "".join(f"|{fold(name)}|" for name in names)


class RecommendedStudent(StudentProfile):
    """A person as companies meet them in the list of those whom others recommend.

    What stands on the page is what the person agreed to be read; how to reach them is not.
    """

    objects = RecommendedStudentQuerySet.as_manager()

    class Meta:
        proxy = True
        verbose_name = gettext_lazy("étudiant recommandé")
        verbose_name_plural = gettext_lazy("étudiants recommandés")
        ordering = ["pk"]

    def __str__(self):
        return self.shown_name

    @property
    def shown_name(self):
        """The name as the person wants it shown: in full only where each of their agreements says so."""
        return shown_name(self.user, full=not getattr(self, "hides_name", True))

    @property
    def strengths(self):
        """Every strength that a company named, each once, in the usual order."""
        named = {label for row in self.accepted_recommendations for label in row.strengths}
        return [strength.label for strength in Strength if strength.label in named]

    @property
    def skills_validated(self):
        """Every skill that a company validated, each once."""
        return _each_once(row.skills_validated for row in self.accepted_recommendations)

    @property
    def recommended_domains(self):
        """Every domain that a company recommends the person for, each once."""
        return _each_once(row.recommended_domains for row in self.accepted_recommendations)


def _each_once(lists):
    found = {}
    for names in lists:
        for name in names:
            found.setdefault(fold(name), name)
    return list(found.values())
