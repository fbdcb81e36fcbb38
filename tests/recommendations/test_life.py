"""A recommendation from its first draft to its end: nobody reads it against the will of whom it speaks of."""

import datetime
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.calendar import CAYENNE, months_after, today
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.origin import Origin, coming_from
from pratik.core.services import remove_rows, save_row
from pratik.core.undo import undo_operation
from pratik.core.writes import set_columns
from pratik.internships.enums import HOSTED_STATES, PlacementState
from pratik.law.models import LegalParameter
from pratik.notifications.models import Notice
from pratik.privacy.reports import rule_named
from pratik.privacy.services import erase_account
from pratik.recommendations.enums import RecommendationState, Visibility
from pratik.recommendations.models import InternRecommendation, RecommendedStudent
from pratik.recommendations.reports import certified, recommendations_to_answer
from pratik.recommendations.services import (
    KEPT_MONTHS,
    accept_recommendations,
    assess_recommendations,
    choose_visibility,
    decline_recommendations,
    feature_recommendations,
    forget_unanswered,
    propose_recommendations,
    retract_recommendations,
    rework_recommendations,
    save_recommendation,
    unfeature_recommendations,
    withdraw_recommendations,
)
from pratik.recommendations.tasks import tell_of_moves
from pratik.schedule import SCHEDULE
from tests import factories as make
from tests.kit.queue import run_queue
from tests.recommendations.conftest import born

pytestmark = pytest.mark.django_db

ACCEPTED, PROPOSED = RecommendationState.ACCEPTED, RecommendationState.PROPOSED
DRAFT, DECLINED, WITHDRAWN = (
    RecommendationState.DRAFT,
    RecommendationState.DECLINED,
    RecommendationState.WITHDRAWN,
)


def fresh(row):
    return InternRecommendation.objects.with_names().get(pk=row.pk)


def state(row):
    return fresh(row).state


def write(actor, placement, **fields):
    """What a company types."""
    values = {"rating": 5, "comment": "Travail soigné, du premier au dernier jour."}
    return save_row(actor=actor, row=InternRecommendation(placement=placement, **values | fields))


def accepted(placement, **fields):
    return make.recommendation(placement=placement, state=ACCEPTED, **fields)


# Writing


def test_a_company_writes_about_somebody_whom_it_hosted(member, company, student, placement):
    row = write(member, placement, skills_validated=["Ponçage"], autonomy=True)
    assert (row.company, row.student, row.state) == (company, student, DRAFT)
    assert row.strengths == ["Autonomie"]
    assert len(row.code) == 16


@pytest.mark.parametrize("place", PlacementState.values)
def test_it_writes_from_the_first_day_of_the_internship_on(member, company, student, place):
    placement = make.placement(company=company, student=student, state=place)
    if place in HOSTED_STATES:
        assert write(member, placement).state == DRAFT
    else:
        with pytest.raises(ValidationError, match="n’a pas commencé"):
            write(member, placement)
        assert not InternRecommendation.objects.exists()


def test_a_company_writes_of_its_own_interns_alone(member, student):
    elsewhere = make.placement(student=student, state=PlacementState.COMPLETED)
    with pytest.raises(PermissionDenied):
        write(member, elsewhere)
    assert not InternRecommendation.objects.exists()


@pytest.mark.parametrize("role", [Role.STUDENT, Role.SCHOOL, Role.EDITOR, Role.ADMINISTRATOR])
def test_nobody_else_writes_one(role, placement):
    with pytest.raises(PermissionDenied):
        write(make.user(role), placement)


def test_a_placement_has_one_recommendation(member, placement):
    write(member, placement)
    with pytest.raises(ValidationError, match="a déjà sa recommandation"):
        write(member, placement)
    assert InternRecommendation.objects.count() == 1


def test_another_internship_of_the_same_person_has_its_own(member, company, student, placement):
    write(member, placement)
    again = make.placement(company=company, student=student, state=PlacementState.RUNNING, start_on=born(0))
    write(member, again)
    assert InternRecommendation.objects.count() == 2


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_goes_from_one_to_five(member, placement, rating):
    with pytest.raises(ValidationError) as refused:
        write(member, placement, rating=rating)
    assert "rating" in refused.value.message_dict


