"""The console's rooms of privacy: requests with their deadline, the register, what is overdue."""

import datetime
import io
import re

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from pratik.accounts.enums import STAFF_ROLES, Role
from pratik.core.calendar import today
from pratik.core.models import Operation
from pratik.notifications.enums import MailState
from pratik.notifications.models import Notice
from pratik.notifications.services import clean_up
from pratik.privacy.enums import OPEN_STATES
from pratik.privacy.ledger import LINES
from pratik.privacy.models import ErasureRequest, RetentionRun
from pratik.privacy.reports import all_rules
from pratik.privacy.services import apply_retention
from pratik.security.models import KnownDevice
from tests import factories as make
from tests.conftest import person
from tests.kit.world import everything, notice, url
from tests.privacy.conftest import set_past

pytestmark = pytest.mark.django_db

REGISTER = ["privacy_register", "privacy_register_csv", "privacy_register_xlsx"]
ACCOUNTS = [role for role in Role if role != Role.ANONYMOUS]


def unused_device():
    """A browser from which nobody has signed in for more than two years."""
    row = KnownDevice.objects.create(user=make.user(Role.STUDENT), token_hash="x")
    return set_past(row, last_seen_at=timezone.now() - datetime.timedelta(days=800))


def in_days(days):
    return today() + datetime.timedelta(days=days)


# Requests


@pytest.mark.parametrize(
    ("days", "told"),
    [(-3, "3 jours de retard"), (-1, "1 jour de retard"), (0, "encore 0 jour"), (12, "encore 12 jours")],
)
def test_the_list_says_how_long_is_left(client_for, administrator, days, told):
    make.erasure_request(due_on=in_days(days))
    assert told in client_for(administrator).get(url(ErasureRequest, "changelist")).content.decode()


def test_a_request_that_came_by_letter_is_written_down(client_for, administrator):
    contact = make.manager()
    client = client_for(administrator)
    data = {"user": "", "contact": contact.pk, "received_on": "31/01/2026", "reason": "Lettre du 29 janvier"}
    assert client.post(url(ErasureRequest, "add"), data).status_code == 302
    request = ErasureRequest.objects.get()
    assert (request.contact, request.due_on) == (contact, datetime.date(2026, 2, 28))


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "", "contact": ""},
        {"received_on": ""},
        {"received_on": "31/02/2026"},
        {"received_on": "01/01/2100"},
        {"contact": "999999"},
    ],
    ids=str,
)
def test_a_wrong_form_changes_nothing_and_keeps_what_was_typed(client_for, administrator, wrong):
    data = {"user": "", "contact": make.manager().pk, "received_on": "31/01/2026", "reason": "Lettre rare"}
    before = everything()
    answer = client_for(administrator).post(url(ErasureRequest, "add"), data | wrong)
    assert answer.status_code == 200 and "Lettre rare" in answer.content.decode()
    assert answer.context["errors"]
    assert everything() == before


def test_both_an_account_and_a_contact_are_refused(client_for, administrator):
    data = {"user": make.user(Role.STUDENT).pk, "contact": make.manager().pk, "received_on": "31/01/2026"}
    answer = client_for(administrator).post(url(ErasureRequest, "add"), data)
    assert answer.status_code == 200 and "Choisissez un compte" in answer.content.decode()
    assert not ErasureRequest.objects.exists()


def test_erasing_is_asked_first_then_done_by_post(client_for, administrator, mailoutbox):
    request = make.erasure_request()
    address = url(ErasureRequest, "complete", request.pk)
    client = client_for(administrator)
    page = client.get(address).content.decode()
    assert "Rien de cela ne s’annule" in page
    assert client.post(address, {"confirmed": "yes"}).status_code == 302
    request.refresh_from_db()
    assert (request.state, len(mailoutbox)) == ("done", 1)


@pytest.mark.parametrize(("verb", "offered"), [("complete", False), ("extend", False), ("refuse", True)])
def test_the_answer_offers_to_take_back_only_what_can_be(client_for, administrator, verb, offered):
    request = make.erasure_request()
    client = client_for(administrator)
    data = {"confirmed": "yes", "reason": "Beaucoup de données"}
    page = client.post(url(ErasureRequest, verb, request.pk), data, follow=True).content.decode()
    assert "Voir l’opération" in page
    assert ("ou l’annuler" in page) == offered
    operation = request.history.latest("history_id").operation
    page = client.get(url(Operation, "change", operation.pk)).content.decode()
    assert ("Annuler cette opération" in page) == offered


def test_the_question_says_why_an_erasure_is_refused(client_for, administrator):
    own = make.erasure_request(user=administrator)
    page = client_for(administrator).get(url(ErasureRequest, "complete", own.pk)).content.decode()
    assert "Nul n’efface son propre compte" in page


def test_home_page_of_those_who_answer_shows_the_most_pressing_first(client_for, administrator):
    for days in (20, -1, 3):
        make.erasure_request(due_on=in_days(days))
    make.erasure_request(state="refused", due_on=in_days(-9))
    home = client_for(administrator).get(reverse("admin:index")).context_data["home"]
    [block] = [block for block in (*home.main, *home.side) if block.title == "Effacements demandés"]
    assert block.number == 3
    assert [item.badge.text for item in block.items] == ["En retard", "Encore 3 jours", "Encore 20 jours"]
    assert [item.badge.tone for item in block.items] == ["bad", "warn", "info"]
    listed = client_for(administrator).get(block.more.url).context_data["cl"].result_list
    assert {row.state for row in listed} == set(OPEN_STATES[:1]) and len(listed) == 3


