from django.db import models
from django.db.models import Q

from pratik.accounts.enums import Role, role_of

from .enums import TO_COME, UNSETTLED, MailState


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see every notice; others those addressed to them."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_staff else self.filter(recipient=user)

    def editable_by(self, user):
        """A notice is marked as read by the person it was addressed to, and by nobody else."""
        return self.addressed_to(user)

    def addressed_to(self, user):
        """The notices of one person."""
        return self.filter(recipient=user) if user.is_authenticated else self.none()

    def unread(self):
        return self.filter(read_at=None)

    def to_mail(self, now):
        """Notices that are to leave by e-mail by now, for people whose account is open."""
        return self.filter(mail_state=MailState.WAITING, mail_after__lte=now, recipient__is_active=True)

    def to_come(self):
        """Notices that are to leave by e-mail, now, with the next digest or once the team lets them."""
        return self.filter(mail_state__in=TO_COME)

    def read_before(self, moment):
        """Notices that were read before then and whose e-mail is nobody's concern any more."""
        return self.filter(read_at__lt=moment).exclude(mail_state__in=UNSETTLED)


class OutgoingMailQuerySet(NoticeQuerySet):
    def visible_to(self, user):
        """The outbox is the team's; what nobody wanted by e-mail does not stand in it."""
        mailed = ~Q(mail_state=MailState.NOT_WANTED)
        return self.filter(mailed) if user.is_authenticated and user.is_staff else self.none()

    def editable_by(self, user):
        """Administrators answer for what leaves."""
        return self.visible_to(user) if role_of(user) == Role.ADMINISTRATOR else self.none()


class OwnQuerySet(models.QuerySet):
    """Rows that say how one person wants to be told, which are nobody else's concern."""

    def visible_to(self, user):
        return self.filter(user=user) if user.is_authenticated else self.none()

    def editable_by(self, user):
        return self.visible_to(user)
