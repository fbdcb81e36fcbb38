"""Every address × every role × own and foreign rows: what the table of rights and the scopes say, no more.

The addresses are read from the resolver, so that a new one without a case fails here. What must be answered
is in tests/kit/addresses.py. Each request is one cell; the run tells how many there were.
"""

from functools import cache
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.test import Client
from django.urls import reverse

from backoffice.navigation import count_waiting, navigation
from backoffice.roles import TABLE
from pratik.accounts.enums import Role
from pratik.privacy.models import RetentionRun
from tests.kit.addresses import (
    CASES,
    VIEWS,
    Ask,
    accounts_of,
    addresses,
    asks_of_page,
    selection,
    sign_in_pages,
)
from tests.kit.sight import NOT_CHANGED_BY_ONESELF, OF_A_STRANGER, READ_ONLY
from tests.kit.statements import statements, writes
from tests.kit.world import ASKED, NEW, PAGES, seen_by, undone, url

pytestmark = pytest.mark.django_db

# Fewer pages than this for one role, and something is not gone through any more.
FLOOR = 450
# Marking one's notices as read is no change of a row of the business, and needs no question.
UNASKED = {"mark_read"}
REFUSALS = {403, 404, 405}
# What any request may write: the session of who came, and the journal of who came or tried.
KEPT_OF_ALL = ("django_session", "usersessions_usersession", "security_accessevent")
# A notice that is opened is read.
READ = 'UPDATE "notifications_notice" SET "read_at"'
VISITOR_TOO = True
# Rows of figures and moments alone, in which no word can stand.
WORDLESS = {RetentionRun}


class Cells:
    """What was asked and what was wrong, told together at the end."""

    def __init__(self, world):
        self.world = world
        self.number = 0
        self.wrong = []
        self.client = Client(raise_request_exception=False)
        if not world.is_visitor:
            self.client.force_login(world.account)
            # The list of sessions knows them from the first page on, whatever is taken back after another.
            self.client.get(reverse("admin:app_list", args=["accounts"]))
        self.cookies = self.client.cookies.copy()

    def ask(self, ask, *, method="get", sent=None):
        """Makes one request and judges its status and every word of its answer. Returns the answer."""
        self.number += 1
        self.client.cookies = self.cookies.copy()
        with statements() as asked:
            response = getattr(self.client, method)(ask.url, sent)
        if method == "get" or response.status_code in REFUSALS or self.world.is_visitor:
            for sql in writes(asked, KEPT_OF_ALL):
                if method == "post" or not sql.startswith(READ):
                    self.complain(ask, method, f"was asked or refused, and wrote: {sql[:100]}")
        statuses = ask.statuses if method == "get" else ask.statuses_when_sent
        if response.status_code not in statuses:
            self.complain(ask, method, f"{response.status_code}, not {sorted(statuses)}", response)
        for row in self.world.told_of_strangers(response):
            self.complain(ask, method, f"tells of {row._meta.label_lower} {row.pk}")
        return response

    def complain(self, ask, method, why, response=None):
        cause = getattr(response, "exc_info", None)
        because = f" ({cause[0].__name__}: {cause[1]})" if cause else ""
        self.wrong.append(f"{self.world.role}: {method.upper()} {ask.url} {why}{because}")

    def judge(self, record):
        """Fails with everything that was wrong, or with too few cells."""
        record("cells", self.number)
        assert not self.wrong, "\n".join([f"{len(self.wrong)} of {self.number}:", *self.wrong[:60]])


def values_of(row):
    return models.QuerySet(type(row)).filter(pk=row.pk).values().first()


@pytest.fixture
def cells(world, monkeypatch):
    """The menus, and what waits, are the same on every page of a person: they stand on their home alone here,
    counted once.
    """
    home = reverse("admin:index")

    def at_home(request):
        return navigation(request) if request.path == home else []

    monkeypatch.setattr("backoffice.navigation.navigation", at_home)
    monkeypatch.setattr("backoffice.navigation.count_waiting", cache(count_waiting))
    return Cells(world)


def asks(world, address):
    """What is asked at one address by this person."""
    if address.page is None:
        case = CASES.get(address.name)
        made = list(case(world)) if case else []
        closed = address.route.startswith("console/") and not getattr(case, "open_to_visitors", False)
    else:
        made = asks_of_page(world, *address.page)
        closed = address.page[1] != "row"
    return [signed_out(ask) for ask in made] if world.is_visitor and closed else made


