from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    name = "pratik.tracking"
    label = "tracking"
    verbose_name = _("Suivi des étudiants")

    def ready(self):
        from . import receivers

        receivers.connect()
