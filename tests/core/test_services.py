"""What a person types obeys the same rules as what a file brings."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import Operation
from pratik.core.services import remove_rows, save_row
from pratik.partners.models import CompanyProfile
from pratik.reference.models import Commune
from pratik.schools.models import ProgramManager, SchoolProfile
from tests import factories as make

pytestmark = pytest.mark.django_db


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# Saving


def test_a_new_row_is_written_with_its_author_and_its_reason(actor):
    row = Commune(name="  Saül ", insee_code="97352")
    save_row(actor=actor, row=row, reason="Nouvelle commune")
    line = row.history.get()
    assert (line.history_type, line.history_user, line.history_change_reason) == (
        "+",
        actor,
        "Nouvelle commune",
    )
    assert (line.operation.kind, line.operation.counts) == ("create", {"created": 1})


def test_a_change_is_one_line_of_history(actor):
    row = fresh(make.school(name="Lycée Melkior"))
    row.name = "Lycée Melkior-Garré"
    save_row(actor=actor, row=row, reason="Nom complet")
    line = row.history.first()
    assert (line.name, line.operation.kind, line.history_change_reason) == (
        "Lycée Melkior-Garré",
        "edit",
        "Nom complet",
    )
    assert row.history.count() == 2
    assert fresh(row).sort_name == "lycee melkior garre", "what follows from the name follows"


def test_saving_a_row_that_did_not_change_writes_nothing(actor):
    row = fresh(make.school())
    before = Operation.objects.count()
    save_row(actor=actor, row=row)
    assert row.history.count() == 1
    assert Operation.objects.count() == before
    assert fresh(row).updated_at == row.updated_at


def test_what_a_rule_refuses_is_said_at_its_field(actor):
    row = fresh(make.calendar())
    row.end_on = row.start_on
    with pytest.raises(ValidationError) as refused:
        save_row(actor=actor, row=row)
    assert refused.value.message_dict == {"end_on": ["La fin doit suivre le début."]}
    assert row.history.count() == 1


def test_the_same_row_twice_is_refused(actor):
    known = make.school()
    with pytest.raises(ValidationError) as refused:
        save_row(actor=actor, row=SchoolProfile(name="Autre", uai=known.uai, kind="lycee"))
    assert refused.value.message_dict == {"uai": ["Un établissement a déjà cet UAI."]}


def test_an_archived_calendar_is_closed(actor):
    row = fresh(make.calendar(state=CalendarState.ARCHIVED))
    row.number_of_students = 12
    with pytest.raises(ValidationError) as refused:
        save_row(actor=actor, row=row)
    assert refused.value.code == "closed"
    assert row.history.count() == 1


def test_no_form_sets_a_state(actor):
    row = fresh(make.calendar())
    row.state = CalendarState.PUBLISHED
    with pytest.raises(ValidationError) as refused:
        save_row(actor=actor, row=row)
    assert refused.value.code == "state_by_hand"
    assert fresh(row).state == CalendarState.DRAFT


def test_a_form_that_was_opened_before_a_publication_does_not_take_it_back(actor):
    row = make.calendar()
    opened_earlier = fresh(row)
    from pratik.calendars.services import publish_calendars

    publish_calendars(actor=actor, pks=[row.pk])
    opened_earlier.number_of_students = 12
    with pytest.raises(ValidationError):
        save_row(actor=actor, row=opened_earlier)
    assert fresh(row).state == CalendarState.PUBLISHED


def test_another_schools_row_cannot_be_changed(school_user):
    row = fresh(make.calendar())
    row.number_of_students = 12
    with pytest.raises(PermissionDenied):
        save_row(actor=school_user, row=row)
    assert fresh(row).number_of_students == 24


def test_a_row_cannot_be_given_to_another_school(school_user):
    own = school_user.schoolmemberships.get().organisation
    row = fresh(make.calendar(school=own))
    row.school = make.school()
    with pytest.raises(PermissionDenied):
        save_row(actor=school_user, row=row)
    assert fresh(row).school == own
    assert row.history.count() == 1


def test_a_row_cannot_be_made_for_another_school(school_user):
    with pytest.raises(PermissionDenied):
        save_row(actor=school_user, row=make.calendar_row())
    assert not InternshipCalendar.objects.exists()
    assert not InternshipCalendar.history.exists()


def test_an_auditor_changes_nothing(auditor):
    row = fresh(make.school())
    row.name = "Autre"
    with pytest.raises(PermissionDenied):
        save_row(actor=auditor, row=row)


def test_two_companies_of_one_name_have_two_addresses(actor):
    rows = [
        save_row(actor=actor, row=CompanyProfile(name="Boulangerie du Port", siret=make.siret()))
        for _time in range(2)
    ]
    assert rows[0].slug == "boulangerie-du-port"
    assert rows[1].slug == f"boulangerie-du-port-{rows[1].siret}"


def test_renaming_a_company_keeps_its_address(actor):
    row = fresh(make.company(name="Boulangerie du Port"))
    row.name = "Boulangerie du Vieux-Port"
    save_row(actor=actor, row=row)
    assert fresh(row).slug == "boulangerie-du-port"


# Removing


def test_a_draft_is_removed_and_its_last_values_are_kept(actor):
    row = make.calendar(number_of_students=31)
    outcome = remove_rows(actor=actor, model=InternshipCalendar, pks=[row.pk], reason="Doublon")
    assert (outcome.changed, outcome.refused) == ([row], [])
    assert not InternshipCalendar.objects.exists()
    line = InternshipCalendar.history.first()
    assert (line.history_type, line.number_of_students, line.history_change_reason) == ("-", 31, "Doublon")
    assert outcome.operation.counts == {"deleted": 1, "refused": 0}


def test_what_was_public_stays(actor):
    row = make.calendar(state=CalendarState.PUBLISHED)
    outcome = remove_rows(actor=actor, model=InternshipCalendar, pks=[row.pk])
    assert outcome.changed == []
    assert outcome.refused == [(row, row.deletion_refusal())]
    assert outcome.operation is None
    assert fresh(row) == row


def test_a_row_that_others_depend_on_stays_and_says_how_many(actor):
    school, lonely = make.school(), make.school()
    make.calendars(2, school=school)
    make.manager(school=school)
    outcome = remove_rows(actor=actor, model=SchoolProfile, pks=[school.pk, lonely.pk])
    assert outcome.changed == [lonely]
    ((kept, why),) = outcome.refused
    assert kept == school
    assert "2 calendriers de stages en dépendent" in why
    assert "1 responsable de stages en dépend" in why
    assert list(SchoolProfile.objects.all()) == [school]


def test_another_schools_row_is_not_removed(school_user):
    row = make.manager()
    outcome = remove_rows(actor=school_user, model=ProgramManager, pks=[row.pk])
    assert (outcome.changed, outcome.refused) == ([], [])
    assert fresh(row) == row


def test_an_account_is_closed_and_never_removed(actor, student_user):
    outcome = remove_rows(actor=actor, model=type(actor), pks=[student_user.pk])
    assert outcome.changed == []
    assert outcome.refused == [(student_user, student_user.deletion_refusal())]


def test_removing_many_rows_takes_no_more_queries_than_removing_few(actor, django_assert_num_queries):
    few, many = make.calendars(5), make.calendars(150)
    with django_assert_num_queries(9):
        remove_rows(actor=actor, model=InternshipCalendar, pks=[row.pk for row in few])
    with django_assert_num_queries(9):
        remove_rows(actor=actor, model=InternshipCalendar, pks=[row.pk for row in many])
