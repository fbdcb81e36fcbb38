"""Who sees which rows, and who opens which files."""

import time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from pratik.accounts.enums import STAFF_ROLES, Role
from pratik.accounts.workflow import CHECKERS
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import Origin, coming_from
from pratik.core.writes import update_rows
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.verification.enums import DocumentType
from pratik.verification.models import Requirement, ReviewClaim, VerificationDocument
from pratik.verification.services import (
    delete_due_files,
    open_document,
    open_page,
    reject_documents,
    sign_document,
)
from tests import documents as papers
from tests import factories as make
from tests.verification.conftest import fresh, in_days, send

pytestmark = pytest.mark.django_db


def openings():
    return list(
        AccessEvent.objects.filter(kind=AccessKind.FILE_OPENED)
        .order_by("pk")
        .values_list("actor", "object_pk", "detail")
    )


# Rows


def test_a_person_sees_their_own_documents_staff_all_and_those_who_check_change_them(everyone):
    other = make.document()
    mine = make.document(owner=everyone) if everyone.is_authenticated else None
    seen = set(VerificationDocument.objects.visible_to(everyone))
    changed = set(VerificationDocument.objects.editable_by(everyone))
    role = getattr(everyone, "role", Role.ANONYMOUS)
    if role in STAFF_ROLES:
        assert seen == {other, mine}
    else:
        assert seen == ({mine} if mine else set())
    assert changed == ({other, mine} if role in CHECKERS else set())


def test_a_person_sees_what_is_asked_of_accounts_like_theirs(everyone, asked):
    hidden = make.requirement(
        account_type="landlord", document_type=DocumentType.INSURANCE, need="insurance", is_active=False
    )
    seen = Requirement.objects.visible_to(everyone)
    role = getattr(everyone, "role", Role.ANONYMOUS)
    if role in STAFF_ROLES:
        assert seen.count() == 8 and hidden in seen
    else:
        assert seen.count() == {Role.LANDLORD: 4, Role.DRIVER: 3}.get(role, 0)
        assert {row.account_type for row in seen} <= {str(role)}
    assert Requirement.objects.editable_by(everyone).exists() == (role == Role.ADMINISTRATOR)


def test_a_claim_is_its_reviewers(everyone):
    other = make.claim()
    role = getattr(everyone, "role", Role.ANONYMOUS)
    assert ReviewClaim.objects.visible_to(everyone).exists() == (role in STAFF_ROLES)
    assert (other in ReviewClaim.objects.editable_by(everyone)) == (role == Role.ADMINISTRATOR)


# Files


@pytest.fixture
def sent(landlord):
    return send(landlord, name="Ma carte.pdf")


def test_the_person_and_those_who_check_open_a_file_and_each_opening_is_written(sent, verifier):
    for who in (sent.owner, verifier):
        assert open_document(actor=who, token=sign_document(actor=who, pk=sent.pk)) == sent
    assert openings() == [
        (sent.owner.pk, str(sent.pk), "Ma carte.pdf"),
        (verifier.pk, str(sent.pk), "Ma carte.pdf"),
    ]


def test_nobody_else_opens_a_file_nor_learns_that_it_is_there(sent, everyone):
    if not everyone.is_authenticated or everyone.role in CHECKERS:
        return
    refusal = PermissionDenied if everyone.is_staff else VerificationDocument.DoesNotExist
    token = sign_document(actor=sent.owner, pk=sent.pk)
    with pytest.raises(refusal):
        sign_document(actor=everyone, pk=sent.pk)
    with pytest.raises(ValidationError):
        open_document(actor=everyone, token=token)
    assert openings() == []


def test_a_link_is_good_for_one_person_for_a_moment_and_cannot_be_guessed(sent, verifier, clock):
    clock(2027, 3, 4, 8, 0)
    row = fresh(sent)
    token = sign_document(actor=verifier, pk=row.pk)
    other = make.user(Role.VERIFIER)
    clock(2027, 3, 4, 8, 0, 30)
    for who, said, code in (
        (other, token, "link_refused"),
        (verifier, token[:-1] + ("A" if token[-1] != "A" else "B"), "link_refused"),
        (verifier, str(row.pk), "link_refused"),
        (verifier, "", "link_refused"),
    ):
        with pytest.raises(ValidationError) as refused:
            open_document(actor=who, token=said)
        assert refused.value.code == code
    assert openings() == []


def test_a_link_ends(sent, verifier, monkeypatch):
    token = sign_document(actor=verifier, pk=sent.pk, seconds=5)
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 6)
    with pytest.raises(ValidationError) as refused:
        open_document(actor=verifier, token=token)
    assert refused.value.code == "link_expired" and openings() == []


def test_a_link_outlives_neither_a_role_nor_the_file(sent, verifier):
    demoted = make.user(Role.VERIFIER)
    token = sign_document(actor=demoted, pk=sent.pk)
    demoted.staff_role = "auditor"
    with pytest.raises(PermissionDenied):
        open_document(actor=demoted, token=token)
    token = sign_document(actor=verifier, pk=sent.pk)
    reject_documents(actor=verifier, pks=[sent.pk], reason="Flou")
    row = fresh(sent)
    row.file_due_on = in_days(0)
    with operation(kind=OperationKind.SETUP, actor=verifier):
        update_rows([row], ["file_due_on"])
    delete_due_files()
    with pytest.raises(ValidationError) as refused:
        open_document(actor=verifier, token=token)
    assert refused.value.code == "file_gone"


def test_who_acts_in_the_persons_name_is_written_beside_it(sent, administrator):
    with coming_from(Origin(impersonator=administrator)):
        open_document(actor=sent.owner, token=sign_document(actor=sent.owner, pk=sent.pk))
    assert AccessEvent.objects.get(kind=AccessKind.FILE_OPENED).impersonator == administrator


def test_a_page_is_shown_as_a_picture_and_its_opening_written(landlord, verifier):
    row = send(landlord, content=papers.pdf(2), name="deux.pdf")
    token = sign_document(actor=verifier, pk=row.pk)
    picture = open_page(actor=verifier, token=token, number=2)
    assert picture.content_type == "image/jpeg" and picture.width
    with pytest.raises(ValidationError):
        open_page(actor=verifier, token=token, number=3)
    assert openings()[0][2] == "deux.pdf, page 2"
    photo = send(landlord, upload=papers.sent(papers.image("PNG"), "p.png"), name="p.png")
    token = sign_document(actor=verifier, pk=photo.pk)
    assert open_page(actor=verifier, token=token).content_type == "image/jpeg"
    with pytest.raises(ValidationError):
        open_page(actor=verifier, token=token, number=2)


def test_the_name_in_the_storage_tells_nothing(sent):
    folder, name = sent.file.name.split("/")
    assert folder == "documents" and len(name.removesuffix(".pdf")) == 24
