from django.db import models
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    """What became of a notice by e-mail."""

    WAITING = "waiting", _("À envoyer")
    SENT = "sent", _("Envoyé")
    NOT_WANTED = "not_wanted", _("Non souhaité")
    FAILED = "failed", _("Échec")


MAIL_COLORS = {
    MailState.WAITING: "warning",
    MailState.SENT: "success",
    MailState.NOT_WANTED: "default",
    MailState.FAILED: "danger",
}


class NoticeKind(models.TextChoices):
    """What a notice is about. The codes are part of deduplication keys: never rename one."""

    CALENDAR_PUBLISHED = "calendar_published", _("Stages à venir")
    OWN_CALENDAR_PUBLISHED = "own_calendar_published", _("Calendrier publié")
    OWN_CALENDAR_WITHDRAWN = "own_calendar_withdrawn", _("Calendrier retiré")
