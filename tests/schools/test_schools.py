"""Schools, their members and their programme managers: who sees whom."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role
from pratik.core.services import remove_rows, save_row
from pratik.schools.models import ProgramManager, SchoolMembership, SchoolProfile
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_each_role_sees_its_schools(everyone):
    shown, hidden = make.school(), make.school(is_visible=False)
    role = getattr(everyone, "role", Role.ANONYMOUS)
    own = set()
    if role == Role.SCHOOL:
        own = {everyone.schoolmemberships.get().organisation_id}
    expected = {shown.pk, hidden.pk} if role in STAFF_ROLES else own or {shown.pk}
    assert {row.pk for row in SchoolProfile.objects.visible_to(everyone)} == expected


def test_managers_are_seen_by_staff_and_their_own_school(everyone):
    manager = make.manager()
    role = getattr(everyone, "role", Role.ANONYMOUS)
    own = set()
    if role == Role.SCHOOL:
        own = {make.manager(school=everyone.schoolmemberships.get().organisation).pk}
    visible = {manager.pk} if role in STAFF_ROLES else own
    editable = {manager.pk} if role in KEEPERS else own
    assert {row.pk for row in ProgramManager.objects.visible_to(everyone)} == visible
    assert {row.pk for row in ProgramManager.objects.editable_by(everyone)} == editable


def test_members_see_their_colleagues_and_no_others():
    member = make.school_user()
    school = member.schoolmemberships.get().organisation
    colleague = make.school_user(school).schoolmemberships.get()
    make.school_user()
    assert set(SchoolMembership.objects.visible_to(member)) == {member.schoolmemberships.get(), colleague}
    assert not SchoolMembership.objects.editable_by(member).exists()


def test_person_may_manage_programmes_of_two_schools(editor):
    manager = make.manager(email="resp@example.org")
    again = make.manager(email="resp@example.org")
    assert manager.school != again.school
    twin = ProgramManager(school=manager.school, first_name="A", last_name="B", email="RESP@example.org")
    with pytest.raises(ValidationError, match="déjà cette adresse"):
        save_row(actor=editor, row=twin)


def test_school_moves_none_of_its_managers_to_another(school_user):
    school = school_user.schoolmemberships.get().organisation
    manager = make.manager(school=school)
    manager.school = make.school()
    with pytest.raises(PermissionDenied):
        save_row(actor=school_user, row=manager)
    assert ProgramManager.objects.get().school == school


def test_manager_of_a_calendar_is_kept():
    member = make.school_user()
    school = member.schoolmemberships.get().organisation
    used, free = make.manager(school=school), make.manager(school=school)
    foreign = make.manager()
    make.calendar(school=school, program_manager=used)
    outcome = remove_rows(actor=member, model=ProgramManager, pks=[used.pk, free.pk, foreign.pk])
    assert outcome.changed == [free]
    assert [row for row, _why in outcome.refused] == [used]
    assert set(ProgramManager.objects.all()) == {used, foreign}


def test_active_managers_alone_are_offered_as_contacts():
    active = make.manager()
    make.manager(is_active=False)
    assert list(ProgramManager.objects.active()) == [active]


def test_uai_is_kept_in_capitals_and_once(editor):
    school = make.school(uai="9730001n")
    assert SchoolProfile.objects.get().uai == "9730001N"
    twin = SchoolProfile(uai="9730001n", name="Autre", kind="lycee")
    with pytest.raises(ValidationError, match="déjà cet UAI"):
        save_row(actor=editor, row=twin)
    assert list(SchoolProfile.objects.all()) == [school]
