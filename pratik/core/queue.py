"""Putting work off: the queue's own table is part of the transaction, so what is rolled back is not done."""

from django_q.tasks import async_task


def enqueue(task, *ids, seconds=None):
    """Has a task run soon after the present transaction commits.

    `task` is a dotted path; arguments are primary keys and plain values only, since they are stored.
    `seconds` is how long it may take where that is longer than tasks usually may: it is then delivered again
    while it runs, and has to know by itself that somebody is at it.
    """
    async_task(task, *ids, **({"timeout": seconds} if seconds else {}))
