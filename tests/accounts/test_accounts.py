"""Accounts: who opens them, who changes them, who checked who is behind them."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied, ValidationError

from backoffice.roles import granted
from pratik.accounts.enums import STAFF_ROLES, AccountType, Role, VerificationState
from pratik.accounts.models import StudentProfile, User
from pratik.accounts.services import create_account, system_actor
from pratik.core.models import Operation
from pratik.core.services import save_row
from pratik.partners.models import CompanyMembership
from pratik.verification.services import revoke_verifications, verify_accounts
from tests import factories as make

pytestmark = pytest.mark.django_db

PASSWORD = "mangue-wassai-2027"


def test_account_opens_with_its_password_whatever_the_case_of_its_address(editor):
    user = create_account(
        actor=editor, email=" Line@Example.ORG ", password=PASSWORD, account_type=AccountType.COMPANY
    )
    assert user.email == "line@example.org"
    assert authenticate(username="LINE@example.org", password=PASSWORD) == user
    assert authenticate(username="line@example.org", password="autre") is None
    assert user.history.get().operation.actor == editor


def test_account_without_a_password_opens_nothing(editor):
    create_account(actor=editor, email="line@example.org", account_type=AccountType.COMPANY)
    for password in ("", None, "!"):
        assert authenticate(username="line@example.org", password=password) is None


@pytest.mark.parametrize("password", ["court", "line@example.org", "123456789012"])
def test_weak_password_is_refused_and_opens_no_account(editor, password):
    with pytest.raises(ValidationError):
        create_account(
            actor=editor, email="line@example.org", password=password, account_type=AccountType.COMPANY
        )
    assert not User.objects.filter(email="line@example.org").exists()


def test_known_address_is_refused(editor):
    make.user(Role.COMPANY, email="line@example.org")
    with pytest.raises(ValidationError, match="déjà cette adresse"):
        create_account(actor=editor, email="LINE@example.org", account_type=AccountType.STUDENT)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VERIFIER, Role.AUDITOR, Role.SCHOOL], ids=str)
def test_only_administrators_open_accounts_of_the_team(role):
    with pytest.raises(PermissionDenied):
        create_account(
            actor=make.user(role),
            email="line@example.org",
            account_type=AccountType.STAFF,
            staff_role="editor",
        )
    assert not User.objects.filter(email="line@example.org").exists()


def test_role_in_the_team_goes_with_the_type(administrator):
    for fields in (
        {"account_type": AccountType.STAFF},
        {"account_type": AccountType.COMPANY, "staff_role": "editor"},
    ):
        with pytest.raises(ValidationError):
            create_account(actor=administrator, email="line@example.org", **fields)


def test_each_role_changes_its_accounts(everyone):
    student, colleague = make.user(Role.STUDENT), make.user(Role.AUDITOR)
    role = getattr(everyone, "role", Role.ANONYMOUS)
    mine = {everyone.pk} if everyone.is_authenticated else set()
    seen = {row.pk for row in User.objects.visible_to(everyone)}
    changed = {row.pk for row in User.objects.editable_by(everyone)}
    if role in STAFF_ROLES:
        assert {student.pk, colleague.pk} <= seen
    else:
        assert seen == mine
    assert (student.pk in changed) == (role in (Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER))
    assert (colleague.pk in changed) == (role == Role.ADMINISTRATOR)
    assert mine <= changed


def test_rights_follow_the_role_and_end_with_the_account(administrator):
    editor = make.user(Role.EDITOR)
    assert editor.has_perm("calendars.change_internshipcalendar")
    assert editor.get_all_permissions() == granted(Role.EDITOR)
    editor.is_active = False
    save_row(actor=administrator, row=editor)
    assert not User.objects.get(pk=editor.pk).has_perm("calendars.view_internshipcalendar")


def test_auditor_changes_nothing():
    assert {right.split(".")[1].split("_")[0] for right in granted(Role.AUDITOR)} == {"view", "export"}


def test_verification_is_given_and_taken_back_with_a_reason(verifier):
    users = [make.user(Role.LANDLORD), make.user(Role.DRIVER)]
    pks = [user.pk for user in users]
    verify_accounts(actor=verifier, pks=pks)
    assert set(User.objects.filter(pk__in=pks).values_list("verification", "verified_by")) == {
        (VerificationState.VERIFIED, verifier.pk)
    }
    with pytest.raises(ValidationError):
        revoke_verifications(actor=verifier, pks=pks, reason="")
    revoke_verifications(actor=verifier, pks=pks, reason="Pièce périmée")
    assert not any(user.is_verified for user in User.objects.filter(pk__in=pks))
    assert set(User.objects.filter(pk__in=pks).values_list("verified_at", "verified_by")) == {(None, None)}
    assert users[0].history.first().operation.reason == "Pièce périmée"


def test_editors_verify_nobody_and_verifiers_no_colleague(editor, verifier):
    user, colleague = make.user(Role.LANDLORD), make.user(Role.AUDITOR)
    with pytest.raises(PermissionDenied):
        verify_accounts(actor=editor, pks=[user.pk])
    assert verify_accounts(actor=verifier, pks=[colleague.pk]).changed == []


def test_accounts_that_wait_to_be_checked_are_open_and_outside_the_team():
    waiting = make.user(Role.LANDLORD)
    make.user(Role.LANDLORD, verification=VerificationState.VERIFIED)
    make.user(Role.LANDLORD, is_active=False)
    make.user(Role.EDITOR)
    assert list(User.objects.awaiting_verification()) == [waiting]


def test_account_is_closed_and_never_removed(administrator):
    user = make.user(Role.STUDENT)
    assert "décochez" in user.deletion_refusal()
    user.is_active = False
    save_row(actor=administrator, row=user)
    assert Operation.objects.filter(actor=administrator).exists()


def test_account_of_tasks_is_one_and_opens_nothing():
    assert system_actor() == system_actor()
    assert not system_actor().is_active
    assert not User.objects.people().filter(pk=system_actor().pk).exists()


def test_first_administrator_comes_from_the_command_line():
    user = User.objects.create_superuser(email="chef@example.org", password=PASSWORD)
    assert user.is_administrator
    assert user.is_verified
    assert authenticate(username="chef@example.org", password=PASSWORD) == user


def test_profile_is_its_persons_and_the_teams(everyone):
    profile = make.student()
    role = getattr(everyone, "role", Role.ANONYMOUS)
    own = {everyone.studentprofile.pk} if role == Role.STUDENT else set()
    visible = {row.pk for row in StudentProfile.objects.visible_to(everyone)}
    editable = {row.pk for row in StudentProfile.objects.editable_by(everyone)}
    assert visible == ({profile.pk} if role in STAFF_ROLES else own)
    checkers = (Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER)
    assert editable == ({profile.pk} if role in checkers else own)


def test_student_is_hidden_from_companies_until_they_agree():
    assert make.student().is_public is False


def test_password_is_in_no_history(editor):
    user = create_account(
        actor=editor, email="line@example.org", password=PASSWORD, account_type=AccountType.COMPANY
    )
    assert not hasattr(user.history.first(), "password")


def test_who_looks_after_organisations_is_found_in_one_query(django_assert_num_queries):
    first, second, third = make.company(), make.company(), make.company()
    one, both = make.company_user(first), make.company_user(second)
    make.member(first, both)
    make.company_user(third)
    make.member(first, is_active=False)
    make.company_user(first, is_active=False)
    with django_assert_num_queries(1):
        found = CompanyMembership.objects.people_of([first.pk, second.pk])
    assert found == {first.pk: [one, both], second.pk: [both]}
    assert CompanyMembership.objects.people_of([first.pk, second.pk], but=both.pk) == {first.pk: [one]}
