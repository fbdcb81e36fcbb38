"""Filters of the lists; what they offer is scoped as the lists are."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter, RangeDateFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm
from unfold.utils import parse_date_str

from backoffice.base.fields import RowAutocomplete
from backoffice.base.paging import count
from pratik.core.calendar import CAYENNE
from pratik.reference.school_years import school_year_label


class RowForm(AutocompleteDropdownForm):
    widget = RowAutocomplete


class ScopedAutocompleteFilter(AutocompleteSelectFilter):
    """Chooses a related row among those that the person may see."""

    form_class = RowForm

    def choices(self, changelist):
        for choice in super().choices(changelist):
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = self.field.remote_field.model.objects.visible_to(self.request.user)
            field.label = self.title
            yield choice


class DaysFilter(RangeDateFilter):
    """Moments from one day to another, both whole days of French Guiana.

    The skin's own filter compares a moment with midnight, so that the last day would be left out.
    """

    def queryset(self, request, queryset):
        name = self.parameter_name
        first, last = (self._day(f"{name}_{bound}") for bound in ("from", "to"))
        if first:
            queryset = queryset.filter(**{f"{name}__gte": first})
        if last:
            queryset = queryset.filter(**{f"{name}__lt": last + timedelta(days=1)})
        return queryset

    def _day(self, parameter):
        """The beginning of the day that was typed; None where nothing that can be read was."""
        typed = self.used_parameters.get(parameter)
        day = parse_date_str(typed) if isinstance(typed, str) else None
        return datetime(day.year, day.month, day.day, tzinfo=CAYENNE) if day else None


class SchoolYearFilter(DropdownFilter):
    """The school years that the list has rows of."""

    title = _("année scolaire")
    parameter_name = "school_year"

    def lookups(self, request, model_admin):
        """Of a list that is too long to be counted, all the years between its first and its last: which of
        them have rows, only reading it to its end would tell.
        """
        rows = model_admin.get_queryset(request)
        years = rows.order_by("-school_year").values_list("school_year", flat=True)
        if count(rows).is_exact:
            held = years.distinct()
        else:
            last, first = years.first(), years.last()
            # None where the rows went since they were counted.
            held = [] if None in (last, first) else range(last, first - 1, -1)
        return [(year, school_year_label(year)) for year in held]

    def queryset(self, request, queryset):
        value = self.value()
        return queryset.filter(school_year=value) if value and str(value).isdigit() else queryset


def blank_filter(field, name, *, blank, filled):
    """A filter on whether a field holds something; `blank` and `filled` are the words for it."""

    class BlankFilter(DropdownFilter):
        title = name
        parameter_name = f"{field}__isnull"

        def lookups(self, request, model_admin):
            return [("True", blank), ("False", filled)]

        def queryset(self, request, queryset):
            value = self.value()
            return (
                queryset.filter(**{self.parameter_name: value == "True"})
                if value in ("True", "False")
                else queryset
            )

    return BlankFilter
