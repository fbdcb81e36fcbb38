"""The journal: every act with its author and its rows, and the way to take it back."""

import pytest
from django.urls import reverse

from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import publish_calendars
from pratik.core.models import Operation
from pratik.core.services import save_row
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.kit.files import CASES, EBOUE, csv_bytes, make_ready
from tests.kit.world import everything, url

pytestmark = pytest.mark.django_db

CASE = CASES["calendars"]


@pytest.fixture
def client(client_for, editor):
    return client_for(editor)


@pytest.fixture
def imported(editor):
    """The operation of a file that created two calendars."""
    make_ready("calendars")
    _plan, operation = CASE.write(editor, CASE.csv())
    return operation


def page_of(operation):
    return url(Operation, "change", operation.pk)


def undo_url(operation):
    return reverse("admin:core_operation_undo", args=[operation.pk])


def messages_of(response, client):
    return [str(message) for message in client.get(response["Location"]).context["messages"]]


def test_operation_shows_its_rows_before_and_after(client, editor, imported):
    _plan, changed = CASE.write(editor, CASE.csv({"Effectif": 30}))
    page = client.get(page_of(changed))
    [line] = page.context_data["told"]
    assert [(change.label, change.old, change.new) for change in line.changes] == [("Effectif", "24", "30")]
    assert line.title == "BTS MCO 2e année, 03/04/2026"
    assert list(page.context_data["counts"])


def test_list_of_operations_tells_what_was_done(client, imported):
    text = client.get(url(Operation, "changelist")).content.decode()
    assert "Import de fichier" in text
    assert "2 créées" in text


def test_operation_of_many_rows_comes_in_pages(client, editor):
    school = make.school()
    rows = make.calendars(60, school=school)
    outcome = publish_calendars(actor=editor, pks=[row.pk for row in rows])
    page = client.get(page_of(outcome.operation))
    assert len(page.context_data["told"]) == 25
    assert len(client.get(page_of(outcome.operation) + "?p=3").context_data["told"]) == 10


def test_undoing_is_rehearsed_before_it_is_done(client, imported):
    before = everything()
    page = client.get(undo_url(imported))
    assert page.context_data["report"].removed == 2
    assert everything() == before


def test_import_is_taken_back_with_a_reason(client, editor, imported):
    response = client.post(undo_url(imported), {"reason": "Mauvais fichier"})
    undoing = Operation.objects.get(kind="undo")
    assert response["Location"] == page_of(undoing)
    assert (undoing.undoes, undoing.actor, undoing.reason) == (imported, editor, "Mauvais fichier")
    assert not InternshipCalendar.objects.exists()
    assert messages_of(response, client) == ["2 lignes remises en état."]
    assert client.get(url(Operation, "changelist")).status_code == 200


def test_row_that_somebody_changed_since_is_left_with_their_name(client, administrator, imported):
    calendar = InternshipCalendar.objects.get(school__uai=EBOUE)
    calendar.number_of_students = 30
    save_row(actor=administrator, row=calendar)
    page = client.get(undo_url(imported))
    assert (page.context_data["report"].removed, len(page.context_data["report"].left)) == (1, 1)
    assert str(administrator) in page.content.decode()
    response = client.post(undo_url(imported))
    assert [row.school.uai for row in InternshipCalendar.objects.all()] == [EBOUE]
    told = messages_of(response, client)
    assert told[0] == "1 ligne remise en état."
    assert str(administrator) in told[1]


def test_operation_already_taken_back_says_so(client, imported):
    client.post(undo_url(imported))
    before = everything()
    for answer in (client.get, client.post):
        response = answer(undo_url(imported))
        assert response.status_code == 302
        assert messages_of(response, client)[-1] == "Cette opération est déjà annulée."
    assert everything() == before


def test_undoing_can_be_taken_back(client, imported):
    client.post(undo_url(imported))
    client.post(undo_url(Operation.objects.get(kind="undo")))
    assert InternshipCalendar.objects.count() == 2


def test_member_sees_and_undoes_the_own_operations_alone(client_for, editor, imported):
    member = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    headers, row = CASE.headers, CASE.cells({"Filière": "BTS GPME"})[0]
    _plan, own = CASE.write(member, csv_bytes(headers, [row]))
    client = client_for(member)
    assert client.get(page_of(own)).status_code == 200
    for address in (page_of(imported), undo_url(imported)):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    assert InternshipCalendar.objects.count() == 3
    client.post(undo_url(own))
    assert InternshipCalendar.objects.count() == 2


def test_member_who_left_the_school_takes_nothing_back(client_for, administrator, editor):
    make_ready("calendars")
    member = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    _plan, own = CASE.write(member, csv_bytes(CASE.headers, CASE.cells()[:1]))
    membership = member.schoolmemberships.get()
    membership.is_active = False
    save_row(actor=administrator, row=membership)
    client = client_for(member)
    response = client.post(undo_url(own))
    assert response.status_code in (302, 403)
    assert InternshipCalendar.objects.count() == 1


def test_readers_see_every_operation_and_undo_none(client_for, auditor, verifier, imported):
    for reader in (auditor, verifier):
        client = client_for(reader)
        page = client.get(page_of(imported))
        assert page.status_code == 200
        assert undo_url(imported) not in page.content.decode()
        assert client.get(undo_url(imported)).status_code == 403
        assert client.post(undo_url(imported)).status_code == 403
    assert InternshipCalendar.objects.count() == 2


def test_operation_is_not_changed_by_hand(client, imported):
    before = everything()
    assert client.post(page_of(imported), {"kind": "edit"}).status_code == 403
    assert client.post(url(Operation, "add"), {"kind": "edit"}).status_code == 403
    assert client.post(url(Operation, "delete", imported.pk), {"post": "yes"}).status_code == 403
    assert everything() == before


def test_page_of_an_operation_takes_as_many_queries_for_many_rows(
    client, editor, django_assert_max_num_queries
):
    school = make.school()
    rows = make.calendars(60, school=school)
    outcome = publish_calendars(actor=editor, pks=[row.pk for row in rows])
    with django_assert_max_num_queries(22):
        client.get(page_of(outcome.operation))
