"""Who was shown out does not come in again by what was sent before, nor by taking back what they did."""

import datetime
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import AccountType, MembershipRole, Role
from pratik.core.models import Operation
from pratik.core.origin import Origin, coming_from
from pratik.core.services import remove_rows, save_row
from pratik.core.undo import undo_operation
from pratik.joining import services
from pratik.joining.models import Invitation, SignUp
from pratik.joining.reports import organisations_led_by
from pratik.partners.models import CompanyMembership
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.core.test_races import at_once
from tests.joining.conftest import PASSWORD, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make.company(name="Menuiserie du Larivot")


@pytest.fixture
def manager(company):
    return make.member(company, role=MembershipRole.MANAGER).user


@pytest.fixture
def guest():
    """Somebody who has an account and is of no organisation yet."""
    return make.user(Role.COMPANY)


def invited(actor, company, email, **fields):
    row = Invitation(email=email, account_type=AccountType.COMPANY, company=company, **fields)
    return services.invite(actor=actor, invitation=row)


def place_of(user):
    return user.companymemberships.get()


def close(place, actor):
    place = CompanyMembership.objects.get(pk=place.pk)
    place.is_active = False
    services.change_membership(actor=actor, membership=place)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def an_hour_ago(row):
    models.QuerySet(type(row)).filter(pk=row.pk).update(sent_at=timezone.now() - datetime.timedelta(hours=1))


def changes():
    """What the journal says of memberships, the newest last."""
    lines = AccessEvent.objects.filter(kind=AccessKind.MEMBERSHIP_CHANGED).order_by("pk")
    return list(lines.values_list("detail", flat=True))


# Invitations


def test_a_member_who_was_shown_out_does_not_come_back_by_undoing_their_acceptance(company, manager, guest):
    sent = invited(manager, company, guest.email)
    services.accept_by_link(actor=guest, token=sent.token)
    close(place_of(guest), manager)
    [accepted] = Operation.objects.filter(actor=guest)
    report = undo_operation(actor=guest, operation=accepted)
    assert report.done == 0
    assert {left.reason for left in report.left if left.model is Invitation} == {
        "«\u00a0Acceptation\u00a0» ne s’annule pas."
    }
    assert fresh(sent).state == "accepted"
    with pytest.raises(ValidationError) as refused:
        services.accept_by_link(actor=guest, token=sent.token)
    assert refused.value.code == "dead_link"
    assert not place_of(guest).is_active


def test_a_link_that_was_revoked_is_not_revived_by_an_undoing(company, manager):
    sent = invited(manager, company, "ana.lo@example.org")
    outcome = services.revoke_invitations(actor=manager, pks=[sent.pk])
    report = undo_operation(actor=manager, operation=outcome.operation)
    assert [left.reason for left in report.left] == ["«\u00a0Révocation\u00a0» ne s’annule pas."]
    assert fresh(sent).state == "revoked"


def test_an_account_that_was_opened_by_a_link_leaves_it_dead_when_it_is_undone(
    company, manager, administrator
):
    sent = invited(manager, company, "ana.lo@example.org")
    services.open_invited_account(token=sent.token, first_name="Ana", last_name="Lo", password=PASSWORD)
    operation = sent.history.latest("history_id").operation
    undo_operation(actor=administrator, operation=operation)
    assert fresh(sent).state == "accepted"


@pytest.mark.parametrize("how", ["closed", "removed"])
def test_an_invitation_of_before_opens_no_place_that_was_closed_since(
    client_for, company, manager, guest, administrator, how
):
    sent = invited(manager, company, guest.email)
    request = make.join_request(company, guest)
    services.accept_requests(actor=manager, pks=[request.pk])
    if how == "closed":
        close(place_of(guest), manager)
    else:
        remove_rows(actor=administrator, model=CompanyMembership, pks=[place_of(guest).pk])
    page = reverse("access:invitation", args=[sent.token])
    assert "a été fermée depuis" in text_of(client_for(guest).get(page))
    assert client_for(guest).post(page).status_code == 422
    outcome = services.accept_invitations(actor=guest, pks=[sent.pk])
    assert [row.pk for row, _why in outcome.refused] == [sent.pk]
    assert not guest.companymemberships.filter(is_active=True).exists()
    assert fresh(sent).state == "sent"


def test_a_later_invitation_opens_it_again(company, manager, guest):
    place = make.member(company, guest)
    close(place, manager)
    sent = invited(manager, company, guest.email)
    services.accept_by_link(actor=guest, token=sent.token)
    assert place_of(guest).is_active


def test_who_left_by_themselves_may_come_back(company, manager, guest):
    sent = invited(manager, company, guest.email)
    place = make.member(company, guest, role=MembershipRole.MANAGER)
    close(place, guest)
    services.accept_by_link(actor=guest, token=sent.token)
    assert place_of(guest).is_active


def test_a_plain_member_makes_no_manager_by_sending_a_dead_invitation_again(company, manager, administrator):
    member = make.member(company).user
    sent = invited(manager, company, "complice@example.org", role=MembershipRole.MANAGER)
    close(place_of(manager), administrator)
    an_hour_ago(sent)
    [(_row, why)] = services.assess_invitations(actor=member, verb="resend", pks=[sent.pk]).refused
    assert why == "Seul un responsable de l’organisation en invite un autre."
    assert services.resend_invitations(actor=member, pks=[sent.pk]).changed == []
    assert services.find_invitation(fresh(sent).token) is None


