"""The demonstration and the server, as somebody starts them who has just installed PRATIK."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATIENCE = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An empty place for the database, and the environment of somebody who has set nothing."""
    return tmp_path_factory.mktemp("demo")


def environment(home):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DJANGO_", "PYTEST_")) and name not in ("DATABASE_URL", "TEST_DATABASE_URL")
    }
    return kept | {
        "DATABASE_URL": f"sqlite:///{home / 'demo.sqlite3'}",
        "PYTHONUNBUFFERED": "1",
    }


def demo(home, *options):
    return [sys.executable, str(ROOT / "manage.py"), "demo", *options], {
        "env": environment(home),
        "cwd": home,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
    }


def run(home):
    command, options = demo(home, "--no-serve")
    done = subprocess.run(command, timeout=3 * PATIENCE, check=False, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def figures(home):
    """How many rows each table of the demonstration holds."""
    with sqlite3.connect(home / "demo.sqlite3") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counted = {}
        for table in tables:
            if table.startswith(("accounts_", "calendars_", "core_", "partners_", "reference_", "schools_")):
                [(counted[table],)] = database.execute(f'SELECT count(*) FROM "{table}"')
    return counted


@pytest.fixture(scope="module")
def loaded(home):
    """What the first run said, and the rows that it left."""
    return run(home), figures(home)


def test_demonstration_comes_with_real_schools_and_companies(loaded):
    said, rows = loaded
    assert rows["schools_schoolprofile"] == 109
    assert rows["partners_companyprofile"] == 577
    assert rows["calendars_internshipcalendar"] == 440
    assert rows["calendars_historicalinternshipcalendar"] > 440
    assert rows["reference_commune"] == 22
    assert "administration@pratik.example" in said
    assert re.search(r"Mot de passe : \w+-\w+-\w+", said)


def test_second_run_changes_nothing(home, loaded):
    _said, before = loaded
    run(home)
    assert figures(home) == before


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(address):
    """The status of a page, or None while nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def children_of(pid):
    """The processes that a process started."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in listed.split()]


def alive(pid):
    """Whether a process runs; one that ended and waits to be counted does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def within(seconds, question):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if found := question():
            return found
        time.sleep(0.2)
    return question()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the processes from /proc")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminate"])
def test_server_answers_and_stops_with_its_task_cluster(home, loaded, stop):
    port = free_port()
    command, options = demo(home, "--port", str(port))
    server = subprocess.Popen(command, start_new_session=True, **options)
    try:
        for page in ("/", "/console/login/", "/calendriers/", "/partenaires/"):
            address = f"http://127.0.0.1:{port}{page}"
            assert within(PATIENCE, lambda address=address: answer(address)) == 200, page
        started = children_of(server.pid)
        assert len(started) == 2, "the web server and the task cluster"
        workers = within(10, lambda: [pid for child in started for pid in children_of(child)])
        server.send_signal(stop)
        said, _nothing = server.communicate(timeout=PATIENCE)
        assert server.returncode == 0, said
        assert "Arrêté." in said
        assert "Traceback" not in said
        assert within(10, lambda: not any(map(alive, [*started, *workers])))
        assert answer(f"http://127.0.0.1:{port}/") is None
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