# The register


@pytest.mark.parametrize("role", ACCOUNTS, ids=str)
def test_the_team_alone_reads_the_register(client_for, role):
    client = client_for(person(role))
    status = 200 if role in STAFF_ROLES else 403
    addresses = [reverse(f"admin:{name}") for name in REGISTER]
    addresses.append(reverse("admin:privacy_overdue", args=["read_notices"]))
    for address in addresses:
        assert client.get(address).status_code == status, address


def test_the_register_has_each_line_with_its_purpose_and_rule(client_for, administrator):
    page = client_for(administrator).get(reverse("admin:privacy_register")).content.decode()
    for line in LINES:
        assert str(line.purpose) in page and str(line.kept) in page
    for _line, rule in all_rules():
        assert str(rule.title) in page
    assert "jamais passée" in page


def test_the_register_says_what_the_last_run_did(client_for, administrator):
    unused_device()
    client = client_for(administrator)
    before = client.get(reverse("admin:privacy_register"))
    assert reverse("admin:privacy_overdue", args=["unused_devices"]) in before.content.decode()
    assert before.context["overdue"] == 1
    apply_retention()
    after = client.get(reverse("admin:privacy_register"))
    assert after.context["overdue"] == 0
    assert "1 traitée" in after.content.decode()


def test_what_a_task_of_its_own_removes_is_counted_and_left_to_it(client_for, administrator):
    """Notices that were read are cleaned up on Sundays, not by the daily run."""
    read = datetime.timedelta(days=200)
    old = set_past(notice(), read_at=timezone.now() - read, mail_state=MailState.SENT)
    client = client_for(administrator)
    overdue = reverse("admin:privacy_overdue", args=["read_notices"])
    assert overdue in client.get(reverse("admin:privacy_register")).content.decode()
    apply_retention()
    assert Notice.objects.filter(pk=old.pk).exists()
    assert client.get(reverse("admin:privacy_register")).context["overdue"] == 1
    clean_up()
    assert not Notice.objects.filter(pk=old.pk).exists()
    assert client.get(reverse("admin:privacy_register")).context["overdue"] == 0


def test_the_register_takes_as_many_queries_however_much_there_is(client_for, administrator):
    client = client_for(administrator)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("admin:privacy_register")).status_code == 200
        return len(queries)

    asked()
    few = asked()
    for _ in range(40):
        make.student()
    assert asked() == few <= 15


def test_the_register_leaves_as_a_file(client_for, administrator):
    client = client_for(administrator)
    answer = client.get(reverse("admin:privacy_register_csv"))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == 'attachment; filename="registre-des-donnees.csv"'
    table = answer.content.decode("utf-8-sig").splitlines()
    entries = sum(len(line.rules) or 1 for line in LINES)
    assert len(table) == entries + 1
    assert table[0].startswith("Données;Règle;Table")
    book = load_workbook(io.BytesIO(client.get(reverse("admin:privacy_register_xlsx")).content))
    rows = list(book.active.values)
    assert len(rows) == entries + 1
    assert {row[2] for row in rows[1:]} == {line.model for line in LINES}
    assert all(re.fullmatch(r"6\(1\)\([a-f]\)", row[6]) for row in rows[1:])


def test_what_is_overdue_is_named_where_its_page_may_be_opened(client_for, administrator):
    old = datetime.datetime(2015, 1, 1, tzinfo=datetime.UTC)
    user = set_past(make.user(Role.STUDENT), last_login=old, created_at=old)
    client = client_for(administrator)
    page = client.get(reverse("admin:privacy_overdue", args=["idle_accounts"]))
    assert [row["name"] for row in page.context["rows"]] == [str(user)]
    assert page.context["rows"][0]["url"] == url(type(user), "change", user.pk)
    assert "prévenues 30 jours avant" in page.content.decode()


def test_rows_without_a_page_are_shown_by_their_number(client_for, administrator):
    old = timezone.now() - datetime.timedelta(days=90)
    row = UserSession.objects.create(
        user=make.user(), ip="203.0.113.9", session_key="a" * 40, user_agent="Agent secret", last_seen_at=old
    )
    page = client_for(administrator).get(reverse("admin:privacy_overdue", args=["old_sessions"]))
    assert [(told["url"], told["name"].endswith(str(row.pk))) for told in page.context["rows"]] == [
        ("", True)
    ]
    assert "203.0.113.9" not in page.content.decode() and "Agent secret" not in page.content.decode()


def test_an_unknown_rule_is_a_404(client_for, administrator):
    assert client_for(administrator).get(reverse("admin:privacy_overdue", args=["rien"])).status_code == 404


def test_pages_of_the_register_change_nothing(client_for, administrator):
    make.erasure_request()
    before = everything()
    client = client_for(administrator)
    for name in REGISTER:
        client.get(reverse(f"admin:{name}"))
        client.post(reverse(f"admin:{name}"))
    assert everything() == before and not RetentionRun.objects.exists()


def test_a_run_shows_what_it_did_rule_by_rule(client_for, administrator):
    unused_device()
    run = apply_retention()
    page = client_for(administrator).get(url(RetentionRun, "change", run.pk)).content.decode()
    assert "Appareils sans connexion depuis quatre cents jours" in page and "Sessions expirées" not in page


def test_a_run_that_was_stopped_says_so(client_for, administrator):
    RetentionRun.objects.create()
    client = client_for(administrator)
    assert "interrompu" in client.get(url(RetentionRun, "changelist")).content.decode()
    assert "interrompu" in client.get(reverse("admin:privacy_register")).content.decode()
