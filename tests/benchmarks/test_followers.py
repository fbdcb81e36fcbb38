"""The bench of followers still runs, and finds what it looks for: at a small size, on SQLite."""

import json
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).with_name("followers.py")


def test_the_bench_tells_each_follower_once():
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_DATABASE_URL")
    }
    done = subprocess.run(
        [sys.executable, BENCH, "--followers", "100", "--students", "5"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["measure"], line.get("rows")) for line in lines] == [
        ("record", 5),
        ("tell", 20),
        ("record", 5),
        ("tell", 100),
        ("growth", None),
    ]
