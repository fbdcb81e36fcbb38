"""The week of an intern as people type it: for each day, when they come and go."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from pratik.law.rules.schedule import HOLIDAYS_KEY, WeekSchedule, hours_text

# A morning and an afternoon; a week that has more in a day is shown with all of them.
USUAL_SPANS = 2


class WeekWidget(forms.Widget):
    """A row of boxes for each day. What was typed is shown again as it was, right or wrong."""

    template_name = "backoffice/internships/week.html"

    class Media:
        css = {"all": ("backoffice/placements.css",)}

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        week = value if isinstance(value, dict) else {}
        columns = max([USUAL_SPANS, *(len(week.get(str(day)) or ()) for day in range(7))])
        context["widget"] |= {
            "columns": range(columns),
            "days": [(WEEKDAYS[day], self._boxes(name, week, day, columns)) for day in range(7)],
            "holidays_name": f"{name}_{HOLIDAYS_KEY}",
            "works_holidays": bool(week.get(HOLIDAYS_KEY)),
            "total": _total(week),
        }
        return context

    @staticmethod
    def _boxes(name, week, day, columns):
        typed = week.get(str(day)) or []
        filled = [*typed, *[["", ""]] * (columns - len(typed))]
        return [
            [
                {"name": f"{name}_{day}_{number}_{end}", "value": moment, "end": end}
                for end, moment in zip(("from", "to"), span, strict=True)
            ]
            for number, span in enumerate(filled)
        ]

    def value_from_datadict(self, data, files, name):
        """The week as it was typed: days without a word in them are left out. A blank before something else
        stays, so that an afternoon alone is shown again as an afternoon.
        """
        week = {}
        for day in range(7):
            spans, number = [], 0
            while f"{name}_{day}_{number}_from" in data:
                spans.append([data.get(f"{name}_{day}_{number}_{end}", "").strip() for end in ("from", "to")])
                number += 1
            while spans and not any(spans[-1]):
                spans.pop()
            if spans:
                week[str(day)] = spans
        if data.get(f"{name}_{HOLIDAYS_KEY}"):
            week[HOLIDAYS_KEY] = True
        return week

    def value_omitted_from_data(self, data, files, name):
        return f"{name}_0_0_from" not in data

    def id_for_label(self, id_):
        # A table of boxes, each with its own name: there is no one box for the label to lead to.
        return ""


class WeekField(forms.Field):
    """Reads a week; each mistake is told with its day."""

    widget = WeekWidget

    def __init__(self, *args, encoder=None, decoder=None, **kwargs):
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        return _read(value).as_json()

    def validate(self, value):
        if self.required and not WeekSchedule.read(value).minutes_per_week:
            raise ValidationError(self.error_messages["required"], code="required")

    def has_changed(self, initial, data):
        try:
            return _read(initial) != _read(data)
        except ValidationError:
            return True


def _read(week):
    """A week as it was typed, without its blanks. Raises `ValidationError` for what is no week."""
    filled = {
        key: [span for span in spans if any(span)] if isinstance(spans, list) else spans
        for key, spans in (week or {}).items()
    }
    return WeekSchedule.read(filled)


def _total(week):
    """How long a week is, in words; nothing while it cannot be read."""
    try:
        minutes = _read(week).minutes_per_week
    except ValidationError:
        return ""
    return _("%(hours)s par semaine") % {"hours": hours_text(minutes)} if minutes else ""


def week_lines(week):
    """A week as it is read on a page: one line for each day, then how long it is."""
    told = [f"{day}\u00a0: {spans}" for day, spans in WeekSchedule.read(week or {}).lines()]
    if (week or {}).get(HOLIDAYS_KEY):
        told.append(_("jours fériés travaillés"))
    return [*told, _total(week or {})] if told else []
