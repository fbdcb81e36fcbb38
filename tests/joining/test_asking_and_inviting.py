"""Requests to join, organisations to check, and invitations: who answers, once, and what comes of it."""

import datetime

import pytest
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pratik.accounts.enums import AccountType, MembershipRole, Role, StaffRole
from pratik.accounts.models import User
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.joining import services
from pratik.joining.models import INVITATION_SALT, KINDS, Invitation, JoinRequest, OrganisationDraft
from pratik.notifications.models import Notice
from pratik.partners.models import CompanyProfile
from pratik.schools.models import SchoolProfile
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.core.test_races import at_once
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

PASSWORD = "carbet-du-matin-2026"
MAKERS = {
    AccountType.SCHOOL: make.school,
    AccountType.TRAINING_CENTER: make.training_center,
    AccountType.COMPANY: make.company,
    AccountType.RECRUITER: make.recruiter,
    AccountType.PARTNER: make.institution,
}


def request_for(organisation, user=None):
    return make.join_request(organisation, user)


def draft(account_type=AccountType.COMPANY, **fields):
    """An organisation that lacks nothing to be accepted."""
    if account_type == AccountType.SCHOOL:
        fields = {"school_kind": "lycee"} | fields
    return make.organisation_draft(account_type=account_type, **fields)


def state(row):
    return type(row).objects.get(pk=row.pk).state


def refused(function, *args, **kwargs):
    with pytest.raises(ValidationError) as caught:
        function(*args, **kwargs)
    return caught.value


# Requests


@pytest.mark.parametrize("kind", MAKERS, ids=str)
def test_a_colleague_accepts_and_the_person_becomes_a_member(kind):
    organisation = MAKERS[kind]()
    colleague = make.member(organisation).user
    row = request_for(organisation)
    outcome = services.accept_requests(actor=colleague, pks=[row.pk])
    assert [one.pk for one in outcome.changed] == [row.pk]
    place = organisation.memberships.get(user=row.user)
    assert (place.is_active, place.role) == (True, MembershipRole.MEMBER)
    run_queue()
    assert Notice.objects.filter(recipient=row.user, kind="join_answered").count() == 1
    assert "membership_changed" in AccessEvent.objects.values_list("kind", flat=True)


def test_the_first_member_answers_for_the_organisation(editor):
    company = make.company()
    rows = [request_for(company), request_for(company)]
    services.accept_requests(actor=editor, pks=[row.pk for row in rows])
    assert sorted(company.memberships.values_list("role", flat=True)) == ["manager", "member"]


def test_a_place_that_was_closed_opens_again(editor):
    company = make.company()
    make.member(company)
    place = make.member(company, is_active=False)
    row = request_for(company, place.user)
    services.accept_requests(actor=editor, pks=[row.pk])
    place.refresh_from_db()
    assert place.is_active
    assert company.memberships.count() == 2


def test_refusing_needs_a_reason_which_the_person_reads(company_user):
    company = company_user.companymemberships.get().organisation
    row = request_for(company)
    assert (
        "reason"
        in refused(services.refuse_requests, actor=company_user, pks=[row.pk], reason=" ").message_dict
    )
    services.refuse_requests(actor=company_user, pks=[row.pk], reason="Inconnu ici")
    run_queue()
    assert "Inconnu ici" in Notice.objects.get(recipient=row.user, kind="join_answered").body
    assert not company.memberships.filter(user=row.user).exists()


def test_nobody_answers_their_own_request_and_nobody_takes_anothers_back(company_user):
    company = company_user.companymemberships.get().organisation
    row = request_for(company)
    for verb in (services.accept_requests, services.refuse_requests):
        assert not verb(actor=row.user, pks=[row.pk], reason="Moi").changed
    assert not services.withdraw_requests(actor=company_user, pks=[row.pk]).changed
    assert state(row) == "requested"
    assert services.withdraw_requests(actor=row.user, pks=[row.pk]).changed
    assert state(row) == "withdrawn"


@pytest.mark.parametrize("role", [Role.COMPANY, Role.SCHOOL, Role.RECRUITER], ids=str)
def test_a_stranger_neither_sees_nor_answers(role):
    kind = AccountType(role.value)
    stranger = make.member(MAKERS[kind]()).user
    row = request_for(make.company())
    assert not JoinRequest.objects.visible_to(stranger).exists()
    assert not services.accept_requests(actor=stranger, pks=[row.pk]).changed
    assert state(row) == "requested"


