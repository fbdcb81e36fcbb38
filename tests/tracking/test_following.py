"""A company asks, the student answers and may change their mind at any moment; nobody else has a hand."""

import datetime
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import months_after, today
from pratik.core.models import Operation
from pratik.core.origin import Origin, coming_from
from pratik.core.undo import undo_operation
from pratik.notifications.enums import NoticeKind
from pratik.notifications.models import Notice
from pratik.privacy.services.erasure import erase_account
from pratik.recommendations.enums import RecommendationState
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.tracking import reports, rules, services
from pratik.tracking.enums import ChangeKind, FollowState, Ground
from pratik.tracking.models import Follow, ProfileChange
from tests import factories as make
from tests.conftest import person
from tests.kit.queue import run_queue

from .conftest import by_form, fresh

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def ask(member, company, student, kinds=ChangeKind.values, **fields):
    return services.ask_to_follow(actor=member, company=company, student=student, kinds=kinds, **fields)


def agree(student, row, kinds=ChangeKind.values):
    return services.agree_to_follows(actor=student.user, pks=[row.pk], kinds=kinds)


def show(student, **values):
    """The student changes something in their own profile."""
    by_form(student.user, student, **values)
    student.refresh_from_db()


@pytest.fixture
def open_student(student):
    """The student lets companies see their profile."""
    show(student, is_public=True)
    return student


# Whom one may ask


def test_a_student_with_a_public_profile_may_be_asked(company, member, open_student):
    row = ask(member, company, open_student)
    assert (row.state, row.ground, row.names_student) == (FollowState.REQUESTED, Ground.PUBLIC, True)


@pytest.mark.parametrize("state", ["running", "completed", "interrupted"])
def test_a_student_whom_the_company_hosted_may_be_asked(company, member, student, state):
    make.placement(company=company, student=student, state=state)
    assert ask(member, company, student).ground == Ground.HOSTED


@pytest.mark.parametrize("state", ["drafted", "signed", "cancelled"])
def test_a_placement_that_did_not_begin_gives_no_right_to_ask(company, member, student, state):
    make.placement(company=company, student=student, state=state)
    with pytest.raises(PermissionDenied):
        ask(member, company, student)


def test_hosting_somebody_gives_other_companies_nothing(company, member, student):
    make.placement(student=student, state="completed")
    assert not reports.reachable(company).filter(pk=student.pk).exists()
    with pytest.raises(PermissionDenied):
        ask(member, company, student)


def test_a_recommended_student_may_be_asked_under_the_name_they_chose(company, member, student):
    placement = make.placement(student=student, state="completed")
    make.recommendation(placement=placement, state=RecommendationState.ACCEPTED)
    row = ask(member, company, student)
    assert (row.ground, row.names_student, row.student_name) == (Ground.RECOMMENDED, False, "Awa M.")
    agree(student, row)
    assert fresh(row).student_name == "Awa Mango"


@pytest.mark.parametrize(
    "state", [state for state in RecommendationState if state != RecommendationState.ACCEPTED], ids=str
)
def test_a_recommendation_that_the_student_did_not_accept_gives_no_right_to_ask(
    company, member, student, state
):
    make.recommendation(placement=make.placement(student=student, state="completed"), state=state)
    with pytest.raises(PermissionDenied):
        ask(member, company, student)


def test_anybody_else_is_out_of_reach(company, member, student):
    with pytest.raises(PermissionDenied):
        ask(member, company, student)
    assert not Follow.objects.exists()


def test_one_asks_in_the_name_of_ones_own_company_alone(member, open_student):
    with pytest.raises(PermissionDenied):
        ask(member, make.company(), open_student)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.COMPANY, Role.ANONYMOUS)], ids=str
)
def test_only_companies_ask(role, company, open_student):
    with pytest.raises(PermissionDenied):
        ask(person(role), company, open_student)


def test_what_one_may_not_see_is_not_looked_through(company, student):
    """Searching for a hidden name or status finds nobody, so that it tells nothing."""
    placement = make.placement(student=student, state="completed")
    make.recommendation(placement=placement, state=RecommendationState.ACCEPTED)
    rows = reports.reachable(company)
    assert [row.pk for row in reports.find(rows)] == [student.pk]
    for hidden in ({"words": "mango"}, {"words": "commerce"}, {"level": 5}, {"status": "studying"}):
        assert not reports.find(rows, **hidden).exists(), hidden
    show(student, is_public=True)
    for shown in ({"words": "mango"}, {"words": "commerce"}, {"level": 5}, {"status": "studying"}):
        assert reports.find(reports.reachable(company), **shown).exists(), shown


# Asking


