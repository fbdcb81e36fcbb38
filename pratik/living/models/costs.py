"""What sharing a trip may cost."""

from decimal import ROUND_FLOOR, Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import day_label
from pratik.core.history import history
from pratik.core.models import BusinessModel

from ..querysets import (
    CostCeilingQuerySet,
)

CENT = Decimal("0.01")


class CostCeiling(BusinessModel):
    """What a kilometre of a trip costs, from a day on: no more than that is shared.

    Carpooling is the sharing of costs on the driver's own trip (code des transports, article L3132-1).
    """

    natural_key_fields = ("from_on",)
    keeps_every_version = True

    from_on = models.DateField(
        gettext_lazy("à partir du"),
        unique=True,
        error_messages={"unique": gettext_lazy("Un plafond commence déjà ce jour-là.")},
    )
    per_km = models.DecimalField(
        gettext_lazy("coût du kilomètre (€)"),
        max_digits=5,
        decimal_places=3,
        validators=[
            MinValueValidator(Decimal("0.001"), gettext_lazy("Indiquez un montant supérieur à zéro.")),
            MaxValueValidator(
                Decimal("5"), gettext_lazy("Un kilomètre ne coûte pas plus de 5 € : vérifiez.")
            ),
        ],
        help_text=gettext_lazy("Pour toute la voiture ; le conducteur en garde sa part."),
    )
    source = models.CharField(gettext_lazy("texte de référence"), max_length=200, blank=True)

    objects = CostCeilingQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("plafond du partage des frais")
        verbose_name_plural = gettext_lazy("plafonds du partage des frais")
        ordering = ["-from_on"]

    def __str__(self):
        return _("%(amount)s € par km à partir du %(day)s") % {
            "amount": number_format(self.per_km),
            "day": day_label(self.from_on),
        }

    def most_per_seat(self, *, distance_km, seats):
        """The most that a passenger pays, in euros, down to the cent: an equal share of what the trip costs,
        the driver bearing one too.
        """
        return (self.per_km * distance_km / (seats + 1)).quantize(CENT, rounding=ROUND_FLOOR)
