"""Production starts with what it was given and says what is missing; nothing secret has a default."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from pratik.access.checks import cache_holds_the_lock_outs

ROOT = Path(settings.BASE_DIR)
# Where production reads its environment.
SETTINGS = [ROOT / "pratik" / "settings" / name for name in ("prod.py", "storages.py")]
GUIDE = ROOT / "deploy" / "README.md"
NEEDED = {
    "SECRET_KEY": secrets.token_urlsafe(48),
    "ALLOWED_HOSTS": "pratik.example.org",
    "DATABASE_URL": "postgresql://pratik@localhost/pratik",
    "CONTACT_EMAIL": "equipe@pratik.example.org",
}
PROXY = {"TRUSTED_PROXIES": "10.0.0.0/8"}
STORAGE = {
    "S3_ENDPOINT_URL": "https://s3.example.org",
    "S3_ACCESS_KEY_ID": "example",
    "S3_SECRET_ACCESS_KEY": secrets.token_hex(),
    "S3_PRIVATE_BUCKET": "pratik-private",
    "S3_PUBLIC_BUCKET": "pratik-public",
}


def in_production(*command, **variables):
    """Runs Python with the production settings and these variables alone."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "pratik.settings.prod", **variables},
        capture_output=True,
        text=True,
    )


def setting(expression, **variables):
    """What a setting of production is, as printed."""
    code = f"from pratik.settings import prod; print({expression})"
    done = in_production("-c", code, **NEEDED | variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def deploy_check(**variables):
    """What the check of a deployment answers."""
    return in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING", **variables)


@pytest.mark.parametrize("more", [{}, STORAGE], ids=["files on disk", "files on S3"])
def test_a_deployment_has_nothing_to_reproach(more):
    done = deploy_check(**NEEDED, **PROXY, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


def test_a_deployment_that_names_no_proxy_is_warned_of_redirects_without_end():
    done = deploy_check(**NEEDED)
    assert done.returncode != 0
    assert "access.W001" in done.stderr and "TRUSTED_PROXIES" in done.stderr


@pytest.mark.parametrize("name", NEEDED)
def test_production_does_not_start_without_what_it_needs(name):
    variables = {key: value for key, value in NEEDED.items() if key != name}
    done = in_production("manage.py", "check", **variables)
    assert done.returncode != 0
    assert f"Set the environment variable {name} (see deploy/README.md)." in done.stderr


@pytest.mark.parametrize("name", sorted(set(STORAGE) - {"S3_ENDPOINT_URL"}))
def test_files_on_s3_need_both_buckets_and_both_keys(name):
    variables = NEEDED | STORAGE
    del variables[name]
    done = in_production("-c", "import pratik.settings.prod", **variables)
    assert f"Set the environment variable {name} (see deploy/README.md)." in done.stderr


@pytest.mark.parametrize("name", STORAGE)
def test_one_variable_of_s3_is_enough_to_ask_for_the_others(name):
    done = in_production("-c", "import pratik.settings.prod", **NEEDED, **{name: STORAGE[name]})
    assert "Set the environment variable S3_" in done.stderr


def test_private_files_have_short_lived_addresses_and_public_ones_plain_addresses():
    answer = "[prod.STORAGES[n]['OPTIONS'].get({!r}) for n in ('default', 'private', 'public')]"
    assert setting(answer.format("querystring_auth"), **STORAGE) == "[True, True, False]"
    assert setting(answer.format("querystring_expire"), **STORAGE) == "[60, 60, None]"
    assert setting(answer.format("bucket_name"), **STORAGE) == (
        "['pratik-private', 'pratik-private', 'pratik-public']"
    )


def test_production_shows_no_debug_page_and_speaks_https_alone():
    assert setting("prod.DEBUG") == "False"
    for name in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"):
        assert setting(f"prod.{name}") == "True", name


def test_forwarded_headers_are_believed_only_when_the_place_says_so():
    answer = "getattr(prod, 'SECURE_PROXY_SSL_HEADER', None)"
    assert setting(answer) == "None"
    assert setting(answer, TRUSTED_PROXIES="10.0.0.0/8, unix") == "('HTTP_X_FORWARDED_PROTO', 'https')"
    assert setting("prod.TRUSTED_PROXIES", TRUSTED_PROXIES="10.0.0.0/8, unix") == "['10.0.0.0/8', 'unix']"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "le mandataire"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "::/0,unix"),
        ("ACCESS_EVENTS_KEPT_DAYS", "7"),
        ("ACCESS_EVENTS_KEPT_DAYS", "toujours"),
        ("DOCUMENT_MAX_MEBIBYTES", "0"),
        ("DOCUMENT_MAX_PAGES", "-3"),
        ("DOCUMENT_MAX_PIXELS", "beaucoup"),
    ],
)
def test_a_mistyped_variable_stops_the_start_with_a_sentence(name, value):
    done = in_production("-c", "import pratik.settings.prod", **NEEDED, **{name: value})
    assert done.returncode != 0
    assert f"{name}: {value.split(',')[0]} is no" in done.stderr


