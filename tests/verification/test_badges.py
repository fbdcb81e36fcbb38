"""The badge follows the documents: given when they are complete, gone with the first that is missing."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from pratik.accounts.enums import Role, VerificationState
from pratik.accounts.models import User
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.notifications.models import Notice
from pratik.verification import reports
from pratik.verification.enums import DocumentState, DocumentType, Need, RejectionReason
from pratik.verification.models import Requirement, VerificationDocument
from pratik.verification.services import (
    approve_documents,
    assess_accounts,
    expire_documents,
    refresh_badges,
    reject_documents,
    revoke_documents,
    revoke_verifications,
    verify_accounts,
)
from pratik.verification.signals import badges_given, badges_withdrawn
from tests import factories as make
from tests.kit.queue import run_queue
from tests.verification.conftest import complete, complete_rows, fresh, has_badge, in_days, send, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What is announced of badges, as [(given or withdrawn, keys)]."""
    told = []

    def given(sender, pks, operation, **kwargs):
        told.append(("given", sorted(pks)))

    def withdrawn(sender, pks, operation, **kwargs):
        told.append(("withdrawn", sorted(pks)))

    badges_given.connect(given)
    badges_withdrawn.connect(withdrawn)
    yield told
    badges_given.disconnect(given)
    badges_withdrawn.disconnect(withdrawn)


# What is complete


@pytest.mark.parametrize(
    ("documents", "complete", "until", "missing"),
    [
        ({}, False, None, ("identity", "address")),
        ({"id_card": 5}, False, None, ("address",)),
        ({"id_card": 5, "address_proof": 9}, True, 5, ()),
        ({"id_card": 5, "passport": 7, "address_proof": 9}, True, 7, ()),
        ({"id_card": 5, "passport": None, "address_proof": 9}, True, 9, ()),
        ({"passport": None, "address_proof": None}, True, None, ()),
        ({"insurance": None}, False, None, ("identity", "address")),
    ],
)
def test_one_of_the_accepted_documents_proves_each_need(documents, complete, until, missing):
    needs = {"identity": ["id_card", "passport"], "address": ["address_proof"]}
    found = reports.standing(needs, documents)
    assert (found.complete, found.until, found.missing) == (complete, until, missing)


def test_the_badge_comes_with_the_last_document_and_lasts_as_long_as_the_first_to_end(
    verifier, landlord, heard
):
    rows = make.saved(*complete_rows(landlord, in_days(300)))
    approve_documents(actor=verifier, pks=[rows[0].pk, rows[1].pk])
    assert not has_badge(landlord) and heard == []
    approve_documents(actor=verifier, pks=[rows[2].pk], last_days={rows[2].pk: in_days(40)})
    user = fresh(landlord)
    assert user.is_verified and user.verified_until == in_days(40)
    assert (user.verified_by, user.verified_at is not None) == (verifier, True)
    assert heard == [("given", [landlord.pk])]
    line = user.history.first()
    assert line.operation == VerificationDocument.history.filter(id=rows[2].pk).first().operation
    run_queue()
    badge = Notice.objects.get(recipient=landlord, kind="badge_given")
    assert in_days(40).strftime("%d/%m/%Y") in badge.body


def test_a_refusal_neither_gives_nor_takes(verifier, landlord, heard):
    complete(landlord, verifier)
    renewal = send(landlord)
    reject_documents(actor=verifier, pks=[renewal.pk], reason="Flou")
    assert has_badge(landlord) and heard == [("given", [landlord.pk])]


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_document_that_is_taken_back_takes_the_badge_along(verifier, landlord, heard, position):
    rows = complete(landlord, verifier)
    run_queue()
    revoke_documents(actor=verifier, pks=[rows[position].pk], why=RejectionReason.FORGERY)
    user = fresh(landlord)
    assert user.verification == VerificationState.UNVERIFIED
    assert (user.verified_at, user.verified_by, user.verified_until) == (None, None, None)
    assert heard[-1] == ("withdrawn", [landlord.pk])
    run_queue()
    told = Notice.objects.get(recipient=landlord, kind="badge_withdrawn")
    assert "Il manque\u00a0: " in told.body
    assert str(Need(reports.missing_needs([user])[user.pk][0]).label) in told.body


