"""Saying things to people, once each."""

import logging
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from pratik.core.links import console_page
from pratik.core.queue import enqueue
from pratik.core.text import fold

from .enums import MailState
from .models import Notice

logger = logging.getLogger(__name__)

MAIL_BATCH = 200
MAX_ATTEMPTS = 5


@dataclass(frozen=True)
class Draft:
    """A notice to be written: who, what about, and the texts in the recipient's language."""

    recipient: object
    kind: str
    about: str
    subject: str
    body: str
    path: str = ""

    @property
    def key(self):
        return f"{self.kind}:{self.recipient.pk}:{self.about}"


def tell(*, drafts):
    """Writes these notices and has their e-mails sent. One that was said before is not said again.

    Returns how many were new.
    """
    drafts = {draft.key: draft for draft in drafts}
    with transaction.atomic():
        known = set(Notice.objects.filter(key__in=list(drafts)).values_list("key", flat=True))
        fresh = [draft for key, draft in drafts.items() if key not in known]
        Notice.objects.bulk_create(
            [
                Notice(
                    recipient=draft.recipient,
                    kind=draft.kind,
                    key=draft.key,
                    subject=draft.subject[:300],
                    body=draft.body,
                    path=draft.path,
                    search_text=f"{fold(draft.subject)} {draft.recipient.search_text}"[:700],
                    mail_state=MailState.WAITING if draft.recipient.wants_email else MailState.NOT_WANTED,
                )
                for draft in fresh
            ],
            ignore_conflicts=True,
        )
        if any(draft.recipient.wants_email for draft in fresh):
            enqueue("pratik.notifications.tasks.send_mails")
    return len(fresh)


def mark_read(*, actor, pks):
    """Marks notices as read by the person they are addressed to. Returns how many were unread."""
    return Notice.objects.editable_by(actor).unread().filter(pk__in=pks).update(read_at=timezone.now())


def send_mails():
    """Sends what waits, one e-mail for each person with all that they were told since the last one.

    Each person's notices are locked while their e-mail leaves, so that two workers never write to the same
    person at once. An e-mail that fails is tried again by the next run, five times in all. Returns how many
    e-mails left.
    """
    sent = 0
    tried = set()
    while recipients := _waiting_recipients(tried):
        with get_connection() as mail:
            for recipient in recipients:
                tried.add(recipient)
                sent += _send_to(recipient, mail)
    return sent


def _waiting_recipients(tried):
    waiting = Notice.objects.to_mail().exclude(recipient__in=tried).order_by("recipient")
    return list(waiting.values_list("recipient", flat=True).distinct()[:MAIL_BATCH])


def _send_to(recipient_id, mail):
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        notices = list(
            Notice.objects.to_mail()
            .filter(recipient=recipient_id)
            .select_related("recipient")
            .select_for_update(skip_locked=skip, of=("self",))
            .order_by("kind", "created_at", "pk")
        )
        if not notices:
            return 0
        rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
        try:
            message(notices, mail).send()
        except OSError:
            logger.exception("The e-mail to account %s did not leave.", recipient_id)
            rows.update(mail_attempts=F("mail_attempts") + 1)
            rows.filter(mail_attempts__gte=MAX_ATTEMPTS).update(mail_state=MailState.FAILED)
            return 0
        rows.update(mail_state=MailState.SENT, mailed_at=timezone.now(), mail_attempts=F("mail_attempts") + 1)
    return 1


def message(notices, mail=None):
    """The e-mail that tells one person these notices, in their language, as text and HTML."""
    recipient = notices[0].recipient
    with translation.override(recipient.language):
        context = {
            "recipient": recipient,
            "groups": [
                (kind, list(rows)) for kind, rows in groupby(notices, key=lambda n: n.get_kind_display())
            ],
            "number": len(notices),
            "site": settings.SITE_URL.rstrip("/"),
            "account_page": console_page(recipient),
            "language": recipient.language,
        }
        number = len(notices)
        subject = (
            notices[0].subject
            if number == 1
            else ngettext("%(number)d nouvel avis de PRATIK", "%(number)d nouveaux avis de PRATIK", number)
            % {"number": number}
        )
        mail_message = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("notifications/mail.txt", context),
            to=[recipient.email],
            connection=mail,
        )
        mail_message.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
    return mail_message
