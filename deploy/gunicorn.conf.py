"""The web server of production. Threads, since a request mostly waits for the database."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# An action on 50,000 rows is the longest request: longer files and undoings are the cluster's.
timeout = 60
graceful_timeout = 30
# Behind a proxy that keeps its connections open for a minute.
keepalive = 65
# A worker is renewed now and then, at moments of its own, so that no leak grows for months; seldom, since the
# public pages that it keeps go with it (decision 36).
max_requests = 20000
max_requests_jitter = 4000
accesslog = "-"
