"""A developer's machine and the demonstration: embedded SQLite, mails on the console, debug pages."""

import os
import secrets

from .base import *  # noqa: F403
from .base import VAR_DIR, database


def local_secret():
    """A secret key made once for this machine and kept out of the repository."""
    VAR_DIR.mkdir(exist_ok=True)
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text()


SECRET_KEY = local_secret()
# `manage.py demo` serves without, so that a visitor of it meets the real pages of an error.
DEBUG = os.environ.get("DEBUG") != "0"
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
DATABASES = {"default": database(f"sqlite:///{VAR_DIR / 'pratik.sqlite3'}")}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mails"
# The demonstration is walked through with a password alone, unless one wants to see the second factor too.
STAFF_SECOND_FACTOR_REQUIRED = os.environ.get("STAFF_SECOND_FACTOR") == "1"
