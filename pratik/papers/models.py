from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import today
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold

from .enums import Audience, PaperKind, TemplateState
from .fields import unknown_fields
from .markup import LONGEST, Fault, clean, faults
from .querysets import PaperTemplateQuerySet
from .workflow import TEMPLATE


class PaperTemplate(BusinessModel):
    """The text that documents of one kind are made from; they keep a copy of it, so they never change."""

    natural_key_fields = ("kind", "audience", "name")
    keeps_every_version = True
    derived_fields = ("search_text",)
    workflow = TEMPLATE

    kind = models.CharField(gettext_lazy("document"), max_length=20, choices=PaperKind.choices)
    name = models.CharField(gettext_lazy("nom"), max_length=120)
    audience = models.CharField(
        gettext_lazy("pour"),
        max_length=30,
        choices=Audience.choices,
        blank=True,
        help_text=gettext_lazy(
            "Laissez vide pour un modèle qui vaut pour tous ;"
            " un modèle propre à une nature de stage passe avant."
        ),
    )
    body = models.TextField(gettext_lazy("texte"), max_length=LONGEST)
    valid_from = models.DateField(
        gettext_lazy("valable à partir du"),
        default=today,
        help_text=gettext_lazy("Le modèle ne peut pas être mis en vigueur avant ce jour."),
    )
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=TemplateState.choices,
        default=TemplateState.DRAFT,
        editable=False,
        db_index=True,
    )
    activated_at = models.DateTimeField(gettext_lazy("mis en vigueur le"), null=True, editable=False)
    search_text = models.CharField(max_length=400, editable=False, default="")

    objects = PaperTemplateQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("modèle de document")
        verbose_name_plural = gettext_lazy("modèles de documents")
        ordering = ["kind", "audience", "-valid_from", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "audience", "name"],
                name="paper_template_once",
                violation_error_code="name",
                violation_error_message=gettext_lazy("Un modèle de ce document porte déjà ce nom."),
            ),
            models.UniqueConstraint(
                fields=["kind", "audience"],
                condition=Q(state=TemplateState.ACTIVE),
                name="paper_template_one_active",
                violation_error_message=gettext_lazy("Un autre modèle de ce document est déjà en vigueur."),
            ),
        ]

    def __str__(self):
        return self.name

    def derive(self):
        self.name = " ".join(self.name.split())
        self.body = clean(self.body).strip("\n")
        kind = PaperKind(self.kind).label if self.kind in PaperKind.values else ""
        self.search_text = fold(f"{self.name} {kind}")[:400]

    def faults(self):
        """What is wrong with the text, line by line: signs that cannot be read, fields that do not exist."""
        return faults_of(self.kind, self.body)

    def clean(self):
        if wrong := self.faults():
            raise ValidationError({"body": [str(fault) for fault in wrong]}, code="markup")

    def edit_refusal(self):
        """What documents were made from stays as it was."""
        if self.state == TemplateState.DRAFT:
            return None
        return _("Seul un brouillon se modifie : faites une copie de ce modèle, puis mettez-la en vigueur.")

    def deletion_refusal(self):
        """As above: only what never served goes."""
        if self.state == TemplateState.DRAFT and self.activated_at is None:
            return None
        return _("Ce modèle a servi : il ne se supprime pas.")


def faults_of(kind, body):
    """What is wrong with a text as a template of a kind, line by line."""
    if kind not in PaperKind.values:
        return [Fault(0, _("Choisissez d’abord le document."))]
    unknown = [
        Fault(line, _("le champ « %(name)s » n’existe pas pour ce document.") % {"name": name})
        for line, name in unknown_fields(kind, body)
    ]
    return sorted([*faults(body), *unknown], key=lambda fault: fault.line)
