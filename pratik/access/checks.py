"""What `manage.py check --deploy` says of a place whose accounts would not be protected, or not reachable."""

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import Tags, Warning, register

# Each person who signs in leaves a few rows for a quarter of an hour, each address that is guessed at too.
CACHE_ENTRIES_AT_LEAST = 100_000
# The caches that drop whatever they hold once they are full.
CULLING = (DatabaseCache, FileBasedCache, LocMemCache)


@register(Tags.security, deploy=True)
def proxies_are_named(app_configs, **kwargs):
    """Whoever sends every visitor to HTTPS must hear from the proxy that they are there already."""
    if settings.SECURE_SSL_REDIRECT and not settings.TRUSTED_PROXIES:
        return [
            Warning(
                "TRUSTED_PROXIES is empty: behind a proxy that holds the certificate every page redirects to"
                " itself without end, and all visitors have the proxy's address.",
                hint="Name the networks of the proxies, such as 10.0.0.0/8 or unix (deploy/README.md).",
                id="access.W001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def cache_holds_the_lock_outs(app_configs, **kwargs):
    """Lock-outs live in the cache: one that drops what still counts when it is full ends them early."""
    cache = caches["default"]
    if isinstance(cache, CULLING) and cache._max_entries < CACHE_ENTRIES_AT_LEAST:
        return [
            Warning(
                f"The cache keeps {cache._max_entries} entries: attempts on some accounts would end the"
                " lock-outs of others.",
                hint=f'Set OPTIONS["MAX_ENTRIES"] of CACHES to {CACHE_ENTRIES_AT_LEAST} at least.',
                id="access.W002",
            )
        ]
    return []
