"""Files on their way in: kept in private between their preview and their confirmation."""

import hashlib
from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from .models import Upload

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
    upload.file.save(f"{upload.sha256[:24]}.data", ContentFile(content), save=False)
    upload.save()
    return upload


def forget_abandoned_uploads(*, now=None):
    """Removes the files that nobody confirmed for two days. Returns how many."""
    number = 0
    for upload in Upload.objects.abandoned((now or timezone.now()) - KEPT).iterator():
        upload.file.delete(save=False)
        upload.delete()
        number += 1
    return number
