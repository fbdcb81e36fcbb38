"""Who an account is, and what it may do, is decided by administrators: nobody takes a former right back."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from pratik.accounts.enums import AccountType, Role, StaffRole
from pratik.accounts.models import User
from pratik.accounts.services import system_actor
from pratik.core.models import Operation
from pratik.core.services import save_row
from pratik.core.undo import revert_row, undo_operation
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from pratik.privacy.services.erasure import erase_account
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.security.services import tell_former_address
from tests import factories as make
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db
STUDENT = {"account_type": AccountType.STUDENT, "staff_role": ""}
FORMER_ADMINISTRATORS = {
    "editor": {"staff_role": StaffRole.EDITOR},
    "verifier": {"staff_role": StaffRole.VERIFIER},
    "auditor": {"staff_role": StaffRole.AUDITOR},
    "student": STUDENT,
}


def changed(actor, account, **values):
    """Writes the account as a form does; returns the operation."""
    row = User.objects.get(pk=account.pk)
    for name, value in values.items():
        setattr(row, name, value)
    save_row(actor=actor, row=row)
    return Operation.objects.latest("pk")


def now(account):
    return User.objects.get(pk=account.pk)


def first_line(account):
    return User.history.filter(id=account.pk).earliest("history_id")


@pytest.fixture(params=FORMER_ADMINISTRATORS.values(), ids=FORMER_ADMINISTRATORS)
def demotion(request, administrator):
    """What made an administrator somebody else, by whom they have become."""
    account = make.user(Role.ADMINISTRATOR, first_name="Ana")
    operation = changed(administrator, account, first_name="Anna", **request.param)
    operation.account = account
    return operation


def test_a_former_administrator_does_not_come_back_by_their_history(demotion):
    was = now(demotion.account)
    revert_row(actor=was, row=was, line=first_line(was))
    after = now(was)
    assert (after.role, after.account_type) == (was.role, was.account_type)
    assert after.first_name == "Ana", "the rest of the version is theirs to take back"


def test_nor_by_undoing_what_demoted_them(demotion):
    was = now(demotion.account)
    try:
        report = undo_operation(actor=was, operation=demotion)
    except PermissionDenied:
        assert not was.may_edit_everything
    else:
        assert report.done == 0
        assert "Seul un administrateur" in report.left[0].reason
    assert now(was).role == was.role


def test_nor_by_undoing_it_when_it_was_their_own_doing(administrator):
    """Who gave the role up themselves has an operation of their own to take back."""
    for values in FORMER_ADMINISTRATORS.values():
        account = make.user(Role.ADMINISTRATOR)
        operation = changed(account, account, **values)
        was = now(account)
        report = undo_operation(actor=was, operation=operation)
        assert report.done == 0 and "Seul un administrateur" in report.left[0].reason
        assert now(account).role == was.role != Role.ADMINISTRATOR


def test_an_administrator_takes_it_back(demotion, administrator):
    assert undo_operation(actor=administrator, operation=demotion).done == 1
    assert now(demotion.account).is_administrator
    undo_operation(actor=administrator, operation=Operation.objects.latest("pk"))
    revert_row(actor=administrator, row=now(demotion.account), line=first_line(demotion.account))
    assert now(demotion.account).is_administrator


def test_the_page_of_a_version_shows_what_returning_to_it_does(demotion, client_for):
    account = now(demotion.account)
    page = reverse("admin:accounts_user_revert", args=[account.pk, first_line(account).history_id])
    client = client_for(account)
    if account.role == Role.AUDITOR:
        assert client.get(page).status_code == client.post(page).status_code == 403
        return
    assert [change.label for change in client.get(page).context["changes"]] == ["Prénom"]
    assert client.post(page).status_code == 302
    assert client.post(page).status_code == 422, "there is nothing left to return to"
    assert now(account).role == account.role


def test_a_former_address_is_not_taken_back_either(administrator, student_user, editor):
    former = student_user.email
    operation = changed(administrator, student_user, email="nouvelle@example.org")
    with pytest.raises(ValidationError, match="déjà ces valeurs"):
        revert_row(actor=now(student_user), row=now(student_user), line=first_line(student_user))
    report = undo_operation(actor=editor, operation=operation)
    assert report.done == 0 and "Seul un administrateur" in report.left[0].reason
    assert now(student_user).email == "nouvelle@example.org" != former


@pytest.mark.parametrize(
    "values", [{"email": "x@example.org"}, {"account_type": AccountType.DRIVER}], ids=["address", "type"]
)
@pytest.mark.parametrize("role", [Role.EDITOR, Role.VERIFIER, Role.STUDENT], ids=str)
def test_no_service_writes_it_for_somebody_else(student_user, role, values):
    actor = student_user if role == Role.STUDENT else make.user(role)
    with pytest.raises(PermissionDenied, match="Seul un administrateur"):
        changed(actor, student_user, **values)
    assert now(student_user).email == student_user.email
    assert now(student_user).account_type == AccountType.STUDENT


# Another address


def test_another_address_is_told_in_the_journal_and_at_both_addresses(
    administrator, student_user, mailoutbox
):
    former = student_user.email
    changed(administrator, student_user, email="nouvelle@example.org")
    line = AccessEvent.objects.visible_to(student_user).get(kind=AccessKind.EMAIL_CHANGED)
    assert (line.actor, line.detail) == (administrator, f"{former} → nouvelle@example.org")
    run_queue()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([former, "nouvelle@example.org"])
    for mail in mailoutbox:
        assert "prévenez" in mail.body and "par l’équipe de PRATIK" in mail.body
        assert str(administrator) not in mail.body
    [mail] = [mail for mail in mailoutbox if mail.to == [former]]
    assert "nouvelle@example.org" not in mail.body, "who has the former mailbox need not read the new one"
    assert Notice.objects.get(recipient=student_user, kind=NoticeKind.ACCOUNT_PROTECTION)


def test_nothing_leaves_for_an_address_that_is_the_accounts_again(administrator, student_user, mailoutbox):
    former = student_user.email
    operation = changed(administrator, student_user, email="nouvelle@example.org")
    line = User.history.filter(id=student_user.pk).latest("history_id").history_id
    undo_operation(actor=administrator, operation=operation)
    tell_former_address(line=line)
    assert now(student_user).email == former and not mailoutbox


def test_an_erasure_writes_the_address_nowhere(administrator, student_user, mailoutbox):
    address = student_user.email
    erase_account(actor=administrator, user=student_user)
    run_queue()
    assert not AccessEvent.objects.filter(kind=AccessKind.EMAIL_CHANGED).exists()
    assert not AccessEvent.objects.filter(detail__contains=address).exists()
    assert not mailoutbox


def test_whoever_is_signed_in_under_the_former_address_is_out(administrator, student_user, client_for):
    client = client_for(student_user)
    assert client.get("/compte/sessions/").status_code == 200
    changed(administrator, student_user, email="nouvelle@example.org")
    assert client.get("/compte/sessions/").status_code == 302


def test_who_changes_their_own_address_stays(administrator, client_for):
    client = client_for(administrator)
    client.get("/compte/sessions/")
    changed(administrator, administrator, email="nouvelle@example.org")
    assert client.get("/compte/sessions/").status_code == 200
    assert AccessEvent.objects.filter(kind=AccessKind.EMAIL_CHANGED).count() == 1
    assert "depuis ce compte lui-même" in Notice.objects.get(kind=NoticeKind.ACCOUNT_PROTECTION).body


def test_the_address_of_another_administrator_stays(administrator, client_for):
    colleague = make.user(Role.ADMINISTRATOR)
    for more in ({}, {"staff_role": StaffRole.EDITOR}):
        with pytest.raises(ValidationError, match="rescue_account"):
            changed(administrator, colleague, email="prise@example.org", **more)
    page = reverse("admin:accounts_user_change", args=[colleague.pk])
    client = client_for(administrator)
    form = client.get(page).context["adminform"].form
    typed = {name: form[name].value() or "" for name in form.fields if name != "avatar"}
    answer = client.post(page, typed | {"email": "prise@example.org", "first_name": "Rosange"})
    assert answer.status_code == 200 and "rescue_account" in answer.content.decode()
    assert answer.context["adminform"].form["first_name"].value() == "Rosange"
    assert now(colleague).email == colleague.email


def test_a_former_address_of_another_administrator_does_not_come_back_by_history(administrator):
    colleague = make.user(Role.ADMINISTRATOR)
    operation = changed(colleague, colleague, email="nouvelle@example.org")
    with pytest.raises(ValidationError, match="rescue_account"):
        revert_row(actor=administrator, row=now(colleague), line=first_line(colleague))
    report = undo_operation(actor=administrator, operation=operation)
    assert report.done == 0 and "rescue_account" in report.left[0].reason


def test_the_platform_itself_changes_an_administrators_address(administrator):
    changed(system_actor(), administrator, email="nouvelle@example.org")
    assert now(administrator).email == "nouvelle@example.org"


# A closed account


def test_an_account_that_opens_again_has_no_session(administrator, student_user, client_for):
    client, other = client_for(student_user), client_for(administrator)
    for browser in (client, other):
        assert browser.get("/compte/sessions/").status_code == 200
    changed(administrator, student_user, is_active=False)
    assert not UserSession.objects.filter(user=student_user).exists()
    assert Session.objects.count() == 1
    changed(administrator, student_user, is_active=True)
    assert client.get("/compte/sessions/").status_code == 302
    assert other.get("/compte/sessions/").status_code == 200, "nobody else is put out"


def test_a_session_that_began_while_the_account_closed_ends_when_it_opens(
    administrator, student_user, client_for
):
    changed(administrator, student_user, is_active=False)
    client = client_for(student_user)
    UserSession.objects.create(
        user=student_user, ip="192.0.2.1", session_key=client.session.session_key, user_agent="x"
    )
    changed(administrator, student_user, is_active=True)
    assert client.get("/compte/sessions/").status_code == 302


def test_closing_ones_own_account_is_answered(administrator, client_for):
    """The session goes under the very request that closes it."""
    make.user(Role.ADMINISTRATOR)
    client = client_for(administrator)
    page = reverse("admin:accounts_user_change", args=[administrator.pk])
    form = client.get(page).context["adminform"].form
    typed = {name: form[name].value() or "" for name in form.fields if name not in ("avatar", "is_active")}
    assert client.post(page, typed).status_code == 302
    assert not now(administrator).is_active
    assert client.get("/compte/sessions/").status_code == 302
