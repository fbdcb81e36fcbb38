"""Offers: written by companies, read by the team, seen while students may answer, copied a year later."""

import datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.services import remove_rows, save_row
from pratik.core.undo import undo_operation
from pratik.internships import reports, services
from pratik.internships.enums import ApplicationState, OfferState
from pratik.internships.models import Application, InternshipOffer
from pratik.internships.rules import weeks_to_next_year
from pratik.internships.workflow import OFFER
from pratik.law.enums import InternshipKind, RuleCode, Severity
from pratik.notifications.models import Notice
from pratik.reference.school_years import school_year_of
from tests import factories as make
from tests.internships.conftest import nbsp, soon, state
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

VERBS = {
    "submit": services.submit_offers,
    "publish": services.publish_offers,
    "refuse": services.refuse_offers,
    "rework": services.rework_offers,
    "fill": services.fill_offers,
    "reopen": services.reopen_offers,
    "close": services.close_offers,
    "archive": services.archive_offers,
}


# From the company to the site


def test_a_company_proposes_the_team_publishes_and_visitors_see(host, recruiter, editor, law, told):
    offer = make.offer(company=host, state=OfferState.DRAFT, title="Aide menuisier")
    assert not InternshipOffer.objects.visible_to(AnonymousUser()).exists()
    services.submit_offers(actor=recruiter, pks=[offer.pk])
    (subject, _body) = told(editor)[0]
    assert subject == nbsp(f"Offre à examiner : {offer}")
    services.publish_offers(actor=editor, pks=[offer.pk])
    offer.refresh_from_db()
    assert offer.state == OfferState.PUBLISHED and offer.published_at and offer.is_online
    assert list(InternshipOffer.objects.visible_to(AnonymousUser())) == [offer]
    assert [subject for subject, _body in told(recruiter)] == [nbsp(f"Offre publiée : {offer}")]


def test_an_offer_goes_back_with_a_reason_that_its_company_reads(host, recruiter, editor, told):
    offer = make.offer(company=host, state=OfferState.SUBMITTED)
    with pytest.raises(ValidationError):
        services.refuse_offers(actor=editor, pks=[offer.pk], reason="  ")
    services.refuse_offers(actor=editor, pks=[offer.pk], reason="Décrivez les missions.")
    assert state(offer) == OfferState.DRAFT
    ((subject, body),) = told(recruiter)
    assert subject == nbsp(f"Offre à corriger : {offer}") and body.endswith("Décrivez les missions.")
    assert run_queue() == [], "the same act is told once"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", [Role.COMPANY, Role.EDITOR, Role.VERIFIER, Role.STUDENT, Role.SCHOOL])
def test_an_offer_moves_only_by_the_table(host, law, verb, role):
    """Every verb from every state by these roles: what the table says, and nothing else."""
    offers = {before: make.offer(company=host, state=before) for before in OfferState}
    actor = make.company_user(host) if role == Role.COMPANY else make.user(role)
    transition = OFFER.transition(verb)

    def act():
        return VERBS[verb](actor=actor, pks=[offer.pk for offer in offers.values()], reason="Il le faut.")

    if role not in transition.who:
        with pytest.raises(PermissionDenied):
            act()
        assert {before: state(offer) for before, offer in offers.items()} == {
            before: before for before in OfferState
        }
        return
    outcome = act()
    assert {before: state(offer) for before, offer in offers.items()} == {
        before: transition.target if before in transition.sources else before for before in OfferState
    }
    assert len(outcome.changed) == len(transition.sources)
    assert len(outcome.refused) == len(OfferState) - len(transition.sources)


def test_a_company_moves_no_offer_of_another(recruiter):
    foreign = make.offer(state=OfferState.DRAFT)
    outcome = services.submit_offers(actor=recruiter, pks=[foreign.pk])
    assert (outcome.changed, outcome.refused, state(foreign)) == ([], [], OfferState.DRAFT)
    assert not InternshipOffer.objects.visible_to(recruiter).filter(pk=foreign.pk).exists()


