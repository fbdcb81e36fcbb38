"""How values are shown to people: in lists, in history, in previews."""

import datetime
import html
import json

from django.db import models
from django.utils import formats
from django.utils.html import escape
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

BLANK = "–"


def text_of(value):
    """A plain value in French words: oui, 05/01/2027, a | b."""
    if value is None or value == "" or value == []:
        return BLANK
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, datetime.datetime):
        return formats.date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, datetime.date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, list):
        return " | ".join(str(item) for item in value)
    return str(value)


def list_text(contents):
    """A list that the skin wrote as JSON, in words."""
    try:
        return escape(text_of(json.loads(html.unescape(contents))))
    except ValueError:
        return contents


def field_text(field, value, related=None):
    """The value of a model field in words; `related` holds the rows that foreign keys point at."""
    if value is None:
        return BLANK
    if isinstance(field, models.ForeignKey):
        row = (related or {}).get((field.related_model, value))
        return str(row) if row is not None else _("n° %(number)s") % {"number": value}
    if field.choices:
        return str(dict(field.flatchoices).get(value, value)) or BLANK
    return text_of(value)
