"""Recommendations in the console: each person sees what concerns them, and nobody is reached by it."""

import io

import pypdfium2
import pytest
from django.conf import settings
from django.urls import reverse
from openpyxl import load_workbook

from pratik.accounts.enums import Role
from pratik.accounts.services import system_actor
from pratik.internships.enums import PlacementState
from pratik.papers.enums import PaperKind
from pratik.papers.models import PaperTemplate
from pratik.papers.services import load_templates
from pratik.recommendations.enums import RecommendationState, Visibility
from pratik.recommendations.models import InternRecommendation
from pratik.recommendations.services import withdraw_recommendations
from pratik.security.models import AccessEvent
from tests import factories as make
from tests.recommendations.conftest import born

pytestmark = pytest.mark.django_db

STUDENTS = "admin:recommendations_recommendedstudent_changelist"
ACCEPTED = RecommendationState.ACCEPTED


def at(name, *args):
    return reverse(f"admin:recommendations_internrecommendation_{name}", args=args)


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode().replace("\u00a0", " ")


def typed(placement, **fields):
    values = {
        "placement": placement.pk,
        "rating": 5,
        "autonomy": "on",
        "skills_validated": "Ponçage\nVernis",
        "recommended_domains": "Agencement",
        "comment": "Travail soigné.",
        "author_name": "Aïcha Nguyen",
        "author_role": "gérante",
    }
    return values | fields


# Writing


def test_a_company_writes_and_sends_from_the_console(client_for, member, student, placement):
    client = client_for(member)
    blank = page(client, at("add"))
    assert "Maëlys Apatou" in blank
    assert 'value="Aïcha Nguyen"' in blank
    client.post(at("add"), typed(placement))
    row = InternRecommendation.objects.get()
    assert (row.company, row.student, row.rating) == (placement.company, student, 5)
    assert row.skills_validated == ["Ponçage", "Vernis"]
    assert row.strengths == ["Autonomie"]
    client.post(at("propose", row.pk), {"confirmed": "yes"})
    assert InternRecommendation.objects.get().state == RecommendationState.PROPOSED


def test_an_administrator_who_acts_for_a_company_writes_and_sends_nothing(
    client_for, administrator, member, placement
):
    row = make.recommendation(placement=placement)
    client = client_for(administrator)
    client.post(reverse("access:act_for", args=[member.pk]), {"reason": "Aide demandée par téléphone"})
    shown = page(client, at("change", row.pk))
    assert at("propose", row.pk) not in shown and 'name="_save"' not in shown
    assert client.get(at("add")).status_code == 403
    for address in (at("propose", row.pk), at("change", row.pk), at("delete", row.pk)):
        assert client.post(address, {"confirmed": "yes", "comment": "Autre"}).status_code == 403
    row.refresh_from_db()
    assert (row.state, row.comment == "Autre") == (RecommendationState.DRAFT, False)


def test_only_its_own_interns_whom_it_has_not_written_about_are_offered(client_for, member, company, student):
    done = make.placement(company=company, student=student, state=PlacementState.COMPLETED, post="Ponceuse")
    make.recommendation(placement=done)
    make.placement(company=company, state=PlacementState.SIGNED, post="Pas commencé")
    make.placement(state=PlacementState.COMPLETED, post="Ailleurs")
    make.placement(company=company, state=PlacementState.RUNNING, post="En cours")
    blank = page(client_for(member), at("add"))
    assert "En cours" in blank
    for post in ("Ponceuse", "Pas commencé", "Ailleurs"):
        assert post not in blank


def test_a_company_with_nobody_to_recommend_is_told_so(client_for, member, company, placement):
    client = client_for(member)
    assert "Il n’y a personne à recommander" not in page(client, at("add"))
    make.recommendation(placement=placement)
    assert "Il n’y a personne à recommander" in page(client, at("add"))


@pytest.mark.parametrize("is_retracted", [False, True])
def test_after_a_withdrawal_the_student_may_accept_unless_the_company_took_it_back(
    client_for, student, placement, is_retracted
):
    row = make.recommendation(
        placement=placement,
        state=RecommendationState.WITHDRAWN,
        withdrawal_reason="Erreur" if is_retracted else "",
    )
    assert (at("accept", row.pk) in page(client_for(student.user), at("change", row.pk))) is not is_retracted


