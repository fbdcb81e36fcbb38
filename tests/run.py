"""All the tests of PRATIK: style, migrations, catalogues, and pytest on SQLite, PostgreSQL and in a browser.

    python tests/run.py                       everything
    python tests/run.py --only sqlite         one part: lint, sqlite, postgresql or browser
    python tests/run.py -- -k calendars -x    options after -- go to pytest

Everything runs on PostgreSQL, and on SQLite too, but for what asks no database or the same of any (the marker
`once`; conftest.py names the areas) and what asks any of them the same thousands of questions, which SQLite
answers sooner (`sooner`). `--only` one of them runs those as well. The browser's stories wait more than they
compute, and go on beside SQLite's part.

PostgreSQL is started for the run, unless TEST_DATABASE_URL or DATABASE_URL names a server. Its tables are
made by the migrations once; each database of the tests is a copy. On SQLite they are made from the models,
and by the migrations in the test of the demonstration. Browser tests need Chromium (the variable CHROMIUM, or
one of its usual names). Everything is run before anything is judged; the last line is the total, and the exit
code is 1 when something failed.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PARTS = ("lint", "sqlite", "postgresql", "browser")
PYTHON = [sys.executable]
MANAGE = [*PYTHON, "manage.py"]
CHECKS = {
    "style": [*PYTHON, "-m", "ruff", "check", "."],
    "format": [*PYTHON, "-m", "ruff", "format", "--check", "."],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "catalogues": [*MANAGE, "catalogs", "check"],
    "workflows": [*MANAGE, "workflows", "--check"],
    "roles": [*MANAGE, "roles", "--check"],
}
NOTHING_COLLECTED = 5
TEMPLATE = "pratik_tables"


@dataclass
class Part:
    """What became of one part of the run."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""

    def __str__(self):
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"  {self.name:<12} {counts:<40} {self.seconds:6.1f} s  {self.note}".rstrip()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    own, passed_on = sys.argv[1:], []
    if "--" in own:
        own, passed_on = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=PARTS, action="append", help="run this part alone; repeatable")
    wanted = parser.parse_args(own).only or PARTS

    parts = []
    try:
        with ExitStack() as stack:
            tables = None
            if {"postgresql", "browser"} & set(wanted):
                # Begun first: its tables are made while the style is looked at.
                tables = Tables(stack)
            if "lint" in wanted:
                parts += [checked(name, command) for name, command in CHECKS.items()]
            compiled = checked("compiling", [*MANAGE, "catalogs", "compile"])
            if compiled.failed:
                parts.append(compiled)
            if tables and (said := tables.refused()):
                parts.append(Part("postgresql", failed=1, note=said))
                tables = None
            stories = None
            if tables and "browser" in wanted:
                # One at a time: two browsers and two databases on a small machine wait for one another.
                stories = Run("browser", tables.variables, ["-m", "browser"], passed_on, beside=True)
                stack.callback(stories.kill)
            select, both = "not browser and not benchmark", {"sqlite", "postgresql"} <= set(wanted)
            if "sqlite" in wanted:
                select_here = f"{select} and not once" if both else select
                options = ["-m", select_here, "-n", "2", "--nomigrations"]
                parts.append(Run("sqlite", {}, options, passed_on).part())
            if stories:
                parts.append(stories.part())
                if not parts[-1].passed and not parts[-1].failed and parts[-1].skipped:
                    parts[-1].note = "browser tests: not run, no Chromium found"
            if tables and "postgresql" in wanted:
                select_here = f"{select} and not sooner" if both else select
                options = ["-m", select_here, "-n", "2"]
                parts.append(Run("postgresql", tables.variables, options, passed_on).part())
    except KeyboardInterrupt:
        parts.append(Part("stopped", failed=1, note="by Ctrl-C"))
    return summed_up(parts)


