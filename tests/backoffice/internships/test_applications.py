"""Applications in the console: who sees them, who reads them, and how they are answered."""

import datetime
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns
from pratik.internships.enums import ApplicationState, PlacementState, RefusalReason
from pratik.internships.models import Application, Placement
from pratik.internships.services import apply
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from tests import documents as papers
from tests import factories as make
from tests.backoffice.living.conftest import (
    acting_for,
    after,
    buttons,
    chosen,
    decided,
    done,
    exported,
    fresh,
    listed,
    words,
)
from tests.kit.world import url

pytestmark = pytest.mark.django_db

LETTER = "Zanzibar est mon rêve."


@pytest.fixture
def company(db):
    return make.company(name="Menuiserie du Larivot")


@pytest.fixture
def member(company):
    return make.member(company).user


@pytest.fixture
def client(client_for, member):
    return client_for(member)


@pytest.fixture
def offer(company):
    return make.offer(company=company, title="Stage en menuiserie", places=1)


def page(client, row, query=""):
    return client.get(url(Application, "change", row.pk) + query)


def aged(row, days):
    with operation(kind=OperationKind.SETUP, actor=row.student.user):
        set_columns(Application, [row.pk], sent_at=timezone.now() - datetime.timedelta(days=days))
    return row


def soon():
    return (timezone.localtime() + datetime.timedelta(days=3)).replace(second=0, microsecond=0)


# Who sees what


def school_of(student):
    """Somebody of the school that confirmed this student's enrolment."""
    return make.school_user(make.enrolment(student=student, state="active").school)


def test_each_sees_their_part(client_for, client, offer, verifier):
    row, other = make.application(offer=offer), make.application()
    for who, seen in (
        (row.student.user, {row.pk}),
        (school_of(row.student), {row.pk}),
        (verifier, {row.pk, other.pk}),
        (make.school_user(), set()),
    ):
        assert set(listed(client_for(who), Application)) == seen
    assert listed(client, Application) == [row.pk]
    assert client.get(url(Application, "change", other.pk)).status_code == 404


def test_a_school_sees_where_its_students_stand_and_not_what_they_wrote(client_for, offer):
    row = make.application(offer=offer, letter=LETTER, answers=[["Pourquoi ?", "Zanzibar !"]])
    school = client_for(school_of(row.student))
    told = words(page(school, row))
    assert "Stage en menuiserie" in told and "Reçue" in told
    assert "Seuls l’étudiant et l’entreprise lisent la candidature elle-même." in told
    for answer in (page(school, row), school.get(url(Application, "changelist"))):
        assert "Zanzibar" not in answer.content.decode()
    assert "Zanzibar" not in exported(school, Application)
    assert buttons(school, row) == set()
    for verb in ("accept", "refuse", "withdraw"):
        assert done(school, row, verb).status_code == 403
    assert fresh(row).state == ApplicationState.RECEIVED


def test_the_company_reads_the_letter_and_reaches_nobody_before_the_interview(client, offer):
    student = make.student()
    row = make.application(
        offer=offer, student=student, letter=LETTER, answers=[["Avez-vous le permis ?", "Pas encore."]]
    )
    told = words(page(client, row))
    assert LETTER in told and "Avez-vous le permis ?" in told and "Pas encore." in told
    assert student.user.email not in told and "Joindre l’étudiant" not in told
    done(client, row, "invite", interview_at=soon().strftime("%Y-%m-%dT%H:%M"))
    told = words(page(client, row))
    assert student.user.email in told and "Joindre l’étudiant" in told


def test_whoever_applied_first_stands_first_and_the_answered_last(client, offer):
    young, old = aged(make.application(offer=offer), 1), aged(make.application(offer=offer), 8)
    decided_row = aged(make.application(offer=offer, state=ApplicationState.REFUSED), 20)
    assert listed(client, Application) == [old.pk, young.pk, decided_row.pk]
    assert "8 jours" in words(client.get(url(Application, "changelist")))
    assert listed(client, Application, "?reponse=donnee") == [decided_row.pk]
    assert listed(client, Application, "?reponse=attendue") == [old.pk, young.pk]


