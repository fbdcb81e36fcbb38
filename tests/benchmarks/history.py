"""What a growing history costs, and how fast versions go whose time is over.

    python tests/benchmarks/history.py [--lines 10000000] [--calendars 1000000] [--written 5000]

Calendars are seeded, and further lines of their history over six years; writing in sets and the history page
are measured before and after, then what is older than a year is pruned, as if one year were kept. On the
PostgreSQL of DATABASE_URL, else a throwaway SQLite file. Prints one JSON line for each measure; fails when a
second passage finds more, when a line was pruned that stays, or when memory grows with the lines; asserts no
seconds.
"""

import argparse
import os
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import (  # noqa: E402
    Counter,
    Stopwatch,
    database,
    forget_peak,
    mib_now,
    peak_mib,
    prepare,
    told,
)

# What pruning may hold at once, however many lines there are.
GROWTH_MIB = 40
PAGES = 5


@contextmanager
def silence(_name, _total):
    yield lambda done, new: None


def write(number, editor):
    """Seconds that one change of so many calendars takes, with its history; taken back afterwards."""
    from django.db import transaction

    from pratik.calendars.models import InternshipCalendar
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.core.writes import set_columns

    pks = list(InternshipCalendar.objects.order_by("pk").values_list("pk", flat=True)[:number])
    with Stopwatch() as watch, transaction.atomic():
        with operation(kind=OperationKind.EDIT, actor=editor, subject=InternshipCalendar):
            set_columns(InternshipCalendar, pks, number_of_students=17)
        transaction.set_rollback(True)
    return len(pks), watch.seconds


def page(editor):
    """Seconds and queries of the history page of the calendar with most lines, the quickest of some."""
    from django.db import connection
    from django.test import Client

    from pratik.calendars.models import InternshipCalendar

    client = Client()
    client.force_login(editor)
    pk = InternshipCalendar.objects.order_by("pk").values_list("pk", flat=True)[0]
    seconds, queries = [], Counter()
    for _time in range(PAGES):
        queries.number = 0
        with connection.execute_wrapper(queries), Stopwatch() as watch:
            answer = client.get(f"/console/calendars/internshipcalendar/{pk}/history/")
        if answer.status_code != 200:
            raise SystemExit(f"The history page answered {answer.status_code}.")
        seconds.append(watch.seconds)
    return min(seconds), queries.number


def size():
    """Bytes of the history of calendars with its indexes; None where the database does not say."""
    from django.db import connection

    from pratik.calendars.models import InternshipCalendar

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        table = InternshipCalendar.history.model._meta.db_table
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        return cursor.fetchone()[0]


def measure(lines, calendars, written):
    put_away = prepare(fresh=True)
    from django.test import override_settings

    from backoffice.demo import scale
    from pratik.accounts.enums import AccountType, StaffRole
    from pratik.accounts.services import create_account, system_actor
    from pratik.calendars.models import InternshipCalendar
    from pratik.core.history_pruning import kept_since, prune_history

    editor = create_account(
        actor=system_actor(),
        email="bench@pratik.example",
        account_type=AccountType.STAFF,
        staff_role=StaffRole.EDITOR,
    )
    history = InternshipCalendar.history
    with Stopwatch() as watch:
        scale.seed(seed=0, calendars=calendars, progress=silence)
    told("history", "seed calendars", rows=calendars, seconds=watch.seconds)
    page(editor)
    for old in (0, lines):
        if old:
            with Stopwatch() as watch:
                scale.seed(seed=0, calendars=calendars, history=old, progress=silence)
            told("history", "seed lines", rows=old, seconds=watch.seconds)
        number = history.count()
        rows, seconds = write(written, editor)
        told("history", "write", rows=rows, seconds=seconds, old_lines=old)
        seconds, queries = page(editor)
        told("history", "page", milliseconds=seconds * 1_000, queries=queries, old_lines=old)
        if (held := size()) is not None:
            told("history", "size", old_lines=old, mib=held / 2**20, bytes_a_line=held / number)
    with override_settings(HISTORY_KEPT_YEARS=1):
        old = history.filter(history_date__lt=kept_since()).count()
        forget_peak()
        before = mib_now()
        with Stopwatch() as watch:
            done = prune_history(actor=editor)
        grown = peak_mib() - before
        left = history.filter(history_date__lt=kept_since()).count()
        with Stopwatch() as again:
            if prune_history(actor=editor):
                raise SystemExit("A second passage found more.")
    # The first version of each calendar, and the last from before the time where that is another one.
    if left > 2 * calendars or old - done != left:
        raise SystemExit(f"{done} pruned of {old}, {left} left of {calendars} calendars.")
    told(
        "history",
        "prune",
        rows=done,
        seconds=watch.seconds,
        of_lines=old,
        nothing_due_seconds=float(f"{again.seconds:.3g}"),
        peak_mib=round(before + grown),
        mib_before=round(before),
    )
    put_away()
    if grown > GROWTH_MIB:
        raise SystemExit(f"Pruning holds {grown:.0f} MiB.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--calendars", type=int, default=1_000_000)
    parser.add_argument("--written", type=int, default=5_000)
    options = parser.parse_args()
    with database() as environment:
        os.environ.pop("TEST_DATABASE_URL", None)
        os.environ.update(environment)
        measure(options.lines, options.calendars, options.written)


if __name__ == "__main__":
    main()
