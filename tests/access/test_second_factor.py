"""The second factor: codes that serve once, kept encrypted, and without which the team sees nothing."""

import json
import time
from urllib.parse import urlencode

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse

from pratik.access import second_factor
from pratik.access.sealing import seal, unseal
from pratik.accounts.enums import Role
from pratik.core.services import save_row
from pratik.notifications.models import Notice
from pratik.settings import base
from tests.access.conftest import PASSWORD, Phone, is_in, sign_in, text_of
from tests.core.test_races import at_once
from tests.kit.world import PAGES, url

pytestmark = pytest.mark.django_db

STEP = "/connexion/second-facteur/"
ACTIVATE = "/compte/securite/application/"
REMOVE = "/compte/securite/application/retirer/"
CODES = "/compte/securite/codes/"


def at_the_step(client, user, **fields):
    """The person has given the right password, and is asked for a code."""
    assert sign_in(client, user, **fields)["Location"] == STEP
    return client


def give(client, code):
    return client.post(STEP, {"code": code})


# Coming in


def test_a_password_alone_opens_nothing(visitor, person, phone):
    client = at_the_step(visitor(), person)
    page = client.get(STEP)
    assert page.status_code == 200
    assert f"mailto:{settings.CONTACT_EMAIL}" in page.content.decode(), "who lost their codes writes to us"
    assert not is_in(client)
    assert client.get("/console/").status_code == 302
    assert client.get("/connexion/")["Location"] == STEP


def test_a_code_of_the_app_opens_the_page_that_was_asked_for(visitor, person, phone):
    client = at_the_step(visitor(), person, next="/console/calendars/internshipcalendar/")
    assert give(client, phone.code())["Location"] == "/console/calendars/internshipcalendar/"
    assert is_in(client)


def test_a_code_may_be_typed_in_groups(visitor, person, phone):
    code = phone.code()
    assert give(at_the_step(visitor(), person), f" {code[:3]} {code[3:]} ").status_code == 302


def test_one_gets_away_from_the_step(visitor, person, phone):
    client = at_the_step(visitor(), person)
    assert client.post("/deconnexion/", {"next": "/connexion/"})["Location"] == "/connexion/"
    assert client.get("/connexion/").status_code == 200
    assert client.get(STEP)["Location"] == "/connexion/"


def test_the_step_is_closed_to_who_gave_no_password(visitor, person, phone):
    client = visitor()
    assert client.get(STEP)["Location"] == "/connexion/"
    assert give(client, phone.code())["Location"] == "/connexion/"
    assert not is_in(client)


def test_the_step_does_not_wait_for_ever(visitor, person, phone, clock):
    client = at_the_step(visitor(), person)
    clock(16 * 60)
    assert give(client, phone.code())["Location"] == "/connexion/"
    assert not is_in(client)


def test_an_account_that_was_closed_meanwhile_stays_closed(visitor, person, phone, administrator):
    client = at_the_step(visitor(), person)
    person.is_active = False
    save_row(actor=administrator, row=person)
    assert give(client, phone.code())["Location"] == "/connexion/"
    assert not is_in(client)
    assert "Ce compte est fermé." in text_of(client.get("/connexion/"))


@pytest.mark.parametrize(
    "fields", [{}, {"code": ""}, {"code": "é"}, {"code": "1" * 500}, {"credential": "{}"}]
)
def test_bad_input_is_refused_in_words(visitor, person, phone, fields):
    client = at_the_step(visitor(), person)
    answer = client.post(STEP, fields)
    assert answer.status_code == 200
    assert not is_in(client)


# Once


def test_a_code_of_the_app_serves_once(visitor, person, phone):
    code = phone.code()
    assert give(at_the_step(visitor(), person), code).status_code == 302
    again = at_the_step(visitor("192.0.2.2"), person)
    assert "déjà servi" in text_of(give(again, code))
    assert not is_in(again)


def test_a_code_is_still_refused_when_the_next_one_is_shown(visitor, person, phone, clock):
    """For as long as a code is accepted at all, and whatever the cache has forgotten."""
    code = phone.code()
    give(at_the_step(visitor(), person), code)
    for _step in range(4):
        clock(30)
        cache.clear()
        assert give(at_the_step(visitor(), person), code).status_code == 200


