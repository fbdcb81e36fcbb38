"""Reviewing: who may take and decide what, with which words, one or thousands at a time."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.accounts.workflow import CHECKERS
from pratik.core.origin import Origin, coming_from
from pratik.core.services import save_row
from pratik.core.undo import revert_row
from pratik.notifications.models import Notice
from pratik.security.models import AccessEvent
from pratik.verification.enums import DocumentState, DocumentType, RejectionReason
from pratik.verification.models import ReviewClaim, VerificationDocument
from pratik.verification.services import (
    approve_documents,
    assess_documents,
    claim,
    next_document,
    reject_documents,
    release,
    reopen_documents,
    revoke_documents,
)
from tests import factories as make
from tests.kit.queue import run_queue
from tests.verification.conftest import complete_rows, fresh, has_badge, in_days, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(db):
    return make.user(Role.VERIFIER, first_name="Malika", last_name="Apatou")


def refusals(outcome):
    return [str(why) for _row, why in outcome.refused]


def aged(row, **since):
    """A document that was sent so long ago."""
    row.submitted_at = timezone.now() - datetime.timedelta(**since)
    return make.saved(row)[0]


# The queue


def test_the_queue_is_oldest_first_and_holds_only_what_waits(asked):
    new = make.document()
    old = aged(make.document_row(), days=12)
    make.document(state=DocumentState.APPROVED)
    make.document(owner=make.user(Role.LANDLORD, is_active=False))
    make.document(is_current=False)
    assert list(VerificationDocument.objects.awaiting_review()) == [old, new]
    assert (old.age_in_days, new.age_in_days) == (12, 0)


def test_age_is_counted_in_days_of_cayenne(clock):
    clock(2027, 3, 4, 23, 59)
    row = make.document(submitted_at=timezone.now())
    clock(2027, 3, 5, 0, 1)
    assert row.age_in_days == 1


def test_the_same_file_of_two_accounts_is_flagged_at_both(asked):
    one, other = make.document(sha256="a" * 64), make.document(sha256="a" * 64)
    again = make.document(owner=one.owner, document_type=DocumentType.PASSPORT, sha256="b" * 64)
    make.document(owner=one.owner, document_type=DocumentType.PROPERTY_PROOF, sha256="b" * 64)
    make.saved(make.document_row(sha256=""), make.document_row(sha256=""))
    flagged = {row.pk for row in VerificationDocument.objects.with_duplicates() if row.is_duplicate}
    assert flagged == {one.pk, other.pk}
    assert set(VerificationDocument.objects.duplicated()) == {one, other}
    assert list(VerificationDocument.objects.same_file_as(one)) == [other]
    assert not VerificationDocument.objects.same_file_as(again).exists()


# Taking and giving back


def test_who_takes_a_document_keeps_others_away_for_a_while(verifier, colleague, clock):
    clock(2027, 3, 4, 8)
    row = make.document()
    first = claim(actor=colleague, pk=row.pk)
    with pytest.raises(ValidationError) as refused:
        claim(actor=verifier, pk=row.pk)
    assert refused.value.code == "held" and "Malika Apatou" in refused.value.messages[0]
    assert VerificationDocument.objects.with_claims().get(pk=row.pk).claimed_by == colleague
    clock(2027, 3, 4, 8, 10)
    renewed = claim(actor=colleague, pk=row.pk)
    assert (renewed.pk, renewed.claimed_at) == (first.pk, first.claimed_at) and renewed.until > first.until
    clock(2027, 3, 4, 8, 25)
    assert VerificationDocument.objects.with_claims().get(pk=row.pk).claimed_by is None
    assert claim(actor=verifier, pk=row.pk).reviewer == verifier


def test_naming_who_holds_costs_no_query(colleague, django_assert_num_queries):
    for _number in range(3):
        make.claim(reviewer=colleague)
    rows = list(VerificationDocument.objects.with_claims())
    with django_assert_num_queries(0):
        assert {row.claimed_by for row in rows} == {colleague}


def test_a_document_is_given_back_by_who_holds_it_or_an_administrator(verifier, colleague, administrator):
    row = make.claim(reviewer=colleague).document
    assert release(actor=verifier, pk=row.pk) is False
    assert release(actor=colleague, pk=row.pk) is True
    claim(actor=verifier, pk=row.pk)
    assert release(actor=administrator, pk=row.pk) is True


def test_what_is_decided_or_replaced_is_not_taken(verifier):
    for row in (make.document(state=DocumentState.REJECTED), make.document(is_current=False)):
        with pytest.raises(ValidationError):
            claim(actor=verifier, pk=row.pk)


def test_the_next_document_is_the_oldest_that_nobody_holds(verifier, colleague):
    rows = [aged(make.document_row(), days=days) for days in (9, 8, 7)]
    claim(actor=colleague, pk=rows[0].pk)
    assert next_document(actor=verifier) == rows[1]
    assert next_document(actor=verifier, after=rows[1].pk) == rows[2]
    assert not ReviewClaim.objects.filter(document=rows[1]).exists(), "what is passed over is given back"
    assert next_document(actor=colleague, after=rows[0].pk) == rows[1]
    assert next_document(actor=make.user(Role.VERIFIER)) == rows[0]
    assert next_document(actor=make.user(Role.VERIFIER)) is None


def test_the_next_document_is_of_the_kind_that_is_looked_at(verifier):
    make.document()
    passport = make.document(document_type=DocumentType.PASSPORT)
    passports = VerificationDocument.objects.filter(document_type=DocumentType.PASSPORT)
    assert next_document(actor=verifier, rows=passports) == passport
    assert next_document(actor=verifier, rows=passports, after=passport.pk) is None


def test_only_those_who_check_take_documents(everyone):
    row = make.document()
    if getattr(everyone, "role", Role.ANONYMOUS) in CHECKERS:
        assert claim(actor=everyone, pk=row.pk)
    elif everyone.is_authenticated:
        for act in (lambda: claim(actor=everyone, pk=row.pk), lambda: next_document(actor=everyone)):
            with pytest.raises(PermissionDenied):
                act()


# Deciding


def test_who_may_decide(everyone):
    row = make.document()
    if not everyone.is_authenticated:
        return
    acts = (
        lambda: reject_documents(actor=everyone, pks=[row.pk], reason="Flou"),
        lambda: approve_documents(actor=everyone, pks=[make.document().pk]),
    )
    for act in acts:
        if everyone.role in CHECKERS:
            assert len(act().changed) == 1
        else:
            with pytest.raises(PermissionDenied):
                act()


def test_nobody_decides_in_anothers_name(verifier, administrator):
    row = make.document()
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        approve_documents(actor=verifier, pks=[row.pk])


def test_nobody_decides_on_their_own_documents(verifier):
    row = make.document(owner=verifier)
    for decide in (approve_documents, reject_documents):
        outcome = decide(actor=verifier, pks=[row.pk], reason="Bien")
        assert refusals(outcome) == ["Une autre personne doit examiner vos propres pièces."]
    assert next_document(actor=verifier) is None


def test_what_another_one_looks_at_is_refused_by_name(verifier, colleague):
    held, free = make.claim(reviewer=colleague).document, make.document()
    outcome = reject_documents(actor=verifier, pks=[held.pk, free.pk], why=RejectionReason.UNREADABLE)
    assert outcome.changed == [free]
    assert refusals(outcome) == ["Malika Apatou examine cette pièce."]
    assert fresh(held).state == DocumentState.PENDING
    assert reject_documents(actor=colleague, pks=[held.pk], reason="Flou").changed == [held]
    assert not ReviewClaim.objects.exists(), "what is decided is held by nobody"


def test_a_refusal_has_a_reason_of_the_list_or_in_words(verifier):
    row = make.document()
    for wrong in ({}, {"why": RejectionReason.OTHER, "reason": "  "}, {"why": "mood"}, {"reason": "x" * 501}):
        with pytest.raises(ValidationError):
            reject_documents(actor=verifier, pks=[row.pk], **wrong)
    assert fresh(row).state == DocumentState.PENDING
    outcome = reject_documents(
        actor=verifier, pks=[row.pk], why=RejectionReason.NAME_DIFFERS, reason="Nom  d’usage"
    )
    row = fresh(row)
    assert (row.rejection_reason, row.rejection_text) == (RejectionReason.NAME_DIFFERS, "Nom d’usage")
    assert outcome.operation.reason == "Le nom n’est pas celui du compte\u00a0: Nom d’usage"
    assert row.file_due_on == in_days(30) and row.decided_by == verifier and row.decided_at


def test_the_person_is_told_why_and_what_to_do(verifier, landlord):
    row = make.document(owner=landlord)
    reject_documents(actor=verifier, pks=[row.pk], why=RejectionReason.UNREADABLE, reason="Reflet")
    run_queue()
    run_queue()
    notice = Notice.objects.get(recipient=landlord)
    assert notice.subject == "Pièce refusée\u00a0: Carte d’identité"
    assert "Document illisible\u00a0: Reflet" in notice.body and "sans reflet" in notice.body


def test_the_last_day_is_what_the_reviewer_read_within_the_requirement(verifier, asked):
    own, read, bounded = (
        make.document(expires_on=in_days(100)),
        make.document(expires_on=in_days(100)),
        make.document(document_type=DocumentType.ADDRESS_PROOF, issued_on=in_days(-10), expires_on=None),
    )
    days = {read.pk: in_days(50), bounded.pk: in_days(4000)}
    approve_documents(actor=verifier, pks=[own.pk, read.pk, bounded.pk], last_days=days)
    assert fresh(own).expires_on == in_days(100)
    assert fresh(read).expires_on == in_days(50)
    assert in_days(350) < fresh(bounded).expires_on < in_days(357)
    assert fresh(read).history.first().expires_on == in_days(50)


def test_a_day_for_many_lengthens_nothing_and_makes_nothing_valid(verifier, asked):
    """Nobody reads each of five hundred papers: what one of them says itself holds, where it is sooner."""
    sooner, later = make.document(expires_on=in_days(5)), make.document(expires_on=in_days(900))
    unknown, over = make.document(expires_on=None), make.document(expires_on=in_days(-2))
    pks = [row.pk for row in (sooner, later, unknown, over)]
    outcome = approve_documents(actor=verifier, pks=pks, no_later_than=in_days(400))
    assert [row.pk for row, _why in outcome.refused] == [over.pk]
    assert [fresh(row).expires_on for row in (sooner, later, unknown)] == [
        in_days(5),
        in_days(400),
        in_days(400),
    ]


@pytest.mark.parametrize("day", [None, -1])
def test_what_has_no_last_day_or_a_past_one_is_not_accepted(verifier, asked, day):
    row = make.document()
    last = in_days(day) if day else None
    outcome = approve_documents(actor=verifier, pks=[row.pk], last_days={row.pk: last})
    assert outcome.changed == [] and len(outcome.refused) == 1
    assert fresh(row).state == DocumentState.PENDING


def test_asking_first_changes_nothing_and_says_the_same(verifier, colleague):
    held, free = make.claim(reviewer=colleague).document, make.document()
    told = assess_documents(actor=verifier, verb="approve", pks=[held.pk, free.pk])
    done = approve_documents(actor=verifier, pks=[held.pk, free.pk])
    assert [row.pk for row in told.changed] == [row.pk for row in done.changed]
    assert refusals(told) == refusals(done)


def test_an_acceptance_is_taken_back_with_a_reason(verifier):
    row = make.document(state=DocumentState.APPROVED)
    revoke_documents(actor=verifier, pks=[row.pk], why=RejectionReason.FORGERY)
    row = fresh(row)
    assert (row.state, row.is_in_force) == (DocumentState.REJECTED, False)
    run_queue()
    assert (
        Notice.objects.get(recipient=row.owner).subject == "Pièce qui ne compte plus\u00a0: Carte d’identité"
    )


@pytest.mark.parametrize("verb", [reject_documents, revoke_documents])
def test_a_refusal_by_mistake_is_looked_at_again(verifier, landlord, verb):
    row = send(landlord)
    if verb is revoke_documents:
        approve_documents(actor=verifier, pks=[row.pk])
    verb(actor=verifier, pks=[row.pk], reason="Flou")
    run_queue()
    with pytest.raises(ValidationError) as refused:
        reopen_documents(actor=verifier, pks=[row.pk], reason=" ")
    assert refused.value.message_dict == {"reason": ["Donnez un motif."]}
    assert reopen_documents(actor=verifier, pks=[row.pk], reason="Lisible après tout").changed == [row]
    row = fresh(row)
    assert (row.state, row.decided_by, row.decided_at) == (DocumentState.PENDING, None, None)
    assert (row.rejection_reason, row.rejection_text, row.file_due_on) == ("", "", None)
    assert row in VerificationDocument.objects.awaiting_review()
    run_queue()
    notice = Notice.objects.get(recipient=landlord, kind="document_reopened")
    assert notice.subject == "Pièce de nouveau à l’examen\u00a0: Carte d’identité"
    assert approve_documents(actor=verifier, pks=[row.pk]).changed == [row]


def test_what_can_t_be_looked_at_again_says_why(verifier, landlord):
    replaced, gone = send(landlord), send(landlord, DocumentType.PROPERTY_PROOF)
    closed = make.document(state=DocumentState.REJECTED, owner=make.user(Role.LANDLORD, is_active=False))
    own = make.document(state=DocumentState.REJECTED, owner=verifier)
    reject_documents(actor=verifier, pks=[replaced.pk, gone.pk], reason="Flou")
    send(landlord)
    models.QuerySet(VerificationDocument).filter(pk=gone.pk).update(file="")
    rows = [replaced, gone, closed, own]
    outcome = reopen_documents(actor=verifier, pks=[row.pk for row in rows], reason="Trop vite")
    assert outcome.changed == []
    told = {row.pk: str(why) for row, why in outcome.refused}
    assert [told[row.pk] for row in rows] == [
        "Une version plus récente de cette pièce a été envoyée.",
        "Le fichier de cette pièce est supprimé\u00a0: la personne doit l’envoyer de nouveau.",
        "Ce compte est fermé.",
        "Une autre personne doit examiner vos propres pièces.",
    ]
    with pytest.raises(PermissionDenied):
        reopen_documents(actor=landlord, pks=[replaced.pk], reason="Trop vite")


def test_an_earlier_version_brings_back_what_was_typed_alone(verifier, colleague, landlord, settings):
    """History offers earlier versions of what waits: not the opinion or the flags that stood there."""
    settings.VERIFICATION_SECOND_OPINION = True
    row = send(landlord)
    approve_documents(actor=verifier, pks=[row.pk])
    line = row.history.first()
    reject_documents(actor=colleague, pks=[row.pk], reason="Flou")
    reopen_documents(actor=colleague, pks=[row.pk], reason="Trop vite")
    row = fresh(row)
    row.reference = "12AB34"
    save_row(actor=colleague, row=row)
    row = revert_row(actor=colleague, row=row, line=line)
    assert (row.reference, row.first_approved_by) == ("", None)


# What people hear


def test_people_hear_what_stands_and_not_what_was_taken_back_meanwhile(verifier, landlord):
    """The queue may have stood still for an hour."""
    row = send(landlord)
    approve_documents(actor=verifier, pks=[row.pk])
    revoke_documents(actor=verifier, pks=[row.pk], reason="Faux")
    run_queue()
    told = Notice.objects.filter(recipient=landlord).values_list("subject", flat=True)
    assert list(told) == ["Pièce qui ne compte plus\u00a0: Carte d’identité"]


def test_a_badge_that_was_given_and_taken_meanwhile_is_told_once(verifier, landlord):
    rows = make.saved(*complete_rows(landlord, in_days(100)))
    approve_documents(actor=verifier, pks=[row.pk for row in rows])
    revoke_documents(actor=verifier, pks=[rows[0].pk], reason="Faux")
    run_queue()
    badges = Notice.objects.filter(recipient=landlord, kind__startswith="badge_")
    assert list(badges.values_list("kind", flat=True)) == ["badge_withdrawn"]


def test_each_decision_that_the_queue_kept_up_with_is_told(verifier, landlord):
    row = send(landlord)
    for decide, kind in (
        (lambda: reject_documents(actor=verifier, pks=[row.pk], reason="Flou"), "document_rejected"),
        (lambda: reopen_documents(actor=verifier, pks=[row.pk], reason="Lisible"), "document_reopened"),
        (lambda: approve_documents(actor=verifier, pks=[row.pk]), "document_approved"),
    ):
        decide()
        run_queue()
        assert Notice.objects.filter(recipient=landlord).latest("pk").kind == kind


def test_what_waits_may_be_corrected_by_those_who_check_and_what_is_decided_not(verifier):
    row = fresh(make.document())
    row.reference = "12AB34"
    assert fresh(save_row(actor=verifier, row=row)).reference == "12AB34"
    decided = fresh(make.document(state=DocumentState.APPROVED))
    decided.reference = "12AB34"
    with pytest.raises(ValidationError):
        save_row(actor=verifier, row=decided)
    mine = fresh(row)
    mine.reference = "98"
    with pytest.raises(PermissionDenied):
        save_row(actor=mine.owner, row=mine)


# Two opinions


def test_where_two_opinions_are_asked_for_one_alone_gives_nothing(verifier, colleague, landlord, settings):
    settings.VERIFICATION_SECOND_OPINION = True
    rows = make.saved(*complete_rows(landlord, in_days(100)))
    pks = [row.pk for row in rows]
    claim(actor=verifier, pk=pks[0])
    first = approve_documents(actor=verifier, pks=pks, last_days={pks[0]: in_days(60)})
    assert len(first.changed) == 3 and not has_badge(landlord)
    row = fresh(rows[0])
    assert (row.state, row.first_approved_by, row.decided_by) == (DocumentState.PENDING, verifier, None)
    assert row.expires_on == in_days(60) and not ReviewClaim.objects.exists()
    run_queue()
    assert not Notice.objects.filter(recipient=landlord).exists(), "nothing is decided yet"
    again = approve_documents(actor=verifier, pks=pks)
    assert again.changed == [] and "une autre personne donne le second" in refusals(again)[0]
    assert next_document(actor=verifier) is None
    assert len(approve_documents(actor=colleague, pks=pks).changed) == 3
    row = fresh(rows[0])
    assert (row.state, row.first_approved_by, row.decided_by) == (DocumentState.APPROVED, verifier, colleague)
    assert has_badge(landlord)


def test_the_first_of_two_may_still_refuse(verifier, settings):
    settings.VERIFICATION_SECOND_OPINION = True
    row = make.document()
    approve_documents(actor=verifier, pks=[row.pk])
    assert reject_documents(actor=verifier, pks=[row.pk], reason="Relu").changed == [row]


# Many at once


def many(number):
    """Landlords with a complete file that waits, among them one whose renewal replaces a version in force."""
    owners = make.saved(
        *(
            User(email=f"l{number}-{n}@example.org", account_type=Role.LANDLORD, password="!")
            for n in range(number)
        )
    )
    rows = make.saved(
        *(row for n, owner in enumerate(owners) for row in complete_rows(owner, in_days(100 + n % 300)))
    )
    return owners, [row.pk for row in rows]


SEND_MAILS = "pratik.notifications.tasks.send_mails"


def queries_of(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


@pytest.fixture
def sizes(asked):
    """1,000 and 2,000 documents of as many people's files as they make."""
    return many(334)[1][:1_000], many(667)[1][:2_000]


