"""What is typed about offers and applications."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.base.fields import LevelFormField
from backoffice.base.uploads import MEBIBYTE
from pratik.core.inspection import document_limits
from pratik.internships.enums import RefusalReason
from pratik.internships.models import LONGEST_ANSWER, Application, InternshipOffer

LETTER_LENGTH = Application._meta.get_field("letter").max_length
PLACE_LENGTH = Application._meta.get_field("interview_place").max_length


class OfferForm(forms.ModelForm):
    """An offer as its company types it. Whose it is, is only asked of who may choose."""

    # The one company that the person acts for, if it is one.
    company = None

    level_text = LevelFormField(
        label=gettext_lazy("Niveau"),
        required=False,
        help_text=gettext_lazy("Comme on l’écrit : « BTS », « bac pro ». Vide : ouverte à tous les niveaux."),
    )

    class Meta:
        model = InternshipOffer
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.instance.company_id is None and self.company is not None:
            self.instance.company = self.company
        if "level_text" in self.fields and self.instance.level:
            self.initial["level_text"] = self.instance.read_level

    def _post_clean(self):
        if "level_text" in self.fields and "level_text" not in self.errors:
            read = self.cleaned_data.get("level_text")
            self.instance.read_level = replace(read, year_in_cycle=None) if read else None
        super()._post_clean()

    def _get_validation_exclusions(self):
        # A title is one's own only beside the company's other offers.
        # The two columns of a level are set from one box, and checked there.
        return (super()._get_validation_exclusions() - {"company"}) | {"level", "diploma"}


# Answering: the confirmed actions ask these


class InterviewForm(forms.Form):
    """When the interview is; the same moment for all who are invited together."""

    reason_label = gettext_lazy("Message que le candidat lira (facultatif)")

    interview_at = forms.DateTimeField(
        label=gettext_lazy("Jour et heure de l’entretien"),
        input_formats=["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M"],
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "pratik-input"}
        ),
        help_text=gettext_lazy("À l’heure de Cayenne."),
        error_messages={
            "required": gettext_lazy("Indiquez quand a lieu l’entretien."),
            "invalid": gettext_lazy("Cette date n’existe pas : écrivez-la comme 31/12/2027 14:30."),
        },
    )
    place = forms.CharField(
        label=gettext_lazy("Lieu, ou lien de la visioconférence (facultatif)"),
        required=False,
        max_length=PLACE_LENGTH,
        widget=forms.TextInput(attrs={"class": "pratik-input"}),
    )


class RefusalForm(forms.Form):
    """Why students are not taken: from the list, with words besides that each of them reads."""

    reason_label = gettext_lazy("Précision que le candidat lira (nécessaire pour « Autre motif »)")

    why = forms.ChoiceField(
        label=gettext_lazy("Motif"),
        choices=[("", gettext_lazy("Choisissez un motif")), *RefusalReason.choices],
        widget=forms.Select(attrs={"class": "pratik-input"}),
        error_messages={
            "required": gettext_lazy("Choisissez un motif : le candidat le recevra."),
            "invalid_choice": gettext_lazy("Choisissez un motif de la liste."),
        },
    )


# Applying


class ApplicationForm(forms.Form):
    """What a student sends to a company: a letter, a CV if they have one, and an answer to each question."""

    letter = forms.CharField(
        label=gettext_lazy("Lettre de motivation"),
        max_length=LETTER_LENGTH,
        help_text=gettext_lazy("Qui vous êtes, ce que vous voulez apprendre, pourquoi cette entreprise."),
        widget=forms.Textarea(attrs={"class": "pratik-input", "rows": 10}),
        error_messages={"required": gettext_lazy("Écrivez quelques lignes à l’entreprise.")},
    )
    cv = forms.FileField(
        label=gettext_lazy("CV (facultatif)"),
        required=False,
        # An empty one is refused with the others, by what looks into them.
        allow_empty_file=True,
        max_length=None,
        widget=forms.FileInput(
            attrs={"class": "pratik-input", "accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/*"}
        ),
    )

    def __init__(self, *args, offer, **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = list(offer.questions)
        limits = document_limits()
        self.fields["cv"].help_text = _(
            "Un PDF de %(pages)d pages au plus, ou une image. %(megabytes)d Mo au plus."
        ) % {"pages": limits.max_pages, "megabytes": limits.max_bytes // MEBIBYTE}
        if offer.asks_for_cv:
            # The service says that it is missing, with all else that is wrong.
            self.fields["cv"].label = _("CV")
        for number, question in enumerate(self.questions):
            self.fields[f"answer_{number}"] = forms.CharField(
                label=question,
                max_length=LONGEST_ANSWER,
                widget=forms.Textarea(attrs={"class": "pratik-input", "rows": 3}),
                error_messages={"required": _("Répondez à cette question de l’entreprise.")},
            )

        self.order_fields(["letter", *(name for name in self.fields if name.startswith("answer_")), "cv"])

    @property
    def answers(self):
        """The answers in the order of the questions."""
        return [self.cleaned_data[f"answer_{number}"] for number in range(len(self.questions))]

    def take(self, error):
        """Shows what the service refused, each sentence at its box."""
        by_field = getattr(error, "error_dict", {None: [error]})
        for name, problems in by_field.items():
            self.add_error(name if name in self.fields else None, problems)


class OthersForm(forms.Form):
    """Which of their other applications a student takes back, once one of them is accepted."""

    applications = forms.MultipleChoiceField(
        label=gettext_lazy("Candidatures à retirer"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "pratik-boxes"}),
        error_messages={
            "required": gettext_lazy("Cochez au moins une candidature, ou revenez en arrière."),
            "invalid_choice": gettext_lazy("Cette candidature n’attend plus de réponse."),
        },
    )

    def __init__(self, *args, others, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["applications"]
        field.choices = [(str(row.pk), _told(row)) for row in others]
        field.initial = [key for key, _label in field.choices]


def _told(row):
    return _("%(offer)s, %(company)s (%(state)s)") % {
        "offer": row.offer.title,
        "company": row.offer.company,
        "state": row.get_state_display(),
    }
