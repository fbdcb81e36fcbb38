"""A template as it is written: its text, beside the fields that it may name and its pages."""

from django import forms
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from pratik.papers.enums import PaperKind
from pratik.papers.fields import MENTIONS, fields_of
from pratik.papers.models import PaperTemplate


def _braces(name):
    return f"{{{{ {name} }}}}"


class EditorWidget(UnfoldAdminTextareaWidget):
    """The text's box with what helps to write it. Without a script it is a box and a list of fields."""

    template_name = "backoffice/papers/editor.html"

    class Media:
        js = ("backoffice/templates.js",)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["preview_url"] = reverse("admin:papers_papertemplate_preview")
        context["kinds"] = [
            {
                "value": kind.value,
                "label": kind.label,
                "fields": [(_braces(field.name), field.label) for field in fields_of(kind)],
                "mentions": MENTIONS.get(kind, ()),
            }
            for kind in PaperKind
        ]
        return context


class PaperTemplateForm(forms.ModelForm):
    class Meta:
        model = PaperTemplate
        fields = "__all__"  # noqa: DJ007 - the page names its own
        widgets = {"body": EditorWidget(attrs={"rows": 30, "spellcheck": "true"})}