def test_a_code_older_than_one_that_has_served_is_refused(visitor, person, phone):
    assert give(at_the_step(visitor(), person), phone.code(+1)).status_code == 302
    assert give(at_the_step(visitor(), person), phone.code()).status_code == 200
    assert give(at_the_step(visitor(), person), phone.code(-1)).status_code == 200


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_half_a_minute(visitor, person, phone, steps, accepted):
    client = at_the_step(visitor(), person)
    give(client, phone.code(steps))
    assert is_in(client) == accepted


def test_a_recovery_code_serves_once(visitor, person, recovery_codes, journal):
    client = at_the_step(visitor(), person)
    assert give(client, recovery_codes[3]).status_code == 302
    assert is_in(client)
    assert ("recovery_code_used", person, "Codes restants\u00a0: 9") in journal
    again = at_the_step(visitor(), person)
    assert give(again, recovery_codes[3]).status_code == 200
    assert not is_in(again)
    assert give(again, recovery_codes[4]).status_code == 302


def test_another_person_s_codes_open_nothing(visitor, person, phone, account, rf_context):
    other = account()
    stranger = Phone(other)
    codes = RecoveryCodes.activate(other).generate_codes()
    for code in (stranger.code(), codes[0]):
        assert give(at_the_step(visitor(), person), code).status_code == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_two_uses_of_a_code_at_once_one_succeeds(visitor, person, phone, recovery_codes, kind):
    clients = [at_the_step(visitor(f"192.0.2.{number}"), person) for number in range(4)]
    code = phone.code() if kind == "app" else recovery_codes[0]
    answers = at_once(*((lambda client=client: give(client, code)) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302]
    assert sum(map(is_in, clients)) == 1


# Guessing


def test_codes_are_guessed_five_times_and_no_more(visitor, person, phone, journal):
    for number in range(5):
        answer = give(at_the_step(visitor(f"198.51.100.{number}"), person), "000000")
        assert "n’est pas le bon" in text_of(answer)
    client = at_the_step(visitor(), person)
    answer = give(client, phone.code())
    assert "Trop d’essais." in text_of(answer)
    assert not is_in(client), "the right code stays refused"
    assert journal.kinds == ["second_factor_failed"] * 5 + ["locked_out"]


def test_a_right_code_forgives_itself_and_not_the_failures_before_it(visitor, person, recovery_codes):
    for _attempt in range(4):
        give(at_the_step(visitor(), person), "000000")
    assert give(at_the_step(visitor(), person), recovery_codes[0]).status_code == 302
    give(at_the_step(visitor(), person), "000000")
    assert "Trop d’essais." in text_of(give(at_the_step(visitor(), person), recovery_codes[1]))


# Activating


@pytest.fixture
def at_home(visitor, person):
    """The person's own browser."""
    client = visitor()
    sign_in(client, person)
    return client


def secret_shown(client):
    return client.get(ACTIVATE).context["form"].secret


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def activate(client):
    secret = secret_shown(client)
    with TestCase.captureOnCommitCallbacks(execute=True):
        return secret, client.post(ACTIVATE, {"code": code_of(secret)})


def test_an_app_is_activated_by_its_first_code(visitor, at_home, person, journal):
    assert "data:image/svg+xml;base64," in text_of(at_home.get(ACTIVATE))
    _secret, answer = activate(at_home)
    assert answer["Location"] == CODES
    shown = at_home.get(CODES)
    assert len(shown.context["unused_codes"]) == 10
    assert "no-store" in shown["Cache-Control"]
    assert set(journal.kinds) == {"sign_in", "second_factor_on", "recovery_codes_made"}
    assert Notice.objects.filter(recipient=person, kind="account_protection").count() == 1
    assert sign_in(visitor(), person)["Location"] == STEP


def test_the_secret_is_shown_in_groups_that_can_be_read(at_home):
    response = at_home.get(ACTIVATE)
    groups = response.context["secret_groups"]
    assert "".join(groups) == response.context["form"].secret
    assert {len(group) for group in groups} == {4}
    assert " ".join(groups) in text_of(response)


def test_the_code_that_activated_the_app_does_not_open_the_door_too(visitor, at_home, person):
    secret, _answer = activate(at_home)
    assert give(at_the_step(visitor(), person), code_of(secret)).status_code == 200


def test_a_wrong_code_activates_nothing_and_keeps_the_secret(at_home, person):
    secret = secret_shown(at_home)
    answer = at_home.post(ACTIVATE, {"code": "000000"})
    assert "n’est pas celui de cette clé" in text_of(answer)
    assert answer.context["form"].secret == secret
    assert not Authenticator.objects.exists()
    assert at_home.post(ACTIVATE, {"code": code_of(secret)}).status_code == 302


def test_the_same_form_sent_twice_activates_once(at_home, person):
    _secret, _answer = activate(at_home)
    assert at_home.post(ACTIVATE, {"code": "000000"})["Location"] == REMOVE
    assert Authenticator.objects.filter(user=person).count() == 2


def test_secrets_are_encrypted_in_the_database(at_home, person, settings):
    secret, _answer = activate(at_home)
    codes = at_home.get(CODES).context["unused_codes"]
    kept = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not any(code in kept for code in codes)
    app = Authenticator.objects.get(type="totp")
    assert unseal(app.data["secret"]) == secret


def test_secrets_outlive_a_change_of_the_secret_key(settings):
    sealed = seal("JBSWY3DPEHPK3PXP")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clé, aussi longue que celle d’avant, et au hasard"
    assert unseal(sealed) == "JBSWY3DPEHPK3PXP"
    assert unseal(seal("ABC")) == "ABC"


def test_recovery_codes_are_downloaded_as_a_text(at_home):
    activate(at_home)
    codes = at_home.get(CODES).context["unused_codes"]
    answer = at_home.get(f"{CODES}telecharger/")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="pratik-codes-de-secours.txt"'
    assert all(code in text_of(answer).replace(" ", "") for code in codes)


def test_new_recovery_codes_replace_the_old_ones(visitor, at_home, person, journal):
    activate(at_home)
    old = at_home.get(CODES).context["unused_codes"]
    assert at_home.get(f"{CODES}nouveaux/").status_code == 200
    assert at_home.get(CODES).context["unused_codes"] == old, "asking is not doing"
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert at_home.post(f"{CODES}nouveaux/")["Location"] == CODES
    new = at_home.get(CODES).context["unused_codes"]
    assert not set(old) & set(new)
    assert give(at_the_step(visitor(), person), old[0]).status_code == 200
    assert give(at_the_step(visitor(), person), new[0]).status_code == 302
    assert journal.kinds.count("recovery_codes_made") == 2
    assert Notice.objects.filter(recipient=person, kind="account_protection").count() == 2


def test_there_are_no_recovery_codes_without_an_app(at_home, person):
    assert at_home.get(CODES).status_code == 404
    assert at_home.get(f"{CODES}telecharger/").status_code == 404
    assert "activez-le d’abord" in text_of(at_home.post(f"{CODES}nouveaux/"))
    assert not Authenticator.objects.exists()


def test_an_app_is_removed_with_its_codes(visitor, at_home, person, journal):
    activate(at_home)
    assert at_home.get(REMOVE).status_code == 200
    assert Authenticator.objects.filter(user=person).count() == 2
    assert at_home.post(REMOVE)["Location"] == "/compte/securite/"
    assert not Authenticator.objects.exists()
    assert journal.kinds[-1] == "second_factor_off"
    assert Notice.objects.filter(recipient=person, subject__contains="retiré").exists()
    assert sign_in(visitor(), person)["Location"] == reverse("admin:index")


@pytest.mark.parametrize("path", [ACTIVATE, REMOVE, CODES, f"{CODES}nouveaux/", f"{CODES}telecharger/"])
def test_after_a_while_one_proves_to_be_oneself_again(at_home, path, clock):
    """A session left open on a desk does not hand out, or take away, the protection of the account."""
    if path != ACTIVATE:
        activate(at_home)
    clock(16 * 60)
    answer = at_home.get(path)
    assert answer["Location"] == f"/compte/confirmer/?{urlencode({'next': path})}"
    assert at_home.get(answer["Location"]).status_code == 200
    refused = at_home.post("/compte/confirmer/", {"password": "autre chose", "next": path})
    assert "pas votre mot de passe" in text_of(refused)
    assert at_home.post("/compte/confirmer/", {"password": PASSWORD, "next": path})["Location"] == path
    assert at_home.get(path).status_code == 200


def test_what_was_sent_before_proving_to_be_oneself_waits_for_it(at_home, clock):
    activate(at_home)
    clock(16 * 60)
    assert at_home.post(REMOVE)["Location"].startswith("/compte/confirmer/")
    assert Authenticator.objects.exists()
    at_home.post("/compte/confirmer/", {"password": PASSWORD, "next": REMOVE})
    assert not Authenticator.objects.exists()


def test_one_proves_to_be_oneself_by_a_code_too(visitor, person, recovery_codes, clock):
    client = at_the_step(visitor(), person)
    give(client, recovery_codes[0])
    clock(16 * 60)
    page = text_of(client.get("/compte/confirmer/", {"next": CODES}))
    assert "/compte/confirmer/code/" in page and "Confirmer par un code" in page
    assert client.get("/compte/confirmer/code/").status_code == 200
    wrong = client.post("/compte/confirmer/code/", {"code": recovery_codes[0], "next": CODES})
    assert "déjà servi" in text_of(wrong)
    right = client.post("/compte/confirmer/code/", {"code": recovery_codes[1], "next": CODES})
    assert right["Location"] == CODES


def test_somebody_who_just_signed_in_is_not_asked_again(at_home):
    assert at_home.session[AUTHENTICATION_METHODS_SESSION_KEY]
    assert at_home.get(ACTIVATE).status_code == 200


# The team


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR_REQUIRED = True


STAFF = [Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER, Role.AUDITOR]


@pytest.mark.parametrize("role", STAFF, ids=str)
def test_the_team_is_led_to_activating_one_before_it_sees_anything(visitor, account, required, role):
    client = visitor()
    user = account(role)
    sign_in(client, user)
    paths = ["/console/", "/console/autocomplete/", "/console/search/?s=a", "/console/jsi18n/"]
    for model in PAGES:
        paths += [url(model, "changelist"), url(model, "add"), url(model, "change", 1)]
    for path in paths:
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 302 and answer["Location"] == ACTIVATE, path
    page = client.get(ACTIVATE)
    assert "L’équipe de PRATIK" in text_of(page)
    activate(client)
    assert client.get("/console/").status_code == 200


def test_the_way_to_a_second_factor_and_the_way_out_are_open(visitor, account, required):
    client = visitor()
    sign_in(client, account(Role.EDITOR))
    for path in ("/", "/calendriers/", "/compte/securite/", "/compte/sessions/", "/compte/mot-de-passe/"):
        assert client.get(path).status_code == 200, path
    assert client.post("/deconnexion/")["Location"] == "/connexion/"


def test_others_are_offered_one_and_not_obliged(visitor, person, required):
    client = visitor()
    sign_in(client, person)
    assert client.get("/console/").status_code == 200
    assert "Activer un second facteur" in text_of(client.get("/compte/securite/"))


def test_the_team_does_not_remove_its_last_factor(visitor, account, required):
    client, user = visitor(), account(Role.AUDITOR)
    sign_in(client, user)
    activate(client)
    assert "vous ne pouvez pas le retirer" in text_of(client.get(REMOVE))
    assert client.post(REMOVE).status_code == 200
    assert second_factor.is_on(user)


def test_somebody_who_joins_the_team_is_asked_at_the_next_page(visitor, account, administrator, required):
    client, user = visitor(), account(Role.STUDENT)
    sign_in(client, user)
    assert client.get("/console/").status_code == 200
    user.refresh_from_db()
    user.account_type, user.staff_role = "staff", "editor"
    save_row(actor=administrator, row=user)
    assert client.get("/console/")["Location"] == ACTIVATE


def test_production_requires_it_and_says_so_in_one_setting():
    assert base.STAFF_SECOND_FACTOR_REQUIRED is True
    assert settings.STAFF_SECOND_FACTOR_REQUIRED is False
