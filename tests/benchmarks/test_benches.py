"""The benches still run, and what they look for besides seconds holds: with small numbers."""

import json
import os
import subprocess
from urllib.parse import urlsplit

import pytest

from .run import BENCHES, command

pytestmark = pytest.mark.once

# What each bench tells at least, whatever its sizes.
TOLD = {
    "imports": {"new", "changed", "undo_new", "undo_changed", "stock_new", "memory_csv", "memory_xlsx"},
    "lists": {"internshipcalendar, first", "companyprofile, first"},
    "pages": {"hello", "kept_page", "not_modified", "page_not_kept"},
    "sweep": {"expire", "remind", "files", "files growth"},
    "history": {"write", "page", "prune"},
    "cluster": {"database"},
    "documents": {"approve", "approve_loop", "approve_ratio", "reject_ratio"},
    "followers": {"record", "tell", "growth"},
}


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_runs_and_keeps_its_bounds(name):
    assert measures(name) >= TOLD[name]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("imports", ["--part", "speed"], {"new", "changed", "undo_new", "undo_changed", "stock_new"}),
        ("lists", [], TOLD["lists"]),
    ],
)
def test_a_bench_runs_where_production_does(name, options, told):
    """What COPY and the server's own figures have to do with."""
    server = urlsplit(os.environ.get("TEST_DATABASE_URL") or os.environ["DATABASE_URL"])
    own = server._replace(path=f"/bench_{name}").geturl()
    assert measures(name, *options, DATABASE_URL=own) >= told


def measures(name, *options, **variables):
    """What a bench told with small numbers, on a file of SQLite's unless the variables name a database."""
    others = ("DATABASE_URL", "TEST_DATABASE_URL")
    environment = {name: value for name, value in os.environ.items() if name not in others}
    command_line = [*command(name, small=True), *options]
    done = subprocess.run(command_line, capture_output=True, text=True, env=environment | variables)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["bench"] for line in lines} == {name}
    return {line["measure"] for line in lines}
