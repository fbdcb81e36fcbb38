from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    """Django's admin with the console as its site; each room registers itself through backoffice.admin."""

    default_site = "backoffice.site.ConsoleSite"


class BackofficeConfig(AppConfig):
    name = "backoffice"
    verbose_name = "Console"
