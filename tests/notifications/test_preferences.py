"""People choose what reaches them by e-mail, and when; safety asks nobody."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import CAYENNE
from pratik.core.origin import Origin, coming_from
from pratik.notifications.enums import ALWAYS_MAILED_TOPICS, MailChoice, MailState, NoticeKind, Topic
from pratik.notifications.models import Notice, NoticePreference, QuietHours
from pratik.notifications.rules import OPTIONAL_TOPICS, quiet_until
from pratik.notifications.services import (
    preferences_of,
    send_digests,
    send_mails,
    set_preferences,
    stop_topics,
    tell,
)
from tests import factories as make
from tests.kit.queue import run_queue

from .conftest import draft

pytestmark = pytest.mark.django_db

NEVER, DIGEST, NOW = MailChoice.NEVER, MailChoice.DIGEST, MailChoice.NOW


def choose(user, topic, mail):
    set_preferences(actor=user, choices={topic: mail})


def states(user=None):
    rows = Notice.objects.filter(recipient=user) if user else Notice.objects.all()
    return dict(rows.values_list("kind", "mail_state"))


def test_who_chose_nothing_hears_at_once(reader):
    assert preferences_of(reader).choices == dict.fromkeys(OPTIONAL_TOPICS, NOW)
    assert preferences_of(reader).quiet_from is None


@pytest.mark.parametrize(
    ("choice", "state"),
    [(NOW, MailState.WAITING), (DIGEST, MailState.DIGEST), (NEVER, MailState.NOT_WANTED)],
)
def test_a_choice_holds_for_its_topic_alone(reader, choice, state):
    choose(reader, Topic.CALENDARS, choice)
    tell(
        drafts=[
            draft(reader),
            draft(reader, kind=NoticeKind.JOIN_ANSWERED),
            draft(make.user(Role.COMPANY), "2"),
        ]
    )
    assert states(reader) == {
        NoticeKind.CALENDAR_PUBLISHED: state,
        NoticeKind.JOIN_ANSWERED: MailState.WAITING,
    }
    assert Notice.objects.exclude(recipient=reader).get().mail_state == MailState.WAITING


@pytest.mark.parametrize("kind", [NoticeKind.NEW_DEVICE, NoticeKind.ERASURE_ANSWERED])
def test_safety_and_own_data_are_told_at_once_whatever_is_preferred(reader, kind, mailoutbox):
    reader.wants_email = False
    for topic in Topic:
        NoticePreference.objects.create(user=reader, topic=topic, mail=NEVER)
    now = timezone.localtime(timezone.now(), CAYENNE)
    QuietHours.objects.create(
        user=reader,
        starts_at=(now - datetime.timedelta(hours=1)).time(),
        ends_at=(now + datetime.timedelta(hours=1)).time(),
    )
    tell(drafts=[draft(reader, kind=kind)])
    assert send_mails() == 1
    assert len(mailoutbox) == 1


def test_many_recipients_cost_no_more_queries(django_assert_max_num_queries):
    readers = [make.user(Role.COMPANY) for _ in range(30)]
    for one in readers[:15]:
        choose(one, Topic.CALENDARS, DIGEST)
    with django_assert_max_num_queries(12):
        tell(drafts=[draft(one) for one in readers])
    assert Notice.objects.filter(mail_state=MailState.DIGEST).count() == 15


def test_what_waits_obeys_a_new_choice_at_once(reader):
    tell(drafts=[draft(reader), draft(reader, kind=NoticeKind.NEW_DEVICE)])
    for choice, state in (
        (DIGEST, MailState.DIGEST),
        (NOW, MailState.WAITING),
        (NEVER, MailState.NOT_WANTED),
    ):
        choose(reader, Topic.CALENDARS, choice)
        assert states() == {
            NoticeKind.CALENDAR_PUBLISHED: state,
            NoticeKind.NEW_DEVICE: MailState.WAITING,
        }


def test_what_left_or_may_have_left_is_not_touched_by_a_choice(reader):
    for number, state in enumerate((MailState.SENT, MailState.SENDING, MailState.IN_DOUBT)):
        tell(drafts=[draft(reader, str(number))])
        Notice.objects.filter(key__endswith=f":{number}").update(mail_state=state)
    choose(reader, Topic.CALENDARS, NEVER)
    assert set(Notice.objects.values_list("mail_state", flat=True)) == {
        MailState.SENT,
        MailState.SENDING,
        MailState.IN_DOUBT,
    }


@pytest.mark.parametrize("topic", sorted(ALWAYS_MAILED_TOPICS))
def test_nobody_chooses_about_safety(reader, topic):
    with pytest.raises(ValidationError):
        choose(reader, topic, NEVER)
    stop_topics(actor=reader, topics=[topic])
    assert not NoticePreference.objects.exists()


def test_nobody_chooses_in_anothers_name(reader, administrator):
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        choose(reader, Topic.CALENDARS, NEVER)


# The digest


def test_digest_leaves_in_the_morning_as_one_mail(reader, mailoutbox):
    choose(reader, Topic.CALENDARS, DIGEST)
    tell(drafts=[draft(reader, str(number)) for number in range(3)])
    assert run_queue() == []
    assert send_mails() == 0
    assert send_digests() == 3
    assert run_queue() == ["pratik.notifications.tasks.send_mails"]
    [mail] = mailoutbox
    assert mail.subject == "3 nouveaux avis de PRATIK"
    assert send_digests() == 0


# Quiet hours


def at(hour, minute=0, day=3):
    return datetime.datetime(2026, 3, day, hour, minute, tzinfo=CAYENNE)


def clock_time(text):
    return datetime.time.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "starts", "ends", "until"),
    [
        (at(21, 59), "22:00", "07:00", None),
        (at(22), "22:00", "07:00", at(7, day=4)),
        (at(23, 59), "22:00", "07:00", at(7, day=4)),
        (at(0), "22:00", "07:00", at(7)),
        (at(6, 59), "22:00", "07:00", at(7)),
        (at(7), "22:00", "07:00", None),
        (at(11, 59), "12:00", "14:00", None),
        (at(12), "12:00", "14:00", at(14)),
        (at(14), "12:00", "14:00", None),
        (at(23), "12:00", "00:00", at(0, day=4)),
        (at(0), "12:00", "00:00", None),
    ],
)
def test_quiet_hours_begin_and_end_to_the_minute(now, starts, ends, until):
    # Whatever zone the moment is told in.
    for zone in (CAYENNE, datetime.UTC):
        assert quiet_until(now.astimezone(zone), clock_time(starts), clock_time(ends)) == until


def quiet(user, starts="22:00", ends="07:00"):
    set_preferences(actor=user, choices={}, quiet_from=clock_time(starts), quiet_until=clock_time(ends))


def test_mails_wait_for_the_end_of_quiet_hours_and_the_console_does_not(reader, clock, mailoutbox):
    quiet(reader)
    other = make.user(Role.COMPANY)
    clock.moment = at(23)
    tell(drafts=[draft(reader), draft(other), draft(reader, kind=NoticeKind.NEW_DEVICE)])
    assert Notice.objects.addressed_to(reader).unread().count() == 2
    assert send_mails() == 2
    assert {mail.to[0] for mail in mailoutbox} == {reader.email, other.email}
    assert "filière 1" in next(mail for mail in mailoutbox if mail.to == [reader.email]).subject
    assert Notice.objects.get(recipient=reader, mail_state=MailState.WAITING).mail_after == at(7, day=4)
    clock.moment = at(6, 59, day=4)
    assert send_mails() == 0
    clock.moment = at(7, day=4)
    assert send_mails() == 1


def test_whoever_ends_their_quiet_hours_waits_no_longer(reader, clock, mailoutbox):
    quiet(reader)
    clock.moment = at(23)
    tell(drafts=[draft(reader)])
    assert send_mails() == 0
    set_preferences(actor=reader, choices={})
    assert not QuietHours.objects.exists()
    assert send_mails() == 1


@pytest.mark.parametrize(("starts", "ends"), [("22:00", None), (None, "07:00"), ("07:00", "07:00")])
def test_quiet_hours_have_a_beginning_and_another_end(reader, starts, ends):
    with pytest.raises(ValidationError) as refused:
        set_preferences(
            actor=reader,
            choices={Topic.CALENDARS: NEVER},
            quiet_from=starts and clock_time(starts),
            quiet_until=ends and clock_time(ends),
        )
    assert list(refused.value.message_dict) == ["quiet_until"]
    assert not NoticePreference.objects.exists()


# The page


PAGE = "admin:notifications_preferences"


def typed(**fields):
    return {"wants_email": "on", "quiet_from": "", "quiet_until": "", **_all(NOW), **fields}


def _all(choice):
    return dict.fromkeys((topic for topic in OPTIONAL_TOPICS if topic != Topic.DATA_REQUESTS), choice)


def test_page_writes_what_is_chosen(client_for, everyone):
    client = client_for(everyone)
    if not everyone.is_authenticated:
        assert client.get(reverse(PAGE)).status_code == 302
        return
    sent = typed(calendars=DIGEST, living=NEVER, quiet_from="21:30", quiet_until="06:15")
    if everyone.is_staff:
        sent["data_requests"] = NOW
    assert client.post(reverse(PAGE), sent).status_code == 302
    found = preferences_of(everyone)
    assert (found.choices[Topic.CALENDARS], found.choices[Topic.LIVING]) == (DIGEST, NEVER)
    assert (found.quiet_from, found.quiet_until) == (datetime.time(21, 30), datetime.time(6, 15))
    page = client.get(reverse(PAGE)).content.decode()
    assert 'value="21:30"' in page
    assert ("data_requests" in page) == everyone.is_staff
    importers = {Role.ADMINISTRATOR, Role.EDITOR, Role.SCHOOL, Role.COMPANY}
    assert ('name="imports"' in page) == (everyone.role in importers)


def test_page_gives_the_consent_to_mails_and_takes_it_back(client_for, reader):
    tell(drafts=[draft(reader)])
    sent = typed()
    sent.pop("wants_email")
    client_for(reader).post(reverse(PAGE), sent)
    reader.refresh_from_db()
    assert not reader.wants_email
    assert states() == {NoticeKind.CALENDAR_PUBLISHED: MailState.NOT_WANTED}
    client_for(reader).post(reverse(PAGE), typed())
    reader.refresh_from_db()
    assert reader.wants_email
    assert reader.history.filter(history_type="~").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"calendars": "perhaps"},
        {"calendars": ""},
        {"quiet_from": "25:00", "quiet_until": "07:00"},
        {"quiet_from": "22:00"},
        {"quiet_from": "07:00", "quiet_until": "07:00"},
    ],
)
def test_page_says_what_is_wrong_and_keeps_what_was_typed(client_for, reader, wrong):
    answer = client_for(reader).post(reverse(PAGE), typed(living=NEVER, **wrong))
    assert answer.status_code == 422
    assert not NoticePreference.objects.exists() and not QuietHours.objects.exists()
    page = answer.content.decode()
    assert 'class="errorlist"' in page or 'role="alert"' in page
    assert answer.context_data["form"]["living"].value() == NEVER


def test_nobody_uses_the_page_in_anothers_name(client_for, reader, administrator):
    client = client_for(administrator)
    acted = client.post(reverse("access:act_for", args=[reader.pk]), {"reason": "Demande par téléphone"})
    assert acted.status_code == 302
    page = client.get(reverse(PAGE))
    assert page.status_code == 200
    assert "elle seule choisit" in page.content.decode()
    assert client.post(reverse(PAGE), typed(living=NEVER)).status_code == 403
    assert not NoticePreference.objects.exists()