def test_the_list_of_one_offer_tells_its_places(client, company):
    offer = make.offer(company=company, places=2)
    row = make.application(offer=offer)
    make.application(offer=make.offer(company=company))
    query = f"?offer__id__exact={offer.pk}"
    assert listed(client, Application, query) == [row.pk]
    assert "2 places libres sur 2." in words(client.get(url(Application, "changelist") + query))
    done(client, row, "accept")
    assert "1 place libre sur 2." in words(client.get(url(Application, "changelist") + query))


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "٣", "-1"])
def test_an_offer_that_is_none_is_told_by_nothing(client, offer, number):
    make.application(offer=offer)
    response = client.get(url(Application, "changelist") + f"?offer__id__exact={number}", follow=True)
    assert response.status_code == 200 and "place libre" not in words(response)


def test_a_strangers_offer_is_not_told_of(client, offer):
    make.application(offer=offer)
    other = make.offer(title="Zanzibar")
    response = client.get(url(Application, "changelist") + f"?offer__id__exact={other.pk}", follow=True)
    assert "Zanzibar" not in words(response)


def test_a_student_is_led_from_their_list_to_the_offers(client_for):
    html = client_for(make.student().user).get(url(Application, "changelist")).content.decode()
    assert 'href="/offres/"' in html


def test_figures_at_the_head_of_the_list(client, offer):
    states = (
        ApplicationState.RECEIVED,
        ApplicationState.SHORTLISTED,
        ApplicationState.INTERVIEW,
        ApplicationState.ACCEPTED,
        ApplicationState.REFUSED,
    )
    for state in states:
        make.application(offer=offer, state=state)
    totals = client.get(url(Application, "changelist")).context_data["totals"]
    assert [number for number, _name in totals] == [3, 1, 1]


def test_what_leaves_as_a_file_is_where_each_stands(client, offer):
    make.application(offer=offer, letter=LETTER)
    text = exported(client, Application)
    assert "Stage en menuiserie" in text and "Reçue" in text and "Zanzibar" not in text


# Answering


def test_a_page_offers_what_its_state_and_the_reader_allow(client_for, client, offer, editor):
    expected = {
        ApplicationState.RECEIVED: ({"shortlist", "invite", "accept", "refuse"}, {"withdraw"}),
        ApplicationState.SHORTLISTED: ({"invite", "accept", "refuse"}, {"withdraw"}),
        ApplicationState.INTERVIEW: ({"invite", "accept", "refuse"}, {"withdraw"}),
        ApplicationState.ACCEPTED: ({"refuse"}, {"withdraw"}),
        ApplicationState.REFUSED: ({"reopen"}, set()),
        ApplicationState.WITHDRAWN: (set(), set()),
        ApplicationState.EXPIRED: ({"reopen"}, set()),
        ApplicationState.REOPENED: ({"refuse"}, {"resume", "withdraw"}),
    }
    for state, (of_company, of_student) in expected.items():
        row = make.application(offer=offer, state=state)
        assert buttons(client, row) == of_company, state
        assert buttons(client_for(row.student.user), row) == of_student, state
        assert buttons(client_for(editor), row) == set(), state


def test_nobody_answers_in_anothers_name(client_for, administrator, member, offer):
    row = make.application(offer=offer)
    acting = acting_for(client_for(administrator), member)
    assert buttons(acting, row) == set()
    assert done(acting, row, "accept").status_code == 403
    assert fresh(row).state == ApplicationState.RECEIVED


def test_many_are_shortlisted_at_once(client, offer):
    rows = [make.application(offer=offer) for _number in range(3)]
    after(client, decided(client, Application, "shortlist", rows))
    assert {fresh(row).state for row in rows} == {ApplicationState.SHORTLISTED}


def test_an_interview_has_its_moment_and_its_place(client_for, client, offer):
    row = make.application(offer=offer)
    moment = soon()
    asked = client.get(url(Application, "invite", row.pk))
    assert 'type="datetime-local"' in asked.content.decode()
    values = {"interview_at": moment.strftime("%Y-%m-%dT%H:%M"), "place": "À l’atelier"}
    after(client, done(client, row, "invite", **values))
    changed = fresh(row)
    assert (changed.state, changed.interview_at, changed.interview_place) == (
        ApplicationState.INTERVIEW,
        moment,
        "À l’atelier",
    )
    assert "À l’atelier" in words(page(client_for(row.student.user), row))


@pytest.mark.parametrize("typed", ["", "demain", "2020-01-01T10:00", "\x00"])
def test_a_moment_that_cannot_be_is_refused_and_the_message_stays(client, offer, typed):
    row = make.application(offer=offer)
    response = done(client, row, "invite", interview_at=typed, place="À l’atelier", reason="À bientôt.")
    assert response.status_code == 422
    assert "À bientôt." in response.content.decode() and "À l’atelier" in response.content.decode()
    assert fresh(row).state == ApplicationState.RECEIVED


