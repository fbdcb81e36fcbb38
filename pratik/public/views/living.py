import datetime

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from pratik.core.calendar import today
from pratik.living.models import CarpoolOffer, HousingOffer
from pratik.living.reports import departures, find_trips, next_departures
from pratik.reference.models import Commune

from ..forms import LodgingFilters, TripFilters
from ..kept import kept
from ..shown import LODGINGS, TRIPS
from .paging import page_of

PER_PAGE = 24
OTHERS = 3
# Days whose free seats are told on the page of a trip, within so many days from today on.
DAYS_TOLD = 12
SOON = datetime.timedelta(days=60)


def _lodgings(day):
    return HousingOffer.objects.online(day).with_names().with_covers()


def _trips(day):
    return CarpoolOffer.objects.online(day).with_names()


def _communes(offers, name):
    """The communes that these listings name, for a filter."""
    return Commune.objects.filter(pk__in=offers.order_by().values(name))


@require_safe
@kept(LODGINGS, LodgingFilters.words_of_address("page"))
def lodging_list(request):
    """Lodgings that verified landlords let to interns."""
    now = today()
    filters = LodgingFilters(
        request.GET, communes=_communes(HousingOffer.objects.online(now), "commune"), today=now
    )
    context = {
        "filters": filters,
        "page": page_of(request, _lodgings(now).matching(today=now, **filters.asked), PER_PAGE),
        "query": filters.query,
    }
    return render(request, "public/lodgings.html", context)


@require_safe
@kept(LODGINGS)
def lodging_page(request, pk, slug):
    """One lodging. Its address follows its name: an old one leads to the right one."""
    now = today()
    offer = get_object_or_404(_lodgings(now).with_places_left(now), pk=pk)
    if request.path != offer.get_absolute_url():
        return redirect(offer.get_absolute_url(), permanent=True)
    others = _lodgings(now).matching(today=now, commune=offer.commune.insee_code).exclude(pk=pk)
    context = {"offer": offer, "photos": list(offer.photos.all()), "others": others[:OTHERS]}
    return render(request, "public/lodging.html", context)


@require_safe
@kept(TRIPS, TripFilters.words_of_address("page"))
def trip_list(request):
    """Trips that verified drivers share."""
    now = today()
    online = CarpoolOffer.objects.online(now)
    filters = TripFilters(
        request.GET,
        origins=_communes(online, "origin"),
        destinations=_communes(online, "destination"),
        today=now,
    )
    asked = filters.asked
    page = page_of(request, find_trips(_trips(now), today=now, **asked), PER_PAGE)
    offers = list(page)
    coming = {} if "date" in asked else next_departures(offers, now, seats=asked.get("seats", 0))
    for offer in offers:
        # The day that was asked for, with its seats, or the next one.
        offer.next_departure = coming.get(offer.pk)
    context = {"filters": filters, "page": page, "offers": offers, "query": filters.query}
    return render(request, "public/trips.html", context)


@require_safe
@kept(TRIPS)
def trip_page(request, pk, slug):
    """One trip. Its address follows its name: an old one leads to the right one."""
    now = today()
    offer = get_object_or_404(_trips(now), pk=pk)
    if request.path != offer.get_absolute_url():
        return redirect(offer.get_absolute_url(), permanent=True)
    days = departures([offer], now, now + SOON)[pk] or list(next_departures([offer], now).values())
    return render(request, "public/trip.html", {"offer": offer, "days": days[:DAYS_TOLD]})
