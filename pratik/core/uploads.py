"""Files on their way in: kept in private between their preview and their confirmation."""

import hashlib
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from .files import removed_on_failure
from .models import Upload
from .removals import delete_files_later

KEPT = timedelta(days=2)


def keep_upload(*, owner, purpose, name, content):
    """Keeps a file that somebody sent until they confirm it."""
    upload = Upload(
        owner=owner,
        purpose=purpose,
        name=name[-200:],
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    with removed_on_failure(upload.file):
        upload.file.save(f"{upload.sha256[:24]}.data", ContentFile(content), save=False)
        upload.save()
    return upload


def forget_abandoned_uploads(*, now=None):
    """Removes the files that nobody confirmed for two days. Returns how many."""
    number = 0
    for upload in Upload.objects.abandoned((now or timezone.now()) - KEPT).iterator():
        with transaction.atomic():
            delete_files_later("private", [upload.file.name])
            upload.delete()
        number += 1
    return number
