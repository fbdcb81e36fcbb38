"""Files on their way in: kept in private between their preview and their confirmation."""

import hashlib
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from .files import removed_on_failure
from .models import ImportRow, ImportRun, Upload
from .removals import delete_files_later

KEPT = timedelta(days=2)


def keep_upload(*, owner, purpose, name, content, then=None):
    """Keeps a file that somebody sent, an open one or its bytes, until they confirm it. `then` is called with
    its row in the same transaction: where it fails, nothing is kept.
    """
    file = ContentFile(content) if isinstance(content, bytes) else content
    mark = hashlib.sha256()
    for chunk in file.chunks():
        mark.update(chunk)
    upload = Upload(owner=owner, purpose=purpose, name=name[-200:], size=file.size, sha256=mark.hexdigest())
    with removed_on_failure(upload.file), transaction.atomic():
        upload.file.save(f"{upload.sha256[:24]}.data", file, save=False)
        upload.save()
        if then is not None:
            then(upload)
    return upload


def forget_abandoned_uploads(*, now=None):
    """Removes the files that nobody confirmed for two days, and the rows that people looked at before they
    confirmed the others. Returns how many files.
    """
    before = (now or timezone.now()) - KEPT
    number = sum(
        _forget(pk, before) for pk in list(Upload.objects.abandoned(before).values_list("pk", flat=True))
    )
    ImportRow.objects.over(before).delete()
    return number


def _forget(pk, before):
    """Removes one file, unless it is being confirmed just now."""
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        # Whoever confirms a long file holds its run, and whoever confirms a short one the file itself.
        runs = ImportRun.objects.filter(upload=pk)
        if len(runs.select_for_update(skip_locked=skip)) < runs.count():
            return False
        rows = Upload.objects.abandoned(before).select_for_update(of=("self",), skip_locked=skip)
        upload = rows.filter(pk=pk).first()
        if upload is None:
            return False
        delete_files_later("private", [upload.file.name])
        upload.delete()
    return True
