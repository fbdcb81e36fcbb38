"""Coming in: by one's address and password, to a page of this site, while the account is open."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import hashers
from django.core.cache import cache
from django.db import models
from django.urls import reverse

from pratik.access import guards
from pratik.accounts.enums import Role
from pratik.core.models import Operation
from pratik.core.services import save_row
from pratik.notifications.models import Notice
from pratik.security.models import AccessEvent
from tests.access.conftest import OTHER_PASSWORD, PASSWORD, is_in, sign_in, text_of
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

MISMATCH = "ne vont pas ensemble"


def close(user, actor):
    user.is_active = False
    save_row(actor=actor, row=user)


# Coming in


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ANONYMOUS], ids=str)
def test_every_type_of_account_comes_in_by_the_same_page(visitor, account, role):
    client, user = visitor(), account(role)
    answer = sign_in(client, user.email.upper())
    assert answer.status_code == 302 and answer["Location"] == reverse("admin:index")
    assert is_in(client)
    user.refresh_from_db()
    assert user.last_login is not None


def test_the_library_keeps_no_address_of_its_own(visitor, person):
    """A second table of addresses would go on opening an account whose address has changed."""
    client = visitor()
    client.post("/mot-de-passe-oublie/", {"email": person.email})
    run_queue()
    sign_in(client, person)
    client.post(
        "/compte/mot-de-passe/",
        {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    )
    assert not EmailAddress.objects.exists()


def test_a_session_gets_a_new_key_at_sign_in(visitor, person):
    """A key that somebody else planted in the browser is worth nothing afterwards."""
    client = visitor()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(client, person)
    assert is_in(client)
    assert client.session.session_key != planted
    thief = visitor("203.0.113.9")
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert not is_in(thief)


def test_a_session_ends_with_the_browser_unless_asked_otherwise(visitor, person):
    client = visitor()
    sign_in(client, person)
    assert client.session.get_expire_at_browser_close()
    client = visitor()
    sign_in(client, person, remember="on")
    assert not client.session.get_expire_at_browser_close()


def test_the_device_is_remembered_by_a_cookie_that_scripts_do_not_read(visitor, person):
    client = visitor()
    cookie = sign_in(client, person).cookies["pratik_device"]
    assert cookie.value
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 400 * 24 * 60 * 60


def test_a_person_is_told_of_a_device_that_is_new_and_of_no_other(visitor, person):
    first = visitor()
    sign_in(first, person)
    first.post("/deconnexion/")
    sign_in(first, person)
    assert not Notice.objects.exists(), "the first device is no news, nor the same one again"
    sign_in(visitor("203.0.113.9"), person)
    assert "203.0.113.9" in Notice.objects.get(recipient=person).body


# Where it leads


def test_after_signing_in_one_goes_on_to_the_page_that_was_asked_for(visitor, person):
    client = visitor()
    asked = "/console/calendars/internshipcalendar/?q=bts"
    way = client.get(asked, follow=True)
    assert way.redirect_chain[-1][0].startswith("/connexion/?next=")
    assert 'value="/console/calendars/internshipcalendar/?q=bts"' in text_of(way)
    assert sign_in(client, person, next=asked)["Location"] == asked


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://ailleurs.example/",
        "//ailleurs.example/",
        "///ailleurs.example",
        "/\\ailleurs.example",
        "https:ailleurs.example",
        "javascript:alert(1)",
        "http://127.0.0.1/",
        "http://testserver@ailleurs.example/",
        "\thttps://ailleurs.example",
    ],
)
def test_signing_in_and_out_never_leads_to_another_site(visitor, person, elsewhere):
    client = visitor()
    assert sign_in(client, person, next=elsewhere)["Location"] == reverse("admin:index")
    assert client.get("/connexion/", {"next": elsewhere})["Location"] == reverse("admin:index")
    assert client.get("/console/login/", {"next": elsewhere})["Location"] == reverse("admin:index")
    assert client.post("/deconnexion/", {"next": elsewhere})["Location"] == "/connexion/"


# Being refused


def test_unknown_address_wrong_password_and_closed_account_get_the_same_answer(
    visitor, account, administrator
):
    closed = account()
    close(closed, administrator)
    attempts = {
        "wrong": (account().email, "autre chose"),
        "unknown": ("inconnue@example.org", PASSWORD),
        "closed": (closed.email, PASSWORD),
    }
    answers = {}
    for name, (email, password) in attempts.items():
        client = visitor()
        client.get("/connexion/")
        page = text_of(sign_in(client, email, password))
        answers[name] = page.replace(email, "").split("<main", 1)[1].split("csrfmiddlewaretoken", 1)
        assert MISMATCH in page
        assert not is_in(client)
    assert len({answer[0] for answer in answers.values()}) == 1
    assert len({answer[1].split('">', 1)[1] for answer in answers.values()}) == 1


def test_each_refusal_costs_the_same_hashing(visitor, account, administrator, monkeypatch):
    """The time of an answer tells nothing: the password is hashed once, whoever is asked for."""
    closed, unset = account(), account()
    close(closed, administrator)
    open_one = account()
    unset.password = hashers.make_password(None)
    models.QuerySet(type(unset)).filter(pk=unset.pk).update(password=unset.password)
    hashed = []
    hasher = type(hashers.get_hasher())
    real = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *args: hashed.append(1) or real(self, *args))
    counts = {}
    for name, email in [
        ("wrong", open_one.email),
        ("unknown", "inconnue@example.org"),
        ("closed", closed.email),
        ("unset", unset.email),
    ]:
        hashed.clear()
        cache.clear()
        sign_in(visitor(), email, "autre chose")
        counts[name] = len(hashed)
    assert counts == {"wrong": 1, "unknown": 1, "closed": 1, "unset": 1}


def test_a_refused_form_keeps_the_address_and_never_the_password(visitor, person):
    page = text_of(sign_in(visitor(), person, "mot de passe secret"))
    assert person.email in page
    assert "mot de passe secret" not in page


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"login": "", "password": ""},
        {"login": "pas une adresse", "password": PASSWORD},
        {"login": "a@b.example" * 60, "password": PASSWORD},
        {"login": "zéro\x00@example.org", "password": "\x00"},
        {"login": ["a@example.org", "b@example.org"], "password": "x" * 5000},
    ],
)
def test_bad_input_is_refused_in_words(visitor, fields):
    answer = visitor().post("/connexion/", fields)
    assert answer.status_code == 200
    assert "errorlist" in text_of(answer)


def test_a_program_that_asks_for_json_gets_the_same_page(visitor, person):
    answer = visitor().post(
        "/connexion/",
        {"login": person.email, "password": "faux"},
        HTTP_ACCEPT="application/json",
        HTTP_X_REQUESTED_WITH="XMLHttpRequest",
    )
    assert answer["Content-Type"].startswith("text/html")


def test_an_open_session_of_a_closed_account_opens_nothing(visitor, person, administrator):
    client = visitor()
    sign_in(client, person)
    assert is_in(client)
    close(person, administrator)
    for path in ("/console/", "/compte/securite/", "/compte/sessions/", "/compte/mot-de-passe/"):
        assert client.get(path).status_code == 302, path


# Going out


def test_going_out_is_an_act_and_not_a_link(visitor, person):
    client = visitor()
    sign_in(client, person)
    assert client.get("/deconnexion/").status_code == 200
    assert is_in(client)
    assert client.post("/deconnexion/")["Location"] == "/connexion/"
    assert not is_in(client)
    assert "Vous êtes déconnecté." in text_of(client.get("/connexion/"))


def test_the_console_goes_out_by_the_same_act(visitor, person):
    client = visitor()
    sign_in(client, person)
    assert client.get("/console/logout/").status_code == 200
    assert is_in(client)
    client.post("/console/logout/")
    assert not is_in(client)


# The own password


def test_a_person_changes_their_own_password_and_the_other_sessions_end(visitor, person):
    here, elsewhere = visitor(), visitor("192.0.2.2")
    sign_in(here, person)
    sign_in(elsewhere, person)
    assert here.get("/console/password_change/")["Location"] == "/compte/mot-de-passe/"
    answer = here.post(
        "/compte/mot-de-passe/",
        {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    )
    assert answer["Location"] == "/compte/securite/"
    person.refresh_from_db()
    assert hashers.check_password(OTHER_PASSWORD, person.password)
    assert is_in(here) and not is_in(elsewhere)
    operation = Operation.objects.latest("pk")
    assert operation.actor == person
    assert operation.reason == "Changement du mot de passe"
    assert person.password not in str(list(person.history.values()))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"oldpassword": "faux"}, "pas votre mot de passe actuel"),
        ({"password1": "court", "password2": "court"}, "12 caractères"),
        ({"password1": "123456789012", "password2": "123456789012"}, "errorlist"),
        ({"password2": "autre-chose-2027"}, "errorlist"),
        ({"password1": PASSWORD, "password2": PASSWORD}, "choisissez-en un autre"),
        ({"oldpassword": "", "password1": "", "password2": ""}, "Remplissez ce champ."),
    ],
)
def test_a_refused_change_writes_nothing(visitor, person, fields, why):
    client = visitor()
    sign_in(client, person)
    before = Operation.objects.count()
    whole = {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    answer = client.post("/compte/mot-de-passe/", whole | fields)
    assert answer.status_code == 200
    assert why in text_of(answer)
    person.refresh_from_db()
    assert hashers.check_password(PASSWORD, person.password)
    assert Operation.objects.count() == before


def test_the_person_is_told_of_a_change_after_the_page_has_answered(visitor, account, mailoutbox):
    """Whether they wish for e-mails or not."""
    person = account(wants_email=False)
    client = visitor("198.51.100.7")
    sign_in(client, person)
    client.post(
        "/compte/mot-de-passe/",
        {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD},
    )
    assert not mailoutbox
    run_queue()
    (mail,) = mailoutbox
    assert mail.to == [person.email] and mail.subject == "Votre mot de passe PRATIK a changé"
    assert "198.51.100.7" in mail.body and "Firefox sous Linux" in mail.body
    assert f"{settings.SITE_URL}/compte/securite/" in mail.body
    assert OTHER_PASSWORD not in mail.body


# Somebody else's account


def test_an_administrator_in_a_person_s_name_neither_reads_nor_changes_what_protects_it(
    visitor, person, administrator, monkeypatch
):
    client = visitor()
    sign_in(client, person)
    monkeypatch.setattr(guards, "is_impersonated", lambda request: True)
    assert client.get("/compte/securite/").status_code == 403
    for path in (
        "/compte/sessions/",
        "/compte/mot-de-passe/",
        "/compte/confirmer/",
        "/compte/securite/application/",
        "/compte/securite/application/retirer/",
        "/compte/securite/codes/",
        "/compte/securite/codes/nouveaux/",
        "/compte/securite/codes/telecharger/",
        "/mot-de-passe-oublie/abc-def/",
    ):
        for answer in (client.get(path), client.post(path, {})):
            assert answer.status_code == 403, path
            assert "n’est ouverte qu’à la personne même" in text_of(answer)


# The journal


def test_coming_in_failing_and_going_out_are_recorded(visitor, person, journal):
    client = visitor()
    sign_in(client, "inconnue@example.org", "mot-de-passe-perdu")
    sign_in(client, person)
    client.post("/deconnexion/")
    assert list(journal) == [
        ("sign_in_failed", None, "inconnue@example.org"),
        ("sign_in", person, ""),
        ("sign_out", person, ""),
    ]
    assert "mot-de-passe-perdu" not in str(list(AccessEvent.objects.values()))
    signed_in = AccessEvent.objects.get(kind="sign_in")
    assert signed_in.address == "192.0.2.1" and signed_in.device_name == "Firefox sous Linux"
