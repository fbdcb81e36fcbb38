"""Guessing: five failures close an account for a quarter of an hour, twenty an address for five minutes."""

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings

from pratik.core.tasks import forget_expired_cache
from tests.access.conftest import OTHER_PASSWORD, PASSWORD, is_in, sign_in, text_of
from tests.core.test_races import at_once
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

LOCKED = "Trop d’essais."
# As production has it; tests/test_settings.py says that it does.
TABLE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "core_cache",
    "OPTIONS": {"MAX_ENTRIES": 1_000_000},
}


@pytest.fixture(autouse=True, params=["memory", "table"])
def kept_in(request, db, nothing_remembered):
    """Each rule holds in the memory of one process and in the table that several share."""
    if request.param == "memory":
        yield
        return
    with override_settings(CACHES={"default": TABLE}):
        call_command("createcachetable", verbosity=0)
        yield
        cache.clear()


def fail(times, email, visitor, first=1):
    for number in range(times):
        answer = sign_in(visitor(f"198.51.100.{first + number}"), email, "autre chose")
        assert LOCKED not in text_of(answer)


def test_an_account_is_closed_to_everybody_after_five_failures(visitor, person):
    fail(5, person.email, visitor)
    refused = visitor("203.0.113.5")
    answer = sign_in(refused, person)
    assert "Attendez 15 minutes" in text_of(answer)
    assert not is_in(refused), "the right password stays refused"


def test_an_unknown_address_is_locked_out_just_as_well(visitor):
    fail(5, "inconnue@example.org", visitor)
    assert LOCKED in text_of(sign_in(visitor(), "inconnue@example.org"))


def test_capitals_and_spaces_make_no_other_account(visitor, person):
    fail(3, person.email, visitor)
    fail(2, f" {person.email.upper()} ", visitor, first=50)
    assert LOCKED in text_of(sign_in(visitor(), person))


def test_another_name_of_the_site_makes_no_other_account(visitor, person, settings):
    settings.ALLOWED_HOSTS = ["pratik.example", ".pratik.example", "testserver"]
    hosts = ["pratik.example", "pratik.example:8000", "PRATIK.example", "www.pratik.example", "testserver"]
    for number, host in enumerate(hosts):
        data = {"login": person.email, "password": "autre chose"}
        answer = visitor(f"198.51.100.{number}").post("/connexion/", data, HTTP_HOST=host)
        assert LOCKED not in text_of(answer)
    data = {"login": person.email, "password": PASSWORD}
    assert LOCKED in text_of(visitor().post("/connexion/", data, HTTP_HOST="pratik.example:4242"))


def test_a_lock_out_ends_by_itself(visitor, person, clock):
    fail(5, person.email, visitor)
    clock(10 * 60)
    assert "Attendez 5 minutes" in text_of(sign_in(visitor(), person))
    clock(4 * 60 + 50)
    assert "Attendez 1 minute," in text_of(sign_in(visitor(), person))
    clock(20)
    assert sign_in(visitor(), person).status_code == 302


def test_refused_attempts_do_not_make_it_last(visitor, person, clock):
    fail(5, person.email, visitor)
    for _minute in range(14):
        clock(60)
        sign_in(visitor(), person)
    clock(70)
    assert sign_in(visitor(), person).status_code == 302


def test_a_success_forgives_itself_and_not_the_failures_before_it(visitor, person):
    fail(4, person.email, visitor)
    for _time in range(3):
        assert sign_in(visitor(), person).status_code == 302
    fail(1, person.email, visitor, first=90)
    assert LOCKED in text_of(sign_in(visitor(), person))


def test_an_address_is_closed_to_all_accounts_after_twenty_failures(visitor, person, account, clock):
    guesser = visitor("203.0.113.7")
    for number in range(20):
        assert LOCKED not in text_of(sign_in(guesser, f"personne-{number}@example.org", "autre chose"))
    assert "Attendez 5 minutes" in text_of(sign_in(guesser, person))
    assert sign_in(visitor("203.0.113.8"), person).status_code == 302
    clock(5 * 60 + 1)
    assert sign_in(guesser, account()).status_code == 302


def test_a_header_that_anybody_may_type_is_no_other_address(visitor, account):
    guesser = visitor("203.0.113.7")
    for number in range(20):
        guesser.post(
            "/connexion/",
            {"login": f"personne-{number}@example.org", "password": "autre chose"},
            HTTP_X_FORWARDED_FOR=f"198.51.100.{number}",
        )
    assert LOCKED in text_of(sign_in(guesser, account()))


def test_a_new_password_by_e_mail_ends_the_lock_out(visitor, person, mailoutbox):
    fail(5, person.email, visitor)
    client = visitor()
    client.post("/mot-de-passe-oublie/", {"email": person.email})
    run_queue()
    link = next(word for word in mailoutbox[0].body.split() if "/mot-de-passe-oublie/" in word)
    page = client.get(link)["Location"]
    client.post(page, {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD})
    assert sign_in(client, person, OTHER_PASSWORD).status_code == 302


def test_a_session_left_open_is_no_way_to_guess_the_password(visitor, person):
    client = visitor()
    sign_in(client, person)
    new = {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    for number in range(5):
        client.post("/compte/mot-de-passe/", {"oldpassword": f"essai {number}"} | new)
    assert client.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD} | new).status_code == 429
    assert LOCKED in text_of(client.post("/compte/confirmer/", {"password": PASSWORD}))
    assert LOCKED in text_of(sign_in(visitor(), person))


def test_a_lock_out_is_recorded_once(visitor, person, journal):
    fail(5, person.email, visitor)
    for _attempt in range(3):
        sign_in(visitor(), person)
    *failures, lock_out = journal
    assert failures == [("sign_in_failed", None, person.email)] * 5
    assert lock_out == ("locked_out", None, person.email)


@pytest.mark.parametrize("kept_in", ["table"], indirect=True)
def test_attempts_on_many_other_accounts_end_no_lock_out(visitor, person):
    fail(5, person.email, visitor)
    for number in range(400):
        cache.set(f"une-autre-clef-{number}", [1.0], timeout=15 * 60)
    assert LOCKED in text_of(sign_in(visitor("203.0.113.5"), person))


def test_what_is_past_its_time_is_removed_and_no_lock_out_with_it(visitor, person):
    cache.set("passée", True, timeout=-60)
    fail(5, person.email, visitor)
    forget_expired_cache()
    assert cache.get("passée") is None
    assert LOCKED in text_of(sign_in(visitor("203.0.113.5"), person))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_the_same_time_all_count(visitor, person):
    def guess(number):
        return lambda: LOCKED in text_of(sign_in(visitor(f"198.51.100.{number}"), person, "autre chose"))

    refused = at_once(*(guess(number) for number in range(8)))
    assert refused.count(False) <= 5
