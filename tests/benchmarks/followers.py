"""Telling companies what changed for the students whom they follow: how fast, and in how much memory.

    python tests/benchmarks/followers.py [--followers 100000] [--students 100]

Members of companies follow students; a bulk action changes them all, and the queue's task tells everybody, in
batches. Into an empty database (on the PostgreSQL of DATABASE_URL, else a throwaway SQLite file), the telling
in a process of its own, so that its peak of memory is its own. Prints one JSON line for each measure; fails
when somebody is not told exactly once, or when memory or the queries for each 1,000 grow with the followers;
asserts no seconds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# What a peak may differ by between few and many followers: batches of 5,000 are what is held at once.
GROWTH_MIB = 40


def prepare(*, fresh):
    """Django on the database of DATABASE_URL: on a `fresh` one with its tables, or on the one made before.

    On a server it is a database of its own beside the one that is named, as the tests make it. Returns a
    function that leaves nothing behind.
    """
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pratik.settings.test")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        if fresh:
            call_command("migrate", verbosity=0, interactive=False)
        return connection.close
    named = connection.settings_dict["NAME"]
    if fresh:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    else:
        connection.settings_dict["NAME"] = connection.creation._get_test_db_name()
    return lambda: connection.creation.destroy_test_db(named, verbosity=0)


def make_world(followers, students):
    """So many students, each followed by companies of one member: as many follows as `followers`."""
    from django.utils import timezone

    from pratik.accounts.enums import AccountType, StaffRole
    from pratik.accounts.models import StudentProfile, User
    from pratik.accounts.services import create_account, system_actor
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.core.writes import create_rows
    from pratik.partners.models import CompanyMembership, CompanyProfile
    from pratik.tracking.enums import FollowState, Ground
    from pratik.tracking.models import Follow

    system = system_actor()
    editor = create_account(
        actor=system,
        email="bench@pratik.example",
        account_type=AccountType.STAFF,
        staff_role=StaffRole.EDITOR,
    )

    def people(kind, number):
        return create_rows(
            User(
                email=f"{kind}{place}@pratik.example",
                first_name="Camille",
                last_name=f"Essai {place}",
                account_type=kind,
                password="!",
            )
            for place in range(number)
        )

    def some(rows):
        return [rows[start : start + 5_000] for start in range(0, len(rows), 5_000)]

    with operation(kind=OperationKind.SETUP, actor=system, subject=Follow):
        profiles = create_rows(
            StudentProfile(user=user, level=5, diploma="BTS", year_in_cycle=1, domain="Commerce")
            for user in people(AccountType.STUDENT, students)
        )
        members = people(AccountType.COMPANY, -(-followers // students))
        companies = create_rows(
            CompanyProfile(name=f"Entreprise {place}", siret=f"{place:014d}", slug=f"entreprise-{place}")
            for place in range(len(members))
        )
        create_rows(
            CompanyMembership(organisation=company, user=user)
            for company, user in zip(companies, members, strict=True)
        )
        agreed = timezone.now()
        pairs = [(company, student) for company in companies for student in profiles][:followers]
        for batch in some(pairs):
            create_rows(
                Follow(
                    company=company,
                    student=student,
                    ground=Ground.PUBLIC,
                    state=FollowState.ACTIVE,
                    names_student=True,
                    agreed_at=agreed,
                    **{
                        f"{who}_{kind}": True
                        for who in ("wants", "shows")
                        for kind in ("level", "domain", "status")
                    },
                )
                for company, student in batch
            )
    return editor, [profile.pk for profile in profiles]


def change(editor, pks):
    """One operation changes the situation of all of them. Returns it."""
    from pratik.accounts.models import StudentProfile
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.core.writes import set_columns

    with operation(kind=OperationKind.EDIT, actor=editor, subject=StudentProfile) as running:
        set_columns(StudentProfile, pks, status="seeking")
    return running.written


class Counter:
    """Counts queries without keeping them."""

    number = 0

    def __call__(self, execute, sql, params, many, context):
        self.number += 1
        return execute(sql, params, many, context)


def record(followers, students):
    """Makes the world and changes the students, with what is kept of the changes; prints its JSON line.

    The database stays for the measure that follows.
    """
    prepare(fresh=True)
    from django.db import connection

    from pratik.tracking.models import ProfileChange

    editor, pks = make_world(followers, students)
    start = time.perf_counter()
    change(editor, pks)
    seconds = time.perf_counter() - start
    if ProfileChange.objects.count() != students:
        raise SystemExit(f"{ProfileChange.objects.count()} changes of {students} students.")
    told = {
        "bench": "followers",
        "measure": "record",
        "database": connection.vendor,
        "rows": students,
        "seconds": round(seconds, 2),
        "rows_per_second": round(students / seconds),
    }
    print(json.dumps(told), flush=True)
    connection.close()


def tell(followers, students):
    """Tells everybody, in a process whose memory is not that of the world's making; prints its JSON line."""
    put_away = prepare(fresh=False)
    from django.db import connection

    from pratik.notifications.models import Notice
    from pratik.tracking import services
    from pratik.tracking.models import Dispatch
    from tests.benchmarks.memory import peak_mib

    operation_pk = Dispatch.objects.get().pk
    before, queries = peak_mib(), Counter()
    with connection.execute_wrapper(queries):
        start = time.perf_counter()
        done = services.tell_followers(operation_pk=operation_pk)
        seconds = time.perf_counter() - start
    peak, notices = peak_mib(), Notice.objects.count()
    if done != followers or notices != followers:
        raise SystemExit(f"{done} told, {notices} notices, for {followers} followers.")
    Dispatch.objects.update(finished_at=None, last_follow=0, last_member=0)
    if services.tell_followers(operation_pk=operation_pk) or Notice.objects.count() != followers:
        raise SystemExit("Asked a second time, somebody was told twice.")
    told = {
        "bench": "followers",
        "measure": "tell",
        "database": connection.vendor,
        "rows": followers,
        "students": students,
        "batch": services.TOLD_AT_ONCE,
        "seconds": round(seconds, 2),
        "rows_per_second": round(followers / seconds),
        "queries_per_thousand": round(queries.number * 1000 / followers, 2),
        "peak_mib": round(peak),
        "mib_before": round(before),
    }
    print(json.dumps(told), flush=True)
    put_away()


def apart(followers, students):
    """Makes a world in one process and tells its followers in another. Returns what the second printed."""
    with tempfile.TemporaryDirectory() as folder:
        named = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL", "")
        url = named if named.startswith("postgres") else f"sqlite:///{folder}/bench.sqlite3"
        environment = {key: value for key, value in os.environ.items() if key != "TEST_DATABASE_URL"}
        for measure in ("record", "tell"):
            arguments = ["--followers", str(followers), "--students", str(students), "--measure", measure]
            done = subprocess.run(
                [sys.executable, __file__, *arguments],
                env=environment | {"DATABASE_URL": url},
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise SystemExit(done.stderr)
            print(done.stdout, end="", flush=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--followers", type=int, default=100_000)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--measure", choices=("record", "tell"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return globals()[options.measure](options.followers, options.students)
    few, many = (apart(number, options.students) for number in (options.followers // 5, options.followers))
    growth = many["peak_mib"] - few["peak_mib"]
    print(json.dumps({"bench": "followers", "measure": "growth", "peak_mib": growth}), flush=True)
    if growth > GROWTH_MIB:
        raise SystemExit(f"Memory grows with the followers: {few} {many}")
    if many["queries_per_thousand"] > few["queries_per_thousand"]:
        raise SystemExit(f"Queries grow with the followers: {few} {many}")


if __name__ == "__main__":
    main()
