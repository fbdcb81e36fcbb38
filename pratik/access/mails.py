"""The e-mail that lets a person choose another password."""

from urllib.parse import urljoin

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from .tokens import reset_tokens

TEMPLATE = "account/email/password_reset_key"


def reset_link(user):
    """The e-mail with the link, in the person's language, as text and HTML."""
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": reset_tokens.make_token(user)},
    )
    context = {
        "language": user.language,
        "password_reset_url": urljoin(settings.SITE_URL, path),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
    }
    with translation.override(user.language):
        mail = EmailMultiAlternatives(
            subject=render_to_string(f"{TEMPLATE}_subject.txt", context).strip(),
            body=render_to_string(f"{TEMPLATE}_message.txt", context).strip() + "\n",
            to=[user.email],
        )
        mail.attach_alternative(render_to_string(f"{TEMPLATE}_message.html", context), "text/html")
    return mail
