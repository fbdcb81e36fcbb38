"""Locks that stand for no row: waiting for one's turn where two people could spoil something together, and
the sign of life of a process.
"""

import hashlib
from contextlib import contextmanager

from django.db import connection


def wait_for_turn(name):
    """Until the open transaction ends, others that name the same wait here.

    What is read afterwards holds what those before wrote. On SQLite whoever writes is alone already.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(name)])


def _key(name):
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@contextmanager
def sign_of_life(name):
    """While the block runs, other connections see that whoever took this name is there (`is_alive`).

    The sign goes with the connection, so with the process, however that ends. Nothing in the block may close
    the connection. A machine that is lost with its processes is noticed within a minute. SQLite knows no such
    signs.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        # Else the system's default decides how long the session of a lost machine stays, commonly two hours.
        cursor.execute("SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10")
        cursor.execute("SET tcp_keepalives_count = 3")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_key(name)])
    try:
        yield
    finally:
        # With the connection the sign is gone already.
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(name)])


def is_alive(name):
    """Whether somebody gives a sign of life under this name; None where the database knows no such signs."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) | objid::bigint = %s)",
            [_key(name)],
        )
        return cursor.fetchone()[0]
