"""What a person types on « Mes avis »."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSingleTimeWidget

from pratik.notifications.enums import MailChoice, Topic
from pratik.notifications.rules import OPTIONAL_TOPICS


class PreferencesForm(forms.Form):
    """One choice for each topic, the quiet hours, and whether e-mails are wanted at all."""

    wants_email = forms.BooleanField(label=_("Recevoir les avis par e-mail"), required=False)
    quiet_from = forms.TimeField(
        label=_("Pas d’e-mail à partir de"),
        required=False,
        widget=UnfoldAdminSingleTimeWidget(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=_("jusqu’à"),
        required=False,
        widget=UnfoldAdminSingleTimeWidget(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args, topics, **kwargs):
        super().__init__(*args, **kwargs)
        self.topics = topics
        for topic in topics:
            self.fields[topic] = forms.ChoiceField(
                label=Topic(topic).label, choices=MailChoice.choices, widget=forms.RadioSelect
            )

    @classmethod
    def of(cls, user, preferences, *args, topics=OPTIONAL_TOPICS):
        """The form with what the person chose."""
        initial = {
            "wants_email": user.wants_email,
            "quiet_from": preferences.quiet_from,
            "quiet_until": preferences.quiet_until,
            **preferences.choices,
        }
        return cls(*args, initial=initial, topics=topics)

    @property
    def topic_fields(self):
        return [self[topic] for topic in self.topics]

    @property
    def chosen(self):
        """{topic: choice}, once the form is valid."""
        return {topic: self.cleaned_data[topic] for topic in self.topics}
