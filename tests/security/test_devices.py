"""A person is told when their account is opened with a browser that it did not know."""

import pytest

from pratik.accounts.enums import Role
from pratik.core.origin import Origin, coming_from
from pratik.notifications.enums import MailState, NoticeKind
from pratik.notifications.models import Notice
from pratik.security.models import KnownDevice
from pratik.security.services import recognise_device
from tests import factories as make

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def test_the_first_device_is_remembered_without_a_word(student_user):
    token = recognise_device(user=student_user, token="")
    assert KnownDevice.objects.get().user == student_user
    assert token not in KnownDevice.objects.get().token_hash
    assert not Notice.objects.exists()


def test_a_known_device_is_recognised(student_user):
    token = recognise_device(user=student_user, token="")
    assert recognise_device(user=student_user, token=token) == token
    assert KnownDevice.objects.count() == 1


def test_a_new_device_is_told_with_what_and_where_whatever_the_person_prefers(administrator):
    person = make.user(Role.STUDENT, wants_email=False)
    recognise_device(user=person, token="")
    with coming_from(Origin(address="203.0.113.7", device=FIREFOX)):
        recognise_device(user=person, token="")
    notice = Notice.objects.get(kind=NoticeKind.NEW_DEVICE)
    assert notice.recipient == person
    assert "Firefox sous Linux" in notice.subject
    assert "203.0.113.7" in notice.body
    assert notice.mail_state == MailState.WAITING


def test_the_cookie_of_another_person_is_not_believed(student_user):
    token = recognise_device(user=make.user(Role.STUDENT), token="")
    assert recognise_device(user=student_user, token=token) != token
    assert KnownDevice.objects.filter(user=student_user).count() == 1
