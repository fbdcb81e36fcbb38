"""Long lists, a page at a time."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property

# Nobody reads further: whoever has found more narrows the search, and the database counts no further either.
FURTHEST = 1_000


class BoundedPaginator(Paginator):
    """The first pages of a list; `is_cut` says that the list has more than it counts."""

    @cached_property
    def _found(self):
        # In no order: the first that are found will do.
        return self.object_list.order_by()[: FURTHEST + 1].count()

    @property
    def count(self):
        return min(self._found, FURTHEST)

    @property
    def is_cut(self):
        return self._found > FURTHEST


def page_of(request, rows, size):
    """The page that the address asks for; the nearest one that exists when it asks for another."""
    return BoundedPaginator(rows, size).get_page(request.GET.get("page"))
