"""« Mes pièces »: what is asked for, what became of it, and the sending of one or of several at once."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.inspection import Scan
from pratik.core.inspection.streams import most_at_once
from pratik.core.storages import DiskStorage, StorageUnavailable
from pratik.verification.enums import DocumentState, DocumentType, RejectionReason
from pratik.verification.models import Requirement, VerificationDocument
from pratik.verification.services import approve_documents, reject_documents
from tests import documents as papers
from tests import factories as make
from tests.backoffice.verification.conftest import address, fresh, in_days, words
from tests.kit.queue import run_queue
from tests.kit.world import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(client_for, landlord):
    return client_for(landlord)


def mine():
    return reverse("admin:verification_papers")


def theirs(account):
    return reverse("admin:verification_papers_of", args=[account.pk])


def pdf(name="piece.pdf", text="paper"):
    return papers.sent(papers.text_pdf(text), name, "application/pdf")


def identity(**more):
    return {
        "identity-document_type": "id_card",
        "identity-file": pdf("carte.pdf", "identity"),
        "identity-expires_on": in_days(400).isoformat(),
        **more,
    }


def proof(**more):
    return {
        "property-document_type": "property_proof",
        "property-file": pdf("titre.pdf", "property"),
        **more,
    }


def cards(client, url=None):
    """What the page says of each need: {need: (badge, colour)}."""
    shown = client.get(url or mine()).context_data["cards"]
    return {str(card.status.need): (card.badge, card.color) for card in shown}


# What is shown


def test_what_is_asked_for_is_named_with_its_instructions(own):
    text = words(own.get(mine()))
    for told in (
        "Identité",
        "Carte d’identité",
        "Passeport",
        "Justificatif de domicile",
        "moins de trois mois",
    ):
        assert told in text
    assert cards(own) == dict.fromkeys(("identity", "property", "address"), ("Manquante", "danger"))


def test_each_need_has_the_state_of_its_documents(own, landlord, sent, verifier):
    card, title, home = sent("identity"), sent("property"), sent("address")
    assert set(cards(own).values()) == {("À examiner", "warning")}
    approve_documents(actor=verifier, pks=[card.pk], last_days={card.pk: in_days(10)})
    approve_documents(actor=verifier, pks=[title.pk])
    reject_documents(actor=verifier, pks=[home.pk], why=RejectionReason.UNREADABLE, reason="Trop sombre.")
    assert cards(own) == {
        "identity": ("Expire bientôt", "warning"),
        "property": ("Acceptée", "success"),
        "address": ("Refusée", "danger"),
    }
    text = words(own.get(mine()))
    assert "Motif : Document illisible : Trop sombre." in text
    assert "Envoyez une photo ou une numérisation nette" in text
    assert in_days(10).strftime("%d/%m/%Y") in text


def test_expired_document_is_said(own, landlord):
    make.document(owner=landlord, state=DocumentState.EXPIRED, expires_on=in_days(-3))
    assert cards(own)["identity"] == ("Expirée", "danger")
    assert in_days(-3).strftime("%d/%m/%Y") in words(own.get(mine()))


def test_renewal_takes_nothing_away_while_it_waits(own, landlord, sent, verifier):
    before = sent("identity")
    approve_documents(actor=verifier, pks=[before.pk])
    sent("identity", content=papers.text_pdf("renewed"))
    assert cards(own)["identity"] == ("Acceptée", "success")
    assert "va l’examiner" in words(own.get(mine()))


def test_account_that_is_asked_for_nothing_is_told_so(client_for):
    client = client_for(make.user(Role.STUDENT))
    page = client.get(mine())
    assert "Aucune pièce n’est demandée à votre type de compte." in words(page)
    assert "papers-form" not in page.content.decode()


def test_requirement_of_another_type_of_account_makes_a_page_for_it(client_for):
    make.requirement(account_type="student")
    assert list(cards(client_for(make.user(Role.STUDENT)))) == ["identity"]


def test_criminal_record_is_explained_and_cannot_be_sent(own, landlord):
    make.requirement(account_type="landlord", need="record", document_type="criminal_record")
    page = own.get(mine())
    assert "ne s’envoie jamais et ne se garde pas" in words(page)
    assert 'name="record-file"' not in page.content.decode()
    own.post(mine(), {"record-document_type": "criminal_record", "record-file": pdf()})
    own.post(mine(), {"identity-document_type": "criminal_record", "identity-file": pdf()})
    assert not VerificationDocument.objects.exists()


def test_the_team_sends_none_of_its_own(client_for, verifier):
    assert client_for(verifier).get(mine()).status_code == 403


# Sending


def test_one_is_sent(own, landlord):
    response = own.post(mine(), identity(**{"identity-reference": " SP 12 "}))
    assert response["Location"] == mine()
    [row] = VerificationDocument.objects.all()
    assert (row.owner, row.submitted_by, row.state) == (landlord, landlord, DocumentState.PENDING)
    assert (row.file_name, row.reference, row.expires_on) == ("carte.pdf", "SP 12", in_days(400))
    assert row.scan == Scan.NOT_SCANNED
    assert "1 pièce envoyée" in words(own.get(mine()))


def test_several_are_sent_at_once_each_with_its_type(own):
    passport = identity(**{"identity-document_type": "passport"})
    own.post(
        mine(),
        {
            **passport,
            **proof(),
            "address-document_type": "address_proof",
            "address-file": papers.sent(papers.telephone_photo(), "facture.jpg"),
            "address-issued_on": in_days(-5).isoformat(),
        },
    )
    assert set(VerificationDocument.objects.values_list("document_type", flat=True)) == {
        DocumentType.PASSPORT,
        DocumentType.PROPERTY_PROOF,
        DocumentType.ADDRESS_PROOF,
    }


def photo(name, colour="red"):
    return papers.sent(papers.image("JPEG", color=colour), name, "image/jpeg")


def sides(*files):
    return identity(**{"identity-file": list(files)})


def test_photos_of_both_sides_are_sent_as_one_paper(own):
    response = own.post(mine(), sides(photo("verso.jpg", "blue"), photo("recto.jpg")))
    assert response["Location"] == mine()
    [row] = VerificationDocument.objects.all()
    assert (row.file_name, row.pages, row.content_type) == ("verso + recto.pdf", 2, "application/pdf")
    assert "1 pièce envoyée" in words(own.get(mine()))


def test_page_says_that_both_sides_may_be_chosen(own):
    page = own.get(mine())
    assert "Recto et verso : choisissez les deux photos." in words(page)
    assert "jusqu’à 10 photos" in words(page)
    [field] = re.findall(r'<input type="file" name="identity-file"[^>]*>', page.content.decode())
    assert " multiple" in field and 'aria-describedby="id_identity-file_helptext"' in field


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (lambda: papers.sent(papers.SVG, "verso.jpg"), "verso.jpg : Le contenu de ce fichier"),
        (lambda: papers.sent(b"", "verso.heic"), "verso.heic : Ce fichier est vide."),
        (lambda: pdf("verso.pdf"), "verso.pdf : Un PDF s’envoie seul."),
    ],
)
def test_second_file_that_is_wrong_is_named_at_the_field_and_nothing_is_kept(own, second, why):
    response = own.post(mine(), {**sides(photo("recto.jpg"), second()), **proof()})
    assert response.status_code == 422
    [card] = [card for card in response.context_data["cards"] if str(card.status.need) == "identity"]
    assert list(card.form.errors) == ["file"] and len(card.form.errors["file"]) == 1
    assert why in words(response)
    assert not VerificationDocument.objects.exists()


def test_too_many_photos_of_a_paper_are_said(own):
    response = own.post(mine(), sides(*[photo(f"{number}.jpg") for number in range(11)]))
    assert response.status_code == 422
    assert "au plus 10 photos pour une pièce" in words(response)
    assert not VerificationDocument.objects.exists()


def test_one_photo_too_heavy_of_two_is_let_go_and_named(own, settings):
    settings.DOCUMENT_MAX_BYTES = 5_000
    heavy = SimpleUploadedFile("verso.jpg", b"\xff\xd8\xff" + b"x" * 6_000)
    response = own.post(mine(), sides(photo("recto.jpg"), heavy))
    assert response.status_code == 422
    assert "verso.jpg : Ce fichier pèse plus de" in words(response)
    assert not VerificationDocument.objects.exists()


def test_new_version_replaces_the_one_before_and_keeps_its_trace(own, sent):
    before = sent("identity")
    own.post(mine(), identity())
    after = VerificationDocument.objects.get(is_current=True)
    assert (after.replaces, fresh(before).is_current) == (before, False)
    assert "Versions précédentes" in words(own.get(mine()))


def test_script_is_told_where_to_go_and_the_message_is_kept_for_that_page(own):
    response = own.post(mine(), identity(), headers={"Accept": "application/json"})
    assert (response.status_code, response.json()) == (200, {"url": mine()})
    assert "1 pièce envoyée" in words(own.get(mine()))


def test_what_is_wrong_is_said_at_each_field_and_nothing_is_kept(own):
    """All that is wrong with each, in one answer; what was typed stays."""
    response = own.post(
        mine(),
        {
            **identity(**{"identity-expires_on": in_days(-5).isoformat(), "identity-reference": "SP12"}),
            **proof(**{"property-file": papers.sent(papers.HTML, "titre.pdf")}),
            "address-document_type": "address_proof",
            "address-file": pdf(),
            "address-issued_on": in_days(-200).isoformat(),
        },
    )
    assert response.status_code == 422
    forms = {str(card.status.need): card.form for card in response.context_data["cards"]}
    assert {need: list(form.errors) for need, form in forms.items()} == {
        "identity": ["expires_on"],
        "property": ["file"],
        "address": ["issued_on"],
    }
    assert forms["identity"]["reference"].value() == "SP12"
    assert all(card.is_open for card in response.context_data["cards"])
    assert not VerificationDocument.objects.exists()


def test_one_refused_keeps_none_of_the_others(own):
    response = own.post(
        mine(), {**identity(), **proof(**{"property-file": papers.sent(papers.SVG, "t.pdf")})}
    )
    assert response.status_code == 422
    assert not VerificationDocument.objects.exists()


def test_need_that_was_left_blank_is_no_mistake(own):
    response = own.post(
        mine(), {**identity(**{"identity-expires_on": ""}), **{"property-document_type": "x"}}
    )
    forms = {str(card.status.need): card.form for card in response.context_data["cards"]}
    assert list(forms["identity"].errors) == ["expires_on"]
    assert not forms["property"].errors
    assert not forms["address"].errors


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "Choisissez au moins un fichier à envoyer."),
        ({"identity-document_type": "id_card"}, "Choisissez au moins un fichier à envoyer."),
        (
            {"identity-document_type": "id_card", "identity-reference": "SP"},
            "Choisissez le fichier à envoyer.",
        ),
        ({"identity-expires_on": "31/02/2027"}, "Cette date n’existe pas"),
    ],
)
def test_sending_without_a_file_is_said(own, values, told):
    response = own.post(mine(), values)
    assert response.status_code == 422
    assert told in words(response)


@pytest.mark.parametrize("kind", ["", "insurance", "criminal_record", "\x00", "x" * 500])
def test_type_that_is_not_offered_is_refused(own, kind):
    response = own.post(mine(), identity(**{"identity-document_type": kind}))
    assert response.status_code == 422
    assert not VerificationDocument.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "carte.pdf"),
        (papers.HTML, "carte.pdf"),
        (papers.SVG, "carte.png"),
        (b"PK\x03\x04", "carte.pdf"),
        (b"\x00" * 100, "carte.pdf.exe"),
        (papers.EICAR, "carte.pdf"),
    ],
)
def test_hostile_file_is_refused_at_its_field(own, content, name):
    response = own.post(mine(), identity(**{"identity-file": SimpleUploadedFile(name, content)}))
    assert response.status_code == 422
    [card] = [card for card in response.context_data["cards"] if str(card.status.need) == "identity"]
    assert list(card.form.errors) == ["file"]
    assert not VerificationDocument.objects.exists()


def test_file_that_is_too_heavy_is_let_go_and_said(own, settings):
    settings.DOCUMENT_MAX_BYTES = 1_000
    heavy = SimpleUploadedFile("carte.pdf", b"%PDF-1.7" + b"x" * 5_000)
    response = own.post(mine(), identity(**{"identity-file": heavy}))
    assert response.status_code == 422
    assert "carte.pdf" in words(response) or "Mo" in words(response)
    assert not VerificationDocument.objects.exists()


def test_request_that_announces_too_much_is_not_read(own):
    response = own.post(mine(), identity(), headers={"Content-Length": str(most_at_once() + 1)})
    assert response.status_code == 413
    assert not VerificationDocument.objects.exists()


def test_form_of_another_site_is_refused(landlord):

    client = Client(enforce_csrf_checks=True)
    client.force_login(landlord)
    assert client.post(mine(), identity()).status_code == 403
    assert not VerificationDocument.objects.exists()


def test_storage_that_is_down_is_said_and_nothing_is_kept(own, monkeypatch):
    def down(*args, **kwargs):
        raise StorageUnavailable

    monkeypatch.setattr(DiskStorage, "_save", down)
    response = own.post(mine(), identity())
    assert response.status_code == 503
    assert "Les fichiers sont inaccessibles pour le moment" in words(response)
    assert in_days(400).isoformat() in response.content.decode()
    assert not VerificationDocument.objects.exists()


def test_closed_account_sends_nothing(client, landlord):
    type(landlord)._base_manager.filter(pk=landlord.pk).update(is_active=False)
    page = client.get(theirs(landlord))
    assert "Ce compte est fermé." in words(page)
    assert client.post(theirs(landlord), identity()).status_code == 403


# For somebody else


def test_those_who_check_send_for_a_person(client, verifier, landlord):
    client.post(theirs(landlord), identity())
    [row] = VerificationDocument.objects.all()
    assert (row.owner, row.submitted_by) == (landlord, verifier)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EDITOR, Role.LANDLORD, Role.SCHOOL])
def test_others_do_not(client_for, landlord, role):
    client = client_for(make.user(role))
    assert client.get(theirs(landlord)).status_code == 403
    assert client.post(theirs(landlord), identity()).status_code == 403
    assert not VerificationDocument.objects.exists()


def test_accounts_without_papers_have_no_such_page(client, administrator):
    assert client.get(theirs(administrator)).status_code == 404
    assert client.get(reverse("admin:verification_papers_of", args=[999_999])).status_code == 404


def test_account_page_leads_there_for_those_who_check(client, client_for, auditor, landlord):
    page = reverse("admin:accounts_user_change", args=[landlord.pk])
    assert theirs(landlord) in client.get(page).content.decode()
    for person in (auditor, landlord):
        assert theirs(landlord) not in client_for(person).get(page).content.decode()


def test_record_that_was_seen_is_noted_with_who_and_when(client, verifier, landlord):
    response = client.post(theirs(landlord), {"record": "1", "record-seen_on": in_days(-1).isoformat()})
    assert response["Location"] == theirs(landlord)
    [row] = VerificationDocument.objects.all()
    assert (row.document_type, row.seen_on, row.decided_by) == ("criminal_record", in_days(-1), verifier)
    assert not row.file
    text = words(client.get(theirs(landlord)))
    assert f"Vu le {in_days(-1):%d/%m/%Y} par {verifier}." in text


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"record-seen_on": ""}, "seen_on"),
        ({"record-seen_on": "x"}, "seen_on"),
        ({"record-seen_on": in_days(2).isoformat()}, "seen_on"),
        (
            {"record-seen_on": in_days(0).isoformat(), "record-expires_on": in_days(-9).isoformat()},
            "expires_on",
        ),
    ],
)
def test_wrong_statement_is_said_at_its_field(client, landlord, values, field):
    response = client.post(theirs(landlord), {"record": "1", **values})
    assert response.status_code == 422
    assert list(response.context_data["statement"].errors) == [field]
    assert not VerificationDocument.objects.exists()


def test_nobody_states_their_own_record(own):
    own.post(mine(), {"record": "1", "record-seen_on": in_days(0).isoformat()})
    assert not VerificationDocument.objects.exists()


def test_badge_and_its_last_day_are_said(own, landlord, sent, verifier):
    rows = [sent(need) for need in ("identity", "property", "address")]
    approve_documents(actor=verifier, pks=[row.pk for row in rows])
    until = User.objects.get(pk=landlord.pk).verified_until
    assert f"Compte vérifié jusqu’au {until:%d/%m/%Y}." in words(own.get(mine()))


# Requirements


def test_administrators_change_what_is_asked_and_badges_follow(
    client_for, administrator, sent, verifier, landlord
):

    rows = [sent(need) for need in ("identity", "property", "address")]
    approve_documents(actor=verifier, pks=[row.pk for row in rows])
    client = client_for(administrator)
    data = {
        "account_type": "landlord",
        "need": "insurance",
        "document_type": "insurance",
        "is_active": "on",
        "note": "En cours.",
    }
    assert client.post(url(Requirement, "add"), data).status_code == 302
    run_queue()
    assert not User.objects.get(pk=landlord.pk).is_verified
    assert "insurance" in cards(client_for(landlord))
    assert client_for(verifier).post(url(Requirement, "add"), data).status_code == 403


def test_same_paper_is_asked_of_a_type_of_account_once(client_for, administrator, asked):

    data = {"account_type": "landlord", "need": "identity", "document_type": "passport", "is_active": "on"}
    response = client_for(administrator).post(url(Requirement, "add"), data)
    assert response.status_code == 200
    assert "Cette pièce est déjà demandée à ce type de compte." in words(response)


def test_page_of_a_document_leads_its_owner_to_all_that_is_asked(own, client, sent):
    """A notice leads to the document; from there to where another one is sent."""
    page = address("change", sent().pk)
    assert f'href="{mine()}"' in own.get(page).content.decode().split("<main")[0].split("<header")[1]
    assert mine() not in client.get(page).content.decode()
