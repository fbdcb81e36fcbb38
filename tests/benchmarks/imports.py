"""PRATIK's import beside the stock one of django-import-export, and beside COPY, in the same run.

    python tests/benchmarks/imports.py [--rows 50000] [--stock-rows 3000] [--many-rows 500000]

Each reads a CSV file of internship calendars, makes a preview and writes the rows with their history, then
does it again with every row changed, into the same empty database, and takes both back.
The stock side is a plain ModelResource with django-simple-history, skip_unchanged, and foreign keys found
by their natural key, as its documentation shows it; it has fewer rows, and is compared by rows per second.
The other side is what the bytes cost: a bare COPY of the same rows and of their history. Memory is that of
a process that imports a file and does nothing else, above what it held before; with `--many-rows` also for a
file that is so much longer. Prints one JSON line for each measure; fails when memory grows with the rows.
"""

import argparse
import csv
import datetime
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import (  # noqa: E402
    Stopwatch,
    apart,
    database,
    forget_peak,
    mib_now,
    peak_mib,
    prepare,
    told,
)

SCHOOLS = 40
FULL_SIZE = 50_000
LEAST_TIMES_STOCK, MOST_TIMES_COPY = 20, 8
# What an import may hold above an idle process, however long its file.
ABOVE_IDLE_MIB = 150


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


def calendar_rows(codes, rows, students):
    """The cells of a file of calendars, titles first: one row for each programme and start."""
    yield ["UAI", "Filière", "Niveau", "Début", "Fin", "Effectif", "Compétences", "Description", "Visible"]
    levels = ["BTS 1re année", "BTS 2e année", "1re bac pro", "CAP 2e année", "L3"]
    for number in range(rows):
        start = datetime.date(2026, 9, 7) + datetime.timedelta(weeks=number % 40)
        end = start + datetime.timedelta(days=25)
        yield [
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


def make_file(folder, kind, codes, rows, students):
    """A file of calendars on the disk."""
    path = Path(folder) / f"calendars-{rows}-{students}.{kind}"
    cells = calendar_rows(codes, rows, students)
    if kind == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";").writerows(cells)
    else:
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("Calendriers")
        for row in cells:
            sheet.append(row)
        book.save(path)
    return path


def read_through(editor, path, *, write):
    """Goes through a file as the console does: in batches, holding none; writes them or not."""
    from django.db import transaction

    from backoffice.base.imports.engine import open_plan, planned, write_table
    from backoffice.base.imports.reading import open_file
    from backoffice.calendars.resources import CalendarResource

    resource = CalendarResource(actor=editor)
    with (
        transaction.atomic(),
        path.open("rb") as file,
        open_file(name=path.name, content=file, score=resource.known_in) as table,
    ):
        plan = open_plan(resource, table)
        if write:
            operation = write_table(plan, table)
        else:
            operation = None
            for _batch in planned(plan, table):
                pass
    if plan.problems or plan.counts["refused"]:
        raise SystemExit(f"The bench's file is refused: {plan.problems} {plan.counts}")
    return operation


def run_pratik(editor, path):
    """Preview, then write: the file is read anew for each. Returns (seconds of each, the operation)."""
    with Stopwatch() as preview:
        read_through(editor, path, write=False)
    with Stopwatch() as write:
        row = read_through(editor, path, write=True)
    return {"preview": preview.seconds, "write": write.seconds}, row


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


def run_stock(editor, path):
    """Dry run, then import, each in a transaction, as the stock admin does."""
    import tablib

    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation

    results = {}
    for step, dry_run in (("preview", True), ("write", False)):
        with Stopwatch() as watch:
            dataset = tablib.import_set(path.read_text(encoding="utf-8"), format="csv", delimiter=";")
            with operation(kind=OperationKind.IMPORT, actor=editor) as running:
                # Written first, since a dry run rolls back what comes after.
                assert running.row
                result = stock_resource()().import_data(dataset, dry_run=dry_run, use_transactions=True)
            if result.has_errors() or result.has_validation_errors():
                raise SystemExit(f"The stock import failed: {result.base_errors} {result.row_errors()[:1]}")
        results[step] = watch.seconds
    return results


def copy_seconds():
    """What the bytes cost: a bare COPY of the same rows and of their lines of history into the same tables,
    emptied before and put back afterwards.
    """
    from django.db import connection, transaction

    from pratik.calendars.models import InternshipCalendar

    history = InternshipCalendar.history.model._meta.db_table
    last = f"history_id IN (SELECT max(history_id) FROM {history} GROUP BY id)"
    seconds = 0
    with transaction.atomic(), connection.cursor() as cursor, tempfile.TemporaryDirectory() as folder:
        kept = {InternshipCalendar._meta.db_table: "true", history: last}
        for table, which in kept.items():
            with cursor.copy(f"COPY (SELECT * FROM {table} WHERE {which}) TO STDOUT") as out:
                Path(folder, table).write_bytes(b"".join(out))
            cursor.execute(f"TRUNCATE {table} CASCADE")
        for table in kept:
            with Stopwatch() as watch, cursor.copy(f"COPY {table} FROM STDIN") as into:
                into.write(Path(folder, table).read_bytes())
            seconds += watch.seconds
        transaction.set_rollback(True)
    return seconds


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


