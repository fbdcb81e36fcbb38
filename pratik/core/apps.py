from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "pratik.core"
    label = "core"
    verbose_name = "Journal"

    def ready(self):
        from . import history

        history.connect()
