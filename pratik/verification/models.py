import datetime

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.accounts.enums import AccountType
from pratik.core.calendar import CAYENNE, today
from pratik.core.files import DOCUMENT_SUFFIXES, RandomName, private_storage
from pratik.core.history import history
from pratik.core.inspection import Scan
from pratik.core.models import BusinessModel

from .enums import WITHOUT_FILE, DocumentState, DocumentType, Need, RejectionReason
from .querysets import DocumentQuerySet, RequirementQuerySet, ReviewClaimQuerySet
from .workflow import DOCUMENT


class Requirement(BusinessModel):
    """One way to prove one thing, for one type of account.

    A file is complete when each need that has an active requirement is proved by one of its documents.
    """

    natural_key_fields = ("account_type", "document_type")

    account_type = models.CharField(
        gettext_lazy("type de compte"), max_length=20, choices=AccountType.choices
    )
    need = models.CharField(gettext_lazy("à prouver"), max_length=20, choices=Need.choices)
    document_type = models.CharField(gettext_lazy("pièce"), max_length=30, choices=DocumentType.choices)
    is_active = models.BooleanField(
        gettext_lazy("demandée"),
        default=True,
        help_text=gettext_lazy("Les badges sont recalculés quand une exigence change."),
    )
    expiry_required = models.BooleanField(
        gettext_lazy("échéance obligatoire"),
        default=False,
        help_text=gettext_lazy("La pièce porte une date de fin de validité, qu’il faut indiquer."),
    )
    max_age_days = models.PositiveSmallIntegerField(
        gettext_lazy("âge maximal à l’envoi (jours)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=gettext_lazy("Par exemple 90 pour un justificatif de domicile."),
    )
    validity_months = models.PositiveSmallIntegerField(
        gettext_lazy("validité maximale (mois)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=gettext_lazy("Comptée depuis la date de délivrance."),
    )
    note = models.CharField(gettext_lazy("consigne"), max_length=300, blank=True)

    objects = RequirementQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("exigence")
        verbose_name_plural = gettext_lazy("exigences")
        ordering = ["account_type", "need", "document_type"]
        constraints = [
            models.UniqueConstraint(
                fields=["account_type", "document_type"],
                name="requirement_once",
                violation_error_message=gettext_lazy("Cette pièce est déjà demandée à ce type de compte."),
            ),
            models.CheckConstraint(
                condition=~Q(account_type=AccountType.STAFF),
                name="requirement_not_of_staff",
                violation_error_code="account_type",
                violation_error_message=gettext_lazy("L’équipe PRATIK n’envoie pas de pièces."),
            ),
        ]

    def __str__(self):
        return f"{self.get_account_type_display()} · {self.get_document_type_display()}"

    @property
    def asks_for_issue_day(self):
        """Whether the day of issue must be known to apply this requirement."""
        return bool(self.max_age_days or self.validity_months)


class VerificationDocument(BusinessModel):
    """A supporting document as one person sent it once, and what became of it.

    A new version is another row that `replaces` the one before. `is_current` is the latest version of its
    type; `is_in_force` is the one that counts: a renewal that waits for its review takes nothing away, the
    accepted version before it counts until the renewal is accepted or its own last day is over.
    """

    natural_key_fields = ("owner", "document_type", "submitted_at")
    workflow = DOCUMENT
    # Badges, listings and messages followed from what was decided: the verbs take it back, with all of that.
    is_undoable = False

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="verification_documents",
        verbose_name=gettext_lazy("compte"),
    )
    document_type = models.CharField(
        gettext_lazy("pièce"), max_length=30, choices=DocumentType.choices, editable=False
    )
    state = models.CharField(
        gettext_lazy("état"),
        max_length=20,
        choices=DocumentState.choices,
        default=DocumentState.PENDING,
        editable=False,
    )
    reference = models.CharField(gettext_lazy("numéro de la pièce"), max_length=60, blank=True)
    issued_on = models.DateField(gettext_lazy("délivrée le"), null=True, blank=True)
    expires_on = models.DateField(
        gettext_lazy("valable jusqu’au"),
        null=True,
        blank=True,
        help_text=gettext_lazy("Dernier jour compris."),
    )
    submitted_at = models.DateTimeField(gettext_lazy("envoyée le"), default=timezone.now, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("envoyée par"),
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
    first_approved_at = models.DateTimeField(gettext_lazy("premier avis le"), null=True, editable=False)
    first_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("premier avis de"),
    )
    rejection_reason = models.CharField(
        gettext_lazy("motif du refus"),
        max_length=20,
        choices=RejectionReason.choices,
        blank=True,
        default="",
        editable=False,
    )
    rejection_text = models.CharField(
        gettext_lazy("précision"), max_length=500, blank=True, default="", editable=False
    )
    seen_on = models.DateField(gettext_lazy("vu le"), null=True, editable=False)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="replaced_by",
        verbose_name=gettext_lazy("remplace"),
    )
    is_current = models.BooleanField(gettext_lazy("dernière version"), default=True, editable=False)
    is_in_force = models.BooleanField(gettext_lazy("prise en compte"), default=False, editable=False)

    file = models.FileField(
        gettext_lazy("fichier"),
        upload_to=RandomName("documents", DOCUMENT_SUFFIXES),
        storage=private_storage,
        max_length=200,
        blank=True,
        editable=False,
    )
    file_name = models.CharField(
        gettext_lazy("nom du fichier"), max_length=200, blank=True, default="", editable=False
    )
    content_type = models.CharField(max_length=60, blank=True, default="", editable=False)
    size = models.PositiveIntegerField(gettext_lazy("taille (octets)"), null=True, editable=False)
    pages = models.PositiveSmallIntegerField(gettext_lazy("pages"), null=True, editable=False)
    sha256 = models.CharField(
        gettext_lazy("empreinte"), max_length=64, blank=True, default="", editable=False, db_index=True
    )
    scan = models.CharField(
        gettext_lazy("antivirus"),
        max_length=20,
        choices=Scan.choices,
        default=Scan.NOT_SCANNED,
        editable=False,
    )
    file_due_on = models.DateField(gettext_lazy("fichier à supprimer le"), null=True, editable=False)
    file_deleted_at = models.DateTimeField(gettext_lazy("fichier supprimé le"), null=True, editable=False)

    objects = DocumentQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("pièce justificative")
        verbose_name_plural = gettext_lazy("pièces justificatives")
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "document_type"],
                condition=Q(is_current=True),
                name="document_one_current",
                violation_error_message=gettext_lazy(
                    "Une autre version de cette pièce vient d’être envoyée. Rechargez la page."
                ),
            ),
            models.UniqueConstraint(
                fields=["owner", "document_type"],
                condition=Q(is_in_force=True),
                name="document_one_in_force",
                violation_error_message=gettext_lazy(
                    "Une autre version de cette pièce est déjà prise en compte. Rechargez la page."
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_in_force=False) | Q(state=DocumentState.APPROVED),
                name="document_in_force_is_approved",
                violation_error_code="state",
                violation_error_message=gettext_lazy("Seule une pièce acceptée peut compter."),
            ),
            # A criminal record is seen, never kept: GDPR, article 10; law nº 78-17, article 46.
            models.CheckConstraint(
                condition=(Q(document_type__in=list(WITHOUT_FILE)) & Q(file="", seen_on__isnull=False))
                | (~Q(document_type__in=list(WITHOUT_FILE)) & Q(seen_on=None)),
                name="document_record_without_file",
                violation_error_code="file",
                violation_error_message=gettext_lazy(
                    "Un casier judiciaire ne s’envoie pas et ne se garde pas : notez seulement qui l’a vu et "
                    "quand."
                ),
            ),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(issued_on=None) | Q(expires_on__gte=models.F("issued_on")),
                name="document_ends_after_its_issue",
                violation_error_code="expires_on",
                violation_error_message=gettext_lazy(
                    "La pièce finirait avant sa délivrance : vérifiez les deux dates."
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["submitted_at", "id"],
                condition=Q(state=DocumentState.PENDING, is_current=True),
                name="document_queue",
            ),
            # With the key, so that a passage finds the next ones, in order, from where it is.
            models.Index(
                fields=["expires_on", "id"],
                condition=Q(state=DocumentState.APPROVED),
                name="document_by_last_day",
            ),
            models.Index(fields=["file_due_on", "id"], condition=~Q(file=""), name="document_file_due"),
        ]

    def __str__(self):
        return f"{self.get_document_type_display()} · {self.owner}"

    def derive(self):
        self.reference = " ".join(self.reference.split())

    def deletion_refusal(self):
        """What was decided, and by whom, stays; the file goes by itself."""
        return _("Une pièce ne se supprime pas : son fichier est effacé de lui-même après la décision.")

    def edit_refusal(self):
        """Once decided, what the decision was about is not changed."""
        if self.state != DocumentState.PENDING or not self.is_current:
            return _("Cette pièce est décidée ou remplacée : elle ne se modifie plus.")
        if self.first_approved_at is not None:
            return _("Une première personne a accepté cette pièce : elle ne se modifie plus.")
        return None

    def reserved_fields(self, actor):
        """All but what was typed: the rest is written by what is done with the document."""
        return tuple(field.name for field in self._meta.concrete_fields if not field.editable)

    @property
    def age_in_days(self):
        """For how many days the document has been there, as days are counted in Cayenne."""
        return (today() - timezone.localdate(self.submitted_at, CAYENNE)).days

    @property
    def claimed_by(self):
        """Who looks at the document just now, or None; without a query after `with_claims()`."""
        claim = getattr(self, "claim", None)
        return claim.reviewer if claim is not None and claim.holds_at(timezone.now()) else None

    @property
    def has_file(self):
        return bool(self.file)

    @property
    def is_without_its_file(self):
        """Whether there was a file that is gone, so that nobody can look at the document any more."""
        return not self.file and self.document_type not in WITHOUT_FILE

    def is_valid_on(self, day: datetime.date):
        """Whether its last day is not over by then."""
        return self.expires_on is None or self.expires_on >= day


class ReviewClaim(models.Model):
    """Who looks at a document just now, so that two reviewers do not collide. Machinery: without history."""

    document = models.OneToOneField(
        VerificationDocument,
        on_delete=models.CASCADE,
        related_name="claim",
        verbose_name=gettext_lazy("pièce"),
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="review_claims",
        verbose_name=gettext_lazy("examinateur"),
    )
    claimed_at = models.DateTimeField(gettext_lazy("depuis"), default=timezone.now)
    until = models.DateTimeField(gettext_lazy("jusqu’à"), db_index=True)

    objects = ReviewClaimQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("examen en cours")
        verbose_name_plural = gettext_lazy("examens en cours")
        ordering = ["claimed_at", "pk"]

    def __str__(self):
        return f"{self.document} · {self.reviewer}"

    def holds_at(self, moment):
        """Whether the claim still keeps others away."""
        return self.until > moment