def test_accepting_takes_no_more_queries_for_two_thousand_than_for_one(verifier, sizes):
    """Badges, their history and the journal's lines included; what a batch is made of does not count rows."""
    one, two = (queries_of(lambda pks=pks: approve_documents(actor=verifier, pks=pks)) for pks in sizes)
    assert VerificationDocument.objects.filter(state=DocumentState.APPROVED).count() == 3_000
    assert two <= 2 * one
    assert one < 40, one
    assert VerificationDocument.history.filter(history_type="~").count() == 3_000
    assert User.objects.verified(in_days(0)).count() >= 998
    assert User.history.filter(verification="verified").count() >= 998
    assert not AccessEvent.objects.filter(kind="role_changed").exists()


def test_refusing_takes_no_more_queries_for_two_thousand_than_for_one(verifier, sizes):
    one, two = (
        queries_of(lambda pks=pks: reject_documents(actor=verifier, pks=pks, why=RejectionReason.UNREADABLE))
        for pks in sizes
    )
    assert two == one < 20, (one, two)
    assert VerificationDocument.objects.filter(state=DocumentState.REJECTED).count() == 3_000


def test_telling_of_decisions_takes_queries_by_the_thousand(verifier, sizes):
    """One notice for each document and each badge; the rows of one `INSERT` depend on the database. E-mails
    leave one by one afterwards, each with its own commits.
    """
    counts = []
    for pks in sizes:
        approve_documents(actor=verifier, pks=pks)
        counts.append(queries_of(lambda: run_queue(leaving=[SEND_MAILS])))
    one, two = counts
    assert Notice.objects.filter(kind="document_approved").count() == 3_000
    assert two <= 2 * one


