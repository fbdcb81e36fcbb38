"""Deciding on supporting documents in bulk, beside a loop that saves each object.

    python tests/benchmarks/documents.py [--rows 10000] [--loop-rows 10000]

Both accept the same kind of documents (complete files of landlords), with history, badges and notices, each
in a process of its own, so that its peak of memory is its own; into an empty database (on the PostgreSQL of
DATABASE_URL, else a throwaway SQLite file). The loop is what one would write with Django alone: for each
document a `save()`, and for its owner the question whether the file is complete now. Prints one JSON line per
measure; fails when the queries for each 1,000 rows grow with the rows, and asserts no seconds.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import (  # noqa: E402
    Counter,
    Stopwatch,
    apart,
    database,
    peak_mib,
    prepare,
    summed_up,
    told,
)

PER_OWNER = 3
MEASURES = ("approve", "approve_loop", "reject", "reject_loop")


def make_world(rows):
    """A verifier, and so many documents that wait for their review, three of each landlord."""
    import datetime

    from pratik.accounts.enums import AccountType, StaffRole
    from pratik.accounts.models import User
    from pratik.accounts.services import create_account, system_actor
    from pratik.core.calendar import today
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.core.writes import create_rows
    from pratik.verification.enums import DocumentType
    from pratik.verification.models import VerificationDocument
    from pratik.verification.services import load_requirements

    system = system_actor()
    load_requirements(actor=system, path=ROOT / "fixtures" / "reference" / "verification_requirements.csv")
    verifier = create_account(
        actor=system,
        email="bench@pratik.example",
        account_type=AccountType.STAFF,
        staff_role=StaffRole.VERIFIER,
    )
    kinds = (DocumentType.ID_CARD, DocumentType.PROPERTY_PROOF, DocumentType.ADDRESS_PROOF)
    with operation(kind=OperationKind.SETUP, actor=system, subject=VerificationDocument):
        owners = create_rows(
            User(
                email=f"p{number}@pratik.example",
                first_name="Camille",
                last_name=f"Bailleur {number}",
                account_type=AccountType.LANDLORD,
                password="!",
            )
            for number in range(-(-rows // PER_OWNER))
        )
        documents = [
            VerificationDocument(
                owner=owner,
                submitted_by=owner,
                document_type=kind,
                issued_on=today() - datetime.timedelta(days=10),
                expires_on=today() + datetime.timedelta(days=100 + number % 200),
                file=f"documents/{number:08d}{place}.pdf",
                file_name="piece.pdf",
                content_type="application/pdf",
                size=80_000,
                pages=1,
                sha256=f"{number * PER_OWNER + place:064x}",
            )
            for number, owner in enumerate(owners)
            for place, kind in enumerate(kinds)
        ]
        create_rows(documents[:rows])
    return verifier, [row.pk for row in documents[:rows]]


def run_queue():
    """Has what was put off done."""
    from django.utils.module_loading import import_string
    from django_q.models import OrmQ

    while waiting := OrmQ.objects.order_by("pk").first():
        task = waiting.task
        waiting.delete()
        if task["func"].startswith("pratik.verification"):
            import_string(task["func"])(*task["args"], **task["kwargs"])


def approve(verifier, pks):
    from pratik.verification.services import approve_documents

    outcome = approve_documents(actor=verifier, pks=pks)
    run_queue()
    return len(outcome.changed)


def reject(verifier, pks):
    from pratik.verification.enums import RejectionReason
    from pratik.verification.services import reject_documents

    outcome = reject_documents(actor=verifier, pks=pks, why=RejectionReason.UNREADABLE)
    run_queue()
    return len(outcome.changed)


def approve_loop(verifier, pks):
    """One object after the other, as one writes it with Django alone; the same rows, history and notices."""
    from django.utils import timezone

    from pratik.accounts.enums import VerificationState
    from pratik.accounts.models import User
    from pratik.core.calendar import today
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.notifications.services import tell
    from pratik.verification import notices
    from pratik.verification.enums import DocumentState
    from pratik.verification.models import VerificationDocument
    from pratik.verification.reports import needs_by_type, standing

    with operation(kind=OperationKind.TRANSITION, actor=verifier, verb="approve") as running:
        for pk in pks:
            document = VerificationDocument.objects.select_related("owner").get(pk=pk)
            document.state, document.is_in_force = DocumentState.APPROVED, True
            document.decided_by, document.decided_at = verifier, timezone.now()
            document.save()
            tell(drafts=[notices.approved(document, running.row)])
            held = VerificationDocument.objects.filter(owner=document.owner).in_force(today())
            found = standing(
                needs_by_type()[document.owner.account_type],
                dict(held.values_list("document_type", "expires_on")),
            )
            if found.complete:
                owner = User.objects.get(pk=document.owner_id)
                owner.verification, owner.verified_until = VerificationState.VERIFIED, found.until
                owner.verified_by, owner.verified_at = verifier, timezone.now()
                owner.save()
                tell(drafts=[notices.badge_given(owner, running.row.pk)])
    return len(pks)


def reject_loop(verifier, pks):
    from django.utils import timezone

    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.notifications.services import tell
    from pratik.verification import notices
    from pratik.verification.enums import DocumentState, RejectionReason
    from pratik.verification.models import VerificationDocument

    with operation(kind=OperationKind.TRANSITION, actor=verifier, verb="reject") as running:
        for pk in pks:
            document = VerificationDocument.objects.select_related("owner").get(pk=pk)
            document.state = DocumentState.REJECTED
            document.rejection_reason = RejectionReason.UNREADABLE
            document.decided_by, document.decided_at = verifier, timezone.now()
            document.save()
            tell(drafts=[notices.rejected(document, running.row)])
    return len(pks)


def measure(name, rows):
    """One measure, in this process."""
    put_away = prepare()

    from pratik.notifications.models import Notice

    verifier, pks = make_world(rows)
    before = peak_mib()
    with Stopwatch() as watch:
        done = globals()[name](verifier, pks)
    if done != rows or Notice.objects.count() < rows:
        raise SystemExit(f"{name}: {done} of {rows} rows, {Notice.objects.count()} notices.")
    told(
        "documents",
        name,
        rows=rows,
        seconds=watch.seconds,
        peak_mib=round(peak_mib()),
        mib_before=round(before),
    )
    put_away()


def count_queries(rows):
    """How many queries so many documents take, notices included."""
    put_away = prepare()
    from django.db import connection

    verifier, pks = make_world(rows)
    queries = Counter()
    with connection.execute_wrapper(queries):
        approve(verifier, pks)
    number = queries.number
    told("documents", "approve_queries", rows=rows, queries=number, queries_per_thousand=number * 1000 / rows)
    put_away()


def alone(name, rows):
    """One measure in a process of its own, on an empty database. Returns its line."""
    with database() as environment:
        (line,) = apart(__file__, "--measure", name, "--rows", rows, environment=environment)
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--loop-rows", type=int, help="fewer rows for the loops")
    parser.add_argument("--measure", choices=(*MEASURES, "queries"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure == "queries":
        return count_queries(options.rows)
    if options.measure:
        return measure(options.measure, options.rows)
    loop_rows = options.loop_rows or options.rows
    found = {name: alone(name, loop_rows if name.endswith("_loop") else options.rows) for name in MEASURES}
    few, many = alone("queries", options.rows // 10), alone("queries", options.rows)
    if many["queries_per_thousand"] > few["queries_per_thousand"]:
        raise SystemExit(f"Queries grow with the rows: {few} {many}")
    for verb in ("approve", "reject"):
        ratio = found[verb]["rows_per_second"] / max(1, found[f"{verb}_loop"]["rows_per_second"])
        summed_up("documents", f"{verb}_ratio", ratio=ratio)


if __name__ == "__main__":
    main()
