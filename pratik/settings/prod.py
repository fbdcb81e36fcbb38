"""Production: everything that is secret or particular to a place comes from the environment.

The names are listed in deploy/README.md; a missing one stops the start with a sentence that names it.
"""

import ipaddress
import os

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import CONTENT_SECURITY_POLICY, Q_CLUSTER, STORAGES, database
from .environment import listed, number, required
from .storages import on_s3


def networks(name):
    """A comma-separated environment variable of networks; « unix » stands for a socket file."""
    found = listed(name)
    for network in found:
        if network != "unix":
            try:
                everybody = ipaddress.ip_network(network).prefixlen == 0
            except ValueError:
                raise ImproperlyConfigured(f"{name}: {network} is no network such as 10.0.0.0/8.") from None
            if everybody:
                raise ImproperlyConfigured(f"{name}: {network} is no network of proxies, but everybody.")
    return found


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
LANGUAGE_COOKIE_SECURE = True
CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True
# Only proxies named here are believed; the middleware removes what anybody else says of themselves.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The prefix keeps a page of another host of the domain from planting a cookie of its own.
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
ACCESS_EVENTS_KEPT_DAYS = number("ACCESS_EVENTS_KEPT_DAYS", default=365, at_least=30)
HISTORY_KEPT_YEARS = number("HISTORY_KEPT_YEARS", default=10, at_least=0)
STAFF_SECOND_FACTOR_REQUIRED = os.environ.get("STAFF_SECOND_FACTOR_REQUIRED", "1") != "0"

# Several web processes share what they count and remember.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # When it is full the table drops rows that still count: whoever fills it would end a lock-out.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}
KEPT_PAGES_MEBIBYTES = number("KEPT_PAGES_MEBIBYTES", default=64, at_least=0)
Q_CLUSTER = Q_CLUSTER | {"workers": int(os.environ.get("Q_WORKERS", 3))}

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
if on_s3():
    # The console shows logos from where they are kept.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(
        os.environ.get("S3_ENDPOINT_URL")
        or f"https://s3.{os.environ.get('S3_REGION', 'us-east-1')}.amazonaws.com"
    )

# Papers that people send are shown to this antivirus, when there is one.
CLAMAV_ADDRESS = os.environ.get("CLAMAV_ADDRESS", "")
CLAMAV_REQUIRED = os.environ.get("CLAMAV_REQUIRED", "0") == "1"
DOCUMENT_MAX_BYTES = number("DOCUMENT_MAX_MEBIBYTES", default=10, at_least=1) * 1024 * 1024
DOCUMENT_MAX_PAGES = number("DOCUMENT_MAX_PAGES", default=30, at_least=1)
DOCUMENT_MAX_PIXELS = number("DOCUMENT_MAX_PIXELS", default=40_000_000, at_least=1_000_000)

VERIFICATION_SECOND_OPINION = os.environ.get("VERIFICATION_SECOND_OPINION", "0") == "1"
VERIFICATION_FILE_KEPT_DAYS = number("VERIFICATION_FILE_KEPT_DAYS", default=30, at_least=1)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", 587))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "1") == "1"
EMAIL_TIMEOUT = 20
CONTACT_EMAIL = required("CONTACT_EMAIL")
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", f"PRATIK <ne-pas-repondre@{ALLOWED_HOSTS[0]}>")
