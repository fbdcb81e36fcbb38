"""What the benches share: a database of their own, processes of their own, one JSON line for each measure.

A measure is a line with `bench`, `measure`, `database`, and what was seen: `rows`, `seconds`,
`rows_per_second`, `peak_mib`, and `ratio` to a peer that was measured in the same run.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def prepare(*, fresh=True):
    """Django on the database of DATABASE_URL: on a `fresh` one with its tables, or on the one made before.

    On a server it is a database of its own beside the one that is named, as the tests make it; without a
    server, the SQLite file that DATABASE_URL names. Returns a function that leaves nothing behind.
    """
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pratik.settings.test")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        if fresh:
            call_command("migrate", verbosity=0, interactive=False)
        return connection.close
    named = connection.settings_dict["NAME"]
    if fresh:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    else:
        connection.settings_dict["NAME"] = connection.creation._get_test_db_name()
    return lambda: connection.creation.destroy_test_db(named, verbosity=0)


@contextmanager
def database():
    """The environment of processes that measure on one database: a server's if one is named, else a
    throwaway SQLite file.
    """
    named = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL") or ""
    kept = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    with tempfile.TemporaryDirectory() as folder:
        if named.startswith("postgres"):
            url = named
        else:
            url = f"sqlite:///{folder}/bench.sqlite3"
            Path(folder, "bench.sqlite3").write_bytes(_empty_file())
        yield kept | {"DATABASE_URL": url}


@cache
def _empty_file():
    """A SQLite file with its tables: a bench of several processes makes them once."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {"DATABASE_URL": f"sqlite:///{folder}/empty.sqlite3", "TEST_DATABASE_URL": ""}
        variables |= {"DJANGO_SETTINGS_MODULE": "pratik.settings.test"}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=True)
        return Path(folder, "empty.sqlite3").read_bytes()


def apart(bench, *arguments, environment):
    """Runs a bench's own part in a process of its own, so that its memory is its own; passes its lines on.

    Returns them. Raises `SystemExit` with what it said when it failed.
    """
    command = [sys.executable, bench, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(done.stderr or f"{command} stopped with code {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(bench, measure, *, rows=None, seconds=None, **figures):
    """Prints one measure as a JSON line and returns it."""
    from django.db import connection

    line = {"bench": bench, "measure": measure, "database": connection.vendor}
    if rows is not None:
        line["rows"] = rows
    if seconds is not None:
        line["seconds"] = float(f"{seconds:.3g}")
        if rows is not None:
            line["rows_per_second"] = round(rows / seconds)
    return _printed(line, figures)


def summed_up(bench, measure, **figures):
    """Prints what follows from measures that other processes made, as a JSON line, and returns it."""
    return _printed({"bench": bench, "measure": measure}, figures)


def _printed(line, figures):
    line |= {name: round(value, 2) if isinstance(value, float) else value for name, value in figures.items()}
    print(json.dumps(line), flush=True)
    return line


class Stopwatch:
    """How long a block took, in seconds.

    with Stopwatch() as watch: …
    watch.seconds
    """

    def __enter__(self):
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_exc):
        self.seconds = time.perf_counter() - self._start


class Counter:
    """Counts queries without keeping them: `with connection.execute_wrapper(counter): …`."""

    number = 0

    def __call__(self, execute, sql, params, many, context):
        self.number += 1
        return execute(sql, params, many, context)


def peak_mib():
    """The most memory that this process has held, in MiB: `ru_maxrss` would begin with its parent's."""
    return _status_mib("VmHWM")


def mib_now():
    """The memory that this process holds, in MiB."""
    return _status_mib("VmRSS")


def forget_peak():
    """Lets the peak begin anew from what is held now (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def _status_mib(name):
    return int(re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
