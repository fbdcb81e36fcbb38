"""Entry points of the queue."""

from django.apps import apps
from django.conf import settings

from . import cached, history_pruning, removals, uploads
from .queue import enqueue


def forget_abandoned_uploads():
    """Removes the files that nobody confirmed."""
    uploads.forget_abandoned_uploads()


def forget_expired_cache():
    """Removes from the cache's table what is past its time."""
    cached.forget_expired_cache()


def prune_history():
    """Has the versions of rows that are kept no longer removed, in the time that many of them take."""
    enqueue("pratik.core.tasks.prune_versions", seconds=history_pruning.SECONDS)


def prune_versions():
    """Removes the versions of rows that are kept no longer."""
    actor = apps.get_model(settings.AUTH_USER_MODEL).objects.system_actor()
    history_pruning.prune_history(actor=actor)


def delete_files(pks):
    """Removes files that are nobody's any more."""
    removals.delete_files(pks=pks)


def delete_files_left():
    """Removes the files that a storage could not remove when it was asked to."""
    removals.delete_files()
