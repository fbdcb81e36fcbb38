"""An import, a bulk approval or an edit can be taken back, as far as nobody has built on it since."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratik.accounts.enums import Role
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import publish_calendars
from pratik.core.copying import WORTH_A_COPY
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.services import remove_rows, save_row
from pratik.core.undo import revert_row, undo_operation
from pratik.core.writes import create_rows, delete_rows, update_rows
from pratik.partners.models import CompanyProfile
from pratik.reference.models import Commune
from pratik.schools.models import ProgramManager, SchoolMembership, SchoolProfile
from tests import factories as make

pytestmark = pytest.mark.django_db


def imported(actor, *rows, kind=OperationKind.IMPORT):
    """Rows of one or several models, created by one operation. Returns the operation."""
    with operation(kind=kind, actor=actor, subject=type(rows[0])) as running:
        for row in rows:
            create_rows([row])
    return running.written


def edited(actor, row, **values):
    """One edit of one row by one person. Returns the operation."""
    row = type(row).objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    save_row(actor=actor, row=row)
    return row.history.first().operation


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def told(report):
    return {left.pk: left.reason for left in report.left}


# What goes back


def test_what_an_import_created_goes(actor):
    op = imported(
        actor, Commune(name="Saül", insee_code="97352"), Commune(name="Ouanary", insee_code="97314")
    )
    report = undo_operation(actor=actor, operation=op, reason="Mauvais fichier")
    assert (report.removed, report.restored, report.recreated, report.left) == (2, 0, 0, [])
    assert not Commune.objects.exists()
    assert (report.operation.kind, report.operation.undoes) == (OperationKind.UNDO, op)
    assert report.operation.counts == {"deleted": 2, "left": 0}
    line = Commune.history.first()
    assert (line.history_type, line.operation, line.history_change_reason) == (
        "-",
        report.operation,
        "Mauvais fichier",
    )


def test_what_an_import_changed_returns_to_its_values(actor):
    row = make.calendar(number_of_students=24, skills_sought=["vente"], description="Avant")
    op = edited(actor, row, number_of_students=12, skills_sought=[], description="")
    report = undo_operation(actor=actor, operation=op)
    assert report.restored == 1
    now = fresh(row)
    assert (now.number_of_students, now.skills_sought, now.description) == (24, ["vente"], "Avant")
    assert now.search_text == row.search_text, "what follows from the values follows"


def test_what_was_removed_comes_back_under_its_former_key(actor):
    row = make.calendar(number_of_students=31)
    op = remove_rows(actor=actor, model=InternshipCalendar, pks=[row.pk]).operation
    report = undo_operation(actor=actor, operation=op)
    assert report.recreated == 1
    now = fresh(row)
    assert (now.number_of_students, now.school_id, now.program_key) == (31, row.school_id, row.program_key)
    assert now.created_at == row.created_at


def test_a_publication_is_taken_back(actor):
    rows = make.calendars(2)
    op = publish_calendars(actor=actor, pks=[row.pk for row in rows]).operation
    undo_operation(actor=actor, operation=op)
    for row in rows:
        now = fresh(row)
        assert (now.state, now.published_at) == (CalendarState.DRAFT, None)


def test_rows_of_several_kinds_go_and_come_back_in_the_right_order(actor):
    school = SchoolProfile(name="Lycée", uai=make.uai(), kind="lycee")
    manager = ProgramManager(school=school, first_name="A", last_name="B", email="a@example.org")
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        create_rows([school])
        manager.school_id = school.pk
        create_rows([manager])
        create_rows([make.calendar_row(school=school, program_manager=manager)])
    report = undo_operation(actor=actor, operation=running.written)
    assert (report.removed, report.left) == (3, [])
    assert not SchoolProfile.objects.exists()
    again = undo_operation(actor=actor, operation=report.operation)
    assert (again.recreated, again.left) == (3, [])
    assert InternshipCalendar.objects.get().program_manager == manager


def test_a_row_made_and_removed_by_the_same_operation_is_no_matter(actor):
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        _kept, gone = create_rows(
            [Commune(name="A", insee_code="00001"), Commune(name="B", insee_code="00002")]
        )
        delete_rows(Commune, [gone.pk])
    report = undo_operation(actor=actor, operation=running.written)
    assert (report.removed, report.recreated, report.left) == (1, 0, [])


def test_a_row_changed_twice_by_the_operation_returns_to_its_values_before_both(actor):
    row = make.commune(name="Un", insee_code="00001")
    with operation(kind=OperationKind.EDIT, actor=actor) as running:
        for name in ("Deux", "Trois"):
            row.name = name
            update_rows([row], ["name"])
    undo_operation(actor=actor, operation=running.written)
    assert fresh(row).name == "Un"


# What is left


def test_a_row_edited_since_is_left_and_says_by_whom_and_when(actor):
    mine, touched = Commune(name="A", insee_code="00001"), Commune(name="B", insee_code="00002")
    op = imported(actor, mine, touched)
    colleague = make.user(Role.ADMINISTRATOR, first_name="Nadège", last_name="Robo")
    edited(colleague, touched, name="B bis")
    report = undo_operation(actor=actor, operation=op)
    assert report.removed == 1
    ((pk, why),) = told(report).items()
    assert pk == touched.pk
    assert why.startswith("Modifiée depuis par Nadège Robo, le ")
    assert "Modification · communes" in why
    assert fresh(touched).name == "B bis"
    assert report.operation.total("left") == 1


def test_once_the_later_edit_is_taken_back_the_earlier_one_can_be(actor):
    row = make.commune(name="Un", insee_code="00001")
    first, second = edited(actor, row, name="Deux"), edited(actor, row, name="Trois")
    assert undo_operation(actor=actor, operation=first).done == 0
    undo_operation(actor=actor, operation=second)
    assert fresh(row).name == "Deux"
    assert undo_operation(actor=actor, operation=first).restored == 1
    assert fresh(row).name == "Un"


def test_a_row_that_others_depend_on_is_left(actor):
    school, lonely = (
        SchoolProfile(name="A", uai=make.uai(), kind="lycee"),
        SchoolProfile(name="B", uai=make.uai(), kind="lycee"),
    )
    op = imported(actor, school, lonely)
    make.calendar(school=school)
    report = undo_operation(actor=actor, operation=op)
    assert report.removed == 1
    assert told(report) == {school.pk: "1 calendrier de stages en dépend."}


def test_a_row_whose_place_was_taken_is_left_and_the_others_come_back(actor):
    rows = [
        make.commune(insee_code="00001"),
        make.commune(insee_code="00002"),
        make.commune(insee_code="00003"),
    ]
    op = remove_rows(actor=actor, model=Commune, pks=[row.pk for row in rows]).operation
    make.commune(insee_code="00002")
    report = undo_operation(actor=actor, operation=op)
    assert report.recreated == 2
    assert told(report) == {rows[1].pk: "Une autre ligne a pris sa place entre-temps."}
    assert report.operation.counts == {"created": 2, "left": 1}


def test_a_row_whose_link_is_gone_is_left(actor):
    row = make.manager()
    op = remove_rows(actor=actor, model=ProgramManager, pks=[row.pk]).operation
    remove_rows(actor=actor, model=SchoolProfile, pks=[row.school_id])
    report = undo_operation(actor=actor, operation=op)
    assert report.recreated == 0
    assert told(report) == {row.pk: "établissement : la fiche liée n’existe plus."}


def test_a_row_removed_since_is_left(actor):
    row = Commune(name="A", insee_code="00001")
    op = imported(actor, row)
    remove_rows(actor=actor, model=Commune, pks=[row.pk])
    report = undo_operation(actor=actor, operation=op)
    assert report.done == 0
    assert told(report)[row.pk].startswith("Modifiée depuis par")


# Twice, and back again


def test_undoing_twice_is_refused(actor):
    op = imported(actor, Commune(name="A", insee_code="00001"))
    undo_operation(actor=actor, operation=op)
    with pytest.raises(ValidationError) as refused:
        undo_operation(actor=actor, operation=op)
    assert refused.value.messages == ["Cette opération est déjà annulée."]


def test_an_undoing_is_undone_and_done_again(actor):
    row = make.commune(name="Avant", insee_code="00001")
    created = Commune(name="Créée", insee_code="00002")
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        create_rows([created])
        row.name = "Après"
        update_rows([row], ["name"])
    op = running.written

    for _time in range(2):
        undone = undo_operation(actor=actor, operation=op)
        assert (undone.removed, undone.restored, undone.left) == (1, 1, [])
        assert list(Commune.objects.values_list("name", flat=True)) == ["Avant"]

        redone = undo_operation(actor=actor, operation=undone.operation)
        assert (redone.recreated, redone.restored, redone.left) == (1, 1, [])
        assert sorted(Commune.objects.values_list("name", flat=True)) == ["Après", "Créée"]


def test_rows_left_the_first_time_can_be_taken_back_the_second(actor):
    rows = [Commune(name="A", insee_code="00001"), Commune(name="B", insee_code="00002")]
    op = imported(actor, *rows)
    later = edited(actor, rows[1], name="B bis")
    assert undo_operation(actor=actor, operation=op).removed == 1
    undo_operation(actor=actor, operation=later)
    report = undo_operation(actor=actor, operation=op)
    assert (report.removed, report.left) == (1, [])


# Who may


def test_nobody_undoes_what_somebody_else_did(school_user):
    op = make.calendar().history.get().operation
    with pytest.raises(PermissionDenied):
        undo_operation(actor=school_user, operation=op)
    assert InternshipCalendar.objects.exists()


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.AUDITOR])
def test_staff_who_keep_no_data_undo_nothing_of_others(role):
    op = make.calendar().history.get().operation
    with pytest.raises(PermissionDenied):
        undo_operation(actor=make.user(role), operation=op)


def test_a_school_undoes_its_own_import(school_user):
    school = school_user.schoolmemberships.get().organisation
    op = imported(school_user, make.calendar_row(school=school))
    assert undo_operation(actor=school_user, operation=op).removed == 1


def leave_school(school_user, actor):
    """The account no longer looks after its school."""
    membership = SchoolMembership.objects.get(user=school_user)
    edited(actor, membership, is_active=False)
    return membership.organisation


def test_somebody_who_left_the_school_removes_and_changes_nothing_there(school_user, actor):
    school = school_user.schoolmemberships.get().organisation
    created = imported(school_user, make.calendar_row(school=school))
    changed = edited(school_user, row := make.calendar(school=school), number_of_students=3)
    leave_school(school_user, actor)
    for op in (created, changed):
        report = undo_operation(actor=school_user, operation=op)
        assert report.done == 0
        assert list(told(report).values()) == ["Vous ne pouvez plus modifier cette ligne."]
    assert fresh(row).number_of_students == 3


def test_somebody_who_left_the_school_brings_nothing_back_to_it(school_user, actor):
    school = school_user.schoolmemberships.get().organisation
    row = make.calendar(school=school)
    op = remove_rows(actor=school_user, model=InternshipCalendar, pks=[row.pk]).operation
    leave_school(school_user, actor)
    report = undo_operation(actor=school_user, operation=op)
    assert report.recreated == 0
    assert list(told(report).values()) == ["Vous ne pouvez plus modifier cette ligne."]
    assert not InternshipCalendar.objects.exists()
    assert report.operation is None


def test_a_row_does_not_return_to_a_school_that_one_has_left(school_user, actor):
    former, present = school_user.schoolmemberships.get().organisation, make.school()
    make.member(present, school_user)
    row = make.calendar(school=former)
    op = edited(school_user, row, school=present)
    leave = SchoolMembership.objects.get(user=school_user, organisation=former)
    edited(actor, leave, is_active=False)
    report = undo_operation(actor=school_user, operation=op)
    assert report.restored == 0
    assert list(told(report).values()) == ["Vous ne pouvez plus modifier cette ligne."]
    assert fresh(row).school == present


# Rehearsal, cost


def test_a_rehearsal_says_the_same_and_writes_nothing(actor):
    row = make.commune(name="Avant", insee_code="00009")
    touched = Commune(name="B", insee_code="00002")
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        create_rows([Commune(name="A", insee_code="00001"), touched])
        row.name = "Après"
        update_rows([row], ["name"])
    edited(actor, touched, name="B bis")

    def everything():
        return (
            list(Commune.objects.order_by("pk").values_list("pk", "name", "updated_at")),
            Commune.history.count(),
            Operation.objects.count(),
        )

    before = everything()
    rehearsal = undo_operation(actor=actor, operation=running.written, dry_run=True)
    assert everything() == before
    assert rehearsal.operation is None
    real = undo_operation(actor=actor, operation=running.written)
    assert (rehearsal.removed, rehearsal.restored) == (real.removed, real.restored) == (1, 1)
    assert told(rehearsal) == told(real)


def queries_to_undo(actor, number):
    with operation(kind=OperationKind.IMPORT, actor=actor) as running:
        rows = create_rows([Commune(name="A", insee_code=f"{number * 10 + n:05d}") for n in range(number)])
    with operation(kind=OperationKind.EDIT, actor=actor) as running:
        for row in rows:
            row.population = 1
        update_rows(rows, ["population"])
    with CaptureQueriesContext(connection) as captured:
        report = undo_operation(actor=actor, operation=running.written)
    assert report.restored == number
    return len(captured)


def test_undoing_many_rows_takes_no_more_queries_than_undoing_few(actor):
    limit = connection.features.max_query_params
    # SQLite bounds the values of one INSERT, so a set takes several.
    statements = -(-500 // (limit // len(Commune._meta.concrete_fields))) if limit else 1
    assert queries_to_undo(actor, 500) <= queries_to_undo(actor, WORTH_A_COPY) + statements - 1


# One row back to an earlier version


def test_a_row_returns_to_an_earlier_version(actor):
    row = make.company(name="Garage Un")
    first = row.history.get()
    edited(actor, row, name="Garage Deux", description="Neuf")
    revert_row(actor=actor, row=row, line=first, reason="Erreur de saisie")
    now = fresh(row)
    assert (now.name, now.description) == ("Garage Un", "")
    line = row.history.first()
    assert (line.operation.kind, line.history_change_reason) == (OperationKind.REVERT, "Erreur de saisie")


def test_a_row_keeps_its_state_when_it_returns_to_an_earlier_version(actor):
    row = make.calendar()
    first = row.history.get()
    edited(actor, row, description="Neuf")
    publish_calendars(actor=actor, pks=[row.pk])
    revert_row(actor=actor, row=row, line=first)
    now = fresh(row)
    assert (now.description, now.state) == ("", CalendarState.PUBLISHED)
    assert now.published_at is not None


def test_returning_to_the_same_values_is_refused(actor):
    row = make.company()
    with pytest.raises(ValidationError) as refused:
        revert_row(actor=actor, row=row, line=row.history.get())
    assert refused.value.code == "nothing_to_revert"


def test_an_archived_calendar_does_not_return_to_an_earlier_version(actor):
    row = make.calendar()
    first = row.history.get()
    edited(actor, row, description="Neuf")
    with operation(kind=OperationKind.SETUP, actor=actor):
        row = fresh(row)
        row.state = CalendarState.ARCHIVED
        row.save()
    with pytest.raises(ValidationError) as refused:
        revert_row(actor=actor, row=row, line=first)
    assert refused.value.code == "closed"
    assert fresh(row).description == "Neuf"


def test_another_schools_row_does_not_return_to_an_earlier_version(school_user):
    row = make.calendar()
    with pytest.raises(PermissionDenied):
        revert_row(actor=school_user, row=row, line=row.history.get())


def test_a_row_does_not_return_to_another_school(school_user, actor):
    foreign, own = make.school(), school_user.schoolmemberships.get().organisation
    row = make.calendar(school=foreign)
    edited(actor, row, school=own)
    with pytest.raises(PermissionDenied):
        revert_row(actor=school_user, row=row, line=row.history.last())
    assert fresh(row).school == own


def test_values_that_a_rule_of_today_refuses_do_not_return(actor):
    taken, row = make.company(siret=make.siret(70001)), make.company(siret=make.siret(70002))
    assert CompanyProfile.objects.count() == 2
    first = row.history.get()
    edited(actor, row, siret=make.siret(70003))
    edited(actor, taken, siret=make.siret(70002))
    with pytest.raises(ValidationError) as refused:
        revert_row(actor=actor, row=row, line=first)
    assert "siret" in refused.value.message_dict


# In batches


@pytest.fixture
def in_twos(monkeypatch):
    monkeypatch.setattr("pratik.core.writes.BATCH", 2)


def test_what_goes_back_in_batches_is_what_goes_back_at_once(actor, in_twos):
    school = make.school()
    rows = make.calendars(7, school=school)
    with operation(kind=OperationKind.EDIT, actor=actor, subject=InternshipCalendar) as running:
        for row in rows[:5]:
            row.number_of_students = 3
        update_rows(rows[:5], {"number_of_students"})
        delete_rows(InternshipCalendar, [row.pk for row in rows[5:]])
    seen = []
    report = undo_operation(
        actor=actor, operation=running.written, each=lambda done, total: seen.append((done, total))
    )
    assert (report.removed, report.restored, report.recreated, report.left) == (0, 5, 2, [])
    assert seen == [(2, 7), (4, 7), (6, 7), (7, 7)]
    assert not InternshipCalendar.objects.filter(number_of_students=3).exists()
    again = undo_operation(actor=actor, operation=report.operation)
    assert (again.restored, again.removed) == (5, 2)


@pytest.mark.parametrize("taken", [(0,), (3,), (0, 1), (1, 4, 6), tuple(range(7))], ids=str)
def test_rows_whose_place_is_taken_are_found_among_the_others(actor, taken):
    """Those that cannot come back are named; all others do."""
    communes = [Commune(name=f"Commune {place}", insee_code=f"9730{place}") for place in range(7)]
    imported(actor, *communes)
    with operation(kind=OperationKind.DELETE, actor=actor, subject=Commune) as running:
        delete_rows(Commune, [row.pk for row in communes])
    imported(actor, *[Commune(name="Autre", insee_code=f"9730{place}") for place in taken])
    report = undo_operation(actor=actor, operation=running.written)
    assert report.recreated == 7 - len(taken)
    assert told(report) == {
        communes[place].pk: "Une autre ligne a pris sa place entre-temps." for place in taken
    }
    assert Commune.objects.filter(name__startswith="Commune").count() == 7 - len(taken)


def test_so_many_of_the_rows_that_are_left_are_named(actor, administrator):
    rows = [Commune(name=f"Commune {place}", insee_code=f"9730{place}") for place in range(3)]
    op = imported(actor, *rows)
    for row in rows:
        edited(administrator, row, name="Changée")
    report = undo_operation(actor=actor, operation=op, dry_run=True, named=2)
    assert [left.label for left in report.left] == ["Changée", "Changée", f"n°\u00a0{rows[2].pk}"]