def test_many_offers_are_published_at_once(editor, law):
    pks = [make.offer(state=OfferState.SUBMITTED).pk for _number in range(4)]

    def publish(chosen):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(services.publish_offers(actor=editor, pks=chosen).changed) == len(chosen)
        return len(queries)

    publish(pks[:1])
    few = publish(pks[1:2])
    assert publish(pks[2:]) == few


# What may be on the site


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"start_on": soon(0), "apply_until": soon(-5)}, "commence le", id="begun"),
        pytest.param({"apply_until": soon(-1)}, "est passé", id="last day to apply over"),
    ],
)
def test_what_nobody_could_answer_is_not_published(editor, law, fields, why):
    offer = make.offer(state=OfferState.SUBMITTED, **fields)
    ((_row, told),) = services.publish_offers(actor=editor, pks=[offer.pk]).refused
    assert why in told
    assert state(offer) == OfferState.SUBMITTED


def test_the_law_is_told_before_an_offer_is_published_and_stops_it(host, recruiter, editor, law):
    start = soon(60)
    long = {"company": host, "state": OfferState.SUBMITTED, "start_on": start}
    unpaid = make.offer(**long, end_on=start + datetime.timedelta(days=90), stipend_hourly=None)
    endless = make.offer(**long, end_on=start + datetime.timedelta(days=300))
    short = make.offer(**long, end_on=start + datetime.timedelta(days=27), stipend_hourly=None)
    week = make.offer(
        **long,
        end_on=start + datetime.timedelta(days=4),
        stipend_hourly=None,
        kind=InternshipKind.OBSERVATION,
    )
    findings = reports.law_findings([unpaid, endless, short, week], today())
    codes = {pk: {finding.code for finding in found if finding.blocks} for pk, found in findings.items()}
    assert codes.get(unpaid.pk) == {RuleCode.STIPEND}
    assert RuleCode.DURATION in codes[endless.pk]
    assert not codes.get(short.pk) and not codes.get(week.pk)
    pks = [unpaid.pk, endless.pk, short.pk, week.pk]
    outcome = services.assess_offers(actor=editor, verb="publish", pks=pks)
    assert {row.pk for row in outcome.changed} == {short.pk, week.pk}
    moved = services.publish_offers(actor=editor, pks=pks)
    assert {row.pk for row in moved.changed} == {short.pk, week.pk}
    assert {row.pk for row, _why in moved.refused} == {unpaid.pk, endless.pk}
    why = {row.pk: text for row, text in moved.refused}[unpaid.pk]
    assert "gratification" in why.lower()


def test_a_stipend_below_the_minimum_is_refused_and_a_good_one_only_told(law):
    start = soon(60)
    end = start + datetime.timedelta(days=90)
    low = make.offer(start_on=start, end_on=end, stipend_hourly=Decimal("2.00"))
    good = make.offer(start_on=start, end_on=end, stipend_hourly=Decimal("6.00"))
    found = reports.law_findings([low, good], today())
    severity = {
        pk: next(finding.severity for finding in rows if finding.code == RuleCode.STIPEND)
        for pk, rows in found.items()
    }
    assert severity == {low.pk: Severity.BLOCK, good.pk: Severity.INFORM}


