"""People are told once, in their language, in the console and by e-mail if they wish."""

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.test import RequestFactory
from django.utils import timezone

from backoffice.navigation import navigation
from pratik.accounts.enums import Role
from pratik.core.services import save_row
from pratik.notifications.enums import MailState
from pratik.notifications.models import Notice
from pratik.notifications.rules import MAX_ATTEMPTS
from pratik.notifications.services import mark_all_read, mark_read, send_mails, tell
from pratik.notifications.tasks import send_mails as send_mails_task
from tests import factories as make
from tests.kit.queue import run_queue
from tests.kit.world import notice

from .conftest import draft

pytestmark = pytest.mark.django_db


# Telling


def test_what_was_said_is_not_said_again(reader):
    assert tell(drafts=[draft(reader), draft(reader), draft(reader, "2")]) == 2
    assert tell(drafts=[draft(reader), draft(reader, "3")]) == 1
    assert Notice.objects.filter(recipient=reader).count() == 3


def test_same_thing_is_said_to_each_person(reader):
    assert tell(drafts=[draft(reader), draft(make.user(Role.COMPANY))]) == 2


def test_thousand_notices_take_few_queries(reader, django_assert_max_num_queries):
    drafts = [draft(reader, str(number)) for number in range(1_000)]
    with django_assert_max_num_queries(60):
        assert tell(drafts=drafts) == 1_000
    with django_assert_max_num_queries(10):
        assert tell(drafts=drafts) == 0


def test_mails_are_put_off_and_only_when_somebody_wants_them(reader):
    tell(drafts=[draft(make.user(Role.COMPANY, wants_email=False))])
    assert run_queue() == []
    tell(drafts=[draft(reader)])
    assert run_queue() == ["pratik.notifications.tasks.send_mails"]


# E-mails


def test_one_mail_tells_a_person_all_that_is_new(reader, mailoutbox):
    tell(drafts=[draft(reader, "MCO"), draft(reader, "GPME")])
    assert send_mails() == 1
    [mail] = mailoutbox
    assert mail.to == [reader.email]
    assert mail.subject == "2 nouveaux avis de PRATIK"
    [(html, content_type)] = [(part.content, part.mimetype) for part in mail.alternatives]
    assert content_type == "text/html"
    for text in (mail.body, html):
        assert "filière MCO" in text
        assert "filière GPME" in text
        assert "/calendriers/MCO/" in text
    assert send_mails() == 0
    assert len(mailoutbox) == 1
    assert set(Notice.objects.values_list("mail_state", "mail_attempts")) == {(MailState.SENT, 1)}


def test_single_notice_is_the_subject_of_its_mail(reader, mailoutbox):
    tell(drafts=[draft(reader, "MCO")])
    send_mails_task()
    assert mailoutbox[0].subject == "Stages à venir : filière MCO"


def test_mail_speaks_the_language_of_its_reader(mailoutbox):
    french, english = (make.user(Role.COMPANY, language=language) for language in ("fr", "en"))
    for reader in (french, english):
        tell(drafts=[draft(reader, "1"), draft(reader, "2")])
    send_mails()
    by_address = {mail.to[0]: mail for mail in mailoutbox}
    assert by_address[french.email].body.startswith("Bonjour,")
    assert by_address[english.email].subject == "2 new notices from PRATIK"
    assert not by_address[english.email].body.startswith("Bonjour,")
    assert 'lang="en"' in by_address[english.email].alternatives[0].content


def test_text_of_a_notice_is_never_code_of_the_mail(reader, mailoutbox):
    tell(drafts=[draft(reader, body="<script>alert(1)</script> & co")])
    send_mails()
    assert "<script>" not in mailoutbox[0].alternatives[0].content
    assert "<script>alert(1)</script> & co" in mailoutbox[0].body


def test_who_does_not_want_mail_has_the_notice_in_the_console_alone(mailoutbox):
    reader = make.user(Role.COMPANY, wants_email=False)
    tell(drafts=[draft(reader)])
    assert send_mails() == 0
    assert mailoutbox == []
    assert Notice.objects.get().mail_state == MailState.NOT_WANTED


def test_closed_account_gets_no_mail(mailoutbox):
    tell(drafts=[draft(make.user(Role.COMPANY, is_active=False))])
    assert send_mails() == 0
    assert mailoutbox == []


def test_mail_that_is_refused_is_tried_again_five_times_in_all(reader, refusing, mailoutbox, caplog, clock):
    refusing(reader)
    tell(drafts=[draft(reader)])
    pauses = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        row = Notice.objects.get()
        assert row.mail_state == MailState.WAITING
        clock.forward(seconds=max(0, (row.mail_after - clock.moment).total_seconds()))
        before = clock.moment
        assert send_mails() == 0
        assert send_mails() == 0, "not tried again before its time"
        row.refresh_from_db()
        assert row.mail_attempts == attempt
        pauses.append((row.mail_after - before).total_seconds() / 60)
    assert pauses[:-1] == [10, 30, 120, 600]
    assert MAX_ATTEMPTS == 5
    assert Notice.objects.get().mail_state == MailState.FAILED
    refusing()
    assert send_mails() == 0
    assert mailoutbox == []


def test_mail_that_was_refused_once_leaves_the_next_time(reader, refusing, mailoutbox, caplog, clock):
    refusing(reader)
    tell(drafts=[draft(reader)])
    send_mails()
    refusing()
    clock.forward(minutes=11)
    assert send_mails() == 1
    assert Notice.objects.get().mail_state == MailState.SENT
    assert len(mailoutbox) == 1


