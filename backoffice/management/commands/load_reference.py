from django.conf import settings
from django.core.management.base import BaseCommand

from pratik.accounts.services import system_actor
from pratik.law.models import LegalParameter
from pratik.law.services import load_parameters
from pratik.living.models import CostCeiling
from pratik.living.services import load_ceilings
from pratik.papers.models import PaperTemplate
from pratik.papers.services import load_templates
from pratik.reference.services import load_reference
from pratik.verification.models import Requirement
from pratik.verification.services import load_requirements


class Command(BaseCommand):
    help = "Loads nomenclatures, papers asked for, ceilings, law and templates from fixtures/reference."

    def handle(self, *args, **options):
        folder = settings.BASE_DIR / "fixtures" / "reference"
        loaded = load_reference(actor=system_actor(), folder=folder)
        added = load_requirements(actor=system_actor(), path=folder / "verification_requirements.csv")
        self.stdout.write(f"{Requirement._meta.verbose_name_plural}: +{added}")
        added = load_ceilings(actor=system_actor(), path=folder / "cost_ceilings.csv")
        self.stdout.write(f"{CostCeiling._meta.verbose_name_plural}: +{added}")
        added = load_parameters(actor=system_actor(), path=folder / "legal_parameters.csv")
        self.stdout.write(f"{LegalParameter._meta.verbose_name_plural}: +{added}")
        added = load_templates(actor=system_actor(), folder=folder)
        self.stdout.write(f"{PaperTemplate._meta.verbose_name_plural}: +{added}")
        for model, (created, changed) in loaded.items():
            self.stdout.write(f"{model._meta.verbose_name_plural}: +{created} ~{changed}")
