"""How a person wants to be told by e-mail."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.core.origin import in_anothers_name
from pratik.core.queue import enqueue

from ..enums import ALWAYS_MAILED, MailChoice, MailState
from ..models import Notice, NoticePreference, QuietHours
from ..rules import OPTIONAL_TOPICS, kinds_of


@dataclass(frozen=True)
class Preferences:
    """What somebody chose: for each topic that is theirs to choose, and the quiet part of their day."""

    choices: dict
    quiet_from: object = None
    quiet_until: object = None


def preferences_of(user):
    """What a person chose, with what holds where they chose nothing. Two queries."""
    chosen = dict(NoticePreference.objects.visible_to(user).values_list("topic", "mail"))
    quiet = QuietHours.objects.visible_to(user).first()
    return Preferences(
        choices={topic: MailChoice(chosen.get(topic, MailChoice.NOW)) for topic in OPTIONAL_TOPICS},
        quiet_from=quiet.starts_at if quiet else None,
        quiet_until=quiet.ends_at if quiet else None,
    )


def set_preferences(*, actor, choices, quiet_from=None, quiet_until=None):
    """Writes what a person chose, {topic: choice} and quiet hours; what waits for them obeys at once.

    Topics that are not named stay as they are. Raises `ValidationError` for quiet hours without a length or
    with one end, and for a topic that nobody chooses about; `PermissionDenied` to somebody who acts in the
    person's name.
    """
    if in_anothers_name():
        raise PermissionDenied
    if (quiet_from is None) != (quiet_until is None):
        raise ValidationError(
            {"quiet_until": _("Donnez le début et la fin des heures calmes, ou ni l’un ni l’autre.")}
        )
    if quiet_from is not None and quiet_from == quiet_until:
        raise ValidationError({"quiet_until": _("Les heures calmes doivent finir après leur début.")})
    unknown = set(choices) - set(OPTIONAL_TOPICS)
    if unknown:
        raise ValidationError(_("Ces avis partent toujours par e-mail."))
    with transaction.atomic():
        for choice in MailChoice:
            _choose(actor, [topic for topic, mail in choices.items() if mail == choice], choice)
        if quiet_from is None:
            QuietHours.objects.editable_by(actor).delete()
        else:
            QuietHours.objects.update_or_create(
                user=actor, defaults={"starts_at": quiet_from, "ends_at": quiet_until}
            )
        # What was put off to the end of the former quiet hours is looked at again by the next run.
        waiting = Notice.objects.filter(recipient=actor, mail_state=MailState.WAITING, mail_attempts=0)
        if waiting.update(mail_after=timezone.now()):
            enqueue("pratik.notifications.tasks.send_mails")


def stop_topics(*, actor, topics):
    """Has no more e-mails of these topics leave to a person, those that wait included.

    Topics that nobody chooses about are passed over.
    """
    with transaction.atomic():
        _choose(actor, [topic for topic in topics if topic in OPTIONAL_TOPICS], MailChoice.NEVER)


def receive_again(*, actor, topics):
    """Takes `stop_topics` back: e-mails of these topics leave at once again, from the next notice on."""
    with transaction.atomic():
        _choose(actor, [topic for topic in topics if topic in OPTIONAL_TOPICS], MailChoice.NOW)


def _choose(user, topics, choice):
    """Writes one choice about several topics, and has what waits to leave obey."""
    if not topics:
        return
    NoticePreference.objects.bulk_create(
        [NoticePreference(user=user, topic=topic, mail=choice) for topic in topics],
        update_conflicts=True,
        unique_fields=["user", "topic"],
        update_fields=["mail"],
    )
    rows = Notice.objects.filter(recipient=user, kind__in=kinds_of(topics)).exclude(kind__in=ALWAYS_MAILED)
    match choice:
        case MailChoice.NEVER:
            rows.to_come().update(mail_state=MailState.NOT_WANTED)
        case MailChoice.DIGEST:
            rows.filter(mail_state=MailState.WAITING, mail_attempts=0).update(mail_state=MailState.DIGEST)
        case MailChoice.NOW:
            rows.filter(mail_state=MailState.DIGEST).update(mail_state=MailState.WAITING)


def hold_back_mails(*, recipient):
    """Has what waits to leave by e-mail stay in the console: the person wants no more of them.

    Returns how many. What must be told by e-mail leaves all the same.
    """
    waiting = Notice.objects.filter(recipient=recipient).to_come()
    return waiting.exclude(kind__in=ALWAYS_MAILED).update(mail_state=MailState.NOT_WANTED)
