"""Sending documents: what is kept, what is refused, and what becomes of the version before."""

import hashlib

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import Storage
from django.db import IntegrityError, transaction

from pratik.accounts.enums import Role
from pratik.core.enums import OperationKind
from pratik.core.files import private_storage
from pratik.core.inspection import Scan
from pratik.core.operations import operation
from pratik.core.services import save_row
from pratik.core.storages import StorageUnavailable
from pratik.core.writes import create_rows
from pratik.notifications.models import Notice
from pratik.verification import reports, rules
from pratik.verification.enums import DocumentState, DocumentType, Need
from pratik.verification.models import Requirement, ReviewClaim, VerificationDocument
from pratik.verification.services import (
    DocumentsRefused,
    Sent,
    approve_documents,
    claim,
    load_requirements,
    record_statement,
    submit_several,
)
from tests import documents as papers
from tests import factories as make
from tests.kit.queue import run_queue
from tests.verification.conftest import fresh, has_badge, in_days, send

pytestmark = pytest.mark.django_db


def kept_files():
    """The names of all documents' files in the storage."""
    storage: Storage = private_storage()
    try:
        return set(storage.listdir("documents")[1])
    except FileNotFoundError:
        return set()


# What is kept


def test_a_document_is_kept_with_what_tells_of_it_and_without_what_the_person_called_it(landlord):
    content = papers.text_pdf("CARTE")
    row = send(landlord, content=content, name="Ma carte (recto).pdf", reference="  12 AB  34 ")
    row = fresh(row)
    assert (row.state, row.is_current, row.is_in_force) == (DocumentState.PENDING, True, False)
    assert (row.owner, row.submitted_by, row.reference) == (landlord, landlord, "12 AB 34")
    assert (row.content_type, row.pages, row.scan) == ("application/pdf", 1, Scan.NOT_SCANNED)
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert row.file_name == "Ma carte (recto).pdf" and "carte" not in row.file.name.lower()
    with row.file.open() as file:
        assert file.read(5) == b"%PDF-"
    assert row.history.get().operation.actor == landlord


def test_a_photo_is_kept_without_where_it_was_taken(landlord):
    upload = papers.sent(papers.telephone_photo(), "photo.jpg")
    row = send(landlord, upload=upload, name="photo.jpg")
    with row.file.open() as file:
        assert b"Telephone" not in file.read()
    assert row.file.name.endswith(".jpg")


def sides(*names, second=None):
    """An identity card as photographs of its sides; `second` stands for the content of the second."""
    contents = [papers.image("JPEG", color=colour) for colour in ("red", "blue")]
    if second is not None:
        contents[1] = second
    first, *further = [papers.sent(content, name) for content, name in zip(contents, names, strict=True)]
    return {"upload": first, "name": first.name, "further": tuple(further)}


def send_sides(owner, *names, **more):
    sent = Sent(DocumentType.ID_CARD, expires_on=in_days(400), **sides(*names, **more))
    [row] = submit_several(actor=owner, owner=owner, documents=[sent])
    return row


def test_photos_of_both_sides_are_kept_as_one_pdf(landlord):
    row = fresh(send_sides(landlord, "recto.jpg", "verso.jpg"))
    assert (row.content_type, row.pages, row.file_name) == ("application/pdf", 2, "recto + verso.pdf")
    assert row.size == sum(len(papers.image("JPEG", color=colour)) for colour in ("red", "blue"))
    with row.file.open() as file:
        assert file.read(5) == b"%PDF-"


def test_the_same_two_photos_of_another_account_are_known_again(landlord):
    row = send_sides(landlord, "recto.jpg", "verso.jpg")
    twin = send_sides(make.user(Role.LANDLORD), "IMG_1.jpg", "IMG_2.jpg")
    assert list(VerificationDocument.objects.same_file_as(row)) == [twin]


def test_a_second_photo_that_is_wrong_keeps_nothing_and_is_named(landlord):
    before = kept_files()
    with pytest.raises(DocumentsRefused) as refused:
        send_sides(landlord, "recto.jpg", "verso.jpg", second=papers.HTML)
    [error] = refused.value.by_number[0].error_dict["file"]
    assert error.code == "wrong_content"
    assert error.messages[0].startswith("verso.jpg : ")
    assert not VerificationDocument.objects.exists() and kept_files() == before


