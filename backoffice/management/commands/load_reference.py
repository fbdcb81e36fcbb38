from django.conf import settings
from django.core.management.base import BaseCommand

from pratik.accounts.services import system_actor
from pratik.reference.services import load_reference


class Command(BaseCommand):
    help = "Loads communes, postcodes, NAF, public and school holidays from fixtures/reference."

    def handle(self, *args, **options):
        loaded = load_reference(actor=system_actor(), folder=settings.BASE_DIR / "fixtures" / "reference")
        for model, (created, changed) in loaded.items():
            self.stdout.write(f"{model._meta.verbose_name_plural}: +{created} ~{changed}")
