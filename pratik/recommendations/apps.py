from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    name = "pratik.recommendations"
    label = "recommendations"
    verbose_name = _("Recommandations")

    def ready(self):
        from pratik.papers.reports import register_certified

        from . import receivers, reports

        receivers.connect()
        register_certified(reports.certified)
