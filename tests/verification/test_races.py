"""Two people at once: one has the document, the other is told; the last of a file gives the badge."""

import pytest
from django.core.exceptions import ValidationError

from pratik.accounts.enums import Role
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import update_rows
from pratik.verification import rules
from pratik.verification.enums import DocumentState, DocumentType
from pratik.verification.models import ReviewClaim, VerificationDocument
from pratik.verification.services import (
    approve_documents,
    claim,
    expire_documents,
    next_document,
    record_statement,
    refresh_badges,
    reject_documents,
    reopen_documents,
    revoke_documents,
    submit_document,
)
from tests import documents as papers
from tests import factories as make
from tests.core.test_races import at_once, while_locked
from tests.verification.conftest import LANDLORDS, complete, complete_rows, fresh, has_badge, in_days, send

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def reviewers(number):
    return [make.user(Role.VERIFIER) for _n in range(number)]


def refused_ones(results):
    return [result for result in results if isinstance(result, ValidationError)]


def test_twenty_reviewers_take_one_document_and_one_has_it():
    row, people = make.document(), reviewers(20)
    results = at_once(*(lambda who=who: claim(actor=who, pk=row.pk) for who in people))
    refused = refused_ones(results)
    (held,) = [result for result in results if result not in refused]
    assert {error.code for error in refused} == {"held"} and len(refused) == 19
    assert all(str(held.reviewer) in error.messages[0] for error in refused)
    assert ReviewClaim.objects.get().reviewer == held.reviewer


def test_a_queue_gives_each_reviewer_another_document():
    rows, people = [make.document() for _n in range(8)], reviewers(8)
    results = at_once(*(lambda who=who: next_document(actor=who) for who in people))
    assert {result.pk for result in results} == {row.pk for row in rows}
    assert ReviewClaim.objects.count() == 8


def test_an_expired_claim_is_taken_over_by_one():
    row = make.document()
    make.claim(document=row, until=row.submitted_at)
    results = at_once(*(lambda who=who: claim(actor=who, pk=row.pk) for who in reviewers(6)))
    assert len(refused_ones(results)) == 5 and ReviewClaim.objects.count() == 1


def test_who_decides_sees_that_another_one_has_taken_the_document_meanwhile():
    row = make.document()
    first, second = reviewers(2)
    outcome = while_locked(
        lambda: claim(actor=first, pk=row.pk),
        lambda: reject_documents(actor=second, pks=[row.pk], reason="Flou"),
    )
    assert outcome.changed == []
    assert [why for _row, why in outcome.refused] == [f"{first} examine cette pièce."]
    assert fresh(row).state == DocumentState.PENDING


def test_two_reviewers_decide_on_one_document_and_one_decision_stands():
    row = make.document()
    first, second = reviewers(2)
    outcomes = at_once(
        lambda: approve_documents(actor=first, pks=[row.pk]),
        lambda: reject_documents(actor=second, pks=[row.pk], reason="Flou"),
    )
    assert sorted(len(outcome.changed) for outcome in outcomes) == [0, 1]
    assert VerificationDocument.history.filter(id=row.pk, history_type="~").count() == 1


def test_the_same_many_documents_are_accepted_once_by_two():
    make.requirements()
    owners = [make.user(Role.LANDLORD) for _n in range(10)]
    pks = [row.pk for owner in owners for row in make.saved(*complete_rows(owner, in_days(90)))]
    people = reviewers(2)
    outcomes = at_once(
        lambda: approve_documents(actor=people[0], pks=pks),
        lambda: approve_documents(actor=people[1], pks=pks[::-1]),
    )
    assert sorted(len(outcome.changed) for outcome in outcomes) == [0, 30]
    assert all(has_badge(owner) for owner in owners)
    assert owners[0].history.count() == 2


def test_the_last_two_documents_are_accepted_at_once_and_the_badge_is_given_once():
    """Neither of the two sees the other's, but for the lock on the account."""
    make.requirements()
    for _round in range(4):
        owner = make.user(Role.LANDLORD)
        rows = make.saved(*complete_rows(owner, in_days(90)))
        people = reviewers(3)
        outcomes = at_once(
            *(
                lambda who=who, row=row: approve_documents(actor=who, pks=[row.pk])
                for who, row in zip(people, rows, strict=True)
            )
        )
        assert [len(outcome.changed) for outcome in outcomes] == [1, 1, 1], outcomes
        assert has_badge(owner)
        assert owner.history.filter(verification="verified").count() == 1


def test_a_document_taken_back_while_another_is_accepted_leaves_no_badge_behind():
    make.requirements()
    reviewer, other = reviewers(2)
    owner = make.user(Role.LANDLORD)
    rows = make.saved(*complete_rows(owner, in_days(90)))
    approve_documents(actor=reviewer, pks=[row.pk for row in rows[:2]])
    results = at_once(
        lambda: approve_documents(actor=reviewer, pks=[rows[2].pk]),
        lambda: revoke_documents(actor=other, pks=[rows[0].pk], reason="Faux"),
    )
    assert not refused_ones(results) and not has_badge(owner)