def signed_out(ask):
    """The same request by a visitor: the way to the sign-in page, whatever there is behind."""
    return Ask(ask.url, frozenset({302}), ask.row, ask.sent, after=frozenset({302, 403}))


# Nothing is forgotten


@pytest.mark.once
def test_every_address_has_a_case():
    """A new page says here who may open it: a view of a model in VIEWS, any other address in CASES."""
    without = [
        address.name
        for address in addresses()
        if not (address.name in CASES if address.page is None else has_view(*address.page))
    ]
    assert without == []


def has_view(model, view):
    workflow = getattr(model, "workflow", None)
    return view in VIEWS or (workflow and view in {transition.verb for transition in workflow.transitions})


@pytest.mark.once
def test_every_case_has_an_address():
    names = {address.name for address in addresses()}
    assert set(CASES) <= names


@pytest.mark.once
def test_every_page_has_a_line_in_the_table_and_a_row_to_be_opened_with():
    labels = {label for rights in TABLE.values() for label in rights}
    assert {model._meta.label_lower for model in admin.site._registry} == labels
    assert set(NEW) == set(PAGES)


@pytest.mark.once
def test_scopes_are_what_was_decided(world):
    """The querysets say of every page's rows what the table written by hand says."""
    role = world.role
    assert set(OF_A_STRANGER) == set(PAGES)
    for model in PAGES:
        seen, changed = OF_A_STRANGER[model]
        foreign, own = world.foreign[model], world.own[model]
        assert world.sees(foreign) == (role in seen), f"{role} and a stranger's {model.__name__}"
        assert world.edits(foreign) == (role in changed), f"{role} changes a stranger's {model.__name__}"
        if own is not None:
            assert world.sees(own), f"{role} and their own {model.__name__}"
            closed = model in NOT_CHANGED_BY_ONESELF or model in READ_ONLY.get(role, ())
            assert world.edits(own) != closed, f"{role}, own {model.__name__}"


@pytest.mark.parametrize("made_world", [Role.ADMINISTRATOR], ids=str, indirect=True)
@pytest.mark.once
def test_word_of_a_stranger_is_found_wherever_it_is_told(world, cells):
    """The search for what must not be told would find it."""
    for model, row in world.foreign.items():
        told = [word for word, marked in world.marks.items() if marked in (row, *accounts_of(row))]
        if not seen_by(AnonymousUser(), row) and model not in WORDLESS:
            assert told, f"no word stands in {row!r}, so that nothing would tell whether it is shown"
        # Who has not agreed to be on one page is on another.
        page_of = model if world.sees(row) else row._meta.concrete_model
        page = cells.client.get(url(page_of, "changelist") + "?all=").content.decode().lower()
        assert not told or any(word in page for word in told), model


# The cells


@pytest.mark.sooner
def test_pages_open_as_the_table_says(world, cells, record_property):
    """Each address asked for: the row that is one's own, a stranger's, and one that does not exist."""
    for address in addresses():
        for ask in asks(world, address) if address.name != "admin:autocomplete" else ():
            response = cells.ask(ask)
            if response.status_code == 302 and world.is_visitor and address.route.startswith("console/"):
                leads_in = response["Location"].startswith(sign_in_pages())
                if not leads_in and address.page and address.page[1] != "row":
                    cells.complain(ask, "get", f"leads to {response['Location']}")
    assert cells.number >= FLOOR
    cells.judge(record_property)


@pytest.mark.once
def test_lists_show_the_rows_that_exist_for_the_person_and_no_other(world, cells, record_property):
    for model in PAGES:
        if not world.may(model, "view"):
            continue
        ask = Ask(url(model, "changelist"), frozenset({200}))
        listed = cells.ask(ask).context_data["cl"].queryset
        shown = set(listed.values_list("pk", flat=True))
        for row in world.rows(model):
            if (row.pk in shown) != world.sees(row):
                cells.complain(ask, "get", f"row {row.pk} shown: {row.pk in shown}, seen: {world.sees(row)}")
    cells.judge(record_property)


