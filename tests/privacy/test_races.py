"""Two people at once: one erases, the other is told; somebody always remains who can answer."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.notifications.models import Notice
from pratik.privacy.enums import RequestState
from pratik.privacy.models import ErasureRequest
from pratik.privacy.services import (
    apply_retention,
    complete_requests,
    erase_account,
    receive_request,
    refuse_requests,
    withdraw_requests,
)
from tests import factories as make
from tests.core.test_races import at_once, while_locked
from tests.privacy.conftest import set_past

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def administrators(number):
    return [make.user(Role.ADMINISTRATOR) for _ in range(number)]


def test_two_administrators_answer_the_same_request(mailoutbox):
    one, two = administrators(2)
    request = make.erasure_request()
    outcomes = at_once(
        lambda: complete_requests(actor=one, pks=[request.pk]),
        lambda: complete_requests(actor=two, pks=[request.pk]),
    )
    assert sorted(len(outcome.changed) for outcome in outcomes) == [0, 1], outcomes
    assert len(mailoutbox) == 1
    assert Operation.objects.filter(kind=OperationKind.ERASURE).count() == 1


def test_one_refuses_while_the_other_erases():
    one, two = administrators(2)
    request = make.erasure_request()
    outcome = while_locked(
        lambda: refuse_requests(actor=one, pks=[request.pk], reason="Litige"),
        lambda: complete_requests(actor=two, pks=[request.pk]),
    )
    assert outcome.changed == []
    assert not User.objects.get(pk=request.user_id).is_erased


def test_a_request_taken_back_at_the_last_moment_erases_nobody():
    (administrator,) = administrators(1)
    request = make.erasure_request()
    outcome = while_locked(
        lambda: withdraw_requests(actor=request.user, pks=[request.pk]),
        lambda: complete_requests(actor=administrator, pks=[request.pk]),
    )
    assert outcome.changed == []
    assert ErasureRequest.objects.get().state == RequestState.WITHDRAWN
    assert not User.objects.get(pk=request.user_id).is_erased


def test_two_administrators_erase_each_other():
    """One of them remains: the last who can sign in is never erased."""
    one, two = administrators(2)
    results = at_once(lambda: erase_account(actor=one, user=two), lambda: erase_account(actor=two, user=one))
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert [error.code for error in refused] == ["not_erasable"], results
    active = User.objects.filter(staff_role="administrator", is_active=True)
    assert active.count() == 1


def test_the_same_request_sent_twice_is_one():
    user = make.user(Role.STUDENT)
    results = at_once(*(lambda: receive_request(actor=user, user=user) for _ in range(2)))
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert len(refused) == 1, results
    assert ErasureRequest.objects.count() == 1


def test_who_signs_in_while_the_task_runs_keeps_the_account():
    old = timezone.now() - datetime.timedelta(days=3 * 366)
    user = set_past(make.user(Role.STUDENT), last_login=old, created_at=old)
    apply_retention()
    Notice.objects.update(created_at=timezone.now() - datetime.timedelta(days=40), mail_state="sent")

    def sign_in():
        models.QuerySet(User).filter(pk=user.pk).update(last_login=timezone.now())

    run = while_locked(sign_in, apply_retention)
    assert run.treated == 0, run
    assert not User.objects.get(pk=user.pk).is_erased


def test_two_runs_of_the_task_at_once_erase_once():
    old = timezone.now() - datetime.timedelta(days=800)
    closed = [
        set_past(make.user(Role.STUDENT, is_active=False), created_at=old, updated_at=old) for _ in range(3)
    ]
    runs = at_once(apply_retention, apply_retention)
    assert sum(run.treated for run in runs) == 3, runs
    assert all(User.objects.get(pk=user.pk).is_erased for user in closed)
    assert Operation.objects.filter(kind=OperationKind.ERASURE).count() == 3
