"""Lodgings, their photos, and the requests for them."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.accounts.enums import LodgingKind, Role
from pratik.core.contacts import validate_without_contact
from pratik.core.files import RandomName, public_storage
from pratik.core.history import history
from pratik.core.models import BusinessModel
from pratik.core.text import fold
from pratik.reference.models import Commune

from ..enums import OfferState
from ..querysets import (
    HousingOfferQuerySet,
    HousingPhotoQuerySet,
    HousingRequestQuerySet,
)
from ..workflow import HOUSING_OFFER, HOUSING_REQUEST
from .days import DAY
from .offers import Offer, Request, counted, euros, one_live_request

# Widths in pixels of the small pictures that are made of a photo.
PHOTO_SIZES = (320, 640, 1280)


class HousingOffer(Offer):
    """A lodging that a landlord lets to interns. Its exact address is for those whom they accepted."""

    natural_key_fields = ("landlord", "title")
    derived_fields = ("monthly_cost", "search_text")
    workflow = HOUSING_OFFER
    owner_role = Role.LANDLORD
    owner_field = "landlord"
    capacity_field = "places"
    public_texts = ("title", "neighbourhood", "description")
    promised_fields = (
        "commune",
        "address",
        "rent",
        "charges",
        "deposit",
        "places",
        "is_furnished",
        "is_accessible",
        "available_from",
        "available_until",
    )

    landlord = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="housing_offers",
        verbose_name=gettext_lazy("propriétaire"),
    )
    title = models.CharField(gettext_lazy("titre"), max_length=120)
    kind = models.CharField(gettext_lazy("type de logement"), max_length=20, choices=LodgingKind.choices)
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("commune")
    )
    neighbourhood = models.CharField(
        gettext_lazy("quartier"),
        max_length=120,
        blank=True,
        help_text=gettext_lazy("Public : restez vague, par exemple « près du marché »."),
    )
    address = models.CharField(
        gettext_lazy("adresse exacte"),
        max_length=300,
        help_text=gettext_lazy("Donnée seulement aux étudiants que vous acceptez."),
    )
    rent = euros(gettext_lazy("loyer mensuel (€)"), 5_000)
    charges = euros(gettext_lazy("charges mensuelles (€)"), 2_000, default=0)
    deposit = euros(gettext_lazy("dépôt de garantie (€)"), 10_000, default=0)
    monthly_cost = models.DecimalField(max_digits=9, decimal_places=2, editable=False, default=0)
    surface = models.PositiveSmallIntegerField(
        gettext_lazy("surface (m²)"),
        null=True,
        blank=True,
        validators=[
            # A decent lodging has 9 m² at least: décret nº 2002-120, article 4.
            MinValueValidator(9, gettext_lazy("Un logement décent a au moins 9 m².")),
            MaxValueValidator(500, gettext_lazy("Vérifiez la surface.")),
        ],
    )
    places = counted(gettext_lazy("places"), 20, gettext_lazy("Étudiants logés en même temps."))
    is_furnished = models.BooleanField(gettext_lazy("meublé"), default=True)
    is_accessible = models.BooleanField(gettext_lazy("accessible en fauteuil roulant"), default=False)
    available_from = models.DateField(gettext_lazy("libre à partir du"))
    available_until = models.DateField(
        gettext_lazy("libre jusqu’au"), null=True, blank=True, help_text=gettext_lazy("Dernier jour compris.")
    )

    objects = HousingOfferQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("logement")
        verbose_name_plural = gettext_lazy("logements")
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "title"],
                condition=~Q(state=OfferState.ARCHIVED),
                name="lodging_once_a_title",
                violation_error_message=gettext_lazy(
                    "Vous avez déjà une annonce de ce titre : changez le titre, ou modifiez l’autre."
                ),
            ),
            models.CheckConstraint(
                condition=Q(available_until=None) | Q(available_until__gte=F("available_from")),
                name="lodging_ends_after_start",
                violation_error_code="available_until",
                violation_error_message=gettext_lazy("Le dernier jour précède le premier."),
            ),
            models.CheckConstraint(
                condition=Q(places__gte=1),
                name="lodging_has_places",
                violation_error_code="places",
                violation_error_message=gettext_lazy("Indiquez au moins une place."),
            ),
            models.CheckConstraint(
                condition=Q(rent__gte=0) & Q(charges__gte=0) & Q(deposit__gte=0),
                name="lodging_costs_not_negative",
                violation_error_code="rent",
                violation_error_message=gettext_lazy("Un montant n’est pas négatif."),
            ),
        ]
        indexes = [models.Index(fields=["state", "available_from"], name="lodging_by_start")]

    def __str__(self):
        return self.title

    def derive(self):
        self.title = " ".join(self.title.split())
        self.neighbourhood = " ".join(self.neighbourhood.split())
        self.monthly_cost = Decimal(self.rent or 0) + Decimal(self.charges or 0)
        self.search_text = fold(f"{self.title} {self.neighbourhood} {self.get_kind_display()}")[:500]

    def clean(self):
        super().clean()
        street = fold(self.address.partition(",")[0])
        # « Bourg » alone gives nobody away.
        if not any(letter.isdigit() for letter in street) or " " not in street:
            return
        told = [name for name in self.public_texts if f" {street} " in f" {fold(getattr(self, name))} "]
        if told:
            why = _("L’adresse exacte est dans ce texte, qui est public : retirez-la.")
            raise ValidationError({name: ValidationError(why, code="address_in_public") for name in told})

    @property
    def cover(self):
        """The photo that stands for the lodging, or None; after `with_covers()`."""
        return next(iter(self.cover_photos), None)

    def is_over_on(self, day):
        return self.available_until is not None and self.available_until < day

    def leaves_out(self, request, before, today):
        # Who lives there already is not put out by a first day that says when it is free again.
        too_early = today <= request.from_on < self.available_from
        return too_early or (self.available_until is not None and request.until_on > self.available_until)

    def days_of(self, request):
        """The nights; on the day of departure somebody else may arrive."""
        nights = (request.until_on - request.from_on).days
        return [request.from_on + DAY * number for number in range(nights)]


class HousingPhoto(BusinessModel):
    """A photo of a lodging, without what the camera wrote into it, and its small sizes."""

    natural_key_fields = ("offer", "position")
    is_undoable = False

    offer = models.ForeignKey(
        HousingOffer,
        on_delete=models.PROTECT,
        editable=False,
        related_name="photos",
        verbose_name=gettext_lazy("logement"),
    )
    image = models.ImageField(
        gettext_lazy("photo"),
        upload_to=RandomName("lodgings"),
        storage=public_storage,
        max_length=200,
        editable=False,
    )
    width = models.PositiveIntegerField(gettext_lazy("largeur (points)"), editable=False)
    height = models.PositiveIntegerField(gettext_lazy("hauteur (points)"), editable=False)
    image_320 = models.FileField(
        upload_to=RandomName("lodgings"), storage=public_storage, max_length=200, editable=False
    )
    image_640 = models.FileField(
        upload_to=RandomName("lodgings"), storage=public_storage, max_length=200, editable=False
    )
    image_1280 = models.FileField(
        upload_to=RandomName("lodgings"), storage=public_storage, max_length=200, editable=False
    )
    alt = models.CharField(
        gettext_lazy("ce que l’on voit"),
        max_length=150,
        validators=[validate_without_contact],
        help_text=gettext_lazy("Lu à voix haute aux personnes qui ne voient pas la photo."),
    )
    position = models.PositiveSmallIntegerField(gettext_lazy("rang"), default=0)
    is_cover = models.BooleanField(gettext_lazy("photo principale"), default=False, editable=False)

    objects = HousingPhotoQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("photo de logement")
        verbose_name_plural = gettext_lazy("photos de logements")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["offer"], condition=Q(is_cover=True), name="lodging_one_cover"),
        ]

    def __str__(self):
        return self.alt

    def derive(self):
        self.alt = " ".join(self.alt.split())

    def edit_refusal(self):
        """A photo is part of what the team has read."""
        return self.offer.edit_refusal()

    def deletion_refusal(self):
        """What is put away for good shows nobody's home any longer than its owner wants."""
        return None if self.offer.state == OfferState.ARCHIVED else self.offer.edit_refusal()

    @property
    def files(self):
        """The photo and its small sizes."""
        return [self.image, *(self.small(size) for size in PHOTO_SIZES)]

    def small(self, size):
        """One of the small sizes, by its width in pixels."""
        return getattr(self, f"image_{size}")


class HousingRequest(Request):
    """A student asks for a place in a lodging, from the day of arrival to the day of departure."""

    workflow = HOUSING_REQUEST

    offer = models.ForeignKey(
        HousingOffer,
        on_delete=models.PROTECT,
        editable=False,
        related_name="requests",
        verbose_name=gettext_lazy("logement"),
    )

    objects = HousingRequestQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("demande de logement")
        verbose_name_plural = gettext_lazy("demandes de logement")
        ordering = ["-created_at", "-pk"]
        constraints = [
            one_live_request("lodging_request_one_live"),
            models.CheckConstraint(
                condition=Q(until_on__gt=F("from_on")),
                name="lodging_request_has_nights",
                violation_error_code="until_on",
                violation_error_message=gettext_lazy("Le départ doit suivre l’arrivée."),
            ),
        ]
        indexes = [models.Index(fields=["offer", "state", "from_on"], name="lodging_request_by_offer")]
