"""The verbs of every workflow: offered by the lists, asked for by their address, done once confirmed.

That whoever may not is refused when they confirm, and nothing written, is in the matrix of access, as is who
may open the question.
"""

import pytest
from django.db import models

from pratik.internships.enums import PlacementState
from pratik.internships.models import InternshipOffer, Placement, PlacementPaper
from pratik.papers.enums import PaperKind
from pratik.verification.models import Requirement
from tests import factories as make
from tests.kit.world import ASKED, PAGES, changes_since, everything, rights, undone, url

pytestmark = [pytest.mark.django_db, pytest.mark.sooner]

# What lists do besides the verbs of their workflow, and the right that it takes.
FURTHER = {InternshipOffer: {"copy": "add"}, Placement: {"make_agreements": "add"}}
WORKFLOWS = [model for model in PAGES if getattr(model, "workflow", None)]


def _amendment(row):
    """Makes an amendment of a paper, of a placement that is signed."""
    amends = make.placement_paper()
    models.QuerySet(PlacementPaper).filter(pk=row.pk).update(kind=PaperKind.AMENDMENT, amends=amends)
    models.QuerySet(Placement).filter(pk=row.placement_id).update(state=PlacementState.SIGNED)


# What has to be there before a verb, that another page makes.
PREPARED = {
    (Placement, "sign"): lambda row: make.placement_paper(placement=row),
    (PlacementPaper, "record_amendment_agreement"): _amendment,
}


def asked_verbs(model):
    """What moves a row once it was asked; the rest is done on a page of its own, or by itself."""
    workflow = getattr(model, "workflow", None)
    found = workflow.transitions if workflow else ()
    return [transition for transition in found if transition.verb in PAGES[model].verbs]


def test_lists_offer_what_the_role_may_do(client, world):
    wrong = []
    for model in PAGES:
        granted = rights(world.account, model)
        if "view" not in granted:
            continue
        expected = {f"do_{verb.verb}" for verb in asked_verbs(model) if world.role in verb.who}
        expected |= {"do_delete"} & {f"do_{right}" for right in granted}
        further = FURTHER.get(model, {})
        expected |= {f"do_{verb}" for verb, right in further.items() if right in granted}
        form = client.get(url(model, "changelist")).context_data.get("action_form")
        offered = {name for name, _label in form.fields["action"].choices} if form else set()
        if {name for name in offered if name.startswith("do_")} != expected or "delete_selected" in offered:
            wrong.append((model.__name__, sorted(offered), sorted(expected)))
    assert not wrong


def test_posting_without_confirming_changes_nothing(client, world):
    before = everything()
    for model in WORKFLOWS:
        for row in world.rows(model):
            for transition in model.workflow.transitions:
                client.post(url(model, transition.verb, row.pk), {"reason": "Parce que"})
    assert not changes_since(before)


def granted(world, model):
    """The moves of a workflow that the role may make."""
    return [transition for transition in model.workflow.transitions if world.role in transition.who]


def test_confirming_changes_only_what_the_person_may_change(client, world):
    # Nobody binds a party without the law being asked.
    make.legal_parameters()
    # An account to be verified owes no paper.
    Requirement.objects.all()._raw_delete("default")
    wrong = []
    for model in WORKFLOWS:
        with undone():
            for transition in granted(world, model):
                wrong += [
                    told for row in world.rows(model) if (told := confirmed(client, world, row, transition))
                ]
    assert not wrong


def confirmed(client, world, row, transition):
    """Confirms a verb of a row; what is wrong with what became of it, or None."""
    model = type(row)
    before = model._base_manager.get(pk=row.pk)
    editable = model.objects.editable_by(world.account).filter(pk=row.pk).exists()
    may = editable and transition.leads_from(model.workflow.state_of(before))
    # What has a page of its own, such as keeping a file, is not done by a confirmation.
    moves = may and transition.verb in PAGES[model].verbs
    if moves and (prepare := PREPARED.get((model, transition.verb))):
        prepare(before)
    values = {"reason": "Parce que", "confirmed": "yes", **ASKED.get(model, {})}
    status = client.post(url(model, transition.verb, row.pk), values).status_code
    state = model.workflow.state_of(model._base_manager.get(pk=row.pk))
    target = transition.target if moves else model.workflow.state_of(before)
    statuses = (302, 403, 404) if moves or not may else (422,)
    if status not in statuses or state != target:
        return f"{model.__name__} {row.pk} {transition.verb}: {status}, {state} instead of {target}"
    return None
