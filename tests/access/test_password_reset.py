"""A forgotten password: a link that goes to the account's own address, holds an hour, and serves once."""

import datetime
import re

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.http import int_to_base36
from django_q.models import OrmQ

from pratik.accounts.models import User
from pratik.core.models import Operation
from pratik.core.services import save_row
from pratik.notifications.models import Notice
from tests.access.conftest import OTHER_PASSWORD, PASSWORD, is_in, sign_in, text_of
from tests.core.test_races import at_once
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

ASK = "/mot-de-passe-oublie/"
NEW = {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}


def ask(client, email):
    return client.post(ASK, {"email": email})


@pytest.fixture
def link_for(mailoutbox):
    """`link_for(user)`: the path in the e-mail that the person gets."""

    def asked(client, user):
        ask(client, user.email)
        run_queue()
        (mail,) = [mail for mail in mailoutbox if "Choisir" in mail.subject]
        mailoutbox.clear()
        (url,) = re.findall(rf"{re.escape(settings.SITE_URL)}(\S+)", mail.body)
        assert url in mail.alternatives[0].content
        return url

    return asked


def form_of(client, link):
    """The page of the form, whose address no longer holds the secret."""
    answer = client.get(link)
    return answer["Location"] if answer.status_code == 302 else link


# Asking


def test_the_link_leads_to_a_new_password_and_closes_every_session(visitor, person, link_for):
    elsewhere = visitor("192.0.2.2")
    sign_in(elsewhere, person)
    client = visitor()
    page = form_of(client, link_for(client, person))
    assert "set-password" in page
    assert client.get(page).status_code == 200
    assert client.post(page, NEW)["Location"] == "/mot-de-passe-oublie/termine/"
    assert not is_in(client), "the link is no way around the second factor"
    assert not is_in(elsewhere)
    assert sign_in(visitor(), person, OTHER_PASSWORD).status_code == 302
    operation = Operation.objects.latest("pk")
    assert operation.actor == person
    assert Notice.objects.filter(recipient=person, subject="Votre mot de passe PRATIK a changé").exists()


def test_the_answer_is_the_same_for_every_address(visitor, person, account, administrator):
    closed = account()
    closed.is_active = False
    save_row(actor=administrator, row=closed)
    answers = set()
    for email in (person.email, "inconnue@example.org", closed.email):
        client = visitor()
        client.get(ASK)
        answer = ask(client, email)
        answers.add((answer.status_code, answer["Location"]))
        answers.add(re.sub('value="[^"]*"', "", text_of(client.get(answer["Location"]))))
    assert len(answers) == 2


def test_asking_costs_the_same_for_every_address(visitor, person):
    """The account is looked for by the task, which nobody waits for."""
    done = []
    for email in (person.email, "inconnue@example.org"):
        before = OrmQ.objects.count()
        with CaptureQueriesContext(connection) as queries:
            ask(visitor(), email)
        done.append((len(queries), OrmQ.objects.count() - before))
    assert done[0] == done[1] and done[0][1] == 1


def test_only_an_open_account_gets_an_e_mail(visitor, person, account, administrator, mailoutbox):
    closed = account()
    closed.is_active = False
    save_row(actor=administrator, row=closed)
    for email in ("inconnue@example.org", closed.email):
        ask(visitor(), email)
    run_queue()
    assert not mailoutbox
    ask(visitor(), person.email.upper())
    run_queue()
    assert [mail.to for mail in mailoutbox] == [[person.email]]


def test_the_queue_holds_no_link(visitor, person):
    ask(visitor(), person.email)
    assert OrmQ.objects.get().task["args"] == (person.email,)


def test_the_link_names_the_site_and_not_what_the_request_pretends(client, person, mailoutbox):
    client.post(ASK, {"email": person.email}, HTTP_HOST="127.0.0.1", HTTP_X_FORWARDED_HOST="ailleurs.example")
    run_queue()
    assert settings.SITE_URL in mailoutbox[0].body
    assert "ailleurs.example" not in mailoutbox[0].body


def test_the_e_mail_is_in_the_person_s_language(visitor, account, mailoutbox):
    person = account(language="en")
    ask(visitor(), person.email)
    run_queue()
    assert '<html lang="en">' in mailoutbox[0].alternatives[0].content


def test_asking_without_end_is_refused(visitor, person, mailoutbox):
    for number in range(3):
        assert ask(visitor(f"192.0.2.{number}"), person.email).status_code == 302
    answer = ask(visitor("192.0.2.9"), person.email)
    assert answer.status_code == 429
    assert "Attendez dix minutes" in text_of(answer)
    run_queue()
    assert len(mailoutbox) == 3


def test_an_address_that_is_none_is_refused_in_words(visitor):
    answer = ask(visitor(), "pas une adresse")
    assert answer.status_code == 200
    assert "Écrivez une adresse complète" in text_of(answer)
    assert not OrmQ.objects.exists()


# The link


