"""Long lists, a page at a time."""

from django.core.paginator import Paginator


def page_of(request, rows, size):
    """The page that the address asks for; the nearest one that exists when it asks for another."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
