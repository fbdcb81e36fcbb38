"""Applications in the console: companies answer, students follow theirs, schools see their students'."""

from django.contrib import admin
from django.db.models import Case, Count, Q, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.actions import SHOWN
from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import AGE_COLORS, BLANK, period, waited
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, ScopedAutocompleteFilter
from pratik.accounts.enums import Role
from pratik.internships import rules, services
from pratik.internships.enums import APPLICATION_COLORS, OPEN_APPLICATIONS, ApplicationState
from pratik.internships.models import Application, InternshipOffer, Placement

from .applying import ApplyPages
from .display import link
from .files import CvPages
from .filters import WaitingFilter
from .forms import InterviewForm, RefusalForm
from .law import Told

# A CV of more pages is read as the file that it is.
PAGES_SHOWN = 5
BY_OFFER = ("offer", ScopedAutocompleteFilter)
WHERE_IT_STANDS = (
    "state",
    "sent_at",
    "interview_at",
    "decided_at",
)


class ApplicationList(
    list_resource(
        Application,
        "student",
        "offer",
        *WHERE_IT_STANDS,
        "refusal_reason",
        company=gettext_lazy("entreprise"),
        related_to=("student__user", "offer__company"),
    )
):
    """The applications as a file: where each stands. What a student wrote is read on its page alone."""

    def dehydrate_company(self, row):
        return str(row.offer.company)


