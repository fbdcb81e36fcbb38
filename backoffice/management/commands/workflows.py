import sys

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from pratik.core.history import tracked_models
from pratik.core.workflow import mermaid

PATH = settings.BASE_DIR / "deploy" / "workflows.md"
HEAD = """# What may follow what

Made from the tables in each area's `workflow.py` by `python manage.py workflows`; a test keeps it true.
"""


def document():
    """The diagrams and tables of every workflow, as Markdown."""
    parts = [HEAD]
    with translation.override("fr"):
        for label, model in sorted(tracked_models().items()):
            workflow = getattr(model, "workflow", None)
            if workflow is None:
                continue
            lines = [
                f"## {label}: {model._meta.verbose_name}",
                "",
                "```mermaid",
                mermaid(workflow),
                "```",
                "",
                "| verb | label | from | to | who | reason |",
                "|---|---|---|---|---|---|",
            ]
            for transition in workflow.transitions:
                sources = [state for state in workflow.states.values if transition.leads_from(state)]
                lines.append(
                    f"| {transition.verb} | {transition.label} | {', '.join(sources)} | {transition.target} "
                    f"| {', '.join(sorted(transition.who))} | {'yes' if transition.needs_reason else 'no'} |"
                )
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


class Command(BaseCommand):
    help = "Writes deploy/workflows.md from the tables; with --check, says whether it is up to date."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, check, **options):
        if not check:
            PATH.write_text(document(), encoding="utf-8")
        elif not PATH.exists() or PATH.read_text(encoding="utf-8") != document():
            self.stderr.write("deploy/workflows.md is out of date: run python manage.py workflows")
            sys.exit(1)
