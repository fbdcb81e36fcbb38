"""Requests to be erased: received, answered within the legal time, by the right people, once."""

import datetime
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import months_after, today
from pratik.core.models import Operation
from pratik.core.undo import undo_operation
from pratik.notifications.enums import MailState, NoticeKind
from pratik.notifications.models import Notice
from pratik.privacy import rules
from pratik.privacy.enums import RequestState
from pratik.privacy.models import ErasureRequest
from pratik.privacy.services import (
    assess_requests,
    complete_requests,
    extend_requests,
    receive_request,
    refuse_requests,
    remind_of_deadlines,
    tell_administrators,
    withdraw_requests,
)
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.calendars.test_calendars import now_is
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

DAY = datetime.date


# Until when?


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        (DAY(2026, 1, 15), DAY(2026, 2, 15), DAY(2026, 4, 15)),
        (DAY(2026, 1, 31), DAY(2026, 2, 28), DAY(2026, 4, 30)),
        (DAY(2028, 1, 31), DAY(2028, 2, 29), DAY(2028, 4, 30)),
        (DAY(2026, 1, 28), DAY(2026, 2, 28), DAY(2026, 4, 28)),
        (DAY(2026, 3, 31), DAY(2026, 4, 30), DAY(2026, 6, 30)),
        (DAY(2026, 11, 30), DAY(2026, 12, 30), DAY(2027, 2, 28)),
        (DAY(2026, 12, 31), DAY(2027, 1, 31), DAY(2027, 3, 31)),
        (DAY(2027, 2, 28), DAY(2027, 3, 28), DAY(2027, 5, 28)),
    ],
    ids=str,
)
def test_an_answer_is_due_on_the_same_day_of_the_next_month(received, due, extended):
    assert rules.answer_due_on(received) == due
    assert rules.answer_due_on(received, extended=True) == extended


def test_months_are_counted_backwards_too():
    assert months_after(DAY(2026, 3, 31), -1) == DAY(2026, 2, 28)
    assert months_after(DAY(2026, 1, 15), -36) == DAY(2023, 1, 15)


@pytest.mark.parametrize(
    ("days", "pressure"), [(-1, "late"), (0, "near"), (7, "near"), (8, "calm"), (31, "calm")]
)
def test_a_deadline_presses_from_a_week_before(days, pressure):
    day = DAY(2026, 5, 10)
    assert rules.pressure(day + datetime.timedelta(days=days), day) == pressure


def test_the_time_runs_from_the_day_in_cayenne(monkeypatch):
    """At 23:30 on the 31st of January it is February already in UTC."""
    user = make.user(Role.STUDENT)
    now_is(monkeypatch, 2027, 1, 31, 23, 30)
    request = receive_request(actor=user, user=user)
    assert (request.received_on, request.due_on) == (DAY(2027, 1, 31), DAY(2027, 2, 28))


# Asking


def test_a_person_asks_and_everybody_concerned_is_told(administrator, mailoutbox):
    user = make.user(Role.STUDENT, wants_email=False)
    make.user(Role.ADMINISTRATOR, is_active=False)
    request = receive_request(actor=user, user=user, reason="  Je pars  ")
    assert (request.state, request.reason) == (RequestState.RECEIVED, "Je pars")
    assert run_queue()
    told = {notice.recipient: notice.kind for notice in Notice.objects.all()}
    assert told == {
        user: NoticeKind.ERASURE_RECEIVED,
        administrator: NoticeKind.ERASURE_TO_DECIDE,
    }
    assert user.email in {mail.to[0] for mail in mailoutbox}, "a receipt leaves whatever the person prefers"
    assert AccessEvent.objects.get(kind=AccessKind.ERASURE_ASKED).actor == user


def test_one_request_at_a_time(administrator):
    user = make.user(Role.STUDENT)
    receive_request(actor=user, user=user)
    with pytest.raises(ValidationError, match="déjà en cours"):
        receive_request(actor=administrator, user=user)
    assert ErasureRequest.objects.count() == 1
    assert Notice.objects.filter(recipient=user).count() == 1