def test_a_refusal_has_a_reason_of_the_list_and_the_student_reads_it(client_for, client, offer):
    rows = [make.application(offer=offer) for _number in range(2)]
    for values in ({}, {"why": "parce que"}, {"why": RefusalReason.OTHER}):
        response = decided(client, Application, "refuse", rows, reason="", **values)
        assert response.status_code == 422
    assert {fresh(row).state for row in rows} == {ApplicationState.RECEIVED}
    after(client, decided(client, Application, "refuse", rows, why="dates", reason="Revenez en mai."))
    assert {fresh(row).state for row in rows} == {ApplicationState.REFUSED}
    told = words(page(client_for(rows[0].student.user), rows[0]))
    assert "Motif : Les dates ne conviennent pas. Revenez en mai." in told


def test_no_more_are_accepted_than_there_are_places(client, offer):
    late, early = aged(make.application(offer=offer), 1), aged(make.application(offer=offer), 5)
    asked = words(chosen(client, Application, "accept", [late, early]))
    assert "1 ligne sera changée" in asked and "La place de cette offre est prise." in asked
    after(client, decided(client, Application, "accept", [late, early]))
    assert fresh(early).state == ApplicationState.ACCEPTED
    assert fresh(late).state == ApplicationState.RECEIVED


def test_what_the_law_will_say_is_told_before_the_places_are_given(client, offer, company):
    """A student who is placed elsewhere on these days; nothing of it for another."""
    make.legal_parameters()
    busy, free = make.application(offer=offer), make.application(offer=make.offer(company=company))
    make.placement(
        student=busy.student,
        state=PlacementState.SIGNED,
        start_on=offer.start_on,
        end_on=offer.end_on,
    )
    for asked in (
        client.get(url(Application, "accept", busy.pk)),
        chosen(client, Application, "accept", [busy, free]),
    ):
        told = words(asked)
        assert "Ce que dit le droit" in told and "Un seul stage à la fois" in told
        found = {row.pk: {str(one.finding.code) for one in law} for row, _page, law in asked.context["law"]}
        assert "overlap" in found[busy.pk] and "overlap" not in found.get(free.pk, ())
    assert "Un seul stage à la fois" not in words(client.get(url(Application, "accept", free.pk)))
    assert not Placement.objects.filter(application__isnull=False).exists()
    assert fresh(busy).state == ApplicationState.RECEIVED


def test_who_decided_is_a_word_for_whom_may_not_open_the_account(client_for, client, offer, editor):
    row = make.application(offer=offer)
    after(client, done(client, row, "accept"))
    row = fresh(row)
    page_of_account = url(type(row.decided_by), "change", row.decided_by_id)
    for reader in (client_for(row.student.user), client_for(editor)):
        assert str(row.decided_by) in words(page(reader, row))
    assert page_of_account not in page(client_for(row.student.user), row).content.decode()
    assert page_of_account in page(client_for(editor), row).content.decode()


def test_who_has_a_place_is_led_to_the_placement(client_for, client, offer):
    row = make.application(offer=offer, state=ApplicationState.ACCEPTED)
    assert "Voir le stage" not in words(page(client, row))
    placement = make.placement(application=row, company=offer.company, student=row.student)
    for reader in (client, client_for(row.student.user)):
        assert url(type(placement), "change", placement.pk) in page(reader, row).content.decode()


def test_a_student_takes_their_application_back(client_for, offer):
    row = make.application(offer=offer)
    student = client_for(row.student.user)
    after(student, done(student, row, "withdraw"))
    assert fresh(row).state == ApplicationState.WITHDRAWN


def test_applications_that_wait_are_counted_in_the_menu(client, offer):
    for state in (ApplicationState.RECEIVED, ApplicationState.RECEIVED, ApplicationState.INTERVIEW):
        make.application(offer=offer, state=state)
    groups = client.get("/console/").context["sidebar_navigation"]
    items = {item["link"]: item for group in groups for item in group["items"]}
    assert items[url(Application, "changelist")]["badge"] == 2


# The CV


@pytest.fixture
def with_cv(offer):
    return apply(
        actor=make.student().user,
        offer=offer,
        letter="Bonjour.",
        upload=papers.sent(papers.pdf(2), "Mon CV.pdf", "application/pdf"),
        name="Mon CV.pdf",
    )


