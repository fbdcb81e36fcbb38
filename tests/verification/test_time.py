"""What time does: last days, reminders, files that go."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.models import FileRemoval, Operation
from pratik.core.removals import FilesLeft
from pratik.core.services import save_row
from pratik.core.storages import StorageUnavailable
from pratik.core.tasks import delete_files_left
from pratik.core.undo import undo_operation
from pratik.notifications.models import Notice
from pratik.privacy import reports as privacy
from pratik.schedule import SCHEDULE
from pratik.verification import notices, rules
from pratik.verification.enums import DocumentState, DocumentType
from pratik.verification.models import Requirement, VerificationDocument
from pratik.verification.services import (
    approve_documents,
    delete_due_files,
    expire_documents,
    expiry,
    reject_documents,
    remind_of_expiry,
    reopen_documents,
)
from tests import factories as make
from tests.kit.queue import run_queue
from tests.verification.conftest import complete, fresh, has_badge, in_days, send

pytestmark = pytest.mark.django_db

DAY = datetime.date


def reminders():
    return list(
        Notice.objects.filter(kind="document_expiring").order_by("pk").values_list("subject", flat=True)
    )


# The last day


def test_the_badge_ends_at_midnight_in_cayenne_and_not_before(verifier, landlord, clock):
    """The server's own day is another one for three hours each evening."""
    clock(2027, 3, 4, 8)
    complete(landlord, verifier, DAY(2027, 3, 10))
    clock(2027, 3, 10, 23, 59)
    assert timezone.now().astimezone(datetime.UTC).day == 11
    assert has_badge(landlord)
    assert User.objects.verified(DAY(2027, 3, 10)).filter(pk=landlord.pk).exists()
    assert expire_documents() == 0
    clock(2027, 3, 11, 0, 0)
    assert not has_badge(landlord), "without waiting for the task of the morning"
    assert not User.objects.verified(DAY(2027, 3, 11)).filter(pk=landlord.pk).exists()
    assert expire_documents() == 3
    user = fresh(landlord)
    assert user.verification == "unverified" and user.verified_until is None


def test_expiring_marks_tells_and_is_done_once(verifier, landlord, clock):
    clock(2027, 3, 4, 8)
    rows = complete(landlord, verifier, DAY(2027, 3, 10))
    other = make.document(state=DocumentState.APPROVED, expires_on=None)
    run_queue()
    clock(2027, 3, 11, 8)
    assert (expire_documents(), expire_documents()) == (3, 0)
    run_queue()
    assert {fresh(row).state for row in rows} == {DocumentState.EXPIRED}
    assert not any(fresh(row).is_in_force for row in rows)
    assert fresh(other).state == DocumentState.APPROVED
    assert Notice.objects.filter(recipient=landlord, kind="document_expired").count() == 3
    assert Notice.objects.filter(recipient=landlord, kind="badge_withdrawn").count() == 1
    act = Operation.objects.filter(verb="expire").get()
    assert act.actor.email.endswith("@systeme.pratik.invalid")
    assert act.title == "Expiration · pièces justificatives"


def test_a_version_that_was_replaced_ends_without_a_word(verifier, landlord, clock):
    clock(2027, 3, 4, 8)
    complete(landlord, verifier, DAY(2027, 3, 10))
    renewed = [
        send(landlord, expires_on=DAY(2028, 3, 10)),
        send(landlord, DocumentType.ADDRESS_PROOF),
        send(landlord, DocumentType.PROPERTY_PROOF),
    ]
    approve_documents(actor=verifier, pks=[row.pk for row in renewed])
    run_queue()
    clock(2027, 3, 11, 8)
    assert expire_documents() == 3
    run_queue()
    assert has_badge(landlord)
    assert not Notice.objects.filter(kind__in=("document_expired", "badge_withdrawn")).exists()


def test_many_expire_in_batches_that_may_be_stopped(asked, clock, monkeypatch):
    clock(2027, 3, 4, 8)
    monkeypatch.setattr(expiry, "BATCH", 2)
    rows = make.saved(
        *(make.document_row(state=DocumentState.APPROVED, expires_on=DAY(2027, 3, 3)) for _n in range(5))
    )
    real, calls = expiry.refresh_badges, []

    def killed_at_second(**kwargs):
        calls.append(kwargs)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(**kwargs)

    monkeypatch.setattr(expiry, "refresh_badges", killed_at_second)
    with pytest.raises(KeyboardInterrupt):
        expire_documents()
    assert [fresh(row).state for row in rows].count(DocumentState.EXPIRED) == 2
    assert expire_documents() == 3


