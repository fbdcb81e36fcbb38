"""The bench of the public site still runs: at a small size, on SQLite."""

import json
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).with_name("public.py")


def test_the_bench_measures_kept_pages_and_others():
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_DATABASE_URL")
    }
    done = subprocess.run(
        [sys.executable, BENCH, "--calendars", "300", "--requests", "40"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    measures = [line["measure"] for line in lines]
    assert measures[-3:] == ["hello", "kept_page", "not_modified"]
    assert measures.count("page_not_kept") == 11
