"""Which student belongs to which school: asked by one, confirmed by the other."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter
from unfold.decorators import display

from backoffice.base.actions import by_reason
from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter, SchoolYearFilter, ScopedAutocompleteFilter
from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.reference.school_years import school_year_label, school_year_of
from pratik.schools import services
from pratik.schools.enums import ENROLMENT_COLORS
from pratik.schools.models import SchoolProfile, StudentEnrolment

INPUT = {"class": "pratik-input"}


class EnrolmentForm(forms.Form):
    """What both a school and a student say: which school, which year, what is studied."""

    school = forms.ModelChoiceField(
        label=gettext_lazy("Établissement"),
        queryset=SchoolProfile.objects.none(),
        empty_label=gettext_lazy("Choisissez"),
        widget=forms.Select(attrs=INPUT),
        error_messages={
            "required": gettext_lazy("Choisissez l’établissement."),
            "invalid_choice": gettext_lazy("Choisissez un établissement de la liste."),
        },
    )
    school_year = forms.TypedChoiceField(
        label=gettext_lazy("Année scolaire"),
        coerce=int,
        widget=forms.Select(attrs=INPUT),
        error_messages={
            "required": gettext_lazy("Choisissez l’année scolaire."),
            "invalid_choice": gettext_lazy("Choisissez une année de la liste."),
        },
    )
    program_name = forms.CharField(
        label=gettext_lazy("Filière"),
        max_length=200,
        widget=forms.TextInput(attrs=INPUT),
        error_messages={"required": gettext_lazy("Indiquez la filière.")},
    )
    class_group = forms.CharField(
        label=gettext_lazy("Classe (facultatif)"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs=INPUT),
    )

    def __init__(self, *args, schools, **kwargs):
        super().__init__(*args, **kwargs)
        year = school_year_of(today())
        self.fields["school"].queryset = schools
        self.fields["school_year"].choices = [(each, school_year_label(each)) for each in (year, year + 1)]
        own = list(schools[:2])
        if len(own) == 1:
            self.fields["school"].initial = own[0].pk

    def take(self, error):
        """Shows what the service refused, each sentence at its box."""
        by_field = error.error_dict if hasattr(error, "error_dict") else {None: [error]}
        for name, errors in by_field.items():
            self.add_error(name if name in self.fields else None, errors)


class ProposalForm(EnrolmentForm):
    """A school names its students by their addresses: a class at once."""

    emails = forms.CharField(
        label=gettext_lazy("Adresses e-mail des élèves ou étudiants"),
        max_length=40_000,
        widget=forms.Textarea(attrs={**INPUT, "rows": 8}),
        help_text=gettext_lazy("Une par ligne, ou séparées par des virgules ou des points-virgules."),
        error_messages={"required": gettext_lazy("Écrivez au moins une adresse e-mail.")},
    )

    def clean_emails(self):
        return self.cleaned_data["emails"].replace(",", " ").replace(";", " ").split()


@admin.register(StudentEnrolment)
class StudentEnrolmentAdmin(ScopedAdmin):
    """Enrolments: a school proposes or confirms them, a student confirms or declares them."""

    resource_classes = [
        list_resource(
            StudentEnrolment,
            "email",
            "school",
            "class_group",
            "program_name",
            "school_year",
            "state",
            "asked_at",
            "decided_at",
        )
    ]
    verbs = {
        "accept": services.accept_enrolments,
        "decline": services.decline_enrolments,
        "confirm": services.confirm_enrolments,
        "refuse": services.refuse_enrolments,
        "end": services.end_enrolments,
    }
    assess_verb = staticmethod(services.assess_enrolments)
    list_display = (
        "shown_student",
        "school",
        "class_group",
        "program_name",
        "shown_year",
        "shown_state",
        "asked_at",
    )
    list_filter = (
        ("state", MultipleChoicesDropdownFilter),
        ("school", ScopedAutocompleteFilter),
        SchoolYearFilter,
        ("asked_at", DaysFilter),
    )
    list_select_related = ("school", "student__user")
    told_in_words = ("student",)
    search_fields = ("search_text", "student__user__search_text", "school__search_text")
    # Where a student is chosen, the name of the school finds all of its students: it is left out.
    lookup_fields = ("search_text", "student__user__search_text")
    told_apart = ("class_group",)
    given_besides = ("class_group",)
    search_help_text = gettext_lazy("Nom, adresse e-mail, classe, filière ou établissement")
    fields = (
        ("shown_student", "email"),
        ("school", "shown_year"),
        ("program_name", "class_group"),
        ("state", "asked_at"),
        ("decided_at", "ended_at"),
        "refusal",
    )
    readonly_fields = (
        "shown_student",
        "email",
        "school",
        "shown_year",
        "state",
        "asked_at",
        "decided_at",
        "ended_at",
        "refusal",
    )

    def acts(self, request):
        """Who belongs to whom is said in one’s own name."""
        return [] if request.impersonator is not None else super().acts(request)

    def has_add_permission(self, request):
        return request.impersonator is None and super().has_add_permission(request)

    @display(description=gettext_lazy("élève ou étudiant"), ordering="email")
    def shown_student(self, obj):
        return str(obj.student or obj.email)

    @display(description=gettext_lazy("année scolaire"), ordering="school_year")
    def shown_year(self, obj):
        return obj.school_year_label

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in ENROLMENT_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    def add_view(self, request, form_url="", extra_context=None):
        """A school proposes itself to its students, a student declares their school."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        declares = request.user.role == Role.STUDENT
        schools = SchoolProfile.objects
        schools = schools.public() if declares else schools.editable_by(request.user)
        form_class = EnrolmentForm if declares else ProposalForm
        form = form_class(request.POST if request.method == "POST" else None, schools=schools)
        if request.method == "POST" and form.is_valid():
            try:
                if declares:
                    return self._declare(request, form)
                return self._propose(request, form)
            except ValidationError as error:
                form.take(error)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Déclarer mon établissement") if declares else _("Rattacher des élèves ou étudiants"),
            "opts": self.model._meta,
            "form": form,
            "declares": declares,
            "list_url": self.list_url(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/schools/enrol.html", context)

    def _declare(self, request, form):
        row = services.declare_enrolment(actor=request.user, **form.cleaned_data)
        messages.success(request, _("Votre établissement est prévenu : il confirmera votre inscription."))
        return HttpResponseRedirect(self.change_url(row))

    def _propose(self, request, form):
        outcome = services.propose_enrolments(actor=request.user, **form.cleaned_data)
        if number := len(outcome.changed):
            messages.success(
                request,
                ngettext(
                    "%(number)d proposition enregistrée. Si l’adresse a un compte d’étudiant, cette personne"
                    " est prévenue ; sinon, elle la trouvera à son inscription.",
                    "%(number)d propositions enregistrées. Les adresses qui ont un compte d’étudiant sont"
                    " prévenues ; les autres personnes les trouveront à leur inscription.",
                    number,
                )
                % {"number": number},
            )
        for why, rows in by_reason(outcome.refused).items():
            messages.warning(
                request,
                _("%(addresses)s : %(why)s")
                % {"addresses": ", ".join(row.email for row in rows[:20]), "why": why},
            )
        return HttpResponseRedirect(self.list_url())
