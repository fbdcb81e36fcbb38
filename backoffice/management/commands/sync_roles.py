import sys

from django.core.management.base import BaseCommand

from backoffice.groups import sync_groups


class Command(BaseCommand):
    help = (
        "Brings Django's groups and permissions to backoffice/roles.py: adds and removes, and says what. "
        "With --check it writes nothing, and exits with 1 when something differs."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="say what differs, write nothing")

    def handle(self, *args, check, **options):
        drift = sync_groups(check=check)
        for line in drift.added:
            self.stdout.write(f"+ {line}")
        for line in drift.removed:
            self.stdout.write(f"- {line}")
        counts = len(drift.added), len(drift.removed)
        self.stdout.write(("%d to add, %d to remove" if check else "%d added, %d removed") % counts)
        if check and drift:
            sys.exit(1)
