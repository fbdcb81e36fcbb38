"""Shared trips, and the requests for a seat."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.history import history
from pratik.core.text import fold
from pratik.reference.models import Commune

from ..enums import Weekday
from ..querysets import (
    CarpoolOfferQuerySet,
    CarpoolRequestQuerySet,
)
from ..workflow import CARPOOL_OFFER, CARPOOL_REQUEST
from .costs import CostCeiling
from .days import DAY, MAX_DAYS, read_days, validate_days, write_days
from .offers import Offer, Request, counted, euros, one_live_request

# A road in French Guiana is at most so many times as long as the straight line between two communes, whose
# coordinates are those of their town; villages are within so many kilometres of it by road.
DETOUR, MARGIN_KM = 2.5, 30


class CarpoolOffer(Offer):
    """A driver's own trip with seats to share: on days of the week, or on single days. No taxi."""

    natural_key_fields = ("driver", "origin", "destination", "departs_at", "starts_on")
    derived_fields = ("runs_on", "search_text")
    workflow = CARPOOL_OFFER
    owner_role = Role.DRIVER
    owner_field = "driver"
    capacity_field = "seats"
    public_texts = ("meeting_point", "destination_point", "description")
    promised_fields = (
        "origin",
        "meeting_point",
        "destination",
        "destination_point",
        "weekdays",
        "days",
        "departs_at",
        "returns_at",
        "cost_share",
    )

    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="carpool_offers",
        verbose_name=gettext_lazy("conducteur"),
    )
    origin = models.ForeignKey(
        Commune, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("commune de départ")
    )
    meeting_point = models.CharField(
        gettext_lazy("point de rencontre"),
        max_length=120,
        blank=True,
        help_text=gettext_lazy("Public : un lieu connu, jamais votre adresse."),
    )
    destination = models.ForeignKey(
        Commune, on_delete=models.PROTECT, related_name="+", verbose_name=gettext_lazy("commune d’arrivée")
    )
    destination_point = models.CharField(
        gettext_lazy("lieu d’arrivée"),
        max_length=120,
        blank=True,
        help_text=gettext_lazy("Public : un lieu connu, jamais votre adresse."),
    )
    weekdays = models.CharField(
        gettext_lazy("jours de la semaine"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^[1-7]+$", gettext_lazy("Choisissez des jours de la semaine."))],
        help_text=gettext_lazy("Pour un trajet régulier."),
    )
    days = models.CharField(
        gettext_lazy("dates"),
        max_length=11 * MAX_DAYS,
        blank=True,
        validators=[validate_days],
        help_text=gettext_lazy("Pour un trajet à dates choisies, par exemple 01/12/2026, 08/12/2026."),
    )
    runs_on = models.CharField(max_length=7, editable=False, default="")
    starts_on = models.DateField(
        gettext_lazy("premier jour"), null=True, blank=True, help_text=gettext_lazy("D’un trajet régulier.")
    )
    ends_on = models.DateField(
        gettext_lazy("dernier jour"), null=True, blank=True, help_text=gettext_lazy("D’un trajet régulier.")
    )
    departs_at = models.TimeField(gettext_lazy("heure de départ"))
    returns_at = models.TimeField(gettext_lazy("heure de retour"), null=True, blank=True)
    seats = counted(gettext_lazy("places"), 8)
    distance_km = models.PositiveSmallIntegerField(
        gettext_lazy("distance (km)"),
        validators=[
            MinValueValidator(1, gettext_lazy("Indiquez la distance en kilomètres.")),
            MaxValueValidator(1_000, gettext_lazy("Vérifiez la distance.")),
        ],
        help_text=gettext_lazy("D’un aller."),
    )
    cost_share = euros(
        gettext_lazy("partage des frais (€)"),
        500,
        default=0,
        help_text=gettext_lazy("Par place et pour un aller ; 0 si le trajet est offert."),
    )
    is_instant = models.BooleanField(
        gettext_lazy("réservation immédiate"),
        default=False,
        help_text=gettext_lazy("Les demandes sont acceptées d’elles-mêmes tant qu’il reste des places."),
    )

    objects = CarpoolOfferQuerySet.as_manager()
    history = history(excluded_fields=derived_fields)

    class Meta:
        verbose_name = gettext_lazy("trajet partagé")
        verbose_name_plural = gettext_lazy("trajets partagés")
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(weekdays="") & ~Q(days="")) | (~Q(weekdays="") & Q(days="")),
                name="trip_regular_or_dated",
                violation_error_code="weekdays",
                violation_error_message=gettext_lazy(
                    "Choisissez soit des jours de la semaine, soit des dates."
                ),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=False),
                name="trip_has_first_day",
                violation_error_code="starts_on",
                violation_error_message=gettext_lazy("Indiquez le premier jour du trajet."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="trip_ends_after_start",
                violation_error_code="ends_on",
                violation_error_message=gettext_lazy("Le dernier jour précède le premier."),
            ),
            models.CheckConstraint(
                condition=Q(returns_at=None) | Q(returns_at__gt=F("departs_at")),
                name="trip_returns_after_departure",
                violation_error_code="returns_at",
                violation_error_message=gettext_lazy("Le retour doit suivre le départ, le même jour."),
            ),
            models.CheckConstraint(
                condition=Q(seats__gte=1) & Q(seats__lte=8),
                name="trip_seats_one_to_eight",
                violation_error_code="seats",
                violation_error_message=gettext_lazy("Indiquez de 1 à 8 places."),
            ),
            models.CheckConstraint(
                condition=Q(cost_share__gte=0),
                name="trip_cost_not_negative",
                violation_error_code="cost_share",
                violation_error_message=gettext_lazy("Un montant n’est pas négatif."),
            ),
        ]
        indexes = [models.Index(fields=["state", "ends_on"], name="trip_by_end")]

    def __str__(self):
        return f"{self.origin} → {self.destination}"

    def derive(self):
        self.meeting_point = " ".join(self.meeting_point.split())
        self.destination_point = " ".join(self.destination_point.split())
        self.weekdays = "".join(sorted(set(self.weekdays)))
        try:
            days = read_days(self.days)
        except ValidationError:
            # Left as it was typed: the field's own rule names the word that is no day.
            days = []
        if days:
            self.days = write_days(days)
        if days and not self.weekdays:
            self.starts_on, self.ends_on = days[0], days[-1]
        self.runs_on = self.weekdays or "".join(sorted({str(day.isoweekday()) for day in days}))
        self.search_text = fold(f"{self.meeting_point} {self.destination_point}")[:500]

    def clean(self):
        super().clean()
        if self.origin_id and self.origin_id == self.destination_id and not self.destination_point:
            raise ValidationError(
                {"destination_point": _("Dans une même commune, dites où le trajet arrive.")}, code="nowhere"
            )
        if why := self.distance_refusal():
            raise ValidationError({"distance_km": ValidationError(why, code="too_far")})
        if self.cost_share and self.distance_km and self.seats:
            ceiling = next(iter(CostCeiling.objects.in_force(today())), None)
            if why := self.cost_refusal(ceiling):
                raise ValidationError({"cost_share": ValidationError(why, code="above_ceiling")})

    def distance_refusal(self):
        """Why the distance is not that of a road between the communes; None when it may be.

        What a seat may cost grows with it, so that nobody is to choose it freely.
        """
        if not (self.distance_km and self.origin_id and self.destination_id):
            return None
        straight = self.origin.kilometres_to(self.destination)
        if straight is None:
            return None
        most = round(straight * DETOUR + MARGIN_KM)
        if self.distance_km <= most:
            return None
        return _(
            "De %(origin)s à %(destination)s, une route fait au plus %(most)s km : indiquez la distance d’un"
            " seul aller."
        ) % {"origin": self.origin, "destination": self.destination, "most": most}

    def cost_refusal(self, ceiling):
        """Why the share is not a sharing of costs under this ceiling; None when it is."""
        if not self.cost_share:
            return None
        if ceiling is None:
            return _("Aucun plafond n’est enregistré pour le partage des frais : offrez le trajet (0 €).")
        most = ceiling.most_per_seat(distance_km=self.distance_km, seats=self.seats)
        if self.cost_share <= most:
            return None
        return _(
            "Au plus %(most)s € par place : %(cost)s € par km, partagés entre les passagers et vous."
        ) % {
            "most": number_format(most, 2),
            "cost": number_format(ceiling.per_km),
        }

    @property
    def is_regular(self):
        return bool(self.weekdays)

    @property
    def weekday_labels(self):
        """The days of the week of a regular trip, in words."""
        return [Weekday(number).label for number in self.weekdays]

    @property
    def single_days(self):
        """The dates of a trip that is made on single days, in order."""
        return read_days(self.days)

    def trip_days(self, first, last):
        """The days from `first` to `last` on which the trip is made."""
        if not self.is_regular:
            return [day for day in self.single_days if first <= day <= last]
        first = max(first, self.starts_on)
        last = last if self.ends_on is None else min(last, self.ends_on)
        days = (first + DAY * number for number in range((last - first).days + 1))
        return [day for day in days if str(day.isoweekday()) in self.weekdays]

    def is_over_on(self, day):
        return self.ends_on is not None and self.ends_on < day

    def leaves_out(self, request, before, today):
        had = {day for day in before.days_of(request) if day >= today}
        return not had <= set(self.trip_days(request.from_on, request.until_on))

    def days_of(self, request):
        """The days on which the student comes along."""
        if request.days:
            return read_days(request.days)
        return self.trip_days(request.from_on, request.until_on)


class CarpoolRequest(Request):
    """A student asks for a seat: on each day of a regular trip for a while, or on some of its dates."""

    workflow = CARPOOL_REQUEST

    offer = models.ForeignKey(
        CarpoolOffer,
        on_delete=models.PROTECT,
        editable=False,
        related_name="requests",
        verbose_name=gettext_lazy("trajet"),
    )
    days = models.CharField(
        gettext_lazy("dates"), max_length=11 * MAX_DAYS, blank=True, validators=[validate_days]
    )

    objects = CarpoolRequestQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = gettext_lazy("demande de trajet")
        verbose_name_plural = gettext_lazy("demandes de trajet")
        ordering = ["-created_at", "-pk"]
        constraints = [
            one_live_request("trip_request_one_live"),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="trip_request_ends_after_start",
                violation_error_code="until_on",
                violation_error_message=gettext_lazy("Le dernier jour précède le premier."),
            ),
        ]
        indexes = [models.Index(fields=["offer", "state", "from_on"], name="trip_request_by_offer")]

    def derive(self):
        try:
            days = read_days(self.days)
        except ValidationError:
            return
        if days:
            self.days, self.from_on, self.until_on = write_days(days), days[0], days[-1]
