"""The passages of each day find what is due by an index, touch nothing else, and may be stopped anywhere."""

import datetime

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from pratik.accounts.models import User
from pratik.core.models import FileRemoval, Operation
from pratik.notifications.models import Notice
from pratik.verification.enums import DocumentState, DocumentType
from pratik.verification.models import VerificationDocument
from pratik.verification.services import (
    badges,
    delete_due_files,
    expire_documents,
    expiry,
    files,
    refresh_badges_of,
    remind_of_expiry,
)
from tests import factories as make
from tests.kit.many import copy
from tests.verification.conftest import complete, fresh, has_badge, in_days

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 11, 22)


@pytest.fixture
def many(db):
    """The documents in force of five thousand people, nearly all due on a later day."""
    row = make.document(state=DocumentState.APPROVED, is_current=True)
    with connection.cursor() as cursor:
        copy(cursor, row.owner, 5_000, email="'porteur' || n || '@example.org'")
        copy(
            cursor,
            row,
            5_000,
            owner_id="(SELECT min(id) FROM accounts_user WHERE email LIKE 'porteur%') + n - 1",
            expires_on=f"date '{DAY}' - 8 + n % 1800",
            file_due_on=f"date '{DAY}' - 8 + n % 1800",
        )
        cursor.execute("ANALYZE accounts_user, verification_verificationdocument")


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (lambda rows: rows.past(DAY)[:1_000], "document_by_last_day"),
        (lambda rows: rows.expiring(DAY, DAY + datetime.timedelta(days=30))[:1_000], "document_by_last_day"),
        (lambda rows: rows.files_due(DAY)[:500], "document_file_due"),
    ],
    ids=["past", "expiring", "files due"],
)
def test_what_is_due_is_found_by_its_day(many, asked, index):
    due = asked(VerificationDocument.objects.all())
    assert due.exists()
    plan = due.explain()
    assert index in plan
    assert "Seq Scan" not in plan
    assert "verificationdocument_pkey" not in plan


def approved(**fields):
    return make.document(state=DocumentState.APPROVED, **fields)


def test_reminders_go_from_batch_to_batch_without_leaving_any_out(asked, monkeypatch):
    monkeypatch.setattr(expiry, "BATCH", 2)
    # The same last day for more rows than a batch holds, and keys that run against the days.
    for days in (9, 9, 9, 9, 9, 5, 3, 3, 1):
        landlord = make.landlord().user
        approved(
            owner=landlord, document_type=DocumentType.ID_CARD, expires_on=in_days(days), is_in_force=True
        )
    assert remind_of_expiry() == 9
    assert Notice.objects.filter(kind="document_expiring").values("recipient").distinct().count() == 9
    assert remind_of_expiry() == 0


@pytest.mark.parametrize("killed_at", [1, 2, 3])
def test_files_go_batch_by_batch_and_a_stopped_passage_leaves_no_half(monkeypatch, killed_at):
    monkeypatch.setattr(files, "BATCH", 2)
    for number in range(5):
        approved(expires_on=None, file=f"documents/{number}.pdf", file_due_on=in_days(-number))
    kept = approved(expires_on=None, file="documents/kept.pdf", file_due_on=in_days(1))
    real, calls = files.set_columns, []

    def killed(*args, **values):
        calls.append(args)
        if len(calls) == killed_at:
            raise KeyboardInterrupt
        real(*args, **values)

    monkeypatch.setattr(files, "set_columns", killed)
    with pytest.raises(KeyboardInterrupt):
        delete_due_files()
    gone = VerificationDocument.objects.filter(file="").count()
    assert gone == 2 * (killed_at - 1) == FileRemoval.objects.count()
    monkeypatch.setattr(files, "set_columns", real)
    assert delete_due_files() == 5 - gone
    assert fresh(kept).file
    assert FileRemoval.objects.count() == 5


def test_what_others_decided_between_finding_and_locking_is_left_and_the_rest_expires(asked, monkeypatch):
    """Found without a lock: what was decided meanwhile is asked again once it is locked."""
    rows = [approved(expires_on=in_days(-1)) for _number in range(3)]
    lock, done = QuerySet.select_for_update, []

    def decided_meanwhile(self, *args, **kwargs):
        if self.model is VerificationDocument and not done:
            done.append(True)
            QuerySet(VerificationDocument).filter(pk=rows[0].pk).update(
                state=DocumentState.REJECTED, is_in_force=False
            )
        return lock(self, *args, **kwargs)

    monkeypatch.setattr(QuerySet, "select_for_update", decided_meanwhile)
    assert expire_documents() == 2
    assert fresh(rows[0]).state == DocumentState.REJECTED


def test_badges_that_are_right_are_neither_locked_nor_written(asked, verifier, landlord, clock):
    clock(2027, 3, 4, 8)
    complete(landlord, verifier, datetime.date(2027, 3, 10))
    other = make.landlord().user
    before = Operation.objects.count()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        refresh_badges_of()
    assert not [query for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert Operation.objects.count() == before
    assert has_badge(landlord) and not has_badge(other)


def test_a_badge_that_is_wrong_among_many_is_found_and_put_right(asked, monkeypatch):
    monkeypatch.setattr(badges, "BATCH", 2)
    for _number in range(5):
        make.landlord()
    wrong = make.landlord(user=make.user("landlord", verification="verified", verified_as="landlord")).user
    refresh_badges_of()
    assert not has_badge(wrong)
    assert User.history.filter(id=wrong.pk).count() == 2
