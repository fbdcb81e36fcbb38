"""Where one's own account is signed in: seen in words, and closed one by one or all at once."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from pratik.core.devices import device_name
from tests.access.conftest import is_in, sign_in, text_of

pytestmark = pytest.mark.django_db

LIST = "/compte/sessions/"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Safari/604"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def here(visitor, person):
    client = visitor("192.0.2.1", FIREFOX)
    sign_in(client, person)
    return client


@pytest.fixture
def elsewhere(visitor, person, here):
    client = visitor("192.0.2.2", SAFARI)
    sign_in(client, person)
    return client


def key_of(client):
    return client.session.session_key


def test_the_list_shows_each_session_in_words_and_marks_this_one(here, elsewhere):
    page = text_of(here.get(LIST))
    shown = here.get(LIST).context["sessions"]
    assert [(row.ip, row.device) for row in shown] == [
        ("192.0.2.1", "Firefox sous Windows"),
        ("192.0.2.2", "Safari sous iPhone"),
    ]
    assert elsewhere.get(LIST).context["sessions"][0].ip == "192.0.2.2"
    assert page.count("Cette session") == 1
    assert key_of(here) not in page and key_of(elsewhere) not in page


def test_one_session_is_closed(here, elsewhere, visitor, person, journal):
    third = visitor("192.0.2.3")
    sign_in(third, person)
    row = UserSession.objects.get(session_key=key_of(elsewhere))
    answer = here.post(LIST, {"session": row.pk}, follow=True)
    assert "1 session est fermée." in text_of(answer)
    assert not is_in(elsewhere) and is_in(here) and is_in(third)
    assert ("sessions_ended", person, "Safari sous iPhone") in journal


def test_all_the_others_are_closed_at_once(here, elsewhere, visitor, person):
    third = visitor("192.0.2.3")
    sign_in(third, person)
    answer = here.post(LIST, follow=True)
    assert "2 sessions sont fermées." in text_of(answer)
    assert is_in(here) and not is_in(elsewhere) and not is_in(third)
    assert Session.objects.count() == 1


def test_looking_closes_nothing(here, elsewhere):
    here.get(LIST, {"session": UserSession.objects.get(session_key=key_of(elsewhere)).pk})
    assert is_in(elsewhere)


def test_closing_this_very_session_is_signing_out(here):
    row = UserSession.objects.get(session_key=key_of(here))
    assert here.post(LIST, {"session": row.pk}).status_code == 302
    assert not is_in(here)


def test_nobody_closes_another_person_s_session(here, visitor, account):
    other = account()
    stranger = visitor("203.0.113.4")
    sign_in(stranger, other)
    row = UserSession.objects.get(user=other)
    assert row not in here.get(LIST).context["sessions"]
    for key in (row.pk, row.session_key, "abc", "", "9" * 40):
        here.post(LIST, {"session": key})
    assert is_in(stranger) and is_in(here)


def test_a_session_that_has_ended_leaves_the_list(here, elsewhere):
    elsewhere.post("/deconnexion/")
    assert len(here.get(LIST).context["sessions"]) == 1


def test_the_list_is_of_who_is_in(client):
    assert client.get(LIST)["Location"].startswith("/connexion/?next=")
    assert client.post(LIST).status_code == 302


def test_a_page_that_is_only_read_does_not_write(here):
    """The moment of the last visit is kept to five minutes: two pages in a row write it once."""
    here.get(LIST)
    before = UserSession.objects.get()
    here.get("/compte/mot-de-passe/")
    after = UserSession.objects.get()
    assert after.last_seen_at == before.last_seen_at


def test_a_session_that_moves_is_shown_where_it_is(here):
    here.get(LIST, REMOTE_ADDR="192.0.2.77")
    assert UserSession.objects.get().ip == "192.0.2.77"


def test_a_visitor_costs_no_query_and_gets_no_cookie(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/a-propos/")
    assert "sessionid" not in client.cookies


def test_a_proxy_that_says_no_address_does_not_break_the_pages(person, client):
    """Behind a socket file without forwarded headers no address is known."""
    answer = client.post(
        "/connexion/", {"login": person.email, "password": "carbet-du-matin-2026"}, REMOTE_ADDR=""
    )
    assert answer.status_code == 302
    page = client.get(LIST, REMOTE_ADDR="")
    assert "adresse inconnue" in text_of(page)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox sous Windows"),
        (SAFARI, "Safari sous iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36",
            "Chrome sous Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537 Edg/140.0",
            "Edge sous Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28 Chrome/130",
            "Samsung Internet sous Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18.0 Safari/605", "Safari sous macOS"),
        ("python-requests/2.32", "Appareil inconnu"),
        ("Windows", "Windows"),
        ("", "Appareil inconnu"),
    ],
)
def test_a_device_is_named_as_its_owner_would(agent, name):
    assert device_name(agent) == name
