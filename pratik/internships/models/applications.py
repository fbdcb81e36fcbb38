from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.accounts.models import StudentProfile
from pratik.core.files import DOCUMENT_SUFFIXES, RandomName, private_storage
from pratik.core.history import history
from pratik.core.inspection import Scan
from pratik.core.models import BusinessModel

from ..enums import (
    APPLICATION_COLORS,
    LIVE_APPLICATIONS,
    OPEN_APPLICATIONS,
    REACHABLE_APPLICATIONS,
    ApplicationState,
    RefusalReason,
)
from ..querysets import ApplicationQuerySet
from ..workflow import APPLICATION
from .offers import MAX_QUESTIONS, InternshipOffer

LONGEST_LETTER = 6000
LONGEST_ANSWER = 2000


def validate_answers(value):
    """A list of [question, answer], each answered: the questions are kept as they were when they were put."""
    pairs = isinstance(value, list) and len(value) <= MAX_QUESTIONS
    if not pairs or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
        for pair in value
    ):
        raise ValidationError(_("Les réponses ne se lisent pas."), code="not_answers")
    for _question, answer in value:
        if not answer.strip():
            raise ValidationError(_("Répondez à chaque question."), code="unanswered")
        if len(answer) > LONGEST_ANSWER:
            raise ValidationError(
                _("Une réponse compte au plus %(limit)s caractères."),
                code="too_long",
                params={"limit": LONGEST_ANSWER},
            )


class Application(BusinessModel):
    """A student answers an offer, with a letter and what the offer asks for."""

    natural_key_fields = ("offer", "student", "sent_at")
    workflow = APPLICATION
    # Places, placements and messages followed from what was decided: the verbs take it back, with those.
    is_undoable = False

    offer = models.ForeignKey(
        InternshipOffer,
        on_delete=models.PROTECT,
        editable=False,
        related_name="applications",
        verbose_name=gettext_lazy("offre"),
    )
    student = models.ForeignKey(
        StudentProfile,
        on_delete=models.PROTECT,
        editable=False,
        related_name="applications",
        verbose_name=gettext_lazy("étudiant"),
    )
    letter = models.TextField(
        gettext_lazy("lettre de motivation"),
        max_length=LONGEST_LETTER,
        help_text=gettext_lazy("Pourquoi cette offre, et ce que vous savez faire."),
    )
    answers = models.JSONField(
        gettext_lazy("réponses"), default=list, blank=True, editable=False, validators=[validate_answers]
    )
    state = models.CharField(
        gettext_lazy("état"),
        max_length=11,
        choices=ApplicationState.choices,
        default=ApplicationState.RECEIVED,
        editable=False,
        db_index=True,
    )
    sent_at = models.DateTimeField(gettext_lazy("envoyée le"), default=timezone.now, editable=False)
    interview_at = models.DateTimeField(gettext_lazy("entretien le"), null=True, editable=False)
    interview_place = models.CharField(
        gettext_lazy("lieu de l’entretien"), max_length=300, blank=True, default="", editable=False
    )
    refusal_reason = models.CharField(
        gettext_lazy("motif du refus"),
        max_length=20,
        choices=RefusalReason.choices,
        blank=True,
        default="",
        editable=False,
    )
    refusal_text = models.CharField(
        gettext_lazy("précision"), max_length=1000, blank=True, default="", editable=False
    )
    decided_at = models.DateTimeField(gettext_lazy("décidée le"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("décidée par"),
    )

    cv = models.FileField(
        gettext_lazy("CV"),
        upload_to=RandomName("cvs", DOCUMENT_SUFFIXES),
        storage=private_storage,
        max_length=200,
        blank=True,
        editable=False,
    )
    cv_name = models.CharField(
        gettext_lazy("nom du fichier"), max_length=200, blank=True, default="", editable=False
    )
    cv_type = models.CharField(max_length=60, blank=True, default="", editable=False)
    cv_size = models.PositiveIntegerField(gettext_lazy("taille (octets)"), null=True, editable=False)
    cv_pages = models.PositiveSmallIntegerField(gettext_lazy("pages"), null=True, editable=False)
    cv_sha256 = models.CharField(
        gettext_lazy("empreinte"), max_length=64, blank=True, default="", editable=False
    )
    cv_scan = models.CharField(
        gettext_lazy("antivirus"),
        max_length=20,
        choices=Scan.choices,
        default=Scan.NOT_SCANNED,
        editable=False,
    )

    objects = ApplicationQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("candidature")
        verbose_name_plural = gettext_lazy("candidatures")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "student"],
                condition=Q(state__in=LIVE_APPLICATIONS),
                name="application_one_live",
                violation_error_message=gettext_lazy(
                    "Vous avez déjà une candidature en cours pour cette offre."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.REFUSED) | ~Q(refusal_reason=""),
                name="application_refused_with_reason",
                violation_error_code="refusal_reason",
                violation_error_message=gettext_lazy("Un refus a un motif."),
            ),
        ]
        indexes = [
            models.Index(fields=["offer", "state", "sent_at"], name="application_by_offer"),
            models.Index(fields=["student", "state"], name="application_by_student"),
            models.Index(fields=["state", "decided_at"], name="application_by_decision"),
        ]

    def __str__(self):
        return f"{self.student} · {self.offer}"

    def edit_refusal(self):
        """What the company has read is not changed: the application is withdrawn and made again."""
        return _("Une candidature ne se modifie pas : retirez-la, puis faites-en une autre.")

    def deletion_refusal(self):
        return _("Une candidature ne se supprime pas : retirez-la.")

    @property
    def color(self):
        return APPLICATION_COLORS[self.state]

    @property
    def is_open(self):
        """Whether the company has still to answer it for good."""
        return self.state in OPEN_APPLICATIONS

    @property
    def is_live(self):
        """Whether it may still lead somewhere, or led to a place."""
        return self.state in LIVE_APPLICATIONS

    @property
    def is_withdrawn(self):
        """Whether the student took it back."""
        return self.state == ApplicationState.WITHDRAWN

    @property
    def shows_contact(self):
        """Whether the company may write to the student or call them: from the invitation on."""
        return self.state in REACHABLE_APPLICATIONS

    @property
    def has_cv(self):
        return bool(self.cv)
