"""Addresses that areas put in messages without knowing a door; settings name who does."""

from django.conf import settings
from django.utils.module_loading import import_string


def console_page(row):
    """The page where a row is looked after, as a path."""
    return import_string(settings.CONSOLE_PAGE)(row)
