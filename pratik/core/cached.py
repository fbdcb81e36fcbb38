"""What is remembered for a while: counted attempts, lock-outs, pictures of charts."""

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router
from django.utils import timezone


def forget_expired_cache(*, now=None):
    """Removes the rows of the cache's table whose time is over, which the table itself keeps until it is
    full. Returns how many; caches that live elsewhere look after themselves.
    """
    return sum(
        _forget(cache, now or timezone.now()) for cache in caches.all() if isinstance(cache, DatabaseCache)
    )


def _forget(cache, now):
    connection = connections[router.db_for_write(cache.cache_model_class)]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {quote(cache._table)} WHERE {quote('expires')} < %s",
            [connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))],
        )
        return cursor.rowcount
