"""The history of a row: what changed, from what to what, by whom and why, and the way back."""

from datetime import date

import pytest
from django.db import models
from django.urls import reverse
from django.utils.text import capfirst

from pratik.accounts.models import StudentProfile
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import archive_calendars, publish_calendars
from pratik.core.models import Operation
from pratik.core.services import save_row
from pratik.core.undo import revert_row
from pratik.internships.models import Application, Placement
from pratik.internships.services import save_placement
from pratik.partners.models import CompanyProfile
from pratik.recommendations.models import InternRecommendation
from pratik.recommendations.services import propose_recommendations
from pratik.schools.enums import EnrolmentState
from pratik.schools.services import end_enrolments
from pratik.tracking.models import SHOWN, Follow
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


def test_reason_never_breaks_what_it_stands_beside(client, administrator):
    """No database column holds a null character; a forged form may send one with each kind of change."""
    reason, kept = "Er\x00reur", "Erreur"
    calendar = make.calendar()
    publish = url(InternshipCalendar, "publish", calendar.pk)
    assert client.post(publish, {"confirmed": "yes", "reason": reason}).status_code == 302
    published = Operation.objects.latest("pk")
    company = make.company(address="1 rue Vieille")
    edited(administrator, company, address="2 rue Neuve")
    assert client.post(revert_url(company, first_line(company)), {"reason": reason}).status_code == 302
    reverted = Operation.objects.latest("pk")
    undo = reverse("admin:core_operation_undo", args=[published.pk])
    assert client.post(undo, {"reason": reason}).status_code == 302
    undone = Operation.objects.latest("pk")
    assert [(done.kind, done.reason) for done in (published, reverted, undone)] == [
        (published.kind, kept),
        ("revert", kept),
        ("undo", kept),
    ]


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


# Nobody is told in a history what the page does not show them


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def operation_page(line):
    return f"{url(Operation, 'change', line.operation_id)}?model={line.instance_type._meta.label_lower}"


@pytest.fixture
def application():
    """An application to a company of a student whose school sees where it stands."""
    enrolment = make.enrolment(state=EnrolmentState.ACTIVE)
    offer = make.offer(school_year=enrolment.school_year)
    return make.application(student=enrolment.student, offer=offer, letter="Lettre que deux personnes lisent")


def test_letter_is_told_to_whoever_may_read_it(client_for, application, verifier, auditor, editor):
    history = url(Application, "history", application.pk)
    company_user = make.member(application.offer.company).user
    for reader in (company_user, application.student.user, editor):
        assert "Lettre que deux" in text_of(client_for(reader), history)
    school = application.student.enrolments.get().school
    for other in (make.member(school).user, verifier, auditor):
        answer = client_for(other).get(history)
        assert "Lettre que deux" not in answer.content.decode()
        assert answer.status_code == 200 or (answer.status_code in (403, 404) and other != auditor)


def test_page_of_an_operation_tells_no_more(client_for, application, auditor, editor):
    """What the team did not read on the page is not read among the rows that an operation wrote either."""
    address = operation_page(first_line(application))
    assert "Lettre que deux" in text_of(client_for(editor), address)
    assert "Lettre que deux" not in text_of(client_for(auditor), address)


def test_drafts_are_told_to_the_company_alone(client_for, auditor):
    make.consent_age()
    draft = make.recommendation(comment="Brouillon que nul ne lira")
    company_user = make.member(draft.company).user
    models.QuerySet(StudentProfile).filter(pk=draft.student_id).update(born_on=date(2000, 1, 1))
    edited(company_user, draft, comment="Texte envoyé")
    propose_recommendations(actor=company_user, pks=[draft.pk])
    history = url(InternRecommendation, "history", draft.pk)
    assert "Brouillon que nul" in text_of(client_for(company_user), history)
    for reader in (draft.student.user, auditor):
        text = text_of(client_for(reader), history)
        assert "Texte envoyé" in text
        assert "Brouillon que nul" not in text
    assert "Brouillon que nul" not in text_of(client_for(auditor), operation_page(first_line(draft)))


def test_no_version_is_gone_back_to_that_one_is_not_told_of(client_for, auditor):
    """A line that the page leaves out has no address of its own."""
    draft = make.recommendation()
    address = revert_url(draft, first_line(draft))
    assert client_for(auditor).get(address).status_code in (403, 404)
    assert client_for(make.member(draft.company).user).get(address).status_code == 200


def test_company_is_not_told_what_a_student_shows(client_for, auditor):
    """Nor the full name, which it reads as far as the student lets it."""
    follow = make.follow()
    columns = {Follow._meta.get_field(name).verbose_name for name in (*SHOWN, "student")}
    hidden = {capfirst(str(name)) for name in columns}

    def labels(reader):
        return {label for _who, changes in told(client_for(reader), follow) for label in changes}

    assert not hidden & labels(make.member(follow.company).user)
    assert hidden <= labels(auditor)


def test_way_back_leaves_what_the_page_does_not_show(client_for, administrator):
    """Returning to a version gives back the columns that one was told of, and those alone."""
    company = make.company(name="Boulangerie", acronym="BP")
    edited(administrator, company, name="Boulangerie du port", acronym="BDP")
    row, first = CompanyProfile.objects.get(pk=company.pk), first_line(company)
    row = revert_row(actor=administrator, row=row, line=first, names={"name"})
    assert (row.name, row.acronym) == ("Boulangerie", "BDP")


def test_way_back_goes_through_the_service_of_the_page(client_for):
    """What a page refuses to save is not had by returning to it: the school of whom is no longer enrolled."""
    make.legal_parameters()
    enrolment = make.enrolment(state=EnrolmentState.ACTIVE)
    school_user = make.member(enrolment.school).user
    row = make.placement(school=enrolment.school, student=enrolment.student, enrolment=enrolment)
    other = make.enrolment(state=EnrolmentState.ACTIVE, school=enrolment.school)
    row = Placement.objects.get(pk=row.pk)
    row.enrolment = other
    save_placement(actor=school_user, row=row)
    end_enrolments(actor=enrolment.student.user, pks=[enrolment.pk])
    answer = client_for(school_user).post(revert_url(row, first_line(row)), {"reason": "Erreur"})
    assert answer.status_code == 422
    assert Placement.objects.get(pk=row.pk).student_id == other.student_id
