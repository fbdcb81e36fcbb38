"""The settings of a queue's cluster that a test starts: the test's own database, and its mail server."""

import json
import os

from pratik.settings.test import *  # noqa: F403
from pratik.settings.test import Q_CLUSTER, STORAGES

_GIVEN = json.loads(os.environ["TEST_CLUSTER"])

# What waits in the queue is signed.
SECRET_KEY = _GIVEN["secret_key"]
DATABASES = {"default": _GIVEN["database"]}
if folder := _GIVEN.get("private"):
    _PRIVATE = {**STORAGES["private"], "OPTIONS": {**STORAGES["private"]["OPTIONS"], "location": folder}}
    STORAGES = {**STORAGES, "private": _PRIVATE}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = _GIVEN["mail_port"]
EMAIL_TIMEOUT = 20
Q_CLUSTER = Q_CLUSTER | {"workers": 2, "queue_limit": 2, "poll": 0.1, "guard_cycle": _GIVEN["guard_cycle"]}
if _GIVEN.get("redis_port"):
    Q_CLUSTER = {name: value for name, value in Q_CLUSTER.items() if name != "orm"}
    Q_CLUSTER["redis"] = {"host": "127.0.0.1", "port": _GIVEN["redis_port"]}
