"""The filters of the lists: what a visitor may ask in the address of a page.

An address may be old, cut or made up. What it says wrongly is told and left aside; the rest is applied.
"""

import datetime
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import LodgingKind
from pratik.calendars.reports import (
    communes_of_public_calendars,
    levels_of_public_calendars,
    schools_with_public_calendars,
)
from pratik.internships.enums import InternshipKind
from pratik.reference.levels import LEVELS
from pratik.reference.models import Commune
from pratik.schools.models import SchoolProfile

from .kept import remembered
from .shown import CALENDARS

LONGEST_SEARCH = 100
# Schools that a list of choices holds.
MOST_SCHOOLS = 300
# An internship lasts six months at most; nobody asks for a lodging for longer than a year.
LONGEST_STAY = datetime.timedelta(days=366)
# Nor longer before it than a cycle of studies lasts.
FURTHEST = datetime.timedelta(days=5 * 366)


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


class Choices(forms.Select):
    """A list of choices, written at once: a template for each would cost more than the page around it."""

    def render(self, name, value, attrs=None, renderer=None):
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (choice, mark_safe(" selected") if str(choice) == chosen else "", label)
                for choice, label in self.choices
            ),
        )
        given = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, given, options)


def _choice_field(label):
    return forms.ChoiceField(
        label=label,
        required=False,
        widget=Choices(),
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


def _number_field(label, *, most, **attributes):
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=most,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", **attributes}),
        error_messages={
            "invalid": _("Écrivez un nombre entier."),
            "min_value": _("Écrivez un nombre supérieur à zéro."),
            "max_value": _("Au plus %(limit_value)s."),
        },
    )


class Filters(forms.Form):
    """Filters read from an address: `asked` is what holds, `refused` what does not, `query` the address."""

    # The name of each filter in the address, which is French.
    parameters: dict[str, str] = {}

    def __init__(self, data):
        super().__init__(data, auto_id="filtre-%s", use_required_attribute=False)

    @classmethod
    def words_of_address(cls, *others):
        """The words that an address of this list may hold."""
        return {*cls.parameters.values(), *others}

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


def _calendar_choices():
    """Schools, communes and levels of which visitors see at least one calendar.

    Of a country's schools there is no list to look through, and hardly a commune or a level without any.
    """
    shown = SchoolProfile.objects.public().order_by()
    if shown[: MOST_SCHOOLS + 1].count() > MOST_SCHOOLS:
        communes = Commune.objects.filter(pk__in=shown.values("commune"))
        return [], list(communes.values_list("insee_code", "name")), LEVELS
    schools = list(schools_with_public_calendars().values_list("uai", "name"))
    communes = list(communes_of_public_calendars().values_list("insee_code", "name"))
    return schools, communes, levels_of_public_calendars()


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
        schools, communes, levels = remembered("calendar choices", CALENDARS, _calendar_choices)
        if not schools:
            # Too many to choose from but in one commune; one that an address names is known all the same.
            uai, commune = self._code("etablissement"), self._code("commune")
            if uai or commune:
                found = SchoolProfile.objects.public().filter(Q(uai=uai) | Q(commune__insee_code=commune))
                schools = list(found.values_list("uai", "name")[:MOST_SCHOOLS])
        self.offers_schools = bool(schools)
        self.fields["school"].choices = [("", _("Tous les établissements")), *schools]
        self.fields["level"].choices = [("", _("Tous les niveaux")), *levels]
        self.fields["commune"].choices = [("", _("Toutes les communes")), *communes]

    def _code(self, name):
        """What the address says where a code stands; nothing if that is none."""
        code = self.data.get(name, "")
        return code if code.isalnum() else ""

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


def _communes(communes):
    return [
        ("", _("Toutes les communes")),
        *((commune.insee_code, commune.name) for commune in communes),
    ]