def test_a_member_whose_place_is_closed_answers_no_more():
    company = make.company()
    former = make.member(company, is_active=False).user
    row = request_for(company)
    assert not services.accept_requests(actor=former, pks=[row.pk]).changed


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.STUDENT, Role.LANDLORD], ids=str)
def test_roles_without_the_verb_are_refused(role):
    row = request_for(make.company())
    with pytest.raises(PermissionDenied):
        services.accept_requests(actor=make.user(role), pks=[row.pk])


def test_one_open_request_for_a_person_and_an_organisation(editor):
    row = request_for(make.company())
    again = JoinRequest(user=row.user, company=row.company)
    assert "déjà en attente" in str(refused(again.full_clean))
    services.refuse_requests(actor=editor, pks=[row.pk], reason="Non")
    again.full_clean()


def test_a_request_is_about_one_organisation(editor):
    user = make.user(Role.COMPANY)
    for organisations in ({}, {"company": make.company(), "recruiter": make.recruiter()}):
        with pytest.raises(ValidationError):
            JoinRequest(user=user, **organisations).full_clean()
    with pytest.raises(ValidationError):
        JoinRequest(user=user, school=make.school()).full_clean()


def test_accepting_many_asks_the_database_no_more_than_accepting_few(editor):
    def cost(number):
        company = make.company()
        make.member(company)
        pks = [request_for(company).pk for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            services.accept_requests(actor=editor, pks=pks)
        run_queue()
        return len(queries)

    assert cost(12) == cost(3)


def test_an_acceptance_can_be_taken_back(editor):
    company = make.company()
    make.member(company)
    row = request_for(company)
    outcome = services.accept_requests(actor=editor, pks=[row.pk])
    undo_operation(actor=editor, operation=outcome.operation)
    assert state(row) == "requested"
    assert not company.memberships.filter(user=row.user).exists()


# Organisations to check


@pytest.mark.parametrize("kind", MAKERS, ids=str)
def test_accepting_a_draft_makes_the_organisation_and_its_manager(kind, editor):
    row = draft(kind)
    services.accept_drafts(actor=editor, pks=[row.pk])
    [organisation] = KINDS[kind].known_by([row.identifier])
    assert organisation.name == row.name
    assert organisation.memberships.get().role == MembershipRole.MANAGER
    assert organisation.memberships.get().user == row.applicant
    run_queue()
    assert Notice.objects.filter(recipient=row.applicant, kind="draft_answered").exists()


def test_a_school_without_its_kind_is_refused_in_a_sentence_and_nothing_is_written(editor):
    row = draft(AccountType.SCHOOL, school_kind="")
    outcome = services.accept_drafts(actor=editor, pks=[row.pk])
    [(_row, why)] = outcome.refused
    assert "type" in why.lower()
    assert state(row) == "submitted"
    assert not SchoolProfile.objects.exists()


def test_where_somebody_added_the_organisation_meanwhile_the_applicant_joins_it(editor):
    row = draft()
    company = make.company(siret=row.siret)
    make.member(company)
    services.accept_drafts(actor=editor, pks=[row.pk])
    assert CompanyProfile.objects.count() == 1
    assert company.memberships.get(user=row.applicant).role == MembershipRole.MEMBER


def test_two_drafts_of_one_number_make_one_organisation(editor):
    number = make.siret()
    rows = [draft(siret=number), draft(siret=number)]
    services.accept_drafts(actor=editor, pks=[row.pk for row in rows])
    company = CompanyProfile.objects.get()
    assert sorted(company.memberships.values_list("role", flat=True)) == ["manager", "member"]


def test_an_applicant_sees_and_withdraws_theirs_and_never_accepts(company_user):
    row, foreign = draft(), draft()
    assert list(OrganisationDraft.objects.visible_to(row.applicant)) == [row]
    assert not OrganisationDraft.objects.visible_to(company_user).exists()
    with pytest.raises(PermissionDenied):
        services.accept_drafts(actor=row.applicant, pks=[row.pk])
    assert not services.withdraw_drafts(actor=row.applicant, pks=[foreign.pk]).changed
    assert services.withdraw_drafts(actor=row.applicant, pks=[row.pk]).changed


def test_refusing_a_draft_needs_a_reason_which_the_applicant_reads(editor):
    row = draft()
    assert "reason" in refused(services.refuse_drafts, actor=editor, pks=[row.pk], reason="").message_dict
    services.refuse_drafts(actor=editor, pks=[row.pk], reason="Ce SIRET est fermé")
    run_queue()
    assert "Ce SIRET est fermé" in Notice.objects.get(recipient=row.applicant, kind="draft_answered").body


# Invitations


def invite(actor, email="nouveau@example.org", **fields):
    return services.invite(actor=actor, invitation=Invitation(email=email, **fields))


@pytest.fixture
def company(company_user):
    return company_user.companymemberships.get().organisation


@pytest.fixture
def sent(company_user, company):
    return invite(company_user, account_type=AccountType.COMPANY, company=company)


def answer(token, **fields):
    return services.open_invited_account(
        **{"token": token, "first_name": "Éva", "last_name": "Sophie", "password": PASSWORD} | fields
    )


def test_an_invitation_leaves_with_its_link_and_opens_an_account_with_its_place(sent, company, mailoutbox):
    run_queue()
    [mail] = mailoutbox
    token = Invitation.objects.get(pk=sent.pk).token
    assert f"/invitation/{token}/" in mail.body and f"/invitation/{token}/" in mail.alternatives[0].content
    user = answer(token)
    assert (user.email, user.account_type) == ("nouveau@example.org", "company")
    assert check_password(PASSWORD, user.password)
    assert company.memberships.get(user=user).role == MembershipRole.MEMBER
    sent.refresh_from_db()
    assert (sent.state, sent.accepted_by) == ("accepted", user)
    run_queue()
    assert Notice.objects.filter(recipient=sent.invited_by, kind="invitation_accepted").count() == 1
    kinds = set(AccessEvent.objects.values_list("kind", flat=True))
    assert {"invitation_sent", "invitation_accepted", "account_opened"} <= kinds


def test_a_link_serves_once(sent):
    answer(sent.token)
    assert refused(answer, sent.token).code == "dead_link"


def test_a_link_that_was_replaced_is_dead(sent, company_user):
    old = sent.token
    QuerySet(Invitation).filter(pk=sent.pk).update(sent_at=timezone.now() - datetime.timedelta(minutes=6))
    outcome = services.resend_invitations(actor=company_user, pks=[sent.pk])
    assert outcome.changed
    sent = Invitation.objects.get(pk=sent.pk)
    assert sent.token != old and sent.times_sent == 2
    assert refused(answer, old).code == "dead_link"
    assert answer(sent.token)


def test_sending_again_waits(sent, company_user):
    assert not services.resend_invitations(actor=company_user, pks=[sent.pk]).changed


def test_a_link_holds_seven_days(sent, company_user):
    QuerySet(Invitation).filter(pk=sent.pk).update(expires_at=timezone.now())
    assert refused(answer, sent.token).code == "dead_link"
    assert Invitation.objects.get(pk=sent.pk).state_at(timezone.now()) == "expired"


def test_a_revoked_link_is_dead(sent, company_user):
    services.revoke_invitations(actor=company_user, pks=[sent.pk])
    assert refused(answer, sent.token).code == "dead_link"


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "é" * 300, "eyJhIjoxfQ:1abc:zzz"])
def test_a_forged_link_is_dead(token, sent):
    assert services.find_invitation(token) is None
    assert refused(answer, token).code == "dead_link"


