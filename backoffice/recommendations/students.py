"""« Étudiants recommandés »: those who agreed that companies read what others say of them."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.admin import ListAdmin
from backoffice.base.display import BLANK, text_of
from backoffice.base.exports import list_resource
from backoffice.base.filters import ScopedAutocompleteFilter
from pratik.recommendations.models import RecommendedStudent

from .filters import AverageFilter, DomainFilter, SkillFilter, StrengthFilter


class RecommendedStudentList(
    list_resource(
        RecommendedStudent,
        "domain",
        "commune",
        shown_name=gettext_lazy("étudiant"),
        level_label=gettext_lazy("niveau"),
        average_rating=gettext_lazy("note moyenne"),
        recommendations_number=gettext_lazy("recommandations"),
        strengths=gettext_lazy("points forts"),
        skills_validated=gettext_lazy("compétences validées"),
        recommended_domains=gettext_lazy("domaines recommandés"),
        related_to=("user",),
    )
):
    """The list as a file: numbers as numbers, lists as the import of other lists reads them."""

    def dehydrate_average_rating(self, student):
        return round(float(student.average_rating), 2)

    def dehydrate_recommendations_number(self, student):
        return student.recommendations_number

    def dehydrate_strengths(self, student):
        return " | ".join(str(name) for name in student.strengths)

    def dehydrate_skills_validated(self, student):
        return " | ".join(student.skills_validated)

    def dehydrate_recommended_domains(self, student):
        return " | ".join(student.recommended_domains)


@admin.register(RecommendedStudent)
class RecommendedStudentAdmin(ListAdmin):
    """Students whom companies recommend, without what would let anybody reach them."""

    class Media:
        css = {"all": ("backoffice/recommendations.css",)}

    resource_classes = [RecommendedStudentList]
    list_display = (
        "shown_name",
        "shown_level",
        "shown_commune",
        "shown_average",
        "shown_number",
        "shown_strengths",
        "shown_domains",
    )
    list_filter = (
        AverageFilter,
        StrengthFilter,
        DomainFilter,
        SkillFilter,
        ("level", MultipleChoicesDropdownFilter),
        ("commune", ScopedAutocompleteFilter),
    )
    # Names are shown as each person wants, so that nobody is looked for by what they do not show.
    search_fields = ("recommendations__search_text",)
    search_help_text = gettext_lazy("Compétence ou domaine")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("shown_name", "shown_average"),
                    ("shown_level", "shown_domain", "shown_commune"),
                    "shown_recommendations",
                )
            },
        ),
    )
    readonly_fields = (
        "shown_name",
        "shown_level",
        "shown_domain",
        "shown_commune",
        "shown_average",
        "shown_recommendations",
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_recommendations()

    def get_ordering(self, request):
        return ("-average_rating", "-recommendations_number", "pk")

    def get_search_results(self, request, queryset, search_term):
        return (queryset.told_of(search_term) if search_term.strip() else queryset), False

    def totals(self, rows):
        number = rows.order_by().count()
        return [(number, ngettext("étudiant recommandé", "étudiants recommandés", number))]

    @display(description=gettext_lazy("étudiant"))
    def shown_name(self, obj):
        return obj.shown_name

    @display(description=gettext_lazy("niveau"), ordering="level")
    def shown_level(self, obj):
        return obj.level_label or BLANK

    @display(description=gettext_lazy("domaine d’études"))
    def shown_domain(self, obj):
        return obj.domain or BLANK

    @display(description=gettext_lazy("commune"), ordering="commune__sort_name")
    def shown_commune(self, obj):
        return obj.commune.name if obj.commune else BLANK

    @display(description=gettext_lazy("note moyenne"), ordering="average_rating")
    def shown_average(self, obj):
        return _("%(rating)s sur 5") % {"rating": number_format(obj.average_rating, 1)}

    @display(description=gettext_lazy("recommandations"), ordering="recommendations_number")
    def shown_number(self, obj):
        return obj.recommendations_number

    @display(description=gettext_lazy("points forts"))
    def shown_strengths(self, obj):
        return text_of(obj.strengths)

    @display(description=gettext_lazy("recommandé en"))
    def shown_domains(self, obj):
        return text_of(obj.recommended_domains)

    @display(description=gettext_lazy("ce qu’en disent les entreprises"))
    def shown_recommendations(self, obj):
        return render_to_string(
            "backoffice/recommendations/read.html", {"rows": obj.accepted_recommendations}
        )