def test_those_who_check_send_for_somebody_who_came_in_person(landlord, verifier):
    row = send(landlord, actor=verifier)
    assert (row.owner, row.submitted_by) == (landlord, verifier)


def test_the_team_is_told_once_of_all_that_came_together(landlord, verifier, administrator):
    submit_several(
        actor=landlord,
        owner=landlord,
        documents=[
            Sent(DocumentType.ID_CARD, papers.sent(papers.pdf(), "a.pdf"), "a.pdf", expires_on=in_days(9)),
            Sent(DocumentType.PROPERTY_PROOF, papers.sent(papers.pdf(2), "b.pdf"), "b.pdf"),
        ],
    )
    run_queue()
    notice = Notice.objects.get()
    assert notice.recipient == verifier
    assert "Carte d’identité et Justificatif de propriété" in notice.body
    assert notice.body.startswith("Paul Yang a envoyé 2 pièces")


def test_administrators_are_told_where_nobody_verifies(landlord, administrator):
    send(landlord)
    run_queue()
    assert Notice.objects.get().recipient == administrator


# What is refused


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"expires_on": None}, "expires_on", "expiry_missing"),
        ({"expires_on": in_days(-1)}, "expires_on", "expired"),
        ({"issued_on": in_days(1)}, "issued_on", "in_the_future"),
        ({"issued_on": in_days(9), "expires_on": in_days(5)}, "issued_on", "in_the_future"),
        ({"document_type": DocumentType.ADDRESS_PROOF, "issued_on": None}, "issued_on", "issue_missing"),
        ({"document_type": DocumentType.ADDRESS_PROOF, "issued_on": in_days(-91)}, "issued_on", "too_old"),
        ({"name": "piece.exe"}, "file", "wrong_kind"),
        ({"document_type": DocumentType.INSURANCE}, "document_type", None),
        ({"document_type": DocumentType.CRIMINAL_RECORD}, "document_type", None),
        ({"document_type": "tax_return"}, "document_type", None),
        ({"reference": "x" * 61}, "reference", "max_length"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(landlord, fields, field, code):
    before = kept_files()
    with pytest.raises(ValidationError) as refused:
        send(landlord, **fields)
    assert field in refused.value.error_dict, refused.value
    if code:
        assert refused.value.error_dict[field][0].code == code
    assert not VerificationDocument.objects.exists() and kept_files() == before


def test_all_that_is_wrong_is_said_at_once(landlord):
    with pytest.raises(ValidationError) as refused:
        send(landlord, upload=papers.sent(papers.HTML, "piece.pdf"), expires_on=None)
    assert set(refused.value.error_dict) == {"file", "expires_on"}


def test_the_last_day_itself_is_still_good(landlord):
    assert send(landlord, expires_on=in_days(0)).expires_on == in_days(0)
    assert send(landlord, DocumentType.ADDRESS_PROOF, issued_on=in_days(-90)).pk


def test_a_requirement_says_how_long_a_document_is_taken_for_at_most(landlord):
    row = send(landlord, DocumentType.ADDRESS_PROOF, issued_on=in_days(-10), expires_on=in_days(4000))
    assert in_days(350) < row.expires_on < in_days(357)


def test_nobody_sends_for_another_nor_for_the_team_nor_for_a_closed_account(landlord, verifier, editor):
    stranger, closed = make.user(Role.LANDLORD), make.user(Role.LANDLORD, is_active=False)
    for actor, owner in ((stranger, landlord), (editor, landlord), (verifier, verifier), (verifier, closed)):
        with pytest.raises(PermissionDenied):
            send(owner, actor=actor)


def test_several_are_kept_together_or_not_at_all(landlord):
    before = kept_files()
    good = Sent(DocumentType.ID_CARD, papers.sent(papers.pdf(), "a.pdf"), "a.pdf", expires_on=in_days(9))
    bad = Sent(DocumentType.PROPERTY_PROOF, papers.sent(papers.SVG, "b.pdf"), "b.pdf")
    twice = Sent(DocumentType.ID_CARD, papers.sent(papers.pdf(), "c.pdf"), "c.pdf", expires_on=in_days(9))
    with pytest.raises(DocumentsRefused) as refused:
        submit_several(actor=landlord, owner=landlord, documents=[good, bad, twice])
    assert {n: set(e.error_dict) for n, e in refused.value.by_number.items()} == {
        1: {"file"},
        2: {"document_type"},
    }
    assert "b.pdf" in " ".join(refused.value.messages)
    assert not VerificationDocument.objects.exists() and kept_files() == before


def test_a_storage_that_fails_leaves_nothing_half_kept(landlord, monkeypatch):
    before, keep, calls = kept_files(), type(private_storage())._save, []

    def second_fails(storage, name, content):
        calls.append(name)
        if len(calls) == 2:
            raise StorageUnavailable
        return keep(storage, name, content)

    monkeypatch.setattr(type(private_storage()), "_save", second_fails)
    documents = [
        Sent(DocumentType.ID_CARD, papers.sent(papers.pdf(), "a.pdf"), "a.pdf", expires_on=in_days(9)),
        Sent(DocumentType.PROPERTY_PROOF, papers.sent(papers.pdf(2), "b.pdf"), "b.pdf"),
    ]
    with pytest.raises(ValidationError) as refused:
        submit_several(actor=landlord, owner=landlord, documents=documents)
    assert refused.value.code == "storage_unavailable"
    assert not VerificationDocument.objects.exists() and kept_files() == before


def test_what_is_sent_in_a_day_has_a_limit(landlord):
    make.saved(*(make.document_row(owner=landlord, is_current=False) for _n in range(rules.VERSIONS_A_DAY)))
    with pytest.raises(ValidationError) as refused:
        send(landlord)
    assert refused.value.code == "too_many"
    assert "30 pièces de ce compte" in refused.value.messages[0], "staff may send for somebody else"


def test_several_at_once_stay_within_the_limit_of_a_day(landlord):
    make.saved(
        *(make.document_row(owner=landlord, is_current=False) for _n in range(rules.VERSIONS_A_DAY - 1))
    )
    documents = [
        Sent(DocumentType.ID_CARD, papers.sent(papers.pdf(), "a.pdf"), "a.pdf", expires_on=in_days(9)),
        Sent(DocumentType.PROPERTY_PROOF, papers.sent(papers.pdf(2), "b.pdf"), "b.pdf"),
    ]
    with pytest.raises(ValidationError) as refused:
        submit_several(actor=landlord, owner=landlord, documents=documents)
    assert refused.value.code == "too_many"
    assert send(landlord).is_current


# A new version


def test_a_new_version_replaces_the_one_before_and_keeps_its_trace(landlord, verifier):
    first = send(landlord)
    claim(actor=verifier, pk=first.pk)
    second = send(landlord)
    first = fresh(first)
    assert (second.replaces, first.replaced_by) == (first, second)
    assert (first.is_current, fresh(second).is_current) == (False, True)
    assert first.file_due_on == in_days(30), "a file that nobody will look at goes too"
    assert not ReviewClaim.objects.exists()
    outcome = approve_documents(actor=verifier, pks=[first.pk])
    assert [why for _row, why in outcome.refused] == [
        "Une version plus récente de cette pièce a été envoyée."
    ]
    assert list(VerificationDocument.objects.awaiting_review()) == [second]


def test_one_version_of_each_document_is_current(landlord):
    make.document(owner=landlord)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.document(owner=landlord)


# Criminal records


def test_a_criminal_record_is_noted_as_seen_and_never_has_a_file(verifier, landlord):
    make.requirement(need=Need.RECORD, document_type=DocumentType.CRIMINAL_RECORD, validity_months=6)
    row = record_statement(actor=verifier, owner=landlord, seen_on=in_days(-1))
    row = fresh(row)
    assert (row.state, row.seen_on, row.decided_by) == (DocumentState.APPROVED, in_days(-1), verifier)
    assert not row.file and row.is_in_force and in_days(178) < row.expires_on < in_days(184)
    again = record_statement(actor=verifier, owner=landlord, seen_on=in_days(0))
    assert again.replaces == row and not fresh(row).is_in_force


def test_a_criminal_record_that_was_noted_is_told_to_the_person(verifier, landlord):
    row = record_statement(actor=verifier, owner=landlord, seen_on=in_days(-1), expires_on=in_days(100))
    run_queue()
    notice = Notice.objects.get(recipient=landlord, kind="document_approved")
    assert notice.subject == f"Pièce acceptée\u00a0: {row.get_document_type_display()}"


def test_a_criminal_record_that_waits_for_a_second_opinion_is_told_to_who_gives_it(
    verifier, landlord, settings
):
    settings.VERIFICATION_SECOND_OPINION = True
    colleague = make.user(Role.VERIFIER)
    record_statement(actor=verifier, owner=landlord, seen_on=in_days(-1))
    run_queue()
    assert [notice.recipient for notice in Notice.objects.filter(kind="document_submitted")] == [colleague]
    assert not Notice.objects.filter(recipient=landlord).exists()


def test_the_table_itself_refuses_a_file_with_a_criminal_record(verifier, landlord):
    row = VerificationDocument(
        owner=landlord,
        submitted_by=verifier,
        document_type=DocumentType.CRIMINAL_RECORD,
        seen_on=in_days(0),
        file="documents/casier.pdf",
    )
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert "file" in refused.value.error_dict
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        operation(kind=OperationKind.SETUP, actor=verifier),
    ):
        create_rows([row])


