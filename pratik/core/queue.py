"""Putting work off: the queue's own table is part of the transaction, so what is rolled back is not done."""

import traceback
from uuid import uuid4

from django.utils import timezone
from django_q.models import Task
from django_q.tasks import async_task


def enqueue(task, *ids, seconds=None):
    """Has a task run soon after the present transaction commits.

    `task` is a dotted path; arguments are primary keys and plain values only, since they are stored.
    `seconds` is how long it may take where that is longer than tasks usually may: it is then delivered again
    while it runs, and has to know by itself that somebody is at it.
    """
    async_task(task, *ids, **({"timeout": seconds} if seconds else {}))


def keep_failure(task, *ids, error):
    """Shows an error that a task has dealt with among the failures of the queue, for the team to look into.

    Under a name of its own: what becomes of the task itself, which is no failure, does not take it away.
    """
    moment = timezone.now()
    Task.objects.create(
        id=uuid4().hex,
        name=f"{task.rpartition('.')[2]} {' '.join(map(str, ids))}"[:100],
        func=task,
        args=ids,
        started=moment,
        stopped=moment,
        success=False,
        result="".join(traceback.format_exception(error)),
        attempt_count=1,
    )
