"""States move only through their table: each role, from each state, by each verb, and not otherwise."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models

from pratik.accounts.enums import AccountType, Role
from pratik.accounts.models import User
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core.history import tracked_models
from pratik.core.models import Operation
from pratik.core.services import assess, move
from pratik.core.workflow import mermaid, verb_label
from pratik.internships.enums import EndedBy, RefusalReason
from pratik.internships.models import Application, Placement, PlacementPaper
from pratik.joining.enums import ORGANISATION_ROLES
from pratik.joining.models import KINDS, Invitation, JoinRequest, OrganisationDraft
from pratik.living.models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest
from pratik.papers.enums import PaperKind, TemplateState
from pratik.papers.models import PaperTemplate
from pratik.partners.enums import Partnership
from pratik.partners.models import CompanyProfile
from pratik.privacy.models import ErasureRequest
from pratik.recommendations.enums import Visibility
from pratik.recommendations.models import InternRecommendation
from pratik.tracking.models import Follow
from pratik.verification.models import VerificationDocument
from tests import factories as make
from tests.conftest import person
from tests.kit.world import NEW, own_row, undone

pytestmark = pytest.mark.django_db

PUBLISHED = CalendarState.PUBLISHED
WORKFLOWS = {model: model.workflow for model in tracked_models().values() if hasattr(model, "workflow")}
PLACES = [
    pytest.param(model, state, id=f"{model._meta.model_name}-{state}")
    for model, workflow in WORKFLOWS.items()
    for state in workflow.states
]


NOW = datetime.now(UTC)

# What the services of an area write together with a state, without which the database refuses it.
WITH_A_STATE = {
    Application: {"refusal_reason": RefusalReason.FILLED},
    Placement: {"ended_on": date(2027, 1, 15), "ended_by": EndedBy.HOST},
    Follow: {"shows_level": True, "agreed_at": NOW},
    InternRecommendation: {"visibility": Visibility.PUBLIC},
}


def row_of(actor, model, state):
    """A row in a state, of this person's own organisation where they have one."""
    if model is InternshipCalendar:
        membership = actor.schoolmemberships.first()
        return make.calendar(state=state, school=membership and membership.organisation)
    if model is CompanyProfile:
        return make.company(partnership=state)
    if model is ErasureRequest:
        return make.erasure_request(state=state, user=None if actor.is_administrator else actor)
    if model in (HousingOffer, CarpoolOffer, HousingRequest, CarpoolRequest):
        return place_of(actor, model, state)
    if model is VerificationDocument:
        return make.document(state=state, is_in_force=False)
    if model in (JoinRequest, OrganisationDraft, Invitation):
        return joining_row_of(actor, model, state)
    if model is User:
        return make.user(Role.STUDENT, verification=state)
    row = own_row(model, actor) or NEW[model]()
    if model is PaperTemplate:
        # One of a kind is in force at a time.
        models.QuerySet(model).exclude(pk=row.pk).update(state=TemplateState.RETIRED)
    if model is PlacementPaper:
        amends = make.placement_paper()
        models.QuerySet(model).filter(pk=row.pk).update(kind=PaperKind.AMENDMENT, amends=amends)
    values = {model.workflow.field: state, **WITH_A_STATE.get(model, {})}
    models.QuerySet(model).filter(pk=row.pk).update(**values)
    return model._base_manager.get(pk=row.pk)


def place_of(actor, model, state):
    """A listing of the actor, or a request of theirs or to them."""
    offered = make.lodging if model in (HousingOffer, HousingRequest) else make.trip
    owner = "landlord" if offered is make.lodging else "driver"
    own = {owner: actor} if actor.role == owner else {}
    if model in (HousingOffer, CarpoolOffer):
        return offered(state=state, **own)
    asked = make.lodging_request if model is HousingRequest else make.trip_request
    return asked(state=state, offer=offered(**own), student=actor if actor.role == Role.STUDENT else None)


def joining_row_of(actor, model, state):
    """A row that the actor may change, of their own kind of organisation where they have one."""
    if model is OrganisationDraft:
        own = actor.role in ORGANISATION_ROLES
        return make.organisation_draft(
            state=state,
            **({"applicant": actor, "account_type": actor.account_type} if own else {}),
        )
    found = [
        membership.organisation
        for kind in KINDS.values()
        for membership in kind.membership.objects.filter(user=actor).select_related("organisation")
    ]
    organisation = found[0] if found else None
    if model is JoinRequest:
        return make.join_request(organisation, state=state)
    return make.invitation(organisation, state=state)


