"""Answers about notices that are not rows of notices."""

from django.db.models import Count, Q

from .enums import MailState
from .models import Notice


def mail_figures(user):
    """How many e-mails wait to leave, and how many did not, among the notices that I may see?"""
    return (
        Notice.objects.visible_to(user)
        .order_by()
        .aggregate(
            waiting=Count("pk", filter=Q(mail_state=MailState.WAITING)),
            failed=Count("pk", filter=Q(mail_state=MailState.FAILED)),
        )
    )
