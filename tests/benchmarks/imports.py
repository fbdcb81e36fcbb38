"""PRATIK's import against the stock one of django-import-export, on the same file in the same run.

    python tests/benchmarks/imports.py [--rows 10000] [--stock-rows 10000]

Both read a CSV file of internship calendars, make a preview and write the rows with their history, then do
it again with every row changed, into the same empty database (DATABASE_URL, else a throwaway SQLite file).
The stock side is a plain ModelResource with django-simple-history, skip_unchanged, and foreign keys found
by their natural key, as its documentation shows it. Prints both and the ratio; asserts no seconds.
"""

import argparse
import csv
import datetime
import io
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SCHOOLS = 40


def prepare():
    """Django on a database of its own; returns the folder to throw away, or None."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pratik.settings.test")
    folder = None
    if not os.environ.get("DATABASE_URL") and not os.environ.get("TEST_DATABASE_URL"):
        folder = tempfile.TemporaryDirectory()
        os.environ["DATABASE_URL"] = f"sqlite:///{folder.name}/bench.sqlite3"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    return folder


def make_world():
    """An editor and some schools."""
    from pratik.accounts.enums import AccountType, StaffRole
    from pratik.accounts.models import User
    from pratik.accounts.services import create_account, system_actor
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.core.writes import create_rows
    from pratik.schools.models import SchoolProfile

    system = system_actor()
    editor = User.objects.filter(email="bench@pratik.example").first() or create_account(
        actor=system,
        email="bench@pratik.example",
        account_type=AccountType.STAFF,
        staff_role=StaffRole.EDITOR,
    )
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    codes = [f"{number:07d}{letters[number % 23]}" for number in range(9_739_000, 9_739_000 + SCHOOLS)]
    known = set(SchoolProfile.objects.values_list("uai", flat=True))
    with operation(kind=OperationKind.SETUP, actor=system, subject=SchoolProfile):
        create_rows(
            SchoolProfile(uai=code, name=f"Lycée {code}", kind="lycee") for code in codes if code not in known
        )
    return editor, codes


def calendar_file(codes, rows, students):
    """The bytes of a CSV file of calendars, one row for each programme and start."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        ["UAI", "Filière", "Niveau", "Début", "Fin", "Effectif", "Compétences", "Description", "Visible"]
    )
    levels = ["BTS 1re année", "BTS 2e année", "1re bac pro", "CAP 2e année", "L3"]
    for number in range(rows):
        start = datetime.date(2026, 9, 7) + datetime.timedelta(weeks=number % 40)
        end = start + datetime.timedelta(days=25)
        writer.writerow(
            [
                codes[number % len(codes)],
                f"Filière {number // 40:05d}",
                levels[number % len(levels)],
                f"{start:%d/%m/%Y}",
                f"{end:%d/%m/%Y}",
                students + number % 20,
                "Accueil | Vente | Rédaction",
                "Stage obligatoire de fin d’année.",
                "oui",
            ]
        )
    return out.getvalue().encode()


@contextmanager
def timed(label, results):
    start = time.perf_counter()
    yield
    results[label] = time.perf_counter() - start


def run_pratik(editor, content):
    """Preview, then write, as the console does: the file is read anew for each."""
    from backoffice.base.imports.engine import build_plan, write_plan
    from backoffice.base.imports.reading import read_file
    from backoffice.calendars.resources import CalendarResource

    results = {}
    with timed("preview", results):
        plan = build_plan(CalendarResource(actor=editor), read_file(name="calendars.csv", content=content))
        plan.digest  # noqa: B018 - the preview's page shows it
    if plan.problems or plan.refused:
        raise SystemExit(f"The bench's file is refused: {plan.problems} {plan.refused[:3]}")
    with timed("write", results):
        plan = build_plan(CalendarResource(actor=editor), read_file(name="calendars.csv", content=content))
        write_plan(plan)
    return results


