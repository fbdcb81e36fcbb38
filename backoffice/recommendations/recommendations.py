"""Recommendations, in the console: companies write, students agree or not, the team puts forward."""

from dataclasses import replace
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Avg, Case, Count, Q, When
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    MultipleChoicesDropdownFilter,
)
from unfold.decorators import display
from unfold.enums import ActionVariant

from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import BLANK, text_of
from backoffice.base.downloads import private_download
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter
from pratik.accounts.enums import Role
from pratik.core.calendar import day_label
from pratik.internships.models import Placement
from pratik.recommendations import services
from pratik.recommendations.enums import (
    RECOMMENDATION_COLORS,
    RecommendationState,
    Strength,
    Visibility,
)
from pratik.recommendations.models import InternRecommendation
from pratik.recommendations.services import OF_THE_TEAM

from .forms import ConsentForm, PlacementField, RecommendationForm

ON_PAPER = "admin:recommendations_internrecommendation_on_paper"


@admin.register(InternRecommendation)
class InternRecommendationAdmin(ScopedAdmin):
    """Recommendations: a company sees what it wrote, a student what is said of them, the team all."""

    class Media:
        css = {"all": ("backoffice/recommendations.css",)}

    form = RecommendationForm
    change_form_outer_before_template = "backoffice/recommendations/notes.html"
    add_title = gettext_lazy("Écrire une recommandation")
    resource_classes = [
        list_resource(
            InternRecommendation,
            "company",
            "rating",
            *Strength.values,
            "skills_validated",
            "recommended_domains",
            "comment",
            "state",
            "visibility",
            "is_featured",
            "proposed_at",
            "accepted_at",
            student=gettext_lazy("étudiant"),
            related_to=("student__user",),
        )
    ]
    verbs = {
        "propose": services.propose_recommendations,
        "rework": services.rework_recommendations,
        "accept": services.accept_recommendations,
        "choose": services.choose_visibility,
        "decline": services.decline_recommendations,
        "withdraw": services.withdraw_recommendations,
        "retract": services.retract_recommendations,
        "feature": services.feature_recommendations,
        "unfeature": services.unfeature_recommendations,
    }
    verb_forms = {"accept": ConsentForm, "choose": ConsentForm}
    assess_verb = staticmethod(services.assess_recommendations)
    list_display = (
        "shown_student",
        "shown_company",
        "shown_post",
        "shown_rating",
        "shown_state",
        "shown_visibility",
        "shown_featured",
    )
    company_list_display = ("shown_student", "shown_post", "shown_rating", "shown_state", "proposed_at")
    student_list_display = ("shown_company", "shown_post", "shown_rating", "shown_state", "shown_visibility")
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        ("visibility", ChoicesDropdownFilter),
        ("is_featured", BooleanRadioFilter),
        ("rating", MultipleChoicesDropdownFilter),
        ("company", ScopedAutocompleteFilter),
        ("proposed_at", DaysFilter),
    )
    own_list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        ("rating", MultipleChoicesDropdownFilter),
        ("proposed_at", DaysFilter),
    )
    told_in_words = (
        "student",
        *Strength.values,
        "recommended_domains",
        "shows_full_name",
        "withdrawal_reason",
    )
    search_fields = ("search_text", "student__user__search_text", "company__search_text")
    search_help_text = gettext_lazy("Étudiant, entreprise, compétence ou domaine")
    readonly_fields = (
        "shown_student",
        "shown_company",
        "shown_placement",
        "shown_strengths",
        "shown_domains",
        "state",
        "shown_visibility",
        "shown_name_choice",
        "is_featured",
        "proposed_at",
        "accepted_at",
        "declined_at",
        "withdrawn_at",
        "withdrawal_reason",
        "code",
    )
    written = (
        gettext_lazy("Appréciation"),
        {
            "fields": (
                "rating",
                ("autonomy", "teamwork"),
                ("rigor", "creativity"),
                "punctuality",
                "skills_validated",
                "recommended_domains",
                "comment",
                ("author_name", "author_role"),
            )
        },
    )
    read = (
        gettext_lazy("Appréciation"),
        {
            "fields": (
                "rating",
                "shown_strengths",
                "skills_validated",
                "shown_domains",
                "comment",
                ("author_name", "author_role"),
            )
        },
    )
    add_fieldsets = ((gettext_lazy("Stage"), {"fields": ("placement",)}), written)

    def get_queryset(self, request):
        return super().get_queryset(request).with_names()

    def get_ordering(self, request):
        """What waits for an answer comes first, whatever waits longest before the rest."""
        waiting = Case(When(state=RecommendationState.PROPOSED, then="proposed_at")).asc(nulls_last=True)
        return (waiting, *super().get_ordering(request))

    def done_with(self, today):
        return Q(state__in=(RecommendationState.DECLINED, RecommendationState.WITHDRAWN))

    def get_list_display(self, request):
        match request.user.role:
            case Role.STUDENT:
                return self.student_list_display
            case Role.COMPANY:
                return self.company_list_display
            case _:
                return self.list_display

    def told_lines(self, request, lines):
        """Drafts are the company’s own: others read what was sent to the student."""
        return lines if request.user.role == Role.COMPANY else lines.exclude(state=RecommendationState.DRAFT)

    def get_list_filter(self, request):
        return self.list_filter if request.user.is_staff else self.own_list_filter

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.user
        return form

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        follow_up = [("state", "shown_visibility"), ("shown_name_choice", "is_featured")]
        follow_up += [("proposed_at", "accepted_at"), ("declined_at", "withdrawn_at")]
        if obj.withdrawal_reason:
            follow_up.append("withdrawal_reason")
        if obj.is_accepted:
            follow_up.append("code")
        return (
            (gettext_lazy("Stage"), {"fields": (("shown_student", "shown_company"), "shown_placement")}),
            self.written if self.has_change_permission(request, obj) else self.read,
            (gettext_lazy("Suivi"), {"fields": tuple(follow_up)}),
        )

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """A company chooses among the placements that it hosted and has not written about yet."""
        if db_field.name == "placement":
            rows = self._to_write_about(request)
            kwargs["queryset"] = rows.select_related("student__user").order_by("-end_on", "-pk")
            kwargs["form_class"] = PlacementField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @staticmethod
    def _to_write_about(request):
        """The internships that the company hosted and has not written about."""
        return Placement.objects.visible_to(request.user).hosted().filter(recommendations=None)

    def acts(self, request):
        """What a company says of somebody, and what they answer, is said in one’s own name."""
        acts = super().acts(request)
        if request.impersonator is not None:
            acts = [act for act in acts if act.verb in OF_THE_TEAM]
        return acts

    def has_add_permission(self, request):
        return request.impersonator is None and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return request.impersonator is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return request.impersonator is None and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        services.save_recommendation(actor=request.user, row=obj)

    def confirm(self, request, act, pks, one=None):
        """The choices that the person made are those that the page shows first."""
        if one is not None and act.form is ConsentForm:
            act = replace(act, form=partial(ConsentForm, row=one))
        return super().confirm(request, act, pks, one)

    def offers(self, request, obj, verb):
        if verb == "accept":
            return not obj.is_retracted
        if verb == "feature":
            return obj.is_public and not obj.is_featured
        return obj.is_featured if verb == "unfeature" else True

    def buttons(self, request, obj):
        buttons = super().buttons(request, obj)
        if obj.is_accepted:
            buttons.append(
                {
                    "title": _("Télécharger le PDF"),
                    "icon": "picture_as_pdf",
                    "variant": ActionVariant.DEFAULT,
                    "path": reverse(ON_PAPER, args=[obj.pk]),
                }
            )
        return buttons

    def get_urls(self):
        view = self.admin_site.admin_view(self.paper_view)
        return [path("<int:pk>/pdf/", view, name=ON_PAPER.removeprefix("admin:")), *super().get_urls()]

    def paper_view(self, request, pk):
        """The recommendation on paper, for whoever sees it; there is none without the person's agreement."""
        row = self.get_object(request, pk) if self.has_view_permission(request) else None
        if row is None or not row.is_accepted:
            raise Http404
        try:
            content = services.draw_recommendation(row=row)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(self.change_url(row))
        return private_download(
            request,
            row=row,
            detail=_("PDF de la recommandation"),
            content=content,
            name=f"recommandation-{row.pk}.pdf",
            content_type="application/pdf",
        )

    def view_on_site_path(self, obj):
        return reverse("public:recommendation", args=[obj.pk]) if obj.is_public else None

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["notes"] = self.notes(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def notes(self, request, obj):
        """What a person should know of this recommendation, as [(tone, text)]."""
        match request.user.role, obj and obj.state:
            case (Role.COMPANY, None) if not self._to_write_about(request).exists():
                told = _(
                    "Il n’y a personne à recommander : aucun stage n’a commencé chez vous, ou chacun a déjà"
                    " sa recommandation."
                )
                return [("warning", told)]
            case (Role.COMPANY, None):
                return [("info", _("Vous l’enverrez ensuite à l’étudiant : sans son accord, nul ne la lit."))]
            case (Role.COMPANY, RecommendationState.DRAFT):
                return [
                    ("info", _("Ceci est un brouillon : « Envoyer à l’étudiant » lui demande son accord."))
                ]
            case (Role.COMPANY, RecommendationState.PROPOSED):
                return [("info", _("L’étudiant n’a pas encore répondu."))]
            case (Role.STUDENT, RecommendationState.PROPOSED):
                told = _(
                    "Personne d’autre que l’entreprise et l’équipe PRATIK ne lit cette recommandation tant"
                    " que vous ne l’avez pas acceptée."
                )
                return [("info", told)]
            case (Role.STUDENT, RecommendationState.ACCEPTED):
                return [("success", self._who_reads(obj))]
            case _:
                return []

    @staticmethod
    def _who_reads(obj):
        values = {"name": obj.shown_name}
        if obj.visibility == Visibility.PUBLIC:
            return _("Tout le monde peut la lire sur le site, sous le nom « %(name)s ».") % values
        return _("Les entreprises qui ont un compte la lisent, sous le nom « %(name)s ».") % values

    def totals(self, rows):
        found = rows.order_by().aggregate(
            number=Count("pk"),
            waiting=Count("pk", filter=Q(state=RecommendationState.PROPOSED)),
            accepted=Count("pk", filter=Q(state=RecommendationState.ACCEPTED)),
            rating=Avg("rating", filter=Q(state=RecommendationState.ACCEPTED)),
        )
        told = [
            (found["number"], ngettext("recommandation", "recommandations", found["number"])),
            (found["waiting"], _("en attente de l’étudiant")),
            (found["accepted"], ngettext("acceptée", "acceptées", found["accepted"])),
        ]
        if found["rating"] is not None:
            told.append((number_format(found["rating"], 1), _("note moyenne sur 5")))
        return told

    @display(description=gettext_lazy("étudiant"), ordering="student__user__search_text")
    def shown_student(self, obj):
        return str(obj.student.user)

    @display(description=gettext_lazy("entreprise"), ordering="company__sort_name")
    def shown_company(self, obj):
        return obj.company.name

    @display(description=gettext_lazy("stage"), ordering="placement__start_on")
    def shown_post(self, obj):
        return obj.placement.post

    @display(description=gettext_lazy("stage"))
    def shown_placement(self, obj):
        return _("%(post)s, du %(first)s au %(last)s") % {
            "post": obj.placement.post,
            "first": day_label(obj.placement.start_on),
            "last": day_label(obj.placement.last_day),
        }

    @display(description=gettext_lazy("note"), ordering="rating")
    def shown_rating(self, obj):
        return _("%(rating)s/5") % {"rating": obj.rating}

    @display(description=gettext_lazy("points forts"))
    def shown_strengths(self, obj):
        return ", ".join(str(strength) for strength in obj.strengths) or BLANK

    @display(description=gettext_lazy("domaines recommandés"))
    def shown_domains(self, obj):
        """For whom reads it: the field's own name speaks to the company that writes."""
        return "\n".join(obj.recommended_domains) or BLANK

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in RECOMMENDATION_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("visible par"), ordering="visibility")
    def shown_visibility(self, obj):
        return obj.get_visibility_display() if obj.is_accepted else BLANK

    @display(description=gettext_lazy("nom montré"))
    def shown_name_choice(self, obj):
        return obj.shown_name if obj.is_accepted else BLANK

    @display(description=gettext_lazy("en avant"), ordering="is_featured")
    def shown_featured(self, obj):
        return text_of(obj.is_featured)
