from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.accounts.enums import Role, StudentStatus
from pratik.accounts.models import StudentProfile
from pratik.core.history import history
from pratik.core.models import BusinessModel, Operation
from pratik.partners.models import CompanyProfile
from pratik.recommendations.models import shown_name
from pratik.reference.levels import Diploma, ReadLevel, level_label

from .enums import LIVE_STATES, ChangeKind, FollowState, Ground
from .querysets import DispatchQuerySet, FollowQuerySet, ProfileChangeQuerySet
from .workflow import FOLLOW

WANTED = tuple(f"wants_{kind}" for kind in ChangeKind.values)
SHOWN = tuple(f"shows_{kind}" for kind in ChangeKind.values)


def level_text(level, diploma, year_in_cycle):
    """A level as schools print it, from the three columns of a profile; nothing without a level."""
    if not level:
        return ""
    return level_label(ReadLevel(level, Diploma(diploma or Diploma.OTHER), year_in_cycle))


class Follow(BusinessModel):
    """A company follows a student: what it asked to be told of, and what the student lets it see.

    The two are apart: `wants_…` are the company's, `shows_…` the student's. Only while it is active does the
    company see anything, and of that only what the student shows.
    """

    natural_key_fields = ("company", "student")
    workflow = FOLLOW
    # An agreement that was taken back is not given again by undoing that.
    is_undoable = False

    company = models.ForeignKey(
        CompanyProfile,
        on_delete=models.PROTECT,
        related_name="follows",
        editable=False,
        verbose_name=gettext_lazy("entreprise"),
    )
    student = models.ForeignKey(
        StudentProfile,
        on_delete=models.PROTECT,
        related_name="follows",
        editable=False,
        verbose_name=gettext_lazy("étudiant"),
    )
    ground = models.CharField(
        gettext_lazy("possible parce que"), max_length=20, choices=Ground.choices, editable=False
    )
    message = models.CharField(gettext_lazy("message"), max_length=500, blank=True, editable=False)
    wants_level = models.BooleanField(gettext_lazy("prévenir d’un changement de niveau"), default=False)
    wants_domain = models.BooleanField(gettext_lazy("prévenir d’un changement de domaine"), default=False)
    wants_status = models.BooleanField(gettext_lazy("prévenir d’un changement de situation"), default=False)
    shows_level = models.BooleanField(gettext_lazy("niveau montré"), default=False)
    shows_domain = models.BooleanField(gettext_lazy("domaine d’études montré"), default=False)
    shows_status = models.BooleanField(gettext_lazy("situation montrée"), default=False)
    names_student = models.BooleanField(gettext_lazy("nom complet connu"), default=False, editable=False)
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=FollowState.choices,
        default=FollowState.REQUESTED,
        editable=False,
        db_index=True,
    )
    agreed_at = models.DateTimeField(gettext_lazy("accord donné le"), null=True, editable=False)
    closed_at = models.DateTimeField(gettext_lazy("clos le"), null=True, editable=False)

    objects = FollowQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("suivi d’étudiant")
        verbose_name_plural = gettext_lazy("suivis d’étudiants")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "student"],
                condition=Q(state__in=LIVE_STATES),
                name="follow_once_while_live",
                violation_error_message=gettext_lazy("Cette entreprise suit déjà cet étudiant."),
            ),
            models.CheckConstraint(
                condition=Q(wants_level=True) | Q(wants_domain=True) | Q(wants_status=True),
                name="follow_wants_something",
                violation_error_code="wants_level",
                violation_error_message=gettext_lazy("Choisissez au moins une chose à suivre."),
            ),
            models.CheckConstraint(
                condition=~Q(state=FollowState.ACTIVE)
                | Q(shows_level=True)
                | Q(shows_domain=True)
                | Q(shows_status=True),
                name="follow_active_shows_something",
                violation_error_code="shows_level",
                violation_error_message=gettext_lazy("Montrez au moins une chose, ou retirez votre accord."),
            ),
            models.CheckConstraint(
                condition=~Q(state=FollowState.ACTIVE) | Q(agreed_at__isnull=False),
                name="follow_active_was_agreed",
                violation_error_code="agreed_at",
                violation_error_message=gettext_lazy("Un suivi en cours a la date de son accord."),
            ),
        ]
        indexes = [models.Index(fields=["student", "state"], name="follow_student_state")]

    def __str__(self):
        return f"{self.company} · {self.student_name}"

    def edit_refusal(self):
        """What is over is not changed any more."""
        return None if self.is_live else _("Ce suivi est terminé : il ne se modifie plus.")

    def deletion_refusal(self):
        """That somebody agreed, and took it back, is kept to be shown."""
        return _("Un suivi ne se supprime pas : il prend fin.")

    def reserved_fields(self, actor):
        """What the company is told of is the company's to choose, what it sees is the student's: first with
        the agreement, then on the page.
        """
        match actor.role:
            case Role.STUDENT if self.state != FollowState.REQUESTED:
                return WANTED
            case Role.COMPANY:
                return SHOWN
            case _:
                return (*WANTED, *SHOWN)

    @property
    def is_live(self):
        return self.state in LIVE_STATES

    @property
    def is_active(self):
        return self.state == FollowState.ACTIVE

    @property
    def student_name(self):
        """The person's name as far as the company knows it; the account must be loaded."""
        return shown_name(self.student.user, full=self.names_student)

    @property
    def wanted_kinds(self):
        """What the company asked to be told of."""
        return [kind for kind in ChangeKind if getattr(self, f"wants_{kind.value}")]

    @property
    def shown_kinds(self):
        """What the student lets the company see."""
        return [kind for kind in ChangeKind if getattr(self, f"shows_{kind.value}")]

    @property
    def told_kinds(self):
        """What the company is told of: asked for by the one, and shown by the other."""
        return [kind for kind in self.shown_kinds if kind in self.wanted_kinds] if self.is_active else []

    def seen(self, kind):
        """One thing of the student's profile in words, as the company sees it; None for what it does not.

        The student must be loaded.
        """
        if not self.is_active or kind not in self.shown_kinds:
            return None
        return told_value(kind, value_of(kind, self.student))

    @property
    def seen_in_words(self):
        """What the company sees of the student, one thing after the other; the student must be loaded."""
        return [(kind, self.seen(kind)) for kind in ChangeKind]

    @property
    def level_seen(self):
        return self.seen(ChangeKind.LEVEL)

    @property
    def domain_seen(self):
        return self.seen(ChangeKind.DOMAIN)

    @property
    def status_seen(self):
        return self.seen(ChangeKind.STATUS)


