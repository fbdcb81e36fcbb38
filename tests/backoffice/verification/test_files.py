"""The file of a document: for one person and a moment, written in the journal, and a clear page otherwise."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import storages
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.files import sign_file_link
from pratik.core.storages import StorageUnavailable
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.verification.models import VerificationDocument
from tests import documents as papers
from tests import factories as make
from tests.backoffice.verification.conftest import address, words

pytestmark = pytest.mark.django_db

LABEL = "verification.document"


@pytest.fixture
def row(sent):
    return sent(name="Ma carte d’identité.pdf")


def link(client, row):
    """The address of the file that this person is sent to."""
    response = client.get(address("file", row.pk))
    assert response.status_code == 302
    return response["Location"]


def fetched(client, place):
    """The answer with a file, and the file, read to its end."""
    response = client.get(place)
    assert response.status_code == 200
    return response, b"".join(response.streaming_content)


def openings():
    return AccessEvent.objects.filter(kind=AccessKind.FILE_OPENED)


def test_opening_is_written_once_with_who_and_what(client, verifier, row):
    place = link(client, row)
    assert not openings().exists()
    _response, content = fetched(client, place)
    assert content.startswith(b"%PDF-")
    [event] = openings()
    assert (event.actor, event.detail) == (verifier, "Ma carte d’identité.pdf")


def test_file_is_kept_by_nobody_and_runs_nothing(client, row):
    response, _content = fetched(client, link(client, row))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]


def test_name_has_the_ending_of_what_is_kept(client, landlord, sent):
    """A photograph in HEIC is kept as a JPEG."""
    row = sent(content=papers.telephone_photo("HEIF"), name="IMG_1.heic")
    response, _content = fetched(client, link(client, row))
    assert 'filename="IMG_1.jpg"' in response["Content-Disposition"]
    assert response["Content-Type"] == "image/jpeg"


def test_owner_opens_their_own(client_for, landlord, row):
    client = client_for(landlord)
    assert fetched(client, link(client, row))


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.AUDITOR, 403), (Role.EDITOR, 403), (Role.LANDLORD, 404), (Role.SCHOOL, 404)],
)
def test_others_are_not_given_a_link(client_for, row, role, status):
    assert client_for(make.user(role)).get(address("file", row.pk)).status_code == status
    assert not openings().exists()


def test_visitor_is_sent_to_the_sign_in_page_alone(client_for, client, row):
    visitor, place = client_for(AnonymousUser()), link(client, row)
    for asked in (place, address("file", row.pk), address("page", place.split("/")[-2], 1)):
        response = visitor.get(asked + "?next=https://example.org/")
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("admin:login"))
    assert not openings().exists()


# A link is one person's, for a moment


def test_link_of_somebody_else_opens_nothing(client, client_for, administrator, landlord, row):
    """Even where both of them may open the file."""
    place = link(client, row)
    for person in (administrator, landlord):
        response = client_for(person).get(place)
        assert response.status_code == 403
        assert "Ce lien n’ouvre rien pour vous" in words(response)
    assert not openings().exists()


@pytest.mark.parametrize("token", ["x", "a.b.c", "W10:1abc:def", "é", "a" * 3_000])
def test_guessed_link_opens_nothing(client, row, token):
    for place in (f"/fichier/{token}/", f"/fichier/{token}/page/1/"):
        response = client.get(address("changelist").rstrip("/") + place)
        assert response.status_code == 403
        assert "Ce fichier ne s’ouvre pas" in words(response)
    assert not openings().exists()


def test_link_that_was_changed_opens_nothing(client, row):
    place = link(client, row)
    token = place.split("/")[-2]
    for changed in (token[:-1] + ("A" if token[-1] != "A" else "B"), "W" + token, token.swapcase()):
        assert client.get(address("open", changed)).status_code == 403


def test_link_made_for_something_else_opens_nothing(client, verifier, row):
    token = sign_file_link(verifier, "living.photo", row.pk)
    assert client.get(address("open", token)).status_code == 403


def test_link_that_is_over_says_so(client, row, monkeypatch):
    place = link(client, row)
    later = __import__("time").time() + 61
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    response = client.get(place)
    assert response.status_code == 410
    assert "Ce lien n’est plus valable" in words(response)
    assert not openings().exists()


def test_link_does_not_outlive_the_right(client, verifier, row):
    place = link(client, row)
    type(verifier)._base_manager.filter(pk=verifier.pk).update(staff_role="editor")
    assert client.get(place).status_code == 403
    assert not openings().exists()


def test_no_redirection_elsewhere(client, row):
    """Whatever stands in the address, the way leads to this very file."""
    for query in ("?next=https://example.org/", "?url=//example.org", "?name=../../etc/passwd"):
        response = client.get(address("file", row.pk) + query)
        assert re.fullmatch(
            r"/console/verification/verificationdocument/fichier/[\w:.=-]+/", response["Location"]
        )


def test_only_asked_for_and_never_sent_to(client, row):
    place = link(client, row)
    for asked in (address("file", row.pk), place):
        assert client.post(asked).status_code == 405
        assert client.head(asked).status_code == 405
    assert not openings().exists()


# What is not there


def test_page_that_is_not_there_says_so(client, row):
    token = link(client, row).split("/")[-2]
    response = client.get(address("page", token, 7))
    assert response.status_code == 404
    assert "n’a pas de page 7" in words(response)


def test_file_that_was_deleted_says_so(client, landlord):
    row = make.document(owner=landlord, file="", file_deleted_at=timezone.now())
    response = client.get(address("file", row.pk))
    assert response.status_code == 410
    assert "Ce fichier n’existe plus" in words(response)


def test_file_that_is_missing_is_not_found(client, row):
    token = link(client, row).split("/")[-2]
    storages["private"].delete(row.file.name)
    assert client.get(address("open", token)).status_code == 404
    assert client.get(address("page", token, 1)).status_code == 404


def test_storage_that_is_down_says_so(client, row, monkeypatch):
    token = link(client, row).split("/")[-2]

    def down(*args, **kwargs):
        raise StorageUnavailable

    monkeypatch.setattr(type(storages["private"]), "open", down)
    for asked in (address("open", token), address("page", token, 1)):
        response = client.get(asked)
        assert response.status_code == 503
        assert "Les fichiers sont inaccessibles pour le moment" in words(response)
        assert int(response["Retry-After"]) > 0


def test_rows_that_do_not_exist_are_not_found(client):
    assert VerificationDocument.objects.count() == 0
    assert client.get(address("file", 999_999)).status_code == 404
