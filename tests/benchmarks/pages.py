"""The public site: what a page costs that is kept, and one that is not, among so many calendars.

    python tests/benchmarks/pages.py [--calendars 1000000] [--requests 2000]

« hello » is Django alone: a view that answers one word, without any middleware. It, a page that the site
keeps and « yours is still right » (304) are asked over HTTP of the same gunicorn (gthread, one worker) by the
same client, in turns. The pages that are not kept are asked of the application in this process, each after
another calendar was published, so that nothing of a former answer serves: the time is the server's own. Into
an empty database (on the PostgreSQL of DATABASE_URL, else a throwaway SQLite file). Prints one JSON line for
each measure; fails when a kept page makes more than one query, and at full size when a bound of the issue
is broken: twice « hello », 50 ms.
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import Counter, Stopwatch, apart, database, prepare, told  # noqa: E402

FULL_SIZE = 1_000_000
MOST_TIMES_HELLO = 2
MOST_SECONDS = 0.050
ROUNDS = 8
# Each list page that is asked, in turns.
FILTERED = {
    "all": "",
    "level": "niveau=5",
    "school": "etablissement={uai}",
    "commune": "commune={commune}",
    "dates": "debut_apres={later}&niveau=4",
    "last page": "page=999999",
    "with past": "passes=1&niveau=3",
    "words": "q=mecanique+kourou",
    "rare word": "q=zythologie",
    "unknown word": "q=introuvable",
    "timeline": "vue=frise&niveau=6",
}

HELLO = """
from django.conf import settings
settings.configure(SECRET_KEY="x" * 50, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[])
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("hello", lambda request: HttpResponse("hello"))]
application = get_wsgi_application()
"""

# Connections stay open between requests, as production has it.
SITE = """
from pratik.settings.test import *
DATABASES["default"]["CONN_MAX_AGE"] = 60
"""


def seed(number):
    """So many calendars over eight years, six in seven of them public, of schools in every commune."""
    from pratik.accounts.services import system_actor
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.core.writes import create_rows
    from pratik.reference.models import Commune
    from pratik.schools.models import SchoolProfile

    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    with operation(kind=OperationKind.SETUP, actor=system_actor(), subject=SchoolProfile):
        communes = create_rows(
            Commune(insee_code=f"973{place:02d}", name="Kourou" if place == 4 else f"Commune {place}")
            for place in range(1, 23)
        )
        schools = create_rows(
            SchoolProfile(
                uai=f"{9_730_000 + place:07d}{letters[place % 23]}",
                name=f"Lycée professionnel {place}",
                kind="lycee",
                commune=communes[place % len(communes)],
                is_visible=place % 20 != 0,
            )
            for place in range(max(20, min(5_000, number // 200)))
        )
    insert_calendars(number, schools)


WORDS = ("Mécanique", "Cuisine", "Vente", "Biologie", "Tourisme", "Soudure", "Accueil", "Bâtiment")


def insert_calendars(number, schools):
    """The rows, made by the database itself: a million would take minutes in Python."""
    import datetime

    from django.db import connection

    from pratik.calendars.models import InternshipCalendar
    from pratik.core.calendar import today
    from pratik.core.text import fold

    first = today() - datetime.timedelta(days=6 * 365)
    if connection.vendor == "postgresql":
        numbers, moment = f"SELECT generate_series(0, {number - 1}) AS n", "now()"
        start, end = f"DATE '{first}' + day", f"DATE '{first}' + day + length"
    else:
        numbers = f"WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n < {number - 1})"
        numbers, moment = f"{numbers} SELECT n FROM up", "CURRENT_TIMESTAMP"
        start, end = f"date('{first}', day || ' days')", f"date('{first}', (day + length) || ' days')"

    def word(position, written=str):
        choices = " ".join(f"WHEN {place} THEN '{written(name)}'" for place, name in enumerate(WORDS))
        return f"CASE {position} % 8 {choices} END"

    key = f"{word('n', fold)} || ' ' || {word('(n / 8)', fold)} || ' option ' || n"
    values = {
        "created_at": moment,
        "updated_at": moment,
        "school_id": f"{schools[0].pk} + n % {len(schools)}",
        "program_name": f"{word('n')} || ' ' || {word('(n / 8)')} || ' option ' || n",
        "program_key": key,
        "level": "3 + n % 5",
        "diploma": "'BTS'",
        "start_on": start,
        "end_on": end,
        "school_year": "2026",
        "number_of_students": "10 + n % 20",
        "skills_sought": "'[\"Accueil\"]'",
        "description": "''",
        "is_visible_to_companies": "n % 30 != 0",
        "state": "CASE WHEN n % 7 = 0 THEN 'draft' ELSE 'published' END",
        "search_text": f"{key} || CASE WHEN n % 50000 = 8 THEN ' zythologie' ELSE ' accueil' END",
    }
    table = InternshipCalendar._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            " FROM (SELECT n, 11 + n % 5 * 14 AS length,"
            " CAST(CAST(n AS bigint) * 7919 % 2920 AS integer) AS day"
            f" FROM ({numbers}) AS numbers) AS given"
        )
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def publish_another():
    """Somebody publishes a calendar: whatever was kept of the lists is right no more."""
    from pratik.accounts.services import system_actor
    from pratik.calendars.models import InternshipCalendar
    from pratik.core.enums import OperationKind
    from pratik.core.operations import operation
    from pratik.core.writes import set_columns

    pk = InternshipCalendar.objects.order_by("-pk").values_list("pk", flat=True)[0]
    with operation(kind=OperationKind.SETUP, actor=system_actor(), subject=InternshipCalendar):
        set_columns(InternshipCalendar, [pk], state="published")


def filtered(number):
    """What the server takes for each list page of which nothing is kept; the longest, in seconds."""
    import datetime

    from django.db import connection
    from django.test import Client

    from pratik.core.calendar import today
    from pratik.schools.models import SchoolProfile

    client = Client(headers={"host": "127.0.0.1", "accept-encoding": "gzip"})
    school = SchoolProfile.objects.public().select_related("commune")[3]
    blanks = {
        "uai": school.uai,
        "commune": school.commune.insee_code,
        "later": (today() + datetime.timedelta(days=30)).isoformat(),
    }
    client.get("/calendriers/")
    worst = 0
    for name, query in FILTERED.items():
        path = f"/calendriers/?{query.format(**blanks)}"
        seconds, counter = [], Counter()
        for _ in range(5):
            publish_another()
            with connection.execute_wrapper(counter), Stopwatch() as watch:
                assert client.get(path).status_code == 200, path
            seconds.append(watch.seconds)
        worst = max(worst, statistics.median(seconds))
        told(
            "pages",
            "page_not_kept",
            asked=name,
            calendars=number,
            queries=counter.number // 5,
            milliseconds=statistics.median(seconds) * 1000,
            at_most=max(seconds) * 1000,
        )
    for path in ("/", "/calendriers.ics?niveau=5", "/sitemap.xml"):
        publish_another()
        with Stopwatch() as watch:
            assert client.get(path).status_code == 200, path
        told("pages", "other_page_not_kept", asked=path, milliseconds=watch.seconds * 1000)
    return worst


@contextmanager
def served(application, folder, environment):
    """The port of a gunicorn with one worker, as production runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", "1", "--threads", "4"]
    command += [
        "-b",
        f"127.0.0.1:{port}",
        "--keep-alive",
        "65",
        "--log-level",
        "error",
        "--chdir",
        folder,
        application,
    ]
    server = subprocess.Popen(command, env=environment)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


