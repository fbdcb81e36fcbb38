"""The page of one document: taken, looked at, decided on, and the way to the next."""

import datetime
import html
import re

import pytest
from django.conf import settings as django_settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.verification.enums import DocumentState, DocumentType, RejectionReason
from pratik.verification.models import ReviewClaim, VerificationDocument
from tests import documents as papers
from tests import factories as make
from tests.backoffice.verification.conftest import address, fresh, in_days, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(sent):
    return sent()


def do(client, row, what, **values):
    return client.post(address("review", row.pk), {"do": what, **values})


def taken(client, row):
    """The page once the document is taken."""
    do(client, row, "take")
    return client.get(address("review", row.pk))


def openings():
    return list(AccessEvent.objects.filter(kind=AccessKind.FILE_OPENED).order_by("pk"))


def approve(client, row, day=None):
    day = in_days(90).isoformat() if day is None else day
    return do(client, row, "approve", **{"approve-expires_on": day})


def reject(client, row, why="", reason=""):
    return do(client, row, "reject", **{"reject-why": why, "reject-reason": reason})


# Taking it


def test_looking_takes_nothing_and_shows_no_picture(client, row):
    page = client.get(address("review", row.pk))
    assert not ReviewClaim.objects.exists()
    assert "picture" not in page.content.decode().split("review-sheet")[1].split("review-side")[0]
    assert page.context_data["picture"] == ""
    assert openings() == []


def test_taking_it_shows_it_and_until_when(client, verifier, row):
    page = taken(client, row)
    claim = ReviewClaim.objects.get()
    assert (claim.document, claim.reviewer) == (row, verifier)
    assert page.context_data["until"].replace("\xa0", " ") in words(page)
    assert page.context_data["picture"].startswith("/console/verification/verificationdocument/fichier/")


def test_renewing_moves_the_hour_on(client, verifier, row):
    soon = timezone.now() + datetime.timedelta(minutes=1)
    make.claim(document=row, reviewer=verifier, until=soon)
    answer = do(client, row, "renew")
    assert answer.status_code == 200
    left = ReviewClaim.objects.get().until - timezone.now()
    assert left > datetime.timedelta(minutes=django_settings.REVIEW_CLAIM_MINUTES - 1)
    shown = client.get(address("review", row.pk)).context_data
    assert answer.json() == {
        "until": shown["until"],
        "seconds": 60 * django_settings.REVIEW_CLAIM_MINUTES,
    }
    assert 0 <= answer.json()["seconds"] - shown["seconds"] < 30


def test_what_another_one_has_is_not_taken_nor_decided(client, row):
    other = make.user(Role.VERIFIER, first_name="Malika", last_name="Apatou")
    make.claim(document=row, reviewer=other)
    page = taken(client, row)
    assert "Malika Apatou examine cette pièce" in words(page)
    assert page.context_data["picture"] == ""
    assert "approve-form" not in page.content.decode()
    assert do(client, row, "renew").status_code == 409
    refused = approve(client, row)
    assert refused.status_code == 422
    assert fresh(row).state == DocumentState.PENDING
    assert ReviewClaim.objects.get().reviewer == other


def test_giving_it_back(client, row):
    taken(client, row)
    response = do(client, row, "release")
    assert response["Location"] == address("changelist")
    assert not ReviewClaim.objects.exists()


def test_verifier_does_not_give_back_what_another_one_has(client, row):
    make.claim(document=row)
    do(client, row, "release")
    assert ReviewClaim.objects.exists()


def test_unknown_act_does_nothing(client, row):
    for what in ("", "delete", "\x00", "take;drop"):
        assert do(client, row, what).status_code == 200
    assert not ReviewClaim.objects.exists()


# Looking


def test_each_page_that_is_looked_at_is_written_once(client, landlord, sent):
    row = sent("property", content=papers.pdf(3))
    page = taken(client, row)
    picture = client.get(page.context_data["picture"])
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert "no-store" in picture["Cache-Control"]
    link = do(client, row, "page", number="2").json()["link"]
    assert client.get(link).status_code == 200
    assert [event.detail for event in openings()] == ["piece.pdf, page 1", "piece.pdf, page 2"]


