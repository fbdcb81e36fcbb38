"""Production: everything that is secret or particular to a place comes from the environment.

The names are listed in deploy/README.md; a missing one stops the start with a sentence that names it.
"""

import os

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import Q_CLUSTER, STORAGES, database


def required(name):
    """The value of an environment variable without which production must not start; blank is missing."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"Set the environment variable {name} (see deploy/README.md).")
    return value


def listed(name, default=""):
    """A comma-separated environment variable as a list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


DEBUG = False
SECRET_KEY = required("SECRET_KEY")
SECRET_KEY_FALLBACKS = listed("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = [host.strip() for host in required("ALLOWED_HOSTS").split(",")]
SITE_URL = os.environ.get("SITE_URL", f"https://{ALLOWED_HOSTS[0]}")
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS", SITE_URL)
required("DATABASE_URL")
DATABASES = {"default": database(None)}

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = int(os.environ.get("SECURE_HSTS_SECONDS", 31_536_000))
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
if os.environ.get("TRUST_PROXY_HEADERS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Several web processes share what they count and remember.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}}
Q_CLUSTER = Q_CLUSTER | {"workers": int(os.environ.get("Q_WORKERS", 2))}

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
if os.environ.get("S3_ENDPOINT_URL") or os.environ.get("S3_PRIVATE_BUCKET"):
    _s3 = {
        "endpoint_url": os.environ.get("S3_ENDPOINT_URL"),
        "region_name": os.environ.get("S3_REGION"),
        "access_key": required("S3_ACCESS_KEY_ID"),
        "secret_key": required("S3_SECRET_ACCESS_KEY"),
        "addressing_style": "path",
        "signature_version": "s3v4",
        "default_acl": None,
        "file_overwrite": False,
    }
    _private = _s3 | {
        "bucket_name": required("S3_PRIVATE_BUCKET"),
        "querystring_auth": True,
        "querystring_expire": 60,
    }
    for alias in ("default", "private"):
        STORAGES[alias] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _private}
    STORAGES["public"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": _s3 | {"bucket_name": required("S3_PUBLIC_BUCKET"), "querystring_auth": False},
    }

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", 587))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "1") == "1"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", f"PRATIK <ne-pas-repondre@{ALLOWED_HOSTS[0]}>")
