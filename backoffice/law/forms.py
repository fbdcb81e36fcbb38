"""What is typed into the calculator of hours."""

import datetime
import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from pratik.law.enums import InternshipKind
from pratik.law.rules import WeekSchedule, birthday
from pratik.law.rules.schedule import HOLIDAYS_KEY

# No internship is longer; a year that was mistyped would be counted day by day.
LONGEST = datetime.timedelta(days=400)
OLDEST = 120
USUAL_DAY = "08:00-12:00, 13:00-16:00"


class SpansField(forms.CharField):
    """The presence of one day, as people write it: « 8h-12h, 13:00-16:30 »; blank for a free day."""

    def __init__(self, **kwargs):
        widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
        super().__init__(required=False, max_length=100, widget=widget, **kwargs)

    def clean(self, value):
        text = super().clean(value)
        spans = [re.split(r"\s*(?:[-–—]|à)\s*", part.strip()) for part in re.split(r"[,;/]", text)]
        return [[_moment(word) for word in span] for span in spans if span != [""]]


def _moment(word):
    """« 8h » and « 8 h 30 » are moments too."""
    found = re.fullmatch(r"(\d{1,2})(?:\s*[hH:]\s*(\d{2})?)?", word)
    return f"{found[1]}:{found[2] or '00'}" if found else word


def _day_box():
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "pratik-input"})


class CalculatorForm(forms.Form):
    """Days and a week: what they come to in hours, and what the law says of that."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Nature du stage"), choices=InternshipKind.choices, widget=UnfoldAdminSelectWidget
    )
    start = forms.DateField(label=gettext_lazy("Premier jour"), widget=_day_box())
    end = forms.DateField(label=gettext_lazy("Dernier jour"), widget=_day_box())
    works_holidays = forms.BooleanField(
        label=gettext_lazy("Les jours fériés sont travaillés"), required=False, widget=UnfoldBooleanWidget
    )
    hours_before = forms.DecimalField(
        label=gettext_lazy("Heures déjà faites dans le même organisme"),
        help_text=gettext_lazy("Pendant la même année scolaire, tous stages ensemble."),
        required=False,
        min_value=0,
        max_value=2000,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    stipend_hourly = forms.DecimalField(
        label=gettext_lazy("Gratification prévue (€ par heure)"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    born_on = forms.DateField(
        label=gettext_lazy("Date de naissance du stagiaire"),
        help_text=gettext_lazy("Pour les règles des mineurs."),
        required=False,
        widget=_day_box(),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for day in range(7):
            self.fields[f"day_{day}"] = SpansField(
                label=WEEKDAYS[day].capitalize(), initial=USUAL_DAY if day < 5 else ""
            )

    @property
    def days(self):
        """The boxes of the week, Monday first."""
        return [self[f"day_{day}"] for day in range(7)]

    @property
    def main(self):
        """The boxes besides those of the week."""
        names = ("kind", "start", "end", "hours_before", "stipend_hourly", "born_on")
        return [self[name] for name in names]

    def clean(self):
        data = super().clean()
        start, end, born_on = data.get("start"), data.get("end"), data.get("born_on")
        if start and end and end < start:
            self.add_error("end", _("Le dernier jour précède le premier."))
        elif start and end and end - start > LONGEST:
            self.add_error("end", _("Un stage dure moins d’un an : vérifiez les années."))
        if start and born_on and born_on > start:
            self.add_error("born_on", _("La naissance suit le premier jour : vérifiez les années."))
        elif start and born_on and birthday(born_on, OLDEST) < start:
            self.add_error("born_on", _("Vérifiez l’année de naissance."))
        schedule = WeekSchedule()
        for day in range(7):
            name = f"day_{day}"
            try:
                schedule = _with_day(schedule, day, data.get(name) or [])
            except ValidationError as error:
                self.add_error(name, error)
        data["schedule"] = WeekSchedule(schedule.days, data.get("works_holidays", False))
        return data


def _with_day(schedule, day, spans):
    return WeekSchedule.read(schedule.as_json() | {str(day): spans, HOLIDAYS_KEY: False})
