"""The rows of a list and the days that it is narrowed to, at the price of what a person sees of them.

The skin works out the headers again for every row, runs a template for every box and label, and writes a
dozen class names on each cell: half a second and half a megabyte for a hundred rows.
"""

import datetime

from django import template
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_list import _coerce_field_name, result_hidden_fields
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import get_fields_from_path, lookup_field, quote
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.template.loader import render_to_string
from django.urls import NoReverseMatch
from django.utils import formats
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from unfold.templatetags.unfold_list import result_headers
from unfold.utils import display_for_dropdown, display_for_field, display_for_header, display_for_label
from unfold.utils import display_for_value as shown

register = template.Library()

# A list is narrowed to no more of the past than this, whatever was typed as a date once.
LONGEST_STRETCH = datetime.timedelta(days=366 * 60)


@register.inclusion_tag("backoffice/list_rows.html", takes_context=True)
def list_rows(context, cl):
    """The headers and the rows of a list."""
    headers = list(result_headers(cl))
    lines = _Lines(cl, headers)
    forms = cl.formset.forms if getattr(cl, "formset", None) else None
    rows = list(cl.result_list)
    return {
        "cl": cl,
        "request": context["request"],
        "is_popup": context.get("is_popup"),
        "to_field": context.get("to_field"),
        "result_hidden_fields": list(result_hidden_fields(cl)),
        "result_headers": headers,
        "num_sorted_fields": sum(1 for header in headers if header["sortable"] and header["sorted"]),
        "rows": [
            {"form": form, "cells": lines.cells(row, form), "number": len(headers)}
            for row, form in zip(rows, forms or [None] * len(rows), strict=False)
        ],
        "has_add_permission": cl.model_admin.has_add_permission(context["request"]),
    }


class _Lines:
    """Writes the cells of rows; what is the same in every row is worked out once."""

    def __init__(self, cl, headers):
        self.cl, self.page = cl, cl.model_admin
        # What a person reads of the headers, translated and escaped here and not in each row.
        self.columns = [
            (name, f"field-{_coerce_field_name(name, place)}", self._label_of(name, header))
            for place, (name, header) in enumerate(zip(cl.list_display, headers, strict=True))
        ]
        self.empty = self.page.get_empty_value_display()
        self.tick = (
            f'name="{ACTION_CHECKBOX_NAME}" class="action-select pratik-tick" '
            f'aria-label="{escape(_("Choisir cette ligne"))}"'
        )
        self.linked = self._linked()
        # Which columns are the model's own, the coloured words and the texts that were met already.
        self.fields, self.labels, self.texts = {}, {}, {}
        self.around = None

    @staticmethod
    def _label_of(name, header):
        return escape(_("Choisir cette ligne") if name == "action_checkbox" else header["text"])

    def _linked(self):
        """The columns that lead to the page of the row: those that the page names, else the first."""
        links = self.cl.list_display_links
        if links is None:
            return set()
        names = [name for name in self.cl.list_display if name in links]
        return set(names or self.cl.list_display[:1])

    def cells(self, row, form):
        """The cells of one row, as HTML."""
        cells, is_first_link = [], True
        for name, kind, header in self.columns:
            if name == "action_checkbox":
                cells.append(self._tick(row, header))
                continue
            text, is_short = self._text(row, name)
            if name in self.linked:
                cell = "th" if is_first_link else "td"
                is_first_link = False
                text = self._link(row, text)
            else:
                cell = "td"
                if form is not None and name in form.fields:
                    kind, text = self._box(form[name], kind)
            if is_short:
                kind += " nowrap"
            text = conditional_escape(text)
            cells.append(f'<{cell} class="{kind} pratik-cell" data-label="{header}">{text}</{cell}>')
        key = self.cl.model._meta.pk.name
        if form is not None and key in form.fields and not form[key].is_hidden:
            cells.append(format_html("<td>{}</td>", form[key]))
        return mark_safe("".join(cells))

    def _tick(self, row, header):
        """The cell that chooses a row, without the skin's template, which is longer than the row."""
        box = (
            f'<input type="checkbox" {self.tick} value="{escape(row.pk)}" class="action-select pratik-tick">'
        )
        return f'<td class="action-checkbox pratik-cell" data-label="{header}">{box}</td>'

    def _text(self, row, name):
        """What stands in a cell, and whether it stays on one line."""
        empty = self.empty
        if name in self.fields:
            return self._value(row, self.fields[name], empty)
        try:
            field, reader, value = lookup_field(name, row, self.page)
        except ObjectDoesNotExist:
            return empty, False
        if field is not None and not field.auto_created:
            self.fields[name] = field
            return self._value(row, field, empty)
        empty = getattr(reader, "empty_value_display", empty)
        is_short = isinstance(value, datetime.date | datetime.time)
        if label := getattr(reader, "label", False):
            return self._label(name, value, empty, label), is_short
        if getattr(reader, "dropdown", False):
            return display_for_dropdown(row, name, value, empty), is_short
        if getattr(reader, "header", False):
            return display_for_header(value, empty), is_short
        return shown(value, empty, getattr(reader, "boolean", False)), is_short

    def _value(self, row, field, empty):
        """As `_text`, of a column of the model; days and choices come again and again in one list."""
        is_short = isinstance(field, models.DateField | models.TimeField | models.ForeignKey)
        if isinstance(field.remote_field, models.ManyToOneRel):
            try:
                related = getattr(row, field.name)
            except ObjectDoesNotExist:
                related = None
            return (empty if related is None else related), is_short
        value = getattr(row, field.name)
        if not field.choices and not isinstance(field, models.DateField):
            return display_for_field(value, field, empty), is_short
        key = (field.name, value)
        if key not in self.texts:
            self.texts[key] = conditional_escape(display_for_field(value, field, empty))
        return self.texts[key], is_short

    def _label(self, name, value, empty, label):
        """A coloured word; a list has few different ones, and the skin runs two templates for each."""
        try:
            key = (name, type(value), value, isinstance(value, SafeString))
            known = self.labels.get(key)
        except TypeError:
            return display_for_label(value, empty, label)
        if known is None:
            known = " ".join(display_for_label(value, empty, label).split())
            known = self.labels[key] = mark_safe(known)
        return known

    def _link(self, row, text):
        """The text as a link to the page of the row. What stands in its address before and after the key of
        the row is the same for all of them.
        """
        key = quote(getattr(row, self.cl.pk_attname))
        if self.around is None:
            try:
                address = self.cl.url_for_result(row)
            except NoReverseMatch:
                return text
            filters = {"preserved_filters": self.cl.preserved_filters, "opts": self.cl.opts}
            before, _key, after = add_preserved_filters(filters, address).partition(f"/{key}/")
            self.around = f'<a href="{escape(before)}/', f'/{escape(after)}"'
        before, after = self.around
        opener = ""
        if self.cl.is_popup:
            chosen = row.serializable_value(str(self.cl.to_field or self.cl.lookup_opts.pk.attname))
            opener = format_html(' data-popup-opener="{}"', chosen)
        return mark_safe(f"{before}{escape(key)}{after}{opener}>{conditional_escape(text)}</a>")

    @staticmethod
    def _box(field, kind):
        """A cell that is typed in."""
        errors = render_to_string("unfold/helpers/form_errors.html", {"errors": field.errors})
        return (f"{kind} group errors" if field.errors else kind), mark_safe(f"{field}{errors}")


