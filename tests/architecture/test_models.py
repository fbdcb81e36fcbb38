"""Every business row has a history, a scope and an author; nobody sees a row because somebody forgot."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.history import HistoryLine
from pratik.core.models import BusinessModel
from pratik.core.querysets import ScopedQuerySet
from tests import factories as make
from tests.conftest import person

BUSINESS = [model for model in apps.get_models() if issubclass(model, BusinessModel)]
# Every other table of the platform, but the history: part of the machinery, not of what it keeps. They answer
# for their rows all the same, so that a new model without a scope fails here.
MACHINERY = [
    model
    for model in apps.get_models()
    if model.__module__.startswith("pratik.") and not issubclass(model, (BusinessModel, HistoryLine))
]

by_label = {"ids": lambda model: model._meta.label}


@pytest.mark.parametrize("model", BUSINESS, **by_label)
def test_a_business_model_keeps_its_history(model):
    # A proxy has the history of the model that it is another face of.
    concrete = model._meta.concrete_model
    assert concrete._meta.simple_history_manager_attribute == "history"
    assert "operation" in {field.name for field in model.history.model._meta.fields}
    assert model.natural_key_fields, "rows are told apart in a file by their natural key"


@pytest.mark.parametrize("model", BUSINESS, **by_label)
def test_a_business_model_writes_by_services_alone(model):
    assert isinstance(model.objects.all(), ScopedQuerySet)
    for name in ("update", "bulk_create", "bulk_update", "delete"):
        assert getattr(type(model.objects.all()), name) is getattr(ScopedQuerySet, name)


@pytest.mark.django_db
@pytest.mark.parametrize("model", [*BUSINESS, *MACHINERY], **by_label)
@pytest.mark.parametrize("scope", ["visible_to", "editable_by"])
def test_a_model_answers_who_sees_and_who_changes_its_rows(model, scope):
    for role in Role:
        who = AnonymousUser() if role == Role.ANONYMOUS else User(pk=1, account_type=role)
        if role in ("administrator", "editor", "verifier", "auditor"):
            who = User(pk=1, account_type="staff", staff_role=role)
        assert who.is_anonymous or who.role == role
        assert getattr(model.objects, scope)(who).count() >= 0


@pytest.fixture
def world(db):
    """Something of everything, with organisations that are shown and some that are not."""
    for shown in (True, False):
        for state in ("draft", "published", "withdrawn", "archived"):
            make.calendar(state=state, school=make.school(is_visible=shown), program_manager=None)
        make.member(make.company(partner=True, is_visible_on_partners_page=shown))
    make.company()
    make.postcode()
    make.activity()
    make.public_holiday()
    make.school_holiday()
    for role in set(Role) - {Role.ANONYMOUS}:
        person(role)
    make.manager()


def test_nobody_changes_what_they_do_not_see(world, everyone):
    for model in BUSINESS:
        editable = model.objects.editable_by(everyone).values("pk")
        unseen = model.objects.filter(pk__in=editable).exclude(
            pk__in=model.objects.visible_to(everyone).values("pk")
        )
        assert not unseen.exists(), model


def test_a_scope_names_each_row_once(world, everyone):
    """A row that came twice would be counted twice, exported twice and refused by `get`."""
    for model in [*BUSINESS, *MACHINERY]:
        for rows in (model.objects.visible_to(everyone), model.objects.editable_by(everyone)):
            assert rows.count() == rows.values("pk").distinct().count(), model


def test_a_visitor_sees_what_is_public_and_nothing_else(world):
    visitor = AnonymousUser()
    counts = {
        model._meta.label: model.objects.visible_to(visitor).count() for model in [*BUSINESS, *MACHINERY]
    }
    private = {label: n for label, n in counts.items() if n and not label.startswith("reference.")}
    assert private == {
        "schools.SchoolProfile": make.SchoolProfile.objects.filter(is_visible=True).count(),
        "partners.CompanyProfile": 1,
        "calendars.InternshipCalendar": 1,
    }
    assert not any(model.objects.editable_by(visitor).exists() for model in BUSINESS)


# Writes that pass the services by


# Where rows are written past the querysets' guard, and why that is right there.
PAST_THE_GUARD = {
    "pratik/core/writes.py": "the set writes themselves, which keep history",
    "pratik/core/copying.py": "how the set writes insert and update, on each database",
    "pratik/core/models.py": "columns without history that Django writes by itself: a sign-in's moment",
    "pratik/core/undo.py": "locks and looks up rows of any scope, and writes through core/writes.py",
    "pratik/core/removals.py": "files that are to go are machinery: no history, no operation",
    "pratik/accounts/managers.py": "the system's account, which nobody was there to create",
    "backoffice/groups.py": "Django's groups and permissions, which are rows of its own",
    "backoffice/base/imports/runs.py": "what the cluster does with a file is machinery: no history",
    "backoffice/core/undoing.py": "how far the cluster is with an undoing is machinery: no history",
    "backoffice/base/history.py": "names the rows that a history speaks of",
    "pratik/privacy/reports.py": "looks for a person in every table, whoever may see its rows",
    "pratik/privacy/services/erasure.py": "empties history, journal and machinery, which no service writes",
    "pratik/tracking/services.py": "what changed is a log, kept with the change: no history of its own",
    "pratik/security/services.py": "the journal and its neighbours: no history, no operation",
    "pratik/notifications/services/telling.py": "notices are messages: no history, no operation",
    "pratik/notifications/services/preferences.py": "how one is told is no business row",
    "pratik/notifications/services/sending.py": "what became of a message: no history, no operation",
    "pratik/notifications/services/outbox.py": "an operation names who did it; messages have no history",
}
SET_WRITES = {"bulk_create", "bulk_update", "_raw_delete", "raw", "_update", "_insert", "update_or_create"}


def writes_past_the_guard(tree):
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        # A queryset's update has named values only; a dictionary's has something else.
        only_named = node.keywords and not node.args and all(keyword.arg for keyword in node.keywords)
        plain = name == "QuerySet" and ast.unparse(node.func) == "models.QuerySet"
        manager = name in ("_base_manager", "_default_manager")
        if name in SET_WRITES or (name == "update" and only_named) or plain or manager:
            yield node.lineno, ast.unparse(node.func)


def test_rows_are_written_in_sets_in_one_place():
    root = Path(settings.BASE_DIR)
    found = {}
    for folder in ("pratik", "backoffice"):
        for path in (root / folder).rglob("*.py"):
            if "migrations" not in path.parts:
                calls = list(writes_past_the_guard(ast.parse(path.read_text(encoding="utf-8"))))
                if calls:
                    found[path.relative_to(root).as_posix()] = calls
    assert {path: calls for path, calls in found.items() if path not in PAST_THE_GUARD} == {}
    assert set(found) == set(PAST_THE_GUARD), "an exception that is not used any more"


@pytest.mark.parametrize(
    ("code", "caught"),
    [
        ("Company.objects.filter(pk=1).update(name='x')", True),
        ("rows.bulk_create([a])", True),
        ("models.QuerySet(Company)", True),
        ("counts.update(other)", False),
        ("counts.update({'a': 1})", False),
    ],
)
def test_the_search_for_such_writes_finds_them(code, caught):
    assert bool(list(writes_past_the_guard(ast.parse(code)))) is caught
