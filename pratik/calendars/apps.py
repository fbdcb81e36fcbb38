from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    name = "pratik.calendars"
    label = "calendars"
    verbose_name = _("Stages")

    def ready(self):
        from . import receivers

        receivers.connect()
