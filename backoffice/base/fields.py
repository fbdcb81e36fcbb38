"""Form fields of the console."""

from functools import partial

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.base.imports.columns import Level, TextList
from backoffice.base.paging import KnownPages, count


def row_label(page, row):
    """A row where one is chosen among many: with what its page says that tells rows of one name apart."""
    apart = [str(value) for name in getattr(page, "told_apart", ()) if (value := getattr(row, name))]
    return f"{row} ({', '.join(apart)})" if apart else str(row)


def with_apart(page, rows):
    """These rows with the related ones that `row_label` names, in one query."""
    apart = getattr(page, "told_apart", ())
    related = [name for name in apart if rows.model._meta.get_field(name).is_relation]
    return rows.select_related(*related) if related else rows


class RowsAsOneTypes(AutocompleteJsonView):
    """What `RowAutocomplete` looks up, told apart as it tells them."""

    def get_queryset(self):
        """Of the rows that the person sees, those that the page they type on offers, found by its words."""
        page, request = self.model_admin, self.request
        rows = page.get_queryset(request).complex_filter(self.source_field.get_limit_choices_to())
        asking = self.admin_site._registry.get(self.source_field.model)
        if asking is not None and hasattr(asking, "offered"):
            rows = asking.offered(request, self.source_field.name, rows)
        if page.lookup_fields:
            return with_apart(page, page.with_words(request, rows, self.term, page.lookup_fields))
        found, is_doubled = page.get_search_results(request, rows, self.term)
        return with_apart(page, found.distinct() if is_doubled else found)

    def get_paginator(self, queryset, per_page, **kwargs):
        """Rows are given as somebody scrolls, so that nobody asks how many there are in all."""
        return KnownPages(queryset, per_page, count(queryset).number)

    def serialize_result(self, obj, to_field_name):
        page = self.model_admin
        besides = {name: getattr(obj, name) for name in getattr(page, "given_besides", ())}
        return super().serialize_result(obj, to_field_name) | besides | {"text": row_label(page, obj)}


class RowAutocomplete(AutocompleteSelect):
    """A row looked up as one types. What no row can have as its key, which only a forged form sends, is shown
    as nothing chosen; the form field then refuses it. Django's own breaks on it while it draws the page.
    """

    def optgroups(self, name, value, attr=None):
        page = self.admin_site._registry.get(self.field.remote_field.model)
        if getattr(page, "told_apart", ()):
            self.choices.field.label_from_instance = partial(row_label, page)
            self.choices.queryset = with_apart(page, self.choices.queryset)
        key = self.field.target_field.formfield() or forms.IntegerField(max_value=2**63 - 1)
        return super().optgroups(name, [one for one in value if self._is_a_key(key, one)], attr)

    @staticmethod
    def _is_a_key(key, value):
        try:
            key.clean(value)
        except ValidationError:
            return False
        return True


class TextListWidget(UnfoldAdminTextareaWidget):
    """A list of short texts, one on each line."""

    def format_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value


class TextListFormField(forms.Field):
    """Reads a list from lines, as the import reads it from a cell."""

    widget = TextListWidget
    empty_values = [None, "", []]

    def __init__(self, *args, encoder=None, decoder=None, **kwargs):
        super().__init__(*args, **kwargs)

    def to_python(self, value):
        if isinstance(value, list):
            return value
        return TextList().clean(value or "")

    def clean(self, value):
        # As a text field of Django does; a list is checked before it is one, as JSON would escape it.
        ProhibitNullCharactersValidator()(value or "")
        return super().clean(value)

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


class LevelFormField(forms.CharField):
    """A qualification level as people write it; understood or refused with what was perhaps meant."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value):
        return Level().render(value) if value and not isinstance(value, str) else value

    def clean(self, value):
        text = super().clean(value)
        try:
            return Level().clean(text)
        except ValidationError as error:
            raise ValidationError(error.messages) from None


class IdentifierFormField(forms.CharField):
    """A SIRET, UAI or postcode typed as people type it, with spaces or dots."""

    def __init__(self, *, read, **kwargs):
        super().__init__(**kwargs)
        self.read = read

    def to_python(self, value):
        text = super().to_python(value)
        return self.read(text) if text else text