def measure(rows, stock_rows, folder):
    """New rows, changed rows and their undoing, beside COPY and the stock import."""
    from django.db import connection

    from pratik.core.undo import undo_operation

    editor, codes = make_world()
    done, seen, broken = [], {}, []
    for what, students in (("new", 10), ("changed", 40)):
        path = make_file(folder, "csv", codes, rows, students)
        before = history_rows()
        steps, row = run_pratik(editor, path)
        if history_rows() - before != rows:
            raise SystemExit(f"{history_rows() - before} lines of history for {rows} rows.")
        seconds = seen[what] = sum(steps.values())
        figures = dict(steps)
        if connection.vendor == "postgresql":
            figures["ratio_to_copy"] = seconds / copy_seconds()
            if figures["ratio_to_copy"] > MOST_TIMES_COPY:
                broken.append(f"{what}: {figures['ratio_to_copy']:.1f} times COPY.")
        told("imports", what, rows=rows, seconds=seconds, **figures)
        done.append((what, row))
    for what, row in reversed(done):
        with Stopwatch() as watch:
            report = undo_operation(actor=editor, operation=row)
        if report.done != rows or report.left:
            raise SystemExit(f"{report.done} of {rows} rows were taken back.")
        told("imports", f"undo_{what}", rows=rows, seconds=watch.seconds, ratio=watch.seconds / seen[what])
        if watch.seconds > seen[what]:
            broken.append(f"{what}: undone in {watch.seconds:.1f} s, made in {seen[what]:.1f} s.")
    empty()
    for what, students in (("new", 10), ("changed", 40)):
        steps = run_stock(editor, make_file(folder, "csv", codes, stock_rows, students))
        seconds = sum(steps.values())
        ratio = (rows / seen[what]) / (stock_rows / seconds)
        told("imports", f"stock_{what}", rows=stock_rows, seconds=seconds, **steps, times_as_slow=ratio)
        if ratio < LEAST_TIMES_STOCK:
            broken.append(f"{what}: {ratio:.1f} times as fast as the stock.")
    empty()
    if broken and rows >= FULL_SIZE:
        raise SystemExit("\n".join(broken))


def measure_memory(rows, kind, folder):
    """The most memory that one import, and its undoing, hold above what the process held before it."""
    from pratik.core.undo import undo_operation

    editor, codes = make_world()
    warm_up = make_file(folder, kind, codes, 300, 10)
    run_pratik(editor, warm_up)
    empty()
    path = make_file(folder, kind, codes, rows, 10)
    idle = mib_now()
    forget_peak()
    steps, row = run_pratik(editor, path)
    above = peak_mib() - idle
    seconds = sum(steps.values())
    told(
        "imports",
        f"memory_{kind}",
        rows=rows,
        seconds=seconds,
        above_idle_mib=round(above),
        idle_mib=round(idle),
    )
    if kind == "csv":
        forget_peak()
        with Stopwatch() as watch:
            report = undo_operation(actor=editor, operation=row)
        if report.removed != rows:
            raise SystemExit(f"{report.removed} rows taken back of {rows}.")
        told(
            "imports",
            "memory_undo",
            rows=rows,
            seconds=watch.seconds,
            above_idle_mib=round(peak_mib() - idle),
            idle_mib=round(idle),
        )
    empty()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=FULL_SIZE)
    parser.add_argument("--stock-rows", type=int, default=3_000, help="fewer rows for the stock side")
    parser.add_argument("--many-rows", type=int, help="also the memory of a file of so many rows")
    parser.add_argument("--part", choices=("speed", "csv", "xlsx"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        put_away = prepare()
        with tempfile.TemporaryDirectory() as folder:
            if options.part == "speed":
                measure(options.rows, options.stock_rows, folder)
            else:
                measure_memory(options.rows, options.part, folder)
        return put_away()
    with database() as environment:
        stock = ["--stock-rows", options.stock_rows]
        apart(__file__, "--part", "speed", "--rows", options.rows, *stock, environment=environment)
    for kind in ("csv", "xlsx"):
        for rows in filter(None, (options.rows, options.many_rows)):
            with database() as environment:
                line, *_undoing = apart(__file__, "--part", kind, "--rows", rows, environment=environment)
            if line["above_idle_mib"] >= ABOVE_IDLE_MIB:
                raise SystemExit(f"{line['above_idle_mib']} MiB above idle for {rows} rows.")


if __name__ == "__main__":
    main()