def test_pages_are_links_without_the_script(client, sent):
    row = sent("property", content=papers.pdf(3))
    do(client, row, "take")
    page = client.get(address("review", row.pk) + "?page=2")
    assert page.context_data["picture"].endswith("/page/2/")
    assert 'href="?page=1"' in page.content.decode()
    assert 'href="?page=3"' in page.content.decode()


def test_links_to_pages_keep_what_the_queue_is_narrowed_to(client, sent):
    row = sent("property", content=papers.pdf(3))
    do(client, row, "take")
    narrow = "document_type=property_proof&account_type=landlord"
    links = page_links(client.get(f"{address('review', row.pk)}?{narrow}&page=2"))
    assert links == [f"?{narrow}&page=1", f"?{narrow}&page=3"]
    approve(client, row)
    decided = client.get(f"{address('review', row.pk)}?{narrow}")
    [shown] = re.findall(r'href="([^"]*montrer=1)"', html.unescape(decided.content.decode()))
    assert shown == f"?{narrow}&montrer=1"
    links = page_links(client.get(address("review", row.pk) + shown + "&page=2"))
    assert links == [f"{shown}&page=1", f"{shown}&page=3"]


def page_links(page):
    """The addresses of the pages before and after the one that is shown."""
    found = re.findall(r'href="([^"]*)" data-page', page.content.decode())
    return [html.unescape(link) for link in found]


@pytest.mark.parametrize(
    ("typed", "number"), [("0", 1), ("99", 3), ("-1", 1), ("x", 1), ("٣", 1), ("9" * 40, 1)]
)
def test_page_that_is_not_there_is_the_nearest(client, sent, typed, number):
    row = sent("property", content=papers.pdf(3))
    do(client, row, "take")
    assert client.get(address("review", row.pk), {"page": typed}).context_data["number"] == number
    assert do(client, row, "page", number=typed).status_code == 200


def test_picture_of_a_decided_document_is_asked_for(client, row):
    approve(client, row)
    assert client.get(address("review", row.pk)).context_data["picture"] == ""
    page = client.get(address("review", row.pk) + "?montrer=1")
    assert client.get(page.context_data["picture"]).status_code == 200
    assert len(openings()) == 1


def test_document_whose_file_is_gone_says_so(client, landlord):
    row = make.document(owner=landlord, state=DocumentState.APPROVED, file="", file_deleted_at=timezone.now())
    page = client.get(address("review", row.pk) + "?montrer=1")
    assert "Le fichier a été supprimé le" in words(page)
    assert do(client, row, "page", number="1").status_code == 410


def test_a_refusal_is_told_beside_what_it_is_about(client, row):
    """Of the day beside the day; of another version, or of somebody who looks at it, above the form."""
    do(client, row, "take")
    page = do(client, row, "approve", **{"approve-expires_on": in_days(-3).isoformat()})
    assert set(page.context_data["approval"].errors) == {"expires_on"}
    models.QuerySet(ReviewClaim).filter(document=row).update(reviewer=make.user(Role.VERIFIER))
    page = do(client, row, "approve", **{"approve-expires_on": in_days(300).isoformat()})
    assert page.status_code == 422 and set(page.context_data["approval"].errors) == {"__all__"}


def test_a_refused_document_offers_to_be_looked_at_again_unless_its_file_is_gone(client, row):
    way = reverse("admin:verification_verificationdocument_reopen", args=[row.pk])
    kept = row.file.name
    for file in (kept, ""):
        values = {"state": DocumentState.REJECTED, "file": file}
        models.QuerySet(VerificationDocument).filter(pk=row.pk).update(**values)
        pages = (address("review", row.pk), address("change", row.pk))
        offered = [way in client.get(page).content.decode() for page in pages]
        assert offered == [bool(file)] * 2
    models.QuerySet(VerificationDocument).filter(pk=row.pk).update(file=kept)


def test_what_helps_to_decide_stands_beside_it(client, landlord, sent, row):
    """What was typed, the account's other documents, what is still to be proved, the same file elsewhere."""
    other = sent("property")
    stranger = make.user(Role.LANDLORD, first_name="Rémi", last_name="Fortuné")
    twin = make.document(owner=stranger, sha256=row.sha256)
    page = client.get(address("review", row.pk))
    text, html = words(page), page.content.decode()
    assert "Paul Yang" in text
    assert in_days(400).strftime("%d/%m/%Y") in text
    assert address("review", other.pk) in html
    assert "Domicile manquante" in text
    assert "Doublon" in text
    assert address("review", twin.pk) in html
    assert "Rémi Fortuné" in text