@pytest.mark.parametrize(
    "fields",
    [
        {"comment": "Appelez-la au 0694 12 34 56."},
        {"skills_validated": ["Ponçage", "maelys.apatou@example.org"]},
        {"recommended_domains": ["www.menuiserie.fr"]},
    ],
)
def test_what_may_become_public_names_no_way_to_reach_anybody(member, placement, fields):
    with pytest.raises(ValidationError) as refused:
        write(member, placement, **fields)
    assert set(refused.value.message_dict) == set(fields)


def test_only_a_draft_is_changed_or_deleted(member, placement):
    row = write(member, placement)
    row.comment = "Bon travail."
    save_row(actor=member, row=row)
    propose_recommendations(actor=member, pks=[row.pk])
    row = fresh(row)
    row.comment = "Travail médiocre."
    with pytest.raises(ValidationError, match="en brouillon"):
        save_row(actor=member, row=row)
    assert remove_rows(actor=member, model=InternRecommendation, pks=[row.pk]).refused
    rework_recommendations(actor=member, pks=[row.pk])
    row = fresh(row)
    row.comment = "Très bon travail."
    save_row(actor=member, row=row)
    assert fresh(row).comment == "Très bon travail."
    remove_rows(actor=member, model=InternRecommendation, pks=[row.pk])
    assert not InternRecommendation.objects.exists()


# Asking the person


def test_the_person_is_told_and_asked(member, student, placement, told):
    row = write(member, placement)
    assert not InternRecommendation.objects.visible_to(student.user).exists()
    propose_recommendations(actor=member, pks=[row.pk])
    assert told(student.user) == ["Menuiserie du Rorota vous recommande"]
    assert list(recommendations_to_answer(student.user)) == [row]
    assert not recommendations_to_answer(member).exists()


def test_a_person_whose_account_is_closed_is_asked_nothing(member, placement):
    row = write(member, placement)
    with operation(kind=OperationKind.SETUP, actor=member):
        set_columns(User, [row.student.user_id], is_active=False)
    outcome = propose_recommendations(actor=member, pks=[row.pk])
    assert [why for _row, why in outcome.refused] == ["Le compte de cette personne est fermé."]
    assert state(row) == DRAFT


def test_before_they_agree_the_company_the_person_and_the_team_alone_read_it(placement, member, student):
    for stage in (PROPOSED, DECLINED):
        row = make.recommendation(
            placement=make.placement(
                company=placement.company,
                student=student,
                state="completed",
                start_on=born(1 if stage == PROPOSED else 2),
            ),
            state=stage,
        )
        readers = {
            role
            for role in set(Role) - {Role.ANONYMOUS}
            if InternRecommendation.objects.visible_to(make.user(role)).filter(pk=row.pk).exists()
        }
        assert readers == {Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER, Role.AUDITOR}
        assert InternRecommendation.objects.visible_to(member).filter(pk=row.pk).exists()
        assert InternRecommendation.objects.visible_to(student.user).filter(pk=row.pk).exists()
        assert not RecommendedStudent.objects.visible_to(member).exists()
        assert not InternRecommendation.objects.public().exists()
        assert certified(row.code) is None


# Agreeing


def test_agreeing_without_a_choice_shows_as_little_as_can_be(member, student, placement, told):
    row = make.recommendation(placement=placement, state=PROPOSED)
    accept_recommendations(actor=student.user, pks=[row.pk])
    row = fresh(row)
    assert (row.state, row.visibility, row.shows_full_name) == (ACCEPTED, Visibility.COMPANIES, False)
    assert row.shown_name == "Maëlys A."
    assert told(member) == ["Maëlys Apatou accepte votre recommandation"]
    assert not InternRecommendation.objects.public().exists()


def test_the_person_chooses_who_reads_it_and_the_name(student, placement):
    row = make.recommendation(placement=placement, state=PROPOSED)
    accept_recommendations(
        actor=student.user, pks=[row.pk], visibility=Visibility.PUBLIC, shows_full_name=True
    )
    (found,) = InternRecommendation.objects.public()
    assert found.shown_name == "Maëlys Apatou"
    choose_visibility(actor=student.user, pks=[row.pk], visibility=Visibility.PUBLIC)
    assert fresh(row).shown_name == "Maëlys A."
    choose_visibility(actor=student.user, pks=[row.pk], visibility=Visibility.COMPANIES)
    assert not InternRecommendation.objects.public().exists()


