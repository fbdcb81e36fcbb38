from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .enums import MailChoice, MailState, NoticeKind, Topic
from .querysets import NoticeQuerySet, OutgoingMailQuerySet, OwnQuerySet
from .workflow import MAIL


class Notice(models.Model):
    """Something said to one person, once: in the console, and by e-mail if they wish.

    `key` (kind, recipient, object, due date) keeps a rerun, a retry or a second worker from saying it
    twice. A notice is a message, not a business row: it has no history and needs no operation.

    How it leaves by e-mail (`services.sending`): it waits until `mail_after`; `mail_run` is the run of the
    sending that took it at `claimed_at`, and `mail_id` the e-mail that it was written into.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="notices",
        verbose_name=_("destinataire"),
    )
    kind = models.CharField(_("nature"), max_length=40, choices=NoticeKind.choices)
    key = models.CharField(_("clé"), max_length=200, unique=True, editable=False)
    subject = models.CharField(_("objet"), max_length=300)
    body = models.TextField(_("texte"))
    path = models.CharField(_("page"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("écrit le"), default=timezone.now, db_index=True)
    read_at = models.DateTimeField(_("lu le"), null=True, blank=True)
    mail_state = models.CharField(
        _("e-mail"), max_length=20, choices=MailState.choices, default=MailState.WAITING, db_index=True
    )
    mail_attempts = models.PositiveSmallIntegerField(_("essais d’envoi"), default=0)
    mail_after = models.DateTimeField(_("pas avant le"), default=timezone.now, editable=False)
    mail_run = models.BigIntegerField(null=True, editable=False)
    mail_id = models.CharField(_("e-mail n°"), max_length=64, blank=True, default="", editable=False)
    claimed_at = models.DateTimeField(_("remis au serveur le"), null=True, editable=False)
    mailed_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)

    search_text = models.CharField(max_length=700, editable=False, default="")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("avis")
        verbose_name_plural = pgettext_lazy("pluriel", "avis")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["recipient", "read_at"]),
            # What waits is a small part of all that was ever said.
            models.Index(
                fields=["recipient", "mail_after"],
                condition=Q(mail_state=MailState.WAITING),
                name="notice_waits_to_leave",
            ),
        ]

    def __str__(self):
        return self.subject


class OutgoingMail(Notice):
    """The same notices as the team sees them in the outbox: what leaves by e-mail, and what became of it."""

    workflow = MAIL

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        proxy = True
        verbose_name = _("e-mail sortant")
        verbose_name_plural = _("e-mails sortants")

    def __str__(self):
        return f"{self.subject} ({self.recipient})"


class NoticePreference(models.Model):
    """How notices of one topic reach a person by e-mail; without a row, at once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="notice_preferences",
        verbose_name=_("compte"),
    )
    topic = models.CharField(_("sujet"), max_length=20, choices=Topic.choices)
    mail = models.CharField(_("e-mail"), max_length=10, choices=MailChoice.choices, default=MailChoice.NOW)

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("préférence d’avis")
        verbose_name_plural = _("préférences d’avis")
        ordering = ["user", "topic"]
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="one_preference_a_topic")]

    def __str__(self):
        return f"{self.get_topic_display()}, {self.get_mail_display()}"


class QuietHours(models.Model):
    """The part of the day, in Cayenne's time, in which a person wants no e-mail; it may run over midnight."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="quiet_hours",
        verbose_name=_("compte"),
    )
    starts_at = models.TimeField(_("à partir de"))
    ends_at = models.TimeField(_("jusqu’à"))

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = _("heures calmes")
        verbose_name_plural = _("heures calmes")
        ordering = ["user"]
        constraints = [
            models.CheckConstraint(condition=~Q(starts_at=F("ends_at")), name="quiet_hours_have_an_end")
        ]

    def __str__(self):
        return f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M}"
