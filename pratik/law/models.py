from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import day_label
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold

from .enums import LegalCode
from .querysets import LegalParameterQuerySet


class LegalParameter(BusinessModel):
    """One number of the law, from a day on, with the text that sets it."""

    natural_key_fields = ("code", "valid_from")
    keeps_every_version = True
    derived_fields = ("search_text",)

    code = models.CharField(gettext_lazy("paramètre"), max_length=40, choices=LegalCode.choices)
    value = models.DecimalField(
        gettext_lazy("valeur"),
        max_digits=9,
        decimal_places=4,
        validators=[
            MinValueValidator(Decimal("0.0001"), gettext_lazy("Indiquez un nombre supérieur à zéro."))
        ],
        help_text=gettext_lazy(
            "Dans l’unité que dit le nom du paramètre ; une part de l’effectif s’écrit 0,15 pour 15 %."
        ),
    )
    valid_from = models.DateField(
        gettext_lazy("à partir du"),
        help_text=gettext_lazy(
            "Quand la loi change, ajoutez une ligne : les stages déjà commencés gardent l’ancienne valeur."
        ),
    )
    source = models.CharField(
        gettext_lazy("texte de référence"),
        max_length=250,
        help_text=gettext_lazy("Code et article, décret ou arrêté, avec sa date."),
    )
    search_text = models.CharField(max_length=400, editable=False, default="")

    objects = LegalParameterQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("paramètre légal")
        verbose_name_plural = gettext_lazy("paramètres légaux")
        ordering = ["code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"],
                name="legal_parameter_once_a_day",
                violation_error_message=gettext_lazy("Une valeur de ce paramètre commence déjà ce jour-là."),
            ),
        ]

    def __str__(self):
        return _("%(name)s : %(value)s à partir du %(day)s") % {
            "name": self.get_code_display(),
            "value": number_format(plain(self.value)),
            "day": day_label(self.valid_from),
        }

    def derive(self):
        self.search_text = fold(f"{self.get_code_display()} {self.source}")[:400]


def plain(value):
    """A number without the zeros that only its column adds: 924, 4.5, 0.15."""
    value = Decimal(value).normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value