def test_a_choice_that_does_not_exist_is_refused(student, placement):
    row = make.recommendation(placement=placement, state=PROPOSED)
    with pytest.raises(ValidationError, match="Choisissez qui"):
        accept_recommendations(actor=student.user, pks=[row.pk], visibility="ministers")
    assert state(row) == PROPOSED


@pytest.mark.parametrize(
    ("born_on", "agrees"),
    [(born(15), True), (born(15, days=-1), False), (born(14), False), (born(16), True), (None, False)],
    ids=["fifteenth birthday", "the day before", "14", "16", "unknown"],
)
def test_who_is_under_fifteen_does_not_agree_alone(student, placement, born_on, agrees):
    row = make.recommendation(placement=placement, state=PROPOSED)
    with operation(kind=OperationKind.SETUP, actor=student.user):
        set_columns(type(student), [student.pk], born_on=born_on)
    outcome = accept_recommendations(actor=student.user, pks=[row.pk])
    assert (state(row) == ACCEPTED) is agrees
    if not agrees:
        ((_row, why),) = outcome.refused
        assert "représentant légal" in why
        assert "15 ans" in why


def test_nobody_agrees_while_the_age_is_not_known(student, placement):
    row = make.recommendation(placement=placement, state=PROPOSED)
    with operation(kind=OperationKind.SETUP, actor=student.user, subject=LegalParameter):
        models.QuerySet(LegalParameter).delete()
    accept_recommendations(actor=student.user, pks=[row.pk])
    assert state(row) == PROPOSED


@pytest.mark.parametrize("give", [accept_recommendations, choose_visibility])
def test_nobody_agrees_in_the_name_of_somebody_else(student, placement, administrator, give):
    start = PROPOSED if give is accept_recommendations else ACCEPTED
    row = make.recommendation(placement=placement, state=start)
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        give(actor=student.user, pks=[row.pk], visibility=Visibility.PUBLIC)
    assert fresh(row).visibility != Visibility.PUBLIC


@pytest.mark.parametrize(
    ("start", "verb", "of_company"),
    [
        (DRAFT, propose_recommendations, True),
        (PROPOSED, rework_recommendations, True),
        (ACCEPTED, partial(retract_recommendations, reason="Erreur"), True),
        (PROPOSED, decline_recommendations, False),
        (ACCEPTED, withdraw_recommendations, False),
    ],
    ids=["propose", "rework", "retract", "decline", "withdraw"],
)
def test_neither_side_is_bound_by_somebody_else(
    member, student, placement, administrator, start, verb, of_company
):
    row = make.recommendation(placement=placement, state=start)
    actor = member if of_company else student.user
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        verb(actor=actor, pks=[row.pk])
    assert state(row) == start
    assert verb(actor=actor, pks=[row.pk]).changed == [row]


def test_nobody_writes_in_the_companys_name(member, placement, administrator):
    row = make.recommendation(placement=placement)
    row.comment = "Autre chose."
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        save_recommendation(actor=member, row=row)
    assert fresh(row).comment != "Autre chose."


def test_somebody_else_does_not_agree_for_the_person(placement, member):
    row = make.recommendation(placement=placement, state=PROPOSED)
    stranger = make.student(born_on=born(20)).user
    assert accept_recommendations(actor=stranger, pks=[row.pk]).changed == []
    for actor in (member, make.user(Role.ADMINISTRATOR)):
        with pytest.raises(PermissionDenied):
            accept_recommendations(actor=actor, pks=[row.pk])
    assert state(row) == PROPOSED


def test_who_declined_may_think_again(member, student, placement, told):
    row = make.recommendation(placement=placement, state=PROPOSED)
    decline_recommendations(actor=student.user, pks=[row.pk])
    assert told(member) == ["Maëlys Apatou décline votre recommandation"]
    accept_recommendations(actor=student.user, pks=[row.pk])
    assert state(row) == ACCEPTED


# Taking back


