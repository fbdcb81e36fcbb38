"""A worker of the cluster at long work: it says how far it is, and hears that it is to stop."""

import logging
import signal
import threading
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

# What takes longest, 500,000 rows that are read and written, ends well within.
TASK_SECONDS = 2 * 60 * 60
# A cluster that runs takes up what waits within a second, unless all its workers are busy.
WAITS_LONG = timedelta(seconds=30)
# A task that was asked for so long ago and has not come is lost.
LOST = timedelta(hours=1)
# On SQLite nothing can be said while it is written: who has been mute for so long is gone.
SILENCE_WHILE_LOCKED = timedelta(minutes=30)
# What stopped so often is given up, so that it does not fell its workers all day.
TRIES = 3
PULSE_SECONDS = 1


class Stopped(SystemExit):
    """The process was asked to stop."""


class Pulse:
    """Says regularly how far a piece of work is, while the block runs.

    On PostgreSQL from a thread with a connection of its own, since what is said in an open transaction is
    heard by nobody. SQLite has one writer at a time: nothing is said there, unless by the worker itself.
    """

    def __init__(self, name, *, every):
        self.name, self.every = name, every
        self._over = threading.Event()
        self._thread = None

    def say(self):
        """Writes how far it is."""
        raise NotImplementedError

    @property
    def speaks_by_itself(self):
        return self._thread is not None

    def __enter__(self):
        if connection.vendor == "postgresql":
            self._thread = threading.Thread(target=self._say_regularly, name=self.name, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_error):
        self.stop()

    def stop(self):
        """Says nothing more: what it was said in is about to be written by the worker itself."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _say_regularly(self):
        try:
            while not self._over.wait(self.every):
                try:
                    # Who holds the row may wait for what the worker holds: neither would ever go on.
                    with connection.cursor() as cursor:
                        cursor.execute("SET lock_timeout = '5s'")
                    self.say()
                except DatabaseError:
                    logger.warning("%s gave no sign of life.", self.name, exc_info=True)
                    connection.close()
        finally:
            connection.close()


@contextmanager
def stopped_by_signal():
    """Has SIGTERM, by which most supervisors stop every process of the cluster, raise `Stopped`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_heard):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopped(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
