"""Every page of the console, for every role: what the table of rights and the scope say, and never an error.

The table (`backoffice.roles`) says which verbs a role has on a model, `visible_to` which rows exist for a
person. A row that does not exist for them is a 404, a right that they lack a 403, and a visitor without an
account is sent to the sign-in page.
"""

import pytest
from django.contrib.admin import helpers
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from backoffice.base.exports import ExportPages
from backoffice.base.history import HistoryMixin
from backoffice.base.importing import ImportableAdmin
from backoffice.roles import TABLE, verbs_of
from pratik.accounts.enums import Role
from pratik.core.services import save_row
from pratik.notifications.models import Notice
from tests import factories as make
from tests.conftest import person
from tests.kit.world import (
    NEW,
    PAGES,
    everything,
    expect,
    expected_of_row,
    own_row,
    rights,
    rows_of,
    seen_by,
    url,
)

pytestmark = pytest.mark.django_db


def test_every_page_has_a_row_to_be_opened_with():
    """A new room of the console joins the kit by its row in tests/kit/world.py."""
    assert set(NEW) == set(PAGES)


def test_table_of_rights_names_pages_that_exist():
    labels = {model._meta.label_lower for model in PAGES}
    assert {label for rights in TABLE.values() for label in rights} <= labels


def test_list_shows_the_rows_that_exist_for_the_person_and_no_other(client, account, model):
    rows = rows_of(model, account)
    shown = {row.pk for row in expect(client, url(model, "changelist"), 200).context_data["cl"].result_list}
    for row in rows:
        assert (row.pk in shown) == seen_by(account, row), row


def test_blank_form_opens_with_the_right_to_add(client, account, model):
    expect(client, url(model, "add"), 200 if "add" in rights(account, model) else 403)


def test_pages_of_a_row(client, account, model):
    """The row itself, its history, and the question before it is deleted."""
    has_history = isinstance(PAGES[model], HistoryMixin)
    for row in rows_of(model, account):
        expect(client, url(model, "change", row.pk), *expected_of_row(account, row))
        told = expected_of_row(account, row) if has_history else {403, 404}
        expect(client, url(model, "history", row.pk), *told)
        expect(client, url(model, "delete", row.pk), *expected_of_row(account, row, "delete"))


def test_page_of_a_row_that_does_not_exist(client, account, model):
    status = 404 if "view" in rights(account, model) else 403
    for key in ("999999", "abc", "' OR 1=1", "9" * 40):
        expect(client, url(model, "change", key), status)


def test_export_page_opens_with_the_right_to_export(client, account, model):
    if not isinstance(PAGES[model], ExportPages):
        pytest.skip("nothing to export")
    NEW[model]()
    expect(client, url(model, "export"), 200 if "export" in rights(account, model) else 403)


def test_import_page_and_templates_open_with_the_right_to_import(client, account, model):
    if not isinstance(PAGES[model], ImportableAdmin):
        pytest.skip("does not come by file")
    status = 200 if "import" in rights(account, model) else 403
    expect(client, url(model, "import"), status)
    expect(client, url(model, "import_template", "xlsx"), status)
    expect(client, url(model, "import_template", "csv"), status)
    expect(client, url(model, "import_preview", 999_999), 404 if status == 200 else 403)
    expect(client, url(model, "import_refused", 999_999), 404 if status == 200 else 403)


def test_list_to_choose_from_offers_what_the_person_may_see(client, account, model):
    """The boxes that look a row up as one types."""
    for name in PAGES[model].autocomplete_fields:
        offered = model._meta.get_field(name).remote_field.model
        rows = rows_of(offered, account)
        parameters = {
            "app_label": model._meta.app_label,
            "model_name": model._meta.model_name,
            "field_name": name,
        }
        response = client.get(reverse("admin:autocomplete"), parameters)
        if "view" not in rights(account, offered):
            assert response.status_code == 403
            continue
        assert response.status_code == 200
        found = {int(choice["id"]) for choice in response.json()["results"]}
        for row in rows:
            assert (row.pk in found) == seen_by(account, row), (name, row)


def test_writing_without_the_right_changes_nothing(client, account, model):
    """A form that was never shown is refused when it is sent all the same."""
    rows = rows_of(model, account)
    before = everything()
    if "add" not in rights(account, model):
        assert client.post(url(model, "add"), {"name": "x"}).status_code == 403
    for row in rows:
        if "change" not in rights(account, model):
            status = client.post(url(model, "change", row.pk), {"name": "x"}).status_code
            assert status in expected_of_row(account, row, "change")
        elif not seen_by(account, row):
            assert client.post(url(model, "change", row.pk), {"name": "x"}).status_code == 404
        if "delete" not in rights(account, model):
            status = client.post(url(model, "delete", row.pk), {"confirmed": "yes"}).status_code
            assert status in expected_of_row(account, row, "delete")
    if "import" not in rights(account, model) and isinstance(PAGES[model], ImportableAdmin):
        assert client.post(url(model, "import"), {"pasted": "UAI\n9730001N"}).status_code == 403
    if "export" not in rights(account, model) and isinstance(PAGES[model], ExportPages):
        assert client.post(url(model, "export"), {"format": "0"}).status_code == 403
    assert everything() == before