def test_an_agreement_taken_back_takes_everything_with_it(member, student, placement, told):
    row = accepted(placement, visibility=Visibility.PUBLIC, is_featured=True, shows_full_name=True)
    before = certified(row.code)
    assert "Maëlys Apatou" in str(before)
    withdraw_recommendations(actor=student.user, pks=[row.pk])
    row = fresh(row)
    assert (row.state, row.is_featured) == (WITHDRAWN, False)
    assert not InternRecommendation.objects.public().exists()
    assert not RecommendedStudent.objects.visible_to(make.company_user()).exists()
    after = certified(row.code)
    assert "retirée" in after.title
    assert "Apatou" not in str(after)
    assert "Menuiserie" not in str(after)
    assert told(member) == ["Maëlys Apatou retire son accord"]


def test_an_agreement_that_was_taken_back_is_not_given_again_by_undoing(student, placement, administrator):
    row = accepted(placement)
    outcome = withdraw_recommendations(actor=student.user, pks=[row.pk])
    with pytest.raises(ValidationError):
        undo_operation(actor=administrator, operation=outcome.operation)
    assert state(row) == WITHDRAWN


def test_who_took_the_agreement_back_may_think_again(member, student, placement, told):
    row = accepted(placement, visibility=Visibility.PUBLIC)
    withdraw_recommendations(actor=student.user, pks=[row.pk])
    assert told(member) == ["Maëlys Apatou retire son accord"]
    accept_recommendations(actor=student.user, pks=[row.pk])
    assert (state(row), fresh(row).visibility) == (ACCEPTED, Visibility.COMPANIES)
    assert told(member) == ["Maëlys Apatou accepte votre recommandation"]


def test_what_the_company_took_back_is_not_accepted_any_more(member, student, placement):
    row = accepted(placement)
    retract_recommendations(actor=member, pks=[row.pk], reason="Écrite pour une autre personne.")
    ((_row, why),) = accept_recommendations(actor=student.user, pks=[row.pk]).refused
    assert why == "L’entreprise a retiré cette recommandation."
    assert state(row) == WITHDRAWN


def test_a_company_takes_back_what_it_wrote_and_says_why(member, student, placement, told):
    row = accepted(placement)
    with pytest.raises(ValidationError):
        retract_recommendations(actor=member, pks=[row.pk], reason="  ")
    retract_recommendations(actor=member, pks=[row.pk], reason="Erreur sur la personne.")
    assert told(student.user) == ["Menuiserie du Rorota retire sa recommandation"]
    assert "Erreur sur la personne." in Notice.objects.filter(recipient=student.user).latest("pk").body
    assert fresh(row).withdrawal_reason == "Erreur sur la personne."
    assert state(row) == WITHDRAWN


def test_a_code_of_what_nobody_ever_agreed_to_is_unknown(member, placement):
    row = make.recommendation(placement=placement, state=PROPOSED)
    retract_recommendations(actor=member, pks=[row.pk], reason="Erreur.")
    assert certified(row.code) is None
    assert certified("") is None
    assert certified("AAAABBBBCCCCDDDD") is None


def test_an_account_that_is_closed_takes_it_off_the_site(student, placement):
    row = accepted(placement, visibility=Visibility.PUBLIC)
    with operation(kind=OperationKind.SETUP, actor=student.user):
        set_columns(User, [student.user_id], is_active=False)
    assert not InternRecommendation.objects.public().exists()
    assert not RecommendedStudent.objects.recommended().exists()
    assert "retirée" in certified(row.code).title


def test_an_account_that_is_erased_takes_the_words_with_it(student, placement, administrator):
    row = accepted(placement, visibility=Visibility.PUBLIC, is_featured=True, skills_validated=["Ponçage"])
    erase_account(actor=administrator, user=student.user)
    row = fresh(row)
    assert (row.state, row.comment, row.skills_validated, row.is_featured) == (WITHDRAWN, "", [], False)
    assert (row.search_text, row.skills_key) == ("", "")
    assert not row.history.exclude(comment="").exists()
    assert "retirée" in certified(row.code).title


# Putting forward


def test_the_team_puts_forward_what_everybody_may_read(placement, editor, student, told):
    row = accepted(placement, visibility=Visibility.PUBLIC)
    feature_recommendations(actor=editor, pks=[row.pk])
    assert fresh(row).is_featured
    assert told(student.user) == ["Votre recommandation est mise en avant"]
    unfeature_recommendations(actor=editor, pks=[row.pk])
    assert not fresh(row).is_featured


