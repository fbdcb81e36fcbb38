"""The test suite: a database of its own, quick hashes, mails in memory."""

import os
import secrets

from .base import *  # noqa: F403
from .base import STORAGES, VAR_DIR, database
from .storages import disk_storages

SECRET_KEY = secrets.token_urlsafe(48)
DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
if url := os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = url
DATABASES = {"default": database("sqlite:///:memory:")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
# A database with its tables, of which those of the tests are copies: the migrations take a minute.
DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ.get("TEST_DATABASE_TEMPLATE")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
_FILES = VAR_DIR / "test" / os.environ.get("PYTEST_XDIST_WORKER", "main")
# On disk, whatever the environment says; what is said of S3 is tested beside a server of its own.
STORAGES = {**STORAGES, **disk_storages(_FILES)}
Q_CLUSTER = {"name": "pratik-test", "orm": "default", "sync": False, "timeout": 60, "retry": 90}
# Tests of the second factor ask for it; the others come in as any account does.
STAFF_SECOND_FACTOR_REQUIRED = False
