from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "pratik.accounts"
    label = "accounts"
    verbose_name = _("Personnes")

    def ready(self):
        from . import receivers

        receivers.connect()
