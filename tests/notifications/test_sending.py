"""Each state that an e-mail can be in: who moves it on, and what an end in the middle leaves."""

import datetime
import smtplib

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.notifications.enums import MailState, NoticeKind
from pratik.notifications.models import Notice
from pratik.notifications.services import Draft, mail_elsewhere, send_mails, sending, tell
from tests import factories as make
from tests.kit.queue import run_queue

from .conftest import draft

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """SIGKILL, as far as the process itself can feel it: nothing after it runs, not even handlers."""


def state():
    return Notice.objects.get().mail_state


def claimed(reader, *, ago, run=7):
    """A notice that a run took so long ago, and of which it has said nothing since."""
    tell(drafts=[draft(reader)])
    Notice.objects.update(
        mail_state=MailState.SENDING,
        mail_run=run,
        mail_id="a",
        claimed_at=timezone.now() - ago,
        mail_attempts=1,
    )


LONG_AGO = datetime.timedelta(hours=1)
JUST_NOW = datetime.timedelta(seconds=10)


def test_what_a_dead_run_was_handing_over_is_in_doubt_and_never_sent_again(reader, mailoutbox, caplog):
    claimed(reader, ago=LONG_AGO)
    assert send_mails() == 0
    assert state() == MailState.IN_DOUBT
    assert "1 notices may have left or not" in caplog.text
    assert send_mails() == 0
    assert mailoutbox == []


def test_what_a_living_run_is_handing_over_is_left_to_it(reader, mailoutbox):
    claimed(reader, ago=JUST_NOW)
    if connection.vendor == "postgresql":
        # A run gives a sign of its life, however long an e-mail takes; here it is our own connection's.
        with sending.sign_of_life("pratik.notifications.sending:7"):
            Notice.objects.update(claimed_at=timezone.now() - LONG_AGO)
            assert send_mails() == 0
            assert state() == MailState.SENDING
        assert send_mails() == 0
        assert state() == MailState.IN_DOUBT
    else:
        assert send_mails() == 0
        assert state() == MailState.SENDING
    assert mailoutbox == []


def test_the_claim_is_written_down_before_the_server_hears_anything(reader, server, monkeypatch):
    seen = []

    def look(backend, messages):
        row = Notice.objects.get()
        seen.append((row.mail_state, row.mail_attempts, bool(row.mail_run), row.claimed_at is not None))
        assert not connection.in_atomic_block or len(connection.savepoint_ids) == 0
        return len(messages)

    monkeypatch.setattr(server, "send_messages", look)
    tell(drafts=[draft(reader)])
    assert send_mails() == 1
    assert seen == [(MailState.SENDING, 1, True, True)]


@pytest.mark.parametrize("moment", ["writing", "handing over", "after"])
def test_an_end_at_each_moment(reader, server, monkeypatch, moment, mailoutbox, clock):
    """What a run that stops there leaves, and what the next run makes of it."""
    tell(drafts=[draft(reader)])
    other = make.user(Role.COMPANY)

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        if moment == "writing":
            patch.setattr(EmailMultiAlternatives, "message", die)
        elif moment == "handing over":
            patch.setattr(server, "send_messages", die)
        else:
            # The server took it; the answer is not written down any more.
            send = server.send_messages
            patch.setattr(server, "send_messages", lambda self, sent: (send(self, sent), die()))
        with pytest.raises(Killed):
            send_mails()
    expected = MailState.WAITING if moment == "writing" else MailState.SENDING
    assert state() == expected
    tell(drafts=[draft(other)])
    clock.forward(hours=1)
    left = 2 if moment == "writing" else 1
    assert send_mails() == left
    row = Notice.objects.get(recipient=reader)
    assert row.mail_state == (MailState.SENT if moment == "writing" else MailState.IN_DOUBT)
    # Once, or not at all; never twice.
    mine = [mail for mail in mailoutbox if mail.to == [reader.email]]
    assert len(mine) == (0 if moment == "handing over" else 1)


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPServerDisconnected("gone"),
        TimeoutError("no answer"),
        ConnectionResetError("reset"),
        BrokenPipeError("pipe"),
    ],
)
def test_a_connection_that_breaks_leaves_the_mail_in_doubt(reader, server, error, mailoutbox, caplog):
    server.answers = {reader.email: error}
    tell(drafts=[draft(reader), draft(make.user(Role.COMPANY))])
    assert send_mails() == 1
    assert Notice.objects.get(recipient=reader).mail_state == MailState.IN_DOUBT
    server.answers = {}
    assert send_mails() == 0
    assert [mail.to for mail in mailoutbox] != [[reader.email]]


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPDataError(451, b"later"),
        smtplib.SMTPSenderRefused(421, b"busy", "a@b"),
        smtplib.SMTPRecipientsRefused({}),
        smtplib.SMTPNotSupportedError("SMTPUTF8"),
    ],
)
def test_a_refusal_is_certain_and_is_tried_again(reader, server, error, clock, caplog):
    server.answers = {reader.email: error}
    tell(drafts=[draft(reader)])
    assert send_mails() == 0
    row = Notice.objects.get()
    assert (row.mail_state, row.mail_run, row.mail_id) == (MailState.WAITING, None, "")
    server.answers = {}
    clock.forward(minutes=10)
    assert send_mails() == 1