def test_an_invitation_of_a_manager_is_dead_while_its_sender_is_none(company, manager, administrator):
    as_manager = invited(manager, company, "un@example.org", role=MembershipRole.MANAGER)
    as_member = invited(manager, company, "deux@example.org")
    place = place_of(manager)
    place.role = MembershipRole.MEMBER
    save_row(actor=administrator, row=place)
    assert services.find_invitation(as_manager.token) is None
    assert services.find_invitation(as_member.token) == as_member
    other = make.member(company, role=MembershipRole.MANAGER).user
    an_hour_ago(as_manager)
    assert services.resend_invitations(actor=other, pks=[as_manager.pk]).changed
    assert services.find_invitation(fresh(as_manager).token) == as_manager


def test_an_editor_sends_an_invitation_of_a_manager_again(company, manager, editor):
    sent = invited(manager, company, "un@example.org", role=MembershipRole.MANAGER)
    an_hour_ago(sent)
    assert services.resend_invitations(actor=editor, pks=[sent.pk]).changed


def test_organisations_led_are_those_where_one_is_an_active_manager(company, manager):
    make.member(make.company(), manager)
    make.member(make.company(), manager, role=MembershipRole.MANAGER, is_active=False)
    assert organisations_led_by(manager) == {company.pk}
    assert organisations_led_by(make.user(Role.STUDENT)) == frozenset()


def test_nobody_invites_or_answers_in_another_persons_name(company, manager, guest, administrator):
    sent = invited(manager, company, guest.email)
    an_hour_ago(sent)
    acts = [
        partial(invited, manager, company, "autre@example.org"),
        partial(services.resend_invitations, actor=manager, pks=[sent.pk]),
        partial(services.revoke_invitations, actor=manager, pks=[sent.pk]),
        partial(services.accept_invitations, actor=guest, pks=[sent.pk]),
        partial(services.accept_by_link, actor=guest, token=sent.token),
    ]
    for act in acts:
        with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
            act()
    [row] = Invitation.objects.all()
    assert (row.state, row.times_sent) == ("sent", 1)
    assert not guest.companymemberships.exists()


# The journal


def test_each_change_of_a_membership_is_in_the_journal_and_so_is_its_undoing(company, manager):
    place = make.member(company)
    before = len(changes())
    place.role = MembershipRole.MANAGER
    services.change_membership(actor=manager, membership=place)
    operation = place.history.latest("history_id").operation
    undo_operation(actor=manager, operation=operation)
    told = f"{company}\u00a0: {place.user.email}, %s, ouverte"
    assert changes()[before:] == [told % "Responsable", told % "Membre"]
    line = AccessEvent.objects.filter(kind=AccessKind.MEMBERSHIP_CHANGED).latest("pk")
    assert (line.actor, line.subject, line.object_pk) == (
        manager,
        "partners.companymembership",
        str(place.pk),
    )


def test_closing_removing_and_bringing_back_are_told(company, administrator):
    place = make.member(company)
    before = len(changes())
    close(place, administrator)
    outcome = remove_rows(actor=administrator, model=CompanyMembership, pks=[place.pk])
    undo_operation(actor=administrator, operation=outcome.operation)
    assert [line.rsplit(", ", 1)[1] for line in changes()[before:]] == ["fermée", "retirée", "fermée"]


def test_who_comes_in_is_told_once(company, manager):
    requests = [make.join_request(company) for _ in range(3)]
    before = len(changes())
    services.accept_requests(actor=manager, pks=[row.pk for row in requests])
    assert sorted(changes()[before:]) == sorted(
        f"{company}\u00a0: {row.user.email}, Membre, ouverte" for row in requests
    )


def test_a_membership_that_keeps_its_rights_leaves_no_line(company, administrator):
    place = make.member(company)
    before = len(changes())
    services.change_membership(actor=administrator, membership=fresh(place))
    assert len(changes()) == before


# Codes


def ask():
    return services.ask_to_sign_up(
        email="cible@example.org",
        password=PASSWORD,
        account_type="student",
        first_name="Ana",
        last_name="Lo",
    )


def test_a_class_signs_up_in_an_hour_from_one_address(visitor):
    browser = visitor()
    for number in range(60):
        answer = browser.get("/inscription/etudiant/")
        fields = {
            "email": f"eleve{number}@example.org",
            "password": PASSWORD,
            "first_name": "A",
            "last_name": "B",
        }
        answer = browser.post("/inscription/etudiant/", fields)
        assert answer.status_code == 302, number
    assert SignUp.objects.count() == 60


def test_asking_for_another_code_uses_up_no_sign_up(visitor, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"sign_up": "2/h/ip"}
    fields = {"email": "a@example.org", "password": PASSWORD, "first_name": "Ana", "last_name": "Lo"}
    browser = visitor()
    browser.post("/inscription/etudiant/", fields)
    for _ in range(5):
        browser.post("/inscription/code/renvoyer/")
    assert browser.post("/inscription/etudiant/", fields).status_code == 302
    assert browser.post("/inscription/etudiant/", fields).status_code == 429


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_codes_asked_for_at_once_are_no_more_than_five():
    results = at_once(*[ask] * 9)
    assert sorted(type(result).__name__ for result in results) == ["SignUp"] * 5 + ["ValidationError"] * 4
    assert SignUp.objects.count() == 5


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_codes_sent_again_at_once_are_no_more_than_five():
    rows = [ask() for _ in range(4)]
    SignUp.objects.update(code_sent_at=timezone.now() - datetime.timedelta(minutes=2))
    at_once(*[partial(services.resend_code, pk=row.pk) for row in rows])
    assert sum(SignUp.objects.values_list("codes_sent", flat=True)) == 5
