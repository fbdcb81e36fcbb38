"""Every change of a profile reaches each company that the student lets see it and that asked for it, once."""

from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from pratik.accounts.models import StudentProfile
from pratik.core.enums import OperationKind
from pratik.core.operations import attempt, operation
from pratik.core.services import save_row
from pratik.core.undo import revert_row, undo_operation
from pratik.core.writes import set_columns, update_rows
from pratik.privacy.services import withdraw_consent
from pratik.tracking import services
from pratik.tracking.enums import ChangeKind
from pratik.tracking.models import Dispatch, ProfileChange
from tests import factories as make
from tests.kit.queue import run_queue

from .conftest import by_file, by_form, close_account, fresh, in_bulk

pytestmark = pytest.mark.django_db

STATUS = ("Du nouveau pour Awa Mango\u00a0: situation", "Situation\u00a0: En études → En recherche")


# Whichever way it is written


def test_a_form(actor, follow, member, student, told):
    by_form(actor, student, status="seeking")
    assert told(member) == [STATUS]


def test_a_student_who_changes_their_own_profile(follow, member, student, told):
    by_form(student.user, student, status="seeking")
    assert told(member) == [STATUS]


def test_a_file(actor, follow, member, student, told):
    by_file(actor, [student, make.student()], status="seeking")
    assert told(member) == [STATUS]


def test_a_bulk_action(actor, follow, member, student, told):
    in_bulk(actor, [student, make.student()], status="seeking")
    assert told(member) == [STATUS]


def test_an_undoing_is_a_change_too(actor, follow, member, student, told):
    done = by_file(actor, [student], status="seeking")
    undo_operation(actor=actor, operation=done)
    assert told(member) == [
        STATUS,
        (STATUS[0], "Situation\u00a0: En recherche → En études"),
    ]


def test_an_undoing_that_is_only_rehearsed_is_none(actor, follow, member, student, told):
    done = by_file(actor, [student], status="seeking")
    undo_operation(actor=actor, operation=done, dry_run=True)
    assert told(member) == [STATUS]


def test_an_undoing_before_anybody_was_told_is_two_changes(actor, follow, member, student, told):
    done = by_form(actor, student, domain="Vente")
    undo_operation(actor=actor, operation=done)
    assert [body for _subject, body in told(member)] == [
        "Domaine d’études\u00a0: Commerce → Vente",
        "Domaine d’études\u00a0: Vente → Commerce",
    ]


def test_a_return_to_an_earlier_version(actor, follow, member, student, told):
    line = student.history.first()
    by_form(actor, student, status="seeking")
    revert_row(actor=actor, row=fresh(student), line=line)
    assert len(told(member)) == 2


# What is a change


def test_all_that_one_operation_changed_is_one_notice(actor, follow, member, student, told):
    by_form(actor, student, status="employed", domain="", level=6, diploma="LICENCE", year_in_cycle=3)
    assert told(member) == [
        (
            "Du nouveau pour Awa Mango\u00a0: niveau, domaine d’études et situation",
            "Niveau\u00a0: BTS 1re année → Licence 3\n"
            "Domaine d’études\u00a0: Commerce → non renseigné\n"
            "Situation\u00a0: En études → En emploi",
        )
    ]


def test_another_year_of_the_same_diploma_is_another_level(actor, follow, member, student, told):
    by_form(actor, student, year_in_cycle=2)
    assert [body for _s, body in told(member)] == ["Niveau\u00a0: BTS 1re année → BTS 2e année"]


def test_what_is_not_followed_is_no_change(actor, follow, member, student, told):
    by_form(actor, student, bio="J’aime le bois.", skills=["Vente"], is_public=True)
    withdraw_consent(actor=student.user, code="profil-public")
    assert told(member) == []
    assert not ProfileChange.objects.exists() and not Dispatch.objects.exists()


def test_there_and_back_in_one_operation_is_no_change(actor, follow, member, student, told):
    with operation(kind=OperationKind.EDIT, actor=actor, subject=StudentProfile):
        for status in ("seeking", "employed", "studying"):
            set_columns(StudentProfile, [student.pk], status=status)
    assert told(member) == []
    assert not ProfileChange.objects.exists()


def test_several_steps_in_one_operation_are_one_change(actor, follow, member, student, told):
    with operation(kind=OperationKind.IMPORT, actor=actor, subject=StudentProfile):
        for status in ("employed", "seeking"):
            row = fresh(student)
            row.status = status
            update_rows([row], ["status"])
        row = fresh(student)
        row.domain = "Vente"
        save_row(actor=actor, row=row)
    assert [body for _s, body in told(member)] == [
        "Domaine d’études\u00a0: Commerce → Vente\nSituation\u00a0: En études → En recherche"
    ]


def test_two_operations_are_two_changes(actor, follow, member, student, told):
    by_form(actor, student, status="seeking")
    by_form(actor, student, status="studying")
    assert len(told(member)) == 2
    assert ProfileChange.objects.count() == 2


def test_a_part_that_was_taken_back_tells_nothing(actor, follow, member, student, told):
    """A row of an import that fails alone leaves no change and no task behind."""
    with operation(kind=OperationKind.IMPORT, actor=actor, subject=StudentProfile):
        with suppress(ZeroDivisionError), attempt():
            set_columns(StudentProfile, [student.pk], status="seeking")
            raise ZeroDivisionError
        set_columns(StudentProfile, [student.pk], domain="Vente")
    assert [body for _s, body in told(member)] == ["Domaine d’études\u00a0: Commerce → Vente"]


