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

from pratik.internships.enums import ApplicationState, OfferState, PlacementState

ROOT = Path(__file__).parents[1]
PATIENCE = 180
# Tables that a second run leaves as they are.
KEPT = (
    "accounts_",
    "calendars_",
    "core_",
    "internships_",
    "partners_",
    "recommendations_",
    "reference_",
    "schools_",
    "tracking_",
)


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
            if table.startswith(KEPT):
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


def test_the_demonstration_has_data_past_their_time_and_a_passage_that_removed_some(home, loaded):
    with sqlite3.connect(home / "demo.sqlite3") as database:
        [(finished, warned, treated)] = database.execute(
            "SELECT finished_at, warned, treated FROM privacy_retentionrun"
        )
        sign_ups = database.execute("SELECT email FROM joining_signup WHERE email LIKE '%essai%'").fetchall()
        dormant = database.execute(
            "SELECT count(*) FROM accounts_user WHERE email = 'ancienne@pratik.example' AND is_active"
        ).fetchall()
    assert finished and (warned, treated) == (1, 1)
    assert sign_ups == [("second.essai@pratik.example",)]
    assert dormant == [(1,)]


def states(home, table):
    """How many rows of a table stand in each state."""
    with sqlite3.connect(home / "demo.sqlite3") as database:
        return dict(database.execute(f'SELECT state, count(*) FROM "{table}" GROUP BY state'))


def test_the_demonstration_has_offers_applications_and_placements_in_every_state(home, loaded):
    offers = states(home, "internships_internshipoffer")
    assert sum(offers.values()) == 12
    assert set(offers) == set(OfferState.values)
    assert set(states(home, "internships_application")) == set(ApplicationState.values)
    assert set(states(home, "internships_placement")) == set(PlacementState.values)
    assert states(home, "schools_studentenrolment") == {"active": 10, "declared": 1, "proposed": 2}
    assert states(home, "recommendations_internrecommendation") == {"draft": 1, "proposed": 1, "accepted": 1}
    assert states(home, "tracking_follow") == {"requested": 1, "active": 1}
    with sqlite3.connect(home / "demo.sqlite3") as database:
        kinds = dict(database.execute("SELECT kind, count(*) FROM internships_placementpaper GROUP BY kind"))
        [(changes,)] = database.execute("SELECT count(*) FROM tracking_profilechange")
        [(featured,)] = database.execute(
            "SELECT count(*) FROM recommendations_internrecommendation"
            " WHERE is_featured AND visibility = 'public'"
        )
    assert kinds == {"agreement": 6, "certificate": 1, "amendment": 1}
    assert (changes, featured) == (2, 1)


def test_each_account_of_the_demonstration_has_internships_to_act_on(home, loaded):
    with sqlite3.connect(home / "demo.sqlite3") as database:
        waiting = dict(
            database.execute(
                "SELECT u.email, count(*) FROM internships_placement p"
                " JOIN partners_companymembership m ON m.organisation_id = p.company_id"
                " JOIN accounts_user u ON u.id = m.user_id WHERE p.state = 'drafted' GROUP BY u.email"
            )
        )
        student = database.execute(
            "SELECT a.state FROM internships_application a JOIN accounts_studentprofile s"
            " ON s.id = a.student_id JOIN accounts_user u ON u.id = s.user_id"
            " WHERE u.email = 'etudiante@pratik.example' ORDER BY a.state"
        ).fetchall()
        school = database.execute(
            "SELECT count(*) FROM internships_placement p JOIN schools_schoolmembership m"
            " ON m.organisation_id = p.school_id JOIN accounts_user u ON u.id = m.user_id"
            " WHERE p.state = 'host_agreed' AND u.email = 'ecole@pratik.example'"
        ).fetchall()
    assert waiting == {"entreprise@pratik.example": 1, "hotel@pratik.example": 1}
    assert student == [("accepted",), ("interview",), ("received",)]
    assert school == [(1,)]


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


def error_page(address):
    """The status and the text of a page that fails."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


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
        assert answer(f"http://127.0.0.1:{port}/static/backoffice/console.css") == 200
        status, told = error_page(f"http://127.0.0.1:{port}/nulle-part/")
        assert (status, "DEBUG = True" in told, "404" in told) == (404, False, True), (
            "its own page of an error"
        )
        started = children_of(server.pid)
        assert len(started) == 2, "the web server and the task cluster"
        workers = within(PATIENCE, lambda: [pid for child in started for pid in children_of(child)])
        server.send_signal(stop)
        said, _nothing = server.communicate(timeout=PATIENCE)
        assert server.returncode == 0, said
        assert "Arrêté." in said
        assert "Traceback" not in said
        assert within(PATIENCE, lambda: not any(map(alive, [*started, *workers])))
        assert answer(f"http://127.0.0.1:{port}/") is None
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
