"""What is typed about recommendations: what a company writes, what a student agrees to."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.base.fields import TextListWidget
from pratik.core.calendar import day_label
from pratik.internships.models import Placement
from pratik.recommendations.enums import Rating, Visibility
from pratik.recommendations.models import InternRecommendation


class PlacementField(forms.ModelChoiceField):
    """A placement by the person, the post and the days."""

    def label_from_instance(self, placement):
        return _("%(who)s : %(post)s, du %(first)s au %(last)s") % {
            "who": placement.student.user,
            "post": placement.post,
            "first": day_label(placement.start_on),
            "last": day_label(placement.last_day),
        }


# Said where something is typed, and nowhere else.
HELP = {
    "skills_validated": gettext_lazy("Une par ligne."),
    "recommended_domains": gettext_lazy("Un par ligne."),
    "comment": gettext_lazy("Ce que vous diriez à un autre employeur. Ni adresse, ni téléphone."),
    "author_name": gettext_lazy("Le nom écrit sous la recommandation, dans le PDF."),
    "author_role": gettext_lazy("Par exemple : gérante, chef d’atelier."),
}


class RecommendationForm(forms.ModelForm):
    """A recommendation as a company types it."""

    actor = None

    class Meta:
        model = InternRecommendation
        fields = "__all__"  # noqa: DJ007 - the page names its own
        widgets = {
            "comment": UnfoldAdminTextareaWidget(attrs={"rows": 6}),
            "skills_validated": TextListWidget(attrs={"rows": 3}),
            "recommended_domains": TextListWidget(attrs={"rows": 3}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in HELP.keys() & self.fields.keys():
            self.fields[name].help_text = HELP[name]
        if "rating" in self.fields:
            # A rating is given, not left where the list begins.
            self.fields["rating"].choices = [("", gettext_lazy("Choisir une note")), *Rating.choices]
        if "placement" in self.fields:
            for what in ("add", "change", "delete", "view"):
                setattr(self.fields["placement"].widget, f"can_{what}_related", False)
        if self.instance.pk is None and self.actor is not None and "author_name" in self.fields:
            self.initial.setdefault("author_name", self.actor.get_full_name())

    def clean(self):
        data = super().clean()
        placement = data.get("placement")
        if self.instance.pk is None and isinstance(placement, Placement):
            self.instance.placement = placement
            # The company and the person are those of the placement, so that what is double is refused here.
            self.instance.derive()
        return data

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"company", "student"}


FULL, SHORT = "full", "short"


def _choice(label, choices, help_text):
    return forms.ChoiceField(
        label=label,
        choices=choices,
        required=False,
        help_text=help_text,
        widget=forms.RadioSelect(attrs={"class": "pratik-boxes"}),
        error_messages={"invalid_choice": gettext_lazy("Choisissez dans la liste.")},
    )


class ConsentForm(forms.Form):
    """Who may read a recommendation, and under which name: as few as can be, unless the person says more."""

    visibility = _choice(
        gettext_lazy("Qui peut la lire"),
        Visibility.choices,
        gettext_lazy(
            "Les entreprises voient aussi votre niveau d’études, votre domaine et votre commune. Personne ne"
            " voit votre adresse, votre téléphone ni votre e-mail."
        ),
    )
    name = _choice(
        gettext_lazy("Le nom écrit sur les pages et sur le PDF"),
        [
            (SHORT, gettext_lazy("Mon prénom et l’initiale de mon nom")),
            (FULL, gettext_lazy("Mon nom complet")),
        ],
        "",
    )

    def __init__(self, data=None, *, row=None, initial=None):
        first = {"visibility": Visibility.COMPANIES, "name": SHORT}
        if row is not None and row.visibility:
            first = {"visibility": row.visibility, "name": FULL if row.shows_full_name else SHORT}
        super().__init__(data, initial=first | (initial or {}))

    def clean(self):
        data = super().clean()
        return {
            "visibility": data.get("visibility") or Visibility.COMPANIES,
            "shows_full_name": data.get("name") == FULL,
        }
