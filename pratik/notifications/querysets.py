from django.db import models

from .enums import MailState


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

    def to_mail(self):
        """Notices that wait to leave by e-mail, for people whose account is open."""
        return self.filter(mail_state=MailState.WAITING, recipient__is_active=True)
