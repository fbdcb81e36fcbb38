"""Production starts with what it was given and says what is missing; nothing secret has a default."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PRODUCTION = ROOT / "pratik" / "settings" / "prod.py"
GUIDE = ROOT / "deploy" / "README.md"
NEEDED = {
    "SECRET_KEY": secrets.token_urlsafe(48),
    "ALLOWED_HOSTS": "pratik.example.org",
    "DATABASE_URL": "postgresql://pratik@localhost/pratik",
}
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


@pytest.mark.parametrize("more", [{}, STORAGE], ids=["files on disk", "files on S3"])
def test_a_deployment_has_nothing_to_reproach(more):
    done = in_production("manage.py", "check", "--deploy", "--fail-level", "WARNING", **NEEDED | more)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


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
    assert setting(answer, TRUST_PROXY_HEADERS="1") == "('HTTP_X_FORWARDED_PROTO', 'https')"


def test_the_guide_lists_each_variable_and_no_other():
    read = set(re.findall(r"(?:required|listed|environ\.get)\(\"([A-Z0-9_]+)\"", PRODUCTION.read_text()))
    listed = set(re.findall(r"^\| `([A-Z0-9_]+)`", GUIDE.read_text(), re.MULTILINE))
    assert read
    assert listed == read | {"DJANGO_SETTINGS_MODULE", "WEB_CONCURRENCY", "WEB_THREADS", "PORT"}
