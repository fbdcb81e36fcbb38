"""Workers in processes of their own on the test's database, which stop where a test wants."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180


def given_database(**more):
    """What `tests.cluster_settings` needs to work on the test's database, as JSON."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    values = {
        "secret_key": settings.SECRET_KEY,
        "database": {name: connection.settings_dict[name] for name in names},
        "mail_port": 0,
        "guard_cycle": 0.2,
        "redis_port": 0,
        "private": str(storages["private"].location),
    }
    return json.dumps(values | more)


def stopped_worker(code):
    """A process that runs this code up to where it prints « here »."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "tests.cluster_settings", "TEST_CLUSTER": given_database()},
        stdout=subprocess.PIPE,
        text=True,
    )
    # Whatever keeps it from coming there, nobody waits for it for good.
    watch = threading.Timer(PATIENCE, process.kill)
    watch.start()
    try:
        assert process.stdout.readline().strip() == "here"
    finally:
        watch.cancel()
    return process


def kill(process):
    """SIGKILL, without a word of farewell."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