def what_happens(actor, model, row, verb, reason="Vu avec l’établissement"):
    try:
        outcome = move(actor=actor, model=model, verb=verb, pks=[row.pk], reason=reason)
    except PermissionDenied:
        return "forbidden"
    return "moved" if outcome.changed else "refused"


@pytest.mark.once
@pytest.mark.parametrize(("model", "state"), PLACES)
def test_each_role_does_what_the_table_says_and_nothing_else(model, state):
    field = model.workflow.field
    movers = {role for transition in model.workflow.transitions for role in transition.who}
    row = None
    # Those who may move some row come first, each with a row of their own; the others are refused the last.
    for role in sorted(set(Role) - {Role.ANONYMOUS}, key=lambda role: role not in movers):
        actor = person(role)
        if role in movers or row is None:
            row = row_of(actor, model, state)
        for transition in model.workflow.transitions:
            cell = f"{role} {transition.verb}"
            if role not in transition.who:
                expected = "forbidden"
            else:
                expected = "moved" if state in transition.sources else "refused"
            with undone():
                assert what_happens(actor, model, row, transition.verb) == expected, cell
                now = models.QuerySet(model).values_list(field, flat=True).get(pk=row.pk)
                assert now == (transition.target if expected == "moved" else state), cell


@pytest.mark.parametrize("model", WORKFLOWS, ids=lambda model: model._meta.model_name)
def test_each_table_is_sound(model):
    """Verbs are named once, lead between states that exist, and each state can be reached."""
    workflow = model.workflow
    verbs = [transition.verb for transition in workflow.transitions]
    assert len(verbs) == len(set(verbs))
    default = model._meta.get_field(workflow.field).default
    assert default in workflow.begins or default is models.NOT_PROVIDED
    reached = set(workflow.begins)
    for transition in workflow.transitions:
        assert transition.sources <= set(workflow.states)
        assert transition.target in set(workflow.states)
        assert bool(transition.who) != transition.by_itself, "somebody may do it, or nobody needs to"
        assert not transition.stamp or model._meta.get_field(transition.stamp)
        reached.add(transition.target)
    assert reached == set(workflow.states)
    assert not model._meta.get_field(workflow.field).editable, "no form may set a state"


def test_the_diagram_shows_each_line_of_the_table():
    drawn = mermaid(InternshipCalendar.workflow).splitlines()
    assert drawn[1].strip() == "[*] --> draft"
    assert {line.strip() for line in drawn[2:]} == {
        "draft --> published: publish",
        "withdrawn --> published: publish",
        "published --> withdrawn: withdraw",
        "draft --> archived: archive",
        "published --> archived: archive",
        "withdrawn --> archived: archive",
    }


def test_a_verb_is_called_by_its_name_for_people():
    assert verb_label("calendars.internshipcalendar", "publish") == "Publication"
    assert verb_label("calendars.internshipcalendar", "unheard_of") == "unheard_of"
    assert verb_label("", "publish") == "publish"


def test_a_table_offers_what_a_role_may_do_from_a_state():
    workflow = InternshipCalendar.workflow
    assert [t.verb for t in workflow.open_to(Role.SCHOOL)] == ["withdraw", "archive"]
    assert [t.verb for t in workflow.open_to(Role.EDITOR, CalendarState.DRAFT)] == ["publish", "archive"]
    assert workflow.open_to(Role.STUDENT) == []


def test_a_set_moves_as_far_as_it_can_and_says_what_it_left_and_why(actor):
    draft, published, archived = (make.calendar(state=s) for s in ("draft", "published", "archived"))
    pks = [draft.pk, published.pk, archived.pk]
    outcome = move(actor=actor, model=InternshipCalendar, verb="publish", pks=pks, reason="  Lu  ")
    assert outcome.changed == [draft]
    assert dict(outcome.refused) == {
        published: "L’état « Publié » ne permet pas cette action.",
        archived: "L’état « Archivé » ne permet pas cette action.",
    }
    assert outcome.operation.counts == {"updated": 1, "refused": 2}
    assert (outcome.operation.verb, outcome.operation.reason) == ("publish", "Lu")
    assert outcome.operation.title == "Publication · calendriers de stages"
    draft.refresh_from_db()
    assert draft.published_at is not None
    assert draft.history.first().history_change_reason == "Lu"


