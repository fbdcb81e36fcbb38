"""The benches still run, and what they look for besides seconds holds: with small numbers."""

import json
import os
import subprocess
from urllib.parse import urlsplit

import pytest
from django.db import connection

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
    """Where production runs if the suite does, else on a throwaway file of SQLite's."""
    done = subprocess.run(command(name, small=True), capture_output=True, text=True, env=environment(name))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["bench"] for line in lines} == {name}
    assert {line["measure"] for line in lines} >= TOLD[name]


def environment(name):
    """The test's own, with a database that no other bench has."""
    variables = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    if connection.vendor == "postgresql":
        server = urlsplit(os.environ.get("TEST_DATABASE_URL") or os.environ["DATABASE_URL"])
        variables["DATABASE_URL"] = server._replace(path=f"/bench_{name}").geturl()
    return variables
