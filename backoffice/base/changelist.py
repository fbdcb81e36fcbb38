"""A list as its address asks for it: filtered, searched, sorted, and leafed through without being counted."""

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR
from django.core.paginator import InvalidPage
from unfold.views import ChangeList

from .paging import LAST_CONCEIVABLE_PAGE, Found, KnownPages, OpenPages, count


class AskedList(ChangeList):
    """What the address of a list asks for, where its rows are shown and where they leave as a file."""

    def get_filters_params(self, params=None):
        """PostgreSQL holds no null character, and answers whoever asks for one with an error."""
        asked = super().get_filters_params(params)
        if any("\x00" in value for values in asked.values() for value in values):
            raise IncorrectLookupParameters("\x00")
        return asked

    def get_ordering(self, request, queryset):
        """As Django's; what is sorted by a column goes on, within equals, in the order of the page."""
        default, self.sorted_by = list(queryset.query.order_by), None
        ordering = super().get_ordering(request, queryset.order_by())
        if not self.params.get(ORDER_VAR) or ordering[-1] != "-pk":
            return ordering
        *columns, last = ordering
        if not columns:
            return default or ordering
        # Of a list that is too long to be sorted so, the keys run as the column does: one index holds both.
        self.sorted_by = [*columns, "-pk" if self._runs_down(columns[-1]) else "pk"]
        return [*columns, *default, last]

    @staticmethod
    def _runs_down(column):
        return column.startswith("-") if isinstance(column, str) else getattr(column, "descending", False)

    def get_results(self, request):
        """The rows of the page. A list that is short enough is counted and read as any other; of a longer one
        the keys of one page are read, from the end that is nearer, and then its rows.
        """
        if abs(self.page_num) > LAST_CONCEIVABLE_PAGE:
            raise IncorrectLookupParameters
        self.found = count(self.queryset)
        if self.found.is_exact:
            self._read_counted()
        else:
            self._read_open()
        self.result_count = self.found.number
        self.full_result_count = None
        self.show_full_result_count = False
        self.show_admin_actions = True

    def _read_counted(self):
        self.paginator = KnownPages(self.queryset, self.list_per_page, self.found.number)
        self.can_show_all = self.found.number <= self.list_max_show_all
        self.multi_page = self.found.number > self.list_per_page
        if self.page_num < 0:
            self.page_num = max(1, self.paginator.num_pages + 1 + self.page_num)
        if (self.show_all and self.can_show_all) or not self.multi_page:
            self.result_list = self.queryset._clone()
            return
        try:
            self.result_list = self.paginator.page(self.page_num).object_list
        except InvalidPage as error:
            raise IncorrectLookupParameters from error

    def _read_open(self):
        self.can_show_all, self.multi_page = False, True
        if self.sorted_by:
            self.queryset = self.queryset.order_by(*self.sorted_by)
        self.page_num = self.page_num or 1
        self.paginator = OpenPages(self.queryset, self.list_per_page, self.page_num)
        found = self.paginator.read()
        if not found:
            raise IncorrectLookupParameters
        if not self.paginator.has_more:
            # The other end was seen from here: that many they are.
            self.found = Found((abs(self.page_num) - 1) * self.list_per_page + len(found))
        self.result_list = self.queryset.filter(pk__in=found)
