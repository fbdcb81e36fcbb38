from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pratik.core.devices import device_name

from .enums import AccessKind, ImpersonationEnd
from .querysets import AccessEventQuerySet, ImpersonationQuerySet, KnownDeviceQuerySet


class AccessEvent(models.Model):
    """One line of the journal of accesses: who did what with the platform's doors, when and from where.

    Written once. `subject` and `object_pk` say what it was about, when it was about one row or one list.
    """

    kind = models.CharField(_("nature"), max_length=30, choices=AccessKind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="access_events",
        verbose_name=_("compte"),
    )
    actor_label = models.CharField(_("nom ou adresse"), max_length=254, blank=True)
    impersonator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("au nom du compte, par"),
    )
    address = models.GenericIPAddressField(_("adresse IP"), null=True)
    device = models.CharField(_("navigateur déclaré"), max_length=300, blank=True)
    happened_at = models.DateTimeField(_("moment"), default=timezone.now)
    subject = models.CharField(_("objet"), max_length=100, blank=True)
    object_pk = models.CharField(_("numéro de l’objet"), max_length=40, blank=True)
    detail = models.CharField(_("détail"), max_length=500, blank=True)

    search_text = models.CharField(max_length=900, editable=False, default="")

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("accès")
        verbose_name_plural = pgettext_lazy("pluriel", "accès")
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(fields=["-happened_at", "-id"], name="access_by_moment"),
            models.Index(fields=["kind", "-happened_at"], name="access_by_kind"),
            models.Index(fields=["actor", "-happened_at"], name="access_by_actor"),
            models.Index(fields=["address", "-happened_at"], name="access_by_address"),
            models.Index(fields=["subject", "object_pk"], name="access_by_subject"),
        ]

    def __str__(self):
        return " · ".join(filter(None, (self.get_kind_display(), self.actor_label)))

    def save(self, *args, **kwargs):
        """Raises `TypeError` for a line that is there already."""
        if not self._state.adding:
            raise TypeError("A line of the journal is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Lines of the journal are removed by age alone (forget_old_events).")

    @property
    def subject_model(self):
        """The model that the line is about, or None; also when the platform has it no more."""
        try:
            return apps.get_model(self.subject) if self.subject else None
        except (LookupError, ValueError):
            return None

    @property
    def account_pk(self):
        """The key of the account that the line is about, or None."""
        return int(self.object_pk) if self.subject == "accounts.user" and self.object_pk.isdecimal() else None

    @property
    def device_name(self):
        """The device in words: « Firefox sous Windows »."""
        return device_name(self.device) if self.device else ""


class KnownDevice(models.Model):
    """A browser from which a person has signed in. Its cookie holds a secret, of which this is the print."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="known_devices",
        verbose_name=_("compte"),
    )
    token_hash = models.CharField(_("empreinte"), max_length=64, unique=True, editable=False)
    device = models.CharField(_("appareil"), max_length=300, blank=True)
    first_seen_at = models.DateTimeField(_("première connexion"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("dernière connexion"), default=timezone.now, db_index=True)

    objects = KnownDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("appareil connu")
        verbose_name_plural = _("appareils connus")
        ordering = ["-last_seen_at", "-pk"]

    def __str__(self):
        return device_name(self.device)


class Impersonation(models.Model):
    """An administrator acting in another person's name: who, whose, why, and until when."""

    administrator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="impersonations",
        verbose_name=_("administrateur"),
    )
    target = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="impersonated",
        verbose_name=_("au nom de"),
    )
    reason = models.CharField(_("motif"), max_length=500)
    started_at = models.DateTimeField(_("début"), default=timezone.now, db_index=True)
    expires_at = models.DateTimeField(_("fin prévue"))
    ended_at = models.DateTimeField(_("fin"), null=True)
    ended_how = models.CharField(
        _("manière"), max_length=20, choices=ImpersonationEnd.choices, blank=True, default=""
    )
    search_text = models.CharField(max_length=900, editable=False, default="")

    objects = ImpersonationQuerySet.as_manager()

    class Meta:
        verbose_name = _("action au nom d’un autre")
        verbose_name_plural = _("actions au nom d’un autre")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["administrator"],
                condition=models.Q(ended_at=None),
                name="impersonation_one_at_a_time",
            )
        ]

    def __str__(self):
        return f"{self.administrator} → {self.target}"
