"""What is typed about placements."""

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pratik.core.calendar import today
from pratik.internships.enums import EndedBy
from pratik.internships.models import Placement
from pratik.internships.rules.placements import enders

from .week import WeekField

DAYS = {
    "input_formats": ["%Y-%m-%d", "%d/%m/%Y"],
    "error_messages": {
        "required": gettext_lazy("Indiquez le jour."),
        "invalid": gettext_lazy("Cette date n’existe pas : écrivez-la comme 31/12/2027."),
    },
}


def day_box():
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "pratik-input"})


class PlacementForm(forms.ModelForm):
    """A placement as a school, a host or the team types it.

    A school chooses one of its students; whose student that is follows from the enrolment.
    """

    schedule = WeekField(
        label=gettext_lazy("Horaires de la semaine"),
        required=False,
        help_text=gettext_lazy("Comme 08:00 ou 8h30. Un jour laissé vide n’est pas travaillé."),
    )

    class Meta:
        model = Placement
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "enrolment" in self.fields:
            field = self.fields["enrolment"]
            field.required = True
            field.label = _("Étudiant")
            field.help_text = _("Parmi ceux dont le rattachement à l’établissement est confirmé.")
            field.error_messages["required"] = _("Choisissez l’étudiant.")

    def _post_clean(self):
        enrolment = self.cleaned_data.get("enrolment")
        if enrolment is not None:
            self.instance.student_id, self.instance.school_id = enrolment.student_id, enrolment.school_id
        super()._post_clean()

    def _update_errors(self, errors):
        """What is wrong with a box that this person is not shown is said above the others."""
        told = getattr(errors, "error_dict", {})
        hidden = [name for name in told if name not in self.fields and name != NON_FIELD_ERRORS]
        for name in hidden:
            told.setdefault(NON_FIELD_ERRORS, []).extend(told.pop(name))
        super()._update_errors(errors)


class SignatureForm(forms.Form):
    """The day on which the last party signed."""

    signed_on = forms.DateField(
        label=gettext_lazy("Jour de la dernière signature"), initial=today, widget=day_box(), **DAYS
    )


class InterruptionForm(forms.Form):
    """When a placement ended before its last day, and who ended it, as far as this role may say."""

    reason_label = gettext_lazy("Motif, que les parties liront")

    ended_on = forms.DateField(
        label=gettext_lazy("Dernier jour fait"), initial=today, widget=day_box(), **DAYS
    )
    ended_by = forms.ChoiceField(
        label=gettext_lazy("Qui met fin au stage"),
        choices=[("", gettext_lazy("Choisissez")), *EndedBy.choices],
        widget=forms.Select(attrs={"class": "pratik-input"}),
        help_text=gettext_lazy("Le délai de carence du poste en dépend."),
        error_messages={
            "required": gettext_lazy("Dites qui met fin au stage."),
            "invalid_choice": gettext_lazy("Dites qui met fin au stage."),
        },
    )

    def __init__(self, *args, role, **kwargs):
        super().__init__(*args, **kwargs)
        named = enders(role)
        if len(named) == 1:
            field = self.fields["ended_by"]
            field.choices = [(one.value, one.label) for one in named]
            field.help_text = _(
                "Si c’est le stagiaire ou l’établissement, l’établissement le note : le délai de carence du"
                " poste en dépend."
            )


class Taking:
    """A form that shows what a service refused, each sentence at its box."""

    def take(self, error):
        for name, problems in getattr(error, "error_dict", {None: [error]}).items():
            self.add_error(name if name in self.fields else None, problems)


class OverrideForm(Taking, forms.Form):
    """Why a rule of law is set aside for one placement."""

    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "pratik-input", "rows": 4}),
        help_text=gettext_lazy(
            "Pourquoi la règle ne s’applique pas ici, en quelques mots. Il reste au dossier, avec votre nom."
        ),
        error_messages={"required": gettext_lazy("Donnez un motif.")},
    )