def test_a_placement_of_another_company_is_refused_on_the_page(client_for, member):
    elsewhere = make.placement(state=PlacementState.COMPLETED)
    response = client_for(member).post(at("add"), typed(elsewhere))
    assert response.status_code == 200
    assert not InternRecommendation.objects.exists()


def test_what_was_typed_stays_when_it_is_refused(client_for, member, placement):
    response = client_for(member).post(at("add"), typed(placement, comment="Appelez le 0694 12 34 56."))
    shown = response.content.decode()
    assert response.status_code == 200
    assert "Retirez" in shown
    assert "Ponçage" in shown
    assert not InternRecommendation.objects.exists()


# Answering


def test_a_student_reads_it_in_words_of_their_own(client_for, student, placement):
    row = make.recommendation(
        placement=placement,
        state=RecommendationState.PROPOSED,
        autonomy=True,
        rigor=True,
        skills_validated=["Ponçage", "Vernis"],
        recommended_domains=["Agencement", "Ébénisterie"],
        comment="Un soin\nrare.",
    )
    read = page(client_for(student.user), at("change", row.pk))
    for shown in ("Autonomie, Rigueur", "Ponçage<br>Vernis", "Agencement<br>Ébénisterie", "Un soin<br>rare."):
        assert shown in read, shown
    assert "Domaines recommandés" in read and "vous recommandez" not in read
    assert "Ponçage |" not in read and "Autonomie |" not in read


def test_a_student_agrees_with_their_choices(client_for, student, placement):
    row = make.recommendation(placement=placement, state=RecommendationState.PROPOSED)
    client = client_for(student.user)
    asked = page(client, at("accept", row.pk))
    assert "Les entreprises qui ont un compte" in asked
    assert "initiale" in asked
    client.post(at("accept", row.pk), {"confirmed": "yes", "visibility": Visibility.PUBLIC, "name": "full"})
    row.refresh_from_db()
    assert (row.state, row.visibility, row.shows_full_name) == (ACCEPTED, Visibility.PUBLIC, True)
    # The page that asks again begins with what they chose.
    again = page(client, at("choose", row.pk))
    assert 'value="public"' in again.partition("checked")[0].rpartition("<input")[2]


def test_a_choice_that_does_not_exist_is_asked_again(client_for, student, placement):
    row = make.recommendation(placement=placement, state=RecommendationState.PROPOSED)
    response = client_for(student.user).post(
        at("accept", row.pk), {"confirmed": "yes", "visibility": "ministers", "name": "full"}
    )
    assert response.status_code == 422
    row.refresh_from_db()
    assert row.state == RecommendationState.PROPOSED


def test_a_student_reads_their_own_alone(client_for, student, placement):
    draft = make.recommendation(placement=placement, comment="Pas encore envoyée.")
    other = make.recommendation(state=ACCEPTED)
    client = client_for(student.user)
    assert "Pas encore" not in page(client, at("changelist"))
    for row in (draft, other):
        page(client, at("change", row.pk), 404)


# On paper


@pytest.fixture
def templates(db):
    load_templates(actor=system_actor(), folder=settings.BASE_DIR / "fixtures" / "reference")
    assert PaperTemplate.objects.active().filter(kind=PaperKind.RECOMMENDATION).exists()


def words_of(response):
    document = pypdfium2.PdfDocument(response.content)
    return " ".join(" ".join(one.get_textpage().get_text_range() for one in document).split())


@pytest.mark.parametrize("full", [True, False])
def test_the_pdf_says_what_was_agreed_to_and_bears_the_code(client_for, student, placement, full, templates):
    row = make.recommendation(
        placement=placement,
        state=ACCEPTED,
        shows_full_name=full,
        comment="Elle a l’œil, et le sens du détail à 100 €.",
        skills_validated=["Ponçage"],
        autonomy=True,
    )
    response = client_for(student.user).get(at("on_paper", row.pk))
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    text = words_of(response)
    assert ("Maëlys Apatou" in text) is full
    assert ("Maëlys A." in text) is not full
    for said in ("Menuiserie du Rorota", "Aide-menuisière", "Ponçage", "Autonomie", "l’œil", "€"):
        assert said in text
    assert row.code in text.replace("-", "")
    for contact in ("0694", "594694123456", "maelys.apatou"):
        assert contact not in text
    assert AccessEvent.objects.filter(actor=student.user, object_pk=str(row.pk)).exists()


