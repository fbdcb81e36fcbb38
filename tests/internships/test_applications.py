"""Applications: sent once, answered with a reason, never more accepted than there are places."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import CAYENNE, today
from pratik.core.models import FileRemoval, Operation
from pratik.core.operations import WriteOutsideService
from pratik.core.origin import Origin, coming_from
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.internships import reports, rules, services
from pratik.internships.enums import (
    LIVE_APPLICATIONS,
    UNDECIDED_APPLICATIONS,
    ApplicationState,
    OfferState,
    PlacementState,
    RefusalReason,
)
from pratik.internships.models import Application, InternshipOffer, Placement
from pratik.internships.signals import applications_accepted
from pratik.internships.workflow import APPLICATION
from pratik.notifications.models import Notice
from pratik.privacy.services import erase_account
from pratik.schools.enums import EnrolmentState
from pratik.security.models import AccessEvent
from tests import documents
from tests import factories as make
from tests.internships.conftest import enrol, nbsp, soon, state
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db

LETTER = "J’aime le bois et je sais me servir d’une ponceuse."


def cv(content=None, name="Mon CV.pdf"):
    return {
        "upload": documents.sent(documents.text_pdf("CV de Camille") if content is None else content, name),
        "name": name,
    }


def send(student, offer, **fields):
    return services.apply(actor=student.user, offer=offer, **{"letter": LETTER} | fields)


def refused(call, *args, **kwargs):
    """The error that this call raises, nothing having been kept."""
    before = Application.objects.count()
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    assert Application.objects.count() == before
    return error.value


# Sending


def test_a_student_answers_an_offer_and_the_company_is_told(host, recruiter, student, told):
    offer = make.offer(company=host, questions=["Pourquoi le bois ?"], asks_for_cv=True)
    row = send(student, offer, answers=["  Mon oncle est scieur. "], **cv())
    row.refresh_from_db()
    assert (row.state, row.letter) == (ApplicationState.RECEIVED, LETTER)
    assert row.answers == [["Pourquoi le bois ?", "Mon oncle est scieur."]]
    assert (row.cv_name, row.cv_type, row.cv_pages) == ("Mon CV.pdf", "application/pdf", 1)
    assert row.cv.storage.exists(row.cv.name) and "Mon CV" not in row.cv.name
    assert row.history.get().history_type == "+"
    ((subject, body),) = told(recruiter)
    assert subject == nbsp(f"Candidature reçue : {offer}")
    assert str(student) in body and LETTER not in body
    assert list(reports.applications_to_answer(recruiter)) == [row]


def test_a_cv_is_only_needed_where_the_offer_asks_for_one(student):
    assert send(student, make.offer()).has_cv is False
    error = refused(send, student, make.offer(asks_for_cv=True))
    assert set(error.message_dict) == {"cv"}


def test_all_that_is_missing_is_said_at_once(student):
    offer = make.offer(asks_for_cv=True, questions=["Pourquoi ?", "Avez-vous le permis ?"])
    error = refused(send, student, offer, letter="  ", answers=["Parce que.", " "])
    assert set(error.message_dict) == {"letter", "cv", "answers"}
    assert "Avez-vous le permis" in error.message_dict["answers"][0]
    error = refused(send, student, offer, letter="x" * 6001, answers=["x" * 2001, "Non."], **cv())
    assert set(error.message_dict) == {"letter", "answers"}


def test_a_hostile_file_is_refused_and_nothing_is_kept(student):
    offer = make.offer()
    for content, name in ((documents.HTML, "cv.html"), (b"", "vide.pdf"), (documents.SVG, "cv.svg")):
        assert set(refused(send, student, offer, **cv(content, name)).message_dict) == {"cv"}
    assert not FileRemoval.objects.exists()


def test_the_answers_of_other_questions_are_not_taken_for_these(recruiter, host, editor, law, student):
    """The company changed its questions while the student was writing."""
    offer = make.offer(company=host, questions=["Pourquoi ?"])
    seen = InternshipOffer.objects.get(pk=offer.pk)
    services.rework_offers(actor=recruiter, pks=[offer.pk])
    offer.refresh_from_db()
    offer.questions = ["Avez-vous le permis ?"]
    save_row(actor=recruiter, row=offer)
    assert refused(send, student, seen, answers=["J’aime ça."]).code == "gone"
    services.submit_offers(actor=recruiter, pks=[offer.pk])
    services.publish_offers(actor=editor, pks=[offer.pk])
    error = refused(send, student, seen, answers=["J’aime ça."])
    assert error.error_dict["answers"][0].code == "questions_changed"
    error = refused(send, student, InternshipOffer.objects.get(pk=offer.pk), answers=[])
    assert error.error_dict["answers"][0].code == "questions_changed"


@pytest.mark.parametrize("held", [held for held in OfferState if held != OfferState.PUBLISHED])
def test_what_is_not_on_the_site_is_not_answered(student, held):
    assert refused(send, student, make.offer(state=held)).code == "gone"


def test_the_last_day_to_apply_is_included_as_days_are_counted_in_cayenne(student, it_is):
    it_is(2026, 12, 1, 12, 0)
    offer = make.offer(start_on=datetime.date(2027, 3, 1), apply_until=datetime.date(2026, 12, 10))
    it_is(2026, 12, 10, 23, 59)
    assert send(make.student(), offer)
    it_is(2026, 12, 11, 0, 0)
    assert refused(send, student, offer).code == "gone"


@pytest.mark.parametrize("earlier", ApplicationState)
def test_one_application_at_a_time_and_none_after_a_refusal(student, earlier):
    row = make.application(student=student, state=earlier)
    if earlier in LIVE_APPLICATIONS:
        assert refused(send, student, row.offer).code == "asked_already"
    elif earlier == ApplicationState.REFUSED:
        assert "déjà répondu" in refused(send, student, row.offer).messages[0]
    else:
        assert send(student, row.offer).state == ApplicationState.RECEIVED


def test_a_program_does_not_answer_every_offer(student):
    for _number in range(rules.MOST_A_DAY):
        make.application(student=student)
    assert refused(send, student, make.offer()).code == "too_many"
    long_ago = timezone.now() - datetime.timedelta(hours=25)
    models.QuerySet(Application).update(sent_at=long_ago)
    assert send(student, make.offer())


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ANONYMOUS, Role.STUDENT)])
def test_only_students_apply(role):
    with pytest.raises(PermissionDenied):
        services.apply(actor=make.user(role), offer=make.offer(), letter=LETTER)


def test_a_student_without_a_profile_is_told_to_fill_it_in():
    account = make.user(Role.STUDENT)
    error = refused(services.apply, actor=account, offer=make.offer(), letter=LETTER)
    assert error.code == "profile_missing"


def test_nobody_applies_or_answers_in_anothers_name(administrator, student, recruiter, host):
    offer = make.offer(company=host)
    row = make.application(offer=offer)
    acts = (
        lambda: send(student, offer),
        lambda: services.accept_applications(actor=recruiter, pks=[row.pk]),
        lambda: services.refuse_applications(actor=recruiter, pks=[row.pk], why=RefusalReason.DATES),
        lambda: services.withdraw_applications(actor=row.student.user, pks=[row.pk]),
    )
    for act in acts:
        with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
            act()
    assert state(row) == ApplicationState.RECEIVED and Application.objects.count() == 1


def test_an_application_is_not_changed_once_it_is_sent(student):
    row = make.application(student=student)
    row.letter = "Autre chose."
    with pytest.raises(ValidationError):
        save_row(actor=student.user, row=row)
    with pytest.raises(WriteOutsideService):
        row.save()


# Answering

VERBS = {
    "shortlist": services.shortlist_applications,
    "invite": lambda **asked: services.invite_applications(
        interview_at=timezone.now() + datetime.timedelta(days=2), **asked
    ),
    "accept": services.accept_applications,
    "refuse": lambda **asked: services.refuse_applications(why=RefusalReason.DATES, **asked),
    "withdraw": services.withdraw_applications,
    "reopen": services.reopen_applications,
    "resume": services.resume_applications,
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("role", [Role.COMPANY, Role.STUDENT, Role.ADMINISTRATOR, Role.EDITOR, Role.SCHOOL])
def test_an_application_moves_only_by_the_table(host, verb, role):
    """Every verb from every state by these roles: what the table says, and nothing else."""
    one = make.student()
    rows = {
        before: make.application(
            offer=make.offer(company=host, start_on=soon(60 + number)), student=one, state=before
        )
        for number, before in enumerate(ApplicationState)
    }
    actor = {Role.COMPANY: lambda: make.company_user(host), Role.STUDENT: lambda: one.user}.get(
        role, lambda: make.user(role)
    )()
    transition = APPLICATION.transition(verb)

    def act():
        return VERBS[verb](actor=actor, pks=[row.pk for row in rows.values()])

    if role not in transition.who:
        with pytest.raises(PermissionDenied):
            act()
        assert all(state(row) == before for before, row in rows.items())
        return
    act()
    assert {before: state(row) for before, row in rows.items()} == {
        before: transition.target if before in transition.sources else before for before in ApplicationState
    }


@pytest.mark.parametrize("verb", VERBS)
def test_strangers_move_nothing(student, verb):
    row = make.application(state={"reopen": "refused", "resume": "reopened"}.get(verb, "received"))
    before = row.state
    for stranger in (make.company_user(), student.user):
        if stranger.role in APPLICATION.transition(verb).who:
            outcome = VERBS[verb](actor=stranger, pks=[row.pk])
            assert (outcome.changed, outcome.refused) == ([], [])
    assert state(row) == before


def test_a_student_is_led_from_the_shortlist_to_the_place(host, recruiter, student, told):
    row = make.application(offer=make.offer(company=host), student=student)
    offer = row.offer
    services.shortlist_applications(actor=recruiter, pks=[row.pk], reason="Beau parcours.")
    ((subject, body),) = told(student.user)
    assert subject == nbsp(f"Candidature retenue pour la suite : {offer}") and "Beau parcours." in body
    when = datetime.datetime(2031, 3, 12, 9, 30, tzinfo=CAYENNE)
    services.invite_applications(
        actor=recruiter, pks=[row.pk], interview_at=when, place="12 rue du Port", reason="Apportez un dessin."
    )
    row.refresh_from_db()
    assert (row.state, row.interview_at) == (ApplicationState.INTERVIEW, when)
    ((_subject, body),) = told(student.user)
    assert "12/03/2031 à 09:30" in body and "12 rue du Port" in body and "Apportez un dessin." in body
    services.accept_applications(actor=recruiter, pks=[row.pk])
    row.refresh_from_db()
    assert (row.state, row.decided_by) == (ApplicationState.ACCEPTED, recruiter) and row.decided_at
    ((subject, _body),) = told(student.user)
    assert subject == nbsp(f"Candidature acceptée : {offer}")
    assert told(recruiter) == []


def test_an_interview_is_moved_by_inviting_again(host, recruiter, told):
    row = make.application(offer=make.offer(company=host))
    first = timezone.now() + datetime.timedelta(days=2)
    for when in (first, first + datetime.timedelta(days=1)):
        services.invite_applications(actor=recruiter, pks=[row.pk], interview_at=when)
        assert len(told(row.student.user)) == 1
    row.refresh_from_db()
    assert row.interview_at == first + datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("interview_at", "place", "field"),
    [
        (None, "", "interview_at"),
        (datetime.datetime(2020, 1, 1, tzinfo=CAYENNE), "", "interview_at"),
        (datetime.datetime(2099, 1, 1, tzinfo=CAYENNE), "x" * 301, "place"),
    ],
)
def test_an_interview_has_a_moment_that_comes(host, recruiter, interview_at, place, field):
    row = make.application(offer=make.offer(company=host))
    error = refused(
        services.invite_applications, actor=recruiter, pks=[row.pk], interview_at=interview_at, place=place
    )
    assert set(error.message_dict) == {field}
    assert state(row) == ApplicationState.RECEIVED


def test_the_company_knows_how_to_reach_a_student_from_the_invitation_on(host, recruiter, student):
    for held in ApplicationState:
        row = make.application(offer=make.offer(company=host), student=student, state=held)
        expected = held in (ApplicationState.INTERVIEW, ApplicationState.ACCEPTED)
        assert rules.sees_contact(row, recruiter) is expected
        assert rules.sees_contact(row, student.user) and rules.sees_contact(row, make.user(Role.AUDITOR))
        assert not rules.sees_contact(row, make.school_user())


def test_a_refusal_has_a_reason_of_the_list_that_is_sent(host, recruiter, student, told):
    row = make.application(offer=make.offer(company=host), student=student)

    def refuse(**fields):
        return services.refuse_applications(actor=recruiter, pks=[row.pk], **fields)

    assert set(refused(refuse, why="").message_dict) == {"why"}
    assert set(refused(refuse, why="no_such").message_dict) == {"why"}
    assert set(refused(refuse, why=RefusalReason.OTHER, reason=" ").message_dict) == {"reason"}
    assert set(refused(refuse, why=RefusalReason.OTHER, reason="x" * 1001).message_dict) == {"reason"}
    refuse(why=RefusalReason.SKILLS, reason="Revenez l’an prochain.")
    row.refresh_from_db()
    assert (row.refusal_reason, row.refusal_text) == (RefusalReason.SKILLS, "Revenez l’an prochain.")
    ((subject, body),) = told(student.user)
    assert subject == nbsp(f"Candidature refusée : {row.offer}")
    assert str(RefusalReason.SKILLS.label) in body and body.count("Revenez l’an prochain.") == 1
    assert run_queue() == []


def test_a_refusal_is_taken_up_again_unless_the_student_applied_anew(host, recruiter, student, told):
    offer = make.offer(company=host)
    row = make.application(offer=offer, student=student, state=ApplicationState.REFUSED)
    gone = make.application(offer=offer, state=ApplicationState.EXPIRED)
    make.application(offer=offer, student=gone.student)
    outcome = services.reopen_applications(actor=recruiter, pks=[row.pk, gone.pk])
    assert outcome.changed == [row] and [kept for kept, _why in outcome.refused] == [gone]
    row.refresh_from_db()
    assert (row.state, row.refusal_reason, row.decided_at) == (ApplicationState.REOPENED, "", None)
    assert [subject for subject, _body in told(student.user)] == [nbsp(f"Candidature reprise : {offer}")]


@pytest.mark.parametrize("before", [ApplicationState.REFUSED, ApplicationState.EXPIRED])
def test_whoever_was_told_no_is_taken_only_once_they_still_want_it(host, recruiter, student, told, before):
    """They may be elsewhere by now, and are not bound by an answer that comes back."""
    row = make.application(offer=make.offer(company=host), student=student, state=before)
    for verb in ("shortlist", "invite", "accept"):
        assert VERBS[verb](actor=recruiter, pks=[row.pk]).refused
    services.reopen_applications(actor=recruiter, pks=[row.pk])
    for verb in ("shortlist", "invite", "accept"):
        ((_row, _why),) = VERBS[verb](actor=recruiter, pks=[row.pk]).refused
        assert state(row) == ApplicationState.REOPENED
    assert [subject for subject, _body in told(student.user)] == [nbsp(f"Candidature reprise : {row.offer}")]
    services.resume_applications(actor=student.user, pks=[row.pk])
    ((subject, body),) = told(recruiter)
    assert subject == nbsp(f"Candidature maintenue : {row.offer}") and str(student) in body
    assert services.accept_applications(actor=recruiter, pks=[row.pk]).changed == [row]


def test_a_question_that_the_student_leaves_open_ends_by_itself(host, recruiter, student, it_is):
    row = make.application(
        offer=make.offer(company=host, start_on=soon(20)), student=student, state=ApplicationState.REFUSED
    )
    services.reopen_applications(actor=recruiter, pks=[row.pk])
    other = make.application(offer=make.offer(company=host), student=student, state=ApplicationState.ACCEPTED)
    assert list(services.others_of(other)) == [row], "it may be withdrawn with the others"
    later = today() + datetime.timedelta(days=60)
    it_is(later.year, later.month, later.day, 12, 0)
    assert services.expire_applications() == 1
    assert state(row) == ApplicationState.EXPIRED


# The CV of who takes their application back


@pytest.mark.parametrize("how", ["withdrawn", "account erased"])
def test_the_cv_goes_at_once_with_the_application(how, host, student):
    """The file too, and nobody opens it any more; what another student sent stays."""
    offer = make.offer(company=host, asks_for_cv=True)
    row, kept = send(student, offer, **cv()), send(make.student(), offer, **cv())
    name = row.cv.name
    if how == "withdrawn":
        services.withdraw_applications(actor=student.user, pks=[row.pk])
    else:
        services.withdraw_of_account(pk=student.user.pk)
    run_queue()
    row.refresh_from_db()
    assert row.state == ApplicationState.WITHDRAWN
    assert (row.cv.name, row.cv_name, row.cv_size, row.cv_sha256) == ("", "", None, "")
    assert not row.cv.storage.exists(name)
    kept.refresh_from_db()
    assert kept.cv_name and kept.cv.storage.exists(kept.cv.name)


def test_the_cv_stays_where_the_withdrawal_is_refused(host, student):
    row = send(student, make.offer(company=host, asks_for_cv=True), **cv())
    stranger = make.student()
    assert not services.withdraw_applications(actor=stranger.user, pks=[row.pk]).changed
    run_queue()
    assert row.cv.storage.exists(Application.objects.get(pk=row.pk).cv.name)


# Places


def test_places_are_never_oversold_and_the_first_who_applied_come_first(host, recruiter, told):
    offer = make.offer(company=host, places=2)
    rows = [make.application(offer=offer) for _number in range(4)]
    asked = [rows[3].pk, rows[2].pk, rows[1].pk, rows[0].pk]
    assessed = services.assess_applications(actor=recruiter, verb="accept", pks=asked)
    assert assessed.changed == rows[:2] and [row for row, _why in assessed.refused] == rows[2:]
    outcome = services.accept_applications(actor=recruiter, pks=asked)
    assert outcome.changed == rows[:2]
    assert {why for _row, why in outcome.refused} == {"Les 2 places de cette offre sont prises."}
    assert state(offer) == OfferState.FILLED, "the last place takes the offer off the site"
    assert [subject for subject, _body in told(recruiter)] == [nbsp(f"Offre pourvue : {offer}")]
    assert not services.accept_applications(actor=recruiter, pks=asked).changed


def test_a_student_has_one_place_a_day_at_one_company(host, recruiter, student):
    """Two offers that start together: the second is refused with the day, and costs nobody a placement."""
    day = soon(60)
    rows = [
        make.application(offer=make.offer(company=host, start_on=day), student=student) for _each in range(2)
    ]
    other = make.application(offer=rows[0].offer)
    asked = [row.pk for row in (*rows, other)]
    outcome = services.accept_applications(actor=recruiter, pks=asked)
    assert outcome.changed == [rows[0], other]
    ((row, why),) = outcome.refused
    assert row == rows[1] and "déjà une place chez vous" in why and f"{day:%d/%m/%Y}" in why
    run_queue()
    assert set(Placement.objects.values_list("application", flat=True)) == {rows[0].pk, other.pk}
    assert not services.accept_applications(actor=recruiter, pks=[rows[1].pk]).changed
    elsewhere = make.application(offer=make.offer(start_on=day), student=student)
    there = make.company_user(elsewhere.offer.company)
    assert services.accept_applications(actor=there, pks=[elsewhere.pk]).changed


def test_accepting_is_announced_once_with_the_applications(host, recruiter):
    row = make.application(offer=make.offer(company=host))
    heard = []

    def hear(sender, pks, operation, **kwargs):
        heard.append((pks, operation.verb))

    applications_accepted.connect(hear)
    try:
        services.accept_applications(actor=recruiter, pks=[row.pk])
        services.accept_applications(actor=recruiter, pks=[row.pk])
    finally:
        applications_accepted.disconnect(hear)
    assert heard == [([row.pk], "accept")]


def test_a_place_that_is_given_back_is_free_and_the_offer_may_come_back(host, recruiter, student, told):
    offer = make.offer(company=host, places=1)
    row = make.application(offer=offer, student=student)
    services.accept_applications(actor=recruiter, pks=[row.pk])
    ((_offer, why),) = services.reopen_offers(actor=recruiter, pks=[offer.pk]).refused
    assert "rien à rouvrir" in why
    told(recruiter)
    services.withdraw_applications(actor=student.user, pks=[row.pk], reason="J’ai trouvé ailleurs.")
    ((subject, body),) = told(recruiter)
    assert subject == nbsp(f"Candidature retirée : {offer}")
    assert "vous pouvez rouvrir l’offre" in body and "J’ai trouvé ailleurs." in body
    services.reopen_offers(actor=recruiter, pks=[offer.pk])
    assert state(offer) == OfferState.PUBLISHED
    second = make.application(offer=offer)
    assert services.accept_applications(actor=recruiter, pks=[second.pk]).changed


@pytest.mark.parametrize("by_host", [True, False])
def test_a_placement_that_is_called_off_gives_the_place_back(
    host, recruiter, student, administrator, told, by_host
):
    offer = make.offer(company=host, places=1)
    row = make.application(offer=offer, student=student)
    services.accept_applications(actor=recruiter, pks=[row.pk])
    run_queue()
    placement = Placement.objects.get()
    told(recruiter)
    told(student.user)
    services.cancel_placements(
        actor=recruiter if by_host else administrator, pks=[placement.pk], reason="Le chantier est reporté."
    )
    assert state(row) == ApplicationState.EXPIRED
    ((subject, body),) = told(recruiter)
    assert subject == nbsp(f"Place libre : {offer}")
    assert "de nouveau libre" in body and "vous pouvez rouvrir" in body
    ((subject, body),) = told(student.user)
    assert subject == nbsp(f"Candidature sans suite : {offer}")
    assert "n’aura pas lieu" in body and "Le chantier est reporté." in body
    assert services.draft_placements(pks=[row.pk]) == [], "a queue that delivers twice drafts nothing again"
    services.reopen_offers(actor=recruiter, pks=[offer.pk])
    again = make.application(offer=offer, student=student)
    assert services.accept_applications(actor=recruiter, pks=[again.pk]).changed
    run_queue()
    assert Placement.objects.not_cancelled().get().application == again


@pytest.mark.parametrize("held", PlacementState)
def test_a_place_is_not_given_back_once_host_or_school_have_agreed_to_the_placement(host, recruiter, held):
    rows = [
        make.application(offer=make.offer(company=host), state=ApplicationState.ACCEPTED) for _n in range(2)
    ]
    for row in rows:
        make.placement(student=row.student, company=host, application=row, state=held)
    leaving, refused_row = rows
    withdrawal = services.withdraw_applications(actor=leaving.student.user, pks=[leaving.pk])
    refusal = services.refuse_applications(actor=recruiter, pks=[refused_row.pk], why=RefusalReason.CANCELLED)
    if held in (PlacementState.DRAFTED, PlacementState.CANCELLED):
        assert (withdrawal.changed, refusal.changed) == ([leaving], [refused_row])
        run_queue()
        states = set(Placement.objects.values_list("state", flat=True))
        assert states == {PlacementState.CANCELLED}, "the draft goes with the place"
    else:
        for outcome in (withdrawal, refusal):
            assert [why for _row, why in outcome.refused] == [
                nbsp("Le stage de cette candidature est préparé : annulez-le d’abord.")
            ]
        assert {state(row) for row in rows} == {ApplicationState.ACCEPTED}


def test_nothing_is_promised_while_an_offer_is_being_changed_or_to_who_is_gone(host, recruiter):
    offer = make.offer(company=host)
    row, closed = make.application(offer=offer), make.application(offer=offer)
    account = closed.student.user
    account.is_active = False
    save_row(actor=make.user(Role.ADMINISTRATOR), row=account)
    ((_row, why),) = services.accept_applications(actor=recruiter, pks=[closed.pk]).refused
    assert "fermé" in why
    services.rework_offers(actor=recruiter, pks=[offer.pk])
    for verb in ("accept", "shortlist", "invite"):
        ((_row, why),) = VERBS[verb](actor=recruiter, pks=[row.pk]).refused
        assert "en cours de modification" in why
    services.refuse_applications(actor=recruiter, pks=[row.pk], why=RefusalReason.CANCELLED)
    assert state(row) == ApplicationState.REFUSED


def test_an_acceptance_is_not_undone_but_taken_back(host, recruiter, administrator):
    row = make.application(offer=make.offer(company=host))
    operation = services.accept_applications(actor=recruiter, pks=[row.pk]).operation
    assert operation.is_final
    with pytest.raises((ValidationError, PermissionDenied)):
        undo_operation(actor=administrator, operation=operation)
    services.refuse_applications(actor=recruiter, pks=[row.pk], why=RefusalReason.CANCELLED)
    assert state(row) == ApplicationState.REFUSED


def test_many_are_answered_in_as_many_queries_as_few(host, recruiter):
    offer = make.offer(company=host, places=20)
    rows = [make.application(offer=offer) for _number in range(10)]

    def queries(pks):
        with CaptureQueriesContext(connection) as counted:
            assert len(services.accept_applications(actor=recruiter, pks=pks).changed) == len(pks)
        return len(counted)

    queries([rows[0].pk])
    assert queries([rows[1].pk]) == queries([row.pk for row in rows[2:]])


# Others


def test_who_is_accepted_may_withdraw_the_others_and_only_those(host, recruiter, student, told):
    accepted = make.application(offer=make.offer(company=host), student=student)
    waiting = make.application(student=student, state=ApplicationState.INTERVIEW)
    kept = make.application(student=student)
    over = make.application(student=student, state=ApplicationState.REFUSED)
    foreign = make.application()
    services.accept_applications(actor=recruiter, pks=[accepted.pk])
    ((_subject, body),) = told(student.user)
    assert "2 autres candidatures en attente" in body
    assert set(services.others_of(accepted)) == {waiting, kept}
    outcome = services.withdraw_others(
        actor=student.user, application=accepted, pks=[waiting.pk, over.pk, foreign.pk, accepted.pk]
    )
    assert outcome.changed == [waiting]
    assert [state(row) for row in (accepted, waiting, kept, over, foreign)] == [
        "accepted",
        "withdrawn",
        "received",
        "refused",
        "received",
    ]
    stranger = make.student()
    assert not services.withdraw_others(actor=stranger.user, application=accepted, pks=[kept.pk]).changed


# By itself


@pytest.mark.parametrize("held_offer", [OfferState.CLOSED, OfferState.DRAFT, OfferState.SUBMITTED])
def test_what_is_left_without_an_answer_ends_thirty_days_after_the_start(
    host, student, told, it_is, held_offer
):
    """Also where the company took its offer back to change it, and never brought it out again."""
    it_is(2026, 12, 1, 12, 0)
    offer = make.offer(company=host, start_on=datetime.date(2027, 1, 4), state=held_offer)
    rows = {held: make.application(offer=offer, state=held) for held in ApplicationState}
    still_open = make.application(offer=make.offer(start_on=datetime.date(2027, 1, 5)))
    it_is(2027, 2, 2, 23, 59)
    assert services.expire_applications() == 0
    it_is(2027, 2, 3, 0, 20)
    assert services.expire_applications() == len(UNDECIDED_APPLICATIONS)
    assert {held: state(row) for held, row in rows.items()} == {
        held: ApplicationState.EXPIRED if held in UNDECIDED_APPLICATIONS else held
        for held in ApplicationState
    }
    assert state(still_open) == ApplicationState.RECEIVED
    assert services.expire_applications() == 0
    gone = rows[ApplicationState.RECEIVED].student.user
    assert [subject for subject, _body in told(gone)] == [nbsp(f"Candidature sans suite : {offer}")]


def test_what_led_nowhere_is_gone_two_years_after_the_decision_with_its_file(host, student, it_is):
    offer = make.offer(company=host, asks_for_cv=True, start_on=soon(60))
    row = send(student, offer, **cv())
    accepted = make.application(offer=offer, state=ApplicationState.ACCEPTED)
    waiting = make.application(offer=offer)
    it_is(2027, 3, 10, 12, 0)
    services.refuse_applications(
        actor=make.company_user(host), pks=[row.pk], why=RefusalReason.FILLED, reason=""
    )
    name = Application.objects.get(pk=row.pk).cv.name
    run_queue()
    it_is(2029, 3, 10, 12, 0)
    assert services.forget_unsuccessful() == 0
    it_is(2029, 3, 11, 0, 10)
    assert services.forget_unsuccessful() == 1
    run_queue()
    assert set(Application.objects.all()) == {accepted, waiting}
    assert not Application.history.filter(id=row.pk).exists()
    assert not row.cv.storage.exists(name)
    assert services.forget_unsuccessful() == 0


def test_what_led_nowhere_goes_though_a_placement_had_been_drafted(host, it_is):
    row = make.application(offer=make.offer(company=host), state=ApplicationState.WITHDRAWN)
    placement = make.placement(
        student=row.student, company=host, application=row, state=PlacementState.CANCELLED
    )
    it_is(2099, 1, 1, 12, 0)
    assert services.forget_unsuccessful() == 1
    placement.refresh_from_db()
    assert placement.application is None
    assert not Application.objects.exists()


def test_a_message_of_the_company_goes_with_the_application(host, recruiter, it_is):
    row = make.application(offer=make.offer(company=host))
    services.invite_applications(
        actor=recruiter,
        pks=[row.pk],
        interview_at=timezone.now() + datetime.timedelta(days=2),
        reason="Bonjour Camille, appelez le 0694 20 20 20",
    )
    services.refuse_applications(actor=recruiter, pks=[row.pk], why=RefusalReason.DATES, reason="Trop tard")
    it_is(2099, 1, 1, 12, 0)
    assert services.forget_unsuccessful() == 1
    acts = Operation.objects.filter(verb__in=("invite", "refuse"))
    assert [(act.reason, "appelez" in act.search_text) for act in acts] == [("", False)] * 2


def test_an_erased_account_leaves_nothing_of_its_applications_but_that_there_were_some(
    host, recruiter, student, administrator, told
):
    offer = make.offer(company=host, asks_for_cv=True, questions=["Pourquoi ?"])
    row = send(student, offer, answers=["Parce que."], **cv())
    name = row.cv.name
    told(recruiter)
    erase_account(actor=administrator, user=student.user)
    row.refresh_from_db()
    assert (row.state, row.letter, row.answers, row.cv.name) == (ApplicationState.WITHDRAWN, "", [], "")
    assert [subject for subject, _body in told(recruiter)] == [nbsp(f"Candidature retirée : {offer}")]
    assert not row.cv.storage.exists(name)
    for line in Application.history.filter(id=row.pk):
        assert (line.letter, line.answers, str(line.cv), line.cv_name) == ("", [], "", "")


# Who sees


def test_each_sees_what_is_theirs(host, recruiter, student):
    row = make.application(offer=make.offer(company=host), student=student)
    make.application()
    for person in (recruiter, student.user):
        assert list(Application.objects.visible_to(person)) == [row]
    for role in (Role.AUDITOR, Role.VERIFIER, Role.EDITOR):
        assert Application.objects.visible_to(make.user(role)).count() == 2
        assert not Application.objects.editable_by(make.user(role)).exists()
    for role in (Role.LANDLORD, Role.TRAINING_CENTER, Role.RECRUITER):
        assert not Application.objects.visible_to(make.user(role)).exists()


@pytest.mark.parametrize("enrolment", EnrolmentState)
def test_a_school_sees_those_of_the_students_that_it_confirmed(student, enrolment):
    teacher = make.school_user()
    school = teacher.schoolmemberships.get().organisation
    row = make.application(student=student)
    enrol(student, school, enrolment, year=row.offer.school_year)
    shown = [row] if enrolment == EnrolmentState.ACTIVE else []
    assert list(Application.objects.visible_to(teacher)) == shown
    assert not Application.objects.visible_to(make.school_user()).exists()
    assert not Application.objects.editable_by(teacher).exists()


def test_a_school_sees_those_of_the_school_years_that_it_confirmed(student):
    """The student agreed to show those of one year, not what they sent before or will send."""
    teacher = make.school_user()
    now, before = (
        make.application(student=student),
        make.application(student=student, offer=make.offer(start_on=soon(-400), state=OfferState.CLOSED)),
    )
    enrol(student, teacher.schoolmemberships.get().organisation, year=now.offer.school_year)
    assert before not in Application.objects.visible_to(teacher)
    assert list(Application.objects.visible_to(teacher)) == [now]


def test_a_cv_is_read_by_the_company_the_student_and_who_keeps_the_platform(host, recruiter, student):
    row = send(student, make.offer(company=host), **cv())
    for reader in (recruiter, student.user, make.user(Role.ADMINISTRATOR)):
        token = services.sign_cv(actor=reader, pk=row.pk)
        assert services.open_cv(actor=reader, token=token) == row
        assert AccessEvent.objects.filter(actor=reader).exists()
    teacher = make.school_user()
    enrol(student, teacher.schoolmemberships.get().organisation, year=row.offer.school_year)
    for reader in (teacher, make.user(Role.VERIFIER), make.user(Role.AUDITOR)):
        with pytest.raises(PermissionDenied):
            services.sign_cv(actor=reader, pk=row.pk)
    with pytest.raises(Application.DoesNotExist):
        services.sign_cv(actor=make.company_user(), pk=row.pk)


def test_a_link_to_a_cv_is_good_for_one_person_and_a_moment(host, recruiter, student):
    row = send(student, make.offer(company=host), **cv())
    token = services.sign_cv(actor=recruiter, pk=row.pk)
    with pytest.raises(ValidationError) as error:
        services.open_cv(actor=student.user, token=token)
    assert error.value.code == "link_refused"
    with pytest.raises(ValidationError) as error:
        services.open_cv(actor=recruiter, token=token + "x")
    assert error.value.code == "link_refused"
    without = make.application(offer=row.offer)
    with pytest.raises(ValidationError) as error:
        services.sign_cv(actor=recruiter, pk=without.pk)
    assert error.value.code == "file_gone"


def test_notices_tell_what_still_stands(host, recruiter, student):
    """Invited, then refused before the queue ran: only the refusal is told."""
    row = make.application(offer=make.offer(company=host), student=student)
    VERBS["invite"](actor=recruiter, pks=[row.pk])
    VERBS["refuse"](actor=recruiter, pks=[row.pk])
    run_queue()
    subjects = list(Notice.objects.filter(recipient=student.user).values_list("subject", flat=True))
    assert subjects == [nbsp(f"Candidature refusée : {row.offer}")]


def test_what_was_taken_back_before_the_queue_ran_is_not_announced(host, recruiter, student):
    row = send(student, make.offer(company=host))
    services.withdraw_applications(actor=student.user, pks=[row.pk])
    run_queue()
    subjects = list(Notice.objects.filter(recipient=recruiter).values_list("subject", flat=True))
    assert subjects == [nbsp(f"Candidature retirée : {row.offer}")]
