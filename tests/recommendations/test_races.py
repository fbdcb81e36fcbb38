"""Two people at once: an agreement taken back wins, and nothing is written twice."""

import pytest

from pratik.accounts.enums import Role
from pratik.core.services import save_row
from pratik.internships.enums import PlacementState
from pratik.recommendations.enums import RecommendationState, Visibility
from pratik.recommendations.models import InternRecommendation
from pratik.recommendations.services import (
    accept_recommendations,
    feature_recommendations,
    retract_recommendations,
    withdraw_recommendations,
)
from tests import factories as make
from tests.core.test_races import at_once, while_locked
from tests.recommendations.conftest import born

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def recommended(state):
    placement = make.placement(student=make.student(born_on=born(20)), state=PlacementState.COMPLETED)
    visibility = Visibility.PUBLIC if state == RecommendationState.ACCEPTED else ""
    return make.recommendation(placement=placement, state=state, visibility=visibility)


def test_what_is_taken_back_meanwhile_is_not_put_forward():
    row = recommended(RecommendationState.ACCEPTED)
    editor = make.user(Role.EDITOR)
    outcome = while_locked(
        lambda: withdraw_recommendations(actor=row.student.user, pks=[row.pk]),
        lambda: feature_recommendations(actor=editor, pks=[row.pk]),
    )
    assert outcome.changed == []
    row.refresh_from_db()
    assert (row.state, row.is_featured) == (RecommendationState.WITHDRAWN, False)


def test_what_is_put_forward_meanwhile_is_taken_back_all_the_same():
    row = recommended(RecommendationState.ACCEPTED)
    editor = make.user(Role.EDITOR)
    while_locked(
        lambda: feature_recommendations(actor=editor, pks=[row.pk]),
        lambda: withdraw_recommendations(actor=row.student.user, pks=[row.pk]),
    )
    row.refresh_from_db()
    assert (row.state, row.is_featured) == (RecommendationState.WITHDRAWN, False)


def test_what_the_company_takes_back_meanwhile_is_not_agreed_to():
    row = recommended(RecommendationState.PROPOSED)
    member = make.company_user(row.company)
    outcome = while_locked(
        lambda: retract_recommendations(actor=member, pks=[row.pk], reason="Erreur."),
        lambda: accept_recommendations(actor=row.student.user, pks=[row.pk]),
    )
    assert outcome.changed == []
    row.refresh_from_db()
    assert row.state == RecommendationState.WITHDRAWN


def test_two_colleagues_write_one_recommendation():
    company = make.company()
    members = [make.company_user(company) for _each in range(2)]
    placement = make.placement(company=company, state=PlacementState.COMPLETED)

    def write(actor):
        row = InternRecommendation(placement=placement, rating=4, comment="Bien.")
        return save_row(actor=actor, row=row)

    results = at_once(*(lambda actor=actor: write(actor) for actor in members))
    assert sum(isinstance(result, InternRecommendation) for result in results) == 1
    (refused,) = [result for result in results if not isinstance(result, InternRecommendation)]
    assert "a déjà sa recommandation" in str(refused)
    assert InternRecommendation.objects.count() == 1
