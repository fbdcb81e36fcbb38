"""Real clusters of the queue, in processes of their own, and a mail server that counts what it gets."""

import asyncio
import email
import email.policy
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from aiosmtpd.controller import Controller

from .worker import ROOT, given_database


class Cluster:
    """`manage.py qcluster` on the test's database, which is its broker too unless a Redis has a port."""

    def __init__(self, *, mail_port=0, guard_cycle=0.2, redis_port=0):
        variables = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.cluster_settings",
            "TEST_CLUSTER": given_database(
                mail_port=mail_port, guard_cycle=guard_cycle, redis_port=redis_port
            ),
        }
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
            cwd=ROOT,
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def workers(self):
        """The processes that the cluster's guard looks after, and starts again when one of them dies."""
        return [child for guard in _children(self.process.pid) for child in _children(guard)]

    def kill_senders(self, port):
        """SIGKILL to the workers that talk to the mail server on this port; the guard starts others.

        Only to these: a worker that waits for a task holds the lock of the guard's own queue, and who kills
        it has the whole cluster wait until it is started anew.
        """
        senders = [worker for worker in self.workers if _talks_to(worker, port)]
        for worker in senders:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        return len(senders)

    def kill(self):
        """SIGKILL to every process of the cluster."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _children(pid):
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in listed.split()]


def _talks_to(pid, port):
    """Whether a process has an open connection to a port of this machine."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    theirs = {f"socket:[{line[9]}]" for line in lines if int(line[2].partition(":")[2], 16) == port}
    try:
        return any(os.readlink(link) in theirs for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


class MailServer:
    """Keeps what it accepts. `at(number, act)` does something when so many e-mails have come in."""

    def __init__(self):
        self.accepted = []
        self.asked = 0
        self.acts = {}
        self._lock = threading.Lock()

    def at(self, number, *, before=None, after=None):
        """While the e-mail of this number is handed over: before it is accepted, or once it is and before
        the sender hears of it.
        """
        self.acts[number] = before, after

    async def handle_DATA(self, server, session, envelope):
        with self._lock:
            self.asked += 1
            before, after = self.acts.pop(self.asked, (None, None))
        await asyncio.sleep(0.01)
        if before:
            before()
            return "451 later"
        written = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = written.get_body(("plain",)).get_content()
        self.accepted.append((envelope.rcpt_tos[0], re.findall(r"avis-\d+-\d+", text)))
        if after:
            after()
        return "250 accepted"


@contextmanager
def mail_server():
    """A mail server on a free port, as (the server, its port)."""
    handler = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


def until(found, patience, *, meanwhile=lambda: None, every=0.2):
    """Waits until `found()` is true; whether it became so within so many seconds."""
    deadline = monotonic() + patience
    while not found():
        if monotonic() > deadline:
            return False
        meanwhile()
        sleep(every)
    return True