def test_an_operation_that_fails_tells_nothing(actor, follow, member, student, told):
    with (
        suppress(ZeroDivisionError),
        operation(kind=OperationKind.IMPORT, actor=actor, subject=StudentProfile),
    ):
        set_columns(StudentProfile, [student.pk], status="seeking")
        raise ZeroDivisionError
    assert not OrmQ.objects.exists()
    assert told(member) == []


# Whom


def test_only_the_kinds_that_were_asked_for_are_told(actor, company, member, student, told):
    make.follow(company=company, student=student, state="active", wants_status=False)
    by_form(actor, student, status="seeking")
    by_form(actor, student, status="employed", domain="Vente")
    assert [body for _s, body in told(member)] == ["Domaine d’études\u00a0: Commerce → Vente"]


def test_only_what_the_student_shows_is_told(actor, company, member, student, told):
    make.follow(company=company, student=student, state="active", shows_level=False, shows_domain=False)
    by_form(actor, student, status="seeking", domain="Vente", year_in_cycle=2)
    assert told(member) == [STATUS]


@pytest.mark.parametrize("state", ["requested", "refused", "ended"])
def test_without_an_agreement_nothing_is_kept_nor_told(actor, company, member, student, told, state):
    make.follow(company=company, student=student, state=state)
    by_form(actor, student, status="seeking")
    assert told(member) == []
    assert not ProfileChange.objects.exists()


def test_every_member_of_every_following_company_is_told_once(actor, student, told):
    people = []
    for _ in range(3):
        company = make.company()
        people += [make.company_user(company), make.company_user(company)]
        make.follow(company=company, student=student, state="active")
    by_form(actor, student, status="seeking")
    assert [len(told(person)) for person in people] == [1] * 6


def test_who_left_the_company_or_the_platform_is_not_told(actor, company, follow, student, told):
    gone = make.member(company, is_active=False).user
    closed = make.company_user(company)
    close_account(closed)
    by_form(actor, student, status="seeking")
    assert told(gone) == told(closed) == []


def test_who_agreed_after_the_change_tells_nothing_of_before(actor, company, member, student, told):
    other = make.company()
    make.company_user(other)
    make.follow(company=other, student=student, state="active")
    row = make.follow(company=company, student=student)
    by_form(actor, student, status="seeking")
    services.agree_to_follows(actor=student.user, pks=[row.pk], kinds=ChangeKind.values)
    assert told(member) == []


def test_who_withdrew_before_the_telling_is_not_told_of(actor, follow, member, student, told):
    by_form(actor, student, status="seeking")
    services.withdraw_agreement(actor=student.user, pks=[follow.pk])
    assert told(member) == []


def test_each_is_told_in_their_own_language(actor, company, follow, student, told):
    english = make.member(company, make.user("company", language="en")).user
    by_form(actor, student, status="seeking")
    [(_subject, body)] = told(english)
    assert "→" in body


# How


def test_the_same_task_twice_tells_nobody_twice(actor, follow, member, student, told):
    done = by_form(actor, student, status="seeking")
    assert len(told(member)) == 1
    assert services.tell_followers(operation_pk=done.pk) == 0
    Dispatch.objects.filter(operation=done).update(finished_at=None, last_follow=0, last_member=0)
    assert services.tell_followers(operation_pk=done.pk) == 0
    assert len(told(member)) == 1


def test_what_a_worker_left_is_taken_up_by_the_next_run(actor, follow, member, student, told):
    by_form(actor, student, status="seeking")
    OrmQ.objects.all().delete()
    assert services.tell_followers_left() == 1
    assert services.tell_followers_left() == 0
    assert told(member) == [STATUS]


def test_batches_that_end_anywhere_tell_each_once(actor, monkeypatch):
    """Batches end in the midst of a company and of a student; a stop between two of them changes nothing."""
    students = [make.student(status="studying") for _ in range(3)]
    people = []
    for _ in range(3):
        company = make.company()
        people += [make.company_user(company) for _ in range(3)]
        for student in students:
            make.follow(company=company, student=student, state="active")
    done = by_file(actor, students, status="seeking")
    monkeypatch.setattr(services, "TOLD_AT_ONCE", 4)
    assert services._tell_batch(done.pk) == 4
    assert services._tell_batch(done.pk) == 4
    assert services.tell_followers(operation_pk=done.pk) == 19
    dispatch = Dispatch.objects.get(operation=done)
    assert dispatch.told == 27 and dispatch.finished_at is not None
    assert [person.notices.count() for person in people] == [3] * 9


def test_one_task_for_an_operation_however_many_rows_it_writes(actor, follow, student):
    other = make.student()
    make.follow(student=other, state="active")
    with operation(kind=OperationKind.IMPORT, actor=actor, subject=StudentProfile):
        for row in (student, other):
            set_columns(StudentProfile, [row.pk], status="seeking")
    assert run_queue().count("pratik.tracking.tasks.tell_followers") == 1


def test_queries_do_not_grow_with_the_profiles(actor):
    def queries(number):
        students = [make.student() for _ in range(number)]
        for student in students:
            make.follow(student=student, state="active")
        with CaptureQueriesContext(connection) as found:
            done = in_bulk(actor, students, status="seeking")
            services.tell_followers(operation_pk=done.pk)
        return len(found)

    assert queries(3) == queries(30)
