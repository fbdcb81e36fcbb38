"""What is typed about following students: whom one looks for, and what one asks of them."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import StudentStatus
from pratik.reference.levels import LEVELS
from pratik.tracking.enums import ChangeKind, Ground
from pratik.tracking.models import Follow, told_value, value_of

MESSAGE_LENGTH = Follow._meta.get_field("message").max_length


def _choice(label, choices):
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", _("Tous")), *choices],
        widget=forms.Select(attrs={"class": "pratik-input"}),
    )


class SearchForm(forms.Form):
    """Whom one may ask to follow, narrowed down; what cannot be read asks for nothing."""

    q = forms.CharField(
        label=_("Nom ou domaine d’études"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "pratik-input", "type": "search"}),
    )
    ground = _choice(_("Lien avec vous"), Ground.choices)
    level = _choice(_("Niveau"), LEVELS)
    status = _choice(_("Situation"), StudentStatus.choices)

    @property
    def asked(self):
        """What is looked for, as `reports.find` takes it."""
        typed = self.cleaned_data if self.is_bound else {}
        level = typed.get("level")
        return {
            "words": typed.get("q", ""),
            "ground": typed.get("ground", ""),
            "level": int(level) if level else None,
            "status": typed.get("status", ""),
        }


class AgreeForm(forms.Form):
    """What a student lets a company see, ticked by the student alone; of one request, with today's values."""

    kinds = forms.MultipleChoiceField(
        label=_("Ce que l’entreprise verra de vous"),
        choices=ChangeKind.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "pratik-boxes"}),
        error_messages={
            "required": _("Cochez au moins une chose que l’entreprise verra."),
            "invalid_choice": _("Choisissez dans la liste."),
        },
    )

    def __init__(self, data=None, *, follow=None, initial=None):
        super().__init__(data, initial=initial)
        if follow is None:
            self.fields["kinds"].label = _("Ce que ces entreprises verront de vous")
            return
        self.fields["kinds"].choices = [
            (
                kind.value,
                gettext("%(what)s (aujourd’hui : %(value)s)")
                % {"what": kind.label, "value": told_value(kind, value_of(kind, follow.student))},
            )
            for kind in ChangeKind
        ]
        self.fields["kinds"].help_text = gettext("Elle demande à être prévenue de : %(kinds)s.") % {
            "kinds": ", ".join(str(kind.label).lower() for kind in follow.wanted_kinds)
        }


class AskForm(forms.Form):
    """What a company wants to be told of, and what it says to the student."""

    kinds = forms.MultipleChoiceField(
        label=_("Me prévenir quand changent"),
        choices=ChangeKind.choices,
        initial=ChangeKind.values,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "pratik-boxes"}),
        help_text=_("L’étudiant choisit ce qu’il montre : vous ne verrez rien d’autre."),
        error_messages={
            "required": _("Choisissez au moins une chose à suivre."),
            "invalid_choice": _("Choisissez dans la liste."),
        },
    )
    message = forms.CharField(
        label=_("Message à l’étudiant (facultatif)"),
        required=False,
        max_length=MESSAGE_LENGTH,
        help_text=_("Pourquoi vous souhaitez le suivre : une embauche possible, un autre stage…"),
        widget=forms.Textarea(attrs={"class": "pratik-input", "rows": 4}),
    )