def test_the_team_shows_a_second_factor_unless_the_place_says_otherwise():
    assert setting("prod.STAFF_SECOND_FACTOR_REQUIRED") == "True"
    assert setting("prod.STAFF_SECOND_FACTOR_REQUIRED", STAFF_SECOND_FACTOR_REQUIRED="0") == "False"


def test_the_cache_that_holds_the_lock_outs_does_not_drop_them():
    assert setting("prod.CACHES['default']") == str(
        {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "core_cache",
            "OPTIONS": {"MAX_ENTRIES": 1_000_000},
        }
    )


@pytest.mark.parametrize("entries", [None, 300, 99_999, 100_000])
def test_a_cache_that_keeps_little_is_warned_of(settings, entries):
    options = {} if entries is None else {"OPTIONS": {"MAX_ENTRIES": entries}}
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}
        | options
    }
    warnings = [warning.id for warning in cache_holds_the_lock_outs(None)]
    assert warnings == ([] if entries == 100_000 else ["access.W002"])


def test_people_write_to_the_address_that_the_place_names():
    assert setting("prod.CONTACT_EMAIL") == NEEDED["CONTACT_EMAIL"]


def test_browsers_are_told_to_stay_with_https():
    assert setting("prod.CONTENT_SECURITY_POLICY['DIRECTIVES']['upgrade-insecure-requests']") == "True"
    assert setting("prod.LANGUAGE_COOKIE_SECURE") == "True"
    assert int(setting("prod.SECURE_HSTS_SECONDS")) >= 365 * 24 * 60 * 60
    assert setting("prod.SECURE_HSTS_INCLUDE_SUBDOMAINS, prod.SECURE_HSTS_PRELOAD") == "True True"


def test_cookies_belong_to_this_host_alone():
    assert setting("prod.SESSION_COOKIE_NAME") == "__Host-sessionid"
    assert setting("prod.CSRF_COOKIE_NAME") == "__Host-csrftoken"


def test_logos_on_s3_are_shown_by_the_console():
    answer = "prod.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'][-1]"
    assert setting(answer, **STORAGE) == STORAGE["S3_ENDPOINT_URL"]


def test_files_are_shown_to_the_antivirus_that_the_place_names():
    answer = "prod.CLAMAV_ADDRESS, prod.CLAMAV_REQUIRED"
    assert setting(f"({answer})") == "('', False)"
    given = {"CLAMAV_ADDRESS": "clamav:3310", "CLAMAV_REQUIRED": "1"}
    assert setting(f"({answer})", **given) == "('clamav:3310', True)"


def test_the_guide_lists_each_variable_and_no_other():
    code = "".join(path.read_text() for path in SETTINGS)
    read = set(re.findall(r"(?:required|listed|networks|number|environ\.get)\(\"([A-Z0-9_]+)\"", code))
    listed = set(re.findall(r"^\| `([A-Z0-9_]+)`", GUIDE.read_text(), re.MULTILINE))
    assert read
    assert listed == read | {"DJANGO_SETTINGS_MODULE", "WEB_CONCURRENCY", "WEB_THREADS", "PORT"}