def openings():
    return AccessEvent.objects.filter(kind=AccessKind.FILE_OPENED)


def test_the_company_opens_the_cv_and_it_is_written_down(client, member, with_cv):
    html = page(client, with_cv).content.decode()
    lasting = url(Application, "cv", with_cv.pk)
    assert lasting in html and "Mon CV.pdf" in html
    assert not openings().exists(), "showing the page opens nothing"
    response = client.get(client.get(lasting)["Location"])
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    assert response["Content-Disposition"].startswith("attachment")
    assert "private, no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    (event,) = openings()
    assert (event.actor, event.detail) == (member, f"CV de la candidature n° {with_cv.pk}")


def test_the_cv_is_read_beside_the_letter_page_by_page(client, with_cv):
    html = page(client, with_cv, "?cv=1").content.decode()
    pictures = [part.partition('"')[0] for part in html.split('<img src="')[1:] if "/cv/" in part]
    assert len(pictures) == 2
    picture = client.get(pictures[1])
    assert picture.status_code == 200 and picture["Content-Type"].startswith("image/")
    assert openings().get().detail == f"CV de la candidature n° {with_cv.pk}, page 2"
    missing = reverse("admin:internships_application_cv_page", args=[pictures[0].split("/")[-4], 9])
    assert client.get(missing).status_code == 404


def test_a_link_is_good_for_one_person_and_a_moment(client_for, client, with_cv, monkeypatch):
    address = client.get(url(Application, "cv", with_cv.pk))["Location"]
    colleague = client_for(make.member(with_cv.offer.company).user)
    refused = colleague.get(address)
    assert refused.status_code == 403 and "private, no-store" in refused["Cache-Control"]
    later = time.time() + 61
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(address).status_code == 410
    assert not openings().exists()


def test_who_may_not_read_opens_nothing(client_for, with_cv, verifier):
    address = url(Application, "cv", with_cv.pk)
    school = school_of(with_cv.student)
    for who, status in (
        (school, 403),
        (verifier, 403),
        (make.student().user, 404),
        (make.member(make.company()).user, 404),
        (make.user(Role.LANDLORD), 403),
    ):
        answer = client_for(who).get(address)
        assert answer.status_code == status, who
    assert client_for(with_cv.student.user).get(address).status_code == 302
    assert not openings().exists()


def test_a_cv_that_is_gone_is_told_so(client, with_cv, offer):
    bare = make.application(offer=offer)
    refused = client.get(url(Application, "cv", bare.pk))
    assert refused.status_code == 410 and "n’a pas de CV" in words(refused)
    assert "Aucun CV n’a été envoyé." in words(page(client, bare))
    with_cv.cv.storage.delete(with_cv.cv.name)
    address = client.get(url(Application, "cv", with_cv.pk))["Location"]
    assert client.get(address).status_code == 404


def test_only_reading_is_done_there(client, with_cv):
    assert client.post(url(Application, "cv", with_cv.pk)).status_code == 405


# Queries


def test_the_list_and_a_page_take_as_many_queries_whatever_there_is(client_for, client, company, offer):
    student = make.student()

    def fill(number):
        for _number in range(number):
            row = make.application(offer=offer)
            make.application(student=student, offer=make.offer(company=company))
        return row

    def asked(who, address):
        who.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert who.get(address).status_code == 200
        return len(queries)

    row = fill(3)
    own = make.application(student=student, state=ApplicationState.ACCEPTED)
    applicant = client_for(student.user)
    looks = [
        (client, url(Application, "changelist")),
        (client, url(Application, "changelist") + f"?offer__id__exact={offer.pk}"),
        (client, url(Application, "change", row.pk)),
        (applicant, url(Application, "changelist")),
        (applicant, url(Application, "change", own.pk)),
        (applicant, url(Application, "others", own.pk)),
    ]
    few = [asked(*look) for look in looks]
    fill(12)
    assert [asked(*look) for look in looks] == few
    assert max(few) <= 20


def test_the_question_about_many_takes_as_many_queries_as_about_few(client, offer):
    def asked(rows):
        chosen(client, Application, "accept", rows)
        with CaptureQueriesContext(connection) as queries:
            assert chosen(client, Application, "accept", rows).status_code == 200
        return len(queries)

    rows = [make.application(offer=offer) for _number in range(12)]
    assert asked(rows) == asked(rows[:2])
