"""The team sees what leaves, holds it, and decides about what nobody knows."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from backoffice.navigation import WAITING
from pratik.accounts.enums import Role
from pratik.core.models import Operation
from pratik.notifications.enums import MailState, NoticeKind
from pratik.notifications.models import Notice, OutgoingMail
from pratik.notifications.reports import outbox_figures
from pratik.notifications.services import (
    assess_mails,
    consider_sent,
    discard_mails,
    hold_mails,
    release_mails,
    send_again,
    send_mails,
    tell,
)
from pratik.notifications.workflow import MAIL
from tests import factories as make
from tests.kit.queue import run_queue
from tests.kit.world import notice

from .conftest import draft

pytestmark = pytest.mark.django_db

SERVICES = {
    "hold": hold_mails,
    "release": release_mails,
    "discard": discard_mails,
    "send_again": send_again,
    "consider_sent": consider_sent,
}
LIST = "admin:notifications_outgoingmail_changelist"


def decisions():
    """The operations by which somebody decided about e-mails."""
    return list(Operation.objects.filter(subject="notifications.outgoingmail"))


def in_state(state, **fields):
    return notice(mail_state=state, claimed_at=timezone.now(), **fields)


@pytest.mark.parametrize("state", MailState, ids=str)
@pytest.mark.parametrize("verb", sorted(SERVICES))
def test_each_verb_from_each_state(administrator, verb, state):
    row = in_state(state)
    outcome = SERVICES[verb](actor=administrator, pks=[row.pk], reason="Erreur d’envoi")
    row.refresh_from_db()
    transition = MAIL.transition(verb)
    if transition.leads_from(state):
        assert row.mail_state == transition.target
        assert [changed.pk for changed in outcome.changed] == [row.pk]
    else:
        assert row.mail_state == state
        # What nobody wanted by e-mail does not stand in the outbox at all.
        refused = [refused.pk for refused, _why in outcome.refused]
        assert refused == ([] if state == MailState.NOT_WANTED else [row.pk])
        assert outcome.operation is None and not decisions()


@pytest.mark.parametrize("verb", sorted(SERVICES))
def test_only_administrators_decide(everyone, verb):
    source = next(iter(MAIL.transition(verb).sources))
    row = in_state(source)
    if everyone.is_authenticated and everyone.role == Role.ADMINISTRATOR:
        return
    if not everyone.is_authenticated:
        assert not OutgoingMail.objects.visible_to(everyone).exists()
        return
    with pytest.raises(PermissionDenied):
        SERVICES[verb](actor=everyone, pks=[row.pk], reason="Parce que")
    row.refresh_from_db()
    assert row.mail_state == source


def test_outbox_is_the_teams(everyone):
    in_state(MailState.WAITING), in_state(MailState.NOT_WANTED)
    if everyone.is_authenticated:
        notice(everyone)
    seen = OutgoingMail.objects.visible_to(everyone).count()
    assert seen == (2 if everyone.is_authenticated and everyone.is_staff else 0)


@pytest.mark.parametrize("verb", ["hold", "discard"])
@pytest.mark.parametrize("kind", [NoticeKind.NEW_DEVICE, NoticeKind.ERASURE_ANSWERED])
def test_what_safety_or_the_law_wants_told_is_not_kept_back(administrator, verb, kind):
    row = in_state(MailState.WAITING, kind=kind)
    outcome = SERVICES[verb](actor=administrator, pks=[row.pk], reason="Parce que")
    assert outcome.changed == []
    assert "part toujours" in outcome.refused[0][1]
    row.refresh_from_db()
    assert row.mail_state == MailState.WAITING


def test_held_mail_waits_until_it_is_released(administrator, reader, mailoutbox):
    tell(drafts=[draft(reader)])
    pks = [Notice.objects.get().pk]
    hold_mails(actor=administrator, pks=pks)
    run_queue()
    assert mailoutbox == []
    release_mails(actor=administrator, pks=pks)
    run_queue()
    assert len(mailoutbox) == 1


def test_discarding_says_why_and_the_console_keeps_the_notice(administrator, reader, mailoutbox):
    tell(drafts=[draft(reader)])
    pks = [Notice.objects.get().pk]
    with pytest.raises(ValidationError):
        discard_mails(actor=administrator, pks=pks, reason=" ")
    discard_mails(actor=administrator, pks=pks, reason="Envoyé par erreur")
    run_queue()
    assert mailoutbox == []
    assert Notice.objects.addressed_to(reader).unread().count() == 1
    [operation] = decisions()
    assert (operation.actor, operation.reason) == (administrator, "Envoyé par erreur")
    assert str(operation).startswith("E-mails écartés")
    assert operation.counts["updated"] == 1
    assert operation.is_final


def test_mail_in_doubt_is_sent_again_as_it_was(administrator, reader, server, mailoutbox, caplog):
    """Under the same Message-ID, whatever was said since: a mailbox that has it already shows it once."""
    server.answers = {reader.email: TimeoutError("no answer")}
    tell(drafts=[draft(reader, "1"), draft(reader, "2")])
    send_mails()
    doubted = list(Notice.objects.all())
    assert {row.mail_state for row in doubted} == {MailState.IN_DOUBT}
    name = doubted[0].mail_id
    server.answers = {}
    tell(drafts=[draft(reader, "3")])
    send_again(actor=administrator, pks=[row.pk for row in doubted])
    assert send_mails() == 2
    names = [mail.message()["Message-ID"] for mail in mailoutbox]
    assert [one.startswith(f"<{name}@") for one in names].count(True) == 1
    assert set(Notice.objects.values_list("mail_state", flat=True)) == {MailState.SENT}


def test_what_is_held_for_sent_was_sent_when_it_was_handed_over(administrator):
    row = in_state(MailState.IN_DOUBT)
    consider_sent(actor=administrator, pks=[row.pk])
    row.refresh_from_db()
    assert (row.mail_state, row.mailed_at) == (MailState.SENT, row.claimed_at)
    assert send_mails() == 0


def test_failed_mail_has_all_its_tries_again(administrator):
    row = in_state(MailState.FAILED, mail_attempts=5)
    send_again(actor=administrator, pks=[row.pk])
    row.refresh_from_db()
    assert (row.mail_state, row.mail_attempts) == (MailState.WAITING, 0)


def test_assessing_writes_nothing(administrator):
    rows = [in_state(MailState.WAITING), in_state(MailState.SENT)]
    outcome = assess_mails(actor=administrator, verb="hold", pks=[row.pk for row in rows])
    assert (len(outcome.changed), len(outcome.refused)) == (1, 1)
    assert not decisions()


def test_figures_count_what_is_left(administrator):
    for state in (MailState.WAITING, MailState.HELD, MailState.HELD, MailState.IN_DOUBT, MailState.FAILED):
        in_state(state)
    in_state(MailState.SENT, mailed_at=timezone.now())
    in_state(MailState.SENT, mailed_at=timezone.now() - datetime.timedelta(days=2))
    assert outbox_figures(OutgoingMail.objects.all()) == {
        "waiting": 1,
        "digest": 0,
        "sending": 0,
        "in_doubt": 1,
        "failed": 1,
        "held": 2,
        "sent": 1,
    }
    assert WAITING["notifications.outgoingmail"](administrator).count() == 2
    assert WAITING["notifications.outgoingmail"](make.user(Role.EDITOR)).count() == 0


# In the console


def test_list_holds_several_once_confirmed(client_for, administrator):
    rows = [in_state(MailState.WAITING) for _ in range(3)]
    chosen = {"action": "do_hold", "_selected_action": [row.pk for row in rows]}
    client = client_for(administrator)
    page = client.post(reverse(LIST), chosen).content.decode()
    assert "Cet avis ne partira pas" in page or "Ces avis ne partiront pas" in page
    assert set(Notice.objects.values_list("mail_state", flat=True)) == {MailState.WAITING}
    client.post(reverse(LIST), {**chosen, "confirmed": "yes"})
    assert set(Notice.objects.values_list("mail_state", flat=True)) == {MailState.HELD}
    [operation] = decisions()
    assert operation.actor == administrator


def test_page_of_one_in_doubt_offers_both_ways_out(client_for, administrator):
    row = in_state(MailState.IN_DOUBT)
    client = client_for(administrator)
    page = client.get(reverse("admin:notifications_outgoingmail_change", args=[row.pk])).content.decode()
    assert "Envoyer de nouveau" in page and "Tenir pour envoyé" in page and "Retenir" not in page
    url = reverse("admin:notifications_outgoingmail_consider_sent", args=[row.pk])
    assert client.get(url).status_code == 200
    row.refresh_from_db()
    assert row.mail_state == MailState.IN_DOUBT
    assert client.post(url, {"confirmed": "yes"}).status_code == 302
    row.refresh_from_db()
    assert row.mail_state == MailState.SENT


def test_what_is_left_to_do_stands_first(client_for, administrator):
    for state in (MailState.IN_DOUBT, MailState.SENT, MailState.WAITING, MailState.DISCARDED):
        in_state(state)
    page = client_for(administrator).get(reverse(LIST))
    shown = [row.mail_state for row in page.context_data["cl"].result_list]
    assert shown == [MailState.WAITING, MailState.IN_DOUBT, MailState.DISCARDED, MailState.SENT]