def test_what_companies_alone_may_read_is_not_put_forward(placement, editor):
    row = accepted(placement)
    ((_row, why),) = feature_recommendations(actor=editor, pks=[row.pk]).refused
    assert why == "Cette personne n’a pas voulu que tout le monde la lise."
    assert not fresh(row).is_featured


def test_many_are_put_forward_at_once_and_each_refusal_is_told(editor, company):
    rows = [
        make.recommendation(
            placement=make.placement(company=company, state=PlacementState.COMPLETED),
            state=ACCEPTED,
            visibility=visibility,
        )
        for visibility in (Visibility.PUBLIC, Visibility.PUBLIC, Visibility.COMPANIES)
    ]
    asked = assess_recommendations(actor=editor, verb="feature", pks=[row.pk for row in rows])
    assert (len(asked.changed), len(asked.refused)) == (2, 1)
    done = feature_recommendations(actor=editor, pks=[row.pk for row in rows])
    assert {row.pk for row in done.changed} == {row.pk for row in rows[:2]}


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.AUDITOR, Role.COMPANY, Role.STUDENT, Role.SCHOOL])
def test_administrators_and_editors_alone_put_forward(placement, role):
    row = accepted(placement, visibility=Visibility.PUBLIC)
    with pytest.raises(PermissionDenied):
        feature_recommendations(actor=make.user(role), pks=[row.pk])


def test_what_leaves_the_public_is_put_forward_no_more(student, placement):
    row = accepted(placement, visibility=Visibility.PUBLIC, is_featured=True)
    choose_visibility(actor=student.user, pks=[row.pk], visibility=Visibility.COMPANIES)
    assert not fresh(row).is_featured


@pytest.mark.parametrize(
    "columns",
    [
        {"state": WITHDRAWN},
        {"visibility": Visibility.COMPANIES},
        {"visibility": ""},
        {"rating": 6},
    ],
)
def test_the_table_itself_refuses_what_the_person_did_not_choose(placement, columns):
    row = accepted(placement, visibility=Visibility.PUBLIC, is_featured=True)
    setup = operation(kind=OperationKind.SETUP, actor=make.user())
    with pytest.raises(IntegrityError), transaction.atomic(), setup:
        set_columns(InternRecommendation, [row.pk], **columns)


# What is told of many


def test_figures_are_counted_from_the_rows(student, placement, company):
    accepted(placement, rating=5, rigor=True, skills_validated=["Ponçage"])
    second = make.placement(student=student, state=PlacementState.COMPLETED)
    other = accepted(second, rating=4, autonomy=True, skills_validated=["ponçage", "Vernis"])
    (found,) = RecommendedStudent.objects.recommended().with_recommendations()
    assert (found.recommendations_number, float(found.average_rating)) == (2, 4.5)
    assert found.strengths == ["Autonomie", "Rigueur"]
    assert sorted(name.lower() for name in found.skills_validated) == ["ponçage", "vernis"]
    withdraw_recommendations(actor=student.user, pks=[other.pk])
    (found,) = RecommendedStudent.objects.recommended().with_recommendations()
    assert (found.recommendations_number, float(found.average_rating)) == (1, 5.0)


def test_the_full_name_is_shown_to_companies_only_where_each_agreement_says_so(student, placement):
    accepted(placement, shows_full_name=True)
    assert RecommendedStudent.objects.recommended().get().shown_name == "Maëlys Apatou"
    accepted(make.placement(student=student, state=PlacementState.COMPLETED), shows_full_name=False)
    assert RecommendedStudent.objects.recommended().get().shown_name == "Maëlys A."


@pytest.mark.parametrize(
    ("first", "last", "short"),
    [
        ("Maëlys", "Apatou", "Maëlys A."),
        ("Élodie", "étienne", "Élodie É."),
        ("Maëlys", "", "Maëlys"),
        ("", "Apatou", "A."),
        ("", "", "Un étudiant"),
    ],
)
def test_a_short_name_is_the_first_name_with_an_initial(first, last, short):
    account = make.user(Role.STUDENT, first_name=first, last_name=last)
    placement = make.placement(student=make.student(user=account), state=PlacementState.COMPLETED)
    assert accepted(placement).shown_name == short


