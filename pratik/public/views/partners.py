from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from pratik.partners.models import CompanyProfile
from pratik.partners.reports import public_partners_by_commune, public_partners_by_sector

from ..forms import PartnerFilters
from ..kept import kept, remembered
from ..shown import PARTNERS
from .paging import page_of

PER_PAGE = 24
NEIGHBOURS = 4


def _shown():
    return CompanyProfile.objects.public().select_related("activity__section", "commune")


def _counted():
    """All partners: in each sector, in each commune, and together."""
    return (
        public_partners_by_sector(),
        public_partners_by_commune(),
        CompanyProfile.objects.public().figures(),
    )


@require_safe
@kept(PARTNERS, PartnerFilters.words_of_address("page"))
def partner_list(request):
    """Partner companies, by sector, commune and words."""
    sectors, communes, figures = remembered("partners counted", PARTNERS, _counted)
    filters = PartnerFilters(request.GET, sectors=sectors, communes=communes)
    context = {
        "filters": filters,
        "figures": figures,
        "page": page_of(request, _shown().matching(**filters.asked), PER_PAGE),
        "query": filters.query,
    }
    return render(request, "public/partners.html", context)


@require_safe
@kept(PARTNERS)
def partner_page(request, slug):
    """A partner company; 404 when it is no partner or does not want to be shown."""
    company = get_object_or_404(_shown(), slug=slug)
    neighbours = _shown().none()
    if company.activity:
        sector = company.activity.section.code
        neighbours = _shown().matching(sector=sector).exclude(pk=company.pk)[:NEIGHBOURS]
    return render(request, "public/partner.html", {"company": company, "neighbours": neighbours})