def test_page_stays_within_its_budget(client, landlord, sent, row, django_assert_max_num_queries):
    make.saved(
        *(
            make.document_row(owner=landlord, is_current=False, state=DocumentState.REJECTED)
            for _ in range(15)
        )
    )
    do(client, row, "take")
    client.get(address("review", row.pk))
    with django_assert_max_num_queries(22):
        client.get(address("review", row.pk))


# Deciding


def test_accepting_until_the_day_that_the_reviewer_reads(client, verifier, row):
    taken(client, row)
    response = approve(client, row)
    assert response["Location"] == address("review", row.pk)
    row = fresh(row)
    assert (row.state, row.expires_on, row.decided_by) == (DocumentState.APPROVED, in_days(90), verifier)
    assert not ReviewClaim.objects.exists()
    page = client.get(response["Location"])
    assert "Pièce acceptée" in words(page)
    assert "approve-form" not in page.content.decode()


def test_day_of_the_person_is_proposed_within_the_validity_of_the_requirement(client, sent):
    page = taken(client, sent("address"))
    proposed = page.context_data["approval"]["expires_on"].value()
    assert 340 < (proposed - in_days(0)).days < 366


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("", "Indiquez la date de fin de validité"),
        ("2020-01-01", "n’est plus valable depuis"),
        ("31/02/2027", "Cette date n’existe pas"),
        ("\x00", "Cette date n’existe pas"),
    ],
)
def test_wrong_day_is_said_at_its_field_and_stays_there(client, row, day, why):
    taken(client, row)
    response = approve(client, row, day)
    assert response.status_code == 422
    assert why in words(response)
    assert len(response.context_data["approval"].errors["expires_on"]) == 1
    assert response.context_data["approval"]["expires_on"].value() == day
    assert fresh(row).state == DocumentState.PENDING
    assert ReviewClaim.objects.exists()


def test_refusing_with_a_reason_and_words(client, row):
    taken(client, row)
    reject(client, row, RejectionReason.UNREADABLE, "Trop sombre.")
    row = fresh(row)
    assert (row.state, row.rejection_reason, row.rejection_text) == ("rejected", "unreadable", "Trop sombre.")
    assert "Trop sombre." in words(client.get(address("review", row.pk)))


@pytest.mark.parametrize(
    ("why", "reason", "field"),
    [
        ("", "Flou", "why"),
        ("other", "", "reason"),
        ("other", "   ", "reason"),
        ("nonsense", "Flou", "why"),
        ("unreadable", "x" * 501, "reason"),
    ],
)
def test_refusal_without_its_reason_is_said_and_nothing_is_lost(client, row, why, reason, field):
    taken(client, row)
    response = reject(client, row, why, reason)
    assert response.status_code == 422
    form = response.context_data["rejection"]
    assert list(form.errors) == [field]
    assert form["reason"].value() == reason
    assert fresh(row).state == DocumentState.PENDING


def test_decided_meanwhile_is_said(client, client_for, administrator, row):
    taken(client, row)
    ReviewClaim.objects.all().delete()
    assert approve(client_for(administrator), row).status_code == 302
    response = reject(client, row, RejectionReason.UNREADABLE)
    assert response.status_code == 422
    assert "ne permet pas cette action" in words(response)


def test_words_of_a_refusal_stay_when_somebody_took_the_document_meanwhile(client, row):
    taken(client, row)
    ReviewClaim.objects.all().delete()
    make.claim(document=row)
    response = reject(client, row, RejectionReason.UNREADABLE, "Une phrase longue à écrire.")
    assert response.status_code == 422
    assert "examine cette pièce" in words(response)
    assert "Une phrase longue à écrire." in response.content.decode()


def test_replaced_meanwhile_is_said(client, sent, row):
    taken(client, row)
    sent(content=papers.text_pdf("again"))
    response = approve(client, row, in_days(10).isoformat())
    assert response.status_code == 422
    assert fresh(row).state == DocumentState.PENDING


