"""The history of a row: what changed, from what to what, by whom and why, and the way back."""

import pytest

from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import archive_calendars, publish_calendars
from pratik.core.services import save_row
from pratik.partners.models import CompanyProfile
from tests import factories as make
from tests.kit.world import everything, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_for, editor):
    return client_for(editor)


def edited(actor, row, reason="", **values):
    row = type(row).objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    save_row(actor=actor, row=row, reason=reason)
    return row


def told(client, row):
    """What the page tells, the latest first: [(who, {field: (old, new)})]."""
    page = client.get(url(type(row), "history", row.pk))
    return [
        (
            line.operation.actor_label,
            {change.label: (change.old, change.new) for change in line.changes},
        )
        for line in page.context_data["told"]
    ]


def revert_url(row, line):
    return f"{url(type(row), 'history', row.pk)}{line.history_id}/"


def first_line(row):
    return row.history.earliest("history_id")


def test_each_change_is_told_from_what_to_what_in_words(client, editor, administrator):
    calendar = make.calendar(number_of_students=20)
    edited(administrator, calendar, number_of_students=24, is_visible_to_companies=False)
    publish_calendars(actor=editor, pks=[calendar.pk])
    published, changed, created = told(client, calendar)
    assert published[0] == str(editor)
    assert published[1]["État"] == ("Brouillon", "Publié")
    assert changed == (
        str(administrator),
        {"Effectif": ("20", "24"), "Visible des entreprises": ("oui", "non")},
    )
    assert created[1]["Effectif"] == ("", "20")


def test_related_rows_are_told_by_their_names(client, administrator):
    company = make.company(commune=make.commune("Cayenne"))
    edited(administrator, company, commune=make.commune("Kourou"))
    assert told(client, company)[0][1] == {"Commune": ("Cayenne", "Kourou")}


def test_reason_of_an_edit_stands_beside_it(client, administrator):
    company = make.company()
    edited(administrator, company, reason="Déménagement", address="2 rue Neuve")
    page = client.get(url(CompanyProfile, "history", company.pk)).content.decode()
    assert "Déménagement" in page


def test_derived_columns_and_secrets_are_not_told(client_for, administrator):
    account = make.user("student")
    edited(administrator, account, last_name="Éloi")
    page = client_for(administrator).get(url(type(account), "history", account.pk)).content.decode()
    assert "Éloi" in page
    assert "password" not in page.lower()
    assert "eloi" not in page.replace("Éloi", "")


def test_long_history_comes_in_pages_without_losing_a_change(client, administrator):
    company = make.company()
    for number in range(30):
        edited(administrator, company, address=f"{number} rue Neuve")
    first = client.get(url(CompanyProfile, "history", company.pk)).context_data["told"]
    second = client.get(url(CompanyProfile, "history", company.pk) + "?p=2").context_data["told"]
    assert (len(first), len(second)) == (25, 6)
    # The oldest line of a page is compared with the one that the page does not show.
    [change] = first[-1].changes
    assert (change.old, change.new) == ("4 rue Neuve", "5 rue Neuve")


# The way back


def test_version_is_shown_before_it_is_taken_back(client, administrator):
    company = make.company(address="1 rue Vieille")
    edited(administrator, company, address="2 rue Neuve")
    before = everything()
    page = client.get(revert_url(company, first_line(company)))
    assert [(change.label, change.old, change.new) for change in page.context_data["changes"]] == [
        ("Adresse", "2 rue Neuve", "1 rue Vieille")
    ]
    assert everything() == before


def test_row_takes_its_earlier_values_and_its_history_goes_on(client, editor, administrator):
    company = make.company(address="1 rue Vieille")
    edited(administrator, company, address="2 rue Neuve")
    response = client.post(revert_url(company, first_line(company)), {"reason": "Erreur de saisie"})
    assert response["Location"] == url(CompanyProfile, "change", company.pk)
    assert CompanyProfile.objects.get().address == "1 rue Vieille"
    line = company.history.latest("history_id")
    assert company.history.count() == 3
    assert (line.operation.kind, line.operation.actor, line.operation.reason) == (
        "revert",
        editor,
        "Erreur de saisie",
    )


def test_state_is_left_when_values_go_back(client, editor):
    """States move by their verbs alone: going back to a draft's values keeps a calendar published."""
    calendar = make.calendar(number_of_students=20)
    edited(editor, calendar, number_of_students=24)
    publish_calendars(actor=editor, pks=[calendar.pk])
    client.post(revert_url(calendar, first_line(calendar)))
    calendar = InternshipCalendar.objects.get()
    assert (calendar.number_of_students, calendar.state) == (20, CalendarState.PUBLISHED)
    assert calendar.published_at is not None


def test_version_with_the_present_values_changes_nothing(client):
    company = make.company()
    before = everything()
    response = client.post(revert_url(company, first_line(company)))
    assert response.status_code == 422
    assert "La fiche a déjà ces valeurs." in response.content.decode()
    assert everything() == before


def test_version_that_breaks_a_rule_of_today_is_refused_with_the_reason_typed(client, editor):
    """The name passed to another row meanwhile: the natural key can't go back."""
    school = make.school()
    calendar = make.calendar(school=school, program_name="BTS MCO")
    edited(editor, calendar, program_name="BTS GPME")
    make.calendar(school=school, program_name="BTS MCO", start_on=calendar.start_on)
    response = client.post(revert_url(calendar, first_line(calendar)), {"reason": "Retour"})
    assert response.status_code == 422
    assert "Retour" in response.content.decode()
    assert InternshipCalendar.objects.get(pk=calendar.pk).program_name == "BTS GPME"


def test_archived_calendar_does_not_go_back(client, editor):
    calendar = make.calendar(number_of_students=20)
    edited(editor, calendar, number_of_students=24)
    archive_calendars(actor=editor, pks=[calendar.pk])
    assert client.get(revert_url(calendar, first_line(calendar))).status_code == 403
    assert client.post(revert_url(calendar, first_line(calendar))).status_code == 403
    assert InternshipCalendar.objects.get().number_of_students == 24


def test_line_of_another_row_is_not_found(client):
    one, other = make.company(), make.company()
    assert client.get(revert_url(one, first_line(other))).status_code == 404


def test_foreign_row_has_no_version_to_go_back_to(client_for, editor):
    calendar = make.calendar()
    edited(editor, calendar, number_of_students=30)
    member = client_for(make.school_user())
    for answer in (member.get, member.post):
        assert answer(revert_url(calendar, first_line(calendar))).status_code == 404
    assert InternshipCalendar.objects.get().number_of_students == 30


def test_reader_sees_the_history_and_changes_nothing(client_for, auditor, administrator):
    company = make.company(address="1 rue Vieille")
    edited(administrator, company, address="2 rue Neuve")
    client = client_for(auditor)
    page = client.get(url(CompanyProfile, "history", company.pk))
    assert page.status_code == 200
    assert revert_url(company, first_line(company)) not in page.content.decode()
    assert client.post(revert_url(company, first_line(company))).status_code == 403


def test_operations_of_others_are_told_but_not_linked(client_for, administrator):
    """A member sees who changed their school's calendar; the page of that operation is not theirs."""
    calendar = make.calendar()
    member = make.school_user(calendar.school)
    changed = edited(administrator, calendar, number_of_students=30)
    page = client_for(member).get(url(InternshipCalendar, "history", calendar.pk)).content.decode()
    operation = changed.history.first().operation
    assert str(administrator) in page
    assert f"/core/operation/{operation.pk}/" not in page
