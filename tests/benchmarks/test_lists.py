"""The bench of lists still runs, and its pages are light: at a small size, on SQLite."""

import json
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).with_name("lists.py")


def test_the_bench_opens_each_kind_of_page():
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_DATABASE_URL")
    }
    done = subprocess.run(
        [sys.executable, BENCH, "--calendars", "150", "--companies", "120", "--times", "1"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    lists = [line["measure"].partition(", ")[0] for line in lines]
    assert (lists.count("internshipcalendar"), lists.count("companyprofile")) == (11, 7)
    assert all(0 < line["bytes"] < 300_000 for line in lines)
