"""The lists of the console beside a stock ModelAdmin on the same table: how fast, how heavy.

    python tests/benchmarks/lists.py [--calendars 1000000] [--companies 200000] [--times 5]

Fills an empty database (on the PostgreSQL of DATABASE_URL, else a throwaway SQLite file), then opens each
kind of page of 100 rows, the console's and the stock's in turn, by the test client as an administrator.
Prints one JSON line for each page: the median of its seconds, its bytes and queries, and how many times as
fast as the stock it is. Fails when a page of the console is heavier than 300 kB or takes more queries than
`QUERIES`; asserts the ratio at full size alone, and only where the stock is slow, and no seconds.
"""

import argparse
import io
import statistics
import sys
import time
import warnings
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.harness import Counter, apart, database, prepare, told  # noqa: E402

FULL_SIZE = 1_000_000
HEAVIEST = 300_000
# Of a page: the session and the person, what the menus and the filters tell, the count, the keys, the rows.
QUERIES = 18
# Where a stock page takes longer than this it is slow, and the console's is to be `FASTER` times as fast.
SLOW, FASTER = 0.5, 10

# The kinds of pages: what is asked of the console, and the same in the stock's words.
CALENDARS = {
    "first": ("", ""),
    "filtered": ("?state__exact=draft", "?state__exact=draft"),
    "filtered by school": ("?school__id__exact={school}", "?school__id__exact={school}"),
    "searched": ("?q=électri", "?q=electri"),
    "searched, part of a word": ("?q=anique", "?q=anique"),
    "searched, rare": ("?q={rare}", "?q={rare}"),
    "searched by school": ("?q={name}", "?q={name}"),
    "searched, two letters": ("?q=bo", "?q=bo"),
    "sorted by figures": ("?o=-7", "?o=-7"),
    "sorted by date": ("?o=4", "?o=4"),
    "last": ("?p=-1", "?p={last}"),
}
COMPANIES = {
    "first": ("", ""),
    "filtered": ("?partnership__exact=partner", "?partnership__exact=partner"),
    "searched": ("?q=épicerie", "?q=epicerie"),
    "searched, part of a word": ("?q=langeri", "?q=langeri"),
    "searched, rare": ("?q={rare}", "?q={rare}"),
    "sorted": ("?o=-1", "?o=-1"),
    "last": ("?p=-1", "?p={last}"),
}


def stock_site():
    """Both lists as Django's own admin shows them, on a site of its own."""
    from django.contrib import admin

    from pratik.calendars.models import InternshipCalendar
    from pratik.partners.models import CompanyProfile

    site = admin.AdminSite(name="stock")
    for model in (InternshipCalendar, CompanyProfile):
        site.register(model, stock_page(admin.site._registry[model]))
    return site


def stock_page(page):
    """A stock page with the columns, the order and the search of one of the console's."""
    from django.contrib import admin
    from django.db.models import QuerySet

    def plain(name):
        """A column of the console without its colours."""
        reader = getattr(page, name, None) if isinstance(name, str) else name
        if reader is None:
            return name

        @admin.display(
            description=reader.short_description, ordering=getattr(reader, "admin_order_field", None)
        )
        def column(row):
            value = reader(row)
            return value[1] if isinstance(value, tuple) else value

        return column

    def allowed(self, request, obj=None):
        return True

    rights = {f"has_{verb}_permission": allowed for verb in ("view", "change", "delete")}
    return type(
        f"Stock{type(page).__name__}",
        (admin.ModelAdmin,),
        rights
        | {
            "list_display": tuple(map(plain, page.list_display)),
            "search_fields": page.search_fields,
            "list_select_related": page.list_select_related,
            "list_per_page": page.list_per_page,
            "get_ordering": lambda self, request: page.get_ordering(request),
            "get_queryset": lambda self, request: QuerySet(self.model).order_by(*self.get_ordering(request)),
        },
    )


def seed(calendars, companies):
    """Schools, their calendars and companies, so many; deterministic."""
    from django.core.management import call_command

    call_command("seed_scale", calendars=calendars, companies=companies, stdout=io.StringIO())


