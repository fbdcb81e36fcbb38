import json
import sys

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from backoffice.management.commands.import_file import actor_named
from pratik.core.models import Operation
from pratik.core.undo import undo_operation


class Command(BaseCommand):
    help = (
        "Takes an operation back, as the console does. Exit status: 0 done, 1 some rows were left, "
        "2 it can't be undone by this account."
    )

    def add_arguments(self, parser):
        parser.add_argument("operation", type=int)
        parser.add_argument("--actor", required=True, metavar="EMAIL", help="the account that undoes")
        parser.add_argument("--reason", default="")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
        parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, *args, operation, actor, reason, dry_run, **options):
        account = actor_named(actor)
        row = Operation.objects.editable_by(account).filter(pk=operation).first()
        if row is None:
            raise CommandError(f"{actor} has no operation {operation} to undo.", returncode=2)
        try:
            report = undo_operation(actor=account, operation=row, reason=reason, dry_run=dry_run)
        except PermissionDenied:
            raise CommandError(f"{actor} may not undo operation {operation}.", returncode=2) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=2) from None
        told = {
            "removed": report.removed,
            "restored": report.restored,
            "recreated": report.recreated,
            "left": [
                {
                    "model": left.model._meta.label_lower,
                    "id": left.pk,
                    "row": left.label,
                    "message": left.reason,
                }
                for left in report.left
            ],
            "operation": report.operation.pk if report.operation else None,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            for left in report.left:
                self.stderr.write(f"{left.label}: {left.reason}")
            self.stdout.write(
                f"removed {report.removed}, restored {report.restored}, recreated {report.recreated}, "
                f"left {len(report.left)}"
            )
        if report.left:
            sys.exit(1)
