"""The list of documents: what waits longest first, by whom it is looked at, decided on by many at once."""

import datetime

import pytest
from django.contrib.admin import helpers
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.verification.enums import DocumentState, DocumentType, RejectionReason
from pratik.verification.models import ReviewClaim, VerificationDocument
from tests import factories as make
from tests.backoffice.verification.conftest import address, fresh, in_days, words

pytestmark = pytest.mark.django_db


def ago(days):
    return timezone.now() - datetime.timedelta(days=days)


def listed(client, query=""):
    return [row.pk for row in client.get(address("changelist") + query).context_data["cl"].result_list]


def decide(client, verb, rows, **values):
    return client.post(
        address("changelist"),
        {
            "action": f"do_{verb}",
            helpers.ACTION_CHECKBOX_NAME: [row.pk for row in rows],
            "select_across": "0",
            "index": "0",
            "confirmed": "yes",
            "reason": "",
            **values,
        },
    )


def test_what_waits_longest_comes_first_and_what_is_decided_last(client):
    done = make.document(state=DocumentState.APPROVED, submitted_at=ago(30))
    young, old = make.document(submitted_at=ago(1)), make.document(submitted_at=ago(9))
    replaced = make.document(submitted_at=ago(20), is_current=False)
    assert listed(client) == [old.pk, young.pk, done.pk, replaced.pk]


@pytest.mark.parametrize(
    ("days", "pressure"), [(0, "calm"), (1, "calm"), (2, "near"), (5, "near"), (6, "late"), (40, "late")]
)
def test_age_presses_from_two_days_on_and_more_after_five(client, days, pressure):
    make.document(submitted_at=ago(days))
    page = client.get(address("changelist")).context_data["cl"]
    assert page.model_admin.shown_age(page.result_list[0])[0] == pressure


def test_totals_say_how_many_wait_and_how_many_for_too_long(client):
    make.document(submitted_at=ago(6))
    make.document(submitted_at=ago(5))
    make.document(state=DocumentState.REJECTED, submitted_at=ago(50))
    totals = client.get(address("changelist")).context_data["totals"]
    assert [number for number, _name in totals] == [2, 1]


def test_filters_narrow_the_queue(client, verifier):
    card = make.document()
    licence = make.document(document_type=DocumentType.DRIVER_LICENSE, owner=make.user(Role.DRIVER))
    twin = make.document(sha256=card.sha256)
    ending = make.document(state=DocumentState.APPROVED, expires_on=in_days(10))
    over = make.document(state=DocumentState.EXPIRED, expires_on=in_days(-10))
    mine = make.claim(document=licence, reviewer=verifier).document
    theirs = make.claim(document=twin)
    assert listed(client, "?document_type__exact=driver_license") == [licence.pk]
    assert listed(client, "?owner__account_type__exact=driver") == [licence.pk]
    assert listed(client, "?state__exact=approved") == [ending.pk]
    assert listed(client, "?doublons=oui") == [card.pk, twin.pk]
    assert listed(client, "?echeance=bientot") == [ending.pk]
    assert listed(client, "?echeance=passee") == [over.pk]
    assert listed(client, "?examinateur=moi") == [mine.pk]
    assert listed(client, f"?examinateur={theirs.reviewer_id}") == [twin.pk]
    assert set(listed(client, "?examinateur=personne")) == {card.pk, ending.pk, over.pk}


def test_claim_that_is_over_holds_nobody_off(client):
    document = make.claim(until=timezone.now() - datetime.timedelta(seconds=1)).document
    assert listed(client, "?examinateur=personne") == [document.pk]
    assert address("review", document.pk) in client.get(address("changelist")).content.decode()


def test_row_shows_what_to_beware_of(client):
    first = make.document()
    make.document(sha256=first.sha256)
    text = words(client.get(address("changelist")))
    assert text.count("Doublon") >= 2
    assert "Non analysée" in text


def test_row_that_somebody_else_holds_has_their_name_and_no_button(client):
    reviewer = make.user(Role.VERIFIER, first_name="Malika", last_name="Apatou")
    held = make.claim(reviewer=reviewer).document
    page = client.get(address("changelist"))
    assert "Malika Apatou" in words(page)
    assert address("review", held.pk) not in page.content.decode()


