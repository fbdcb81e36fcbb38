"""Placements in the console: prepared by the school, agreed to by the host, held against the law."""

from dataclasses import replace
from functools import partial

from django.contrib import admin
from django.db.models import Case, Count, Q, Sum, When
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from backoffice.base.actions import SHOWN
from backoffice.base.admin import ScopedAdmin, ScopedTabularInline
from backoffice.base.display import BLANK, euros, grouped, period, text_of
from backoffice.base.exports import list_resource
from backoffice.base.filters import SchoolYearFilter, ScopedAutocompleteFilter
from backoffice.roles import verbs_of
from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.internships import services
from pratik.internships.enums import BEFORE_START, HOSTED_STATES, PLACEMENT_COLORS, PlacementState
from pratik.internships.models import Placement, PlacementBreak, PlacementPaper
from pratik.internships.reports import judgements
from pratik.law.rules.schedule import hours_text, minutes_of
from pratik.papers.enums import PaperKind
from pratik.partners.models import CompanyMembership
from pratik.schools.enums import EnrolmentState
from pratik.schools.models import StudentEnrolment

from .capacity import CapacityPages
from .law import OverridePages, law_badge, told_findings
from .papers import SCAN
from .placement_filters import CertificateFilter, ClassFilter, WaitsForFilter
from .placement_forms import InterruptionForm, PlacementForm, SignatureForm
from .placement_papers import PaperPages
from .week import week_lines

OVER = (PlacementState.COMPLETED, PlacementState.INTERRUPTED, PlacementState.CANCELLED)
RECOMMENDATION = "admin:recommendations_internrecommendation"
# The states that wait for somebody, the most pressing first.
WAITING = (PlacementState.DRAFTED, PlacementState.HOST_AGREED, PlacementState.SCHOOL_AGREED)


class BreakInline(ScopedTabularInline):
    """The days on which the intern is away by agreement."""

    model = PlacementBreak
    fields = ("from_on", "until_on", "reason")
    show_change_link = False
    verbose_name_plural = gettext_lazy("Coupures")

    def may(self, request, verb):
        """The days off are part of the placement: whoever changes it changes them."""
        return request.user.is_active and {"view": "view"}.get(verb, "change") in verbs_of(
            request.user.role, Placement._meta.label_lower
        )

    def _is_open(self, obj):
        return obj is None or obj.edit_refusal() is None

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and self._is_open(obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request) and self._is_open(obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request) and self._is_open(obj)


class PlacementList(
    list_resource(
        Placement,
        "student",
        "school",
        "class_group",
        "company",
        "kind",
        "post",
        "start_on",
        "end_on",
        "ended_on",
        "days",
        "hours",
        "tutor",
        "teacher",
        "stipend_hourly",
        "stipend_total",
        "state",
        "signed_on",
        related_to=("student__user",),
    )
):
    """The placements as a file, for the school's own follow-up."""


