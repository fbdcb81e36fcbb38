import sys

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand

from backoffice.roles import TABLE, TWINS, verbs_of
from pratik.accounts.enums import Role

PATH = settings.BASE_DIR / "deploy" / "roles.md"
LETTERS = {"view": "v", "add": "a", "change": "c", "delete": "d", "import": "i", "export": "e"}
HEAD = """# Who may do what

Made from the table in `backoffice/roles.py` by `python manage.py roles`; a test keeps it true. The console
shows the same, with the rows that each role reaches, under *Rôles et droits*.

**v**iew, **a**dd, **c**hange, **d**elete, **i**mport, **e**xport. Which *rows* is another matter: the model’s
`visible_to` and `editable_by`. What a state allows, and to whom, is in [workflows.md](workflows.md).
"""


def document():
    """The table of roles as Markdown: one line for each model, one column for each role."""
    roles = [role for role in Role if role in TABLE]
    twins = [f"`{twin}` is the read-only twin of `{role}`, derived from it." for twin, role in TWINS.items()]
    lines = [
        HEAD,
        *twins,
        "",
        f"| | {' | '.join(roles)} |",
        f"|---|{'---|' * len(roles)}",
    ]
    for label in sorted({label for rights in TABLE.values() for label in rights}):
        cells = [
            "".join(letter for verb, letter in LETTERS.items() if verb in verbs_of(role, label)) or "·"
            for role in roles
        ]
        lines.append(f"| {apps.get_model(label)._meta.label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "Writes deploy/roles.md from the table of roles; with --check, says whether it is up to date."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, check, **options):
        if not check:
            PATH.write_text(document(), encoding="utf-8")
        elif not PATH.exists() or PATH.read_text(encoding="utf-8") != document():
            self.stderr.write("deploy/roles.md is out of date: run python manage.py roles")
            sys.exit(1)