def test_there_is_no_pdf_without_the_persons_agreement(client_for, student, member, placement, templates):
    row = make.recommendation(placement=placement, state=ACCEPTED)
    assert client_for(member).get(at("on_paper", row.pk)).status_code == 200
    withdraw_recommendations(actor=student.user, pks=[row.pk])
    for account in (member, student.user, make.user(Role.ADMINISTRATOR)):
        assert client_for(account).get(at("on_paper", row.pk)).status_code == 404


def test_a_stranger_has_no_pdf(client_for, placement, templates):
    row = make.recommendation(placement=placement, state=ACCEPTED, visibility=Visibility.PUBLIC)
    for account in (make.company_user(), make.user(Role.STUDENT), make.school_user()):
        assert client_for(account).get(at("on_paper", row.pk)).status_code in (403, 404)


def test_a_missing_template_is_said_in_words(client_for, student, placement):
    assert not PaperTemplate.objects.exists()
    row = make.recommendation(placement=placement, state=ACCEPTED)
    response = client_for(student.user).get(at("on_paper", row.pk), follow=True)
    assert "Aucun modèle de recommandation" in response.content.decode()


def test_the_page_of_the_code_says_that_it_was_taken_back(client, student, placement):
    row = make.recommendation(
        placement=placement, state=ACCEPTED, visibility=Visibility.PUBLIC, shows_full_name=True
    )
    address = reverse("public:verified", args=[row.code])
    before = page(client, address)
    assert "Maëlys Apatou" in before
    assert "Menuiserie du Rorota" in before
    withdraw_recommendations(actor=student.user, pks=[row.pk])
    after = page(client, address)
    assert "Recommandation retirée" in after
    assert "Apatou" not in after
    assert "Menuiserie" not in after


# « Étudiants recommandés »


def test_companies_meet_those_who_agreed_and_nobody_else(client_for, placement, student):
    hidden = make.student(user=make.user(Role.STUDENT, first_name="Zoé", last_name="Cachée"))
    for state in set(RecommendationState) - {ACCEPTED}:
        make.recommendation(
            placement=make.placement(student=hidden, state=PlacementState.COMPLETED), state=state
        )
    make.recommendation(placement=placement, state=ACCEPTED, rigor=True, recommended_domains=["Agencement"])
    shown = page(client_for(make.company_user()), reverse(STUDENTS))
    assert "Maëlys A." in shown
    assert "Rigueur" in shown
    assert "Zoé" not in shown
    for secret in ("Apatou", "maelys.apatou", "694123456", "0694"):
        assert secret not in shown


@pytest.mark.parametrize(
    "role", [Role.STUDENT, Role.SCHOOL, Role.RECRUITER, Role.LANDLORD, Role.DRIVER, Role.PARTNER]
)
def test_the_list_is_for_companies(client_for, placement, role):
    make.recommendation(placement=placement, state=ACCEPTED, visibility=Visibility.PUBLIC)
    assert client_for(make.user(role)).get(reverse(STUDENTS)).status_code == 403


def test_the_page_of_a_student_tells_what_companies_say_and_no_way_to_reach_them(
    client_for, placement, student
):
    make.recommendation(placement=placement, state=ACCEPTED, comment="Ponctuelle et <b>vive</b>.")
    client = client_for(make.company_user())
    address = reverse("admin:recommendations_recommendedstudent_change", args=[student.pk])
    shown = page(client, address)
    assert "Ponctuelle et &lt;b&gt;vive&lt;/b&gt;." in shown
    assert "Menuiserie du Rorota" in shown
    for secret in ("Apatou", "maelys.apatou", "694123456", str(student.born_on)):
        assert secret not in shown
    withdraw_recommendations(
        actor=student.user, pks=list(InternRecommendation.objects.values_list("pk", flat=True))
    )
    page(client, address, 404)