@admin.register(Placement)
class PlacementAdmin(OverridePages, PaperPages, CapacityPages, ScopedAdmin):
    """Placements: what waits for an agreement or a signature comes first, whichever begins soonest before."""

    class Media:
        css = {"all": ("backoffice/placements.css",)}
        js = ("backoffice/placements.js",)

    form = PlacementForm
    resource_classes = [PlacementList]
    inlines = [BreakInline]
    change_form_outer_before_template = "backoffice/internships/placement.html"
    list_before_template = "backoffice/internships/placements.html"
    add_title = gettext_lazy("Préparer un stage")
    verbs = {
        "agree_as_host": services.agree_as_host,
        "record_host_agreement": services.record_host_agreement,
        "agree_as_school": services.agree_as_school,
        "sign": services.sign_placements,
        "rework": services.rework_placements,
        "cancel": services.cancel_placements,
        "interrupt": services.interrupt_placements,
    }
    verb_forms = {"sign": SignatureForm, "interrupt": InterruptionForm}
    assess_verb = staticmethod(services.assess_placements)
    list_display = (
        "shown_student",
        "shown_class",
        "shown_host",
        "shown_days",
        "shown_presence",
        "shown_people",
        "shown_state",
        "shown_law",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        WaitsForFilter,
        ClassFilter,
        ("kind", MultipleChoicesDropdownFilter),
        ("school", ScopedAutocompleteFilter),
        ("company", ScopedAutocompleteFilter),
        ("teacher", ScopedAutocompleteFilter),
        ("calendar", ScopedAutocompleteFilter),
        SchoolYearFilter,
        CertificateFilter,
        ("start_on", RangeDateFilter),
    )
    date_hierarchy = "start_on"
    search_fields = (
        "search_text",
        "student__user__search_text",
        "company__search_text",
        "school__search_text",
    )
    told_in_words = (
        "student",
        "school",
        "schedule",
        "host_agreed_at",
        "host_agreed_by",
        "school_agreed_at",
        "school_agreed_by",
    )
    search_help_text = gettext_lazy("Stagiaire, classe, poste, organisme d’accueil ou établissement")
    autocomplete_fields = ("enrolment", "company", "calendar", "tutor", "teacher")
    always_read_only = (
        "shown_student_page",
        "school",
        "week_text",
        "state",
        "school_year_text",
        "hours_text",
        "stipend_total_text",
        "host_agreement",
        "school_agreement",
        "signed_on",
        "ended_on",
        "ended_by",
        "end_reason",
        "application",
        "created_at",
        "updated_at",
    )
    fieldsets = (
        (
            gettext_lazy("Stage"),
            {
                "classes": ["tab"],
                "fields": (
                    ("shown_student_page", "enrolment"),
                    ("company", "kind"),
                    ("post", "class_group"),
                    ("start_on", "end_on"),
                    "calendar",
                    "schedule",
                    ("hours_text", "school_year_text"),
                ),
            },
        ),
        (
            gettext_lazy("Encadrement et activités"),
            {
                "classes": ["tab"],
                "fields": (
                    ("tutor", "teacher"),
                    "activities",
                    "skills",
                    "supervision",
                    ("workplace", "remote_share"),
                    "validation_rules",
                ),
            },
        ),
        (
            gettext_lazy("Conditions"),
            {
                "classes": ["tab"],
                "fields": (
                    ("stipend_hourly", "stipend_payment"),
                    "stipend_total_text",
                    "benefits",
                    "leave_rules",
                    "internal_rules",
                    "social_protection",
                    ("student_insurer", "student_policy"),
                ),
            },
        ),
        (
            gettext_lazy("Parties"),
            {
                "classes": ["tab"],
                "fields": (
                    "student_address",
                    "program_hours",
                    ("host_representative", "host_representative_role"),
                    ("school_representative", "school_representative_role"),
                    ("representative_first_name", "representative_last_name"),
                    ("representative_relation", "representative_phone"),
                    "representative_email",
                ),
            },
        ),
        (
            gettext_lazy("Suivi"),
            {
                "classes": ["tab"],
                "fields": (
                    ("state", "signed_on"),
                    ("host_agreement", "school_agreement"),
                    ("ended_on", "ended_by"),
                    "end_reason",
                    "application",
                    ("created_at", "updated_at"),
                ),
            },
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "enrolment",
                    ("company", "kind"),
                    ("post", "class_group"),
                    ("start_on", "end_on"),
                    "calendar",
                    "schedule",
                    ("tutor", "teacher"),
                )
            },
        ),
    )

    # Rows and fields

    def get_queryset(self, request):
        return super().get_queryset(request).with_names()

    def get_ordering(self, request):
        waiting = Case(When(state__in=WAITING, then="start_on")).asc(nulls_last=True)
        return (waiting, *super().get_ordering(request))

    def done_with(self, today):
        return Q(state__in=OVER)

    def get_list_display(self, request):
        """Nobody needs to read their own name in each row."""
        told = {Role.COMPANY: "shown_host", Role.STUDENT: "shown_student"}.get(request.user.role)
        shown = tuple(name for name in self.list_display if name != told)
        if request.user.role == Role.SCHOOL:
            return ("shown_student_page", *shown[1:])
        return shown

    def get_list_filter(self, request):
        if request.user.role == Role.STUDENT:
            return (("state", MultipleChoicesDropdownFilter), SchoolYearFilter)
        return self.list_filter

    def get_fieldsets(self, request, obj=None):
        """A page that is read shows the week in words."""
        if obj is None:
            return self.add_fieldsets
        settled = not super().has_change_permission(request, obj)
        fieldsets = _with(self.fieldsets, "schedule", "week_text") if settled else self.fieldsets
        return _without(fieldsets, obj.hidden_fields(request.user))

    def get_readonly_fields(self, request, obj=None):
        fields = (*super().get_readonly_fields(request, obj), *self.always_read_only)
        return fields if obj is None else (*fields, *self._reserved(request, obj))

    @staticmethod
    def _reserved(request, obj):
        """Asked of the row as it is kept, before what is typed is set on it: a box stays a box."""
        known = request.__dict__.setdefault("_reserved_fields", {})
        if obj.pk not in known:
            known[obj.pk] = obj.reserved_fields(request.user)
        return known[obj.pk]

    def has_add_permission(self, request):
        return request.impersonator is None and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        """Once the host has agreed, the school side has still to complete its part; in its own name."""
        if request.impersonator is not None:
            return False
        if isinstance(obj, Placement) and obj.is_completed_by(request.user):
            return self.may(request, "change") and self.editable(request, obj)
        return super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "enrolment":
            rows = StudentEnrolment.objects.editable_by(request.user)
            kwargs["queryset"] = rows.filter(state=EnrolmentState.ACTIVE)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def offered(self, request, name, rows):
        """Students whose enrolment is confirmed; tutors of the host that is chosen, while one is."""
        if name == "enrolment":
            return rows.active()
        if name == "tutor":
            host = request.GET.get("organisme", "")
            chosen = host.isascii() and host.isdecimal() and len(host) < 19
            return rows.active().filter(company=int(host)) if chosen else rows.active()
        return rows.active() if name == "teacher" else rows

    def save_model(self, request, obj, form, change):
        services.save_placement(actor=request.user, row=obj)

    def buttons(self, request, obj):
        """The steps, then the recommendation that a company writes once the intern came."""
        return [*super().buttons(request, obj), *self._recommendation_button(request, obj)]

    @staticmethod
    def _recommendation_button(request, obj):
        if request.user.role != Role.COMPANY or request.impersonator or obj.state not in HOSTED_STATES:
            return []
        written = obj.recommendations.filter(company=obj.company_id).values_list("pk", flat=True).first()
        return [
            {
                "title": _("Recommander ce stagiaire") if written is None else _("Voir la recommandation"),
                "icon": "thumb_up",
                "variant": ActionVariant.DEFAULT,
                "path": f"{reverse(f'{RECOMMENDATION}_add')}?placement={obj.pk}"
                if written is None
                else reverse(f"{RECOMMENDATION}_change", args=[written]),
            }
        ]

    def acts(self, request):
        """Nobody binds a party in its name."""
        return [] if request.impersonator is not None else super().acts(request)

    def confirm(self, request, act, pks, one=None):
        """Who ended a placement is asked of each as far as they may say."""
        if act.form is InterruptionForm:
            act = replace(act, form=partial(InterruptionForm, role=request.user.role))
        return super().confirm(request, act, pks, one)

    # What stands above a placement, and above the list

    def get_changelist_instance(self, request):
        """What the law says of the placements of this page, in a few queries for all."""
        listed = super().get_changelist_instance(request)
        rows = listed.result_list = list(listed.result_list)
        judged = judgements([row for row in rows if row.state in BEFORE_START], today())
        for row in rows:
            row.law = told_findings(row, judged[row.pk]) if row.pk in judged else []
        return listed

    def changelist_view(self, request, extra_context=None):
        extra = {"capacity_url": self.capacity_url() if self.may_see_capacity(request) else ""}
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context |= self.places_of(request, self.as_kept(request, obj))
        if (kept := self.as_kept(request, obj)) is not None:
            context["law"] = self.law_panel(request, kept)
            context["papers"] = self.papers_panel(request, kept)
            context["amendment"] = self.amendment_panel(request, kept)
            in_force = {row["paper"].kind for row in context["papers"] if not row["paper"].is_void}
            context["ended"] = ended(kept)
            context["next_step"] = next_step(kept, request.user, in_force)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def confirm_notes(self, act, rows):
        """Agreements that are signed without a copy of them here are named, each with the way to file it."""
        if act.verb != "sign" or not rows:
            return []
        with_copy = set(self._signed_copies(rows).values_list("placement", flat=True))
        left = [row for row in rows if row.pk not in with_copy]
        if not left:
            return []
        told = ngettext(
            "La copie signée de la convention n’est pas encore versée. Versez-la ici, avant ou après :",
            "Les copies signées de ces conventions ne sont pas encore versées. Versez-les ici, avant ou"
            " après :",
            len(left),
        )
        return [format_html("{} {}", told, self._ways_to_file(left[:SHOWN]))]

    @staticmethod
    def _ways_to_file(rows):
        """The pages where the signed copies of these placements' agreements are filed, as links."""
        papers = PlacementPaper.objects.in_force().filter(kind=PaperKind.AGREEMENT, placement__in=rows)
        pages = dict(papers.order_by().values_list("placement", "pk"))
        return format_html_join(
            " ; ",
            '<a class="pratik-link" href="{}">{}</a>',
            [(reverse(SCAN, args=[pages[row.pk]]), row) for row in rows if row.pk in pages],
        )

    @staticmethod
    def _signed_copies(rows):
        papers = PlacementPaper.objects.in_force().filter(kind=PaperKind.AGREEMENT, signed_on__isnull=False)
        return papers.filter(placement__in=[row.pk for row in rows]).order_by()

    def initial_of(self, request, act, one):
        """The day of the signed copy is the day of the signature."""
        if act.verb != "sign" or one is None:
            return None
        signed_on = self._signed_copies([one]).values_list("signed_on", flat=True).first()
        return {"signed_on": signed_on} if signed_on else None

    def offers(self, request, obj, verb):
        """A host that has an account agrees by itself: nobody is asked to note it."""
        if verb == "record_host_agreement":
            return not CompanyMembership.objects.filter(
                is_active=True, user__is_active=True, organisation=obj.company_id
            ).exists()
        return super().offers(request, obj, verb)

    def totals(self, rows):
        found = rows.order_by().aggregate(
            number=Count("pk"),
            running=Count("pk", filter=Q(state=PlacementState.RUNNING)),
            waiting=Count("pk", filter=Q(state__in=WAITING)),
            hours=Sum("hours", filter=~Q(state=PlacementState.CANCELLED), default=0),
        )
        return [
            (found["number"], ngettext("stage", "stages", found["number"])),
            (found["running"], _("en cours")),
            (found["waiting"], _("à préparer ou à signer")),
            (int(found["hours"]), _("heures de présence")),
        ]

    # Columns

    @display(description=gettext_lazy("stagiaire"), ordering="student__user__last_name")
    def shown_student(self, obj):
        return _two_lines(obj.student, obj.school or _("sans école"))

    @display(description=gettext_lazy("classe"), ordering="class_group")
    def shown_class(self, obj):
        return obj.class_group or BLANK

    @display(description=gettext_lazy("stagiaire"), ordering="student__user__last_name")
    def shown_student_page(self, obj):
        return str(obj.student)

    @display(description=gettext_lazy("organisme d’accueil"), ordering="company__sort_name")
    def shown_host(self, obj):
        return _two_lines(obj.company, obj.post)

    @display(description=gettext_lazy("dates"), ordering="start_on")
    def shown_days(self, obj):
        return _two_lines(period(obj.start_on, obj.last_day), obj.get_kind_display())

    @display(description=gettext_lazy("présence"), ordering="hours")
    def shown_presence(self, obj):
        return _two_lines(*_presence(obj)) if obj.hours else BLANK

    @display(description=gettext_lazy("tuteur, enseignant"))
    def shown_people(self, obj):
        people = [(person,) for person in (obj.tutor, obj.teacher) if person]
        if not people:
            return BLANK
        return format_html(
            '<span class="placement-cell">{}</span>', format_html_join("", "<span>{}</span><br>", people)
        )

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in PLACEMENT_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("droit"))
    def shown_law(self, obj):
        return law_badge(getattr(obj, "law", ()))

    @display(description=gettext_lazy("horaires de la semaine"))
    def week_text(self, obj):
        return format_html_join("", "{}<br>", [(line,) for line in week_lines(obj.schedule)]) or BLANK

    @display(description=gettext_lazy("présence"))
    def hours_text(self, obj):
        if not obj.hours:
            return _("Aucune heure : indiquez les dates et les horaires.")
        hours, days = _presence(obj)
        return _("%(hours)s, %(days)s") % {"hours": hours, "days": days}

    @display(description=gettext_lazy("année scolaire"))
    def school_year_text(self, obj):
        return obj.school_year_label

    @display(description=gettext_lazy("gratification totale"))
    def stipend_total_text(self, obj):
        return BLANK if obj.stipend_total is None else euros(obj.stipend_total)

    @display(description=gettext_lazy("accord de l’organisme d’accueil"))
    def host_agreement(self, obj):
        return _agreement(obj.host_agreed_at, obj.host_agreed_by)

    @display(description=gettext_lazy("accord de l’établissement"))
    def school_agreement(self, obj):
        return _agreement(obj.school_agreed_at, obj.school_agreed_by)


