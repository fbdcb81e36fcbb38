from django import forms
from django.utils.translation import gettext as _

from pratik.accounts.enums import AccountType
from pratik.joining.enums import ORGANISATION_TYPES
from pratik.joining.models import JOINING_CHOICES, Invitation


class InvitationForm(forms.ModelForm):
    """An invitation as it is typed. Members invite accounts of their own type; what does not go with the
    chosen type is hidden on the page, and left out.
    """

    class Meta:
        model = Invitation
        fields = "__all__"  # noqa: DJ007 - the page names its own

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.actor.is_staff:
            self.instance.account_type = self.actor.account_type
            own = self.fields.get(self.actor.account_type)
            if own is not None:
                own.required = True
                own.error_messages["required"] = _("Choisissez l’organisation dans laquelle vous invitez.")
        elif "account_type" in self.fields:
            # The team is the rarest choice and opens the most: nobody makes it by not choosing.
            team = [(AccountType.STAFF.value, AccountType.STAFF.label)] if self.actor.is_administrator else []
            self.fields["account_type"].choices = [("", _("Choisissez")), *JOINING_CHOICES, *team]

    def clean(self):
        data = super().clean()
        kind = data.get("account_type")
        if kind:
            for other in ORGANISATION_TYPES:
                if other != kind:
                    data[other] = None
            if kind != AccountType.STAFF:
                data["staff_role"] = ""
        return data