def test_a_request_that_was_answered_can_be_made_again(administrator):
    request = make.erasure_request()
    withdraw_requests(actor=request.user, pks=[request.pk])
    assert receive_request(actor=request.user, user=request.user).pk != request.pk


def test_staff_write_down_what_came_by_letter(administrator):
    contact = make.manager()
    request = receive_request(actor=administrator, contact=contact, received_on=DAY(2026, 1, 31))
    assert request.due_on == DAY(2026, 2, 28)
    assert not Notice.objects.filter(kind=NoticeKind.ERASURE_RECEIVED).exists()


@pytest.mark.parametrize("both", [True, False])
def test_a_request_is_about_one_person(administrator, both):
    people = {"user": make.user(Role.STUDENT), "contact": make.manager()} if both else {}
    with pytest.raises(ValidationError, match="Choisissez un compte"):
        receive_request(actor=administrator, **people)


def test_a_request_does_not_come_from_the_future(administrator):
    with pytest.raises(ValidationError, match="avenir"):
        receive_request(
            actor=administrator, contact=make.manager(), received_on=today() + datetime.timedelta(days=1)
        )


def test_nobody_asks_for_another(student_user):
    with pytest.raises(PermissionDenied):
        receive_request(actor=student_user, user=make.user(Role.STUDENT))
    assert not ErasureRequest.objects.exists()


# Who sees, who answers


def test_administrators_and_auditors_see_all_others_their_own(everyone):
    request = make.erasure_request()
    own = set()
    if not everyone.is_anonymous:
        own = {make.erasure_request(user=everyone).pk}
    role = getattr(everyone, "role", Role.ANONYMOUS)
    everything = {request.pk} | own
    visible = everything if role in (Role.ADMINISTRATOR, Role.AUDITOR) else own
    editable = everything if role == Role.ADMINISTRATOR else own
    assert {row.pk for row in ErasureRequest.objects.visible_to(everyone)} == visible
    assert {row.pk for row in ErasureRequest.objects.editable_by(everyone)} == editable


@pytest.mark.parametrize("verb", [complete_requests, refuse_requests, extend_requests])
def test_only_administrators_answer(everyone, verb):
    request = make.erasure_request()
    if everyone.is_anonymous or everyone.is_administrator:
        return
    own = make.erasure_request(user=everyone)
    with pytest.raises(PermissionDenied):
        verb(actor=everyone, pks=[own.pk, request.pk], reason="Essai")
    assert set(ErasureRequest.objects.values_list("state", flat=True)) == {RequestState.RECEIVED}


def test_a_person_takes_their_own_request_back_and_no_other(student_user):
    own, other = make.erasure_request(user=student_user), make.erasure_request()
    outcome = withdraw_requests(actor=student_user, pks=[own.pk, other.pk])
    assert outcome.changed == [own]
    other.refresh_from_db()
    assert other.is_open


# Answering


def test_a_refusal_says_why_and_where_to_complain(administrator, mailoutbox):
    request = make.erasure_request()
    with pytest.raises(ValidationError, match="Donnez un motif"):
        refuse_requests(actor=administrator, pks=[request.pk], reason=" ")
    refuse_requests(actor=administrator, pks=[request.pk], reason="Litige en cours")
    request.refresh_from_db()
    assert (request.state, request.answer) == (RequestState.REFUSED, "Litige en cours")
    notice = Notice.objects.get(recipient=request.user)
    assert "Litige en cours" in notice.body and "CNIL" in notice.body
    run_queue()
    assert [mail.to for mail in mailoutbox] == [[request.user.email]]
    assert not User.objects.get(pk=request.user_id).is_erased


def test_the_time_is_extended_once_and_the_person_is_told(administrator, monkeypatch):
    now_is(monkeypatch, 2026, 2, 28, 12, 0)
    request = make.erasure_request(received_on=DAY(2026, 1, 31))
    extend_requests(actor=administrator, pks=[request.pk], reason="Beaucoup de données")
    request.refresh_from_db()
    assert (request.state, request.due_on) == (RequestState.EXTENDED, DAY(2026, 4, 30))
    notice = Notice.objects.get(recipient=request.user)
    assert "30/04/2026" in notice.body and "Beaucoup de données" in notice.body
    outcome = extend_requests(actor=administrator, pks=[request.pk], reason="Encore")
    assert outcome.changed == [] and len(outcome.refused) == 1
    request.refresh_from_db()
    assert request.due_on == DAY(2026, 4, 30)