def test_a_link_serves_once(visitor, person, link_for):
    client = visitor()
    link = link_for(client, person)
    other = visitor("192.0.2.2")
    other_page = form_of(other, link)
    client.post(form_of(client, link), NEW)
    third = "encore-un-autre-2028"
    refused = other.post(other_page, {"password1": third, "password2": third})
    assert "n’est plus valable" in text_of(refused)
    assert "n’est plus valable" in text_of(visitor().get(link))
    person.refresh_from_db()
    assert check_password(OTHER_PASSWORD, person.password)


def test_a_link_holds_one_hour(visitor, person, link_for, monkeypatch):
    client = visitor()
    link = link_for(client, person)
    now = datetime.datetime.now()

    def at(minutes):
        monkeypatch.setattr(
            PasswordResetTokenGenerator, "_now", lambda self: now + datetime.timedelta(minutes=minutes)
        )

    at(58)
    page = form_of(client, link)
    assert "set-password" in page
    at(62)
    assert "n’est plus valable" in text_of(client.post(page, NEW))
    assert "n’est plus valable" in text_of(visitor().get(link))
    person.refresh_from_db()
    assert check_password(PASSWORD, person.password)


def test_a_link_ends_with_the_next_sign_in_or_change_of_address(visitor, person, link_for, administrator):
    client = visitor()
    link = link_for(client, person)
    sign_in(visitor(), person)
    assert "n’est plus valable" in text_of(client.get(link))
    cache.clear()
    link = link_for(client, person)
    person.refresh_from_db()
    person.email = "nouvelle@example.org"
    save_row(actor=administrator, row=person)
    assert "n’est plus valable" in text_of(client.get(link))


def test_a_link_to_an_account_that_was_closed_since_opens_nothing(visitor, person, link_for, administrator):
    client = visitor()
    link = link_for(client, person)
    person.is_active = False
    save_row(actor=administrator, row=person)
    assert "n’est plus valable" in text_of(client.get(link))


@pytest.mark.parametrize("key", ["x", "abc-def", "zzzzzz-" + "0" * 32, "set-password", "a" * 500, "é-è"])
def test_a_link_that_nobody_sent_is_refused_in_words(visitor, person, key):
    for uid in ("1", "zzzzzzzzzzzzz", "0", "1" * 60):
        answer = visitor().get(f"/mot-de-passe-oublie/{uid}-{key}/")
        assert answer.status_code == 200
        assert "n’est plus valable" in text_of(answer)


def test_one_person_s_link_changes_no_other_account(visitor, person, account, link_for):
    client, other = visitor(), account()
    link = link_for(client, person)
    own = link.split("/")[2].split("-", 1)
    assert own[0] == int_to_base36(person.pk)
    forged = f"/mot-de-passe-oublie/{int_to_base36(other.pk)}-{own[1]}/"
    assert "n’est plus valable" in text_of(client.get(forged))


def test_guessing_links_is_refused_after_some_attempts(visitor):
    client = visitor()
    answers = [client.post(f"/mot-de-passe-oublie/1-abc-{n}/", NEW).status_code for n in range(25)]
    assert answers.count(429) == 5


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"password1": "court", "password2": "court"}, "12 caractères"),
        ({"password2": "autre-chose-2027"}, "errorlist"),
        ({"password1": "", "password2": ""}, "Remplissez ce champ."),
    ],
)
def test_a_weak_password_is_refused_and_the_link_goes_on_holding(visitor, person, link_for, fields, why):
    client = visitor()
    page = form_of(client, link_for(client, person))
    answer = client.post(page, NEW | fields)
    assert answer.status_code == 200 and why in text_of(answer)
    person.refresh_from_db()
    assert check_password(PASSWORD, person.password)
    assert client.post(page, NEW).status_code == 302


def test_a_link_opened_in_somebody_else_s_session_closes_that_session(visitor, person, account, link_for):
    client, other = visitor(), account()
    sign_in(client, other)
    page = form_of(client, link_for(visitor(), person))
    client.get(page)
    assert not is_in(client)


def test_asking_and_resetting_are_recorded(visitor, person, link_for, journal):
    client = visitor()
    ask(client, "inconnue@example.org")
    link = link_for(client, person)
    client.post(form_of(client, link), NEW)
    assert list(journal) == [
        ("password_reset_asked", None, "inconnue@example.org"),
        ("password_reset_asked", None, person.email),
        ("password_reset", person, ""),
    ]
    assert link.split("/")[2] not in str(list(journal))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_a_link_at_once_one_succeeds(visitor, person, link_for):
    link = link_for(visitor(), person)
    clients = [visitor(f"192.0.2.{number}") for number in (1, 2)]
    pages = [form_of(client, link) for client in clients]
    words = ["premier-mot-de-passe-1", "second-mot-de-passe-22"]

    def use(client, page, password):
        return lambda: client.post(page, {"password1": password, "password2": password})

    answers = at_once(*map(use, clients, pages, words))
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    winner = words[[answer.status_code for answer in answers].index(302)]
    assert check_password(winner, User.objects.get(pk=person.pk).password)
