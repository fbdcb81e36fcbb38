from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from pratik.accounts.enums import Role, role_of
from pratik.core.calendar import today
from pratik.core.links import console_page
from pratik.internships.models import Application, InternshipOffer
from pratik.reference.models import ActivitySection, Commune

from ..forms import OfferFilters
from ..kept import kept, remembered
from ..shown import OFFERS
from ..structured import as_script, job_posting
from .paging import page_of

PER_PAGE = 24
OTHERS = 3


def _shown(day):
    return InternshipOffer.objects.open_to_applicants(day).with_names()


def _choices():
    """What the filters offer: only what some offer has."""
    offers = InternshipOffer.objects.open_to_applicants(today()).order_by()
    sections = ActivitySection.objects.filter(pk__in=offers.values("company__activity__section"))
    return {
        "communes": list(Commune.objects.filter(pk__in=offers.values("commune"))),
        "sectors": [(section.code, section.label) for section in sections],
        "levels": set(offers.values_list("level", flat=True).distinct()),
    }


def _applying(user, offer):
    """What the box « Postuler » says to whoever reads: to a student, that they applied already."""
    is_student = role_of(user) == Role.STUDENT
    own = Application.objects.visible_to(user).live().filter(offer=offer).first() if is_student else None
    return {
        "may_apply": is_student or not user.is_authenticated,
        "own": own,
        "own_url": console_page(own) if own is not None else "",
    }


@require_safe
@kept(OFFERS, OfferFilters.words_of_address("page"))
def offer_list(request):
    """The internships that companies offer and that may still be applied for."""
    day = today()
    filters = OfferFilters(request.GET, **remembered("offer choices", OFFERS, _choices))
    context = {
        "filters": filters,
        "page": page_of(request, filters.narrow(_shown(day)), PER_PAGE),
        "query": filters.query,
    }
    return render(request, "public/offers.html", context)


@require_safe
@kept(OFFERS)
def offer_page(request, pk, slug):
    """One offer. Its address follows its title: an old one leads to the right one.

    Unlike other public pages it looks at who is there, so that a student reads what they sent: what is made
    for somebody is kept by nobody.
    """
    offers = _shown(today())
    offer = get_object_or_404(offers, pk=pk)
    if request.path != offer.get_absolute_url():
        return redirect(offer.get_absolute_url(), permanent=True)
    others = offers.filter(company=offer.company).exclude(pk=pk).sorted_by("published")
    context = {
        "offer": offer,
        "others": others[:OTHERS],
        "posting": as_script(job_posting(offer)),
        **_applying(request.user, offer),
    }
    response = render(request, "public/offer.html", context)
    if request.user.is_authenticated:
        response["Cache-Control"] = "private, no-store"
    return response
