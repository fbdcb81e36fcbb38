"""A real cluster, a real mail server, and SIGKILL: no notice is lost, none arrives twice."""

import datetime
import random
from collections import Counter

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task
from django_q.scheduler import scheduler

from pratik.accounts.enums import Role
from pratik.core.queue import enqueue
from pratik.notifications.enums import MailState
from pratik.notifications.models import Notice
from pratik.notifications.services import consider_sent, send_again, tell
from pratik.schedule import SCHEDULE
from tests import factories as make
from tests.core.test_races import at_once
from tests.kit.cluster import Cluster, mail_server, until

from .conftest import draft

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

PEOPLE = 60
NOTICES = 2
PATIENCE = 300
TASK = "pratik.notifications.tasks.send_mails"


def marked(person, number):
    """A notice that is known again in whatever e-mail it arrives."""
    return draft(person, str(number), body=f"Voici avis-{person.pk}-{number}.")


def test_sigkill_at_any_moment_loses_nothing_and_sends_nothing_twice():
    chance = random.Random()
    people = [make.user(Role.COMPANY) for _ in range(PEOPLE)]
    tell(drafts=[marked(person, number) for person in people for number in range(NOTICES)])
    kills = 0
    running = []

    with mail_server() as (server, port):

        def start():
            running.append(Cluster(mail_port=port))

        def kill_senders():
            nonlocal kills
            kills += running[-1].kill_senders(port)

        def kill_all():
            nonlocal kills
            kills += 2
            running[-1].kill()

        # The two moments between which nobody can know: the server has not answered, and has not been heard.
        server.at(5, before=kill_senders)
        server.at(12, after=kill_senders)
        server.at(24, after=kill_all)

        def ask_again():
            """As the schedule does every ten minutes; and kills at some moment of its own."""
            if running[-1].process.poll() is not None:
                start()
            if not OrmQ.objects.filter(lock__lte=timezone.now()).exists():
                enqueue(TASK)
            if server.asked > 30 and kills < 7 and chance.random() < 0.5:
                kill_senders()

        start()
        try:
            open_states = [MailState.WAITING, MailState.SENDING]
            settled = until(
                lambda: not Notice.objects.filter(mail_state__in=open_states).exists(),
                PATIENCE,
                meanwhile=ask_again,
            )
        finally:
            for cluster in running:
                cluster.kill()

    states = Counter(Notice.objects.values_list("mail_state", flat=True))
    assert settled, states
    assert set(states) <= {MailState.SENT, MailState.IN_DOUBT}
    assert sum(states.values()) == PEOPLE * NOTICES

    arrived = Counter(word for _to, words in server.accepted for word in words)
    assert max(arrived.values()) == 1, "something arrived twice"
    word_of = {row.pk: row.body.removeprefix("Voici ").rstrip(".") for row in Notice.objects.all()}
    for row in Notice.objects.all():
        if row.mail_state == MailState.SENT:
            assert arrived[word_of[row.pk]] == 1, row
    doubted = {row.mail_id for row in Notice.objects.filter(mail_state=MailState.IN_DOUBT)}
    # The three moments above, and at most what each worker that was killed had in hand.
    assert 3 <= len(doubted) <= kills

    # The team decides, and then all is said, once.
    administrator = make.user(Role.ADMINISTRATOR)
    in_doubt = Notice.objects.filter(mail_state=MailState.IN_DOUBT)
    there = [row.pk for row in in_doubt if arrived[word_of[row.pk]]]
    missing = [row.pk for row in in_doubt if not arrived[word_of[row.pk]]]
    assert there and missing
    consider_sent(actor=administrator, pks=there)
    send_again(actor=administrator, pks=missing)
    OrmQ.objects.all().delete()
    with mail_server() as (last, port):
        cluster = Cluster(mail_port=port)
        enqueue(TASK)
        try:
            assert until(lambda: not Notice.objects.exclude(mail_state=MailState.SENT).exists(), PATIENCE)
        finally:
            cluster.kill()
    arrived.update(word for _to, words in last.accepted for word in words)
    assert set(arrived) == set(word_of.values())
    assert set(arrived.values()) == {1}


def due():
    """All that runs by itself, five minutes late."""
    call_command("sync_schedule", verbosity=0)
    Schedule.objects.update(next_run=timezone.now() - datetime.timedelta(minutes=5))


def test_two_clusters_on_one_database_run_each_schedule_once():
    due()
    # A guard looks at the schedules after thirty seconds' worth of its rounds, so with the first such round.
    clusters = [Cluster(guard_cycle=30) for _ in range(2)]
    try:
        done = until(lambda: Task.objects.filter(group__in=SCHEDULE).count() >= len(SCHEDULE), PATIENCE)
        # Whatever was put into the queue twice has run by then.
        assert until(lambda: not OrmQ.objects.exists(), PATIENCE)
    finally:
        for cluster in clusters:
            cluster.kill()
    ran = Counter(Task.objects.filter(group__in=SCHEDULE).values_list("group", flat=True))
    assert done, ran
    assert ran == dict.fromkeys(SCHEDULE, 1)
    assert not Task.objects.filter(success=False).exists()
    assert not Schedule.objects.filter(next_run__lte=timezone.now()).exists()


def test_two_clusters_that_look_at_the_same_moment_put_each_schedule_into_the_queue_once():
    for _round in range(3):
        OrmQ.objects.all().delete()
        due()
        assert at_once(*[scheduler] * 4) == [None] * 4
        assert Counter(row.task["group"] for row in OrmQ.objects.all()) == dict.fromkeys(SCHEDULE, 1)