def _with(fieldsets, old, new):
    """The same tabs with one field in place of another."""
    return tuple(
        (
            name,
            {**options, "fields": tuple(new if field == old else field for field in options["fields"])},
        )
        for name, options in fieldsets
    )


def _without(fieldsets, hidden):
    """The same tabs without some fields; a line of the form that has nothing left goes."""
    return tuple(
        (name, {**options, "fields": tuple(filter(None, _kept(options["fields"], hidden)))})
        for name, options in fieldsets
    )


def _kept(fields, hidden):
    for field in fields:
        if isinstance(field, str):
            yield "" if field in hidden else field
        else:
            yield tuple(each for each in field if each not in hidden)


def _two_lines(text, below):
    """A cell of a list with a second, quieter line."""
    return format_html(
        '<span class="placement-cell">{}<span class="placement-sub">{}</span></span>', text, below
    )


def _presence(placement):
    """The hours and the days of presence, in words."""
    days = ngettext("%(number)s jour", "%(number)s jours", placement.days) % {
        "number": grouped(placement.days)
    }
    return hours_text(minutes_of(placement.hours)), days


def _agreement(moment, person):
    if moment is None:
        return BLANK
    return _("%(when)s, par %(who)s") % {"when": text_of(moment), "who": person}


def ended(placement):
    """How a placement that is over ended, as (tone, sentence, why); None while it is not over."""
    match placement.state:
        case PlacementState.CANCELLED:
            return "danger", _("Stage annulé : il n’a pas lieu."), placement.end_reason
        case PlacementState.INTERRUPTED:
            told = _("Stage interrompu, dernier jour fait le %(day)s. Qui y a mis fin : %(who)s.") % {
                "day": text_of(placement.ended_on),
                "who": placement.get_ended_by_display() or BLANK,
            }
            return "warning", told, placement.end_reason
        case PlacementState.COMPLETED:
            return "info", _("Stage terminé le %(day)s.") % {"day": text_of(placement.last_day)}, ""
    return None


