"""Answers about notices that are not rows of notices."""

import datetime

from django.db.models import Count, Q
from django.utils import timezone

from .enums import MailState
from .models import Notice, OutgoingMail

COUNTED = {
    "waiting": MailState.WAITING,
    "digest": MailState.DIGEST,
    "sending": MailState.SENDING,
    "in_doubt": MailState.IN_DOUBT,
    "failed": MailState.FAILED,
    "held": MailState.HELD,
}


def mail_figures(user):
    """How many e-mails wait to leave, and how many did not, among the notices that I may see?

    Waiting, for the morning's digest, being sent, uncertain, failed and held.
    """
    return _figures(Notice.objects.visible_to(user))


def outbox_figures(rows):
    """The same of rows of the outbox, with those `sent` in the last 24 hours."""
    since = timezone.now() - datetime.timedelta(hours=24)
    return _figures(rows, sent=Count("pk", filter=Q(mail_state=MailState.SENT, mailed_at__gte=since)))


def _figures(rows, **further):
    counts = {name: Count("pk", filter=Q(mail_state=state)) for name, state in COUNTED.items()}
    return rows.order_by().aggregate(**counts, **further)


def mails_to_decide(user):
    """The e-mails of which a person has to say what becomes of them: uncertain and failed ones."""
    return OutgoingMail.objects.editable_by(user).filter(
        mail_state__in=[MailState.IN_DOUBT, MailState.FAILED]
    )