def test_the_morning_mends_a_badge_that_nothing_stands_on(asked):
    owner = make.user(Role.LANDLORD, verification="verified")
    by_hand = make.user(Role.STUDENT, verification="verified")
    expire_documents()
    assert not has_badge(owner) and has_badge(by_hand)


def test_the_tasks_run_when_the_house_says():
    assert SCHEDULE["expire_documents"].cron == "0 8 * * *"
    assert {"remind_of_expiry", "delete_due_files"} <= set(SCHEDULE)


# Reminders


@pytest.mark.parametrize(
    ("days_left", "due"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1)]
)
def test_which_reminder_is_due(days_left, due):
    assert rules.reminder_due(days_left, reminders=(30, 7, 1)) == due


def test_people_are_reminded_thirty_seven_and_one_days_before_once_each(asked, clock):
    clock(2027, 3, 1, 8)
    make.document(state=DocumentState.APPROVED, expires_on=DAY(2027, 4, 20))
    told = {}
    for day in range(51):
        moment = DAY(2027, 3, 1) + datetime.timedelta(days=day)
        clock(moment.year, moment.month, moment.day, 8)
        if remind_of_expiry() + remind_of_expiry():
            told[(DAY(2027, 4, 20) - moment).days] = reminders()[-1]
    assert told == {
        30: "«\u00a0Carte d’identité\u00a0» expire dans 30 jours",
        7: "«\u00a0Carte d’identité\u00a0» expire dans 7 jours",
        1: "«\u00a0Carte d’identité\u00a0» expire dans 1 jour",
    }


def test_a_day_on_which_nothing_ran_is_caught_up_with(asked, clock):
    clock(2027, 3, 1, 8)
    make.document(state=DocumentState.APPROVED, expires_on=DAY(2027, 3, 6))
    assert (remind_of_expiry(), remind_of_expiry()) == (1, 0)
    assert reminders() == ["«\u00a0Carte d’identité\u00a0» expire dans 5 jours"]
    clock(2027, 3, 6, 8)
    assert remind_of_expiry() == 1
    assert reminders()[-1] == "«\u00a0Carte d’identité\u00a0» expire aujourd’hui"


def test_nobody_is_reminded_of_what_they_have_renewed_or_nobody_counts(verifier, landlord):
    complete(landlord, verifier, in_days(7))
    assert remind_of_expiry() == 3
    Notice.objects.filter(kind="document_expiring").delete()
    renewal = send(landlord, expires_on=in_days(500))
    assert remind_of_expiry() == 2
    Notice.objects.filter(kind="document_expiring").delete()
    reject_documents(actor=verifier, pks=[renewal.pk], reason="Flou")
    assert remind_of_expiry() == 3, "a renewal that was refused helps nobody"
    make.document(expires_on=in_days(7))
    make.document(state=DocumentState.APPROVED, expires_on=in_days(7), is_in_force=False)
    make.document(
        state=DocumentState.APPROVED, expires_on=in_days(7), owner=make.user(Role.LANDLORD, is_active=False)
    )
    assert remind_of_expiry() == 0


def test_nobody_is_reminded_of_what_is_asked_no_more_or_proved_for_longer_otherwise(
    verifier, administrator, landlord
):
    complete(landlord, verifier, in_days(7))
    passport = make.document(
        owner=landlord,
        document_type=DocumentType.PASSPORT,
        state=DocumentState.APPROVED,
        expires_on=in_days(900),
    )
    proof = Requirement.objects.get(account_type="landlord", document_type=DocumentType.ADDRESS_PROOF)
    proof.is_active = False
    save_row(actor=administrator, row=proof)
    assert remind_of_expiry() == 1
    assert "propriété" in reminders()[0] and passport.is_in_force


# Files


