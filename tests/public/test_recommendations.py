"""Recommendations as visitors read them: those whose people want it, under the name that they want."""

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.internships.enums import PlacementState
from pratik.recommendations.enums import RecommendationState, Visibility
from pratik.recommendations.services import choose_visibility, withdraw_recommendations
from tests import factories as make

pytestmark = pytest.mark.django_db

LIST = "/recommandations/"
ACCEPTED, PUBLIC = RecommendationState.ACCEPTED, Visibility.PUBLIC
SECRETS = ("Apatou", "maelys.apatou@example.org", "694123456")


@pytest.fixture
def student(db):
    make.consent_age()
    account = make.user(
        Role.STUDENT,
        first_name="Maëlys",
        last_name="Apatou",
        email="maelys.apatou@example.org",
        phone="+594694123456",
    )
    return make.student(user=account, born_on="2000-02-29", bio="Joignable au 0694 12 34 56.")


def public(student=None, **fields):
    student = student or make.student()
    placement = make.placement(
        student=student, state=PlacementState.COMPLETED, company=fields.pop("company", None) or make.company()
    )
    return make.recommendation(**{"placement": placement, "state": ACCEPTED, "visibility": PUBLIC} | fields)


def test_a_visitor_reads_who_is_recommended_and_by_whom(visit, student):
    row = public(
        student,
        company=make.company(name="Menuiserie du Rorota"),
        rating=5,
        comment="Du soin, du premier au dernier jour.",
        autonomy=True,
        recommended_domains=["Agencement"],
    )
    shown = visit(LIST)
    for said in ("Maëlys A.", "Menuiserie du Rorota", "5 sur 5", "Du soin", "Autonomie", "Agencement"):
        assert said in shown.words
    one = visit(f"{LIST}{row.pk}/")
    for said in ("Maëlys A.", "Menuiserie du Rorota", "5 sur 5", "Du soin", "Autonomie", "Agencement"):
        assert said in one.words
    for page in (shown, one):
        for secret in SECRETS:
            assert secret not in page.html


def test_the_full_name_is_shown_to_whom_it_is_wanted(visit, student):
    row = public(student, shows_full_name=True)
    assert "Maëlys Apatou" in visit(LIST).words
    assert "Maëlys Apatou" in visit(f"{LIST}{row.pk}/").words


@pytest.mark.parametrize("state", [state for state in RecommendationState if state != ACCEPTED])
def test_what_nobody_agreed_to_does_not_exist(visit, state):
    placement = make.placement(state=PlacementState.COMPLETED)
    row = make.recommendation(placement=placement, state=state, visibility=PUBLIC, comment="Mot caché")
    assert "Mot caché" not in visit(LIST).html
    visit(f"{LIST}{row.pk}/", status=404)


def test_what_companies_alone_may_read_does_not_exist(visit, student):
    row = public(student, visibility=Visibility.COMPANIES, comment="Mot caché")
    assert "Mot caché" not in visit(LIST).html
    visit(f"{LIST}{row.pk}/", status=404)


@pytest.mark.parametrize("how", ["withdrawn", "companies only"])
def test_an_agreement_taken_back_takes_the_pages_away_at_once(visit, student, how):
    row = public(student, comment="Mot que l’on retire", recommended_domains=["Agencement"])
    assert "Mot que l’on retire" in visit(LIST).words
    if how == "withdrawn":
        withdraw_recommendations(actor=student.user, pks=[row.pk])
    else:
        choose_visibility(actor=student.user, pks=[row.pk], visibility=Visibility.COMPANIES)
    shown = visit(LIST)
    assert "Mot que l’on retire" not in shown.html
    assert "Maëlys" not in shown.html
    assert "Agencement" not in shown.html
    visit(f"{LIST}{row.pk}/", status=404)


def test_nothing_keeps_a_copy_of_the_pages(visit, student):
    row = public(student)
    for path in (LIST, f"{LIST}{row.pk}/"):
        page = visit(path)
        assert page.response["Cache-Control"] == "private, no-store"
        assert "noindex" in page.response["X-Robots-Tag"]
        assert '<meta name="robots" content="noindex, noarchive">' in page.html
    sitemap = visit("/sitemap.xml").html
    assert "recommandations/" not in sitemap


def test_what_the_team_puts_forward_comes_first(visit):
    public(comment="Première écrite")
    public(comment="Mise en avant", is_featured=True)
    public(comment="Dernière écrite")
    words = visit(LIST).words
    places = [words.index(said) for said in ("Mise en avant", "Dernière écrite", "Première écrite")]
    assert places == sorted(places)


def test_nobody_is_looked_for_by_what_was_said_of_them(visit, client_for):
    """Filters are for companies with an account, in the console."""
    public(comment="Ponceuse", rating=5, autonomy=True, recommended_domains=["Agencement"])
    public(comment="Vendeuse", rating=3, rigor=True, skills_validated=["Caisse"])
    for query in ({}, {"domaine": "Agencement"}, {"point_fort": "rigor"}, {"note": "5"}, {"q": "Caisse"}):
        page = visit(LIST, **query)
        assert "Ponceuse" in page.words and "Vendeuse" in page.words, query
        assert 'role="search"' not in page.main
    console = reverse("admin:recommendations_recommendedstudent_changelist")
    assert console in page.main
    visitor = client_for(make.student().user).get(console)
    assert visitor.status_code in (302, 403)
    company = client_for(make.company_user())
    assert [str(row) for row in listed_there(company.get(f"{console}?note=5"))] == [
        str(row) for row in listed_there(company.get(console)) if row.average_rating == 5
    ]


def listed_there(response):
    assert response.status_code == 200
    return response.context_data["cl"].result_list


def test_an_empty_list_says_so(visit):
    assert "Aucune recommandation n’est publique" in visit(LIST).words


def test_what_a_company_typed_is_text(visit, student):
    row = public(student, comment="<script>alert(1)</script>", recommended_domains=["<b>Vente</b>"])
    for path in (LIST, f"{LIST}{row.pk}/"):
        page = visit(path)
        assert "<script>alert" not in page.html
        assert "&lt;script&gt;" in page.html
        assert "<b>Vente</b>" not in page.html


def test_a_long_list_asks_no_more_of_the_database(visit, django_assert_max_num_queries):
    for _each in range(15):
        public()
    with django_assert_max_num_queries(6):
        visit(LIST)


def test_the_company_is_a_link_where_it_is_shown(visit):
    shown, hidden = make.company(partner=True), make.company()
    first, second = public(company=shown), public(company=hidden)
    assert reverse("public:partner", args=[shown.slug]) in visit(f"{LIST}{first.pk}/").main
    assert "/partenaires/" not in visit(f"{LIST}{second.pk}/").main
