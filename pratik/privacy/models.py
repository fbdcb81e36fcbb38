from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import today
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.schools.models import ProgramManager

from .enums import OPEN_STATES, RequestState
from .querysets import ErasureRequestQuerySet, RetentionRunQuerySet
from .workflow import ERASURE


class ErasureRequest(BusinessModel):
    """Somebody asks that what is held about them be erased (GDPR, article 17).

    It is about an account, or about a school's contact who has none; such a person asks by letter, and an
    administrator writes the request down with the day it arrived.
    """

    natural_key_fields = ("user", "contact", "received_on")
    keeps_every_version = True
    workflow = ERASURE

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="erasure_requests",
        verbose_name=gettext_lazy("compte"),
    )
    contact = models.ForeignKey(
        ProgramManager,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="erasure_requests",
        verbose_name=gettext_lazy("responsable de stages sans compte"),
    )
    received_on = models.DateField(
        gettext_lazy("reçue le"),
        default=today,
        help_text=gettext_lazy("Le délai de réponse court à partir de ce jour, à l’heure de Cayenne."),
    )
    due_on = models.DateField(gettext_lazy("réponse due le"), editable=False, db_index=True)
    reason = models.TextField(gettext_lazy("ce qu’écrit la personne"), blank=True, max_length=2000)
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=RequestState.choices,
        default=RequestState.RECEIVED,
        editable=False,
        db_index=True,
    )
    answer = models.TextField(
        gettext_lazy("ce qui a été répondu"), blank=True, max_length=2000, editable=False
    )
    decided_at = models.DateTimeField(gettext_lazy("close le"), null=True, editable=False)

    objects = ErasureRequestQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("demande d’effacement")
        verbose_name_plural = gettext_lazy("demandes d’effacement")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(user=None) & ~Q(contact=None)) | (~Q(user=None) & Q(contact=None)),
                name="erasure_of_one_person",
                violation_error_code="user",
                violation_error_message=gettext_lazy(
                    "Choisissez un compte, ou un responsable de stages sans compte."
                ),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=OPEN_STATES),
                name="erasure_asked_once_by_account",
                violation_error_message=gettext_lazy("Une demande de cette personne est déjà en cours."),
            ),
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(state__in=OPEN_STATES),
                name="erasure_asked_once_by_contact",
                violation_error_message=gettext_lazy("Une demande de cette personne est déjà en cours."),
            ),
        ]

    def __str__(self):
        return _("%(who)s, demande du %(day)s") % {
            "who": self.person,
            "day": date_format(self.received_on, "SHORT_DATE_FORMAT"),
        }

    def deletion_refusal(self):
        """The proof that a request was answered is kept."""
        return _("Une demande d’effacement ne se supprime pas : elle prouve la réponse donnée.")

    @property
    def person(self):
        """Whom it is about: an account or a contact."""
        return self.user or self.contact

    @property
    def is_open(self):
        return self.state in OPEN_STATES

    def days_left(self, day):
        """Days until the answer is due, counted from `day`; negative when it is late."""
        return (self.due_on - day).days


class RetentionRun(models.Model):
    """One passage of the task that removes what is kept no longer: a log line, not a business row.

    `results` holds for each rule how many people were warned, how many rows were treated and how many it
    had to leave. A passage without an end was stopped half-way; the next one does the rest.
    """

    started_at = models.DateTimeField(gettext_lazy("début"), default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(gettext_lazy("fin"), null=True)
    warned = models.PositiveIntegerField(gettext_lazy("personnes prévenues"), default=0)
    treated = models.PositiveIntegerField(gettext_lazy("lignes traitées"), default=0)
    results = models.JSONField(gettext_lazy("bilan par règle"), default=dict)

    objects = RetentionRunQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("passage de la conservation")
        verbose_name_plural = gettext_lazy("passages de la conservation")
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        moment = timezone.localtime(self.started_at)
        return _("Passage du %(when)s") % {"when": date_format(moment, "SHORT_DATETIME_FORMAT")}
