"""Secrets that the database keeps encrypted: the seeds of authenticator apps and of recovery codes."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

PURPOSE = "pratik.access.sealing"


def seal(text):
    """The text, encrypted under SECRET_KEY, as text."""
    return _cipher().encrypt(text.encode()).decode()


def unseal(text):
    """What was sealed under SECRET_KEY or one of SECRET_KEY_FALLBACKS.

    Raises `cryptography.fernet.InvalidToken` when it was under none of them, or was tampered with.
    """
    return _cipher().decrypt(text.encode()).decode()


def _cipher():
    """Ciphers with keys made for this purpose alone; the first one encrypts, all decrypt."""
    keys = [
        salted_hmac(PURPOSE, "fernet", secret=secret, algorithm="sha256").digest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