def test_a_link_of_another_invitation_opens_only_its_own(sent, company_user, company):
    other = invite(company_user, "autre@example.org", account_type=AccountType.COMPANY, company=company)
    swapped = signing.dumps([other.pk, sent.nonce], salt=INVITATION_SALT)
    assert services.find_invitation(swapped) is None


def test_a_weak_password_opens_nothing_and_leaves_the_link(sent):
    assert "password" in refused(answer, sent.token, password="court").message_dict
    assert not User.objects.filter(email=sent.email).exists()
    assert answer(sent.token)


@pytest.mark.parametrize(
    "role", [Role.STUDENT, Role.LANDLORD, Role.DRIVER, Role.VERIFIER, Role.AUDITOR], ids=str
)
def test_who_may_not_invite(role):
    with pytest.raises((ValidationError, PermissionDenied)):
        invite(make.user(role), account_type=AccountType.STUDENT)
    assert not Invitation.objects.exists()


def test_a_member_invites_into_their_own_organisation_alone(company_user):
    with pytest.raises((ValidationError, PermissionDenied)):
        invite(company_user, account_type=AccountType.COMPANY, company=make.company())
    with pytest.raises((ValidationError, PermissionDenied)):
        invite(company_user, account_type=AccountType.STUDENT)
    with pytest.raises((ValidationError, PermissionDenied)):
        invite(company_user, account_type=AccountType.STAFF, staff_role=StaffRole.ADMINISTRATOR)
    assert not Invitation.objects.exists()