def test_failure_of_one_mail_keeps_no_other_from_leaving(refusing, mailoutbox, caplog):
    readers = [make.user(Role.COMPANY) for _ in range(3)]
    tell(drafts=[draft(reader) for reader in readers])
    refusing(readers[1])
    assert send_mails() == 2
    assert {mail.to[0] for mail in mailoutbox} == {readers[0].email, readers[2].email}


def test_log_of_a_failure_names_no_address(reader, refusing, caplog):
    refusing(reader)
    tell(drafts=[draft(reader)])
    send_mails()
    assert [record.getMessage() for record in caplog.records if record.name.startswith("pratik")] == [
        f"The e-mail to account {reader.pk} did not leave."
    ]


# Reading


def test_notice_is_read_by_whom_it_was_addressed_to_and_by_nobody_else(reader, administrator):
    row = notice(reader)
    for other in (administrator, make.user(Role.COMPANY)):
        assert mark_read(actor=other, pks=[row.pk]) == 0
    assert Notice.objects.get().read_at is None
    assert mark_read(actor=reader, pks=[row.pk]) == 1
    moment = Notice.objects.get().read_at
    assert moment is not None
    assert mark_read(actor=reader, pks=[row.pk]) == 0
    assert Notice.objects.get().read_at == moment


def test_all_that_one_was_told_is_read_at_once_and_nothing_of_others(client_for, reader, administrator):
    notice(reader), notice(reader)
    other = notice(administrator)
    page = "/console/notifications/notice/tout-lu/"
    assert client_for(reader).get(page).status_code == 405
    assert client_for(reader).post(page).status_code == 302
    assert list(Notice.objects.unread()) == [other]
    assert mark_all_read(actor=reader) == 0


def test_bell_tells_how_much_is_unread_and_leads_there(client_for, reader, administrator):
    notice(reader), notice(reader), notice(administrator)
    page = client_for(reader).get("/console/").content.decode()
    assert 'aria-label="Mes avis\u00a0: 2 non lus"' in page
    page = client_for(administrator).get("/console/").content.decode()
    assert 'aria-label="Mes avis\u00a0: 1 non lu"' in page
    assert f"recipient__id__exact={administrator.pk}" in page


def test_list_marks_ones_own_notices_as_read(client_for, reader, administrator):
    mine, other = notice(reader), notice(administrator)
    chosen = {"action": "mark_read", "_selected_action": [mine.pk, other.pk]}
    client_for(reader).post("/console/notifications/notice/", chosen)
    client_for(administrator).post(
        "/console/notifications/notice/", {**chosen, "_selected_action": [mine.pk]}
    )
    assert [row.pk for row in Notice.objects.unread()] == [other.pk]


def test_staff_see_every_notice_and_others_their_own(everyone):
    row = notice()
    if not everyone.is_authenticated:
        assert not Notice.objects.visible_to(everyone).exists()
        return
    own = notice(everyone)
    expected = {row.pk, own.pk} if everyone.is_staff else {own.pk}
    assert set(Notice.objects.visible_to(everyone).values_list("pk", flat=True)) == expected
    assert set(Notice.objects.editable_by(everyone).values_list("pk", flat=True)) == {own.pk}


def test_menu_counts_the_unread_notices_of_the_person_alone(client_for, reader):
    notice(reader)
    notice(reader, read_at=timezone.now())
    notice()
    request = RequestFactory().get("/console/")
    request.user = reader
    badges = [item.get("badge") for group in navigation(request) for item in group["items"]]
    assert [badge for badge in badges if badge] == [1]


def test_two_roles_of_the_same_company_are_told_each_once(db):
    company = make.company(partner=True)
    one, two = make.company_user(company), make.company_user(company)
    tell(drafts=[draft(one), draft(two), draft(one)])
    assert Notice.objects.count() == 2


@pytest.mark.parametrize(
    "name", ["Rita\nBcc: tous@example.org", "Rita\r\nBcc: tous@example.org", "Rita\u2028Bcc"]
)
def test_a_line_break_in_a_name_stops_no_mail(reader, mailoutbox, name):
    tell(drafts=[draft(reader, subject=f"{name} a accepté"), draft(make.user(Role.COMPANY))])
    assert send_mails() == 2
    subjects = {mail.subject for mail in mailoutbox}
    assert f"{' '.join(name.splitlines())} a accepté" in subjects
    assert {tuple(mail.recipients()) for mail in mailoutbox} == {(mail.to[0],) for mail in mailoutbox}


def test_names_are_of_one_line(reader, actor):
    reader.first_name, reader.last_name = " Rita\nBcc: tous@example.org ", "de\t la \r\n Tour"
    save_row(actor=actor, row=reader)
    reader.refresh_from_db()
    assert (reader.first_name, reader.last_name) == ("Rita Bcc: tous@example.org", "de la Tour")


@pytest.mark.parametrize(
    "error",
    [
        BadHeaderError("line break"),
        UnicodeEncodeError("ascii", "é", 0, 1, "no"),
        RuntimeError("a template that is broken"),
    ],
)
def test_a_mail_that_cannot_be_written_fails_in_the_end_and_holds_nobody_up(
    reader, monkeypatch, error, clock, caplog
):
    broken, innocent = reader, make.user(Role.COMPANY)
    tell(drafts=[draft(broken), draft(innocent)])
    write = EmailMultiAlternatives.message

    def some(mail, *args, **kwargs):
        if mail.to == [broken.email]:
            raise error
        return write(mail, *args, **kwargs)

    monkeypatch.setattr(EmailMultiAlternatives, "message", some)
    sent = []
    for _run in range(MAX_ATTEMPTS):
        sent.append(send_mails())
        clock.forward(days=1)
    assert sent == [1] + [0] * (MAX_ATTEMPTS - 1)
    states = dict(Notice.objects.values_list("recipient", "mail_state"))
    assert states == {broken.pk: MailState.FAILED, innocent.pk: MailState.SENT}
