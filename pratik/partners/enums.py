from django.db import models
from django.utils.translation import gettext_lazy as _


class Partnership(models.TextChoices):
    """Whether a company has joined PRATIK."""

    NONE = "none", _("Non partenaire")
    PARTNER = "partner", _("Partenaire")
    FORMER = "former", _("Ancien partenaire")


PARTNERSHIP_COLORS = {
    Partnership.NONE: "default",
    Partnership.PARTNER: "success",
    Partnership.FORMER: "warning",
}


class SizeBand(models.TextChoices):
    """Bands of headcount of INSEE, as in the SIRENE register."""

    ZERO = "0", _("0 salarié")
    FROM_1 = "1-2", _("1 ou 2 salariés")
    FROM_3 = "3-5", _("3 à 5 salariés")
    FROM_6 = "6-9", _("6 à 9 salariés")
    FROM_10 = "10-19", _("10 à 19 salariés")
    FROM_20 = "20-49", _("20 à 49 salariés")
    FROM_50 = "50-99", _("50 à 99 salariés")
    FROM_100 = "100-199", _("100 à 199 salariés")
    FROM_200 = "200-249", _("200 à 249 salariés")
    FROM_250 = "250-499", _("250 à 499 salariés")
    FROM_500 = "500-999", _("500 à 999 salariés")
    FROM_1000 = "1000-1999", _("1 000 à 1 999 salariés")
    FROM_2000 = "2000-4999", _("2 000 à 4 999 salariés")
    FROM_5000 = "5000-9999", _("5 000 à 9 999 salariés")
    FROM_10000 = "10000+", _("10 000 salariés et plus")

    @property
    def at_least(self):
        """The number that the band begins with."""
        return int(self.value.rstrip("+").partition("-")[0])


class InstitutionKind(models.TextChoices):
    """What sort of institution an institutional partner is."""

    LOCAL_AUTHORITY = "local_authority", _("Collectivité")
    STATE = "state", _("Service de l’État")
    CHAMBER = "chamber", _("Chambre consulaire")
    ASSOCIATION = "association", _("Association")
    OTHER = "other", _("Autre institution")
