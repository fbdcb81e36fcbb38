"""Placements: prepared by the school, agreed to by the parties, signed, running, over; held to the law."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.services import remove_rows, save_row
from pratik.core.writes import write_derived
from pratik.internships import reports, services
from pratik.internships.enums import BEFORE_SIGNATURE, EndedBy, PlacementState
from pratik.internships.models import HostTutor, Placement, PlacementBreak, ReferentTeacher, RuleOverride
from pratik.law.enums import RuleCode
from pratik.notifications.models import Notice
from pratik.partners.models import CompanyProfile
from pratik.privacy.services import erase_account
from pratik.schools.enums import EnrolmentState
from pratik.schools.services import confirm_enrolments
from tests import factories as make
from tests.internships.conftest import nbsp, soon, state
from tests.kit.queue import run_queue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]

DAY = datetime.timedelta(days=1)
MONDAY = datetime.date(2027, 2, 1)


@pytest.fixture
def school(db):
    return make.school(name="Lycée Lama-Prévot")


@pytest.fixture
def teacher(school):
    """Somebody of that school."""
    return make.school_user(school)


@pytest.fixture
def told(db):
    """`told(person)`: runs the queue, then gives what they were told since of placements: (subject, body)."""

    def said(person):
        run_queue()
        own = Notice.objects.filter(recipient=person, read_at=None, kind__startswith="placement_")
        rows = list(own.order_by("pk").values_list("subject", "body"))
        Notice.objects.filter(recipient=person).update(read_at=timezone.now())
        return rows

    return said


@pytest.fixture
def draft(host, school):
    """A placement that is ready to be agreed to."""
    return make.placement(company=host, school=school)


def refused(outcome):
    """Why the only row of an outcome was refused."""
    assert not outcome.changed
    ((_row, why),) = outcome.refused
    return why


def in_state(row, wanted):
    """The row as it stands now, which is this state."""
    row.refresh_from_db()
    assert row.state == wanted
    return row


# Hours


def test_hours_days_and_stipend_follow_from_the_week_the_breaks_and_the_holidays(draft, teacher):
    draft.start_on, draft.end_on = MONDAY, MONDAY + 27 * DAY
    draft.stipend_hourly = Decimal("4.50")
    row = services.save_placement(actor=teacher, row=draft)
    assert (row.hours, row.days, row.stipend_total) == (Decimal(140), 20, Decimal("630.00"))
    row = services.save_placement(
        actor=teacher, row=row, breaks=[(MONDAY + 7 * DAY, MONDAY + 8 * DAY, "Carnaval")]
    )
    assert (row.hours, row.days) == (Decimal(126), 18)
    row = services.save_placement(actor=teacher, row=row, breaks=[])
    assert (row.hours, row.days) == (Decimal(140), 20)
    assert not PlacementBreak.objects.exists() and PlacementBreak.history.count() == 2


def test_a_public_holiday_that_is_added_later_changes_the_hours(draft):
    day = draft.start_on + DAY * ((2 - draft.start_on.weekday()) % 7)
    before = draft.hours
    make.public_holiday(day=day, name="Fête")
    assert services.recompute_hours_to_come() == 1
    draft.refresh_from_db()
    assert before - draft.hours == Decimal(7)


def test_hours_leave_no_line_of_history_of_their_own(draft):
    assert Placement.history.filter(id=draft.pk).count() == 1
    assert draft.hours == Decimal(140)


def test_after_the_host_the_school_completes_what_is_left_to_the_school(host, school, teacher, recruiter):
    row = make.placement(
        company=host, school=school, state=PlacementState.HOST_AGREED, teacher=None, social_protection=""
    )
    row.teacher = make.referent_teacher(school=school)
    row.program_hours = "800 heures"
    row.social_protection = "Régime général."
    services.save_placement(actor=teacher, row=row)
    row = in_state(row, PlacementState.HOST_AGREED)
    assert row.teacher and row.social_protection == "Régime général."
    # What the host worded, or has been worded since, is part of what was agreed to.
    for name, value in (
        ("activities", "Autre chose"),
        ("social_protection", "Autre"),
        ("end_on", row.end_on + DAY),
    ):
        kept = Placement.objects.get(pk=row.pk)
        setattr(kept, name, value)
        with pytest.raises(ValidationError, match="à préparer"):
            services.save_placement(actor=teacher, row=kept)
    kept = Placement.objects.get(pk=row.pk)
    kept.program_hours = "1 heure"
    with pytest.raises(ValidationError, match="à préparer"):
        services.save_placement(actor=recruiter, row=kept)
    services.agree_as_school(actor=teacher, pks=[row.pk])
    kept = Placement.objects.get(pk=row.pk)
    kept.program_hours = "1 heure"
    with pytest.raises(ValidationError, match="à préparer"):
        services.save_placement(actor=teacher, row=kept)


def test_a_break_stays_within_its_placement_and_ends_after_it_began(draft, teacher):
    for days in (
        (draft.start_on - DAY, draft.start_on, ""),
        (draft.end_on, draft.end_on + DAY, ""),
        (draft.start_on + DAY, draft.start_on, ""),
    ):
        with pytest.raises(ValidationError):
            services.save_placement(actor=teacher, row=draft, breaks=[days])
    assert not PlacementBreak.objects.exists()


def test_days_off_that_new_dates_have_no_room_for_go(draft, teacher):
    draft.start_on, draft.end_on = MONDAY, MONDAY + 27 * DAY
    kept = [(MONDAY + 4 * DAY, MONDAY + 8 * DAY, "Carnaval"), (MONDAY + 21 * DAY, MONDAY + 22 * DAY, "Pont")]
    row = services.save_placement(actor=teacher, row=draft, breaks=kept)
    row.end_on = MONDAY + 6 * DAY
    row = services.save_placement(actor=teacher, row=row)
    ((first, last),) = PlacementBreak.objects.values_list("from_on", "until_on")
    assert (first, last) == (MONDAY + 4 * DAY, MONDAY + 6 * DAY)
    assert row.days == 4


def test_once_agreed_neither_the_placement_nor_its_breaks_change(host, school, teacher):
    row = make.placement(company=host, school=school, state=PlacementState.HOST_AGREED)
    with pytest.raises(ValidationError, match="à préparer"):
        services.save_placement(actor=teacher, row=row, breaks=[(row.start_on + DAY, row.start_on + DAY, "")])
    row.post = "Autre poste"
    with pytest.raises(ValidationError, match="à préparer"):
        save_row(actor=teacher, row=row)
    row.state = PlacementState.SIGNED
    with pytest.raises(ValidationError):
        save_row(actor=teacher, row=row)
    assert not PlacementBreak.objects.exists()


# Who writes what


def test_a_school_types_placements_of_students_whose_enrolment_is_confirmed(host, school, teacher):
    mine = make.placement_row(company=host, school=school)
    row = services.save_placement(actor=teacher, row=mine)
    assert (row.school, row.class_group, row.hours) == (school, "1re MELEC 2", Decimal(140))
    foreign = make.placement_row(company=host)
    with pytest.raises(ValidationError, match="confirmée"):
        services.save_placement(actor=teacher, row=foreign)
    waiting = make.enrolment(school=school, state=EnrolmentState.DECLARED)
    early = make.placement_row(company=host, enrolment=waiting)
    with pytest.raises(ValidationError, match="confirmée"):
        services.save_placement(actor=teacher, row=early)
    alone = make.placement_row(company=host, without_school=True)
    with pytest.raises(ValidationError, match="confirmée"):
        services.save_placement(actor=teacher, row=alone)


def test_a_host_words_its_part_and_makes_no_placement_of_its_own(host, recruiter, draft):
    draft.activities = "Câbler un tableau"
    assert services.save_placement(actor=recruiter, row=draft).activities == "Câbler un tableau"
    assert "teacher" in draft.reserved_fields(recruiter) and "tutor" not in draft.reserved_fields(recruiter)
    with pytest.raises(PermissionDenied):
        services.save_placement(actor=recruiter, row=make.placement_row(company=host))


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("tutor", lambda: make.host_tutor()),
        ("teacher", lambda: make.referent_teacher()),
        ("calendar", lambda: make.calendar()),
    ],
)
def test_those_who_are_named_belong_together(field, other, draft, editor):
    setattr(draft, field, other())
    with pytest.raises(ValidationError) as refusal:
        services.save_placement(actor=editor, row=draft)
    assert set(refusal.value.message_dict) == {field}


@pytest.mark.parametrize(
    "values",
    [
        {"end_on": MONDAY - DAY},
        {"start_on": datetime.date(27, 2, 1)},
        {"end_on": MONDAY + 400 * DAY},
        {"post": "!!!"},
        {"schedule": {"0": [["12:00", "08:00"]]}},
        {"schedule": {"7": []}},
        {"schedule": ["lundi"]},
        {"stipend_hourly": Decimal(-1)},
        {"remote_share": 101},
    ],
)
def test_bad_values_are_refused_in_a_sentence(values, draft, editor):
    draft.start_on, draft.end_on = MONDAY, MONDAY + 27 * DAY
    for name, value in values.items():
        setattr(draft, name, value)
    with pytest.raises(ValidationError):
        services.save_placement(actor=editor, row=draft)


def test_each_party_sees_its_placements_and_nobody_else_does(everyone, host, school):
    make.placement()
    role = getattr(everyone, "role", Role.ANONYMOUS)
    own = None
    match role:
        case Role.COMPANY:
            own = make.placement(company=everyone.companymemberships.get().organisation)
        case Role.SCHOOL:
            own = make.placement(school=everyone.schoolmemberships.get().organisation)
        case Role.STUDENT:
            own = make.placement(student=everyone.studentprofile)
    row_break = make.placement_break(placement=own) if own else make.placement_break()
    every, mine = Placement.objects.count(), {own.pk} if own else set()
    seen = Placement.objects.visible_to(everyone)
    assert seen.count() == (every if role in STAFF_ROLES else len(mine))
    changed = Placement.objects.editable_by(everyone)
    may = every if role in KEEPERS else len(mine) * (role != Role.STUDENT)
    assert changed.count() == may
    breaks = PlacementBreak.objects.visible_to(everyone).filter(pk=row_break.pk)
    assert breaks.exists() == (role in STAFF_ROLES or bool(own))


def test_a_placement_and_its_overrides_are_not_deleted(draft, editor):
    assert remove_rows(actor=editor, model=Placement, pks=[draft.pk]).refused


# Tutors and teachers


def test_a_school_sees_the_tutors_of_its_students_and_changes_those_it_entered(host, school, teacher, draft):
    stranger = make.host_tutor(company=host)
    entered = make.host_tutor(entered_by=school)
    assert set(HostTutor.objects.visible_to(teacher)) == {draft.tutor, entered}
    assert set(HostTutor.objects.editable_by(teacher)) == {entered}
    assert stranger not in HostTutor.objects.visible_to(teacher)
    assert set(HostTutor.objects.visible_to(make.company_user(host))) == {draft.tutor, stranger}


def test_a_host_sees_the_teachers_of_its_interns_and_no_others(host, school, recruiter, draft):
    make.referent_teacher(school=school)
    assert set(ReferentTeacher.objects.visible_to(recruiter)) == {draft.teacher}
    assert not ReferentTeacher.objects.editable_by(recruiter).exists()


# Agreements of the parties


def test_from_the_draft_to_the_signature_each_party_is_asked_in_turn(
    host, school, recruiter, teacher, draft, told, papers
):
    services.agree_as_host(actor=recruiter, pks=[draft.pk])
    row = in_state(draft, PlacementState.HOST_AGREED)
    assert row.host_agreed_at and row.host_agreed_by == recruiter
    assert [subject for subject, _body in told(teacher)] == [
        nbsp(f"Accord attendu : {draft.student} chez {host.name}")
    ]
    services.agree_as_school(actor=teacher, pks=[draft.pk])
    assert in_state(draft, PlacementState.SCHOOL_AGREED).school_agreed_by == teacher
    assert [subject for subject, _body in told(recruiter)] == [
        nbsp(f"Accord de l’établissement : {draft.student} chez {host.name}")
    ]
    assert refused(services.sign_placements(actor=teacher, pks=[draft.pk])).startswith("Établissez d’abord")
    services.make_agreements(actor=teacher, pks=[draft.pk])
    assert len(told(draft.student.user)) == 3
    services.sign_placements(actor=teacher, pks=[draft.pk], signed_on=today())
    assert in_state(draft, PlacementState.SIGNED).signed_on == today()
    (agreement,) = draft.papers.all()
    assert (agreement.state, agreement.signed_on) == ("signed", today()), "it is signed with the placement"
    assert len(told(draft.student.user)) == 1


def test_a_host_with_an_account_agrees_by_itself_the_school_notes_the_others(
    host, school, recruiter, teacher, draft
):
    why = "M. Étienne, par téléphone le 3 mars"
    assert "compte" in refused(services.record_host_agreement(actor=teacher, pks=[draft.pk], reason=why))
    elsewhere = make.placement(school=school)
    with pytest.raises(ValidationError):
        services.record_host_agreement(actor=teacher, pks=[elsewhere.pk], reason=" ")
    services.record_host_agreement(actor=teacher, pks=[elsewhere.pk], reason=why)
    row = in_state(elsewhere, PlacementState.HOST_AGREED)
    assert Placement.history.filter(id=row.pk).latest("history_id").operation.reason == why


def test_nobody_agrees_for_the_other_party_or_for_somebody_else(host, recruiter, teacher, draft, editor):
    with pytest.raises(PermissionDenied):
        services.agree_as_host(actor=teacher, pks=[draft.pk])
    with pytest.raises(PermissionDenied):
        services.agree_as_school(actor=recruiter, pks=[draft.pk])
    stranger = make.company_user()
    outcome = services.agree_as_host(actor=stranger, pks=[draft.pk])
    assert not outcome.changed and not outcome.refused
    assert state(draft) == PlacementState.DRAFTED


@pytest.mark.parametrize(("field", "words"), [("tutor", "tuteur"), ("schedule", "horaires")])
def test_a_host_agrees_to_something_that_is_settled(field, words, host, recruiter, school):
    row = make.placement(company=host, school=school, **{field: {} if field == "schedule" else None})
    assert words in refused(services.agree_as_host(actor=recruiter, pks=[row.pk]))


def test_a_school_agrees_once_a_teacher_and_the_school_are_known(host, teacher, school, editor):
    alone = make.placement(company=host, without_school=True, state=PlacementState.HOST_AGREED, teacher=None)
    assert "aucun établissement" in refused(services.agree_as_school(actor=editor, pks=[alone.pk]))
    row = make.placement(company=host, school=school, state=PlacementState.HOST_AGREED, teacher=None)
    assert "enseignant" in refused(services.agree_as_school(actor=teacher, pks=[row.pk]))


def test_missing_mentions_are_all_named_before_the_school_agrees(host, teacher, school):
    row = make.placement(
        company=host, school=school, state=PlacementState.HOST_AGREED, activities="", social_protection=""
    )
    why = refused(services.agree_as_school(actor=teacher, pks=[row.pk]))
    assert "activités" in why and "protection sociale" in why


def test_reworking_takes_the_agreements_back_and_voids_the_paper(
    host, school, teacher, recruiter, told, papers
):
    row = make.placement(company=host, school=school, state=PlacementState.SCHOOL_AGREED)
    (paper,) = services.make_agreements(actor=teacher, pks=[row.pk]).changed
    told(recruiter)
    services.rework_placements(actor=teacher, pks=[row.pk], reason="Les dates changent")
    row = in_state(row, PlacementState.DRAFTED)
    assert (row.host_agreed_at, row.school_agreed_at) == (None, None)
    paper.refresh_from_db()
    assert (paper.state, paper.void_reason) == ("void", "Les dates changent")
    ((subject, body),) = told(recruiter)
    assert "remis à préparer" in subject and "Les dates changent" in body


def test_cancelling_tells_everybody_why(host, school, recruiter, teacher, draft, told, papers):
    with pytest.raises(ValidationError):
        services.cancel_placements(actor=recruiter, pks=[draft.pk], reason="")
    services.cancel_placements(actor=recruiter, pks=[draft.pk], reason="Chantier arrêté")
    assert in_state(draft, PlacementState.CANCELLED).end_reason == "Chantier arrêté"
    for person in (teacher, draft.student.user):
        ((_subject, body),) = told(person)
        assert "Chantier arrêté" in body
    again = make.placement(company=host, enrolment=draft.enrolment)
    assert again.start_on == draft.start_on


def test_a_placement_is_interrupted_on_one_of_its_days_and_its_hours_stop_there(
    host, school, recruiter, teacher
):
    row = make.placement(company=host, school=school, state=PlacementState.RUNNING)
    whole = row.hours
    for day in (today() + DAY, row.start_on - DAY):
        outcome = services.interrupt_placements(
            actor=recruiter, pks=[row.pk], ended_on=day, ended_by=EndedBy.HOST, reason="Fermeture"
        )
        assert refused(outcome)
    with pytest.raises(ValidationError):
        services.interrupt_placements(
            actor=recruiter, pks=[row.pk], ended_on=today(), ended_by="chance", reason="Fermeture"
        )
    services.interrupt_placements(
        actor=teacher, pks=[row.pk], ended_on=today(), ended_by=EndedBy.INTERN, reason="Réorientation"
    )
    row = in_state(row, PlacementState.INTERRUPTED)
    assert (row.last_day, row.ended_by) == (today(), EndedBy.INTERN)
    assert 0 < row.hours < whole


def test_a_tutor_of_interns_stays_with_their_host(host, school, teacher, administrator):
    """Agreements name them there; without interns, a slip is mended."""
    tutor = make.host_tutor(company=host, entered_by=school)
    elsewhere = make.company(headcount=40)
    tutor.company = elsewhere
    save_row(actor=teacher, row=tutor)
    row = make.placement(company=elsewhere, school=school, tutor=tutor, state=PlacementState.CANCELLED)
    for actor in (teacher, administrator):
        tutor = HostTutor.objects.get(pk=tutor.pk)
        tutor.company = host
        with pytest.raises(ValidationError) as refusal:
            save_row(actor=actor, row=tutor)
        assert "company" in refusal.value.message_dict
    assert HostTutor.objects.get(pk=row.tutor_id).company == elsewhere
    tutor = HostTutor.objects.get(pk=tutor.pk)
    tutor.job_title = "Cheffe d’atelier"
    assert save_row(actor=teacher, row=tutor).job_title == "Cheffe d’atelier"


@pytest.mark.parametrize("who", [EndedBy.INTERN, EndedBy.SCHOOL])
def test_a_host_says_of_itself_alone_that_it_ended_an_internship(who, host, school, recruiter, teacher):
    """Its post is free at once where the intern left: that is not for the host to say."""
    row = make.placement(company=host, school=school, state=PlacementState.RUNNING)
    given = {"pks": [row.pk], "ended_on": today(), "reason": "Fin du stage"}
    with pytest.raises(ValidationError) as refusal:
        services.interrupt_placements(actor=recruiter, ended_by=who, **given)
    assert "ended_by" in refusal.value.message_dict
    assert state(row) == PlacementState.RUNNING
    services.interrupt_placements(actor=teacher, ended_by=who, **given)
    assert in_state(row, PlacementState.INTERRUPTED).ended_by == who
    other = make.placement(company=host, school=school, state=PlacementState.RUNNING)
    services.interrupt_placements(actor=recruiter, ended_by=EndedBy.HOST, **given | {"pks": [other.pk]})
    assert in_state(other, PlacementState.INTERRUPTED).ended_by == EndedBy.HOST


def test_placements_start_and_end_by_the_day_and_the_host_is_counted_anew(host, told, recruiter, papers):
    start = today() - 30 * DAY
    over = make.placement(company=host, state=PlacementState.SIGNED, start_on=start)
    begins = make.placement(company=host, state=PlacementState.SIGNED, start_on=today())
    later = make.placement(company=host, state=PlacementState.SIGNED, start_on=today() + DAY)
    unsigned = make.placement(company=host, state=PlacementState.SCHOOL_AGREED, start_on=today())
    assert services.start_and_complete() == 3
    assert [state(row) for row in (over, begins, later, unsigned)] == [
        PlacementState.COMPLETED,
        PlacementState.RUNNING,
        PlacementState.SIGNED,
        PlacementState.SCHOOL_AGREED,
    ]
    assert CompanyProfile.objects.get(pk=host.pk).total_interns_hosted == 1
    assert services.start_and_complete() == 0
    assert services.start_and_complete(day=begins.end_on) == 1  # the one of tomorrow starts
    assert state(begins) == PlacementState.RUNNING, "its last day is not over"
    services.start_and_complete(day=begins.end_on + DAY)
    assert state(begins) == PlacementState.COMPLETED
    assert CompanyProfile.objects.get(pk=host.pk).total_interns_hosted == 2


# From acceptances


def accepted(host, **fields):
    offer = make.offer(company=host, title="Aide menuisier", hours_per_week=Decimal(35))
    return make.application(offer=offer, state="accepted", **fields)


def test_an_acceptance_makes_one_placement_with_the_school_of_the_student(
    host, school, recruiter, teacher, told, papers
):
    offer = make.offer(company=host, title="Aide menuisier")
    application = make.application(offer=offer)
    make.enrolment(student=application.student, school=school, school_year=offer.school_year)
    services.accept_applications(actor=recruiter, pks=[application.pk])
    assert any("Stage à préparer" in subject.replace("\u00a0", " ") for subject, _body in told(teacher))
    row = Placement.objects.get()
    assert (row.application, row.school, row.state) == (application, school, PlacementState.DRAFTED)
    assert (row.post, row.start_on, row.end_on) == ("Aide menuisier", offer.start_on, offer.end_on)
    assert row.hours > 0 and row.week.minutes_per_week == 35 * 60
    assert services.draft_placements(pks=[application.pk]) == []
    assert Placement.objects.count() == 1


def test_without_a_confirmed_school_the_placement_waits_and_finds_it_later(host, school, told, papers):
    application = accepted(host)
    waiting = make.enrolment(
        student=application.student,
        school=school,
        state=EnrolmentState.DECLARED,
        school_year=application.offer.school_year,
    )
    (row,) = services.draft_placements(pks=[application.pk])
    assert row.school is None
    member = make.school_user(school)
    confirm_enrolments(actor=member, pks=[waiting.pk])
    told(member)
    row.refresh_from_db()
    assert (row.school, row.enrolment, row.class_group) == (school, waiting, waiting.class_group)


def test_a_placement_that_the_school_typed_takes_the_application(host, school):
    application = accepted(host)
    typed = make.placement(
        company=host, student=application.student, school=school, start_on=application.offer.start_on
    )
    assert services.draft_placements(pks=[application.pk]) == []
    typed.refresh_from_db()
    assert typed.application == application


def test_a_second_application_for_the_same_day_costs_nobody_their_placement(host):
    """As they stood before the rule came, or were accepted at the same moment."""
    day = soon(60)
    student = make.student()
    rows = [
        make.application(offer=make.offer(company=host, start_on=day), student=student, state="accepted")
        for _each in range(2)
    ]
    other = make.application(offer=rows[0].offer, state="accepted")
    drafted = services.draft_placements(pks=[row.pk for row in (*rows, other)])
    assert [row.application for row in drafted] == [rows[0], other]
    assert services.draft_placements(pks=[rows[1].pk]) == []


def test_a_placement_stays_with_the_student_and_the_host_of_its_application(host, school, teacher, editor):
    application = accepted(host)
    start = application.offer.start_on
    own, foreign = (
        make.enrolment(student=student, school=school, school_year=application.offer.school_year)
        for student in (application.student, make.student())
    )
    (row,) = services.draft_placements(pks=[application.pk])
    row = Placement.objects.get(pk=row.pk)
    assert {"student", "company"} <= set(row.reserved_fields(editor))
    row.enrolment = foreign
    with pytest.raises(ValidationError) as refused_row:
        services.save_placement(actor=teacher, row=row)
    assert "candidature de" in refused_row.value.message_dict["enrolment"][0]
    row = Placement.objects.get(pk=row.pk)
    row.company = make.company()
    with pytest.raises(ValidationError) as refused_row:
        services.save_placement(actor=editor, row=row)
    assert "company" in refused_row.value.message_dict
    row = Placement.objects.get(pk=row.pk)
    assert (row.student, row.enrolment, row.company, row.start_on) == (application.student, own, host, start)


def test_what_the_queue_left_undone_is_done_by_the_next_night(host, school):
    """An acceptance without a placement, a withdrawal that cancelled nothing, a school that was not found."""
    waiting = accepted(host)
    gone = make.application(offer=make.offer(company=host), state="withdrawn")
    left = make.placement(company=host, student=gone.student, application=gone)
    orphan, undecided = (make.placement(company=host, without_school=True) for _each in range(2))
    make.enrolment(student=orphan.student, school=school, school_year=orphan.school_year)
    for _each in range(2):
        make.enrolment(student=undecided.student, school_year=undecided.school_year)
    called_off = make.application(offer=make.offer(company=host), state="accepted")
    make.placement(
        company=host,
        student=called_off.student,
        application=called_off,
        state=PlacementState.CANCELLED,
    )
    assert services.catch_up() == 3
    assert Placement.objects.get(application=waiting).state == PlacementState.DRAFTED
    in_state(left, PlacementState.CANCELLED)
    orphan.refresh_from_db()
    undecided.refresh_from_db()
    assert (orphan.school, undecided.school) == (school, None)
    assert services.catch_up() == 0


def test_a_host_is_told_once_of_a_placement_to_prepare(host, school, recruiter, teacher, told):
    application = accepted(host)
    services.draft_placements(pks=[application.pk])
    assert len(told(recruiter)) == 1
    row = make.enrolment(
        student=application.student,
        school=school,
        state=EnrolmentState.DECLARED,
        school_year=application.offer.school_year,
    )
    confirm_enrolments(actor=make.school_user(school), pks=[row.pk])
    assert told(recruiter) == []
    assert [subject.split(" ")[0] for subject, _body in told(teacher)] == ["Stage"]


def test_a_place_that_is_given_back_takes_its_placement_with_it(host, told, papers):
    application = accepted(host)
    (row,) = services.draft_placements(pks=[application.pk])
    services.withdraw_applications(actor=application.student.user, pks=[application.pk], reason="")
    told(application.student.user)
    assert state(row) == PlacementState.CANCELLED
    assert services.cancel_of_applications(pks=[application.pk]) == 0


@pytest.mark.parametrize(
    "held", [PlacementState.DRAFTED, PlacementState.HOST_AGREED, PlacementState.SCHOOL_AGREED]
)
def test_what_nobody_signed_is_called_off_a_month_after_its_end(host, school, told, recruiter, held):
    """It weighs on no quota, is kept no longer than others, and the parties are told."""
    application = make.application(offer=make.offer(company=host, start_on=soon(-60)), state="accepted")
    row = make.placement(
        company=host,
        school=school,
        student=application.student,
        application=application,
        state=held,
        start_on=soon(-57),
        end_on=soon(-30),
    )
    recent = make.placement(company=host, school=school, state=held, start_on=soon(-57), end_on=soon(-29))
    assert services.start_and_complete() == 1
    row = in_state(row, PlacementState.CANCELLED)
    assert row.end_reason == "La convention n’a jamais été signée." and state(recent) == held
    ((subject, body),) = told(recruiter)
    assert subject.startswith("Stage annulé") and "jamais été signée" in body
    assert state(application) == "expired"
    assert services.start_and_complete() == 0


@pytest.mark.parametrize("held", PlacementState)
def test_an_erased_account_ends_what_was_not_signed_and_the_parties_are_told(
    host, school, told, recruiter, teacher, administrator, papers, held
):
    """What was signed binds host and school: it goes on, and nothing new is agreed in that name."""
    fields = {"ended_on": soon(), "ended_by": EndedBy.HOST} if held == PlacementState.INTERRUPTED else {}
    application = make.application(offer=make.offer(company=host), state="accepted")
    row = make.placement(
        company=host,
        school=school,
        student=application.student,
        application=None if held == PlacementState.CANCELLED else application,
        state=held,
        **fields,
    )
    name = application.student.user.last_name
    erase_account(actor=administrator, user=application.student.user, reason="Demande reçue par courrier")
    said = told(recruiter)
    assert [subject for subject, _body in told(teacher)] == [subject for subject, _body in said]
    row.refresh_from_db()
    if held in BEFORE_SIGNATURE:
        assert (row.state, state(application)) in (("cancelled", "expired"), ("cancelled", "withdrawn"))
        ((subject, body),) = said
        assert subject.startswith("Stage annulé") and "est effacé" in body and "courrier" not in body
    elif held in (PlacementState.SIGNED, PlacementState.RUNNING):
        ((subject, body),) = said
        assert row.state == held and "effacé" in subject and "vaut toujours" in body
    else:
        assert row.state == held and said == []
    assert not any(name in text for notice in said for text in notice)


def test_nobody_agrees_for_who_has_no_account_any_more(host, school, recruiter, teacher, draft):
    account = draft.student.user
    account.is_active = False
    save_row(actor=make.user(Role.ADMINISTRATOR), row=account)
    assert "fermé" in refused(services.agree_as_host(actor=recruiter, pks=[draft.pk]))


# The law


def long_enough(host, school, **fields):
    """A placement of 309 hours or more, without a stipend."""
    return make.placement(company=host, school=school, end_on=soon(30 + 7 * 10 - 1), **fields)


def test_the_law_stands_in_the_way_until_somebody_sets_the_rule_aside_with_a_reason(
    host, school, recruiter, teacher
):
    row = long_enough(host, school)
    why = refused(services.agree_as_host(actor=recruiter, pks=[row.pk]))
    assert why.startswith("Gratification")
    (found,) = [each for each in reports.findings([row], today())[row.pk] if each.blocks]
    assert found.code == RuleCode.STIPEND
    with pytest.raises(PermissionDenied):
        services.override_rule(actor=recruiter, placement=row, code=found.code, reason="Accord")
    with pytest.raises(ValidationError):
        services.override_rule(actor=teacher, placement=row, code=found.code, reason="  ")
    with pytest.raises(ValidationError, match="ne s’oppose pas"):
        services.override_rule(actor=teacher, placement=row, code=RuleCode.OVERLAP, reason="Accord")
    if not found.overridable:
        pytest.fail("the rule may be set aside")
    services.override_rule(actor=teacher, placement=row, code=found.code, reason="Organisme public étranger")
    kept = RuleOverride.objects.get()
    assert (kept.made_by, kept.finding) == (teacher, found.explanation)
    assert services.agree_as_host(actor=recruiter, pks=[row.pk]).changed
    with pytest.raises(ValidationError):
        services.override_rule(actor=teacher, placement=row, code=found.code, reason="Encore")


def test_what_was_set_aside_stays_as_it_was_given(host, school, recruiter, teacher):
    row = long_enough(host, school)
    services.override_rule(actor=teacher, placement=row, code=RuleCode.STIPEND, reason="Accord écrit")
    kept = RuleOverride.objects.get()
    kept.reason = "Autre chose"
    with pytest.raises(ValidationError):
        save_row(actor=teacher, row=kept)
    assert remove_rows(actor=teacher, model=RuleOverride, pks=[kept.pk]).refused
    assert not RuleOverride.objects.editable_by(recruiter).exists()
    assert RuleOverride.objects.visible_to(recruiter).exists()


def busy_tutor(host, *starts, number=3):
    """A tutor who follows as many interns as the law allows, for a week from each of these Mondays."""
    tutor = make.host_tutor(company=host)
    for start in starts:
        for _each in range(number):
            make.placement(
                company=host, tutor=tutor, state=PlacementState.SIGNED, start_on=start, end_on=start + 4 * DAY
            )
    return tutor


@pytest.fixture
def large(host):
    """The host has enough staff for any number of interns."""
    host.headcount = 200
    save_row(actor=make.user(Role.ADMINISTRATOR), row=host)
    return host


@pytest.mark.parametrize("by", ["rework", "dates"])
def test_what_was_set_aside_stands_for_what_it_was_said_of(large, school, recruiter, teacher, by):
    """Prepared again, or moved to other days: who sets the rule aside then says why again."""
    later = MONDAY + 28 * DAY
    tutor = busy_tutor(large, MONDAY, later)
    row = make.placement(company=large, school=school, tutor=tutor, start_on=MONDAY, end_on=MONDAY + 4 * DAY)
    services.override_rule(actor=teacher, placement=row, code=RuleCode.TUTOR, reason="Une semaine seulement")
    if by == "rework":
        assert services.agree_as_host(actor=recruiter, pks=[row.pk]).changed
        services.rework_placements(actor=teacher, pks=[row.pk], reason="Autre mois")
    else:
        row.start_on, row.end_on = later, later + 4 * DAY
        services.save_placement(actor=teacher, row=row)
    assert refused(services.agree_as_host(actor=recruiter, pks=[row.pk])).startswith("Stagiaires par tuteur")
    assert not RuleOverride.objects.standing().exists()
    services.override_rule(actor=teacher, placement=row, code=RuleCode.TUTOR, reason="Encore une semaine")
    assert services.agree_as_host(actor=recruiter, pks=[row.pk]).changed
    first, second = RuleOverride.objects.order_by("pk")
    assert first.ended_at and first.reason == "Une semaine seulement" and second.ended_at is None


def test_what_was_set_aside_outlives_what_its_rule_does_not_look_at(large, school, teacher, recruiter):
    tutor = busy_tutor(large, MONDAY)
    row = make.placement(company=large, school=school, tutor=tutor, start_on=MONDAY, end_on=MONDAY + 4 * DAY)
    services.override_rule(actor=teacher, placement=row, code=RuleCode.TUTOR, reason="Une semaine seulement")
    row.benefits = "Cantine"
    services.save_placement(actor=teacher, row=row)
    assert services.agree_as_host(actor=recruiter, pks=[row.pk]).changed


@pytest.mark.parametrize("first", [MONDAY + 10 * DAY, MONDAY - 24 * DAY])
def test_the_quota_counts_the_civil_week_whole(school, host, first):
    """Three until Wednesday and one from Thursday on are four in that week (article L124-8), and the same the
    other way round.
    """
    host.headcount = 5
    save_row(actor=make.user(Role.ADMINISTRATOR), row=host)
    if first > MONDAY:
        others, new = (MONDAY, MONDAY + 9 * DAY), (first, first + 27 * DAY)
    else:
        others, new = (MONDAY + 3 * DAY, MONDAY + 11 * DAY), (first, MONDAY + 2 * DAY)
    for _each in range(3):
        make.placement(company=host, state=PlacementState.SIGNED, start_on=others[0], end_on=others[1])
    row = make.placement(company=host, school=school, start_on=new[0], end_on=new[1])
    assert RuleCode.HOST_QUOTA in {found.code for found in reports.findings([row], today())[row.pk]}


def test_pupils_who_observe_leave_the_tutor_free(large, school):
    """R124-13 counts agreements; an observation has none."""
    tutor = make.host_tutor(company=large)
    for _each in range(3):
        make.placement(
            company=large,
            tutor=tutor,
            kind="observation",
            state=PlacementState.SIGNED,
            start_on=MONDAY,
            end_on=MONDAY + 4 * DAY,
        )
    row = make.placement(company=large, school=school, tutor=tutor, start_on=MONDAY, end_on=MONDAY + 20 * DAY)
    assert RuleCode.TUTOR not in {found.code for found in reports.findings([row], today())[row.pk]}


def test_who_came_between_does_not_hide_a_longer_internship_before(host):
    """177 days to 30 June keep the post until the end of August, whoever tried it in July."""
    for start, end, left in (((1, 5), (6, 30), None), ((7, 1), (7, 20), (7, 8))):
        make.placement(
            company=host,
            post="Soudeur",
            start_on=datetime.date(2026, *start),
            end_on=datetime.date(2026, *end),
            state=PlacementState.INTERRUPTED if left else PlacementState.COMPLETED,
            **({"ended_on": datetime.date(2026, *left), "ended_by": EndedBy.INTERN} if left else {}),
        )
    row = make.placement(
        company=host,
        post="Soudeur",
        start_on=datetime.date(2026, 7, 15),
        end_on=datetime.date(2026, 8, 15),
    )
    assert RuleCode.COOLING_OFF in {found.code for found in reports.findings([row], today())[row.pk]}


@pytest.mark.parametrize(
    "reachable", [{"representative_email": "parent@exemple.gf"}, {"representative_phone": "+594694202020"}]
)
def test_a_representative_is_somebody_who_can_be_reached(host, school, reachable):
    row = make.placement(
        company=host,
        school=school,
        student=make.student(born_on=today() - 16 * 366 * DAY),
        representative_email="",
        representative_phone="",
    )

    def asked():
        return RuleCode.LEGAL_REPRESENTATIVE in {
            found.code for found in reports.findings([row], today())[row.pk]
        }

    assert row.representative and asked()
    for name, value in reachable.items():
        setattr(row, name, value)
    assert not asked()


def test_a_host_takes_three_interns_a_week_and_no_fourth_even_in_one_go(school, recruiter, host):
    host.headcount = 19
    with operation(kind=OperationKind.SETUP, actor=recruiter, subject=CompanyProfile):
        host.save()
    rows = [make.placement(company=host, school=school) for _each in range(4)]
    outcome = services.agree_as_host(actor=recruiter, pks=[row.pk for row in rows])
    assert [row.pk for row in outcome.changed] == [row.pk for row in rows[:3]]
    ((row, why),) = outcome.refused
    assert row.pk == rows[3].pk and "4 stagiaires" in why.replace("\u00a0", " ")


def test_a_tutor_follows_three_and_a_student_is_in_one_place_at_a_time(school, host, recruiter):
    tutor = make.host_tutor(company=host)
    for _each in range(3):
        make.placement(company=host, tutor=tutor, state=PlacementState.SIGNED)
    fourth = make.placement(company=host, tutor=tutor)
    assert "Le tuteur suivrait 4" in refused(
        services.agree_as_host(actor=recruiter, pks=[fourth.pk])
    ).replace("\u00a0", " ")
    other = make.placement(
        company=host,
        student=fourth.student,
        school=fourth.school,
        enrolment=fourth.enrolment,
        start_on=fourth.start_on + DAY,
    )
    make.placement(
        enrolment=fourth.enrolment, state=PlacementState.SIGNED, start_on=fourth.start_on + 2 * DAY
    )
    assert "déjà en stage" in refused(services.agree_as_host(actor=recruiter, pks=[other.pk]))


def test_the_same_post_rests_a_third_of_the_internship_unless_the_intern_left(host, recruiter):
    before = make.placement(company=host, post="Monteur", state=PlacementState.SIGNED)
    after = make.placement(company=host, post="MONTEUR", start_on=before.end_on + DAY)
    codes = {found.code for found in reports.findings([after], today())[after.pk]}
    assert RuleCode.COOLING_OFF in codes
    make.placement(
        company=host,
        post="Soudeur",
        state=PlacementState.INTERRUPTED,
        start_on=before.start_on,
        ended_on=before.start_on + 6 * DAY,
        ended_by=EndedBy.INTERN,
    )
    free = make.placement(company=host, post="Soudeur", start_on=before.start_on + 7 * DAY)
    assert RuleCode.COOLING_OFF not in {found.code for found in reports.findings([free], today())[free.pk]}


def test_the_hours_with_one_host_add_up_over_a_school_year(host, school):
    first = make.placement(
        company=host,
        school=school,
        start_on=datetime.date(2026, 9, 1),
        end_on=datetime.date(2026, 12, 31),
        state=PlacementState.COMPLETED,
        stipend_hourly=Decimal("4.50"),
    )
    second = make.placement(
        company=host,
        enrolment=first.enrolment,
        start_on=datetime.date(2027, 3, 1),
        end_on=datetime.date(2027, 6, 30),
        stipend_hourly=Decimal("4.50"),
    )
    assert RuleCode.DURATION in {found.code for found in reports.findings([second], today())[second.pk]}
    next_year = make.placement(
        company=host,
        enrolment=first.enrolment,
        start_on=datetime.date(2027, 9, 1),
        end_on=datetime.date(2027, 12, 31),
        stipend_hourly=Decimal("4.50"),
    )
    assert RuleCode.DURATION not in {
        found.code for found in reports.findings([next_year], today())[next_year.pk]
    }


def test_a_minor_needs_a_representative_when_the_school_agrees(host, recruiter, teacher, school):
    student = make.student(born_on=today() - 16 * 366 * DAY)
    row = make.placement(
        company=host,
        student=student,
        school=school,
        representative_last_name="",
        representative_first_name="",
    )
    assert services.agree_as_host(actor=recruiter, pks=[row.pk]).changed
    assert "eprésentant légal" in refused(services.agree_as_school(actor=teacher, pks=[row.pk]))


def test_a_class_of_thirty_is_agreed_to_in_as_many_queries_as_one(school, teacher):
    def queries(number):
        pks = []
        for _each in range(number):
            company = make.company(headcount=50)
            row = make.placement(
                company=company,
                school=school,
                state=PlacementState.HOST_AGREED,
                teacher=make.referent_teacher(school=school),
            )
            pks.append(row.pk)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            outcome = services.agree_as_school(actor=teacher, pks=pks)
        assert len(outcome.changed) == number, outcome.refused
        return [query["sql"] for query in caught if "advisory" not in query["sql"]]

    few, many = queries(2), queries(30)
    assert len(many) == len(few) < 30


# How full hosts are


def test_capacity_counts_agreed_interns_by_week_against_the_cap_of_the_headcount(host):
    host.headcount = 20
    with operation(kind=OperationKind.SETUP, actor=make.user(), subject=CompanyProfile):
        host.save()
    first = make.placement(
        company=host, state=PlacementState.SIGNED, start_on=MONDAY, end_on=MONDAY + 11 * DAY
    )
    make.placement(company=host, state=PlacementState.DRAFTED, start_on=MONDAY)
    make.placement(company=host, state=PlacementState.CANCELLED, start_on=MONDAY)
    make.placement(company=host, kind="observation", state=PlacementState.SIGNED, start_on=MONDAY)
    unknown = make.company()
    banded = make.company(size_band="20-49")
    with CaptureQueriesContext(connection) as caught:
        found = reports.capacity([host, unknown, banded], MONDAY, MONDAY + 20 * DAY)
    assert len(caught) == 2
    weeks = list(found[host.pk].values())
    assert [week.agreed for week in weeks] == [1, 1, 0]
    assert {week.cap for week in weeks} == {3} and weeks[0].free == 2 and not weeks[0].is_over
    assert {(week.agreed, week.cap, week.free) for week in found[unknown.pk].values()} == {(0, None, None)}
    assert all(week.cap == 3 and week.is_floor for week in found[banded.pk].values())
    assert first.company_id == host.pk


def test_students_looking_are_those_of_published_calendars():
    make.calendar(state="published", start_on=MONDAY, end_on=MONDAY + 13 * DAY, number_of_students=24)
    make.calendar(state="draft", start_on=MONDAY, end_on=MONDAY + 13 * DAY, number_of_students=10)
    assert [number for _monday, number in reports.students_looking(MONDAY, MONDAY + 20 * DAY)] == [24, 24, 0]


def test_an_interruption_frees_the_weeks_that_follow(host):
    make.placement(
        company=host,
        state=PlacementState.INTERRUPTED,
        start_on=MONDAY,
        end_on=MONDAY + 27 * DAY,
        ended_on=MONDAY + 3 * DAY,
        ended_by=EndedBy.HOST,
    )
    weeks = reports.capacity([host], MONDAY, MONDAY + 13 * DAY)[host.pk]
    assert [week.agreed for week in weeks.values()] == [1, 0]


def test_headcount_is_the_exact_number_else_the_least_of_the_band():
    assert make.company(headcount=7, size_band="20-49").headcount_floor == 7
    assert make.company(size_band="20-49").headcount_floor == 20
    assert make.company(size_band="10000+").headcount_floor == 10000
    assert make.company(size_band="0").headcount_floor == 0
    assert make.company().headcount_floor is None


def test_derived_columns_alone_are_written_past_history(draft):
    with pytest.raises(ValueError, match="History"):
        write_derived([draft], ["post"])
