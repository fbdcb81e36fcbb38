"""Following students: companies see whom they follow, students who follows them, the team that it is so."""

from dataclasses import replace
from functools import partial

from django.contrib import admin
from django.db.models import Case, F, Q, When
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, MultipleChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import BLANK
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter
from pratik.accounts.enums import Role, StudentStatus
from pratik.core.text import fold, typed
from pratik.reference.levels import LEVELS
from pratik.tracking import services
from pratik.tracking.enums import CHANGE_ICONS, FOLLOW_COLORS, ChangeKind, FollowState
from pratik.tracking.models import SHOWN, WANTED, Follow
from pratik.tracking.reports import timeline

from .asking import CANDIDATES, AskPages
from .forms import AgreeForm

# Operations that a page tells of; the others are counted.
STEPS_SHOWN = 50
STATE_LABELS = {str(state): color for state, color in FOLLOW_COLORS.items()}


class SeenFilter(DropdownFilter):
    """On what the company sees of the students; a hidden value matches nothing."""

    kind = ""
    values = ()

    def lookups(self, request, model_admin):
        return self.values

    def queryset(self, request, queryset):
        value = self.value()
        known = {str(code) for code, _label in self.values}
        return queryset.filter(**{f"seen_{self.kind}": value}) if value in known else queryset


class LevelFilter(SeenFilter):
    title = gettext_lazy("niveau")
    parameter_name = "niveau"
    kind = ChangeKind.LEVEL.value
    values = LEVELS


class StatusFilter(SeenFilter):
    title = gettext_lazy("situation")
    parameter_name = "situation"
    kind = ChangeKind.STATUS.value
    values = StudentStatus.choices