class LodgingFilters(Filters):
    parameters = {
        "words": "q",
        "commune": "commune",
        "kind": "type",
        "price": "loyer",
        "start": "arrivee",
        "end": "depart",
        "places": "places",
        "furnished": "meuble",
        "accessible": "accessible",
    }

    words = _search_field(_("Quartier ou mot-clé"))
    commune = _choice_field(_("Commune"))
    kind = _choice_field(_("Type"))
    price = _number_field(_("Loyer au plus, charges comprises (€)"), most=10_000)
    start = DayField(label=_("Arrivée"))
    end = DayField(label=_("Départ"))
    places = _number_field(_("Places libres"), most=20)
    furnished = forms.BooleanField(label=_("Meublé"), required=False)
    accessible = forms.BooleanField(label=_("Accessible en fauteuil roulant"), required=False)

    def __init__(self, data, *, communes, today):
        super().__init__(data)
        self.today = today
        self.fields["commune"].choices = _communes(communes)
        self.fields["kind"].choices = [("", _("Tous les types")), *LodgingKind.choices]

    def clean(self):
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and start < self.today:
            self.add_error("start", gettext("Ce jour est passé."))
            start = None
        elif start and start - self.today > FURTHEST:
            self.add_error("start", gettext("Cette date est trop lointaine."))
            start = None
        if end and start is None:
            self.add_error("end", gettext("Indiquez aussi le jour d’arrivée."))
        elif end and end <= start:
            self.add_error("end", gettext("Le départ doit suivre l’arrivée."))
        elif end and end - start > LONGEST_STAY:
            self.add_error("end", gettext("Demandez un an au plus."))

    @property
    def has_more(self):
        """Whether a filter other than the first two is in use, so that it is not folded away."""
        return bool(self.asked.keys() - {"words", "commune"} or self.refused)


class TripFilters(Filters):
    parameters = {"origin": "de", "destination": "a", "date": "jour", "seats": "places"}

    origin = _choice_field(_("Départ"))
    destination = _choice_field(_("Arrivée"))
    date = DayField(label=_("Jour"))
    seats = _number_field(_("Places libres"), most=8)

    def __init__(self, data, *, origins, destinations, today):
        super().__init__(data)
        self.today = today
        self.fields["origin"].choices = _communes(origins)
        self.fields["destination"].choices = _communes(destinations)

    def clean_date(self):
        day = self.cleaned_data["date"]
        if day and day < self.today:
            raise forms.ValidationError(gettext("Ce jour est passé."))
        return day


# How offers may be sorted: the word in the address → that of the rows.
OFFER_ORDERS = {"debut": "start", "cloture": "closing", "gratification": "stipend"}


class OfferFilters(Filters):
    """What is asked of internship offers, and in which order they are wanted."""

    parameters = {
        "words": "q",
        "kind": "type",
        "level": "niveau",
        "commune": "commune",
        "sector": "secteur",
        "start_from": "debut_apres",
        "start_to": "debut_avant",
        "paid": "gratifie",
        "remote": "distance",
        "order": "tri",
    }

    words = _search_field(_("Métier, compétence ou entreprise"))
    kind = _choice_field(_("Type"))
    level = _choice_field(_("Niveau"))
    commune = _choice_field(_("Commune"))
    sector = _choice_field(_("Secteur"))
    start_from = DayField(label=_("Début à partir du"))
    start_to = DayField(label=_("Début jusqu’au"))
    paid = forms.BooleanField(label=_("Avec une gratification"), required=False)
    remote = forms.BooleanField(label=_("En partie à distance"), required=False)
    order = _choice_field(_("Trier par"))

    def __init__(self, data, *, communes, sectors, levels):
        super().__init__(data)
        self.fields["kind"].choices = [("", _("Tous les types")), *InternshipKind.choices]
        self.fields["level"].choices = [
            ("", _("Tous les niveaux")),
            *((str(level), label) for level, label in LEVELS if level in levels),
        ]
        self.fields["commune"].choices = _communes(communes)
        self.fields["sector"].choices = [("", _("Tous les secteurs")), *sectors]
        self.fields["order"].choices = [
            ("", _("Les plus récentes")),
            ("debut", _("Début le plus proche")),
            ("cloture", _("Fin des candidatures la plus proche")),
            ("gratification", _("Gratification la plus élevée")),
        ]

    def clean(self):
        first, last = self.cleaned_data.get("start_from"), self.cleaned_data.get("start_to")
        if first and last and last < first:
            del self.cleaned_data["start_to"]
            self.add_error("start_to", gettext("Cette date précède celle du début."))

    @property
    def narrowing(self):
        """The filters that hold, without the order, which leaves nothing out."""
        return {name: value for name, value in self.asked.items() if name != "order"}

    def narrow(self, offers):
        """The offers that the visitor asks for, in the order that they ask for."""
        return offers.matching(**self.narrowing).sorted_by(OFFER_ORDERS.get(self.asked.get("order"), ""))

    @property
    def has_more(self):
        """Whether a filter other than the first two is in use, so that it is not folded away."""
        return bool(self.asked.keys() - {"words", "commune", "order"} or self.refused)
