"""The table of what is remembered for a while loses what is past its time, and nothing else."""

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from pratik.core.cached import forget_expired_cache

pytestmark = pytest.mark.django_db
TABLE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}


def number_of_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM core_cache")
        return cursor.fetchone()[0]


def test_only_what_is_past_its_time_leaves_the_table():
    with override_settings(CACHES={"default": TABLE}):
        call_command("createcachetable", verbosity=0)
        cache.set("passée", 1, timeout=-60)
        cache.set("présente", 2, timeout=60)
        cache.set("toujours", 3, timeout=None)
        assert number_of_rows() == 3
        assert forget_expired_cache() == 1
        assert number_of_rows() == 2
        assert (cache.get("présente"), cache.get("toujours")) == (2, 3)
        assert forget_expired_cache() == 0


def test_a_cache_in_memory_is_left_to_itself():
    assert forget_expired_cache() == 0
