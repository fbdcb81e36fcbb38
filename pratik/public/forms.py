"""The filters of the lists: what a visitor may ask in the address of a page.

An address may be old, cut or made up. What it says wrongly is told and left aside; the rest is applied.
"""

from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pratik.calendars.reports import levels_of_public_calendars, schools_with_public_calendars

LONGEST_SEARCH = 100


class DayInput(forms.DateInput):
    """The browser's own date field; it speaks ISO 8601 whatever the language of the page."""

    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        # A browser without a date field leaves the person to type one.
        super().__init__(
            required=False,
            widget=DayInput(),
            input_formats=["%Y-%m-%d", "%d/%m/%Y"],
            error_messages={"invalid": _("Ce n’est pas une date. Écrivez par exemple 15/03/2027.")},
            **kwargs,
        )


def _choice_field(label):
    return forms.ChoiceField(
        label=label,
        required=False,
        error_messages={"invalid_choice": _("Ce choix n’existe pas ou n’existe plus.")},
    )


def _search_field(label):
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.SearchInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": _("La recherche est trop longue\u00a0: au plus 100 caractères.")},
    )


class Filters(forms.Form):
    """Filters read from an address: `asked` is what holds, `refused` what does not, `query` the address."""

    # The name of each filter in the address, which is French.
    parameters: dict[str, str] = {}

    def __init__(self, data):
        super().__init__(data, auto_id="filtre-%s", use_required_attribute=False)

    def add_prefix(self, field_name):
        return self.parameters.get(field_name, field_name)

    @property
    def asked(self):
        """The filters that hold, by name."""
        self.errors  # noqa: B018  (reading them validates the form)
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def refused(self):
        """What was left aside: (label of the filter, why)."""
        return [
            (self.fields[name].label if name in self.fields else "", error)
            for name, errors in self.errors.items()
            for error in errors
        ]

    @property
    def query(self):
        """The filters that hold, as they stand in an address; empty when there is none."""
        pairs = {}
        for name, value in self.asked.items():
            pairs[self.parameters[name]] = "1" if value is True else value
        return urlencode(pairs)


class PartnerFilters(Filters):
    parameters = {"sector": "secteur", "commune": "commune", "words": "q"}

    words = _search_field(_("Nom, sigle ou mot-clé"))
    sector = _choice_field(_("Secteur"))
    commune = _choice_field(_("Commune"))

    def __init__(self, data, *, sectors, communes):
        super().__init__(data)
        self.fields["sector"].choices = [("", _("Tous les secteurs")), *_with_numbers(sectors)]
        self.fields["commune"].choices = [("", _("Toutes les communes")), *_with_numbers(communes)]


def _with_numbers(rows):
    return [
        (row["code"], f"{row['label']} ({row['number']})")
        for row in sorted(rows, key=lambda row: row["label"])
    ]


class CalendarFilters(Filters):
    parameters = {
        "words": "q",
        "school": "etablissement",
        "level": "niveau",
        "commune": "commune",
        "start_from": "debut_apres",
        "start_to": "debut_avant",
        "with_past": "passes",
    }

    words = _search_field(_("Filière, compétence ou établissement"))
    school = _choice_field(_("Établissement"))
    level = _choice_field(_("Niveau"))
    commune = _choice_field(_("Commune"))
    start_from = DayField(label=_("Début à partir du"))
    start_to = DayField(label=_("Début jusqu’au"))
    with_past = forms.BooleanField(label=_("Montrer aussi les stages terminés"), required=False)

    def __init__(self, data):
        super().__init__(data)
        schools = list(schools_with_public_calendars())
        communes = {school.commune for school in schools if school.commune}
        self.fields["school"].choices = [
            ("", _("Tous les établissements")),
            *((school.uai, school.name) for school in schools),
        ]
        self.fields["level"].choices = [("", _("Tous les niveaux")), *levels_of_public_calendars()]
        self.fields["commune"].choices = [
            ("", _("Toutes les communes")),
            *(
                (commune.insee_code, commune.name)
                for commune in sorted(communes, key=lambda commune: commune.sort_name)
            ),
        ]

    def clean(self):
        first, last = self.cleaned_data.get("start_from"), self.cleaned_data.get("start_to")
        if first and last and last < first:
            del self.cleaned_data["start_to"]
            self.add_error("start_to", gettext("Cette date précède celle du début."))

    def narrow(self, calendars, today):
        """The calendars that the visitor asks for; those that are over only on request."""
        asked = self.asked
        if not asked.pop("with_past", False):
            calendars = calendars.not_over(today)
        return calendars.matching(**asked)

    @property
    def has_more(self):
        """Whether a filter other than the search is in use, so that it is not folded away."""
        return bool(self.asked.keys() - {"words"} or self.refused)