def test_nothing_moved_leaves_no_operation(actor):
    calendar = make.calendar(state="archived")
    before = Operation.objects.count()
    outcome = move(actor=actor, model=InternshipCalendar, verb="publish", pks=[calendar.pk])
    assert outcome.operation is None
    assert Operation.objects.count() == before
    assert calendar.history.count() == 1


@pytest.mark.parametrize("reason", ["", "   \n"])
def test_what_needs_a_reason_is_refused_without_one(actor, reason):
    calendar = make.calendar(state=PUBLISHED)
    with pytest.raises(ValidationError) as refused:
        move(actor=actor, model=InternshipCalendar, verb="withdraw", pks=[calendar.pk], reason=reason)
    assert refused.value.message_dict == {"reason": ["Donnez un motif."]}
    calendar.refresh_from_db()
    assert calendar.state == PUBLISHED


def test_an_unknown_verb_is_an_error(actor):
    with pytest.raises(KeyError):
        move(actor=actor, model=InternshipCalendar, verb="unheard_of", pks=[])


def test_another_schools_rows_are_passed_over_as_if_they_were_not_there():
    own, foreign = make.calendar(state=PUBLISHED), make.calendar(state=PUBLISHED)
    actor = make.school_user(own.school)
    outcome = move(
        actor=actor, model=InternshipCalendar, verb="archive", pks=[own.pk, foreign.pk, foreign.pk + 999]
    )
    assert (outcome.changed, outcome.refused) == ([own], [])
    foreign.refresh_from_db()
    assert foreign.state == PUBLISHED


def test_assessing_says_what_moving_would_do_and_writes_nothing(actor):
    draft, archived = make.calendar(), make.calendar(state="archived")
    lines, operations = InternshipCalendar.history.count(), Operation.objects.count()
    outcome = assess(actor=actor, model=InternshipCalendar, verb="publish", pks=[draft.pk, archived.pk])
    assert outcome.changed == [draft]
    assert [row for row, _why in outcome.refused] == [archived]
    draft.refresh_from_db()
    assert draft.state == CalendarState.DRAFT
    assert (InternshipCalendar.history.count(), Operation.objects.count()) == (lines, operations)


def test_a_rule_of_the_area_refuses_with_its_own_sentence(actor):
    calendar = make.calendar()
    outcome = move(
        actor=actor,
        model=InternshipCalendar,
        verb="publish",
        pks=[calendar.pk],
        guard=lambda row: f"{row.program_name} : trop tard.",
    )
    assert outcome.refused == [(calendar, f"{calendar.program_name} : trop tard.")]


def test_what_moved_is_announced_once_and_only_if_something_did(actor):
    draft, archived = make.calendar(), make.calendar(state="archived")
    announced = []
    for _time in range(2):
        move(
            actor=actor,
            model=InternshipCalendar,
            verb="publish",
            pks=[draft.pk, archived.pk],
            announce=lambda pks, operation: announced.append((pks, operation.verb)),
        )
    assert announced == [([draft.pk], "publish")]


def test_an_announcement_that_fails_takes_the_move_back(actor):
    calendar = make.calendar()

    def fail(pks, operation):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        move(actor=actor, model=InternshipCalendar, verb="publish", pks=[calendar.pk], announce=fail)
    calendar.refresh_from_db()
    assert calendar.state == CalendarState.DRAFT
    assert calendar.history.count() == 1


def test_a_move_sets_the_columns_that_come_with_it(actor):
    company = make.company()
    move(
        actor=actor,
        model=CompanyProfile,
        verb="mark_partner",
        pks=[company.pk],
        partner_since="2026-01-05",
    )
    company.refresh_from_db()
    assert company.partnership == Partnership.PARTNER
    assert f"{company.partner_since}" == "2026-01-05"


def test_moving_many_rows_takes_no_more_queries_than_moving_few(actor, django_assert_num_queries):
    few, many = make.calendars(10), make.calendars(300)
    for number, rows in ((10, few), (300, many)):
        with django_assert_num_queries(8):
            outcome = move(
                actor=actor, model=InternshipCalendar, verb="publish", pks=[row.pk for row in rows]
            )
        assert len(outcome.changed) == number


def test_staff_accounts_are_checked_by_administrators_alone(actor, verifier):
    """A verifier changes no account of the team, so doesn't verify one either."""
    colleague = make.user(Role.EDITOR)
    assert colleague.account_type == AccountType.STAFF
    assert what_happens(verifier, User, colleague, "verify") == "refused"
    assert what_happens(actor, User, colleague, "verify") == "moved"
