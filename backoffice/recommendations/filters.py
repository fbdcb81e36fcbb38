"""Filters of the list of recommended students."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from pratik.recommendations.enums import Strength


class AverageFilter(DropdownFilter):
    """Students whose ratings are this high on average."""

    title = gettext_lazy("note moyenne")
    parameter_name = "note"

    def lookups(self, request, model_admin):
        return [(str(least), _("%(least)s et plus") % {"least": least}) for least in (5, 4, 3, 2)]

    def queryset(self, request, queryset):
        value = self.value()
        return queryset.filter(average_rating__gte=int(value)) if value in ("5", "4", "3", "2") else queryset


class StrengthFilter(DropdownFilter):
    """Students of whom a company named a strength."""

    title = gettext_lazy("point fort")
    parameter_name = "point_fort"

    def lookups(self, request, model_admin):
        return Strength.choices

    def queryset(self, request, queryset):
        value = self.value()
        return queryset.with_strength(value) if value in Strength.values else queryset


class SkillFilter(TextFilter):
    """Students of whom a company validated a skill."""

    title = gettext_lazy("compétence validée")
    parameter_name = "competence"

    def queryset(self, request, queryset):
        return queryset.with_skill(self.value()) if self.value() else queryset


class DomainFilter(TextFilter):
    """Students whom a company recommends for a domain."""

    title = gettext_lazy("domaine recommandé")
    parameter_name = "domaine"

    def queryset(self, request, queryset):
        return queryset.for_domain(self.value()) if self.value() else queryset