def test_the_student_is_told_who_asks_for_what(company, member, open_student, told):
    ask(member, company, open_student, kinds=["level", "status"], message="Une place se libère en juin.")
    [(subject, body)] = told(open_student.user, NoticeKind.FOLLOW_ASKED)
    assert subject == "Menuiserie du Larivot demande à suivre votre parcours"
    assert "niveau et situation" in body and "Une place se libère en juin." in body


def test_nothing_is_asked_twice_at_the_same_time(company, member, open_student):
    ask(member, company, open_student)
    with pytest.raises(ValidationError) as refused:
        ask(member, company, open_student)
    assert refused.value.code == "not_asked"
    assert Follow.objects.count() == 1


def test_one_asks_for_something(company, member, open_student):
    with pytest.raises(ValidationError) as refused:
        ask(member, company, open_student, kinds=[])
    assert list(refused.value.message_dict) == ["wants_level"]


def test_who_said_no_is_left_in_peace_for_a_while(company, member, open_student, monkeypatch):
    row = ask(member, company, open_student)
    services.refuse_follows(actor=open_student.user, pks=[row.pk])
    with pytest.raises(ValidationError) as refused:
        ask(member, company, open_student)
    assert refused.value.messages == [
        "Cet étudiant a répondu non\u00a0: vous pourrez le demander de nouveau dans 90 jours."
    ]
    later = timezone.now() + rules.ASK_AGAIN * DAY
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert ask(member, company, open_student).state == FollowState.REQUESTED


@pytest.mark.parametrize("agreed", [True, False])
def test_after_the_end_one_is_left_in_peace_whoever_ended_it(company, member, open_student, told, agreed):
    row = ask(member, company, open_student)
    if agreed:
        agree(open_student, row)
    services.end_follows(actor=member, pks=[row.pk])
    with pytest.raises(ValidationError) as refused:
        ask(member, company, open_student)
    assert refused.value.messages[0].startswith("Vous avez mis fin à ce suivi")
    assert len(told(open_student.user, NoticeKind.FOLLOW_ASKED)) <= 1


def test_who_withdrew_is_left_in_peace_too(company, member, open_student):
    row = ask(member, company, open_student)
    agree(open_student, row)
    services.withdraw_agreement(actor=open_student.user, pks=[row.pk])
    with pytest.raises(ValidationError) as refused:
        ask(member, company, open_student)
    assert refused.value.messages[0].startswith("Cet étudiant a répondu non")


@pytest.mark.parametrize(
    "message", ["Appelez le 0694 12 34 56", "Écrivez à rh@larivot.example", "https://t.me/x"]
)
def test_a_request_leads_nobody_away_from_the_platform(company, member, open_student, message):
    with pytest.raises(ValidationError) as refused:
        ask(member, company, open_student, message=message)
    assert list(refused.value.message_dict) == ["message"]
    assert not Follow.objects.exists()


def test_a_company_does_not_ask_everybody_at_once(company, member, open_student, monkeypatch):
    monkeypatch.setattr(rules, "MOST_WAITING", 2)
    for _ in range(2):
        make.follow(company=company)
    with pytest.raises(ValidationError) as refused:
        ask(member, company, open_student)
    assert refused.value.messages[0].startswith("2 demandes attendent")


# Answering


def test_before_the_answer_the_company_sees_nothing(company, member, student):
    row = make.follow(company=company, student=student)
    assert [value for _kind, value in row.seen_in_words] == [None, None, None]
    listed = Follow.objects.visible_to(member).with_sight().get(pk=row.pk)
    assert (listed.seen_level, listed.seen_domain, listed.seen_status) == (None, None, None)


def test_after_the_agreement_it_sees_what_the_student_shows(company, member, student, told):
    row = make.follow(company=company, student=student)
    agree(student, row, kinds=["level", "status"])
    row = Follow.objects.visible_to(member).with_sight().get(pk=row.pk)
    assert [value for _kind, value in row.seen_in_words] == ["BTS 1re année", None, "En études"]
    assert (row.seen_level, row.seen_domain, row.seen_status) == (5, None, "studying")
    [(subject, _body)] = told(member, NoticeKind.FOLLOW_ANSWERED)
    assert subject == "Awa Mango accepte que vous suiviez son parcours"


@pytest.mark.parametrize("kinds", [[], ["name"], ["level", "name"]], ids=str)
def test_one_agrees_to_something(company, student, kinds):
    row = make.follow(company=company, student=student)
    with pytest.raises(ValidationError) as refused:
        agree(student, row, kinds=kinds)
    assert refused.value.message_dict == {"kinds": ["Cochez au moins une chose que l’entreprise verra."]}
    assert fresh(row).state == FollowState.REQUESTED