@pytest.mark.sooner
def test_sending_a_form_changes_no_row_that_the_person_may_not_change(world, cells, record_property):
    """Each address sent a form to: a refusal stays a refusal, and a stranger's row stays what it was."""
    for address in addresses():
        for ask in asks(world, address) if takes_forms(address) else ():
            with undone():
                closed = ask.row is not None and not world.edits(ask.row)
                before = values_of(ask.row) if closed else None
                sent = {"confirmed": "yes", "reason": "Parce que", "name": "x", "_form_submitted": "True"}
                cells.ask(ask, method="post", sent=sent | ask.sent)
                if closed and values_of(ask.row) != before:
                    cells.complain(ask, "post", "changed a row that the person may not change")
    cells.judge(record_property)


def takes_forms(address):
    """Whether something may be sent there. The actions of the lists have a test of their own, below."""
    if address.page is not None:
        return address.page[1] not in ("changelist", "history", "row", "import_template", "import_refused")
    return address.name not in ("admin:autocomplete", "admin:search", "admin:app_list")


@pytest.mark.sooner
def test_actions_on_chosen_rows_change_what_the_person_may_change(world, cells, record_property):
    """Each action of each list, offered or not, asked and confirmed, on one's own row and a stranger's."""
    for model in PAGES:
        rows = world.rows(model)
        for action, moves in actions_of(world, model).items():
            for confirmed in ("", "yes"):
                with undone():
                    before = [(values_of(row), moves and world.edits(row)) for row in rows]
                    chosen = {"action": action, "reason": "Parce que", "confirmed": confirmed}
                    chosen |= ASKED.get(model, {})
                    statuses = frozenset({302} if world.is_visitor else {200, 302, 403})
                    ask = Ask(url(model, "changelist"), statuses, after=statuses)
                    cells.ask(ask, method="post", sent=chosen | selection(rows))
                    for row, (values, may) in zip(rows, before, strict=True):
                        changed = values_of(row) != values
                        if changed and not (may and (confirmed or action in UNASKED)):
                            cells.complain(ask, "post", f"{action} changed row {row.pk}")
    cells.judge(record_property)


def actions_of(world, model):
    """Every action of a list, whether or not the person is offered it: {name: whether they may}.

    A list that is closed to the person is closed whatever is sent to it; one action tells.
    """
    if not world.may(model, "view"):
        return {"do_delete": False}
    workflow = getattr(model, "workflow", None)
    verbs = {
        f"do_{transition.verb}": world.role in transition.who
        for transition in (workflow.transitions if workflow else ())
    }
    own = {
        name: world.may(model, "view")
        for name in getattr(PAGES[model], "actions", None) or ()
        if isinstance(name, str)
    }
    return {
        **verbs,
        **own,
        "do_delete": world.may(model, "delete"),
        "delete_selected": False,
        "export_admin_action": False,
    }


@pytest.mark.once
def test_lists_to_choose_from_offer_the_rows_that_exist_for_the_person(world, cells, record_property):
    """The boxes that look a row up as one types: an answer holds the keys of no stranger's row."""
    [address] = [address for address in addresses() if address.name == "admin:autocomplete"]
    for ask in asks(world, address):
        response = cells.ask(ask)
        if response.status_code != 200:
            continue
        target = target_of(ask.url)
        found = {str(choice["id"]) for choice in response.json()["results"]}
        keys = {str(row.pk) for row in target.objects.filter(pk__in=found) if world.sees(row)}
        if not found <= keys:
            cells.complain(ask, "get", f"offers {found - keys}")
    cells.judge(record_property)


def target_of(address):
    """The model whose rows a list to choose from offers."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    model = apps.get_model(query["app_label"], query["model_name"])
    return model._meta.get_field(query["field_name"]).related_model


@pytest.mark.once
def test_export_of_chosen_rows_holds_no_strangers(world, cells, record_property):
    """Rows are chosen by their key, which anybody can type."""
    for model in PAGES:
        if not world.may(model, "export"):
            continue
        ask = Ask(url(model, "changelist"), frozenset({200, 302}), after=frozenset({200, 302}))
        chosen = {"action": "export_admin_action", **selection(world.rows(model))}
        with undone():
            response = cells.ask(ask, method="post", sent=chosen)
            if response.status_code == 302:
                response = cells.ask(Ask(response["Location"], frozenset({200})))
            asks_for_columns = response.headers["Content-Type"].startswith("text/html")
            if not asks_for_columns and "attachment" not in response.headers.get("Content-Disposition", ""):
                cells.complain(ask, "post", "gave no file")
    cells.judge(record_property)
