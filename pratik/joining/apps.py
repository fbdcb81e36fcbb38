from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JoiningConfig(AppConfig):
    name = "pratik.joining"
    label = "joining"
    verbose_name = _("Adhésions")

    def ready(self):
        from . import receivers

        receivers.connect()
