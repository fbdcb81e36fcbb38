"""Links to one file: good for one person, one file and a moment; guessed or changed ones open nothing."""

import pytest
from django.core import signing
from django.core.exceptions import ValidationError

from pratik.core import files
from pratik.core.files import read_file_link, sign_file_link
from tests import factories as make

LABEL = "verification.document"


@pytest.fixture
def person(db):
    return make.user()


@pytest.fixture
def at(monkeypatch):
    """`at(seconds)`: the clock of signatures stands so many seconds after the start."""
    return lambda seconds: monkeypatch.setattr(signing.time, "time", lambda: 1_800_000_000 + seconds)


def refusal(user, label, token):
    with pytest.raises(ValidationError) as refused:
        read_file_link(user, label, token)
    return refused.value.code


def test_a_link_opens_its_file_for_its_person(person):
    assert read_file_link(person, LABEL, sign_file_link(person, LABEL, 42)) == 42


@pytest.mark.parametrize(("seconds", "lasts"), [(60, 60), (300, 300), (86_400, 300), (0, 1), (-5, 1)])
def test_a_link_lasts_its_seconds_and_five_minutes_at_most(person, at, seconds, lasts):
    at(0)
    token = sign_file_link(person, LABEL, 42, seconds)
    at(lasts)
    assert read_file_link(person, LABEL, token) == 42
    at(lasts + 1)
    assert refusal(person, LABEL, token) == "link_expired"


def test_a_link_opens_nothing_for_another_person(person):
    assert refusal(make.user(), LABEL, sign_file_link(person, LABEL, 42)) == "link_refused"


def test_a_link_that_expired_tells_another_person_nothing_but_that(person, at):
    at(0)
    token = sign_file_link(person, LABEL, 42, 60)
    at(100)
    assert refusal(make.user(), LABEL, token) == "link_expired"


def test_a_link_of_one_kind_opens_no_other(person):
    assert refusal(person, "living.photo", sign_file_link(person, LABEL, 42)) == "link_refused"


def test_a_link_that_was_changed_opens_nothing(person):
    token = sign_file_link(person, LABEL, 42)
    value, stamp, signature = token.split(":")
    forged = signing.b64_encode(b"[%d,43,60]" % person.pk).decode()
    for changed in (
        f"{forged}:{stamp}:{signature}",
        f"{value}:{stamp[::-1]}:{signature}",
        f"{value}:{stamp}:{signature[::-1]}",
        f"{value}:{stamp}",
        value,
    ):
        assert changed != token
        assert refusal(person, LABEL, changed) == "link_refused"


@pytest.mark.parametrize("guess", ["", "42", "::", "a:b:c", "\x00", "é", "W10:1:1", "a" * 500])
def test_a_guess_opens_nothing_and_breaks_nothing(person, guess):
    assert refusal(person, LABEL, guess) == "link_refused"


def test_a_signature_made_for_something_else_opens_nothing(person):
    """The same key signs other things; each has its own salt."""
    elsewhere = signing.TimestampSigner(salt="elsewhere").sign_object([person.pk, 42, 60])
    assert refusal(person, LABEL, elsewhere) == "link_refused"
    strange = files._file_link_signer(LABEL).sign_object({"pk": 42})
    assert refusal(person, LABEL, strange) == "link_refused"