def test_badges_that_are_recomputed_while_a_document_is_accepted_see_it():
    make.requirements()
    (reviewer,) = reviewers(1)
    owner = make.user(Role.LANDLORD)
    rows = make.saved(*complete_rows(owner, in_days(90)))
    while_locked(
        lambda: approve_documents(actor=reviewer, pks=[row.pk for row in rows]),
        lambda: refresh_badges(actor=reviewer, pks=[owner.pk]),
    )
    assert has_badge(owner)


def test_a_renewal_is_accepted_while_the_version_before_expires():
    make.requirements()
    (reviewer,) = reviewers(1)
    owner = make.user(Role.LANDLORD)
    old = complete(owner, reviewer)[0]
    new = make.document_row(owner=owner, expires_on=in_days(500), replaces=old)
    with operation(kind=OperationKind.SETUP, actor=reviewer):
        old.is_current, old.expires_on = False, in_days(-1)
        update_rows([old], ["is_current", "expires_on"])
    make.saved(new)
    results = at_once(lambda: approve_documents(actor=reviewer, pks=[new.pk]), lambda: expire_documents())
    assert [type(result) for result in results if isinstance(result, Exception)] == []
    assert has_badge(owner) and fresh(new).is_in_force and not fresh(old).is_in_force


def test_the_same_document_sent_twice_at_once_is_kept_once_or_replaced():
    make.requirements()
    owner = make.user(Role.LANDLORD)

    def send():
        return submit_document(
            actor=owner,
            owner=owner,
            document_type=DocumentType.PROPERTY_PROOF,
            upload=papers.sent(papers.pdf(), "a.pdf"),
            name="a.pdf",
        )

    results = at_once(*(send for _time in range(3)))
    refused = refused_ones(results)
    assert {error.code for error in refused} <= {"sent_meanwhile"}
    rows = VerificationDocument.objects.filter(owner=owner)
    assert rows.filter(is_current=True).count() == 1
    assert rows.count() == 3 - len(refused)
    kept = {row.file.name for row in rows}
    assert all(row.file.storage.exists(row.file.name) for row in rows) and len(kept) == rows.count()


def test_a_version_sent_while_the_one_before_is_decided_waits_and_replaces_what_was_decided():
    make.requirements()
    (reviewer,) = reviewers(1)
    row = make.document(document_type=DocumentType.PROPERTY_PROOF)
    owner = row.owner
    new = while_locked(
        lambda: approve_documents(actor=reviewer, pks=[row.pk]),
        lambda: submit_document(
            actor=owner,
            owner=owner,
            document_type=DocumentType.PROPERTY_PROOF,
            upload=papers.sent(papers.pdf(), "a.pdf"),
            name="a.pdf",
        ),
    )
    assert new.replaces_id == row.pk
    row = fresh(row)
    assert (row.state, row.is_in_force, row.is_current) == (DocumentState.APPROVED, True, False)
    assert set(LANDLORDS) > {row.document_type}


def test_a_criminal_record_noted_twice_at_once_is_noted_once_or_replaced():
    make.requirements()
    owner, people = make.user(Role.LANDLORD), reviewers(4)
    results = at_once(
        *(lambda who=who: record_statement(actor=who, owner=owner, seen_on=in_days(-1)) for who in people)
    )
    refused = refused_ones(results)
    assert all(isinstance(result, VerificationDocument) for result in results if result not in refused)
    assert {error.code for error in refused} <= {"sent_meanwhile"}
    rows = VerificationDocument.objects.filter(owner=owner)
    assert rows.count() == 4 - len(refused)
    assert rows.filter(is_current=True).count() == rows.filter(is_in_force=True).count() == 1


def test_many_at_once_do_not_pass_the_limit_of_a_day():
    make.requirements()
    owner = make.user(Role.LANDLORD)
    before = rules.VERSIONS_A_DAY - 1
    make.saved(*(make.document_row(owner=owner, is_current=False) for _n in range(before)))
    results = at_once(*(lambda kind=kind: send(owner, kind) for kind in LANDLORDS))
    assert [error.code for error in refused_ones(results)] == ["too_many", "too_many"]
    assert VerificationDocument.objects.filter(owner=owner).count() == rules.VERSIONS_A_DAY


def test_who_sends_and_who_decides_lock_in_one_order():
    make.requirements()
    (reviewer,) = reviewers(1)
    for _round in range(4):
        owner = make.user(Role.LANDLORD)
        rows = complete(owner, reviewer)
        results = at_once(
            lambda owner=owner: send(owner),
            lambda rows=rows: revoke_documents(actor=reviewer, pks=[row.pk for row in rows], reason="Faux"),
            lambda owner=owner: record_statement(actor=reviewer, owner=owner, seen_on=in_days(-1)),
        )
        assert [result for result in results if isinstance(result, Exception)] == []


def test_a_refusal_is_looked_at_again_while_a_newer_version_arrives():
    make.requirements()
    (reviewer,) = reviewers(1)
    row = make.document(state=DocumentState.REJECTED)
    outcome = while_locked(
        lambda: send(row.owner, row.document_type),
        lambda: reopen_documents(actor=reviewer, pks=[row.pk], reason="Trop vite"),
    )
    assert [str(why) for _row, why in outcome.refused] == [
        "Une version plus récente de cette pièce a été envoyée."
    ]