@contextmanager
def stock():
    """Serves the stock's pages, with Django's own templates, while the block runs."""
    from django.contrib import admin
    from django.test import override_settings
    from django.urls import path

    urls = type(sys)("tests.benchmarks.lists_urls")
    urls.urlpatterns = [path("stock/", stock_site().urls)]
    sys.modules[urls.__name__] = urls
    processors = ("request", "csrf", "i18n")
    engine = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(admin.__file__).parent / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                *(f"django.template.context_processors.{name}" for name in processors),
            ]
        },
    }
    # Without the middlewares of PRATIK, which ask more of the database and of the addresses.
    own = ("django.contrib.", "django.middleware.")
    middleware = [name for name in settings().MIDDLEWARE if name.startswith(own)]
    with override_settings(ROOT_URLCONF=urls.__name__, TEMPLATES=[engine], MIDDLEWARE=middleware):
        yield


def settings():
    from django.conf import settings

    return settings


def a_client(client):
    """The same person at a browser of their own, so that the middlewares are those of now."""
    from django.test import Client

    other = Client()
    other.cookies = client.cookies
    return other


def opened(client, address, times):
    """One page: the median of its seconds past the first opening, its bytes, its queries."""
    from django.db import connection

    queries, seconds = Counter(), []
    client.get(address)
    for _ in range(times):
        start = time.perf_counter()
        response = client.get(address)
        seconds.append(time.perf_counter() - start)
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
    with connection.execute_wrapper(queries):
        client.get(address)
    return statistics.median(seconds), len(response.content), queries.number


def measure(calendars, companies, times):
    """Opens each kind of page in turn, the console's and the stock's; prints its JSON lines."""
    put_away = prepare(fresh=True)
    warnings.simplefilter("ignore")
    from django.db import connection
    from django.test import Client

    from pratik.accounts.enums import AccountType, StaffRole
    from pratik.accounts.services import create_account, system_actor
    from pratik.calendars.models import InternshipCalendar
    from pratik.partners.models import CompanyProfile

    seed(calendars, companies)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    settings().ALLOWED_HOSTS, client, broken = ["testserver"], Client(), []
    client.force_login(
        create_account(
            actor=system_actor(),
            email="bench@pratik.example",
            account_type=AccountType.STAFF,
            staff_role=StaffRole.ADMINISTRATOR,
        )
    )
    for model, kinds in ((InternshipCalendar, CALENDARS), (CompanyProfile, COMPANIES)):
        broken += pages(client, model, kinds, times, strict=calendars >= FULL_SIZE)
    put_away()
    if broken:
        raise SystemExit("\n".join(broken))


def pages(client, model, kinds, times, *, strict):
    """Measures the pages of one list. Returns what is not as it should be, in sentences."""
    rows = model._base_manager.count()
    some = model._base_manager.order_by("pk")[rows // 2]
    words = {
        "rare": some.search_text.split()[-1],
        "last": -(-rows // 100),
        "school": getattr(some, "school_id", ""),
        "name": some.school.uai if hasattr(some, "school") else "",
    }
    place, broken = f"{model._meta.app_label}/{model._meta.model_name}/", []
    for kind, (own, asked) in kinds.items():
        own, asked = own.format(**words), asked.format(**words)
        seconds, size, queries = opened(client, f"/console/{place}{own}", times)
        with stock():
            peer, peer_size, _ = opened(a_client(client), f"/stock/{place}{asked}", max(1, times // 2))
        told(
            "lists",
            f"{model._meta.model_name}, {kind}",
            table=rows,
            seconds=seconds,
            bytes=size,
            queries=queries,
            stock_seconds=peer,
            stock_bytes=peer_size,
            ratio=peer / seconds,
        )
        if size >= HEAVIEST:
            broken.append(f"{place}{own}: {size} bytes.")
        if queries > QUERIES:
            broken.append(f"{place}{own}: {queries} queries.")
        if strict and peer > SLOW and peer < FASTER * seconds:
            broken.append(f"{place}{own}: {peer / seconds:.1f} times as fast as the stock.")
    return broken


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--calendars", type=int, default=FULL_SIZE)
    parser.add_argument("--companies", type=int, default=FULL_SIZE // 5)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return measure(options.calendars, options.companies, options.times)
    with database() as environment:
        sizes = ["--calendars", options.calendars, "--companies", options.companies]
        apart(__file__, *sizes, "--times", options.times, "--here", environment=environment)


if __name__ == "__main__":
    main()
