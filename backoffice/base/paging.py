"""How much of a long list is read: counted as far as people read, and leafed through from either end.

A table may hold a million rows. Counting them, or walking past them to reach the last page, costs more than
everything else on the page together; so a list is counted up to `COUNTED`, and what lies beyond is said to be
more, or about so many. Its end is read backwards.
"""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Case, IntegerField, OrderBy, When
from django.utils.translation import gettext as _

from .display import grouped

# As far as a list is counted: fifty pages, which nobody turns one by one.
COUNTED = 5_000
# No list has so many pages; a number that is greater was typed to see what happens.
LAST_CONCEIVABLE_PAGE = 10**9


@dataclass(frozen=True)
class Found:
    """How many rows a list has, as far as that is known: `number` itself, about it, or more than it."""

    number: int
    is_exact: bool = True
    is_estimate: bool = False

    def of(self, singular, plural):
        """« 1 234 calendriers », « environ 1 000 000 calendriers », « plus de 10 000 calendriers »."""
        rows = f"{grouped(self.number)} {singular if self.is_exact and self.number == 1 else plural}"
        if self.is_exact:
            return rows
        if self.is_estimate:
            return _("environ %(rows)s") % {"rows": rows}
        return _("plus de %(rows)s") % {"rows": rows}


class DoneLast(Case):
    """Orders the rows that nobody works on any more after the others."""

    def __init__(self, done):
        super().__init__(When(done, then=1), default=0, output_field=IntegerField())
        self.done = done


def count(rows):
    """How many these rows are: exactly up to `COUNTED`; above, about, where they are a whole table whose
    size the database has an idea of, else more than `COUNTED`.
    """
    # In the order of their keys, so that the counting walks an index and stops where it is told.
    number = rows.order_by("pk").values("pk")[: COUNTED + 1].count()
    if number <= COUNTED:
        return Found(number)
    if rows.query.where or rows.query.distinct:
        return Found(COUNTED, is_exact=False)
    about = _estimate(rows.model)
    if about <= COUNTED:
        return Found(COUNTED, is_exact=False)
    return Found(about, is_exact=False, is_estimate=True)


def _estimate(model):
    """About how many rows a table has, in two figures, as PostgreSQL last saw it; 0 where nobody knows."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(model._meta.db_table)
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [name])
        (rows,) = cursor.fetchone()
    magnitude = 10 ** max(0, len(str(rows)) - 2)
    return (rows + magnitude // 2) // magnitude * magnitude


def parts(rows):
    """The rows in their order, as pieces that follow one another and that an index holds each in its order.

    A list that shows last what is done is one piece of rows that are not, and one of those that are.
    """
    order = rows.query.order_by
    first = order[0] if order else None
    if not isinstance(first, OrderBy) or not isinstance(first.expression, DoneLast) or rows.query.distinct:
        return [rows]
    done, rows = first.expression.done, rows.order_by(*order[1:])
    return [rows.exclude(done), rows.filter(done)]


def keys(rows, start, number, *, from_end=False):
    """The keys of `number` rows of an ordered list from the place `start` on, in the order of the list; with
    `from_end`, places are counted from its last row, which is read backwards.
    """
    pieces = parts(rows)
    if from_end:
        pieces = [piece.reverse() for piece in reversed(pieces)]
    found = []
    for piece in pieces:
        taken = list(piece.values_list("pk", flat=True)[start : start + number - len(found)])
        found += taken
        if len(found) == number:
            break
        if taken:
            start = 0
        elif start:
            start -= piece.order_by("pk").values("pk")[:start].count()
    return found[::-1] if from_end else found


class KnownPages(Paginator):
    """The pages of a list whose rows were counted already."""

    def __init__(self, rows, per_page, number):
        super().__init__(rows, per_page)
        self.count = number


class OpenPages(Paginator):
    """The pages of a list that nobody counted to its end: the one that is shown, the one before, the one
    after, and both ends. A page from the end has a negative number: -1 is the last.
    """

    template_name = "backoffice/open_pages.html"
    # Its pages are not told one by one.
    num_pages = None

    def __init__(self, rows, per_page, page):
        super().__init__(rows, per_page)
        self.page_num = page
        self.has_more = False

    def get_elided_page_range(self, number=1, **kwargs):
        return []

    def read(self):
        """The keys of the rows on this page. Knows afterwards whether there are more beyond (`has_more`)."""
        start = (abs(self.page_num) - 1) * self.per_page
        found = keys(self.object_list, start, self.per_page + 1, from_end=self.page_num < 0)
        self.has_more = len(found) > self.per_page
        return found[-self.per_page :] if self.page_num < 0 else found[: self.per_page]

    @property
    def previous(self):
        """The number of the page before, or None."""
        if self.page_num < 0:
            return self.page_num - 1 if self.has_more else None
        return self.page_num - 1 or None

    @property
    def next(self):
        """The number of the page after, or None."""
        if self.page_num < 0:
            return self.page_num + 1 or None
        return self.page_num + 1 if self.has_more else None