# Who is waited for in each state, in the words that each of them reads.
_STEPS = {
    PlacementState.DRAFTED: {
        Role.COMPANY: gettext_lazy(
            "À vous : désignez le tuteur, vérifiez les dates, les horaires et les activités, puis donnez"
            " votre accord."
        ),
        None: gettext_lazy(
            "L’organisme d’accueil n’a pas encore donné son accord. S’il n’a pas de compte, l’école le note."
        ),
    },
    PlacementState.HOST_AGREED: {
        Role.SCHOOL: gettext_lazy(
            "À vous : complétez la convention, désignez l’enseignant référent, puis donnez votre accord."
        ),
        None: gettext_lazy("L’organisme d’accueil est d’accord ; on attend l’établissement."),
    },
    PlacementState.SCHOOL_AGREED: {
        Role.SCHOOL: gettext_lazy(
            "À vous : établissez la convention, faites-la signer par toutes les parties, puis notez la"
            " signature."
        ),
        None: gettext_lazy("Les deux parties sont d’accord ; la convention est à signer."),
    },
    PlacementState.SIGNED: {None: gettext_lazy("La convention est signée : le stage commencera à sa date.")},
    PlacementState.RUNNING: {None: gettext_lazy("Le stage est en cours. Il se termine à sa date.")},
    PlacementState.COMPLETED: {
        Role.COMPANY: gettext_lazy("Le stage est terminé : remettez l’attestation au stagiaire."),
        None: gettext_lazy("Le stage est terminé."),
    },
}


# The same once the paper that the step is about is made.
_ONCE_MADE = {
    (PlacementState.SCHOOL_AGREED, PaperKind.AGREEMENT): {
        Role.SCHOOL: gettext_lazy(
            "À vous : faites signer la convention par toutes les parties, versez-en la copie, puis notez la"
            " signature."
        ),
        None: gettext_lazy("La convention est établie ; elle est à signer par toutes les parties."),
    },
    (PlacementState.COMPLETED, PaperKind.CERTIFICATE): {
        Role.COMPANY: gettext_lazy(
            "Le stage est terminé et l’attestation établie : remettez-la au stagiaire."
        ),
        None: gettext_lazy("Le stage est terminé et l’attestation établie."),
    },
}


def next_step(placement, user, in_force=frozenset()):
    """What is done next with a placement, as this person reads it; `in_force` are the kinds of its papers
    that are not void.
    """
    steps = _STEPS.get(placement.state, {})
    for (state, kind), made in _ONCE_MADE.items():
        if placement.state == state and kind in in_force:
            steps = made
    return steps.get(user.role) or steps.get(None) or ""
