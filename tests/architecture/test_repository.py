"""What the repository holds: nothing of a machine, no secret, no file that only one person has."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = {".py", ".html", ".txt", ".css", ".js", ".md", ".toml", ".csv", ".po", ".sh", ".yml", ".json", ""}

FORBIDDEN = {
    "a folder of one machine": re.compile(r"(?<![\w./<])/(?:work|root|home|Users)/\w"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a key of a storage": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a secret as a value": re.compile(
        r"(?i)\b(?:secret_key|aws_secret_access_key|email_host_password|api_key|token)\s*=\s*[\"'][^\"'\s{]{12,}[\"']"
    ),
    "a password in an address": re.compile(r"\b(?:postgres(?:ql)?|redis|smtp)://[^\s:@/<>{}]+:[^\s@/<>{}]+@"),
}


def kept_files():
    """The files of the repository: those that git knows or would add."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout")
    return [path for path in (ROOT / name for name in listed) if path.is_file()]


def test_no_file_names_a_machine_or_holds_a_secret():
    found = []
    for path in kept_files():
        if path.suffix not in TEXT:
            continue
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        ):
            found += [
                f"{path.relative_to(ROOT)}:{number}: {what}"
                for what, pattern in FORBIDDEN.items()
                if pattern.search(line)
            ]
    assert not found


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a folder of one machine", "BASE = '" + "/home" + "/marie/pratik'"),
        ("a secret as a value", "SECRET_KEY = '" + "k3" * 12 + "'"),
        ("a password in an address", "DATABASE_URL=postgresql" + "://pratik:hunter2@db/pratik"),
    ],
)
def test_the_search_finds_what_it_is_for(what, line):
    assert FORBIDDEN[what].search(line)


def test_compiled_catalogues_and_local_data_are_not_kept():
    names = {path.relative_to(ROOT).as_posix() for path in kept_files()}
    assert names, "git lists the files"
    assert not [
        name for name in names if name.endswith((".mo", ".pyc", ".sqlite3")) or name.startswith("var/")
    ]


BINARY = (".whl", ".egg", ".so", ".dll", ".exe", ".jar", ".zip", ".gz", ".tar", ".7z", ".dump", ".db")


def test_no_package_and_no_program_is_kept():
    """What is installed comes from requirements.txt; what runs is text that can be read."""
    assert not [path for path in kept_files() if path.suffix.lower() in BINARY]


def test_the_readme_and_the_continuous_integration_run_the_same_command():
    command = " && ".join(
        [
            "python3 -m venv .venv",
            ".venv/bin/pip install -q -r requirements-dev.txt",
            ".venv/bin/python tests/run.py",
        ]
    )
    for place in ("README.md", ".ci/run"):
        assert command in (ROOT / place).read_text(encoding="utf-8").splitlines(), place