@register.inclusion_tag("admin/date_hierarchy.html")
def list_dates(cl):
    """The years, then the months and the days that a list is narrowed to, as Django shows them."""
    days = _days(cl)
    if not days:
        return {"show": False}
    name = cl.date_hierarchy
    year, month, day = (_number(cl.params.get(f"{name}__{part}")) for part in ("year", "month", "day"))
    if year is None and days[0].year == days[-1].year:
        year = days[0].year
        month = days[0].month if days[0].month == days[-1].month else None

    def link(**parts):
        asked = {f"{name}__{part}": value for part, value in parts.items()}
        return cl.get_query_string(asked, [f"{name}__"])

    def choices(form, *parts):
        found = {tuple(getattr(one, part) for part in parts): one for one in days}
        return [
            {
                "title": capfirst(formats.date_format(one, form)),
                "link": link(**dict(zip(parts, key, strict=True))),
            }
            for key, one in found.items()
        ]

    if year is None:
        return {"show": True, "back": None, "choices": choices("Y", "year")}
    if month is None:
        back = {"link": link(), "title": _("Toutes les dates")}
        return {"show": True, "back": back, "choices": choices("YEAR_MONTH_FORMAT", "year", "month")}
    if day is None:
        back = {"link": link(year=year), "title": str(year)}
        return {"show": True, "back": back, "choices": choices("MONTH_DAY_FORMAT", "year", "month", "day")}
    title = capfirst(formats.date_format(days[0], "YEAR_MONTH_FORMAT"))
    back = {"link": link(year=year, month=month), "title": title}
    choice = {"title": capfirst(formats.date_format(days[0], "MONTH_DAY_FORMAT"))}
    return {"show": True, "back": back, "choices": [choice]}


def _days(cl):
    """The days of a list, in their order. Of one that is too long to be counted, all those between the first
    and the last of the whole: which of them have rows, only reading it to its end would tell.
    """
    name = cl.date_hierarchy
    is_moment = isinstance(get_fields_from_path(cl.model, name)[-1], models.DateTimeField)
    if cl.found.is_exact:
        # Not its first and its last: for those the database walks an index, past all that is left out.
        rows = cl.queryset.filter(**{f"{name}__isnull": False}).order_by()
        if is_moment:
            return [localtime(one).date() for one in rows.datetimes(name, "day")]
        return list(rows.dates(name, "day"))
    rows = cl.root_queryset.filter(**{f"{name}__isnull": False})
    ends = [rows.order_by(order).values_list(name, flat=True).first() for order in (name, f"-{name}")]
    if None in ends:
        return []
    first, last = (localtime(end).date() if is_moment else end for end in ends)
    first = max(first, last - LONGEST_STRETCH)
    days = [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]
    for part in ("year", "month", "day"):
        if (asked := _number(cl.params.get(f"{name}__{part}"))) is not None:
            days = [one for one in days if getattr(one, part) == asked]
    return days


def _number(text):
    return int(text) if text and str(text).isdigit() else None
