"""How values are shown to people: in lists, in history, in previews."""

import datetime
import html
import json
from decimal import Decimal

from django.contrib.admin import display
from django.db import models
from django.template.defaultfilters import linebreaksbr
from django.utils import formats
from django.utils.html import strip_tags
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.calendar import CAYENNE, day_label, today

BLANK = "–"
# Days: somebody who waits for less is in good time, somebody who waits for longer waits too long.
NEAR, LATE = 2, 5
AGE_COLORS = {"calm": "success", "near": "warning", "late": "danger"}


def text_of(value):
    """A plain value in French words: oui, 05/01/2027, 1,50, a | b."""
    if value is None or value == "" or value == []:
        return BLANK
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, datetime.datetime):
        return formats.date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, datetime.date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal | float):
        return formats.number_format(value)
    if isinstance(value, list):
        return " | ".join(str(item) for item in value)
    return str(value)


def list_text(contents):
    """A list that the skin wrote as JSON, one thing on each line."""
    # Where pygments is installed it wrote the list twice, in colours for light and for dark.
    written = contents.partition('<div class="hidden dark:block">')[0]
    try:
        items = json.loads(html.unescape(strip_tags(written)))
    except ValueError:
        return contents
    return linebreaksbr("\n".join(str(item) for item in items)) if items else BLANK


def field_text(field, value, related=None):
    """The value of a model field in words; `related` holds the rows that foreign keys point at."""
    if value is None:
        return BLANK
    if isinstance(field, models.ForeignKey):
        row = (related or {}).get((field.related_model, value))
        return str(row) if row is not None else _("n° %(number)s") % {"number": value}
    if field.choices:
        return str(dict(field.flatchoices).get(value, value)) or BLANK
    return text_of(value)


def grouped(number):
    """A whole number as people read it: 1 234."""
    return formats.number_format(number, force_grouping=True)


def figure_column(name, description):
    """A column of whole numbers as people read them, 1 234, sorted as the model's field."""

    @display(description=description, ordering=name, empty_value=BLANK)
    def column(obj):
        value = getattr(obj, name)
        return None if value is None else grouped(value)

    column.__name__ = name
    return column


def waited(moment):
    """For how long something waits, and how much that presses."""
    days = (today() - localdate(moment, CAYENNE)).days
    pressure = "late" if days > LATE else "near" if days >= NEAR else "calm"
    if days <= 0:
        return pressure, _("aujourd’hui")
    return pressure, ngettext("%(days)d jour", "%(days)d jours", days) % {"days": days}


def day(date):
    """A day in figures."""
    return day_label(date) if date else BLANK


def period(first, last):
    """From one day to another, in figures; the last one may be open."""
    if last is None:
        return _("à partir du %(first)s") % {"first": day(first)}
    if first == last:
        return _("le %(first)s") % {"first": day(first)}
    return _("du %(first)s au %(last)s") % {"first": day(first), "last": day(last)}


def euros(amount):
    """A sum as it is read in a list: 450,00 €."""
    return _("%(amount)s €") % {"amount": formats.number_format(amount, 2, force_grouping=True)}