@admin.register(Follow)
class FollowAdmin(AskPages, ScopedAdmin):
    """Who follows whom. The team looks on: what students agree to is theirs."""

    class Media:
        css = {"all": ("backoffice/tracking.css",)}

    resource_classes = [
        list_resource(
            Follow,
            "company",
            "state",
            "ground",
            "created_at",
            "agreed_at",
            student_name=gettext_lazy("étudiant"),
            level_seen=gettext_lazy("niveau"),
            domain_seen=gettext_lazy("domaine d’études"),
            status_seen=gettext_lazy("situation"),
            related_to=("student__user",),
        )
    ]
    verbs = {
        "agree": services.agree_to_follows,
        "refuse": services.refuse_follows,
        "withdraw": services.withdraw_agreement,
        "end": services.end_follows,
    }
    verb_forms = {"agree": AgreeForm}
    assess_verb = staticmethod(services.assess_follows)
    list_before_template = "backoffice/tracking/list.html"
    change_form_outer_before_template = "backoffice/tracking/timeline.html"
    search_help_text = gettext_lazy("Étudiant, entreprise ou domaine d’études")
    readonly_fields = (
        "shown_student",
        "shown_company",
        "state",
        "ground",
        "message",
        "created_at",
        "agreed_at",
        "closed_at",
    )

    # What each role reads of the same rows

    def get_list_display(self, request):
        match request.user.role:
            case Role.COMPANY:
                return (
                    "shown_student",
                    "shown_state",
                    "shown_level",
                    "shown_domain",
                    "shown_status",
                    "shown_last_change",
                )
            case Role.STUDENT:
                return ("shown_company", "shown_state", "shown_sight", "message", "created_at", "agreed_at")
            case _:
                return (
                    "shown_company",
                    "shown_student",
                    "shown_state",
                    "shown_sight",
                    "message",
                    "created_at",
                    "agreed_at",
                )

    def told_fields(self, request, obj):
        """A company is told a student's name as far as it may read it, which no line of history knows."""
        told = super().told_fields(request, obj)
        return told | {"student"} if request.user.is_staff else told

    def get_list_filter(self, request):
        states = ("state", MultipleChoicesDropdownFilter)
        if request.user.role == Role.STUDENT:
            return (states,)
        return (states, LevelFilter, StatusFilter, ("created_at", DaysFilter))

    def get_fieldsets(self, request, obj=None):
        wanted = (gettext_lazy("Ce dont l’entreprise est prévenue"), {"fields": (WANTED,)})
        shown = (
            gettext_lazy("Ce que l’entreprise voit de vous"),
            {
                "fields": (SHOWN,),
                "description": gettext_lazy(
                    "Elle ne voit que ce que vous cochez, et seulement tant que vous êtes d’accord. Décochez"
                    " quand vous voulez : c’est fait tout de suite."
                ),
            },
        )
        times = ("created_at", "agreed_at")
        match request.user.role:
            case Role.COMPANY:
                return (
                    (
                        None,
                        {"fields": (("shown_student", "state"), ("ground", "created_at"), "message")},
                    ),
                    (gettext_lazy("Me prévenir"), {"fields": (WANTED,)}),
                )
            case Role.STUDENT:
                request_itself = (None, {"fields": (("shown_company", "state"), times, "message")})
                return (request_itself, shown) if obj is not None and obj.is_active else (request_itself,)
            case _:
                return (
                    (
                        None,
                        {
                            "fields": (
                                ("shown_company", "shown_student"),
                                ("state", "ground"),
                                times,
                                ("closed_at", "message"),
                            )
                        },
                    ),
                    wanted,
                    (gettext_lazy("Ce que l’étudiant montre"), {"fields": (SHOWN,)}),
                )

    @staticmethod
    def title_for(user):
        """What the list is called for this person."""
        match user.role:
            case Role.COMPANY:
                return _("Étudiants suivis")
            case Role.STUDENT:
                return _("Qui me suit")
            case _:
                return _("Suivis d’étudiants")

    # Rows

    def get_queryset(self, request):
        return super().get_queryset(request).with_names().with_sight()

    def get_ordering(self, request):
        """What waits for a student's answer comes first; for companies, where something has just changed."""
        if request.user.role == Role.STUDENT:
            waiting = Case(When(state=FollowState.REQUESTED, then="created_at")).desc(nulls_last=True)
            return (waiting, *super().get_ordering(request))
        return (F("last_change_at").desc(nulls_last=True), *super().get_ordering(request))

    def done_with(self, today):
        return Q(state__in=(FollowState.REFUSED, FollowState.ENDED))

    def get_search_results(self, request, queryset, search_term):
        """Every word in the name of the company, in the student's as far as it may be read, or in the domain
        of studies as far as it is shown.
        """
        for word in typed(search_term).split():
            name = Q(student__user__name_text__contains=fold(word))
            if not request.user.is_staff:
                name &= Q(names_student=True)
            anywhere = name | Q(company__sort_name__contains=fold(word)) | Q(seen_domain__icontains=word)
            queryset = queryset.filter(anywhere)
        return queryset, False

    def totals(self, rows):
        states = list(rows.order_by().values_list("state", flat=True))
        return [
            (states.count(FollowState.ACTIVE), _("en cours")),
            (states.count(FollowState.REQUESTED), _("en attente de réponse")),
        ]

    # Rights

    def acts(self, request):
        """Whether to be followed is said in one’s own name."""
        return [] if request.impersonator is not None else super().acts(request)

    def has_change_permission(self, request, obj=None):
        """What one is told of, and what one shows, is chosen in one’s own name too; a student chooses it with
        the agreement, and may change it while that lasts.
        """
        is_asked = isinstance(obj, Follow) and request.user.role == Role.STUDENT and not obj.is_active
        return request.impersonator is None and not is_asked and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        reserved = (obj or Follow()).reserved_fields(request.user)
        return (*super().get_readonly_fields(request, obj), *reserved)

    def save_model(self, request, obj, form, change):
        services.save_choices(actor=request.user, follow=obj)

    # Pages

    def changelist_view(self, request, extra_context=None):
        extra = {
            "title": self.title_for(request.user),
            "ask_url": reverse(CANDIDATES) if self.may_ask(request) else "",
        }
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            is_student = request.user.role == Role.STUDENT
            steps = timeline(obj, most=STEPS_SHOWN)
            context |= {
                "follow": obj,
                "is_student": is_student,
                "cards": [
                    (kind.label, CHANGE_ICONS[kind], value, kind in obj.wanted_kinds)
                    for kind, value in obj.seen_in_words
                ],
                "steps": steps,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def confirm(self, request, act, pks, one=None):
        """As for every verb; but what is over exists for the company no longer, and leads to the list. One
        request is answered with what it would show in view.
        """
        if one is not None and act.form is AgreeForm:
            act = replace(act, form=partial(AgreeForm, follow=one))
        response = super().confirm(request, act, pks, one)
        is_done = isinstance(response, HttpResponseRedirect)
        if is_done and one is not None and self.get_object(request, str(one.pk)) is None:
            return HttpResponseRedirect(self.list_url())
        return response

    # Columns

    @display(description=gettext_lazy("étudiant"))
    def shown_student(self, obj):
        return obj.student_name

    @display(description=gettext_lazy("entreprise"), ordering="company__sort_name")
    def shown_company(self, obj):
        return str(obj.company)

    @display(description=gettext_lazy("état"), ordering="state", label=STATE_LABELS)
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("niveau"), ordering="seen_level")
    def shown_level(self, obj):
        return obj.level_seen or BLANK

    @display(description=gettext_lazy("domaine d’études"), ordering="seen_domain")
    def shown_domain(self, obj):
        return obj.domain_seen or BLANK

    @display(description=gettext_lazy("situation"), ordering="seen_status")
    def shown_status(self, obj):
        return obj.status_seen or BLANK

    @display(description=gettext_lazy("dernier changement"), ordering="last_change_at")
    def shown_last_change(self, obj):
        return obj.last_change_at

    @display(description=gettext_lazy("montré à l’entreprise"))
    def shown_sight(self, obj):
        """What the company sees now, in words; nothing before the agreement and after its end."""
        if not obj.is_active:
            return _("rien")
        return ", ".join(str(kind.label) for kind in obj.shown_kinds)