def test_an_extension_of_which_the_person_was_told_is_not_taken_back(administrator):
    request = make.erasure_request()
    extension = extend_requests(actor=administrator, pks=[request.pk], reason="Du temps").operation
    report = undo_operation(actor=administrator, operation=extension)
    assert (report.done, [left.reason for left in report.left]) == (
        0,
        ["«\u00a0Prolonger de deux mois\u00a0» ne s’annule pas."],
    )
    request.refresh_from_db()
    assert request.state == RequestState.EXTENDED


def test_a_late_answer_is_not_made_timely_by_an_extension(administrator):
    """The person must learn of the extension within the month (GDPR, article 12(3))."""
    yesterday = today() - datetime.timedelta(days=1)
    late, timely = make.erasure_request(due_on=yesterday), make.erasure_request(due_on=today())
    asked = assess_requests(actor=administrator, verb="extend", pks=[late.pk, timely.pk])
    outcome = extend_requests(actor=administrator, pks=[late.pk, timely.pk], reason="Du temps")
    for answer in (asked, outcome):
        assert answer.changed == [timely]
        assert answer.refused == [(late, "Le délai d’un mois est passé : répondez.")]
    late.refresh_from_db()
    assert (late.state, late.due_on) == (RequestState.RECEIVED, yesterday)
    assert not Notice.objects.filter(recipient=late.user).exists()


def test_an_extended_request_is_still_answered(administrator):
    request = make.erasure_request(state=RequestState.EXTENDED)
    assert complete_requests(actor=administrator, pks=[request.pk]).changed == [request]


def test_an_erasure_is_told_by_the_last_e_mail(administrator, mailoutbox):
    user = make.user(Role.STUDENT, email="keila@example.org", language="fr")
    request = make.erasure_request(user=user)
    outcome = complete_requests(actor=administrator, pks=[request.pk])
    request.refresh_from_db()
    assert (request.state, outcome.changed) == (RequestState.DONE, [request])
    assert "RGPD, article 17(3)(e)" in request.answer
    [mail] = mailoutbox
    assert mail.to == ["keila@example.org"]
    assert "tout ce qui vous identifie a été effacé".lower() in mail.body.lower()
    assert AccessEvent.objects.get(kind=AccessKind.ERASURE_DONE).object_pk == str(user.pk)


def refuse_mail(error):
    def send(*args, **kwargs):
        raise error

    return send


def test_nobody_is_erased_without_being_told(administrator, monkeypatch):
    """The mail server is down: the erasure waits."""
    request = make.erasure_request()
    before = User.objects.filter(pk=request.user_id).values().get()
    monkeypatch.setattr(
        "django.core.mail.EmailMultiAlternatives.send", refuse_mail(SMTPServerDisconnected("down"))
    )
    outcome = complete_requests(actor=administrator, pks=[request.pk])
    assert outcome.changed == []
    [(refused, why)] = outcome.refused
    assert refused == request and "ses données ne sont pas effacées" in why
    request.refresh_from_db()
    assert request.state == RequestState.RECEIVED
    assert User.objects.filter(pk=request.user_id).values().get() == before