def offered_actions(client, model):
    """What the list offers to do with chosen rows."""
    form = client.get(url(model, "changelist")).context_data.get("action_form")
    return [name for name, _label in form.fields["action"].choices if name] if form else []


def test_chosen_rows_are_only_changed_once_confirmed(client, account, model):
    rows = rows_of(model, account)
    before = everything()
    for action in offered_actions(client, model):
        if (model, action) == (Notice, "mark_read"):
            # Marking one's notices as read is no change of a row of the business, and needs no question.
            continue
        response = client.post(
            url(model, "changelist"),
            {"action": action, helpers.ACTION_CHECKBOX_NAME: [row.pk for row in rows], "reason": "Parce que"},
        )
        assert response.status_code in (200, 302), action
    assert everything() == before


def test_list_offers_what_the_role_may_do(client, account, model):
    NEW[model](), own_row(model, account)
    workflow = getattr(model, "workflow", None)
    expected = (
        {f"do_{transition.verb}" for transition in workflow.open_to(account.role)} if workflow else set()
    )
    if "delete" in rights(account, model):
        expected.add("do_delete")
    assert {name for name in offered_actions(client, model) if name.startswith("do_")} == expected
    assert "delete_selected" not in offered_actions(client, model)


def test_action_that_the_list_does_not_offer_does_nothing(client, account, model):
    rows = rows_of(model, account)
    workflow = getattr(model, "workflow", None)
    verbs = {transition.verb for transition in workflow.transitions} if workflow else set()
    offered = offered_actions(client, model)
    before = everything()
    for action in {f"do_{verb}" for verb in verbs} | {"do_delete", "delete_selected"}:
        if action not in offered:
            chosen = {"action": action, helpers.ACTION_CHECKBOX_NAME: [row.pk for row in rows]}
            client.post(url(model, "changelist"), {**chosen, "reason": "Parce que", "confirmed": "yes"})
    assert everything() == before


def addresses_of(model, row):
    """Every address of a page: of its list, and of one row."""
    views = ["changelist", "add"]
    if isinstance(PAGES[model], ExportPages):
        views.append("export")
    if isinstance(PAGES[model], ImportableAdmin):
        views.append("import")
    addresses = [url(model, view) for view in views]
    addresses += [url(model, view, row.pk) for view in ("change", "history", "delete")]
    workflow = getattr(model, "workflow", None)
    return addresses + [url(model, t.verb, row.pk) for t in (workflow.transitions if workflow else ())]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ANONYMOUS], ids=str)
def test_page_of_no_use_to_a_role_is_closed(client_for, role):
    """Without any right on a model, nothing of its page opens and nothing that is sent to it is written."""
    account = person(role)
    client = client_for(account)
    rows = {model: NEW[model]() for model in PAGES if not verbs_of(role, model._meta.label_lower)}
    before = everything()
    for model, row in rows.items():
        for address in addresses_of(model, row):
            for response in (client.get(address), client.post(address, {"confirmed": "yes", "reason": "x"})):
                assert response.status_code in (403, 404), address
    assert everything() == before


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label_lower)
def test_visitor_is_sent_to_the_sign_in_page(client_for, model):
    visitor = client_for(AnonymousUser())
    row = NEW[model]()
    before = everything()
    for address in addresses_of(model, row):
        for response in (visitor.get(address), visitor.post(address, {"confirmed": "yes", "reason": "x"})):
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("admin:login")), address
    assert everything() == before


def test_closed_account_has_no_door(client_for, administrator):
    """A session that was open when the account was closed opens nothing any more."""
    account = make.user(Role.ADMINISTRATOR)
    client = client_for(account)
    assert client.get(reverse("admin:index")).status_code == 200
    account.is_active = False
    save_row(actor=administrator, row=account)
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("path", ["calendars/internshipcalendar", "partners/companyprofile", "accounts/user"])
def test_a_form_shows_a_state_in_words(client_for, actor, path):
    rows = {
        "calendars/internshipcalendar": make.calendar,
        "partners/companyprofile": make.company,
        "accounts/user": make.user,
    }
    answer = client_for(actor).get(f"/console/{path}/{rows[path]().pk}/change/")
    assert answer.status_code == 200
    assert "(&#x27;" not in answer.content.decode()
