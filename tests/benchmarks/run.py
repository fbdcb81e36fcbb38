"""All benches of PRATIK, on a PostgreSQL of their own.

    python tests/benchmarks/run.py                    at full size: hours, and some 20 GB of disk
    python tests/benchmarks/run.py --only imports     one bench; repeatable
    python tests/benchmarks/run.py --small            with small numbers: that they run, not how fast

Prints what each bench prints, one JSON line for each measure. Everything is run before anything is judged: a
bench that broke one of its bounds is named at the end, with what it said, and the exit code is 1. The server
is that of DATABASE_URL or TEST_DATABASE_URL, if one of them names a PostgreSQL.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.run import server  # noqa: E402

# Each bench with its arguments at full size, where its own defaults are others, and with small numbers.
BENCHES = {
    "imports": (
        ["--many-rows", 500_000],
        ["--rows", 300, "--stock-rows", 20],
    ),
    "lists": ([], ["--calendars", 150, "--companies", 120, "--times", 1]),
    "pages": ([], ["--calendars", 300, "--requests", 40]),
    "sweep": ([], ["--rows", 300]),
    "history": ([], ["--lines", 400, "--calendars", 60, "--written", 10]),
    "cluster": ([], ["--tasks", 10]),
    "documents": ([], ["--rows", 60, "--loop-rows", 10]),
    "followers": ([], ["--followers", 100, "--students", 5]),
}


def command(name, *, small):
    """How a bench is run."""
    bench = Path(__file__).with_name(f"{name}.py")
    return [sys.executable, str(bench), *map(str, BENCHES[name][small])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=BENCHES, action="append", help="run this bench alone; repeatable")
    parser.add_argument("--small", action="store_true", help="with small numbers")
    options = parser.parse_args()
    broken = {}
    with server() as address:
        environment = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
        for name in options.only or BENCHES:
            done = subprocess.run(
                command(name, small=options.small),
                env=environment | {"DATABASE_URL": address},
                stderr=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                broken[name] = done.stderr.strip()
    for name, said in broken.items():
        print(f"{name}: {said}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