def test_a_driver_needs_other_documents_than_a_landlord(verifier, asked):
    driver = make.user(Role.DRIVER)
    kinds = (DocumentType.DRIVER_LICENSE, DocumentType.VEHICLE_REGISTRATION, DocumentType.INSURANCE)
    rows = [make.document(owner=driver, document_type=kind) for kind in kinds]
    approve_documents(actor=verifier, pks=[row.pk for row in rows])
    assert has_badge(driver)


# Renewing


def test_a_renewal_that_waits_takes_nothing_away_and_once_accepted_counts(verifier, landlord):
    old = complete(landlord, verifier, in_days(20))[0]
    new = send(landlord, expires_on=in_days(500))
    assert has_badge(landlord) and fresh(old).is_in_force and not fresh(old).is_current
    approve_documents(actor=verifier, pks=[new.pk])
    old, new = fresh(old), fresh(new)
    assert (old.is_in_force, new.is_in_force) == (False, True)
    assert old.state == DocumentState.APPROVED, "what was decided then stays true of then"
    assert fresh(landlord).verified_until == in_days(20), "the other two still end first"


def test_taking_the_renewal_back_does_not_bring_the_former_version_back(verifier, landlord):
    complete(landlord, verifier, in_days(20))
    new = send(landlord, expires_on=in_days(500))
    approve_documents(actor=verifier, pks=[new.pk])
    revoke_documents(actor=verifier, pks=[new.pk], why=RejectionReason.FORGERY)
    assert not has_badge(landlord)


def test_the_longer_renewal_moves_the_last_day_of_the_badge(verifier, landlord, heard):
    rows = complete(landlord, verifier, in_days(200))
    approve_documents(actor=verifier, pks=[send(landlord, expires_on=in_days(100)).pk])
    assert fresh(landlord).verified_until == in_days(100)
    approve_documents(actor=verifier, pks=[send(landlord, expires_on=in_days(900)).pk])
    assert fresh(landlord).verified_until == in_days(200)
    assert heard == [("given", [landlord.pk])], "a badge that stays is not given again"
    assert len(rows) == 3


def test_renewal_after_the_end_brings_the_badge_back(verifier, landlord, clock, heard):
    clock(2027, 3, 4, 8)
    complete(landlord, verifier, in_days(10))
    clock(2027, 3, 20, 8)
    expire_documents()
    assert not has_badge(landlord)
    complete_again = [
        send(landlord, expires_on=in_days(100)),
        send(landlord, DocumentType.ADDRESS_PROOF),
        send(landlord, DocumentType.PROPERTY_PROOF),
    ]
    approve_documents(actor=verifier, pks=[row.pk for row in complete_again])
    assert has_badge(landlord)
    assert [what for what, _pks in heard] == ["given", "withdrawn", "given"]


# Other things that are written


def test_requirements_that_change_change_the_badges(verifier, administrator, landlord):
    complete(landlord, verifier)
    run_queue()
    record = make.requirement(need=Need.RECORD, document_type=DocumentType.CRIMINAL_RECORD)
    assert "pratik.verification.tasks.refresh_badges_of" in run_queue()
    assert not has_badge(landlord)
    record = Requirement.objects.get(pk=record.pk)
    record.is_active = False
    save_row(actor=administrator, row=record)
    run_queue()
    assert has_badge(landlord)
    assert fresh(landlord).verified_by.email.endswith("@systeme.pratik.invalid")


def test_where_nothing_is_asked_any_more_the_badge_stays_and_never_ends(verifier, administrator, landlord):
    complete(landlord, verifier, in_days(30))
    for row in Requirement.objects.filter(account_type="landlord"):
        row.is_active = False
        save_row(actor=administrator, row=row)
    run_queue()
    user = fresh(landlord)
    assert user.is_verified and user.verified_until is None


def test_another_type_of_account_is_asked_for_its_own_documents(verifier, administrator, landlord):
    complete(landlord, verifier)
    user = fresh(landlord)
    user.account_type = Role.DRIVER
    save_row(actor=administrator, row=user)
    run_queue()
    assert not has_badge(landlord)


def test_a_badge_that_papers_gave_ends_with_the_type_of_account_they_were_for(
    verifier, administrator, landlord
):
    """Nobody has looked at who is behind the account as it is now."""
    rows = complete(landlord, verifier)
    run_queue()
    assert fresh(landlord).verified_as == Role.LANDLORD
    user = fresh(landlord)
    user.account_type = Role.RECRUITER
    save_row(actor=administrator, row=user)
    run_queue()
    user = fresh(landlord)
    assert not user.is_verified and user.verified_until is None and user.verified_as == ""
    assert Notice.objects.filter(recipient=landlord, kind="badge_withdrawn").count() == 1
    revoke_documents(actor=verifier, pks=[rows[0].pk], reason="Faux")
    assert not has_badge(landlord)