@admin.register(Application)
class ApplicationAdmin(ApplyPages, CvPages, ScopedAdmin):
    """Applications: those that wait for an answer come first, in the order in which they came."""

    class Media:
        css = {"all": ("backoffice/internships.css",)}

    list_before_template = "backoffice/internships/applications.html"
    change_form_outer_before_template = "backoffice/internships/application.html"
    resource_classes = [ApplicationList]
    verbs = {
        "shortlist": services.shortlist_applications,
        "invite": services.invite_applications,
        "accept": services.accept_applications,
        "refuse": services.refuse_applications,
        "withdraw": services.withdraw_applications,
        "reopen": services.reopen_applications,
        "resume": services.resume_applications,
    }
    verb_forms = {"invite": InterviewForm, "refuse": RefusalForm}
    assess_verb = staticmethod(services.assess_applications)
    list_display = ("shown_student", "shown_offer", "sent_at", "shown_state", "interview_at", "shown_age")
    student_list_display = ("shown_offer", "shown_company", "sent_at", "shown_state", "interview_at")
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        WaitingFilter,
        BY_OFFER,
        ("offer__kind", MultipleChoicesDropdownFilter),
        ("sent_at", DaysFilter),
    )
    search_fields = ("student__user__search_text", "offer__search_text", "offer__company__search_text")
    search_help_text = gettext_lazy("Étudiant, offre ou entreprise")
    readonly_fields = (
        "offer_page",
        "offer_days",
        *WHERE_IT_STANDS,
        "interview_place",
        "refusal_text",
        "decided_by",
    )

    told_in_words = ("student",)

    # Who sees what

    def told_fields(self, request, obj):
        """What the student wrote is told to whoever may read it on the page, and why they were refused while
        they are.
        """
        told = super().told_fields(request, obj)
        if rules.reading_refusal(obj, request.user) is None:
            told |= {"letter", "answers"}
        if obj.state == ApplicationState.REFUSED:
            told |= {"refusal_reason", "refusal_text"}
        return told

    def acts(self, request):
        """Who is taken is decided, and an application is taken back, in one’s own name."""
        return [] if request.impersonator is not None else super().acts(request)

    def get_queryset(self, request):
        return super().get_queryset(request).with_names()

    def get_ordering(self, request):
        waiting = Case(When(state__in=OPEN_APPLICATIONS, then="sent_at")).asc(nulls_last=True)
        return (waiting, *super().get_ordering(request))

    def get_list_display(self, request):
        return self.student_list_display if _is_student(request) else self.list_display

    def get_list_filter(self, request):
        """An offer is chosen among the offers by whoever sees a list of them."""
        if self.admin_site.get_model_admin(InternshipOffer).has_view_permission(request):
            return self.list_filter
        return tuple(one for one in self.list_filter if one != BY_OFFER)

    def get_fieldsets(self, request, obj=None):
        """What is said in words above the row is not told again here."""
        return (
            (
                None,
                {
                    "fields": (
                        ("offer_page", "offer_days"),
                        ("state", "sent_at"),
                        ("interview_at", "interview_place"),
                        ("decided_at", "decided_by"),
                    )
                },
            ),
        )

    def totals(self, rows):
        found = rows.order_by().aggregate(
            waiting=Count("pk", filter=Q(state__in=OPEN_APPLICATIONS)),
            interviews=Count("pk", filter=Q(state=ApplicationState.INTERVIEW)),
            accepted=Count("pk", filter=Q(state=ApplicationState.ACCEPTED)),
        )
        interviews, accepted = found["interviews"], found["accepted"]
        return [
            (found["waiting"], _("en attente de réponse")),
            (interviews, ngettext("entretien", "entretiens", interviews)),
            (accepted, ngettext("acceptée", "acceptées", accepted)),
        ]

    def changelist_view(self, request, extra_context=None):
        extra = {"notes": self._list_notes(request), "offers_url": ""}
        if _is_student(request):
            extra["offers_url"] = reverse("public:offers")
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def _list_notes(self, request):
        """The offer that the list is narrowed to, with its places; to a student, what is left to do."""
        if _is_student(request):
            return self.others_notes(request, Application.objects.visible_to(request.user).accepted().first())
        chosen = request.GET.get("offer__id__exact", "")
        if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 19):
            return []
        offer = InternshipOffer.objects.visible_to(request.user).with_numbers().filter(pk=int(chosen)).first()
        if offer is None:
            return []
        left = max(offer.places_left, 0)
        told = ngettext(
            "%(offer)s : %(left)d place libre sur %(all)d.",
            "%(offer)s : %(left)d places libres sur %(all)d.",
            left,
        ) % {"offer": offer, "left": left, "all": offer.places}
        page = reverse("admin:internships_internshipoffer_change", args=[offer.pk])
        return [("info", told, page, _("Voir l’offre"))]

    def confirm_law(self, request, act, outcome):
        """What the law will say of the placements, before the places are given."""
        if act.verb != "accept":
            return []
        found = services.findings_if_accepted(applications=outcome.changed)
        note = _("Le stage se préparera ; l’établissement peut écarter cette règle, avec un motif.")
        return [
            (
                row,
                self.change_url(row),
                [
                    Told(finding, note=note if finding.blocks and finding.overridable else "")
                    for finding in found[row.pk]
                ],
            )
            for row in outcome.changed
            if row.pk in found
        ][:SHOWN]

    # One application

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context |= self._what_was_sent(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _what_was_sent(self, request, obj):
        """The letter, the answers and the CV, for whoever may read them; how to reach the student."""
        user = request.user
        why = rules.reading_refusal(obj, user)
        is_own = obj.student.user_id == user.pk
        accepted = obj if is_own and obj.state == ApplicationState.ACCEPTED else None
        notes = self.others_notes(request, accepted)
        if obj.state == ApplicationState.REOPENED:
            notes.append(("warning" if is_own else "info", _reopened(is_own), "", ""))
        if obj.state == ApplicationState.REFUSED:
            notes.append(("warning", _refusal_of(obj), "", ""))
        if why:
            notes.append(("info", str(why), "", ""))
        notes += _placement_notes(obj, user)
        # A picture is only fetched when somebody means to look: each one is written in the journal.
        shown = why is None and obj.has_cv and "cv" in request.GET
        pages = min(obj.cv_pages or 1, PAGES_SHOWN) if shown else 0
        return {
            "application": obj,
            "notes": notes,
            "may_read": why is None,
            "is_own": is_own,
            "cv_url": self.file_address(obj) if obj.has_cv else "",
            "pictures": [(number, self.page_link(user, obj, number)) for number in range(1, pages + 1)],
            "contact": obj.student.user if not is_own and rules.sees_contact(obj, user) else None,
            "state_color": obj.color,
        }

    # Columns

    @display(description=gettext_lazy("étudiant"), ordering="student__user__search_text")
    def shown_student(self, obj):
        return str(obj.student)

    @display(description=gettext_lazy("offre"), ordering="offer__title_key")
    def shown_offer(self, obj):
        return obj.offer.title

    @display(description=gettext_lazy("entreprise"), ordering="offer__company__sort_name")
    def shown_company(self, obj):
        return str(obj.offer.company)

    @display(description=gettext_lazy("offre"))
    def offer_page(self, obj):
        """The offer and its company, with the way to it on the site while visitors see it."""
        told = _("%(offer)s, %(company)s") % {"offer": obj.offer.title, "company": obj.offer.company}
        return link(obj.offer.get_absolute_url(), told) if obj.offer.is_online else told

    @display(description=gettext_lazy("dates du stage"))
    def offer_days(self, obj):
        return period(obj.offer.start_on, obj.offer.end_on)

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in APPLICATION_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("attend depuis"), ordering="sent_at", label=AGE_COLORS)
    def shown_age(self, obj):
        return waited(obj.sent_at) if obj.is_open else None


def _is_student(request):
    return request.user.role == Role.STUDENT


def _placement_notes(application, user):
    """The way to the placement that was prepared from an application, for whoever sees it."""
    if application.state != ApplicationState.ACCEPTED:
        return []
    placement = Placement.objects.visible_to(user).filter(application=application).order_by("-pk").first()
    if placement is None:
        return []
    page = reverse("admin:internships_placement_change", args=[placement.pk])
    return [("info", _("Le stage est en préparation."), page, _("Voir le stage"))]


def _reopened(is_own):
    """What is waited for once a company takes an application up again, as its student or others read it."""
    if is_own:
        return _("L’entreprise veut reprendre votre candidature : maintenez-la, ou retirez-la.")
    return _(
        "L’étudiant dira d’abord s’il maintient sa candidature ; l’entreprise pourra alors lui répondre."
    )


def _refusal_of(application):
    """Why an application was refused, as its student reads it."""
    why = application.get_refusal_reason_display() or BLANK
    if not application.refusal_text:
        return _("Candidature refusée. Motif : %(why)s.") % {"why": why}
    return _("Candidature refusée. Motif : %(why)s. %(text)s") % {
        "why": why,
        "text": application.refusal_text,
    }
