"""The partners' page: who is shown, how they are found, what is said of them."""

from decimal import Decimal

import pytest
from django.db.models import QuerySet

from pratik.partners.enums import Partnership
from pratik.partners.models import CompanyProfile
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospitality():
    return make.activity(section=make.section(code="I", label="Hébergement et restauration"))


@pytest.fixture
def building():
    return make.activity(section=make.section(code="F", label="Construction"))


NOT_SHOWN = {
    "never joined": {"partnership": Partnership.NONE},
    "left": {"partnership": Partnership.FORMER},
    "does not want to be shown": {"partner": True, "is_visible_on_partners_page": False},
}


@pytest.mark.parametrize("fields", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_a_company_that_is_not_a_shown_partner_appears_nowhere(visit, building, hospitality, fields):
    make.company(partner=True, name="Auberge du fleuve", activity=hospitality)
    kourou = make.commune("Kourou")
    hidden = make.company(name="Chantiers cachés", activity=building, commune=kourou, **fields)

    page = visit("/partenaires/")

    assert "Auberge du fleuve" in page.words
    assert "Chantiers cachés" not in page.html
    assert "1 entreprise" in page.words
    assert page.options("secteur") == ["I"]
    assert page.options("commune") == []
    visit(f"/partenaires/{hidden.slug}/", status=404)
    home = visit("/")
    assert "Construction" not in home.html
    assert "1 entreprise partenaire" in home.words
    assert hidden.slug not in visit("/sitemap.xml").html


def test_someone_signed_in_sees_the_same_site(client, visit):
    hidden = make.company(partner=True, name="Chantiers cachés", is_visible_on_partners_page=False)
    client.force_login(make.user())

    assert "Chantiers cachés" not in visit("/partenaires/").html
    visit(f"/partenaires/{hidden.slug}/", status=404)


def test_the_sector_filter_keeps_the_companies_of_that_sector(visit, building, hospitality):
    make.company(partner=True, name="Auberge du fleuve", activity=hospitality)
    make.company(partner=True, name="Maçonnerie Oyapock", activity=building)

    page = visit("/partenaires/", secteur="F")

    assert "Maçonnerie Oyapock" in page.words
    assert "Auberge du fleuve" not in page.words
    assert page.options("secteur") == ["F", "I"]


def test_the_commune_filter_keeps_the_companies_of_that_commune(visit):
    mana = make.commune("Mana")
    make.company(partner=True, name="Rizerie", commune=mana)
    make.company(partner=True, name="Port", commune=make.commune("Cayenne"))

    page = visit("/partenaires/", commune=mana.insee_code)

    assert "Rizerie" in page.words
    assert "Port" not in page.words


@pytest.mark.parametrize("words", ["remire", "RÉMIRE", "menuiserie Rémire", "remire-menuiserie"])
def test_the_search_minds_neither_accents_nor_capitals_nor_the_order_of_words(visit, words):
    make.company(partner=True, name="Menuiserie de Rémire")
    make.company(partner=True, name="Boulangerie de Cayenne")

    page = visit("/partenaires/", q=words)

    assert "Menuiserie de Rémire" in page.words
    assert "Boulangerie" not in page.words


def test_nobody_found_is_said_with_what_to_try(visit):
    make.company(partner=True)

    page = visit("/partenaires/", q="introuvable")

    assert "0 entreprise" in page.words
    assert "Aucune entreprise partenaire ne répond à cette demande." in page.words


def test_an_unknown_filter_is_told_and_left_aside(visit, hospitality):
    make.company(partner=True, name="Auberge du fleuve", activity=hospitality)
    make.company(partner=True, name="Autre chose")

    page = visit("/partenaires/", secteur="ZZ", q="auberge")

    assert "Une partie de la demande n’a pas été comprise" in page.words
    assert "Secteur — Ce choix n’existe pas ou n’existe plus." in page.words
    assert "Auberge du fleuve" in page.words
    assert "Autre chose" not in page.words


@pytest.mark.parametrize("words", ["a" * 5_000, "\x00", "%_'\"<script>alert(1)</script>", "\ud7ff" * 99])
def test_a_strange_search_is_answered(visit, words):
    make.company(partner=True)

    page = visit("/partenaires/", q=words)

    assert "<script" not in page.html


def test_long_lists_come_in_pages_that_keep_the_filters(visit, hospitality):
    for number in range(25):
        make.company(partner=True, name=f"Auberge {number:02d}", activity=hospitality)

    first = visit("/partenaires/", secteur="I", q="auberge", inconnu="x")

    assert "25 entreprises" in first.words
    assert "Auberge 23" in first.words
    assert "Auberge 24" not in first.words
    assert 'href="?q=auberge&amp;secteur=I&amp;page=2"' in first.html
    second = visit("/partenaires/", secteur="I", q="auberge", page="2")
    assert "Auberge 24" in second.words
    assert "Auberge 23" not in second.words


@pytest.mark.parametrize("page", ["0", "-4", "abc", "9" * 400])
def test_a_page_that_does_not_exist_gives_one_that_does(visit, page):
    make.company(partner=True, name="Auberge du fleuve")

    assert "Auberge du fleuve" in visit("/partenaires/", page=page).words


def test_interns_and_ratings_are_counted_only_when_there_are_any(visit):
    make.company(partner=True)
    page = visit("/partenaires/")
    assert "accueilli" not in page.words
    assert "note moyenne" not in page.words

    make.company(partner=True, total_interns_hosted=1_200, average_rating=Decimal("4.5"))
    page = visit("/partenaires/")
    assert "1 200 stagiaires accueillis" in page.words
    # The partner without a rating does not count as a zero.
    assert "4,5 sur 5, note moyenne" in page.words


def test_the_badge_is_shown_only_to_those_who_have_it(visit):
    with_badge = make.company(partner=True, name="Avec")
    without = make.company(partner=True, name="Sans", partner_badge=False)

    assert visit("/partenaires/").words.count("Partenaire PRATIK") == 1
    assert "Partenaire PRATIK" in visit(f"/partenaires/{with_badge.slug}/").words
    assert "Partenaire PRATIK" not in visit(f"/partenaires/{without.slug}/").words


def test_a_partners_page_tells_who_it_is(visit, hospitality):
    company = make.company(
        partner=True,
        name="Auberge du fleuve",
        activity=hospitality,
        commune=make.commune("Saül"),
        website="https://www.auberge.example/chambres",
        description="Des carbets <b>au bord</b> de l’eau.",
        phone="+594594296580",
        email="patron@example.org",
    )
    make.company(partner=True, name="Gîte voisin", activity=hospitality)

    page = visit(f"/partenaires/{company.slug}/")

    assert "Auberge du fleuve" in page.words
    assert "Saül" in page.words
    assert "Hébergement et restauration" in page.words
    assert "janvier 2026" in page.words
    assert (
        '<a href="https://www.auberge.example/chambres" rel="noopener nofollow">auberge.example</a>'
        in page.html
    )
    assert "&lt;b&gt;au bord&lt;/b&gt;" in page.html
    assert "Gîte voisin" in page.words


def test_a_website_that_is_no_web_address_is_not_a_link(visit):
    company = make.company(partner=True)
    # No form and no file lets it in, but a page is the last one to believe it.
    QuerySet(CompanyProfile).filter(pk=company.pk).update(website="javascript:alert(1)")

    page = visit(f"/partenaires/{company.slug}/")

    assert company.name in page.words
    assert "javascript:" not in page.html


def test_the_list_takes_the_same_queries_whatever_its_length(
    visit, django_assert_max_num_queries, hospitality
):
    commune = make.commune()
    make.company(partner=True, commune=commune, activity=hospitality)
    make.saved(
        *(
            CompanyProfile(
                name=f"Auberge {number}",
                siret=make.siret(50_000 + number),
                commune=commune,
                activity=hospitality,
                partnership=Partnership.PARTNER,
            )
            for number in range(120)
        )
    )

    with django_assert_max_num_queries(7):
        assert "121 entreprises" in visit("/partenaires/").words
