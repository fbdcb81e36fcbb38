"""The queue, run by hand: what was put off is done in the order in which it was asked for."""

from django.utils.module_loading import import_string
from django_q.models import OrmQ


def run_queue():
    """Runs what waits, and what that puts off in turn. Returns the tasks' names, in order."""
    done = []
    while waiting := OrmQ.objects.order_by("pk").first():
        task = waiting.task
        waiting.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])
        done.append(task["func"])
    return done