def test_while_no_server_listens_everything_waits_and_no_try_is_counted(reader, server, caplog):
    server.is_down = True
    tell(drafts=[draft(reader)])
    for _run in range(9):
        assert send_mails() == 0
    row = Notice.objects.get()
    assert (row.mail_state, row.mail_attempts) == (MailState.WAITING, 0)
    server.is_down = False
    assert send_mails() == 1


def test_a_run_that_was_taken_for_dead_says_what_it_knows(reader, server, monkeypatch):
    """Its connection to the database broke, so that another run doubted what it was handing over."""
    send = server.send_messages

    def doubted(backend, messages):
        Notice.objects.update(mail_state=MailState.IN_DOUBT)
        return send(backend, messages)

    monkeypatch.setattr(server, "send_messages", doubted)
    tell(drafts=[draft(reader)])
    assert send_mails() == 1
    assert state() == MailState.SENT


def test_a_long_run_ends_by_itself_and_has_another_follow(monkeypatch, mailoutbox):
    tell(drafts=[draft(make.user(Role.COMPANY)) for _ in range(3)])
    run_queue()
    assert len(mailoutbox) == 3
    tell(drafts=[draft(make.user(Role.COMPANY), "2") for _ in range(3)])
    monkeypatch.setattr(sending, "RUN_SECONDS", -1)
    assert send_mails() == 0
    monkeypatch.undo()
    assert run_queue() == ["pratik.notifications.tasks.send_mails"] * 2
    assert len(mailoutbox) == 6


def test_thousands_of_people_are_gone_through_in_batches(monkeypatch, mailoutbox):
    monkeypatch.setattr(sending, "MAIL_BATCH", 2)
    readers = [make.user(Role.COMPANY) for _ in range(5)]
    tell(drafts=[draft(one) for one in readers])
    assert send_mails() == 5
    assert [mail.to[0] for mail in mailoutbox] == [one.email for one in readers]


# What an e-mail says of itself


def header(mail, name):
    return mail.message()[name]


def test_name_of_a_mail_is_made_of_its_notices(reader, mailoutbox, settings):
    settings.SITE_URL = "https://pratik.example/"
    tell(drafts=[draft(reader, "1"), draft(reader, "2")])
    keys = sorted(Notice.objects.values_list("key", flat=True))
    send_mails()
    expected = sending.mail_id_of([Notice(key=key) for key in reversed(keys)])
    assert header(mailoutbox[0], "Message-ID") == f"<{expected}@pratik.example>"
    assert set(Notice.objects.values_list("mail_id", flat=True)) == {expected}
    assert header(mailoutbox[0], "Auto-Submitted") == "auto-generated"


def test_mail_can_be_stopped_with_one_click(reader, mailoutbox, settings, client):
    settings.SITE_URL = "https://pratik.example"
    tell(drafts=[draft(reader)])
    send_mails()
    [mail] = mailoutbox
    address = header(mail, "List-Unsubscribe")
    assert address.startswith("<https://pratik.example/avis/desabonnement/") and address.endswith(">")
    assert header(mail, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    html = mail.alternatives[0].content
    for text in (mail.body, html):
        assert address.strip("<>") in text
        assert "https://pratik.example/console/notifications/notice/mes-avis/" in text


def test_mail_about_safety_offers_no_way_to_stop_it(reader, mailoutbox):
    tell(drafts=[draft(reader, kind=NoticeKind.NEW_DEVICE)])
    send_mails()
    [mail] = mailoutbox
    assert header(mail, "List-Unsubscribe") is None
    assert "desabonnement" not in mail.body + mail.alternatives[0].content


def test_what_is_said_at_another_address_has_a_name_of_its_own(reader):
    told = Draft(reader, NoticeKind.ACCOUNT_PROTECTION, "1", "Votre compte", "Bientôt")
    written = mail_elsewhere(told, address="autre@example.org")
    assert written.to == ["autre@example.org"]
    assert written.message()["Message-ID"] != mail_elsewhere(told, address="b@c.org").message()["Message-ID"]
    assert written.send() == 1
    assert django_mail.outbox[-1].to == ["autre@example.org"]