def test_the_law_is_asked_of_many_offers_in_as_many_queries_as_of_one(law):
    offers = [make.offer() for _number in range(6)]
    with CaptureQueriesContext(connection) as queries:
        reports.law_findings(offers, today())
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        pytest.param(
            {"end_on": soon(30), "start_on": soon(31), "apply_until": soon(1)}, "end_on", id="backwards"
        ),
        pytest.param({"apply_until": soon(60)}, "apply_until", id="answered after the start"),
        pytest.param({"end_on": soon(60 + 400)}, "end_on", id="more than a year"),
        pytest.param({"questions": ["Pourquoi ?"] * 6}, "questions", id="six questions"),
        pytest.param({"title": "!!!"}, "title", id="no letters"),
        pytest.param({"diploma": "BTS"}, "level", id="a diploma without its level"),
        pytest.param({"hours_per_week": Decimal("49")}, "hours_per_week", id="49 hours"),
        pytest.param({"places": 0}, "places", id="no place"),
        pytest.param({"remote_share": 101}, "remote_share", id="101 %"),
        pytest.param({"stipend_hourly": Decimal("-1")}, "stipend_hourly", id="negative stipend"),
        pytest.param({"start_on": datetime.date(27, 1, 5)}, "start_on", id="the year 27"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(host, recruiter, fields, field):
    values = {"company": host, "state": OfferState.DRAFT, "start_on": soon(60)} | fields
    with pytest.raises(ValidationError) as refused:
        save_row(actor=recruiter, row=make.offer_row(**values))
    assert field in refused.value.message_dict
    assert not InternshipOffer.objects.exists()


def test_the_same_title_on_the_same_day_is_the_same_offer(host, recruiter):
    make.offer(company=host, title="Aide menuisier", start_on=soon(60))
    again = make.offer_row(company=host, title="  AIDE  Menuisier", start_on=soon(60), state=OfferState.DRAFT)
    with pytest.raises(ValidationError):
        save_row(actor=recruiter, row=again)


def test_another_offer_of_the_same_title_and_year_is_told_not_refused(host):
    start = datetime.date(2026, 10, 5)
    first = make.offer(company=host, title="Accueil", start_on=start)
    second = make.offer(company=host, title="accueil", start_on=start + datetime.timedelta(days=28))
    make.offer(company=host, title="Accueil", start_on=datetime.date(2027, 10, 4))
    make.offer(title="Accueil", start_on=start)
    make.offer(company=host, title="Accueil", start_on=start + datetime.timedelta(7), state="archived")
    other = make.offer(company=host, title="Vente", start_on=start)
    with CaptureQueriesContext(connection) as queries:
        found = reports.look_alikes([first, second, other])
    assert found == {first.pk: [second], second.pk: [first]}
    assert len(queries) == 1


# Changing


@pytest.mark.parametrize("held", [held for held in OfferState if held != OfferState.DRAFT])
def test_what_the_team_has_read_is_not_changed_behind_its_back(host, recruiter, held):
    offer = make.offer(company=host, state=held)
    offer.description = "Autre chose."
    with pytest.raises(ValidationError):
        save_row(actor=recruiter, row=offer)


def test_places_are_not_lowered_below_those_that_were_given(host, recruiter):
    offer = make.offer(company=host, state=OfferState.DRAFT, places=2)
    for _number in range(2):
        make.application(offer=offer, state=ApplicationState.ACCEPTED)
    offer.places = 1
    with pytest.raises(ValidationError) as refused:
        save_row(actor=recruiter, row=offer)
    assert refused.value.message_dict == {"places": [nbsp("2 candidatures sont déjà acceptées.")]}


def test_only_a_draft_that_nobody_answered_is_deleted(host, recruiter):
    draft, published = make.offer(company=host, state=OfferState.DRAFT), make.offer(company=host)
    answered = make.application(offer=make.offer(company=host, state=OfferState.DRAFT)).offer
    outcome = remove_rows(actor=recruiter, model=InternshipOffer, pks=[draft.pk, published.pk, answered.pk])
    assert outcome.changed == [draft]
    assert {row for row, _why in outcome.refused} == {published, answered}


def test_putting_an_offer_away_ends_the_applications_and_is_not_undone(
    host, recruiter, editor, student, told
):
    offer = make.offer(company=host)
    waiting = make.application(offer=offer, student=student)
    taken = make.application(offer=offer, state=ApplicationState.ACCEPTED)
    outcome = services.archive_offers(actor=recruiter, pks=[offer.pk])
    assert (state(waiting), state(taken)) == (ApplicationState.EXPIRED, ApplicationState.ACCEPTED)
    assert [subject for subject, _body in told(student.user)] == [nbsp(f"Candidature sans suite : {offer}")]
    report = undo_operation(actor=editor, operation=outcome.operation)
    assert (report.restored, state(offer)) == (0, OfferState.ARCHIVED)
    assert state(waiting) == ApplicationState.EXPIRED


# By itself


def test_offers_close_when_nobody_may_answer_them_any_more(host, recruiter, told, it_is):
    it_is(2026, 12, 1, 12, 0)
    late = make.offer(company=host, start_on=soon(60), apply_until=today())
    begun = make.offer(company=host, start_on=soon(1), apply_until=soon(0), state=OfferState.FILLED)
    later = make.offer(company=host, start_on=soon(60), apply_until=soon(5))
    assert services.close_over() == 0
    assert late.is_online
    it_is(2026, 12, 2, 0, 5)
    assert not late.is_online, "though nothing has closed it yet"
    assert services.close_over() == 2
    assert [state(row) for row in (late, begun, later)] == ["closed", "closed", "published"]
    assert services.close_over() == 0
    assert sorted(subject for subject, _body in told(recruiter)) == sorted(
        nbsp(f"Offre close : {row}") for row in (late, begun)
    )


def test_a_company_hears_once_that_an_offer_leaves_the_site_soon(host, recruiter, told):
    offer = make.offer(company=host, start_on=soon(60), apply_until=soon(3))
    make.application(offer=offer)
    make.application(offer=offer, state=ApplicationState.REFUSED)
    make.offer(company=host, start_on=soon(60), apply_until=soon(4))
    make.offer(company=host, start_on=soon(60), apply_until=soon(3), state=OfferState.FILLED)
    assert services.remind_of_expiring() == 1
    ((subject, body),) = told(recruiter)
    assert subject == nbsp(f"Offre bientôt close : {offer}")
    assert body.endswith(nbsp("1 candidature attend votre réponse."))
    assert services.remind_of_expiring() == 0


# Copying for the year after


@pytest.mark.parametrize(
    ("start", "copied"),
    [
        (datetime.date(2026, 10, 5), datetime.date(2027, 10, 4)),
        (datetime.date(2027, 6, 7), datetime.date(2028, 6, 5)),
        # 52 weeks would still be in August, in the same school year.
        (datetime.date(2026, 9, 1), datetime.date(2027, 9, 7)),
        (datetime.date(2027, 8, 31), datetime.date(2028, 8, 29)),
    ],
)
def test_a_copy_keeps_the_day_of_the_week_and_is_in_the_next_school_year(start, copied):
    moved = start + weeks_to_next_year(start)
    assert moved == copied
    assert moved.weekday() == start.weekday()
    assert school_year_of(moved) == school_year_of(start) + 1


def test_last_years_offer_is_copied_as_a_draft(host, recruiter):
    start = datetime.date(2026, 10, 5)
    offer = make.offer(
        company=host,
        title="Aide menuisier",
        start_on=start,
        end_on=datetime.date(2026, 11, 27),
        apply_until=datetime.date(2026, 9, 21),
        state=OfferState.ARCHIVED,
        places=3,
        skills=["Ponçage"],
        questions=["Pourquoi ?"],
        asks_for_cv=True,
        level=4,
    )
    outcome = services.copy_offers(actor=recruiter, pks=[offer.pk])
    (copy,) = outcome.changed
    copy.refresh_from_db()
    assert (copy.state, copy.copied_from, copy.published_at) == (OfferState.DRAFT, offer, None)
    assert (copy.start_on, copy.end_on) == (datetime.date(2027, 10, 4), datetime.date(2027, 11, 26))
    assert copy.apply_until == datetime.date(2027, 9, 20)
    assert (copy.school_year, copy.places, copy.skills, copy.questions) == (
        2027,
        3,
        ["Ponçage"],
        ["Pourquoi ?"],
    )
    assert copy.asks_for_cv and copy.level == 4 and copy.description == offer.description
    assert copy.history.get().operation == outcome.operation

    again = services.copy_offers(actor=recruiter, pks=[offer.pk])
    assert again.changed == []
    assert [(row, why) for row, why in again.refused] == [
        (offer, nbsp("« Aide menuisier » existe déjà avec un début le 04/10/2027."))
    ]
    assert InternshipOffer.objects.count() == 2


def test_two_offers_that_would_become_one_are_not_both_copied(host, recruiter):
    """Of 1 and 8 September 2026, moved by 53 and 52 weeks, both would begin on 7 September 2027."""
    rows = [make.offer(company=host, title="Accueil", start_on=datetime.date(2026, 9, day)) for day in (1, 8)]
    outcome = services.copy_offers(actor=recruiter, pks=[row.pk for row in rows])
    assert [copy.start_on for copy in outcome.changed] == [datetime.date(2027, 9, 7)]
    assert [row for row, _why in outcome.refused] == [rows[1]]
    assessed = services.assess_copies(actor=recruiter, pks=[row.pk for row in rows])
    assert assessed.changed == [] and len(assessed.refused) == 2


def test_copies_are_for_who_looks_after_the_offer(host, student):
    offer = make.offer(company=host)
    with pytest.raises(PermissionDenied):
        services.copy_offers(actor=student.user, pks=[offer.pk])
    stranger = make.company_user()
    assert services.copy_offers(actor=stranger, pks=[offer.pk]).changed == []


# Who sees


def test_students_keep_seeing_what_they_applied_for(student):
    closed = make.offer(state=OfferState.CLOSED)
    open_offer, draft = make.offer(), make.offer(state=OfferState.DRAFT)
    assert set(InternshipOffer.objects.visible_to(student.user)) == {open_offer}
    make.application(offer=closed, student=student)
    assert set(InternshipOffer.objects.visible_to(student.user)) == {open_offer, closed}
    verifier = make.user(Role.VERIFIER)
    assert set(InternshipOffer.objects.visible_to(verifier)) == {open_offer, closed, draft}
    assert not InternshipOffer.objects.editable_by(verifier).exists()


def test_a_former_member_of_the_company_sees_and_changes_nothing(host):
    offer = make.offer(company=host, state=OfferState.DRAFT)
    former = make.user(Role.COMPANY)
    make.member(host, former, is_active=False)
    assert not InternshipOffer.objects.visible_to(former).exists()
    assert services.submit_offers(actor=former, pks=[offer.pk]).changed == []


def test_offers_are_found_by_what_students_ask_for(host):
    cayenne = make.commune()
    joinery = make.offer(
        company=host,
        title="Aide menuisier",
        commune=cayenne,
        level=4,
        skills=["Ponçage"],
        start_on=soon(60),
        stipend_hourly=None,
    )
    remote = make.offer(title="Assistant web", remote_share=50, level=None, start_on=soon(100))
    rows = InternshipOffer.objects

    def found(**asked):
        return set(rows.matching(**asked))

    assert found(words="poncage menuisier") == {joinery}
    assert found(words="maroni") == {joinery}
    assert found(level=4) == {joinery, remote}, "what is open to everybody is open to that level too"
    assert found(level=5) == {remote}
    assert found(remote=True) == {remote}
    assert found(paid=True) == {remote}
    assert found(commune=cayenne.insee_code) == {joinery}
    assert found(start_from=soon(80)) == {remote}
    assert found(start_to=soon(80)) == {joinery}
    assert found(kind=InternshipKind.OBSERVATION) == set()
    assert list(rows.sorted_by("start")) == [joinery, remote]
    assert list(rows.sorted_by("stipend")) == [remote, joinery]


def test_numbers_stand_beside_offers(host):
    offer = make.offer(company=host, places=3)
    make.application(offer=offer, state=ApplicationState.ACCEPTED)
    make.application(offer=offer)
    make.application(offer=offer, state=ApplicationState.REFUSED)
    row = InternshipOffer.objects.with_numbers().get()
    assert (row.places_left, row.applications_received, row.applications_waiting) == (2, 3, 1)
    assert Application.objects.open().count() == 1


def test_what_waits_for_the_team_is_counted_for_those_who_publish(editor, recruiter):
    offer = make.offer(state=OfferState.SUBMITTED)
    assert list(reports.offers_to_moderate(editor)) == [offer]
    assert not reports.offers_to_moderate(make.user(Role.VERIFIER)).exists()
    assert not reports.offers_to_moderate(recruiter).exists()
    assert reports.offer_figures(editor, today())["submitted"] == 1


def test_notices_of_offers_hold_no_reason_twice(host, recruiter, editor, told):
    offer = make.offer(company=host)
    services.close_offers(actor=editor, pks=[offer.pk], reason="Doublon.")
    ((_subject, body),) = told(recruiter)
    assert body.count("Doublon.") == 1
    assert Notice.objects.filter(recipient=editor).count() == 0, "who did it is not told"