def test_nothing_is_ticked_in_the_students_stead(company, member, open_student):
    row = ask(member, company, open_student)
    assert (row.wanted_kinds, fresh(row).shown_kinds) == (list(ChangeKind), [])
    agree(open_student, row, kinds=["domain"])
    assert fresh(row).shown_kinds == [ChangeKind.DOMAIN]


def test_before_the_agreement_there_is_nothing_to_choose(company, student):
    row = make.follow(company=company, student=student)
    row.shows_level = True
    with pytest.raises(PermissionDenied):
        services.save_choices(actor=student.user, follow=row)
    assert fresh(row).shown_kinds == []


@pytest.mark.parametrize(("years", "agrees"), [(14, False), (15, True), (None, False)])
def test_from_fifteen_on_one_agrees_alone(company, student, years, agrees):
    born = None if years is None else months_after(today(), -12 * years)
    show(student, born_on=born)
    row = make.follow(company=company, student=student)
    agree(student, row)
    assert (fresh(row).state == FollowState.ACTIVE) is agrees


def test_a_refusal_shows_nothing_and_is_told(company, member, student, told):
    row = make.follow(company=company, student=student)
    services.refuse_follows(actor=student.user, pks=[row.pk])
    assert fresh(row).state == FollowState.REFUSED
    [(subject, _body)] = told(member, NoticeKind.FOLLOW_ANSWERED)
    assert subject == "Awa Mango ne souhaite pas être suivi"


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.STUDENT, Role.ANONYMOUS)], ids=str
)
@pytest.mark.parametrize(
    "verb",
    [
        partial(services.agree_to_follows, kinds=["level"]),
        services.refuse_follows,
        services.withdraw_agreement,
    ],
    ids=["agree", "refuse", "withdraw"],
)
def test_nobody_but_students_has_a_hand_in_consent(role, verb, follow):
    with pytest.raises(PermissionDenied):
        verb(actor=person(role), pks=[follow.pk])
    assert fresh(follow).state == FollowState.ACTIVE


def test_another_student_has_none_either(company, student):
    row = make.follow(company=company, student=student)
    outcome = services.agree_to_follows(actor=make.student().user, pks=[row.pk], kinds=["level"])
    assert outcome.changed == [] and fresh(row).state == FollowState.REQUESTED


def test_nobody_agrees_or_withdraws_in_anothers_name(follow, company, student, administrator):
    asked = make.follow(student=student)
    make.company_user(asked.company)
    with coming_from(Origin(impersonator=administrator)):
        for verb, row in (
            (partial(services.agree_to_follows, kinds=["level"]), asked),
            (services.refuse_follows, asked),
            (services.withdraw_agreement, follow),
        ):
            with pytest.raises(PermissionDenied):
                verb(actor=student.user, pks=[row.pk])
        follow.shows_level = False
        with pytest.raises(PermissionDenied):
            services.save_choices(actor=student.user, follow=follow)
        with pytest.raises(PermissionDenied):
            services.end_follows(actor=asked.company.memberships.get().user, pks=[asked.pk])


# What is told later than it was done


def test_a_request_that_was_taken_back_before_it_was_told_is_never_heard_of(
    company, member, open_student, told
):
    row = ask(member, company, open_student)
    services.end_follows(actor=member, pks=[row.pk])
    assert told(open_student.user, NoticeKind.FOLLOW_ASKED) == []
    assert told(open_student.user, NoticeKind.FOLLOW_ANSWERED) == []


def test_a_request_that_was_heard_of_is_told_to_be_taken_back(company, member, open_student, told):
    row = ask(member, company, open_student)
    assert len(told(open_student.user, NoticeKind.FOLLOW_ASKED)) == 1
    services.end_follows(actor=member, pks=[row.pk])
    [(subject, body)] = told(open_student.user, NoticeKind.FOLLOW_ANSWERED)
    assert subject == "Menuiserie du Larivot ne demande plus à suivre votre parcours"
    assert "a retiré sa demande" in body


def test_of_an_agreement_that_was_taken_back_only_that_is_told(company, member, student, told):
    row = make.follow(company=company, student=student)
    agree(student, row)
    services.withdraw_agreement(actor=student.user, pks=[row.pk])
    [(subject, _body)] = told(member, NoticeKind.FOLLOW_ANSWERED)
    assert subject == "Awa Mango a retiré son accord"


# Changing one's mind


