"""Tasks that do nothing, put and done by a real cluster: with the database as broker, and with Redis.

    python tests/benchmarks/cluster.py [--tasks 2000]

Two workers, as in production; on the PostgreSQL of DATABASE_URL, else a throwaway SQLite file. Redis is
started for the measure on a free port and keeps nothing; where there is none, a line says that it was not
measured. Prints one JSON line for each broker; fails when a task was not done exactly once. What Redis loses
when a worker dies is in deploy/README.md: the ratio is no recommendation.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import Stopwatch, apart, database, prepare, told  # noqa: E402

PATIENCE_SECONDS = 120


def nothing(path):
    """A task that does nothing but leave a mark of one byte."""
    with open(path, "ab") as marks:
        marks.write(b".")


@contextmanager
def redis_server():
    """A Redis on a free port, as its port; 0 where there is none, or nothing to talk to it with."""
    program = shutil.which("redis-server")
    if program is None or find_spec("redis") is None:
        yield 0
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait(lambda: _answers(port), "Redis does not answer.")
            yield port
        finally:
            server.terminate()
            server.wait()


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(question, otherwise):
    limit = time.monotonic() + PATIENCE_SECONDS
    while not question():
        if time.monotonic() > limit:
            raise SystemExit(otherwise)
        time.sleep(0.01)


def run(tasks, redis_port):
    """Puts so many tasks into the queue of a cluster that is there and waits until all are done; prints the
    JSON line.
    """
    put_away = prepare(fresh=True)
    from django_q.brokers import get_broker
    from django_q.conf import Conf
    from django_q.models import OrmQ
    from django_q.tasks import async_task

    from tests.kit.cluster import Cluster

    if redis_port:
        Conf.ORM, Conf.REDIS = None, {"host": "127.0.0.1", "port": redis_port}
    broker = get_broker()
    cluster = Cluster(redis_port=redis_port)
    try:
        with tempfile.TemporaryDirectory() as folder:
            marks = Path(folder) / "marks"
            marks.touch()

            def put(number):
                for _task in range(number):
                    async_task("tests.benchmarks.cluster.nothing", str(marks), broker=broker)

            def wait(number):
                _wait(lambda: marks.stat().st_size >= number, f"{marks.stat().st_size} of {number} done.")

            # Each worker has begun when these are done: how long a cluster takes to start is no throughput.
            put(4)
            wait(4)
            with Stopwatch() as whole:
                with Stopwatch() as putting:
                    put(tasks)
                wait(4 + tasks)
            if not redis_port:
                _wait(lambda: not OrmQ.objects.exists(), "Tasks that are done stay in the queue.")
            # A task that is done twice would be done by then.
            time.sleep(0.5)
            if marks.stat().st_size != 4 + tasks:
                raise SystemExit(f"{marks.stat().st_size - 4} runs of {tasks} tasks.")
    finally:
        cluster.kill()
    told(
        "cluster",
        "redis" if redis_port else "database",
        rows=tasks,
        seconds=whole.seconds,
        put_per_second=round(tasks / putting.seconds),
        workers=2,
    )
    put_away()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", type=int, default=2_000)
    parser.add_argument("--run", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run is not None:
        return run(options.tasks, options.run)
    arguments = (__file__, "--tasks", options.tasks, "--run")
    with database() as environment:
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        [by_database] = apart(*arguments, 0, environment=environment)
        with redis_server() as port:
            prepare(fresh=False)
            if not port:
                told("cluster", "redis", measured="not measured: no redis-server, or no redis in Python")
                return
            [by_redis] = apart(*arguments, port, environment=environment)
    told("cluster", "ratio", ratio=by_redis["rows_per_second"] / by_database["rows_per_second"])


if __name__ == "__main__":
    main()
