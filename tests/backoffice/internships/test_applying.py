"""A student applies: the form, what it refuses and keeps, and the other applications once one is accepted."""

import pytest

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.internships.enums import ApplicationState, OfferState
from pratik.internships.models import Application
from tests import documents as papers
from tests import factories as make
from tests.backoffice.living.conftest import DAY, acting_for, after, fresh, words
from tests.kit.world import url

pytestmark = pytest.mark.django_db

QUESTIONS = ["Pourquoi ce stage ?", "Avez-vous le permis B ?"]


@pytest.fixture
def student(db):
    return make.student()


@pytest.fixture
def client(client_for, student):
    return client_for(student.user)


@pytest.fixture
def offer(db):
    return make.offer(title="Stage en menuiserie", questions=QUESTIONS)


def form_of(offer):
    return url(Application, "apply", offer.pk)


def sent(client, offer, **changes):
    values = {
        "letter": "Madame, Monsieur,\n\nJe veux apprendre.",
        "answer_0": "Pour le bois.",
        "answer_1": "Oui.",
    }
    return client.post(form_of(offer), {**values, **changes})


# Applying


def test_a_letter_and_the_answers_are_sent(client, student, offer):
    page = client.get(form_of(offer))
    assert list(page.context_data["form"].fields) == ["letter", "answer_0", "answer_1", "cv"]
    assert all(question in words(page) for question in QUESTIONS)
    told = after(client, sent(client, offer))
    assert "Votre candidature est envoyée" in told
    row = Application.objects.get()
    assert (row.offer, row.student, row.state) == (offer, student, ApplicationState.RECEIVED)
    assert row.answers == [[QUESTIONS[0], "Pour le bois."], [QUESTIONS[1], "Oui."]]
    assert "Pour le bois." in told and "Je veux apprendre." in told
    assert not row.has_cv


def test_a_cv_is_looked_into_and_kept(client, offer):
    told = after(client, sent(client, offer, cv=papers.sent(papers.pdf(2), "Mon CV.pdf", "application/pdf")))
    row = Application.objects.get()
    assert (row.cv_name, row.cv_type, row.cv_pages) == ("Mon CV.pdf", "application/pdf", 2)
    assert "Mon CV.pdf" in told


def test_the_script_of_the_page_is_told_where_to_go(client, offer):
    response = client.post(
        form_of(offer),
        {"letter": "Bonjour.", "answer_0": "a", "answer_1": "b"},
        headers={"accept": "application/json"},
    )
    row = Application.objects.get()
    assert response.json() == {"url": url(Application, "change", row.pk)}
    # It goes there itself, and finds the message.
    assert "Votre candidature est envoyée" in words(client.get(response.json()["url"]))


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"letter": "  "}, "letter", "Écrivez quelques lignes"),
        ({"letter": "x" * 6_001}, "letter", ""),
        ({"answer_1": ""}, "answer_1", "Répondez à cette question de l’entreprise."),
        ({"answer_0": "x" * 2_001}, "answer_0", ""),
        ({"cv": papers.sent(b"MZ\x90", "cv.exe")}, "cv", ""),
        ({"cv": papers.sent(b"", "vide.pdf")}, "cv", ""),
    ],
    ids=["no letter", "long letter", "no answer", "long answer", "a program", "an empty file"],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(client, offer, changes, field, told):
    response = sent(client, offer, **changes)
    assert response.status_code == 422
    form = response.context_data["form"]
    assert list(form.errors) == [field] and told in words(response)
    kept = {"letter": "Madame, Monsieur,\n\nJe veux apprendre.", "answer_0": "Pour le bois.", **changes}
    for name in ("letter", "answer_0"):
        assert form[name].value() == kept[name]
    assert not Application.objects.exists()


def test_a_cv_that_is_asked_for_is_missed_in_words(client):
    offer = make.offer(asks_for_cv=True)
    response = client.post(form_of(offer), {"letter": "Bonjour."})
    assert response.status_code == 422
    assert list(response.context_data["form"].errors) == ["cv"]
    assert "Cette offre demande un CV" in words(response)


def test_who_has_applied_is_led_to_what_they_sent(client, student, offer):
    row = make.application(offer=offer, student=student)
    for response in (client.get(form_of(offer)), sent(client, offer)):
        assert response["Location"] == url(Application, "change", row.pk)
    told = words(client.get(url(Application, "change", row.pk)))
    assert "Vous avez déjà une candidature en cours pour cette offre." in told
    assert Application.objects.count() == 1


