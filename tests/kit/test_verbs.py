"""The verbs of every workflow, asked for by their address: asked first, done once confirmed, by who may."""

import pytest

from pratik.accounts.enums import Role
from tests.conftest import person
from tests.kit.world import PAGES, everything, expect, rows_of, seen_by, url

pytestmark = pytest.mark.django_db

WORKFLOWS = [model for model in PAGES if getattr(model, "workflow", None)]


@pytest.fixture(params=[role for role in Role if role != Role.ANONYMOUS], ids=str)
def account(request, db):
    return person(request.param)


@pytest.fixture(params=WORKFLOWS, ids=lambda model: model._meta.label_lower)
def model(request):
    return request.param


def test_question_is_asked_of_those_who_may_act_and_changes_nothing(client, account, model):
    rows = rows_of(model, account)
    before = everything()
    for row in rows:
        for transition in model.workflow.transitions:
            allowed = account.role in transition.who
            status = 404 if not seen_by(account, row) else (200 if allowed else 403)
            expect(client, url(model, transition.verb, row.pk), status)
    assert everything() == before


def test_posting_without_confirming_changes_nothing(client, account, model):
    rows = rows_of(model, account)
    before = everything()
    for row in rows:
        for transition in model.workflow.transitions:
            client.post(url(model, transition.verb, row.pk), {"reason": "Parce que"})
    assert everything() == before


def test_confirming_changes_only_what_the_person_may_change(client, account, model):
    rows = rows_of(model, account)
    for transition in model.workflow.transitions:
        for row in rows:
            before = type(row)._base_manager.get(pk=row.pk)
            editable = model.objects.editable_by(account).filter(pk=row.pk).exists()
            moves = (
                account.role in transition.who
                and editable
                and transition.leads_from(model.workflow.state_of(before))
            )
            response = client.post(
                url(model, transition.verb, row.pk), {"reason": "Parce que", "confirmed": "yes"}
            )
            assert response.status_code in (302, 403, 404)
            after = type(row)._base_manager.get(pk=row.pk)
            target = transition.target if moves else model.workflow.state_of(before)
            assert model.workflow.state_of(after) == target