class Tables:
    """A PostgreSQL and a database in it that the migrations have made: those of the tests are its copies."""

    def __init__(self, stack):
        from tests.postgres import NoServer

        self.variables = {}
        try:
            address = stack.enter_context(server())
        except NoServer as error:
            self._error = f"PostgreSQL did not start: {error}"
            return
        stack.callback(_database, address, "DROP DATABASE IF EXISTS {} WITH (FORCE)")
        _database(address, "DROP DATABASE IF EXISTS {} WITH (FORCE)")
        _database(address, "CREATE DATABASE {}")
        self.variables = {"TEST_DATABASE_URL": address, "TEST_DATABASE_TEMPLATE": TEMPLATE}
        own = urlsplit(address)._replace(path=f"/{TEMPLATE}").geturl()
        self._migrating = subprocess.Popen(
            [*MANAGE, "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env=environment({"TEST_DATABASE_URL": own}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        stack.callback(self._migrating.kill)

    def refused(self):
        """Waits for the tables; what was said if there is no server, or if a migration failed."""
        if not self.variables:
            return self._error
        said, _nothing = self._migrating.communicate()
        return f"The migrations failed on PostgreSQL: {said}" if self._migrating.returncode else ""


def _database(address, statement):
    """Makes the database that is copied, or lets go of it."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(TEMPLATE)))


@contextmanager
def server():
    """The address of a PostgreSQL: the one that the environment names, else one of our own."""
    from tests.postgres import running_server

    named = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL") or ""
    if named.startswith("postgres"):
        yield named
    else:
        with running_server() as address:
            yield address


def environment(database=None):
    """The environment of a command: the test settings, and the variables of this database or of none."""
    others = ("DATABASE_URL", "TEST_DATABASE_URL", "TEST_DATABASE_TEMPLATE", "DJANGO_SETTINGS_MODULE")
    variables = {name: value for name, value in os.environ.items() if name not in others}
    return variables | {"DJANGO_SETTINGS_MODULE": "pratik.settings.test"} | (database or {})


def heading(text):
    print(f"\n=== {text}", flush=True)


def checked(name, command):
    """Runs one check and counts it as one test."""
    heading(name)
    start = time.monotonic()
    failed = int(subprocess.run(command, cwd=ROOT, env=environment()).returncode != 0)
    return Part(name, passed=1 - failed, failed=failed, seconds=time.monotonic() - start)


class Run:
    """One run of pytest; `beside` something else, it says what it says once it is over."""

    def __init__(self, name, database, options, passed_on, *, beside=False):
        self._name, self._passed_on, self._beside = name, passed_on, beside
        self._start = time.monotonic()
        self._folder = tempfile.TemporaryDirectory()
        self._report, said = (Path(self._folder.name, each) for each in ("report.xml", "said.txt"))
        command = [*PYTHON, "-m", "pytest", *options, f"--junitxml={self._report}", *passed_on]
        if not beside:
            heading(f"tests: {name}")
        self._said = said.open("w+") if beside else None
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(database), stdout=self._said, stderr=self._said
        )

    def part(self):
        """Waits for its end and counts from its report; a run that breaks off is a failure of its own."""
        try:
            code = self._process.wait()
        finally:
            self.kill()
        part = Part(self._name, seconds=time.monotonic() - self._start)
        if self._beside:
            heading(f"tests: {self._name}")
            self._said.seek(0)
            print(self._said.read(), flush=True)
            self._said.close()
        for suite in ElementTree.parse(self._report).iter("testsuite") if self._report.exists() else ():
            failed = int(suite.get("failures")) + int(suite.get("errors"))
            skipped = int(suite.get("skipped"))
            part.failed += failed
            part.skipped += skipped
            part.passed += int(suite.get("tests")) - failed - skipped
        empty_by_choice = code == NOTHING_COLLECTED and self._passed_on
        if code and not part.failed and not empty_by_choice:
            part.failed = 1
            part.note = f"pytest stopped with code {code}"
        self._folder.cleanup()
        return part

    def kill(self):
        """Ends it if it still goes on."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def summed_up(parts):
    """Prints the summary, its total last. Returns the exit code."""
    heading("summary")
    for part in parts:
        print(part)
    failed = sum(part.failed for part in parts)
    passed = sum(part.passed for part in parts)
    skipped = sum(part.skipped for part in parts)
    print(f"\n{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