def test_a_file_goes_a_while_after_the_decision_which_stays(verifier, landlord, clock, settings):
    settings.VERIFICATION_FILE_KEPT_DAYS = 10
    clock(2027, 3, 4, 8)
    kept, decided = send(landlord), send(landlord, DocumentType.PROPERTY_PROOF)
    reject_documents(actor=verifier, pks=[decided.pk], reason="Flou")
    name, storage = decided.file.name, decided.file.storage
    clock(2027, 3, 13, 23)
    assert delete_due_files() == 0 and storage.exists(name)
    clock(2027, 3, 14, 3)
    assert (delete_due_files(), delete_due_files()) == (1, 0)
    run_queue()
    assert not storage.exists(name) and storage.exists(kept.file.name)
    row = fresh(decided)
    assert (row.file.name, row.state, row.rejection_text) == ("", DocumentState.REJECTED, "Flou")
    assert row.file_deleted_at and row.sha256 and row.file_name
    line, rule = privacy.rule_named("decided_files")
    assert not privacy.overdue(line, rule, timezone.now()).exists()


def test_a_file_that_is_gone_is_never_brought_back(verifier, administrator, landlord, clock):
    clock(2027, 3, 4, 8)
    row = send(landlord)
    done = reject_documents(actor=verifier, pks=[row.pk], reason="Flou")
    clock(2027, 4, 10, 3)
    delete_due_files()
    run_queue()
    for operation in (done.operation, Operation.objects.get(kind="erasure")):
        with pytest.raises(ValidationError):
            undo_operation(actor=administrator, operation=operation)
    assert fresh(row).file.name == ""
    outcome = reopen_documents(actor=verifier, pks=[row.pk], reason="Trop vite")
    assert [str(why) for _row, why in outcome.refused] == [
        "Le fichier de cette pièce est supprimé\u00a0: la personne doit l’envoyer de nouveau."
    ]
    with pytest.raises(FileNotFoundError):
        row.file.storage.open(row.file.name)


def test_a_file_that_a_storage_can_t_remove_now_stops_no_other_and_goes_later(
    verifier, landlord, clock, monkeypatch
):
    clock(2027, 3, 4, 8)
    first, second = send(landlord), send(landlord, DocumentType.PROPERTY_PROOF)
    reject_documents(actor=verifier, pks=[first.pk, second.pk], reason="Flou")
    run_queue()
    clock(2027, 4, 10, 3)
    storage = first.file.storage
    with monkeypatch.context() as patch:
        remove = storage.delete

        def down_for_the_first(name):
            if name == first.file.name:
                raise StorageUnavailable
            remove(name)

        patch.setattr(storage, "delete", down_for_the_first)
        assert delete_due_files() == 2
        with pytest.raises(FilesLeft):
            run_queue()
    assert storage.exists(first.file.name) and not storage.exists(second.file.name)
    assert (fresh(first).file.name, fresh(second).file.name) == ("", ""), "nobody opens either"
    (left,) = FileRemoval.objects.all()
    assert (left.name, left.tries) == (first.file.name, 1)
    delete_files_left()
    assert not storage.exists(first.file.name) and not FileRemoval.objects.exists()


# Accounts that are closed


def test_the_file_of_a_paper_that_nobody_will_look_at_goes_too(verifier, administrator, landlord, clock):
    clock(2027, 3, 4, 8)
    row = send(landlord)
    user = fresh(landlord)
    user.is_active = False
    save_row(actor=administrator, row=user)
    run_queue()
    assert fresh(row).file_due_on == DAY(2027, 4, 3)
    user = fresh(landlord)
    user.is_active = True
    save_row(actor=administrator, row=user)
    run_queue()
    assert fresh(row).file_due_on is None and row in VerificationDocument.objects.awaiting_review()
    user.is_active = False
    save_row(actor=administrator, row=user)
    run_queue()
    clock(2027, 4, 4, 8)
    delete_due_files()
    user.is_active = True
    save_row(actor=administrator, row=user)
    outcome = approve_documents(actor=verifier, pks=[row.pk])
    assert [str(why) for _row, why in outcome.refused] == [
        "Le fichier de cette pièce est supprimé\u00a0: refusez-la, la personne l’enverra de nouveau."
    ]


def test_an_edit_that_closes_nothing_puts_nothing_off(administrator, landlord):
    send(landlord)
    run_queue()
    user = fresh(landlord)
    user.first_name = "Paule"
    save_row(actor=administrator, row=user)
    assert run_queue() == ["pratik.verification.tasks.refresh_badges"]


def test_a_notice_is_written_in_the_language_of_the_person(asked):
    row = make.document(state=DocumentState.APPROVED, owner=make.user(Role.LANDLORD, language="en"))
    assert VerificationDocument.objects.expiring(in_days(0), in_days(400)).get() == row
    assert notices.expiring(row, days_left=3, reminder=7).key.endswith(f"{row.expires_on.isoformat()}:7")
