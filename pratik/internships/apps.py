from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InternshipsConfig(AppConfig):
    name = "pratik.internships"
    label = "internships"
    verbose_name = _("Stages")

    def ready(self):
        from pratik.papers.reports import register_certified

        from . import receivers
        from .reports.papers import certified

        receivers.connect()
        register_certified(certified)
