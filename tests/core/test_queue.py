"""What is put off is done: a task that fails is run again, until it has failed too often."""

import queue

import pytest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Success
from django_q.monitor import monitor

from pratik.core.queue import enqueue
from pratik.settings.base import Q_CLUSTER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_deployed(monkeypatch):
    """The queue as it is set up where the platform runs."""
    monkeypatch.setattr(Conf, "ACK_FAILURES", Q_CLUSTER["ack_failures"])
    monkeypatch.setattr(Conf, "MAX_ATTEMPTS", Q_CLUSTER["max_attempts"])


@pytest.fixture
def finish(monkeypatch):
    """`finish(success=…)`: what a worker's end of the task that waits is, as the queue hears of it.

    The queue's own process closes its connections as it goes; here it shares the test's.
    """
    monkeypatch.setattr("django_q.monitor.close_old_django_connections", lambda: None)

    def finished(*, success):
        waiting = OrmQ.objects.get()
        results = queue.Queue()
        moment = timezone.now()
        told = {"success": success, "result": "", "started": moment, "stopped": moment}
        results.put({**waiting.task, **told, "ack_id": waiting.pk})
        results.put("STOP")
        monitor(results, get_broker())

    return finished


def test_a_task_that_is_done_leaves_the_queue(finish):
    enqueue("pratik.tracking.tasks.tell_followers_left")
    finish(success=True)
    assert not OrmQ.objects.exists() and Success.objects.count() == 1


def test_a_task_that_fails_waits_for_its_next_try_and_may_yet_succeed(finish):
    enqueue("pratik.tracking.tasks.tell_followers_left")
    finish(success=False)
    assert OrmQ.objects.count() == 1 and Failure.objects.count() == 1
    finish(success=True)
    assert not OrmQ.objects.exists() and not Failure.objects.exists()


def test_a_task_that_failed_three_times_is_left_to_the_team(finish):
    enqueue("pratik.tracking.tasks.tell_followers_left")
    for _ in range(3):
        finish(success=False)
    assert Failure.objects.get().attempt_count == 3
    assert not OrmQ.objects.exists()
