"""Papers of a placement: the agreement, its amendments, the certificate."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import CAYENNE
from pratik.core.files import DOCUMENT_SUFFIXES, RandomName, private_storage
from pratik.core.history import history
from pratik.core.inspection import Scan
from pratik.core.models import BusinessModel
from pratik.papers.enums import PaperKind

from ..enums import PAPER_COLORS, PaperState
from ..querysets import PlacementPaperQuerySet
from ..workflow import PAPER
from .placements import Placement


class PlacementPaper(BusinessModel):
    """One paper as it was made: its number, its code, and all that is written on it.

    The words of the template and the values of its fields are kept with it, so that the same paper can be
    drawn again whatever has changed since.
    """

    natural_key_fields = ("number",)
    # What cannot change after the paper is made is in the row itself.
    snapshot_fields = ("body", "values", "terms")
    workflow = PAPER
    is_undoable = False

    placement = models.ForeignKey(
        Placement,
        on_delete=models.PROTECT,
        editable=False,
        related_name="papers",
        verbose_name=gettext_lazy("stage"),
    )
    kind = models.CharField(
        gettext_lazy("document"), max_length=20, choices=PaperKind.choices, editable=False
    )
    year = models.PositiveSmallIntegerField(gettext_lazy("année"), editable=False)
    sequence = models.PositiveIntegerField(gettext_lazy("rang dans l’année"), editable=False)
    number = models.CharField(gettext_lazy("numéro"), max_length=20, unique=True, editable=False)
    code = models.CharField(gettext_lazy("code de vérification"), max_length=16, unique=True, editable=False)
    template = models.ForeignKey(
        "papers.PaperTemplate",
        on_delete=models.PROTECT,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("modèle"),
    )
    title = models.CharField(gettext_lazy("titre"), max_length=200, editable=False)
    body = models.TextField(gettext_lazy("texte du modèle"), editable=False)
    values = models.JSONField(gettext_lazy("valeurs"), default=dict, editable=False)
    made_at = models.DateTimeField(gettext_lazy("établi le"), default=timezone.now, editable=False)
    amends = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="amendments",
        verbose_name=gettext_lazy("modifie"),
    )
    changes = models.JSONField(gettext_lazy("ce qui change"), default=list, editable=False)
    # What an amendment writes on the placement once it is signed (`services.amendments`).
    terms = models.JSONField(
        gettext_lazy("nouvelles valeurs"), default=dict, encoder=DjangoJSONEncoder, editable=False
    )
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=PaperState.choices,
        default=PaperState.MADE,
        editable=False,
        db_index=True,
    )
    agreed_at = models.DateTimeField(gettext_lazy("accord de l’organisme le"), null=True, editable=False)
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("accord de l’organisme par"),
    )
    signed_on = models.DateField(gettext_lazy("signé le"), null=True, editable=False)
    void_reason = models.TextField(
        gettext_lazy("motif de l’annulation"), blank=True, default="", editable=False
    )
    file = models.FileField(
        gettext_lazy("copie signée"),
        upload_to=RandomName("signed", DOCUMENT_SUFFIXES),
        storage=private_storage,
        max_length=200,
        blank=True,
        editable=False,
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=gettext_lazy("copie signée versée par"),
    )
    file_name = models.CharField(
        gettext_lazy("nom du fichier"), max_length=200, blank=True, default="", editable=False
    )
    content_type = models.CharField(max_length=60, blank=True, default="", editable=False)
    size = models.PositiveIntegerField(gettext_lazy("taille (octets)"), null=True, editable=False)
    sha256 = models.CharField(
        gettext_lazy("empreinte"), max_length=64, blank=True, default="", editable=False
    )
    scan = models.CharField(
        gettext_lazy("antivirus"),
        max_length=20,
        choices=Scan.choices,
        default=Scan.NOT_SCANNED,
        editable=False,
    )

    objects = PlacementPaperQuerySet.as_manager()
    history = history(excluded_fields=snapshot_fields)

    class Meta:
        verbose_name = gettext_lazy("document de stage")
        verbose_name_plural = gettext_lazy("documents de stage")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "sequence"], name="paper_number_once"),
            models.UniqueConstraint(
                fields=["placement", "kind"],
                condition=Q(kind__in=[PaperKind.AGREEMENT, PaperKind.CERTIFICATE])
                & ~Q(state=PaperState.VOID),
                name="paper_one_in_force",
                violation_error_message=gettext_lazy("Ce stage a déjà ce document : annulez-le d’abord."),
            ),
            models.CheckConstraint(
                condition=Q(kind=PaperKind.AMENDMENT, amends__isnull=False)
                | (~Q(kind=PaperKind.AMENDMENT) & Q(amends=None)),
                name="paper_amends_an_agreement",
                violation_error_code="amends",
                violation_error_message=gettext_lazy(
                    "Un avenant modifie une convention ; un autre document n’en modifie aucune."
                ),
            ),
            models.UniqueConstraint(
                fields=["placement"],
                condition=Q(kind=PaperKind.AMENDMENT, state__in=[PaperState.MADE, PaperState.AGREED]),
                name="paper_one_amendment_waiting",
                violation_error_message=gettext_lazy("Un avenant de ce stage attend déjà sa signature."),
            ),
            models.CheckConstraint(
                condition=Q(kind=PaperKind.AMENDMENT) | ~Q(state=PaperState.AGREED),
                name="paper_agreed_is_an_amendment",
                violation_error_code="state",
                violation_error_message=gettext_lazy("Seul un avenant est accepté avant d’être signé."),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number}"

    def edit_refusal(self):
        return _("Un document établi ne se réécrit pas : annulez-le, puis établissez-en un autre.")

    def deletion_refusal(self):
        return _("Un document établi ne se supprime pas : annulez-le.")

    @property
    def color(self):
        return PAPER_COLORS[self.state]

    @property
    def made_on(self):
        """The day it was made, as days are counted in Cayenne."""
        return timezone.localdate(self.made_at, timezone=CAYENNE)

    @property
    def is_void(self):
        return self.state == PaperState.VOID

    @property
    def is_waiting(self):
        """Whether this is an amendment that nobody has signed yet: it changes nothing so far."""
        return self.kind == PaperKind.AMENDMENT and self.state in (PaperState.MADE, PaperState.AGREED)

    @property
    def state_text(self):
        """The state in words: an amendment is proposed before it is anything else."""
        if self.kind == PaperKind.AMENDMENT and self.state == PaperState.MADE:
            return _("Proposé")
        return self.get_state_display()

    @property
    def is_emptied(self):
        """Whether what it said is kept no longer."""
        return not self.values

    @property
    def has_file(self):
        return bool(self.file)