def test_auditor_reads_the_list_and_is_offered_nothing(client_for, auditor):
    document = make.document()
    page = client_for(auditor).get(address("changelist"))
    text = page.content.decode()
    assert str(document.owner) in text
    assert address("review", document.pk) not in text
    assert "Relire la plus ancienne" not in text
    assert client_for(auditor).post(address("next")).status_code == 403


def test_editor_has_no_such_page(client_for, editor):
    document = make.document()
    client = client_for(editor)
    assert client.get(address("changelist")).status_code == 403
    assert client.get(address("change", document.pk)).status_code in (403, 404)


def test_a_person_sees_their_own_documents_and_nothing_of_the_work_on_them(client_for, landlord, sent):
    own = sent()
    make.document(sha256=own.sha256, owner=make.user(Role.LANDLORD, last_name="Zanzibar"))
    make.claim(document=own, reviewer=make.user(Role.VERIFIER, last_name="Apatou"))
    client = client_for(landlord)
    page = client.get(address("changelist"))
    assert [row.pk for row in page.context_data["cl"].result_list] == [own.pk]
    for text in (words(page), words(client.get(address("change", own.pk)))):
        for secret in ("Zanzibar", "Doublon", "Apatou", own.sha256):
            assert secret not in text


def test_menu_counts_what_waits_for_those_who_check(client, client_for, auditor, landlord):
    make.document(), make.document(), make.document(state=DocumentState.REJECTED)

    def items_of(person):
        groups = person.get(reverse("admin:index")).context_data["sidebar_navigation"]
        return {item["title"]: item for group in groups for item in group["items"]}

    assert items_of(client)["Pièces à relire"]["badge"] == 2
    assert "badge" not in items_of(client_for(auditor))["Pièces à relire"]
    assert items_of(client_for(landlord))["Mes pièces"]["link"] == reverse("admin:verification_papers")
    assert "Mes pièces" not in items_of(client_for(make.user(Role.STUDENT)))


def test_home_shows_the_four_that_wait_longest(client):
    rows = [make.document(submitted_at=ago(days)) for days in (1, 3, 8, 2, 9)]
    home = client.get(reverse("admin:index")).context_data["home"]
    [block] = [block for block in (*home.main, *home.side) if block.title == "Pièces à relire"]
    assert block.number == 5
    assert [item.url for item in block.items] == [address("review", rows[place].pk) for place in (4, 2, 1, 3)]
    assert [item.badge.tone for item in block.items] == ["bad", "bad", "warn", "warn"]


# Many at once


def test_many_are_accepted_until_the_day_that_was_typed(client, asked):
    rows = [make.document(expires_on=None) for _ in range(3)]
    decide(client, "approve", rows, expires_on=in_days(100).isoformat())
    assert {(fresh(row).state, fresh(row).expires_on) for row in rows} == {
        (DocumentState.APPROVED, in_days(100))
    }


def test_the_day_that_was_typed_lengthens_none_that_ends_sooner(client, asked):
    sooner, later = make.document(expires_on=in_days(5)), make.document(expires_on=in_days(900))
    decide(client, "approve", [sooner, later], expires_on=in_days(400).isoformat())
    assert [fresh(row).expires_on for row in (sooner, later)] == [in_days(5), in_days(400)]


def test_refusals_by_mistake_are_looked_at_again(client, asked):
    rows = [make.document(state=DocumentState.REJECTED) for _ in range(2)]
    gone = make.document(state=DocumentState.REJECTED, file="")
    response = decide(client, "reopen", [*rows, gone], reason="Lisible après tout")
    assert response.status_code == 302
    assert {fresh(row).state for row in rows} == {DocumentState.PENDING}
    assert fresh(gone).state == DocumentState.REJECTED


def test_without_a_day_each_keeps_its_own_within_the_validity_of_the_requirement(client, asked):
    card = make.document(expires_on=in_days(50))
    proof = make.document(document_type=DocumentType.ADDRESS_PROOF, issued_on=in_days(-30), expires_on=None)
    decide(client, "approve", [card, proof])
    assert fresh(card).expires_on == in_days(50)
    assert 300 < (fresh(proof).expires_on - in_days(0)).days < 366


def test_those_that_lack_a_day_are_said_and_may_be_given_one(client, asked):
    """The form is offered though nothing could be changed without what it asks."""
    row = make.document(expires_on=None)
    asked_for = decide(client, "approve", [row], confirmed="")
    assert "Indiquez la date de fin de validité" in words(asked_for)
    assert 'name="expires_on"' in asked_for.content.decode()
    decide(client, "approve", [row])
    assert fresh(row).state == DocumentState.PENDING


