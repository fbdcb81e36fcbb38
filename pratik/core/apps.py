from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "pratik.core"
    label = "core"
    verbose_name = _("Journal")

    def ready(self):
        from . import checks, history, lookups  # noqa: F401

        history.connect()