def test_only_administrators_invite_into_the_team(administrator, editor):
    with pytest.raises((ValidationError, PermissionDenied)):
        invite(editor, account_type=AccountType.STAFF, staff_role=StaffRole.EDITOR)
    row = invite(administrator, account_type=AccountType.STAFF, staff_role=StaffRole.EDITOR)
    assert not services.resend_invitations(actor=editor, pks=[row.pk]).changed
    assert not services.revoke_invitations(actor=editor, pks=[row.pk]).changed
    user = answer(row.token)
    assert user.role == Role.EDITOR


def test_an_invitation_of_somebody_who_may_invite_no_more_is_dead(administrator, editor):
    """An administrator who was demoted leaves no door into the team."""
    row = invite(administrator, account_type=AccountType.STAFF, staff_role=StaffRole.ADMINISTRATOR)
    other = make.user(Role.ADMINISTRATOR)
    administrator.staff_role = StaffRole.AUDITOR
    save_row(actor=other, row=administrator)
    assert refused(answer, row.token).code == "dead_link"


def test_an_invitation_of_a_member_who_left_is_dead(sent, company_user, administrator):
    place = company_user.companymemberships.get()
    place.is_active = False
    save_row(actor=administrator, row=place)
    assert refused(answer, sent.token).code == "dead_link"


@pytest.mark.parametrize("kind", [AccountType.STUDENT, AccountType.LANDLORD, AccountType.DRIVER], ids=str)
def test_staff_invite_a_person_whose_profile_is_there(kind, editor):
    user = answer(invite(editor, account_type=kind).token)
    assert getattr(user, f"{kind}profile").pk


def test_a_person_who_has_an_account_joins_with_it(sent, company):
    user = make.user(Role.COMPANY, email=sent.email)
    assert refused(answer, sent.token).code == "known_account"
    services.accept_by_link(actor=user, token=sent.token)
    assert company.memberships.get(user=user).is_active
    assert refused(services.accept_by_link, actor=user, token=sent.token).code == "dead_link"


def test_another_account_does_not_answer(sent):
    other = make.user(Role.COMPANY)
    assert refused(services.accept_by_link, actor=other, token=sent.token).code == "not_for_you"
    student = make.user(Role.STUDENT, email=sent.email)
    assert refused(services.accept_by_link, actor=student, token=sent.token).code == "not_for_you"


def test_an_address_is_invited_once_to_an_organisation(sent, company_user, company):
    error = refused(
        invite, company_user, " Nouveau@Example.org ", account_type=AccountType.COMPANY, company=company
    )
    assert "déjà une invitation" in str(error)


def test_inviting_does_not_tell_a_member_who_has_an_account(company_user, company):
    make.user(Role.STUDENT, email="connue@example.org")
    row = invite(company_user, "connue@example.org", account_type=AccountType.COMPANY, company=company)
    assert row.state == "sent"


# At once


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_answers_to_one_invitation_at_once_open_one_account():
    company = make.company()
    row = invite(make.company_user(company), account_type=AccountType.COMPANY, company=company)
    results = at_once(*[lambda: answer(row.token)] * 4)
    assert sum(isinstance(result, User) for result in results) == 1, results
    assert {error.code for error in results if isinstance(error, ValidationError)} == {"dead_link"}
    assert company.memberships.count() == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_people_accept_one_request_at_once():
    company = make.company()
    people = [make.company_user(company) for _ in range(2)] + [make.user(Role.EDITOR)]
    row = request_for(company)
    outcomes = at_once(*[lambda who=who: services.accept_requests(actor=who, pks=[row.pk]) for who in people])
    assert sorted(len(outcome.changed) for outcome in outcomes) == [0, 0, 1], outcomes
    assert company.memberships.filter(user=row.user).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_requests_for_an_empty_organisation_accepted_at_once_make_one_manager():
    company = make.company()
    people = [make.user(Role.EDITOR), make.user(Role.EDITOR)]
    rows = [request_for(company), request_for(company)]
    at_once(
        *[
            lambda who=who, row=row: services.accept_requests(actor=who, pks=[row.pk])
            for who, row in zip(people, rows, strict=True)
        ]
    )
    assert sorted(company.memberships.values_list("role", flat=True)) == ["manager", "member"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_drafts_of_one_number_accepted_at_once_make_one_organisation():
    number = make.siret()
    rows = [draft(siret=number), draft(siret=number)]
    people = [make.user(Role.EDITOR), make.user(Role.EDITOR)]
    at_once(
        *[
            lambda who=who, row=row: services.accept_drafts(actor=who, pks=[row.pk])
            for who, row in zip(people, rows, strict=True)
        ]
    )
    company = CompanyProfile.objects.get()
    accepted = OrganisationDraft.objects.filter(state="accepted").count()
    assert company.memberships.count() == accepted >= 1
