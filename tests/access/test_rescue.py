"""Who lost telephone and recovery codes is let in by an administrator, who says how they made sure."""

import io

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db.models import QuerySet
from django.urls import reverse

from pratik.access import second_factor
from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.accounts.services import system_actor
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.access.conftest import PASSWORD, Phone, text_of
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db
REASON = "Rappelé au numéro de son dossier"


@pytest.fixture
def page(person, phone):
    return reverse("access:take_second_factor_away", args=[person.pk])


def has_one(person):
    return Authenticator.objects.filter(user=person).exists()


def test_the_factor_goes_with_a_reason_and_the_person_is_told(page, person, administrator, client_for):
    answer = client_for(administrator).post(page, {"reason": REASON})
    assert answer["Location"] == reverse("admin:accounts_user_change", args=[person.pk])
    assert not has_one(person)
    line = AccessEvent.objects.visible_to(person).get(kind=AccessKind.SECOND_FACTOR_OFF)
    assert (line.actor, line.detail) == (administrator, REASON)
    assert Notice.objects.filter(recipient=person, kind=NoticeKind.ACCOUNT_PROTECTION).count() == 1


def test_nothing_goes_without_the_person_being_told(page, person, administrator, client_for, monkeypatch):
    """The notice could not be written: the factor stays, and the page may be sent again."""

    def broken(*args, **kwargs):
        raise RuntimeError("no notice")

    monkeypatch.setattr("pratik.access.adapters.tell", broken)
    client = client_for(administrator)
    client.raise_request_exception = False
    assert client.post(page, {"reason": REASON}).status_code == 500
    assert has_one(person)
    assert not AccessEvent.objects.filter(kind=AccessKind.SECOND_FACTOR_OFF).exists()


def test_looking_at_the_page_changes_nothing(page, person, administrator, client_for):
    assert client_for(administrator).get(page).status_code == 200
    assert has_one(person)


def test_without_a_reason_nothing_happens(page, person, administrator, client_for):
    assert client_for(administrator).post(page, {"reason": "oui"}).status_code == 422
    assert has_one(person)


def test_sent_twice_it_says_that_there_is_none(page, administrator, client_for):
    client = client_for(administrator)
    client.post(page, {"reason": REASON})
    answer = client.post(page, {"reason": REASON}, follow=True)
    assert "n’a pas de second facteur" in answer.content.decode()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VERIFIER, Role.AUDITOR, Role.SCHOOL], ids=str)
def test_nobody_else_does_it(page, person, client_for, role):
    assert client_for(make.user(role)).post(page, {"reason": REASON}).status_code == 403
    assert has_one(person)


def test_ones_own_is_taken_away_on_ones_own_page_only(administrator, client_for):
    own = reverse("access:take_second_factor_away", args=[administrator.pk])
    assert client_for(administrator).post(own, {"reason": REASON}).status_code == 404


def test_the_button_is_on_the_page_of_who_has_one(page, person, administrator, client_for):
    client = client_for(administrator)
    assert page in client.get(reverse("admin:accounts_user_change", args=[person.pk])).content.decode()
    without = make.user(Role.STUDENT)
    other = reverse("access:take_second_factor_away", args=[without.pk])
    assert other not in client.get(reverse("admin:accounts_user_change", args=[without.pk])).content.decode()


# Who may do it, and in whose account


def test_the_password_is_asked_for_once_more(page, person, administrator, client_for):
    QuerySet(User).filter(pk=administrator.pk).update(password=make_password(PASSWORD))
    client = client_for(User.objects.get(pk=administrator.pk))
    for answer in (client.get(page), client.post(page, {"reason": REASON})):
        assert answer.status_code == 302 and answer["Location"].startswith("/compte/confirmer/")
    assert has_one(person)
    client.post("/compte/confirmer/", {"password": PASSWORD, "next": page})
    assert not has_one(person), "what was asked for is done then"


@pytest.fixture
def colleague(account, rf_context):
    other = account(Role.ADMINISTRATOR, email="autre.admin@example.org")
    Phone(other)
    return other


def test_that_of_another_administrator_is_not_taken_away_from_the_site(colleague, administrator, client_for):
    page = reverse("access:take_second_factor_away", args=[colleague.pk])
    client = client_for(administrator)
    shown = text_of(client.get(page))
    assert "rescue_account" in shown and "<textarea" not in shown
    answer = client.post(page, {"reason": REASON})
    assert answer.status_code == 403 and "rescue_account" in text_of(answer)
    with pytest.raises(PermissionDenied, match="rescue_account"):
        second_factor.take_away(actor=administrator, user=colleague, reason=REASON)
    assert has_one(colleague)


def rescue(*args, **options):
    out = io.StringIO()
    call_command("rescue_account", *args, stdout=out, **{"reason": REASON} | options)
    return out.getvalue()


def test_on_the_server_an_administrator_is_let_in_again(colleague, mailoutbox):
    told = rescue(" Autre.Admin@Example.org ", new_address="nouvelle@example.org")
    assert told == "nouvelle@example.org: second factor taken away\n"
    colleague.refresh_from_db()
    assert colleague.email == "nouvelle@example.org" and not has_one(colleague)
    kinds = (
        AccessEvent.objects.visible_to(colleague).filter(actor=system_actor()).values_list("kind", flat=True)
    )
    assert set(kinds) >= {AccessKind.EMAIL_CHANGED, AccessKind.SECOND_FACTOR_OFF}
    run_queue()
    assert {mail.to[0] for mail in mailoutbox} == {"nouvelle@example.org", "autre.admin@example.org"}


def test_on_the_server_all_is_done_or_nothing(colleague, person):
    with pytest.raises(CommandError, match="adresse") as refused:
        rescue(colleague.email, new_address=person.email)
    assert refused.value.returncode == 2 and has_one(colleague)
    for address in ("inconnue@example.org", system_actor().email):
        with pytest.raises(CommandError, match="No account"):
            rescue(address)
    with pytest.raises(CommandError, match="how you made sure"):
        rescue(colleague.email, reason="  ")
    assert "no second factor" in rescue(person.email)
