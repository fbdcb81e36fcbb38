"""The passages of each day over supporting documents: how fast, in how much memory, and what they read.

    python tests/benchmarks/sweep.py [--rows 2000000]

Documents are seeded as of a hundred days ago, so that some are over, some are about to be, and some files
are due today; then the passages run in another process, whose memory is theirs. On the PostgreSQL of
DATABASE_URL, else a throwaway SQLite file; at a fifth of the rows and at all of them. Prints one JSON line
for each measure; fails when something due is left or a second passage finds more, when memory grows with the
rows, or when PostgreSQL reads a whole table to find what is due; asserts no seconds.
"""

import argparse
import datetime
import json
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import (  # noqa: E402
    Counter,
    Stopwatch,
    apart,
    database,
    forget_peak,
    mib_now,
    peak_mib,
    prepare,
    told,
)

# What a peak may differ by between few and many rows: batches of 1,000 are what is held at once.
GROWTH_MIB = 40
SEEDED_DAYS_AGO = 100
# From here on no planner reads a whole table for the few that are due.
WORTH_AN_INDEX = 50_000
MEASURES = ("expire", "remind", "files")


@contextmanager
def silence(_name, _total):
    yield lambda done, new: None


def seed(rows):
    """So many documents with their accounts and history; the database stays for the measures."""
    prepare(fresh=True)
    from django.db import connection

    from backoffice.demo import scale
    from pratik.core.calendar import today

    with Stopwatch() as watch:
        scale.seed(
            seed=0,
            day=today() - datetime.timedelta(days=SEEDED_DAYS_AGO),
            documents=rows,
            progress=silence,
        )
    told("sweep", "seed", rows=rows, seconds=watch.seconds, peak_mib=round(peak_mib()))
    connection.close()


def sweep(rows):
    """Each passage, one after the other as in a night; prints its JSON line."""
    put_away = prepare(fresh=False)
    from django.db import connection

    from pratik.core.calendar import today
    from pratik.verification import services
    from pratik.verification.models import VerificationDocument

    day, documents = today(), VerificationDocument.objects
    passages = {
        "expire": (services.expire_documents, lambda: documents.past(day)),
        "remind": (
            services.remind_of_expiry,
            lambda: documents.expiring(day, day + datetime.timedelta(days=30)),
        ),
        "files": (services.delete_due_files, lambda: documents.files_due(day)),
    }
    # What the first query of a process loads is not a passage's.
    documents.first()
    for measure, (passage, due) in passages.items():
        asked = due()[:1_000]
        if connection.vendor == "postgresql" and rows >= WORTH_AN_INDEX:
            plan = asked.explain()
            if "Seq Scan" in plan or "document_" not in plan:
                raise SystemExit(f"{measure} reads a whole table:\n{plan}")
        number = due().count()
        forget_peak()
        before, queries = mib_now(), Counter()
        with connection.execute_wrapper(queries), Stopwatch() as watch:
            done = passage()
        peak = peak_mib()
        if not done or (measure != "remind" and (done != number or due().exists())):
            raise SystemExit(f"{measure}: {done} done of {number} due.")
        with Stopwatch() as again:
            if passage():
                raise SystemExit(f"{measure}: a second passage found more.")
        told(
            "sweep",
            measure,
            rows=rows,
            seconds=watch.seconds,
            due=number,
            due_per_second=round(number / watch.seconds),
            queries_per_thousand=queries.number * 1_000 / number,
            nothing_due_seconds=float(f"{again.seconds:.3g}"),
            peak_mib=round(peak),
            mib_before=round(before),
        )
    put_away()


def both(rows):
    """Seeds in one process and sweeps in another. Returns what the second printed, by measure."""
    with database() as environment:
        for part in ("seed", "sweep"):
            lines = apart(__file__, "--rows", rows, "--part", part, environment=environment)
    return {line["measure"]: line for line in lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--part", choices=("seed", "sweep"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        return globals()[options.part](options.rows)
    # Accounts come with all their documents, eight each.
    few, many = (both(rows - rows % 8) for rows in (options.rows // 5, options.rows))
    for measure in MEASURES:
        growth = many[measure]["peak_mib"] - few[measure]["peak_mib"]
        print(json.dumps({"bench": "sweep", "measure": f"{measure} growth", "peak_mib": growth}), flush=True)
        if growth > GROWTH_MIB:
            raise SystemExit(f"Memory grows with the rows: {few[measure]} {many[measure]}")


if __name__ == "__main__":
    main()