@pytest.mark.parametrize("day", [1, -2000])
def test_a_statement_is_not_of_the_future_nor_over(verifier, landlord, day):
    make.requirement(need=Need.RECORD, document_type=DocumentType.CRIMINAL_RECORD, validity_months=6)
    with pytest.raises(ValidationError):
        record_statement(actor=verifier, owner=landlord, seen_on=in_days(day))
    assert not VerificationDocument.objects.exists()


def test_a_person_records_nothing_of_themselves(landlord):
    with pytest.raises(PermissionDenied):
        record_statement(actor=landlord, owner=landlord, seen_on=in_days(0))


def test_two_opinions_are_asked_of_a_statement_too(verifier, administrator, landlord, settings):
    settings.VERIFICATION_SECOND_OPINION = True
    row = record_statement(actor=verifier, owner=landlord, seen_on=in_days(0))
    assert (row.state, row.is_in_force) == (DocumentState.PENDING, False)
    assert approve_documents(actor=verifier, pks=[row.pk]).changed == []
    assert approve_documents(actor=administrator, pks=[row.pk]).changed == [row]
    assert fresh(row).is_in_force


# What is asked


def test_the_installed_requirements_are_those_of_landlords_and_drivers(asked):
    assert reports.needs_by_type() == {
        "landlord": {
            "identity": ["id_card", "passport"],
            "property": ["property_proof"],
            "address": ["address_proof"],
        },
        "driver": {
            "license": ["driver_license"],
            "vehicle": ["vehicle_registration"],
            "insurance": ["insurance"],
        },
    }