def stock_resource():
    """The resource that a project would write from django-import-export's documentation."""
    from import_export import fields, resources, widgets

    from pratik.calendars.models import InternshipCalendar
    from pratik.reference.levels import read_level
    from pratik.schools.models import SchoolProfile

    class StockResource(resources.ModelResource):
        school = fields.Field("school", "UAI", widgets.ForeignKeyWidget(SchoolProfile, "uai"))
        program_name = fields.Field("program_name", "Filière")
        start_on = fields.Field("start_on", "Début", widgets.DateWidget("%d/%m/%Y"))
        end_on = fields.Field("end_on", "Fin", widgets.DateWidget("%d/%m/%Y"))
        number_of_students = fields.Field("number_of_students", "Effectif", widgets.IntegerWidget())
        description = fields.Field("description", "Description")

        class Meta:
            model = InternshipCalendar
            fields = ("school", "program_name", "start_on", "end_on", "number_of_students", "description")
            import_id_fields = ("school", "program_name", "start_on")
            skip_unchanged = True
            clean_model_instances = True

        def after_init_instance(self, instance, new, row, **kwargs):
            read = read_level(row["Niveau"])
            instance.level, instance.diploma, instance.year_in_cycle = (
                read.level,
                read.diploma,
                read.year_in_cycle,
            )
            instance.skills_sought = [skill.strip() for skill in row["Compétences"].split("|")]

    return StockResource


def run_stock(editor, content):
    """Dry run, then import, each in a transaction, as the stock admin does."""
    import tablib

    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation

    results = {}
    for step, dry_run in (("preview", True), ("write", False)):
        with timed(step, results):
            dataset = tablib.import_set(content.decode(), format="csv", delimiter=";")
            with operation(kind=OperationKind.IMPORT, actor=editor) as running:
                # Written first, since a dry run rolls back what comes after.
                assert running.row
                result = stock_resource()().import_data(dataset, dry_run=dry_run, use_transactions=True)
            if result.has_errors() or result.has_validation_errors():
                raise SystemExit(f"The stock import failed: {result.base_errors} {result.row_errors()[:1]}")
    return results


def empty():
    """Takes all calendars and their history away between two runs."""
    from django.db import models

    from pratik.calendars.models import InternshipCalendar

    for model in (InternshipCalendar, InternshipCalendar.history.model):
        rows = models.QuerySet(model)
        rows._raw_delete(rows.db)


def history_rows():
    from pratik.calendars.models import InternshipCalendar

    return InternshipCalendar.history.model.objects.count()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument(
        "--stock-rows", type=int, help="fewer rows for the stock side, scaled up in the ratio"
    )
    options = parser.parse_args()
    stock_rows = options.stock_rows or options.rows
    folder = prepare()
    from django.db import connection

    from pratik.calendars.models import InternshipCalendar
    from tests.benchmarks.memory import peak_mib

    if InternshipCalendar.objects.exists():
        raise SystemExit("The bench empties the table of calendars: give it a database without any.")
    editor, codes = make_world()
    print(f"{connection.vendor}, {options.rows} calendars, history kept")
    print(f"{'':24}{'preview':>10}{'write':>10}{'total':>10}{'rows/s':>10}")
    totals = {}
    for name, run, rows in (("PRATIK", run_pratik, options.rows), ("stock", run_stock, stock_rows)):
        empty()
        for what, students in (("new rows", 10), ("changed rows", 40)):
            before = history_rows()
            results = run(editor, calendar_file(codes, rows, students))
            if history_rows() - before != rows:
                raise SystemExit(f"{name} kept {history_rows() - before} lines of history for {rows} rows.")
            total = sum(results.values())
            totals[name, what] = total / rows
            print(
                f"{name + ', ' + what:24}{results['preview']:>9.2f}s{results['write']:>9.2f}s{total:>9.2f}s"
                f"{rows / total:>10.0f}"
            )
    for what in ("new rows", "changed rows"):
        print(f"ratio, {what}: {totals['stock', what] / totals['PRATIK', what]:.1f}")
    print(f"peak memory of the whole run: {peak_mib():.0f} MiB")
    empty()
    connection.close()
    if folder:
        folder.cleanup()


if __name__ == "__main__":
    main()
