"""Answers about lodgings and trips that are not rows of one model."""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q

from .enums import MODERATORS, OPEN_STATES, OfferState, RequestState
from .models import CarpoolOffer, CarpoolRequest, CostCeiling

# How far ahead it is looked for days of a trip.
HORIZON = datetime.timedelta(days=366)
WEEK = datetime.timedelta(days=6)


@dataclass(frozen=True)
class Contact:
    """How to reach somebody, and where exactly: for those who have a place and who gave it, never for the
    public.
    """

    address: str
    name: str
    phone: str
    email: str


def contact_of(offer, user):
    """Where is it exactly and whom do I call? A `Contact`, or None for who is not to know.

    The owner, the team that reads listings, and the students who were accepted know.
    """
    if not user.is_authenticated:
        return None
    knows = user.pk == offer.owner_id or user.role in MODERATORS
    if not knows and not offer.requests.accepted().filter(student=user).exists():
        return None
    return _contact(offer.owner, getattr(offer, "address", ""))


def contact_of_student(request, user):
    """Whom did I accept, and how do I reach them? A `Contact`, or None for who is not to know.

    The owner of the listing knows, for as long as the place is the student's.
    """
    if user.pk != request.offer.owner_id or request.state != RequestState.ACCEPTED:
        return None
    return _contact(request.student)


def _contact(person, address=""):
    return Contact(
        address=address,
        name=str(person),
        phone=person.phone.as_national if person.phone else "",
        email=person.email,
    )


@dataclass(frozen=True)
class Departure:
    """One day of a trip and the seats that are free on it."""

    day: datetime.date
    seats_left: int


def departures(offers, first, last):
    """On which days are these trips made, and how many seats are free on each? {key: [Departure]}.

    One query, whatever the trips.
    """
    offers = list(offers)
    accepted = {offer.pk: [] for offer in offers}
    rows = CarpoolRequest.objects.accepted().filter(
        offer__in=list(accepted), from_on__lte=last, until_on__gte=first
    )
    for row in rows.order_by():
        accepted[row.offer_id].append(row)
    found = {}
    for offer in offers:
        taken = Counter(day for row in accepted[offer.pk] for day in offer.days_of(row))
        found[offer.pk] = [Departure(day, offer.seats - taken[day]) for day in offer.trip_days(first, last)]
    return found


def next_departures(offers, today, *, seats=0):
    """When are these trips made next with so many free seats, and how many are free then?

    As {key: Departure}; a trip that is not, within a year, is left out. Two queries at most.
    """
    found, left = {}, list(offers)
    # Most are made within a week; the others are looked at for longer.
    for length in (WEEK, HORIZON):
        if left:
            days = departures(left, today, today + length)
            for pk, coming in days.items():
                if day := next((day for day in coming if day.seats_left >= seats), None):
                    found[pk] = day
            left = [offer for offer in left if offer.pk not in found]
    return found


def find_trips(rows, *, today, date=None, seats=None, **asked):
    """Which of these trips are made as asked, with so many free seats: on the date, else on some day to come?

    With a date or seats, only trips that have room; else the full ones too. `asked` are the other words of
    `matching`. Two queries more at most, of the trips that have given places away.
    """
    found = rows.matching(date=date, seats=seats or 1, **asked)
    if date or not seats:
        return found
    busy = list(found.in_demand(seats, today))
    free = next_departures(busy, today, seats=seats)
    return found.exclude(pk__in=[trip.pk for trip in busy if trip.pk not in free])


def places_left_for(requests, today):
    """How many places are free on the busiest of each request's days, beside those who were accepted?

    As {key: number}; one query, for requests of one model whose offers are loaded.
    """
    requests = list(requests)
    accepted = {request.offer_id: [] for request in requests}
    if requests:
        rows = type(requests[0]).objects.accepted().filter(offer__in=list(accepted), until_on__gte=today)
        for row in rows.order_by():
            accepted[row.offer_id].append(row)
    left = {}
    for request in requests:
        others = [row for row in accepted[request.offer_id] if row.pk != request.pk]
        offer = request.offer
        left[request.pk] = offer.capacity - offer.most_at_once(others, offer.days_of(request))
    return left


def offer_figures(model, user, today):
    """How many listings of this kind, among those I may see, are in each state, and how many online?"""
    counted = {state.value: Count("pk", filter=Q(state=state)) for state in OfferState}
    shown = model.objects.visible_to(user).order_by()
    return shown.aggregate(**counted) | {"online": shown.online(today).count()}


def request_figures(model, user):
    """How many requests, among those I may see, wait for an answer, wait for a place, were accepted?"""
    counted = {
        "requested": Count("pk", filter=Q(state=RequestState.REQUESTED)),
        "waiting": Count("pk", filter=Q(state=RequestState.WAITING)),
        "accepted": Count("pk", filter=Q(state=RequestState.ACCEPTED)),
        "open": Count("pk", filter=Q(state__in=OPEN_STATES)),
    }
    return model.objects.visible_to(user).order_by().aggregate(**counted)


def trips_above_ceiling(user, today):
    """Which published trips, among those I may see, ask for more than the ceiling in force lets them?

    A ceiling that was lowered takes nothing off the site: somebody of the team decides on each.
    """
    return CarpoolOffer.objects.visible_to(user).above_ceiling(CostCeiling.objects.in_force(today))


def changes_since_online(model, pks, operation):
    """What changed in these listings, that matters to who has a place, from when they were last on the site
    to when this operation published them again? {key: [name of what changed]}; one query.
    """
    lines = {}
    published = model.history.filter(id__in=pks, state=OfferState.PUBLISHED)
    for line in published.order_by("-history_id"):
        lines.setdefault(line.id, []).append(line)
    fields = [model._meta.get_field(name) for name in model.promised_fields]
    found = {}
    for pk, of_one in lines.items():
        place = next((n for n, line in enumerate(of_one) if line.operation_id == operation.pk), None)
        if place is None or place + 1 == len(of_one):
            continue
        now, before = of_one[place : place + 2]
        found[pk] = [
            field.verbose_name
            for field in fields
            if getattr(now, field.attname) != getattr(before, field.attname)
        ]
    return found


def offers_to_read(model, user):
    """Which listings must somebody of the team read, among those I may see? Those that wait longest first."""
    return model.objects.visible_to(user).awaiting_moderation().with_names()


def requests_to_answer(model, user):
    """Which requests for my listings wait for my answer? Whoever asked first comes first."""
    rows = model.objects.editable_by(user).filter(state=RequestState.REQUESTED).exclude(student=user.pk)
    return rows.order_by("created_at", "pk")
