"""The link of an e-mail by which its reader wants no more of them; it works without signing in."""

import pytest
from django.test import Client
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.notifications.enums import MailChoice, MailState, NoticeKind, Topic
from pratik.notifications.models import Notice, NoticePreference
from pratik.notifications.services import Draft, preferences_of, tell, unsubscribe_token
from tests import factories as make

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def reader(db):
    return make.user(Role.COMPANY, email="rita.tjon@example.org")


def link(user, *kinds):
    kinds = kinds or (NoticeKind.CALENDAR_PUBLISHED, NoticeKind.PLACE_ASKED)
    return reverse("access:unsubscribe", args=[unsubscribe_token(user, kinds)])


def chosen(user):
    return {topic for topic, mail in preferences_of(user).choices.items() if mail == MailChoice.NEVER}


def test_opening_the_link_says_what_it_does_and_does_nothing(client, reader):
    page = client.get(link(reader))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Calendriers de stage" in text and "Logement et covoiturage" in text
    assert "r…@example.org" in text and "rita.tjon" not in text
    client.head(link(reader))
    assert not NoticePreference.objects.exists()


def test_a_mailbox_stops_them_with_one_click_and_no_cookie(reader):
    client = Client(enforce_csrf_checks=True)
    tell(drafts=[Draft(reader, NoticeKind.CALENDAR_PUBLISHED, "1", "Un stage", "Bientôt")])
    for _twice in range(2):
        assert client.post(link(reader), ONE_CLICK).status_code == 200
    assert chosen(reader) == {Topic.CALENDARS, Topic.LIVING}
    assert Notice.objects.get().mail_state == MailState.NOT_WANTED
    assert not client.cookies.get("sessionid")


def test_only_what_the_mail_was_about_is_stopped(client, reader):
    client.post(link(reader, NoticeKind.CALENDAR_PUBLISHED, NoticeKind.NEW_DEVICE), {"what": "topics"})
    assert chosen(reader) == {Topic.CALENDARS}


def test_it_is_taken_back_on_the_same_page(client, reader):
    page = client.post(link(reader), {"what": "topics"}).content.decode()
    assert 'value="back"' in page
    client.post(link(reader), {"what": "back"})
    assert chosen(reader) == set()


def test_all_mails_are_stopped_with_the_consent_to_them(client, reader):
    page = client.post(link(reader), {"what": "all"})
    reader.refresh_from_db()
    assert not reader.wants_email
    assert reader.history.latest().history_user == reader
    assert "sécurité de votre compte" in page.content.decode()
    assert "n’envoie déjà plus" in client.get(link(reader)).content.decode()


def test_nothing_else_can_be_asked(client, reader):
    assert client.post(link(reader), {"what": "everything"}).status_code == 200
    assert not NoticePreference.objects.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token.replace("calendars", "offers"),
        lambda token: f"9{token}",
        lambda token: "x",
        lambda token: "1.calendars",
    ],
)
def test_a_link_that_was_cut_or_made_up_does_nothing(client, reader, spoil):
    token = spoil(unsubscribe_token(reader, [NoticeKind.CALENDAR_PUBLISHED]))
    for answer in (client.get, client.post):
        assert answer(reverse("access:unsubscribe", args=[token])).status_code == 410
    assert not NoticePreference.objects.exists()


def test_a_signature_of_another_part_of_the_site_does_not_serve(client, reader):
    from django.core.signing import Signer

    token = Signer(salt="autre").sign(f"{reader.pk}.calendars")
    assert client.post(reverse("access:unsubscribe", args=[token])).status_code == 410


def test_link_of_a_closed_account_serves_no_more(client, reader):
    address = link(reader)
    type(reader)._base_manager.filter(pk=reader.pk).update(is_active=False)
    assert client.post(address, ONE_CLICK).status_code == 410


def test_mail_about_safety_alone_has_no_link(reader):
    assert unsubscribe_token(reader, [NoticeKind.NEW_DEVICE]) == ""