def test_loading_them_again_takes_nothing_back_that_was_changed(administrator, asked, settings):
    row = Requirement.objects.get(document_type=DocumentType.ADDRESS_PROOF)
    row.max_age_days = 60
    save_row(actor=administrator, row=row)
    path = settings.BASE_DIR / "fixtures" / "reference" / "verification_requirements.csv"
    assert load_requirements(actor=administrator, path=path) == 0
    assert fresh(row).max_age_days == 60


def test_a_person_reads_what_they_have_to_prove_and_how_far_it_is(landlord, verifier):
    identity, address = send(landlord), send(landlord, DocumentType.ADDRESS_PROOF)
    approve_documents(actor=verifier, pks=[identity.pk])
    file = {status.need: status for status in reports.file_of(landlord)}
    assert list(file) == [Need.IDENTITY, Need.PROPERTY, Need.ADDRESS]
    assert file[Need.IDENTITY].counting == identity and file[Need.IDENTITY].is_met
    assert len(file[Need.IDENTITY].requirements) == 2
    assert file[Need.ADDRESS].is_waiting and file[Need.ADDRESS].latest == address
    assert not file[Need.ADDRESS].is_met
    assert file[Need.PROPERTY].latest is None
    assert not has_badge(landlord)
    assert ("passport", "Passeport") in reports.document_types_for("landlord")
