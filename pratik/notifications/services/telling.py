"""Writing notices, and reading them."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from pratik.core.origin import in_anothers_name
from pratik.core.queue import enqueue
from pratik.core.text import fold

from ..enums import TOPIC_OF, MailChoice, MailState
from ..models import Notice, NoticePreference
from ..rules import first_state


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


def one_line(subject):
    """A subject holds names that people typed; with a line break in it no e-mail would leave."""
    return " ".join(subject.splitlines())[:300]


def tell(*, drafts):
    """Writes these notices and has their e-mails sent. One that was said before is not said again.

    Returns how many were new.
    """
    drafts = {draft.key: draft for draft in drafts}
    with transaction.atomic():
        known = set(Notice.objects.filter(key__in=list(drafts)).values_list("key", flat=True))
        fresh = [draft for key, draft in drafts.items() if key not in known]
        choices = _choices(fresh)
        now = timezone.now()
        notices = [
            Notice(
                recipient=draft.recipient,
                kind=draft.kind,
                key=draft.key,
                subject=one_line(draft.subject),
                body=draft.body,
                path=draft.path,
                created_at=now,
                mail_after=now,
                search_text=f"{fold(draft.subject)} {draft.recipient.search_text}"[:700],
                mail_state=first_state(
                    draft.kind,
                    wants_email=draft.recipient.wants_email,
                    choice=choices.get((draft.recipient.pk, TOPIC_OF[draft.kind]), MailChoice.NOW),
                ),
            )
            for draft in fresh
        ]
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        if any(notice.mail_state == MailState.WAITING for notice in notices):
            enqueue("pratik.notifications.tasks.send_mails")
    return len(fresh)


def _choices(drafts):
    """What the recipients chose, where they chose: {(account, topic): choice}. One query, however many."""
    people = {draft.recipient.pk for draft in drafts}
    topics = {TOPIC_OF[draft.kind] for draft in drafts}
    chosen = NoticePreference.objects.filter(user__in=people, topic__in=topics)
    return {(user, topic): mail for user, topic, mail in chosen.values_list("user", "topic", "mail")}


def mark_read(*, actor, pks):
    """Marks notices as read by the person they are addressed to. Returns how many were unread.

    Somebody who acts in the person's name reads nothing for them.
    """
    return _read(Notice.objects.editable_by(actor).filter(pk__in=pks))


def mark_all_read(*, actor):
    """Marks all that a person was told as read. Returns how many were unread; see `mark_read`."""
    return _read(Notice.objects.editable_by(actor))


def _read(rows):
    if in_anothers_name():
        return 0
    return rows.unread().update(read_at=timezone.now())