def test_each_thing_is_told_once(member, student, placement):
    row = make.recommendation(placement=placement, state=PROPOSED)
    decline_recommendations(actor=student.user, pks=[row.pk])
    run_queue()
    tell_of_moves([row.pk], Operation.objects.order_by("-pk").first().pk)
    assert Notice.objects.filter(recipient=member).count() == 1


def test_what_was_taken_back_before_it_was_told_is_not_announced(member, student, placement, told):
    row = make.recommendation(placement=placement)
    propose_recommendations(actor=member, pks=[row.pk])
    rework_recommendations(actor=member, pks=[row.pk])
    assert told(student.user) == []


def test_of_an_agreement_that_was_taken_back_only_that_is_told(member, student, placement, told):
    row = make.recommendation(placement=placement, state=RecommendationState.PROPOSED)
    accept_recommendations(actor=student.user, pks=[row.pk])
    withdraw_recommendations(actor=student.user, pks=[row.pk])
    assert told(member) == ["Maëlys Apatou retire son accord"]


def test_nobody_is_told_of_being_put_forward_who_is_not(editor, student, placement, told):
    row = accepted(placement, visibility=Visibility.PUBLIC)
    feature_recommendations(actor=editor, pks=[row.pk])
    unfeature_recommendations(actor=editor, pks=[row.pk])
    assert told(student.user) == []


def test_a_document_has_the_year_of_french_guiana(placement):
    row = make.recommendation(placement=placement)
    row.created_at = datetime.datetime(2027, 1, 1, 1, 0, tzinfo=datetime.UTC)
    assert row.number == f"R-2026-{row.pk:06}"


def test_what_is_sent_again_and_again_is_told_once_a_day(member, student, placement, told, monkeypatch):
    row = make.recommendation(placement=placement)
    for news in (["Menuiserie du Rorota vous recommande"], [], []):
        propose_recommendations(actor=member, pks=[row.pk])
        assert told(student.user) == news
        rework_recommendations(actor=member, pks=[row.pk])
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    propose_recommendations(actor=member, pks=[row.pk])
    assert told(student.user) == ["Menuiserie du Rorota vous recommande"]


# What nobody agreed to


def last_touched(row, day):
    moment = datetime.datetime.combine(day, datetime.time(12), CAYENNE)
    models.QuerySet(InternRecommendation).filter(pk=row.pk).update(updated_at=moment)


def test_what_was_never_sent_or_never_answered_is_gone_after_two_years(company, member, student):
    """With all that the company wrote; what a person agreed to, or said no to, is for other rules."""
    due = months_after(today(), -24)
    rows = {
        state: make.recommendation(
            placement=make.placement(company=company, state=PlacementState.COMPLETED),
            state=state,
            comment=f"Remarque {state}",
        )
        for state in RecommendationState
    }
    for row in rows.values():
        last_touched(row, due - datetime.timedelta(days=1))
    fresh = make.recommendation(
        placement=make.placement(company=company, student=student, state=PlacementState.COMPLETED)
    )
    propose_recommendations(actor=member, pks=[fresh.pk], reason="Bonjour Maëlys")
    last_touched(fresh, due)
    assert forget_unanswered() == 2
    assert set(InternRecommendation.objects.all()) == {
        fresh,
        *(row for state, row in rows.items() if state not in (DRAFT, PROPOSED)),
    }
    for state in (DRAFT, PROPOSED):
        assert not InternRecommendation.history.filter(id=rows[state].pk).exists()
    assert forget_unanswered() == 0
    last_touched(fresh, due - datetime.timedelta(days=1))
    assert forget_unanswered() == 1
    assert not Operation.objects.filter(reason__contains="Maëlys").exists()
    assert recommendations_to_answer(student.user).count() == 0


def test_the_register_says_how_long_they_are_kept_and_who_sees_to_it():
    _line, rule = rule_named("unanswered_recommendations")
    assert (rule.months, rule.task) == (KEPT_MONTHS, "forget_unanswered_recommendations")
    assert SCHEDULE[rule.task].task == "pratik.recommendations.tasks.forget_unanswered"