class Visitor:
    """Asks a server the same again and again, on one connection."""

    def __init__(self, port, path, status=200, **headers):
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._path, self._status = path, status
        self._headers = {"Accept-Encoding": "gzip", "Accept-Language": "fr"} | headers

    def ask(self, times):
        """Seconds for each answer."""
        with Stopwatch() as watch:
            for _ in range(times):
                self._connection.request("GET", self._path, headers=self._headers)
                answer = self._connection.getresponse()
                answer.read()
                assert answer.status == self._status, (self._path, answer.status)
        return watch.seconds / times, answer


def kept(number, requests, folder):
    """A page that is kept, beside « hello »: how many times as long it takes."""
    from django.db import connection
    from django.test import Client

    path = "/calendriers/"
    client = Client(headers={"host": "127.0.0.1", "accept-language": "fr"})
    client.get(path)
    counter = Counter()
    with connection.execute_wrapper(counter):
        client.get(path)
    if counter.number > 1:
        raise SystemExit(f"A kept page made {counter.number} queries.")
    Path(folder, "hello.py").write_text(HELLO)
    Path(folder, "kept_settings.py").write_text(SITE)
    # The server reads what was seeded here.
    environment = os.environ | {
        "DATABASE_URL": address_of(connection),
        "DJANGO_SETTINGS_MODULE": "kept_settings",
        "PYTHONPATH": folder,
    }
    with (
        served("hello:application", folder, environment) as bare,
        served("pratik.wsgi:application", str(ROOT), environment) as site,
    ):
        etag = Visitor(site, path).ask(1)[1].headers["ETag"]
        visitors = {
            "hello": Visitor(bare, "/hello"),
            "kept_page": Visitor(site, path),
            "not_modified": Visitor(site, path, 304, **{"If-None-Match": etag}),
        }
        seconds = {name: [] for name in visitors}
        for visitor in visitors.values():
            visitor.ask(100)
        for _ in range(ROUNDS):
            for name, visitor in visitors.items():
                seconds[name].append(visitor.ask(max(1, requests // ROUNDS))[0])
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    for name, found in medians.items():
        told(
            "pages",
            name,
            calendars=number,
            microseconds=round(found * 1e6),
            requests_per_second=round(1 / found),
            ratio=found / medians["hello"],
        )
    return medians["kept_page"] / medians["hello"]


def address_of(connection):
    """The database that is open here, for another process."""
    named = os.environ["DATABASE_URL"]
    if connection.vendor != "postgresql":
        return named
    return urlsplit(named)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def measure(number, requests):
    """All of it, in this process."""
    import tempfile

    put_away = prepare()
    with Stopwatch() as watch:
        seed(number)
    told("pages", "seed", rows=number, seconds=watch.seconds)
    worst = filtered(number)
    with tempfile.TemporaryDirectory() as folder:
        ratio = kept(number, requests, folder)
    put_away()
    if number >= FULL_SIZE and (worst > MOST_SECONDS or ratio > MOST_TIMES_HELLO):
        raise SystemExit(f"A list page took {worst * 1000:.0f} ms, a kept one {ratio:.2f} times « hello ».")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calendars", type=int, default=FULL_SIZE)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return measure(options.calendars, options.requests)
    with database() as environment:
        apart(
            __file__,
            "--here",
            "--calendars",
            options.calendars,
            "--requests",
            options.requests,
            environment=environment,
        )


if __name__ == "__main__":
    main()
