from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from pratik.recommendations.models import InternRecommendation

from .paging import page_of

PER_PAGE = 20


def _public():
    return InternRecommendation.objects.public().with_names()


def _closed_to_robots(response):
    """A page about a person that they may take back is in no search engine, which would keep it longer."""
    response["X-Robots-Tag"] = "noindex, noarchive"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def recommendation_list(request):
    """What companies say of people who agreed that everybody reads it; the team's choice comes first.

    Nobody is looked for here by what was said of them: filters are for companies with an account.
    """
    rows = _public().order_by("-is_featured", "-accepted_at", "-pk")
    context = {
        "figures": InternRecommendation.objects.public().figures(),
        "page": page_of(request, rows, PER_PAGE),
    }
    return _closed_to_robots(render(request, "public/recommendations.html", context))


@require_safe
def recommendation_page(request, pk):
    """One recommendation; 404 from the moment on that the person no longer agrees."""
    row = get_object_or_404(_public(), pk=pk)
    return _closed_to_robots(render(request, "public/recommendation.html", {"row": row}))
