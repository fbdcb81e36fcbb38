"""The queue, run by hand: what was put off is done in the order in which it was asked for."""

from django.utils.module_loading import import_string
from django_q.models import OrmQ


def run_queue(*, leaving=()):
    """Runs what waits, and what that puts off in turn, but for the tasks of these names, which go on waiting.
    Returns the names of those that ran, in order.
    """
    done, left = [], []
    while waiting := OrmQ.objects.exclude(pk__in=left).order_by("pk").first():
        task = waiting.task
        if task["func"] in leaving:
            left.append(waiting.pk)
            continue
        waiting.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])
        done.append(task["func"])
    return done