def test_badge_follows_the_last_acceptance(client, landlord, sent):
    for need in ("identity", "property", "address"):
        row = sent(need)
        taken(client, row)
        approve(client, row, in_days(60 if need == "identity" else 300).isoformat())
    account = User.objects.get(pk=landlord.pk)
    assert (account.is_verified, account.verified_until) == (True, in_days(60))


def test_second_opinion_is_another_persons(client, client_for, administrator, row, settings):
    settings.VERIFICATION_SECOND_OPINION = True
    assert "Deux avis favorables" in words(taken(client, row))
    approve(client, row)
    assert fresh(row).state == DocumentState.PENDING
    again = taken(client, row)
    assert "Vous avez donné le premier avis" in words(again)
    assert approve(client, row).status_code == 422
    ReviewClaim.objects.all().delete()
    second = client_for(administrator)
    assert "Premier avis favorable de" in words(taken(second, row))
    approve(second, row)
    assert fresh(row).state == DocumentState.APPROVED


# The next one


def test_next_takes_the_one_that_waits_longest(client, verifier, row):
    older = make.document(submitted_at=timezone.now() - datetime.timedelta(days=3))
    response = client.post(address("next"))
    assert response["Location"] == address("review", older.pk)
    assert ReviewClaim.objects.get().reviewer == verifier


def test_next_gives_back_the_one_that_was_passed_over(client, row):
    other = make.document(submitted_at=timezone.now() + datetime.timedelta(minutes=1))
    taken(client, row)
    response = client.post(address("next"), {"after": row.pk})
    assert response["Location"] == address("review", other.pk)
    assert list(ReviewClaim.objects.values_list("document", flat=True)) == [other.pk]


def test_next_stays_within_the_types_that_one_works_through(client, asked):
    make.document(submitted_at=timezone.now() - datetime.timedelta(days=3))
    licence = make.document(document_type=DocumentType.DRIVER_LICENSE, owner=make.user(Role.DRIVER))
    query = "?document_type=driver_license&account_type=driver"
    values = {"document_type": "driver_license", "account_type": "driver"}
    response = client.post(address("next"), values)
    assert response["Location"] == address("review", licence.pk) + query
    page = client.get(response["Location"]).content.decode()
    assert '<input type="hidden" name="document_type" value="driver_license">' in page
    response = client.post(address("next"), {**values, "after": licence.pk})
    assert response["Location"] == address("changelist")


@pytest.mark.parametrize(
    "values",
    [
        {"after": "x"},
        {"after": "9" * 40},
        {"after": "٣"},
        {"document_type": "\x00"},
        {"account_type": "' OR 1=1", "after": "-1"},
        {"next": "https://example.org/"},
    ],
)
def test_nonsense_beside_next_is_passed_over(client, row, values):
    assert client.post(address("next"), values)["Location"] == address("review", row.pk)


def test_nothing_left_is_said(client):
    response = client.post(address("next"), follow=True)
    assert "Plus aucune pièce n’attend votre examen." in words(response)


def test_the_way_back_is_never_somebody_elses_address(client, row):
    for query in ("?next=https://example.org/", "?document_type=//example.org"):
        response = client.post(address("review", row.pk) + query, {"do": "take", "next": "//example.org"})
        assert response["Location"] == address("review", row.pk)


# Who


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.ADMINISTRATOR, 200),
        (Role.VERIFIER, 200),
        (Role.AUDITOR, 403),
        (Role.EDITOR, 403),
        (Role.STUDENT, 404),
    ],
)
def test_those_who_check_review_and_nobody_else(client_for, row, role, status):
    client = client_for(make.user(role))
    assert client.get(address("review", row.pk)).status_code == status
    for what in ("take", "approve", "reject", "release", "renew", "page"):
        answer = do(client, row, what)
        assert answer.status_code == status or status == 200
    if status != 200:
        assert fresh(row).state == DocumentState.PENDING
        assert not ReviewClaim.objects.exists()


def test_owner_does_not_review_their_own(client_for, landlord, row):
    assert client_for(landlord).get(address("review", row.pk)).status_code == 403
    assert approve(client_for(landlord), row).status_code == 403