def test_an_e_mail_that_does_not_leave_keeps_its_person_alone(administrator, client_for, monkeypatch):
    """Two were chosen: the answer says which one was erased, and why the other was not."""
    erased, kept = make.erasure_request(), make.erasure_request()
    before = User.objects.filter(pk=kept.user_id).values().get()
    send = EmailMultiAlternatives.send

    def some(mail, *args, **kwargs):
        if mail.to == [kept.user.email]:
            raise SMTPServerDisconnected("down")
        return send(mail, *args, **kwargs)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", some)
    page = reverse("admin:privacy_erasurerequest_changelist")
    chosen = {"action": "do_complete", "_selected_action": [kept.pk, erased.pk], "confirmed": "yes"}
    answer = client_for(administrator).post(page, chosen, follow=True)
    told = {message.level_tag: str(message) for message in answer.context["messages"]}
    assert "1 ligne changée" in told["success"]
    assert "ses données ne sont pas effacées" in told["warning"]
    states = dict(ErasureRequest.objects.values_list("pk", "state"))
    assert states == {erased.pk: RequestState.DONE, kept.pk: RequestState.RECEIVED}
    assert User.objects.get(pk=erased.user_id).is_erased
    assert User.objects.filter(pk=kept.user_id).values().get() == before


def test_an_address_that_takes_no_mail_does_not_stop_an_erasure(administrator, monkeypatch):
    request = make.erasure_request()
    monkeypatch.setattr(
        "django.core.mail.EmailMultiAlternatives.send", refuse_mail(SMTPRecipientsRefused({}))
    )
    assert complete_requests(actor=administrator, pks=[request.pk]).changed == [request]


def test_own_request_and_last_administrator_are_refused_with_the_reason(administrator):
    own = make.erasure_request(user=administrator)
    outcome = assess_requests(actor=administrator, verb="complete", pks=[own.pk])
    assert outcome.changed == [] and "son propre compte" in outcome.refused[0][1]
    outcome = complete_requests(actor=administrator, pks=[own.pk])
    assert outcome.changed == [] and "son propre compte" in outcome.refused[0][1]
    assert not User.objects.get(pk=administrator.pk).is_erased


def test_one_that_is_refused_does_not_stop_the_others(administrator, mailoutbox):
    good, own = make.erasure_request(), make.erasure_request(user=administrator)
    outcome = complete_requests(actor=administrator, pks=[own.pk, good.pk])
    assert (outcome.changed, len(outcome.refused)) == ([good], 1)


def test_answering_twice_is_refused(administrator):
    request = make.erasure_request()
    complete_requests(actor=administrator, pks=[request.pk])
    lines = Operation.objects.count()
    assert complete_requests(actor=administrator, pks=[request.pk]).changed == []
    assert refuse_requests(actor=administrator, pks=[request.pk], reason="Non").changed == []
    assert Operation.objects.count() == lines


# Reminders


def test_administrators_are_reminded_a_week_before_and_once_more_when_late(administrator):
    request = make.erasure_request(received_on=DAY(2026, 1, 15))
    for day, new in [
        (DAY(2026, 2, 7), 0),
        (DAY(2026, 2, 8), 1),
        (DAY(2026, 2, 9), 0),
        (DAY(2026, 2, 15), 0),
        (DAY(2026, 2, 16), 1),
        (DAY(2026, 2, 20), 0),
    ]:
        assert remind_of_deadlines(day=day) == new, day
    near, late = Notice.objects.order_by("pk")
    assert "il reste 7\u00a0jours" in near.body.replace(" jours", "\u00a0jours")
    assert "1 jour de retard" in late.body
    refuse_requests(actor=administrator, pks=[request.pk], reason="Non")
    assert remind_of_deadlines(day=DAY(2026, 3, 1)) == 0


def test_nobody_is_told_to_decide_on_their_own_request():
    one, other = make.user(Role.ADMINISTRATOR), make.user(Role.ADMINISTRATOR)
    request = make.erasure_request(user=one)
    assert tell_administrators(pk=request.pk) == 1
    assert tell_administrators(pk=request.pk) == 0
    assert Notice.objects.get().recipient == other


def test_a_withdrawn_request_is_not_announced(administrator):
    request = make.erasure_request()
    withdraw_requests(actor=request.user, pks=[request.pk])
    assert tell_administrators(pk=request.pk) == 0


def test_e_mails_about_a_request_do_not_depend_on_preferences(administrator):
    request = make.erasure_request(user=make.user(Role.STUDENT, wants_email=False))
    extend_requests(actor=administrator, pks=[request.pk], reason="Du temps")
    assert Notice.objects.get(recipient=request.user).mail_state == MailState.WAITING
