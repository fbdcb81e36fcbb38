import datetime
from decimal import Decimal

from django.db.models import (
    Count,
    DateField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest

from pratik.accounts.enums import STAFF_ROLES, Role, role_of
from pratik.accounts.models import User
from pratik.core.calendar import today as today_in_cayenne
from pratik.core.querysets import ScopedQuerySet
from pratik.core.text import fold

from .enums import LIVE_STATES, MODERATORS, OPEN_STATES, OfferState, RequestState

DAY = datetime.timedelta(days=1)


def _day(day):
    return Value(day, output_field=DateField())


class OfferQuerySet(ScopedQuerySet):
    """Listings of people. A kind of listing names the columns of its owner and of its last day."""

    owner = ""
    last_day = ""

    def online(self, today):
        """What visitors see: published, of somebody whose badge holds today, and not over."""
        return self.filter(self._online(today))

    def _online(self, today):
        owners = User.objects.verified(today).filter(is_active=True)
        return Q(state=OfferState.PUBLISHED, **{f"{self.owner}__in": owners.values("pk")}) & self._not_over(
            today
        )

    def _not_over(self, today):
        return Q(**{self.last_day: None}) | Q(**{f"{self.last_day}__gte": today})

    def of(self, user):
        """The listings of one person, given as an account or by its key."""
        return self.filter(**{self.owner: user})

    def visible_to(self, user):
        """Staff see every listing; owners their own; students what is online and what they have asked for;
        everyone else what is online.
        """
        role = role_of(user)
        if role in STAFF_ROLES:
            return self
        if role == self.model.owner_role:
            return self.of(user)
        condition = self._online(today_in_cayenne())
        if role == Role.STUDENT:
            own = self._requests().filter(offer=OuterRef("pk"), student=user.pk, state__in=LIVE_STATES)
            condition |= Exists(own.order_by())
        return self.filter(condition)

    def editable_by(self, user):
        """Administrators, editors and verifiers look after every listing; owners after their own."""
        role = role_of(user)
        if role in MODERATORS:
            return self.with_names()
        return self.of(user).with_names() if role == self.model.owner_role else self.none()

    def with_names(self):
        """With what a listing's name and its owner's badge need, in one query."""
        raise NotImplementedError

    def awaiting_moderation(self):
        """What somebody of the team has to read, what waits longest first."""
        return self.filter(state=OfferState.SUBMITTED).order_by("submitted_at", "pk")

    def over(self, today):
        """Listings whose last day has passed and that nobody has put away; a draft may get other days."""
        closed = (OfferState.DRAFT, OfferState.ARCHIVED)
        return self.exclude(state__in=closed).filter(**{f"{self.last_day}__lt": today})

    def _requests(self):
        return self.model._meta.get_field("requests").related_model.objects

    def _accepted(self):
        return self._requests().filter(state=RequestState.ACCEPTED).order_by()

    @staticmethod
    def _number(requests):
        """How many these requests of one offer are, as a part of a larger query."""
        return Coalesce(Subquery(requests.values("offer").annotate(number=Count("pk")).values("number")), 0)


class HousingOfferQuerySet(OfferQuerySet):
    owner = "landlord"
    last_day = "available_until"

    def with_names(self):
        return self.select_related("landlord", "commune")

    def with_covers(self):
        """With the picture that stands for each lodging (`cover`), in one more query for all."""
        photos = self.model._meta.get_field("photos").related_model.objects
        return self.prefetch_related(
            Prefetch("photos", queryset=photos.filter(is_cover=True), to_attr="cover_photos")
        )

    def with_places_left(self, today, start=None, end=None):
        """Says of each lodging how many places are free (`places_left`): on every night from `start` to the
        morning of `end`, else on the first night that may still be had.

        The day of departure is free again for somebody else.
        """
        accepted = self._accepted()
        if start is None:
            first = accepted.filter(
                offer=OuterRef("pk"),
                from_on__lte=OuterRef("first_night"),
                until_on__gt=OuterRef("first_night"),
            )
            rows = self.annotate(first_night=Greatest("available_from", _day(today)))
            return rows.annotate(places_left=F("places") - self._number(first))
        end = end or start + DAY
        # The busiest night is the first one, or one on which somebody arrives.
        same_night = accepted.filter(
            offer=OuterRef("offer"), from_on__lte=OuterRef("night"), until_on__gt=OuterRef("night")
        )
        nights = (
            accepted.filter(offer=OuterRef("pk"), from_on__lt=end, until_on__gt=start)
            .annotate(night=Greatest("from_on", _day(start)))
            .annotate(taken=self._number(same_night))
            .order_by("-taken")
        )
        return self.annotate(places_left=F("places") - Coalesce(Subquery(nights.values("taken")[:1]), 0))

    def matching(
        self,
        *,
        today,
        commune="",
        kind="",
        price=None,
        places=None,
        start=None,
        end=None,
        furnished=False,
        accessible=False,
        words="",
    ):
        """Lodgings of a commune (INSEE code) and kind, at most `price` euros a month with charges, free from
        `start` to `end` for at least `places` people; each with `places_left`.

        With days or places, only lodgings that have room; else the full ones too.
        """
        rows = self.with_places_left(today, start, end)
        if commune:
            rows = rows.filter(commune__insee_code=commune)
        if kind:
            rows = rows.filter(kind=kind)
        if price is not None:
            rows = rows.filter(monthly_cost__lte=price)
        if start:
            # Whoever does not say until when stays one night at least.
            last = end or start + DAY
            rows = rows.filter(
                Q(available_until=None) | Q(available_until__gte=last), available_from__lte=start
            )
        if start or places:
            rows = rows.filter(places_left__gte=places or 1)
        if furnished:
            rows = rows.filter(is_furnished=True)
        if accessible:
            rows = rows.filter(is_accessible=True)
        for word in fold(words).split():
            rows = rows.filter(Q(search_text__contains=word) | Q(commune__search_text__contains=word))
        return rows


class CarpoolOfferQuerySet(OfferQuerySet):
    owner = "driver"
    last_day = "ends_on"

    def with_names(self):
        return self.select_related("driver", "origin", "destination")

    def running_on(self, day):
        """Trips that are made on this day."""
        regular = Q(weekdays__contains=str(day.isoweekday()), starts_on__lte=day)
        regular &= Q(ends_on=None) | Q(ends_on__gte=day)
        return self.filter(regular | Q(days__contains=day.isoformat()))

    def with_seats_left(self, day):
        """Says of each trip how many seats are free on this day (`seats_left`)."""
        on_day = self._accepted().filter(offer=OuterRef("pk"), from_on__lte=day, until_on__gte=day)
        on_day = on_day.filter(Q(days="") | Q(days__contains=day.isoformat()))
        return self.annotate(seats_left=F("seats") - self._number(on_day))

    def above_ceiling(self, ceilings):
        """Published trips whose share is more than the ceiling lets people ask for, `ceilings` being the rows
        in force, one or none; without one, those that are not free.
        """
        per_km = Coalesce(Subquery(ceilings.values("per_km")), Decimal(0))
        # Both sides are exact to a tenth of a cent; SQLite counts them as floating-point numbers.
        excess = ExpressionWrapper(
            F("cost_share") * (F("seats") + 1) - F("distance_km") * per_km,
            output_field=DecimalField(max_digits=12, decimal_places=4),
        )
        rows = self.filter(state=OfferState.PUBLISHED).alias(excess=excess)
        return rows.filter(excess__gt=Decimal("0.0005"))

    def in_demand(self, seats, today):
        """Trips that may lack so many free seats on some day to come, going by how many were accepted in all;
        on which days, `reports.departures` knows.
        """
        coming = self._accepted().filter(offer=OuterRef("pk"), until_on__gte=today)
        return self.alias(coming=self._number(coming)).filter(coming__gt=F("seats") - seats)

    def matching(self, *, origin="", destination="", date=None, weekday="", price=None, seats=1, words=""):
        """Trips between two communes (INSEE codes), made on a date or on a day of the week (1 is Monday), at
        most `price` euros a seat.

        With a date each has `seats_left`, and at least `seats` of them; else there are so many seats in all,
        and `reports.find_trips` asks whether they are free.
        """
        rows = self.filter(seats__gte=seats)
        if origin:
            rows = rows.filter(origin__insee_code=origin)
        if destination:
            rows = rows.filter(destination__insee_code=destination)
        if date:
            rows = rows.running_on(date).with_seats_left(date).filter(seats_left__gte=seats)
        if weekday:
            rows = rows.filter(runs_on__contains=str(weekday))
        if price is not None:
            rows = rows.filter(cost_share__lte=price)
        for word in fold(words).split():
            rows = rows.filter(
                Q(search_text__contains=word)
                | Q(origin__search_text__contains=word)
                | Q(destination__search_text__contains=word)
            )
        return rows


class RequestQuerySet(ScopedQuerySet):
    """Students' requests for places and seats."""

    owner = ""

    def visible_to(self, user):
        """Staff see every request; students theirs; owners those for their listings."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self._of(user)

    def editable_by(self, user):
        """Students take their requests back; owners answer those for their listings. Nobody of the team
        decides for them.
        """
        role = role_of(user)
        if role in STAFF_ROLES or role == Role.ANONYMOUS:
            return self.none()
        return self._of(user).with_names()

    def _of(self, user):
        return self.filter(Q(student=user) | Q(**{f"offer__{self.owner}": user}))

    def with_names(self):
        """With the student, the offer and what its name needs, in one query."""
        raise NotImplementedError

    def accepted(self):
        return self.filter(state=RequestState.ACCEPTED)

    def live(self):
        """Requests that may still lead somewhere."""
        return self.filter(state__in=LIVE_STATES)

    def open(self):
        """Requests that nobody has answered for good."""
        return self.filter(state__in=OPEN_STATES)

    def waiting(self):
        """The waiting list: whoever asked first comes first."""
        return self.filter(state=RequestState.WAITING).order_by("created_at", "pk")

    def past(self, today):
        """Accepted requests whose last day is over."""
        return self.accepted().filter(until_on__lt=today)


class HousingRequestQuerySet(RequestQuerySet):
    owner = "landlord"

    def with_names(self):
        return self.select_related("student", "offer__landlord", "offer__commune")

    def too_late(self, today):
        """Open requests whose day of arrival has passed."""
        return self.open().filter(from_on__lt=today)


class CarpoolRequestQuerySet(RequestQuerySet):
    owner = "driver"

    def with_names(self):
        return self.select_related("student", "offer__driver", "offer__origin", "offer__destination")

    def too_late(self, today):
        """Open requests whose last trip has passed."""
        return self.open().filter(until_on__lt=today)


class HousingPhotoQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Whoever sees a lodging sees its photos."""
        return self.filter(offer__in=self._offers().visible_to(user).values("pk"))

    def editable_by(self, user):
        """Whoever looks after a lodging looks after its photos."""
        return self.filter(offer__in=self._offers().editable_by(user).values("pk")).select_related("offer")

    def _offers(self):
        return self.model._meta.get_field("offer").related_model.objects


class CostCeilingQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """Anyone may read what a shared trip may cost."""
        return self.all()

    def editable_by(self, user):
        """Administrators alone set what the law lets people share."""
        return self.all() if role_of(user) == Role.ADMINISTRATOR else self.none()

    def in_force(self, day):
        """What holds on this day: the row that began last, in a list of one or none."""
        return self.filter(from_on__lte=day).order_by("-from_on")[:1]
