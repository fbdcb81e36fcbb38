"""A student and a school say that they belong together: one asks, the other confirms, nobody else learns."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role
from pratik.core.calendar import today
from pratik.core.services import remove_rows, save_row
from pratik.notifications.models import Notice
from pratik.reference.school_years import school_year_of
from pratik.schools import services
from pratik.schools.enums import EnrolmentState
from pratik.schools.models import StudentEnrolment
from tests import factories as make
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

YEAR = school_year_of(today())


@pytest.fixture
def school(db):
    return make.school()


@pytest.fixture
def member(school):
    return make.school_user(school)


@pytest.fixture
def student(db):
    return make.student()


def propose(member, school, *emails, **fields):
    values = {"school_year": YEAR, "program_name": "Bac pro MELEC", "class_group": "1re MELEC"}
    return services.propose_enrolments(actor=member, school=school, emails=list(emails), **values | fields)


def declare(student, school, **fields):
    values = {"school_year": YEAR, "program_name": "Bac pro MELEC"}
    return services.declare_enrolment(actor=student.user, school=school, **values | fields)


def told(person):
    run_queue()
    return list(Notice.objects.filter(recipient=person).values_list("kind", flat=True))


def state(row):
    return StudentEnrolment.objects.get(pk=row.pk).state


# A school proposes


def test_a_school_proposes_and_sees_the_same_whether_or_not_the_address_has_an_account(
    school, member, student
):
    outcome = propose(member, school, student.user.email.upper(), "inconnu@lycee.example")
    known, unknown = outcome.changed
    assert (known.student, unknown.student) == (None, None)
    assert known.email == student.user.email
    shown = StudentEnrolment.objects.visible_to(member)
    assert {str(row).split(" ")[0] for row in shown} == {student.user.email, "inconnu@lycee.example"}
    assert {row.state for row in shown} == {EnrolmentState.PROPOSED}
    assert told(student.user) == ["enrolment_asked"]
    assert Notice.objects.count() == 1


def test_the_student_confirms_and_only_then_belongs_to_the_school(school, member, student):
    (row,) = propose(member, school, student.user.email).changed
    assert not StudentEnrolment.objects.active().exists()
    services.accept_enrolments(actor=student.user, pks=[row.pk])
    row.refresh_from_db()
    assert (row.state, row.student) == (EnrolmentState.ACTIVE, student) and row.decided_at
    assert told(member) == ["enrolment_answered"]


def test_whoever_signs_up_later_finds_the_proposal(school, member):
    (row,) = propose(member, school, "bientot@lycee.example").changed
    late = make.student(user=make.user(Role.STUDENT, email="bientot@lycee.example"))
    assert list(StudentEnrolment.objects.visible_to(late.user)) == [row]
    services.decline_enrolments(actor=late.user, pks=[row.pk])
    assert state(row) == EnrolmentState.REFUSED
    assert StudentEnrolment.objects.get().student is None, "who declines is not named"


def test_nobody_confirms_for_somebody_else(school, member, student, editor):
    (row,) = propose(member, school, student.user.email).changed
    stranger = make.student()
    outcome = services.accept_enrolments(actor=stranger.user, pks=[row.pk])
    assert not outcome.changed and not outcome.refused
    for person in (member, editor):
        with pytest.raises(PermissionDenied):
            services.accept_enrolments(actor=person, pks=[row.pk])
    with pytest.raises(PermissionDenied):
        services.confirm_enrolments(actor=student.user, pks=[row.pk])
    assert state(row) == EnrolmentState.PROPOSED


def test_bad_addresses_and_those_already_asked_are_refused_by_themselves(school, member):
    propose(member, school, "a@lycee.example")
    outcome = propose(
        member, school, "a@lycee.example", "pas une adresse", "b@lycee.example", "B@lycee.example"
    )
    assert [row.email for row in outcome.changed] == ["b@lycee.example"]
    assert {row.email for row, _why in outcome.refused} == {"a@lycee.example", "pas une adresse"}
    assert propose(member, school, "a@lycee.example", school_year=YEAR + 1).changed


@pytest.mark.parametrize("year", [YEAR - 1, YEAR + 2])
def test_only_this_school_year_and_the_next_are_open(year, school, member, student):
    with pytest.raises(ValidationError) as refusal:
        propose(member, school, "a@lycee.example", school_year=year)
    assert "school_year" in refusal.value.message_dict
    with pytest.raises(ValidationError):
        declare(student, school, school_year=year)
    assert not StudentEnrolment.objects.exists()


def test_a_school_proposes_for_itself_alone(school, member):
    with pytest.raises(PermissionDenied):
        propose(member, make.school(), "a@lycee.example")
    with pytest.raises(PermissionDenied):
        propose(make.student().user, school, "a@lycee.example")
    with pytest.raises(ValidationError):
        propose(member, school)
    with pytest.raises(ValidationError):
        propose(member, school, *(f"e{number}@lycee.example" for number in range(501)))
    with pytest.raises(ValidationError):
        propose(member, school, "a@lycee.example", program_name="!!")


def test_a_class_costs_no_more_queries_than_one(school, member):
    def queries(number):
        with CaptureQueriesContext(connection) as caught:
            propose(member, school, *(f"{number}-{each}@lycee.example" for each in range(number)))
        return len(caught)

    assert queries(60) == queries(2)


# Whoever said no is left in peace


def closed(row, how, student, member):
    """Says no to a proposal, or ends what came of it; returns nothing."""
    if how == "declined":
        services.decline_enrolments(actor=student.user, pks=[row.pk])
    elif how == "taken back":
        services.end_enrolments(actor=member, pks=[row.pk])
    else:
        services.accept_enrolments(actor=student.user, pks=[row.pk])
        actor = student.user if how == "ended by the student" else member
        services.end_enrolments(actor=actor, pks=[row.pk])


def days_later(monkeypatch, days):
    later = today() + datetime.timedelta(days=days)
    monkeypatch.setattr(services, "today_in_cayenne", lambda: later)


@pytest.mark.parametrize("how", ["declined", "taken back", "ended by the student", "ended by the school"])
def test_a_school_does_not_propose_again_at_once_whoever_closed_it(how, school, member, student, monkeypatch):
    (row,) = propose(member, school, student.user.email).changed
    closed(row, how, student, member)
    for year in (YEAR, YEAR + 1):
        outcome = propose(member, school, student.user.email, school_year=year)
        assert not outcome.changed
        ((_row, why),) = outcome.refused
        assert ("a répondu non" in why) == (how == "declined")
        assert "dans 90 jours" in why
    assert told(student.user).count("enrolment_asked") <= 1
    assert propose(make.school_user(other := make.school()), other, student.user.email).changed
    days_later(monkeypatch, 89)
    ((_row, why),) = propose(member, school, student.user.email, school_year=YEAR + 1).refused
    assert "dans 1 jour\xa0;" in why
    days_later(monkeypatch, 90)
    assert propose(member, school, student.user.email, school_year=YEAR + 1).changed


def test_the_student_may_come_back_at_any_time(school, member, student):
    (row,) = propose(member, school, student.user.email).changed
    services.decline_enrolments(actor=student.user, pks=[row.pk])
    assert declare(student, school).state == EnrolmentState.DECLARED


def test_neither_the_end_of_the_year_nor_the_schools_own_refusal_is_a_no(school, member, student):
    make.enrolment(school=school, student=student, school_year=YEAR - 1)
    assert services.end_past_enrolments(today=today()) == 1
    (row,) = propose(member, school, student.user.email).changed
    assert row.state == EnrolmentState.PROPOSED
    other = make.student()
    asked = declare(other, school)
    services.refuse_enrolments(actor=member, pks=[asked.pk], reason="Pas dans nos listes")
    assert propose(member, school, other.user.email).changed


# A student declares


def test_a_student_declares_and_the_school_confirms(school, member, student):
    row = declare(student, school)
    assert row.state == EnrolmentState.DECLARED
    assert list(StudentEnrolment.objects.awaiting(member)) == [row]
    assert told(member) == ["enrolment_asked"]
    services.confirm_enrolments(actor=member, pks=[row.pk])
    assert state(row) == EnrolmentState.ACTIVE
    assert told(student.user) == ["enrolment_answered"]


def test_what_moved_on_before_the_queue_ran_is_told_as_it_ended(school, member, student):
    """Confirmed, then ended at once: the student hears of the end alone."""
    row = declare(student, school)
    told(member)
    services.confirm_enrolments(actor=member, pks=[row.pk])
    services.end_enrolments(actor=member, pks=[row.pk])
    run_queue()
    (notice,) = Notice.objects.filter(recipient=student.user, kind="enrolment_answered")
    assert str(StudentEnrolment.workflow.transition("end").noun) in notice.body


def test_a_school_refuses_with_a_reason_that_is_told(school, member, student):
    row = declare(student, school)
    with pytest.raises(ValidationError):
        services.refuse_enrolments(actor=member, pks=[row.pk], reason=" ")
    services.refuse_enrolments(actor=member, pks=[row.pk], reason="Pas dans nos listes")
    assert state(row) == EnrolmentState.REFUSED
    run_queue()
    assert "Pas dans nos listes" in Notice.objects.get(recipient=student.user).body
    assert declare(student, school).pk != row.pk, "one may ask again"


def test_a_student_names_a_school_that_is_shown_and_once(school, student):
    with pytest.raises(PermissionDenied):
        declare(student, make.school(is_visible=False))
    declare(student, school)
    with pytest.raises(ValidationError, match="déjà"):
        declare(student, school)
    with pytest.raises(PermissionDenied):
        services.declare_enrolment(
            actor=make.school_user(school), school=school, school_year=YEAR, program_name="Bac"
        )


def test_who_meets_a_request_of_the_other_side_is_told_to_confirm_it(school, member, student):
    declare(student, school)
    ((_row, why),) = propose(member, school, student.user.email).refused
    assert "confirmez" in why
    other = make.student()
    propose(member, school, other.user.email)
    with pytest.raises(ValidationError, match="confirmez"):
        declare(other, school)


# The end


@pytest.mark.parametrize("who", ["student", "school"])
def test_either_side_ends_it_at_any_time(who, school, member, student):
    row = make.enrolment(student=student, school=school)
    actor = student.user if who == "student" else member
    services.end_enrolments(actor=actor, pks=[row.pk])
    row.refresh_from_db()
    assert row.state == EnrolmentState.ENDED and row.ended_at
    row.class_group = "Autre"
    with pytest.raises(ValidationError):
        save_row(actor=member, row=row)


def test_enrolments_end_with_their_school_year(school):
    old = make.enrolment(school=school, school_year=2025)
    this = make.enrolment(school=school, school_year=2026)
    assert services.end_past_enrolments(today=datetime.date(2026, 8, 31)) == 0
    assert services.end_past_enrolments(today=datetime.date(2026, 9, 1)) == 1
    assert (state(old), state(this)) == (EnrolmentState.ENDED, EnrolmentState.ACTIVE)
    assert services.end_past_enrolments(today=datetime.date(2026, 9, 1)) == 0


def test_an_enrolment_is_not_deleted(school, editor):
    row = make.enrolment(school=school)
    assert remove_rows(actor=editor, model=StudentEnrolment, pks=[row.pk]).refused


def test_each_role_sees_and_changes_its_own(everyone):
    foreign = make.enrolment()
    role, own = getattr(everyone, "role", Role.ANONYMOUS), set()
    if role == Role.SCHOOL:
        own = {make.enrolment(school=everyone.schoolmemberships.get().organisation).pk}
    if role == Role.STUDENT:
        own = {make.enrolment(student=everyone.studentprofile).pk}
    every = own | {foreign.pk}
    assert set(StudentEnrolment.objects.visible_to(everyone).values_list("pk", flat=True)) == (
        every if role in STAFF_ROLES else own
    )
    assert set(StudentEnrolment.objects.editable_by(everyone).values_list("pk", flat=True)) == (
        every if role in KEEPERS else own
    )


# The pages


def test_a_school_types_its_class_on_one_page(client, school, member):
    client.force_login(member)
    page = reverse("admin:schools_studentenrolment_add")
    assert client.get(page).status_code == 200
    typed = {
        "school": school.pk,
        "school_year": YEAR,
        "program_name": "Bac pro MELEC",
        "class_group": "1re",
        "emails": "a@lycee.example; b@lycee.example,\nc@lycee.example",
    }
    refused = client.post(page, {**typed, "school_year": 1999})
    assert refused.status_code == 200 and "a@lycee.example" in refused.content.decode()
    assert not StudentEnrolment.objects.exists()
    assert client.post(page, typed).status_code == 302
    assert StudentEnrolment.objects.count() == 3
    foreign = client.post(page, {**typed, "school": make.school().pk})
    assert foreign.status_code == 200 and StudentEnrolment.objects.count() == 3


def test_a_student_declares_on_the_same_address(client, school, student):
    client.force_login(student.user)
    page = reverse("admin:schools_studentenrolment_add")
    assert "emails" not in client.get(page).content.decode()
    typed = {"school": school.pk, "school_year": YEAR, "program_name": "Bac pro"}
    assert client.post(page, typed).status_code == 302
    again = client.post(page, typed)
    assert again.status_code == 200 and "déjà" in again.content.decode()
    assert StudentEnrolment.objects.count() == 1


def test_nobody_else_opens_the_page(client):
    client.force_login(make.company_user())
    assert client.get(reverse("admin:schools_studentenrolment_add")).status_code == 403
