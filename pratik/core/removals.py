"""Files on their way out: a storage that is down for a minute leaves none that nobody knows of."""

import logging

from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.models import F

from .models import FileRemoval
from .queue import enqueue
from .storages import StorageUnavailable

logger = logging.getLogger(__name__)

KEPT_IN = ("private", "public")


class FilesLeft(RuntimeError):
    """Some files could not be removed; they are known, and are tried again every hour."""


def delete_files_later(where, names):
    """Has files removed from a storage once the present transaction is certain.

    `where` is the storage's name (`private`, `public`) or the `FileField` that the files belong to; `names`
    are theirs, empty ones are passed over. Call it in the transaction that makes the files nobody's: what is
    to go is written there, is kept or lost with it, and stays written until the storage has done it.
    """
    alias = where if isinstance(where, str) else _alias_of(where.storage)
    rows = [FileRemoval(storage=alias, name=name) for name in sorted({str(name) for name in names} - {""})]
    if rows:
        FileRemoval.objects.bulk_create(rows)
        enqueue("pratik.core.tasks.delete_files", [row.pk for row in rows])


def delete_files(*, pks=None):
    """Removes the files that were to go: those of these removals, else all. Returns how many went.

    Each by itself: one that a storage can't remove now stops no other, and stays for the next time. Raises
    `FilesLeft` at the end when there are such, so that the queue shows it among its failures.
    """
    rows = FileRemoval.objects.all() if pks is None else FileRemoval.objects.filter(pk__in=pks)
    done, left = 0, 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        try:
            done += _delete_file(pk)
        except (StorageUnavailable, OSError) as error:
            logger.warning("File %s stays until the next time: %s", pk, error)
            FileRemoval.objects.filter(pk=pk).update(tries=F("tries") + 1)
            left += 1
    if left:
        raise FilesLeft(f"{left} files could not be removed; they are tried again every hour.")
    return done


def _delete_file(pk):
    """Removes one file, and says whether it was there to do: another worker may be at it."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        row = FileRemoval.objects.select_for_update(skip_locked=skip).filter(pk=pk).first()
        if row is None:
            return False
        # A file that is gone already, since the last try was cut short, is no error.
        storages[row.storage].delete(row.name)
        row.delete()
    return True


def _alias_of(storage):
    return next(alias for alias in KEPT_IN if storages[alias] is storage)
