"""Telling companies what changed for the students whom they follow: how fast, and in how much memory.

    python tests/benchmarks/followers.py [--followers 100000] [--students 100]

Members of companies follow students; a bulk action changes them all, and the queue's task tells everybody, in
batches. Into an empty database (on the PostgreSQL of DATABASE_URL, else a throwaway SQLite file), the telling
in a process of its own, so that its peak of memory is its own. Prints one JSON line for each measure; fails
when somebody is not told exactly once, or when memory or the queries for each 1,000 grow with the followers;
asserts no seconds.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import Counter, Stopwatch, apart, database, peak_mib, prepare, summed_up, told  # noqa: E402

# What a peak may differ by between few and many followers: batches of 5,000 are what is held at once.
GROWTH_MIB = 40


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


def record(followers, students):
    """Makes the world and changes the students, with what is kept of the changes; prints its JSON line.

    The database stays for the measure that follows.
    """
    prepare(fresh=True)
    from django.db import connection

    from pratik.tracking.models import ProfileChange

    editor, pks = make_world(followers, students)
    with Stopwatch() as watch:
        change(editor, pks)
    if ProfileChange.objects.count() != students:
        raise SystemExit(f"{ProfileChange.objects.count()} changes of {students} students.")
    told("followers", "record", rows=students, seconds=watch.seconds)
    connection.close()


def tell(followers, students):
    """Tells everybody, in a process whose memory is not that of the world's making; prints its JSON line."""
    put_away = prepare(fresh=False)
    from django.db import connection

    from pratik.notifications.models import Notice
    from pratik.tracking import services
    from pratik.tracking.models import Dispatch

    operation_pk = Dispatch.objects.get().pk
    before, queries = peak_mib(), Counter()
    with connection.execute_wrapper(queries), Stopwatch() as watch:
        done = services.tell_followers(operation_pk=operation_pk)
    peak, notices = peak_mib(), Notice.objects.count()
    if done != followers or notices != followers:
        raise SystemExit(f"{done} told, {notices} notices, for {followers} followers.")
    Dispatch.objects.update(finished_at=None, last_follow=0, last_member=0)
    if services.tell_followers(operation_pk=operation_pk) or Notice.objects.count() != followers:
        raise SystemExit("Asked a second time, somebody was told twice.")
    told(
        "followers",
        "tell",
        rows=followers,
        seconds=watch.seconds,
        students=students,
        batch=services.TOLD_AT_ONCE,
        queries_per_thousand=queries.number * 1000 / followers,
        peak_mib=round(peak),
        mib_before=round(before),
    )
    put_away()


def both(followers, students):
    """Makes a world in one process and tells its followers in another. Returns what the second printed."""
    with database() as environment:
        for measure in ("record", "tell"):
            arguments = ["--followers", followers, "--students", students, "--measure", measure]
            lines = apart(__file__, *arguments, environment=environment)
    return lines[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--followers", type=int, default=100_000)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--measure", choices=("record", "tell"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        return globals()[options.measure](options.followers, options.students)
    few, many = (both(number, options.students) for number in (options.followers // 5, options.followers))
    growth = many["peak_mib"] - few["peak_mib"]
    summed_up("followers", "growth", peak_mib=growth)
    if growth > GROWTH_MIB:
        raise SystemExit(f"Memory grows with the followers: {few} {many}")
    if many["queries_per_thousand"] > few["queries_per_thousand"]:
        raise SystemExit(f"Queries grow with the followers: {few} {many}")


if __name__ == "__main__":
    main()
