"""Handing people the file of what is held about them."""

import datetime

from django.utils import timezone
from django.utils.translation import ngettext

from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.security.services import record

# A file is made from every table; a person who asks honestly needs it once.
DOWNLOADS_AN_HOUR = 10


def download_refusal(*, actor):
    """Why this person may not have the file just now, in a sentence; None when they may."""
    since = timezone.now() - datetime.timedelta(hours=1)
    made = AccessEvent.objects.filter(
        kind=AccessKind.DATA_DOWNLOADED, actor=actor, happened_at__gte=since
    ).count()
    if made < DOWNLOADS_AN_HOUR:
        return None
    return ngettext(
        "Vous avez déjà téléchargé vos données %(number)d fois en une heure. Revenez dans une heure.",
        "Vous avez déjà téléchargé vos données %(number)d fois en une heure. Revenez dans une heure.",
        made,
    ) % {"number": made}


def record_download(*, actor, file_format):
    """Writes in the journal of accesses that a person took the file of their data."""
    record(kind=AccessKind.DATA_DOWNLOADED, actor=actor, subject=actor, detail=file_format)