def test_who_was_refused_is_told_so(client, student, offer):
    make.application(offer=offer, student=student, state=ApplicationState.REFUSED)
    response = sent(client, offer)
    assert response.status_code == 422
    assert "L’entreprise a déjà répondu à votre candidature pour cette offre." in words(response)


@pytest.mark.parametrize("off", ["draft", "closed", "over", "nowhere"])
def test_what_is_not_on_the_site_cannot_be_applied_for(client, off):
    fields = {
        "draft": {"state": OfferState.DRAFT},
        "closed": {"state": OfferState.CLOSED},
        "over": {"apply_until": today() - DAY},
        "nowhere": {},
    }[off]
    offer = make.offer(**fields)
    address = form_of(offer) if off != "nowhere" else url(Application, "apply", 999_999_999)
    assert client.get(address).status_code == 404
    assert client.post(address, {"letter": "Bonjour."}).status_code == 404
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.ANONYMOUS, Role.STUDENT)], ids=str
)
def test_anybody_else_is_told_that_students_apply(client_for, offer, role):
    client = client_for(make.user(role))
    for response in (client.get(form_of(offer)), sent(client, offer)):
        assert response.status_code == 403
        assert "Seuls les étudiants postulent" in words(response)
    assert not Application.objects.exists()


def test_nobody_applies_in_a_students_name(client_for, administrator, student, offer):
    client = acting_for(client_for(administrator), student.user)
    assert client.get(form_of(offer)).status_code == 403
    assert sent(client, offer).status_code == 403
    assert not Application.objects.exists()


def test_a_visitor_signs_in_first(db, offer):
    from django.test import Client

    response = Client().get(form_of(offer))
    assert response.status_code == 302 and response["Location"].endswith(f"?next={form_of(offer)}")


# Once one is accepted


@pytest.fixture
def place(student):
    return make.application(student=student, state=ApplicationState.ACCEPTED)


def others_page(row):
    return url(Application, "others", row.pk)


def test_a_place_comes_with_the_offer_to_take_the_others_back(client, student, place):
    waiting = [make.application(student=student) for _number in range(2)]
    make.application(student=student, state=ApplicationState.REFUSED)
    for address in (url(Application, "change", place.pk), url(Application, "changelist")):
        page = client.get(address)
        assert "2 autres candidatures attendent encore une réponse" in words(page)
        assert others_page(place) in page.content.decode()
    page = client.get(others_page(place))
    html = page.content.decode()
    assert html.count('type="checkbox"') == 2 and html.count(" checked") == 2
    # One is kept.
    told = after(client, client.post(others_page(place), {"applications": [waiting[0].pk]}))
    assert "1 candidature retirée." in told
    assert fresh(waiting[0]).state == ApplicationState.WITHDRAWN
    assert fresh(waiting[1]).state == ApplicationState.RECEIVED
    assert fresh(place).state == ApplicationState.ACCEPTED


def test_nothing_is_said_where_nothing_waits(client, student, place):
    assert "attend encore" not in words(client.get(url(Application, "change", place.pk)))
    page = client.get(others_page(place))
    assert "Vous n’avez pas d’autre candidature qui attend une réponse." in words(page)


@pytest.mark.parametrize("ticked", [[], ["x"], ["9" * 40], ["\x00"]], ids=str)
def test_what_is_not_among_the_others_is_refused(client, student, place, ticked):
    waiting, stranger = make.application(student=student), make.application()
    for chosen in (ticked, [stranger.pk], [place.pk]):
        response = client.post(others_page(place), {"applications": chosen})
        assert response.status_code == 422
    states = {fresh(row).state for row in (waiting, stranger)}
    assert states == {ApplicationState.RECEIVED} and fresh(place).state == ApplicationState.ACCEPTED


def test_only_its_student_takes_the_others_back(client_for, client, student, place, administrator):
    waiting = make.application(student=student)
    elsewhere = client_for(make.student().user)
    of_company = client_for(make.member(place.offer.company).user)
    acting = acting_for(client_for(administrator), student.user)
    for who, status in ((elsewhere, 404), (of_company, 403), (acting, 403)):
        assert who.get(others_page(place)).status_code == status
        assert who.post(others_page(place), {"applications": [waiting.pk]}).status_code == status
    assert client.get(others_page(waiting)).status_code == 404
    assert fresh(waiting).state == ApplicationState.RECEIVED