def test_filters_keep_those_who_fit(client_for, company, student, placement):
    other = make.student(
        user=make.user(Role.STUDENT, first_name="Kévin"),
        level=4,
        diploma="CAP",
        commune=make.commune("Kourou"),
    )
    make.recommendation(
        placement=placement,
        state=ACCEPTED,
        rating=5,
        creativity=True,
        skills_validated=["Ponçage"],
        recommended_domains=["Agencement intérieur"],
    )
    make.recommendation(
        placement=make.placement(student=other, state=PlacementState.COMPLETED),
        state=ACCEPTED,
        rating=3,
        rigor=True,
        skills_validated=["Caisse"],
        recommended_domains=["Vente"],
    )
    client = client_for(make.company_user())
    for query, found in {
        "note=5": {"Maëlys"},
        "note=3": {"Maëlys", "Kévin"},
        "point_fort=rigor": {"Kévin"},
        "point_fort=charme": {"Maëlys", "Kévin"},
        "competence=poncage": {"Maëlys"},
        "domaine=agencement": {"Maëlys"},
        "domaine=vente": {"Kévin"},
        "level__in=4": {"Kévin"},
        f"commune__id__exact={other.commune_id}": {"Kévin"},
        "q=caisse": {"Kévin"},
        "q=Apatou": set(),
    }.items():
        shown = page(client, f"{reverse(STUDENTS)}?{query}")
        assert {name for name in ("Maëlys", "Kévin") if f">{name}" in shown} == found, query


def test_the_export_holds_what_the_page_shows(client_for, placement, student):
    make.recommendation(placement=placement, state=ACCEPTED, rating=5, skills_validated=["=1+1"])
    company = make.company_user()
    address = reverse("admin:recommendations_recommendedstudent_export")
    client = client_for(company)
    fields = {
        f"recommendedstudentlist_{name}": "on"
        for name in ("shown_name", "average_rating", "skills_validated", "recommendations_number")
    }
    response = client.post(address, {"format": "0", "resource": "0", **fields})
    assert response.status_code == 200
    sheet = load_workbook(io.BytesIO(response.content)).active
    header, row = sheet.iter_rows(values_only=True)
    told = dict(zip(header, row, strict=True))
    assert told["étudiant"] == "Maëlys A."
    assert (told["recommandations"], told["note moyenne"]) == (1, 5)
    assert told["compétences validées"].startswith("'=")
    assert "Apatou" not in str(told)
    withdraw_recommendations(
        actor=student.user, pks=list(InternRecommendation.objects.values_list("pk", flat=True))
    )
    response = client.post(address, {"format": "0", "resource": "0", **fields})
    assert "Maëlys" not in str(list(load_workbook(io.BytesIO(response.content)).active.values))


def test_a_long_list_asks_no_more_of_the_database(client_for, django_assert_max_num_queries):
    for _each in range(12):
        make.recommendation(
            placement=make.placement(student=make.student(born_on=born(18)), state=PlacementState.COMPLETED),
            state=ACCEPTED,
        )
    client = client_for(make.company_user())
    client.get(reverse(STUDENTS))
    with django_assert_max_num_queries(30):
        page(client, reverse(STUDENTS))


# Putting forward


def test_the_team_puts_many_forward_at_once(client_for, editor):
    rows = [
        make.recommendation(state=ACCEPTED, visibility=visibility)
        for visibility in (Visibility.PUBLIC, Visibility.PUBLIC, Visibility.COMPANIES)
    ]
    client = client_for(editor)
    chosen = {"action": "do_feature", "_selected_action": [row.pk for row in rows]}
    asked = client.post(at("changelist"), chosen).content.decode()
    assert "pas voulu que tout le monde la lise" in asked
    assert not InternRecommendation.objects.filter(is_featured=True).exists()
    client.post(at("changelist"), {**chosen, "confirmed": "yes"})
    assert set(InternRecommendation.objects.filter(is_featured=True)) == set(rows[:2])
