from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.base.fields import LevelFormField
from pratik.calendars.models import InternshipCalendar


class CalendarForm(forms.ModelForm):
    """A calendar as a person types it: the level is one box, read as the import reads it."""

    level_text = LevelFormField(
        label=_("Niveau"),
        help_text=_("Comme on l’écrit : « BTS 2e année », « 1re bac pro », « L3 »."),
    )

    class Meta:
        model = InternshipCalendar
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "level_text" in self.fields and self.instance.level:
            self.initial["level_text"] = self.instance.read_level

    def _post_clean(self):
        if read := self.cleaned_data.get("level_text"):
            self.instance.read_level = read
        super()._post_clean()

    def _get_validation_exclusions(self):
        # The three columns of a level are set from one box, and checked there.
        return super()._get_validation_exclusions() | {"level", "diploma", "year_in_cycle"}