def test_a_paper_taken_back_before_the_queue_ran_gives_no_badge_for_ever(verifier, administrator, landlord):
    rows = complete(landlord, verifier)
    user = fresh(landlord)
    user.account_type = Role.RECRUITER
    save_row(actor=administrator, row=user)
    revoke_documents(actor=verifier, pks=[rows[0].pk], reason="Faux")
    assert not has_badge(landlord)


def test_a_badge_given_by_hand_since_outlives_edits(verifier, administrator, landlord):
    complete(landlord, verifier)
    user = fresh(landlord)
    user.account_type = Role.RECRUITER
    save_row(actor=administrator, row=user)
    run_queue()
    verify_accounts(actor=verifier, pks=[landlord.pk])
    user = fresh(landlord)
    user.first_name = "Paule"
    save_row(actor=administrator, row=user)
    run_queue()
    refresh_badges(actor=administrator, pks=[landlord.pk])
    assert has_badge(landlord)


def test_the_morning_ends_what_a_change_of_type_left(verifier, landlord):
    complete(landlord, verifier)
    models.QuerySet(User).filter(pk=landlord.pk).update(account_type=Role.RECRUITER)
    expire_documents()
    assert not has_badge(landlord)


def test_what_was_decided_is_taken_back_by_its_verbs_and_not_undone(verifier, administrator, landlord):
    """In part it would bring a badge back, and two versions that count, with nobody told of anything."""
    first = send(landlord)
    operations = [first.history.get().operation]
    operations.append(approve_documents(actor=verifier, pks=[first.pk]).operation)
    second = send(landlord, expires_on=in_days(500))
    operations.append(approve_documents(actor=verifier, pks=[second.pk]).operation)
    operations.append(revoke_documents(actor=verifier, pks=[second.pk], reason="Faux").operation)
    run_queue()
    for operation in operations:
        assert operation.is_final, "the console offers no button"
        with pytest.raises(ValidationError) as refused:
            undo_operation(actor=administrator, operation=operation)
        assert refused.value.code == "not_undoable"
        assert "pièces justificatives" in refused.value.messages[0]
    assert states([first, second]) == [DocumentState.APPROVED, DocumentState.REJECTED]
    assert fresh(first).file.storage.exists(first.file.name)


def test_one_version_of_each_document_counts(landlord):
    make.document(owner=landlord, state=DocumentState.APPROVED)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.document(owner=landlord, state=DocumentState.APPROVED, is_current=False)


def test_a_closed_account_gains_nothing(verifier, landlord):
    rows = make.saved(*complete_rows(landlord, in_days(100)))
    landlord.is_active = False
    save_row(actor=make.user(), row=landlord)
    approve_documents(actor=verifier, pks=[row.pk for row in rows])
    assert fresh(landlord).verification == VerificationState.UNVERIFIED


# By hand


def test_a_badge_that_follows_documents_is_not_given_or_taken_by_hand(verifier, landlord):
    student = make.user(Role.STUDENT)
    pks = [landlord.pk, student.pk]
    told = assess_accounts(actor=verifier, verb="verify", pks=pks)
    done = verify_accounts(actor=verifier, pks=pks)
    assert told.changed == done.changed == [student]
    assert [str(why) for _row, why in done.refused] == [
        "Ce badge suit les pièces justificatives\u00a0: acceptez-les ou retirez-les."
    ]
    complete(landlord, verifier)
    assert revoke_verifications(actor=verifier, pks=pks, reason="Doute").changed == [student]
    assert has_badge(landlord) and not has_badge(student)


def test_nothing_is_given_twice(verifier, landlord, heard):
    rows = complete(landlord, verifier)
    number = landlord.history.count()
    outcome = approve_documents(actor=verifier, pks=[row.pk for row in rows])
    assert outcome.changed == [] and landlord.history.count() == number
    assert heard == [("given", [landlord.pk])]
    with pytest.raises(ValidationError):
        reject_documents(actor=verifier, pks=[rows[0].pk])
