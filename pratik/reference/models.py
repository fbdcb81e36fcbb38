import math

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold

from .querysets import ReferenceQuerySet, SchoolHolidayQuerySet
from .school_years import school_year_label

EARTH_RADIUS_KM = 6_371


class ReferenceModel(BusinessModel):
    """One entry of a public nomenclature, loaded from fixtures/reference."""

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        abstract = True


class Commune(ReferenceModel):
    """A commune of French Guiana. Its INSEE code is not a postcode: nine codes are both, of two communes."""

    natural_key_fields = ("insee_code",)
    derived_fields = ("search_text", "sort_name")

    insee_code = models.CharField(
        _("code INSEE"),
        max_length=5,
        unique=True,
        validators=[RegexValidator(r"^\d[0-9AB]\d{3}$", _("Un code INSEE a cinq caractères."))],
    )
    name = models.CharField(_("nom"), max_length=100)
    arrondissement = models.CharField(_("arrondissement"), max_length=10, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    search_text = models.CharField(max_length=200, editable=False, default="")
    sort_name = models.CharField(max_length=100, editable=False, default="", db_index=True)

    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("commune")
        verbose_name_plural = _("communes")
        ordering = ["sort_name"]

    def __str__(self):
        return self.name

    def derive(self):
        self.sort_name = fold(self.name)[:100]
        self.search_text = f"{self.sort_name} {self.insee_code}"[:200]

    def kilometres_to(self, other):
        """How far another commune is in a straight line, in kilometres; None where it is not known."""
        places = (self.latitude, self.longitude, other.latitude, other.longitude)
        if None in places:
            return None
        here, west, there, east = map(math.radians, places)
        half = math.sin((there - here) / 2) ** 2
        half += math.cos(here) * math.cos(there) * math.sin((east - west) / 2) ** 2
        return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


class Postcode(ReferenceModel):
    """A postcode of a commune; CEDEX postcodes serve companies and institutions."""

    natural_key_fields = ("code", "commune")

    code = models.CharField(
        _("code postal"),
        max_length=5,
        validators=[RegexValidator(r"^\d{5}$", _("Un code postal a cinq chiffres."))],
    )
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, related_name="postcodes", verbose_name=_("commune")
    )
    is_cedex = models.BooleanField(_("CEDEX"), default=False)

    history = history()

    class Meta:
        verbose_name = _("code postal")
        verbose_name_plural = _("codes postaux")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code", "commune"], name="postcode_once_a_commune")]

    def __str__(self):
        return f"{self.code} CEDEX" if self.is_cedex else self.code


class ActivitySection(ReferenceModel):
    """One of the 21 sections of the NAF: the sectors that visitors choose from."""

    natural_key_fields = ("code",)
    derived_fields = ("search_text",)

    code = models.CharField(_("code"), max_length=1, unique=True)
    label = models.CharField(_("libellé"), max_length=200)
    search_text = models.CharField(max_length=210, editable=False, default="")

    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("secteur d’activité")
        verbose_name_plural = _("secteurs d’activité")
        ordering = ["code"]

    def __str__(self):
        return self.label

    def derive(self):
        self.search_text = f"{fold(self.label)} {self.code.lower()}"[:210]


class Activity(ReferenceModel):
    """A class of the NAF rév. 2, such as 85.32Z."""

    natural_key_fields = ("code",)
    derived_fields = ("search_text",)

    code = models.CharField(_("code NAF"), max_length=6, unique=True)
    label = models.CharField(_("libellé"), max_length=200)
    section = models.ForeignKey(
        ActivitySection, on_delete=models.PROTECT, related_name="activities", verbose_name=_("secteur")
    )
    search_text = models.CharField(max_length=250, editable=False, default="")

    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("activité (NAF)")
        verbose_name_plural = _("activités (NAF)")
        ordering = ["code"]

    def __str__(self):
        return f"{self.code} {self.label}"

    def derive(self):
        self.search_text = f"{fold(self.label)} {self.code.lower()} {self.code.replace('.', '').lower()}"[
            :250
        ]


class PublicHoliday(ReferenceModel):
    """A public holiday in French Guiana, 10 June included."""

    natural_key_fields = ("day",)
    derived_fields = ("search_text",)

    day = models.DateField(_("jour"), unique=True)
    name = models.CharField(_("nom"), max_length=100)
    search_text = models.CharField(max_length=120, editable=False, default="")

    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("jour férié")
        verbose_name_plural = _("jours fériés")
        ordering = ["day"]

    def __str__(self):
        return self.name

    def derive(self):
        self.search_text = f"{fold(self.name)} {self.day:%Y}"[:120] if self.day else ""


class SchoolHoliday(ReferenceModel):
    """School holidays of French Guiana, which are not those of zones A, B or C."""

    natural_key_fields = ("school_year", "name", "population")
    derived_fields = ("search_text",)

    school_year = models.PositiveSmallIntegerField(_("année scolaire"), help_text=_("Année de la rentrée."))
    name = models.CharField(_("nom"), max_length=100)
    population = models.CharField(_("public concerné"), max_length=30, blank=True)
    start_on = models.DateField(_("premier jour"))
    end_on = models.DateField(_("dernier jour"))
    is_assumed = models.BooleanField(
        _("dates supposées"),
        default=False,
        help_text=_("Cochée tant que l’arrêté du rectorat n’a pas été saisi."),
    )

    search_text = models.CharField(max_length=120, editable=False, default="")

    objects = SchoolHolidayQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = _("vacances scolaires")
        verbose_name_plural = _("vacances scolaires")
        ordering = ["start_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_year", "name", "population"], name="school_holiday_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(end_on__gte=F("start_on")),
                name="school_holiday_ends_after_start",
                violation_error_code="end_on",
                violation_error_message=_("Le dernier jour précède le premier."),
            ),
        ]

    def __str__(self):
        return f"{self.name} {school_year_label(self.school_year)}"

    def derive(self):
        self.search_text = f"{fold(self.name)} {self.school_year}"[:120]
