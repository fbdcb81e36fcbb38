from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "pratik.access"
    label = "access"
    verbose_name = _("Accès")

    def ready(self):
        from . import checks, receivers  # noqa: F401 - the checks register themselves

        receivers.connect()
