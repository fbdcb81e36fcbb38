from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerificationConfig(AppConfig):
    name = "pratik.verification"
    label = "verification"
    verbose_name = _("Vérification")

    def ready(self):
        from . import receivers

        receivers.connect()