def test_withdrawing_takes_everything_away_at_once(actor, follow, member, student, told):
    by_form(actor, student, status="seeking")
    assert len(told(member)) == 1
    assert len(reports.timeline(follow)) == 1
    services.withdraw_agreement(actor=student.user, pks=[follow.pk])
    row = fresh(follow)
    assert row.state == FollowState.ENDED and reports.timeline(row) == []
    assert [value for _kind, value in row.seen_in_words] == [None, None, None]
    assert not Follow.objects.visible_to(member).exists()
    assert not ProfileChange.objects.visible_to(member).exists()
    assert told(member) == [], "what was told of the student's changes goes too"
    assert not ProfileChange.objects.exists(), "nobody follows the student any more"
    [(subject, _body)] = told(member, NoticeKind.FOLLOW_ANSWERED)
    assert subject == "Awa Mango a retiré son accord"
    assert AccessEvent.objects.filter(kind=AccessKind.CONSENT_WITHDRAWN, actor=student.user).count() == 1


def test_an_agreement_is_not_taken_back_without_its_line_in_the_journal(follow, student, monkeypatch):
    def full(**_values):
        raise OSError("journal")

    monkeypatch.setattr(services, "record", full)
    with pytest.raises(OSError, match="journal"):
        services.withdraw_agreement(actor=student.user, pks=[follow.pk])
    assert fresh(follow).state == FollowState.ACTIVE


def test_withdrawing_from_one_company_leaves_the_others_what_they_see(actor, follow, student):
    other = make.company()
    colleague = make.company_user(other)
    kept = make.follow(company=other, student=student, state="active")
    by_form(actor, student, status="seeking")
    run_queue()
    services.withdraw_agreement(actor=student.user, pks=[follow.pk])
    assert len(reports.timeline(kept)) == 1
    assert ProfileChange.objects.visible_to(colleague).count() == 1
    assert Notice.objects.filter(recipient=colleague, kind=NoticeKind.PROFILE_CHANGED).count() == 1


def test_an_agreement_that_was_withdrawn_is_not_given_again_by_undoing(administrator, follow, student):
    services.withdraw_agreement(actor=student.user, pks=[follow.pk])
    done = Operation.objects.get(verb="withdraw")
    with pytest.raises(ValidationError):
        undo_operation(actor=administrator, operation=done)
    assert fresh(follow).state == FollowState.ENDED


def test_a_new_agreement_shows_nothing_of_what_came_before_it(actor, company, follow, member, student):
    by_form(actor, student, status="seeking")
    services.end_follows(actor=member, pks=[follow.pk])
    row = make.follow(company=company, student=student)
    agree(student, row)
    assert reports.timeline(fresh(row)) == []
    by_form(actor, student, domain="Vente")
    [step] = reports.timeline(fresh(row))
    assert [change.field for change, _icon in step.changes] == ["domain"]


def test_the_company_ends_it_and_the_student_is_told(follow, member, student, told):
    services.end_follows(actor=member, pks=[follow.pk])
    assert fresh(follow).state == FollowState.ENDED
    [(subject, _body)] = told(student.user, NoticeKind.FOLLOW_ANSWERED)
    assert subject == "Menuiserie du Larivot ne suit plus votre parcours"


def test_what_is_hidden_later_leaves_the_notices_too(actor, follow, member, student, told):
    by_form(actor, student, status="seeking", domain="Vente")
    assert len(told(member)) == 1
    row = fresh(follow)
    row.shows_domain = False
    services.save_choices(actor=student.user, follow=row)
    assert told(member) == []
    [step] = reports.timeline(fresh(follow))
    assert [change.field for change, _icon in step.changes] == ["status"]


def test_one_shows_something_as_long_as_one_agrees(follow, student):
    row = fresh(follow)
    row.shows_level = row.shows_domain = row.shows_status = False
    with pytest.raises(ValidationError) as refused:
        services.save_choices(actor=student.user, follow=row)
    assert list(refused.value.message_dict) == ["shows_level"]


def test_each_chooses_for_their_own_side_alone(follow, member, student):
    for actor, name in ((member, "shows_level"), (student.user, "wants_level")):
        row = fresh(follow)
        setattr(row, name, False)
        with pytest.raises(PermissionDenied):
            services.save_choices(actor=actor, follow=row)
    row = fresh(follow)
    row.wants_level = False
    services.save_choices(actor=member, follow=row)
    row.shows_status = False
    services.save_choices(actor=student.user, follow=row)
    assert fresh(follow).told_kinds == [ChangeKind.DOMAIN]


def test_what_is_over_is_not_changed(company, student):
    row = make.follow(company=company, student=student, state="ended")
    row.shows_level = False
    with pytest.raises(ValidationError):
        services.save_choices(actor=student.user, follow=row)


def test_erasing_the_account_ends_every_follow(administrator, actor, follow, member, student, told):
    by_form(actor, student, status="seeking")
    run_queue()
    erase_account(actor=administrator, user=student.user)
    row = fresh(follow)
    assert (row.state, row.message) == (FollowState.ENDED, "")
    assert not ProfileChange.objects.exists()
    assert told(member) == []
    assert not Follow.objects.visible_to(member).exists()