def value_of(kind, profile):
    """One followed thing of a profile, or of a line of its history, as it is kept in a change."""
    if kind == ChangeKind.LEVEL:
        return level_text(profile.level, profile.diploma, profile.year_in_cycle)
    return profile.domain if kind == ChangeKind.DOMAIN else profile.status


def told_value(kind, value):
    """The same in words: a situation has its label, what is empty says so."""
    if kind == ChangeKind.STATUS and value in StudentStatus.values:
        return str(StudentStatus(value).label)
    return value or _("non renseigné")


class ProfileChange(models.Model):
    """One thing that one operation changed in the profile of a student whom somebody follows.

    From before the operation to after it, whatever happened between; back where it was is no change. Written
    by the machinery with the change itself, and never edited: it has no history of its own.
    """

    student = models.ForeignKey(
        StudentProfile,
        on_delete=models.PROTECT,
        related_name="profile_changes",
        verbose_name=gettext_lazy("étudiant"),
    )
    field = models.CharField(gettext_lazy("ce qui change"), max_length=10, choices=ChangeKind.choices)
    before = models.CharField(gettext_lazy("avant"), max_length=200, blank=True)
    after = models.CharField(gettext_lazy("après"), max_length=200, blank=True)
    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("opération")
    )
    at = models.DateTimeField(gettext_lazy("le"), default=timezone.now)

    objects = ProfileChangeQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("changement de parcours")
        verbose_name_plural = gettext_lazy("changements de parcours")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["operation", "student", "field"], name="profile_change_once")
        ]
        indexes = [models.Index(fields=["student", "at"], name="profile_change_of_student")]

    def __str__(self):
        return _("%(what)s : %(before)s → %(after)s") % {
            "what": self.get_field_display(),
            "before": self.told_before,
            "after": self.told_after,
        }

    @property
    def told_before(self):
        return told_value(self.field, self.before)

    @property
    def told_after(self):
        return told_value(self.field, self.after)


class Dispatch(models.Model):
    """How far the followers have been told of what one operation changed: the last of those who were.

    Written with the change itself, so that it is lost or kept with it; a worker that dies leaves it where it
    was, and the next goes on from there. Machinery: without history.
    """

    operation = models.OneToOneField(
        Operation,
        on_delete=models.PROTECT,
        related_name="+",
        primary_key=True,
        verbose_name=gettext_lazy("opération"),
    )
    last_follow = models.PositiveBigIntegerField(gettext_lazy("dernier suivi prévenu"), default=0)
    last_member = models.PositiveBigIntegerField(gettext_lazy("dernier membre prévenu"), default=0)
    told = models.PositiveBigIntegerField(gettext_lazy("avis écrits"), default=0)
    started_at = models.DateTimeField(gettext_lazy("demandé le"), default=timezone.now)
    finished_at = models.DateTimeField(gettext_lazy("fini le"), null=True)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("envoi aux entreprises qui suivent")
        verbose_name_plural = gettext_lazy("envois aux entreprises qui suivent")
        ordering = ["-pk"]

    def __str__(self):
        return str(self.operation)
