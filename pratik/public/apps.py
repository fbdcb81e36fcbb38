from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "pratik.public"
    label = "public"
    verbose_name = "Site public"

    def ready(self):
        from . import receivers

        receivers.connect()
