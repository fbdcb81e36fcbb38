"""Addresses that areas put in messages without knowing a door; settings name who does."""

from django.conf import settings
from django.utils.module_loading import import_string


def security_page():
    """The page where a person looks after their password, second factor and sessions, as a path."""
    return import_string(settings.SECURITY_PAGE)()


def my_data_page():
    """The page where a person reads what is held about them, as a path."""
    return import_string(settings.MY_DATA_PAGE)()


def papers_page():
    """The page where a person sees and sends their supporting documents, as a path."""
    return import_string(settings.PAPERS_PAGE)()


def notice_settings_page():
    """The page where a person chooses what reaches them by e-mail, as a path."""
    return import_string(settings.NOTICE_SETTINGS_PAGE)()


def unsubscribe_page(token):
    """The page of one e-mail where its reader wants no more of them, as a path."""
    return import_string(settings.UNSUBSCRIBE_PAGE)(token)


def verification_page(code):
    """The public page that tells what the code of a document certifies, as a path."""
    return import_string(settings.VERIFICATION_PAGE)(code)


def sign_in_page():
    """The page by which people come in, as a path."""
    return import_string(settings.SIGN_IN_PAGE)()


def console_page(row):
    """The page where a row is looked after, as a path."""
    return import_string(settings.CONSOLE_PAGE)(row)
