from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .enums import MailState, NoticeKind
from .querysets import NoticeQuerySet


class Notice(models.Model):
    """Something said to one person, once: in the console, and by e-mail if they wish.

    `key` (kind, recipient, object, due date) keeps a rerun, a retry or a second worker from saying it
    twice. A notice is a message, not a business row: it has no history and needs no operation.
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
    mailed_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)

    search_text = models.CharField(max_length=700, editable=False, default="")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("avis")
        verbose_name_plural = pgettext_lazy("pluriel", "avis")
        ordering = ["-created_at", "-pk"]

    def __str__(self):
        return self.subject
