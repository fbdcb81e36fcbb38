"""A worker that is killed between two batches, or in the midst of one: resumed, nobody told twice."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from pratik.core.queue import enqueue
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from pratik.tracking import services
from pratik.tracking.enums import ChangeKind
from pratik.tracking.models import Dispatch
from tests import factories as make
from tests.core.test_races import at_once, while_locked
from tests.kit.cluster import Cluster, until

from .conftest import by_form, fresh, in_bulk

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
FOLLOWERS = 24
BATCH = 5
PATIENCE = 180

# A worker that tells followers, and stops where it is told to: « between » two batches, or « within » one,
# its notices written and not committed. It says so, then waits to be killed.
WORKER = """
import sys, time
import django
django.setup()
from pratik.tracking import services
services.TOLD_AT_ONCE = {batch}
batches = 0
def stop():
    print("here", flush=True)
    time.sleep(600)
def told(drafts, tell=services.tell):
    global batches
    batches += 1
    number = tell(drafts=drafts)
    if "{where}" == "within" and batches == 3:
        stop()
    return number
def batch(pk, next_batch=services._tell_batch):
    if "{where}" == "between" and batches == 2:
        stop()
    return next_batch(pk)
services.tell, services._tell_batch = told, batch
services.tell_followers(operation_pk={pk})
"""


def worker(pk, where):
    """A process of its own on the test's database, up to where it stops."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    given = {
        "secret_key": settings.SECRET_KEY,
        "database": {name: connection.settings_dict[name] for name in names},
        "mail_port": 0,
        "guard_cycle": 0.2,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(pk=pk, where=where, batch=BATCH)],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "tests.cluster_settings", "TEST_CLUSTER": json.dumps(given)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().strip() == "here"
    return process


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.fixture
def followers(student):
    """The members of many companies that follow one student."""
    people = []
    for _ in range(FOLLOWERS // 2):
        company = make.company()
        people += [make.company_user(company), make.company_user(company)]
        make.follow(company=company, student=student, state="active")
    return people


def told():
    return Notice.objects.filter(kind=NoticeKind.PROFILE_CHANGED)


def each_once(followers):
    recipients = list(told().order_by("recipient").values_list("recipient", flat=True))
    return recipients == sorted(person.pk for person in followers)


@pytest.mark.parametrize("where", ["between", "within"])
def test_a_worker_that_is_killed_is_taken_over_and_nobody_is_told_twice(followers, student, where):
    done = by_form(student.user, student, status="seeking")
    process = worker(done.pk, where)
    assert told().count() == 2 * BATCH, "what a batch wrote counts once it is committed"
    kill(process)
    # The server notices the death of its client in its own time.
    assert until(
        lambda: services.tell_followers_left() >= 0 and not Dispatch.objects.unfinished().exists(), PATIENCE
    )
    assert each_once(followers)
    assert Dispatch.objects.get(operation=done).told == FOLLOWERS


def test_while_a_worker_is_at_it_another_leaves_it_alone(followers, student):
    done = by_form(student.user, student, status="seeking")
    process = worker(done.pk, "within")
    try:
        assert services.tell_followers(operation_pk=done.pk) == 0
    finally:
        kill(process)


def test_a_real_cluster_that_is_killed_is_taken_over_by_the_schedule(followers, student):
    """Whatever the first was at when it died, the task of the schedule tells those who are left."""
    done = in_bulk(student.user, [student], status="seeking")
    first = Cluster()
    try:
        assert until(lambda: first.workers, PATIENCE)
    finally:
        first.kill()
    enqueue("pratik.tracking.tasks.tell_followers_left")
    second = Cluster()
    try:
        assert until(lambda: not Dispatch.objects.unfinished().exists(), PATIENCE)
    finally:
        second.kill()
    assert each_once(followers)
    assert Dispatch.objects.get(operation=done).told == FOLLOWERS


def test_two_workers_at_the_same_moment_tell_each_once(followers, student, monkeypatch):
    monkeypatch.setattr(services, "TOLD_AT_ONCE", BATCH)
    done = by_form(student.user, student, status="seeking")
    numbers = at_once(*[lambda: services.tell_followers(operation_pk=done.pk)] * 3)
    services.tell_followers(operation_pk=done.pk)
    assert sum(numbers) <= FOLLOWERS
    assert each_once(followers)


# Consent and change at the same moment


def test_a_change_waits_for_an_agreement_that_is_being_given_and_is_told(student):
    company = make.company()
    member = make.company_user(company)
    row = make.follow(company=company, student=student)
    while_locked(
        lambda: services.agree_to_follows(actor=student.user, pks=[row.pk], kinds=ChangeKind.values),
        lambda: by_form(make.user(), student, status="seeking"),
    )
    services.tell_followers_left()
    assert list(told().values_list("recipient", flat=True)) == [member.pk]


def test_nothing_is_told_once_an_agreement_is_being_taken_back(followers, student):
    rows = list(student.follows.all())
    done = by_form(student.user, student, status="seeking")
    number = while_locked(
        lambda: services.withdraw_agreement(actor=student.user, pks=[row.pk for row in rows]),
        lambda: services.tell_followers(operation_pk=done.pk),
    )
    assert number == 0
    assert not told().exists()


def test_an_agreement_is_taken_back_after_a_batch_that_tells_and_takes_its_notices(followers, student):
    rows = list(student.follows.all())
    done = by_form(student.user, student, status="seeking")
    while_locked(
        lambda: services._tell_batch(done.pk),
        lambda: services.withdraw_agreement(actor=student.user, pks=[row.pk for row in rows]),
    )
    assert not told().exists()


def test_a_company_asks_once_although_two_of_its_members_ask(student):
    by_form(student.user, student, is_public=True)
    company = make.company()
    people = [make.company_user(company), make.company_user(company)]
    answers = at_once(
        *(
            lambda who=who: services.ask_to_follow(
                actor=who, company=company, student=fresh(student), kinds=["level"]
            )
            for who in people
        )
    )
    assert len([answer for answer in answers if isinstance(answer, Exception)]) == 1
    assert student.follows.count() == 1
