"""What every test stands on: no network, files in a temporary folder, people of each role, a browser."""

import gc
import ipaddress
import os
import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from django.utils import translation

from backoffice.base.catalogs import compile_catalogs
from pratik.accounts.enums import Role
from pratik.public import kept
from tests import factories as make

HERE = Path(__file__).parent
# What is the same on any database, and is asked where production runs. SQLite has what asks a database in its
# own way (sets, locks, queues, imports, searches, lists, constraints), each page of the console opened once
# (kit/test_pages), the site, and the services of every area as the demonstration loads its data by them.
WHERE_PRODUCTION_RUNS = [
    HERE / name
    for name in (
        "backoffice/internships",
        "backoffice/law",
        "backoffice/living",
        "backoffice/papers",
        "backoffice/test_dashboard.py",
        "backoffice/test_home_internships.py",
        "backoffice/test_rights_page.py",
        "backoffice/verification",
        "internships",
        "joining",
        "law",
        "living",
        "papers",
        "privacy",
        "recommendations",
        "security",
    )
]
# Milliseconds: a small machine with a page to open and a paper to draw is given its time.
BROWSER_PATIENCE = 30_000
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium():
    """The path of the browser: the variable CHROMIUM, else one of the usual names, else None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    wants_benchmarks = "benchmark" in config.getoption("markexpr")
    reasons = {}
    if connection.vendor != "postgresql":
        reasons["postgresql"] = "needs PostgreSQL"
    if not chromium():
        reasons["browser"] = "no Chromium found"
    if not wants_benchmarks:
        reasons["benchmark"] = "runs on demand (-m benchmark)"
    for item in items:
        asks_nothing = not (
            item.get_closest_marker("django_db") or {"db", "transactional_db"} & {*item.fixturenames}
        )
        if asks_nothing or any(item.path.is_relative_to(place) for place in WHERE_PRODUCTION_RUNS):
            item.add_marker("once")
        for marker, reason in reasons.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish():
    """Thousands of tests and their modules live as long as the run: no collection needs to look at them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def pytest_terminal_summary(terminalreporter):
    """Tells how many cells the matrix of access went through: role × address × row, each one request."""
    told = [report for reports in terminalreporter.stats.values() for report in reports]
    calls = [report for report in told if getattr(report, "when", None) == "call"]
    cells = sum(number for report in calls for name, number in report.user_properties if name == "cells")
    if cells:
        terminalreporter.write_line(f"Matrix of access: {cells:,} cells checked")


# What surrounds every test


class NetworkReached(RuntimeError):
    """A test was about to talk to another machine. No `OSError`, since code rightly handles those."""


def _is_near(host):
    if not isinstance(host, str) or host in ("", "localhost"):
        return not host or host == "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def in_french():
    """A page asked for in English by one test does not make the next one speak English."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def nothing_kept():
    """What is rolled back after a test takes the generations of the site's pages back with it."""
    kept.forget()


@pytest.fixture(autouse=True, scope="session")
def no_network():
    """No test reaches another machine, neither by name nor by number."""

    def near_only(function, host_of):
        def guarded(*args, **kwargs):
            if not _is_near(host := host_of(*args, **kwargs)):
                raise NetworkReached(f"A test was about to reach {host!r}; tests stay on this machine.")
            return function(*args, **kwargs)

        return guarded

    def peer(sock, address):
        return address[0] if sock.family in (socket.AF_INET, socket.AF_INET6) else ""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", near_only(socket.socket.connect, peer))
        patch.setattr(socket.socket, "connect_ex", near_only(socket.socket.connect_ex, peer))
        patch.setattr(
            socket, "getaddrinfo", near_only(socket.getaddrinfo, lambda host, *args, **kwargs: host)
        )
        yield


@pytest.fixture(autouse=True, scope="session")
def files_apart(tmp_path_factory):
    """Files that tests keep go to a folder of this run."""
    for alias in ("private", "public"):
        # Fields hold the storage itself, so it is moved rather than replaced.
        storages[alias].location = str(tmp_path_factory.mktemp(alias))


@pytest.fixture(autouse=True, scope="session")
def catalogs():
    """Screens speak the language of the catalogues as they are written now."""
    compile_catalogs()


# People


@pytest.fixture
def administrator(db):
    return make.user(Role.ADMINISTRATOR)


@pytest.fixture
def actor(administrator):
    """Whoever does what the test is not about."""
    return administrator


@pytest.fixture
def editor(db):
    return make.user(Role.EDITOR)


@pytest.fixture
def verifier(db):
    return make.user(Role.VERIFIER)


@pytest.fixture
def auditor(db):
    return make.user(Role.AUDITOR)


@pytest.fixture
def school_user(db):
    """A member of a school; the school is `school_user.schoolmemberships.get().organisation`."""
    return make.school_user()


@pytest.fixture
def company_user(db):
    """A member of a company; the company is `company_user.companymemberships.get().organisation`."""
    return make.company_user()


@pytest.fixture
def student_user(db):
    return make.student().user


def person(role):
    """Somebody of a role, with what the role usually comes with: an organisation, or a profile."""
    organisations = {
        Role.SCHOOL: make.school,
        Role.TRAINING_CENTER: make.training_center,
        Role.COMPANY: make.company,
        Role.RECRUITER: make.recruiter,
        Role.PARTNER: make.institution,
    }
    profiles = {Role.STUDENT: make.student, Role.LANDLORD: make.landlord, Role.DRIVER: make.driver}
    if role == Role.ANONYMOUS:
        return AnonymousUser()
    if role in organisations:
        return make.member(organisations[role]()).user
    return profiles[role]().user if role in profiles else make.user(role)


@pytest.fixture(params=list(Role), ids=str)
def everyone(request, db):
    """Runs the test once for each role, the visitor without an account included."""
    return person(request.param)


@pytest.fixture
def client_for(db):
    """`client_for(user)`: a client that has signed in as this person."""

    def signed_in(user):
        client = Client()
        if user.is_authenticated:
            client.force_login(user)
        return client

    return signed_in


# The browser


@pytest.fixture(scope="session")
def browser():
    """Chromium, started once."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=BROWSER_PATIENCE)
    # Playwright runs an event loop in the thread of the test, where Django then forbids queries.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, live_server):
    """An empty page of a fresh, French browser profile. Fails the test when a page asks another machine."""
    asked = []

    def near_only(route):
        if _is_near(urlsplit(route.request.url).hostname or ""):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context = browser.new_context(
        base_url=live_server.url, locale="fr-FR", timezone_id="America/Cayenne", bypass_csp=False
    )
    context.set_default_timeout(BROWSER_PATIENCE)
    context.route("**/*", near_only)
    yield context.new_page()
    context.close()
    assert not asked, f"The page asked other machines: {asked}"


@pytest.fixture
def sign_in(page, live_server):
    """`sign_in(user)`: gives the browser a session of this person."""

    def signed_in(user):
        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return page

    return signed_in


@pytest.fixture
def screenshots(request):
    """Where a browser test leaves its pictures."""
    folder = Path(__file__).parent / "browser" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
