import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction

from backoffice.base.imports.engine import open_plan, planned, write_table
from backoffice.base.imports.plan import problems_of
from backoffice.base.imports.reading import UnreadableFile, open_file
from backoffice.kinds import KINDS
from backoffice.roles import verbs_of
from pratik.accounts.models import User


@dataclass
class Source:
    """The file that an operation came from."""

    name: str
    sha256: str
    size: int


class Command(BaseCommand):
    help = (
        "Imports a file as the console does. Exit status: 0 done, 1 rows refused, "
        "2 the file can't be read or the actor may not import it."
    )

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("path", type=Path)
        parser.add_argument("--actor", required=True, metavar="EMAIL", help="the account that imports")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what the file would do, write nothing"
        )
        parser.add_argument("--all-or-nothing", action="store_true", help="write nothing if a row is refused")
        parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, *args, kind, path, actor, dry_run, all_or_nothing, **options):
        as_json = options["json"]
        resource = KINDS[kind](actor=actor_named(actor))
        if "import" not in verbs_of(resource.actor.role, resource.model._meta.label_lower):
            raise CommandError(f"{actor} may not import {kind}.", returncode=2)
        try:
            with path.open("rb") as file:
                plan, row, refused = self._imported(resource, path.name, file, dry_run, all_or_nothing)
        except OSError as error:
            self._unreadable(f"{path}: {error.strerror}", as_json)
        except UnreadableFile as error:
            self._unreadable(str(error), as_json)
        self._tell(plan, row, refused, as_json)
        if plan.counts["refused"]:
            sys.exit(1)

    @staticmethod
    def _imported(resource, name, file, dry_run, all_or_nothing):
        """Reads and writes a file batch by batch, so that a long one takes no more memory than a short one.

        Returns the plan, the operation, or None where nothing was written, and what was refused.
        """
        source = Source(name, hashlib.file_digest(file, "sha256").hexdigest(), file.tell())
        refused, operation = [], None
        try:
            with (
                transaction.atomic(),
                open_file(name=name, content=file, score=resource.known_in) as table,
            ):
                plan = open_plan(resource, table)
                if plan.problems:
                    raise UnreadableFile(" ".join(plan.problems), "columns")
                if dry_run:
                    for rows in planned(plan, table):
                        refused += problems_of(rows)
                else:
                    operation = write_table(
                        plan, table, source=source, each=lambda rows: refused.extend(problems_of(rows))
                    )
                if not plan.writes or (all_or_nothing and refused):
                    transaction.set_rollback(True)
                    operation = None
        except PermissionDenied:
            raise CommandError(
                f"{resource.actor.email} may not change some of these rows.", returncode=2
            ) from None
        except IntegrityError as error:
            raise CommandError(
                f"Somebody wrote the same rows meanwhile, nothing is imported; run it again. {error}",
                returncode=2,
            ) from None
        return plan, operation, refused

    def _unreadable(self, message, as_json):
        if as_json:
            self.stdout.write(json.dumps({"error": message}, ensure_ascii=False))
        raise CommandError(message, returncode=2)

    def _tell(self, plan, row, refused, as_json):
        counts = plan.counts
        if as_json:
            told = {
                **{name: counts[name] for name in ("created", "updated", "unchanged")},
                "refused": [
                    {"row": number, "column": column, "message": message}
                    for number, column, message in refused
                ],
                "operation": row.pk if row else None,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for note in plan.notes:
            self.stderr.write(note)
        for number, column, message in refused:
            self.stderr.write(f"{number}: {column}: {message}" if column else f"{number}: {message}")
        written = f"operation {row.pk}" if row else "nothing written"
        self.stdout.write(", ".join(f"{name} {number}" for name, number in counts.items()) + f" ({written})")


def actor_named(email):
    """The open account of this address. Raises `CommandError` (exit status 2) when there is none."""
    try:
        actor = User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise CommandError(f"No account has the address {email}.", returncode=2) from None
    if not actor.is_active:
        raise CommandError(f"The account {email} is closed.", returncode=2)
    return actor