@pytest.mark.parametrize("typed", ["demain", "2027-02-31", "31/31/2027", "9" * 50])
def test_day_that_does_not_exist_is_said_at_its_field_and_decides_nothing(client, typed):
    row = make.document()
    response = decide(client, "approve", [row], expires_on=typed, reason="Vu au guichet")
    assert response.status_code == 422
    assert "Cette date n’existe pas" in words(response)
    assert "Vu au guichet" in response.content.decode()
    assert fresh(row).state == DocumentState.PENDING


def test_many_are_refused_with_a_reason_from_the_list_and_words(client):
    rows = [make.document() for _ in range(3)]
    decide(client, "reject", rows, why=RejectionReason.UNREADABLE, reason="Trop sombre.")
    assert {(fresh(row).rejection_reason, fresh(row).rejection_text) for row in rows} == {
        ("unreadable", "Trop sombre.")
    }


def test_another_reason_wants_words(client):
    row = make.document()
    response = decide(client, "reject", [row], why="")
    assert response.status_code == 422
    assert "Donnez un motif." in words(response)
    assert fresh(row).state == DocumentState.PENDING


def test_what_somebody_looks_at_is_left_to_them(client):
    reviewer = make.user(Role.VERIFIER, first_name="Malika", last_name="Apatou")
    held, free = make.claim(reviewer=reviewer).document, make.document()
    response = decide(client, "approve", [held, free])
    assert (fresh(held).state, fresh(free).state) == ("pending", "approved")
    told = words(client.get(response["Location"]))
    assert "Malika Apatou examine cette pièce." in told


def test_acceptance_is_taken_back_with_a_reason(client, asked):
    row = make.document(state=DocumentState.APPROVED)
    client.post(address("revoke", row.pk), {"confirmed": "yes", "why": RejectionReason.FORGERY, "reason": ""})
    assert (fresh(row).state, fresh(row).rejection_reason, fresh(row).is_in_force) == (
        "rejected",
        "forgery",
        False,
    )


def test_export_holds_the_rows_that_the_filters_leave(client):
    kept = make.document(owner=make.user(Role.LANDLORD, last_name="Yang"))
    make.document(state=DocumentState.REJECTED, owner=make.user(Role.LANDLORD, last_name="Zanzibar"))
    page = client.get(address("export"))
    assert page.status_code == 200
    names = client.get(address("changelist")).context_data["cl"].model_admin.resource_classes[0]
    fields = {f"{names.__name__.lower()}_{name}": "on" for name in names.fields}
    response = client.post(
        address("export") + "?state__exact=pending", {"format": "1", "resource": "0", **fields}
    )
    text = response.content.decode("utf-8-sig")
    assert str(kept.owner) in text
    assert "Zanzibar" not in text


def test_nobody_decides_in_anothers_name(client_for, administrator):
    """An administrator who acts for a verifier has none of their verbs."""
    verifier, row = make.user(Role.VERIFIER), make.document()
    client = client_for(administrator)
    client.post(reverse("access:act_for", args=[verifier.pk]), {"reason": "Aide demandée par téléphone"})
    assert client.get(reverse("admin:index")).context["request"].impersonator == administrator
    for response in (
        client.get(address("review", row.pk)),
        client.post(address("review", row.pk), {"do": "approve"}),
        client.post(address("approve", row.pk), {"confirmed": "yes"}),
        client.post(address("next")),
    ):
        assert response.status_code == 403
    assert fresh(row).state == DocumentState.PENDING
    assert not ReviewClaim.objects.exists()


def test_typed_dates_are_corrected_while_a_document_waits_and_no_longer(client):
    row = make.document()
    page = client.get(address("change", row.pk))
    form = page.context_data["adminform"].form
    assert set(form.fields) == {"reference", "issued_on", "expires_on"}
    data = {"reference": " AB  12 ", "issued_on": "", "expires_on": in_days(9).strftime("%d/%m/%Y")}
    assert client.post(address("change", row.pk), data).status_code == 302
    assert (fresh(row).reference, fresh(row).expires_on) == ("AB 12", in_days(9))
    closed = make.document(state=DocumentState.APPROVED)
    assert client.post(address("change", closed.pk), data).status_code == 403


def test_list_says_once_where_it_stands(client):
    assert VerificationDocument.objects.count() == 0
    text = words(client.get(address("changelist")))
    assert "Aucun résultat" in text
