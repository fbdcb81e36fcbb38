import logging

import pytest
from django.db import transaction

from pratik.accounts.enums import Role
from tests.kit.addresses import World


@pytest.fixture(scope="module")
def made_world(request, django_db_setup, django_db_blocker):
    """The world of a role, made once for a module: what its tests write is taken back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World(request.param)
        transaction.set_rollback(True)


@pytest.fixture
def world(made_world, db, unobserved):
    """Somebody of each role who has an account, with what is theirs, among rows of strangers."""
    return made_world.as_made()


@pytest.fixture
def client(client_for, world):
    return client_for(world.account)


@pytest.fixture(autouse=True)
def any_number_of_files(monkeypatch):
    """One person has a long file under way at each page that takes one; out of the kit three are the most."""
    monkeypatch.setattr("backoffice.base.imports.runs.RUNS_EACH", 100)


@pytest.fixture
def unobserved(monkeypatch):
    """Thousands of pages are asked for: what each template was given is not copied for each of its parts, and
    no refusal is written into the log with the way that led to it.
    """
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


def pytest_generate_tests(metafunc):
    """A test that asks for a world is run in that of each role, the visitor's where its module says so."""
    named = any("made_world" in mark.args for mark in metafunc.definition.iter_markers("parametrize"))
    if "made_world" in metafunc.fixturenames and not named:
        visitor = getattr(metafunc.module, "VISITOR_TOO", False)
        roles = [role for role in Role if visitor or role != Role.ANONYMOUS]
        metafunc.parametrize("made_world", roles, ids=str, indirect=True)
