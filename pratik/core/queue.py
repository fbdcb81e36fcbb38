"""Putting work off: the queue's own table is part of the transaction, so what is rolled back is not done."""

from django_q.tasks import async_task


def enqueue(task, *ids):
    """Has a task run soon after the present transaction commits.

    `task` is a dotted path; arguments are primary keys and plain values only, since they are stored.
    """
    async_task(task, *ids)
