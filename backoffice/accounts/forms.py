from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.base.fields import LevelFormField
from pratik.accounts.enums import AccountType
from pratik.accounts.models import StudentProfile, User


class AccountForm(forms.ModelForm):
    """An account as staff change it."""

    class Meta:
        model = User
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def clean_account_type(self):
        """Only administrators open the platform's own accounts."""
        account_type = self.cleaned_data["account_type"]
        if account_type == AccountType.STAFF and not self.actor.is_administrator:
            raise ValidationError(_("Seul un administrateur ouvre un compte de l’équipe."), code="staff_only")
        return account_type


class StudentProfileForm(forms.ModelForm):
    """A student's profile: the level is one box, read as the import reads it."""

    level_text = LevelFormField(
        label=gettext_lazy("Niveau"),
        required=False,
        help_text=gettext_lazy("Comme on l’écrit : « BTS 2e année », « 1re bac pro », « L3 »."),
    )

    class Meta:
        model = StudentProfile
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "level_text" in self.fields and self.instance.level:
            self.initial["level_text"] = self.instance.read_level

    def _post_clean(self):
        self.instance.read_level = self.cleaned_data.get("level_text")
        super()._post_clean()
