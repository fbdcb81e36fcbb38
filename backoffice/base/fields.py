"""Form fields of the console."""

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.base.imports.columns import Level, TextList


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