def test_each_row_has_its_own_last_day_when_many_are_accepted(verifier, asked):
    owners, pks = many(20)
    approve_documents(actor=verifier, pks=pks)
    days = dict(
        User.objects.filter(pk__in=[owner.pk for owner in owners]).values_list("pk", "verified_until")
    )
    assert [days[owner.pk] for owner in owners] == [in_days(100 + n) for n in range(20)]
    assert set(VerificationDocument.objects.filter(owner=owners[3]).values_list("expires_on", flat=True)) == {
        in_days(103)
    }


def test_who_gave_the_first_opinion_does_not_keep_the_second_person_away(
    verifier, colleague, asked, settings
):
    settings.VERIFICATION_SECOND_OPINION = True
    row = make.document()
    approve_documents(actor=verifier, pks=[row.pk])
    with pytest.raises(ValidationError) as refused:
        claim(actor=verifier, pk=row.pk)
    assert "une autre personne donne le second" in refused.value.messages[0]
    assert claim(actor=colleague, pk=row.pk).reviewer == colleague


@pytest.mark.parametrize(("first", "second"), [(60, 90), (90, 60)])
def test_of_two_opinions_the_sooner_day_holds(verifier, colleague, asked, settings, first, second):
    settings.VERIFICATION_SECOND_OPINION = True
    row = make.document(expires_on=in_days(200))
    approve_documents(actor=verifier, pks=[row.pk], last_days={row.pk: in_days(first)})
    approve_documents(actor=colleague, pks=[row.pk], last_days={row.pk: in_days(second)})
    assert (fresh(row).state, fresh(row).expires_on) == (DocumentState.APPROVED, in_days(60))
