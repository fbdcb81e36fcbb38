from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LivingConfig(AppConfig):
    name = "pratik.living"
    label = "living"
    verbose_name = _("Logement et covoiturage")

    def ready(self):
        from . import receivers

        receivers.connect()
