"""An address is one account's, with capitals and spaces or without, and no other address is."""

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db.models import QuerySet

from pratik.access.tasks import send_reset_link
from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.privacy.ledger import LINES
from pratik.privacy.reports import person_of, rows_about
from pratik.security.enums import AccessKind
from pratik.security.services import record
from tests import factories as make

pytestmark = pytest.mark.django_db

PASSWORD = "rame orange 47 fleuve"
ADDRESS = "assistance@pratik.example"
# What UPPER makes of ı and ſ on PostgreSQL is I and S.
LOOKALIKES = ["ass\u0131stance@pratik.example", "a\u017fsistance@pratik.example"]


@pytest.fixture
def person():
    cache.clear()
    yield make.user(Role.ADMINISTRATOR, email=ADDRESS, password=make_password(PASSWORD))
    cache.clear()


@pytest.mark.parametrize("typed", [ADDRESS, ADDRESS.upper(), f"  {ADDRESS.title()} "])
def test_capitals_and_spaces_make_no_difference(person, typed):
    assert User.objects.with_address(typed).get() == person
    assert User.objects.get_by_natural_key(typed) == person


@pytest.mark.postgresql
@pytest.mark.parametrize("typed", LOOKALIKES)
def test_a_letter_that_looks_alike_is_another_letter(person, typed, mailoutbox):
    assert QuerySet(User).filter(email__iexact=typed).exists(), "what the database alone would answer"
    assert not User.objects.with_address(typed).exists()
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(typed)
    send_reset_link(typed)
    assert not mailoutbox


@pytest.mark.postgresql
@pytest.mark.parametrize("typed", LOOKALIKES)
def test_a_lock_out_is_not_passed_by_a_letter_that_looks_alike(person, client, typed):
    def sign_in(login, password):
        return client.post("/connexion/", {"login": login, "password": password})

    for _ in range(5):
        sign_in(ADDRESS, "autre chose")
    assert sign_in(ADDRESS, PASSWORD).status_code != 302
    assert sign_in(typed, PASSWORD).status_code != 302
    assert "_auth_user_id" not in client.session


@pytest.mark.postgresql
@pytest.mark.parametrize("typed", LOOKALIKES)
def test_what_was_typed_with_a_letter_that_looks_alike_is_not_the_persons(person, typed):
    [journal] = [line for line in LINES if line.model == "security.accessevent"]
    theirs = record(kind=AccessKind.SIGN_IN_FAILED, detail=ADDRESS.upper())
    record(kind=AccessKind.SIGN_IN_FAILED, detail=typed)
    failed = rows_about(journal, person_of(person)).filter(kind=AccessKind.SIGN_IN_FAILED)
    assert list(failed) == [theirs]
