from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    name = "pratik.schools"
    label = "schools"
    verbose_name = _("Formation")

    def ready(self):
        from . import receivers

        receivers.connect()
