"""Filters of the lists; what they offer is scoped as the lists are."""

from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter

from pratik.reference.school_years import school_year_label


class ScopedAutocompleteFilter(AutocompleteSelectFilter):
    """Chooses a related row among those that the person may see."""

    def choices(self, changelist):
        for choice in super().choices(changelist):
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = self.field.remote_field.model.objects.visible_to(self.request.user)
            field.label = self.title
            yield choice


class SchoolYearFilter(DropdownFilter):
    """The school years that the list has rows of."""

    title = _("année scolaire")
    parameter_name = "school_year"

    def lookups(self, request, model_admin):
        years = (
            model_admin.get_queryset(request)
            .order_by("-school_year")
            .values_list("school_year", flat=True)
            .distinct()
        )
        return [(year, school_year_label(year)) for year in years]

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
