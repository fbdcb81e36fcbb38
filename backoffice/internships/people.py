"""The people who look after interns: tutors of hosts, teachers of schools."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.exports import list_resource
from backoffice.base.filters import ScopedAutocompleteFilter
from pratik.accounts.enums import Role
from pratik.internships.models import HostTutor, ReferentTeacher
from pratik.partners.models import CompanyProfile
from pratik.schools.models import SchoolProfile


class HostTutorForm(forms.ModelForm):
    """A tutor as they are typed; a school that types one for a host without an account signs for it."""

    actor = None

    class Meta:
        model = HostTutor
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.actor is not None and self.actor.role == Role.SCHOOL:
            self.instance.entered_by = SchoolProfile.objects.editable_by(self.actor).order_by("pk").first()


class SupervisorAdmin(ScopedAdmin):
    """What the pages of tutors and of teachers have in common. `organisation` is the field of theirs."""

    organisation = ""
    organisation_model = None
    search_help_text = gettext_lazy("Nom, adresse e-mail ou organisation")
    staff_only_fields = ("user",)
    readonly_fields = ("created_at", "updated_at")

    @display(description=gettext_lazy("nom"), ordering="sort_name")
    def shown_name(self, obj):
        return str(obj)

    def get_changeform_initial_data(self, request):
        """A member of one organisation need not choose it."""
        initial = super().get_changeform_initial_data(request)
        own = list(self.organisation_model.objects.editable_by(request.user)[:2])
        return {self.organisation: own[0].pk, **initial} if len(own) == 1 else initial


@admin.register(HostTutor)
class HostTutorAdmin(SupervisorAdmin):
    form = HostTutorForm
    organisation, organisation_model = "company", CompanyProfile
    resource_classes = [
        list_resource(
            HostTutor, "company", "first_name", "last_name", "job_title", "email", "phone", "is_active"
        )
    ]
    list_display = ("shown_name", "company", "job_title", "email", "phone", "is_active")
    list_filter = (("company", ScopedAutocompleteFilter), ("is_active", BooleanRadioFilter))
    list_select_related = ("company",)
    search_fields = ("search_text", "company__search_text")
    autocomplete_fields = ("company", "user", "entered_by")
    told_apart = ("company",)
    staff_only_fields = ("user", "entered_by")
    fields = (
        "company",
        ("first_name", "last_name"),
        ("job_title", "is_active"),
        ("email", "phone"),
        ("entered_by", "user"),
        ("created_at", "updated_at"),
    )

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.actor = request.user
        return form

    def get_readonly_fields(self, request, obj=None):
        """Whoever has interns stays with their host."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else (*fields, *obj.reserved_fields(request.user))


@admin.register(ReferentTeacher)
class ReferentTeacherAdmin(SupervisorAdmin):
    organisation, organisation_model = "school", SchoolProfile
    resource_classes = [
        list_resource(
            ReferentTeacher, "school", "first_name", "last_name", "subject", "email", "phone", "is_active"
        )
    ]
    list_display = ("shown_name", "school", "subject", "email", "phone", "is_active")
    list_filter = (("school", ScopedAutocompleteFilter), ("is_active", BooleanRadioFilter))
    list_select_related = ("school",)
    search_fields = ("search_text", "school__search_text")
    autocomplete_fields = ("school", "user")
    told_apart = ("school",)
    fields = (
        "school",
        ("first_name", "last_name"),
        ("subject", "is_active"),
        ("email", "phone"),
        ("user", "created_at", "updated_at"),
    )
