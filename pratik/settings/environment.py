"""How settings read the environment of the process."""

import os

from django.core.exceptions import ImproperlyConfigured


def required(name):
    """The value of an environment variable without which production must not start; blank is missing."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"Set the environment variable {name} (see deploy/README.md).")
    return value


def listed(name, default=""):
    """A comma-separated environment variable as a list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def number(name, *, default, at_least):
    """A whole number of an environment variable, no smaller than it may be."""
    text = os.environ.get(name, str(default))
    if not text.isdigit() or int(text) < at_least:
        raise ImproperlyConfigured(f"{name}: {text} is no whole number of {at_least} or more.")
    return int(text)
