from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SecurityConfig(AppConfig):
    name = "pratik.security"
    label = "security"
    verbose_name = _("Sécurité")

    def ready(self):
        from . import receivers

        receivers.connect()
