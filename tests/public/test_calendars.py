"""The calendars' pages: what is shown, how it is found, as a list, as a timeline and one by one."""

import datetime
import re

import pytest

from pratik.calendars.enums import CalendarState
from pratik.core.calendar import today
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def published(**fields):
    return make.calendar(**{"state": CalendarState.PUBLISHED} | fields)


NOT_SHOWN = {
    "draft": {"state": CalendarState.DRAFT},
    "withdrawn": {"state": CalendarState.WITHDRAWN},
    "archived": {"state": CalendarState.ARCHIVED},
    "not for companies": {"state": CalendarState.PUBLISHED, "is_visible_to_companies": False},
    "of a hidden school": {"state": CalendarState.PUBLISHED, "school": {"is_visible": False}},
}


@pytest.mark.parametrize("fields", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_what_is_not_public_appears_nowhere(client, visit, fields):
    shown = published(program_name="CAP Cuisine", level=3, diploma="CAP", number_of_students=10)
    school = make.school(name="Lycée secret", commune=make.commune("Régina"), **fields.get("school", {}))
    hidden = make.calendar(
        **fields | {"school": school, "program_name": "BTS Caché", "level": 5, "diploma": "BTS"}
    )
    client.force_login(make.user())

    for query in ({}, {"vue": "frise"}, {"passes": "1"}, {"q": "cache"}):
        page = visit("/calendriers/", **query)
        assert "BTS Caché" not in page.html
        assert "Lycée secret" not in page.html
    page = visit("/calendriers/")
    assert "CAP Cuisine" in page.words
    assert "1 calendrier" in page.words
    assert page.options("etablissement") == [shown.school.uai]
    assert page.options("niveau") == ["3"]
    assert page.options("commune") == []
    visit(hidden.get_absolute_url(), status=404)
    visit(f"/calendriers/{hidden.pk}.ics", status=404)
    visit(f"/calendriers/etablissements/{school.uai}.ics", status=404)
    assert "Caché" not in visit("/calendriers.ics").html
    assert hidden.get_absolute_url() not in visit("/sitemap.xml").html
    home = visit("/")
    assert "BTS Caché" not in home.html
    assert "1 calendrier publié, en cours ou à venir" in home.words
    assert "1 établissement" in home.words
    assert "10 élèves sont en stage en même temps" in home.words


def test_a_hidden_calendar_is_not_told_on_its_schools_other_pages(visit):
    school = make.school()
    shown = published(school=school, program_name="CAP Cuisine")
    make.calendar(school=school, program_name="BTS Caché")

    assert "BTS Caché" not in visit(shown.get_absolute_url()).html


def test_what_is_over_shows_only_on_request(visit):
    over = published(program_name="CAP Passé", start_on=today() - 60 * DAY, end_on=today() - DAY)
    published(program_name="CAP Présent", start_on=today() - 5 * DAY, end_on=today())

    page = visit("/calendriers/")
    assert "CAP Présent" in page.words
    assert "en cours" in page.words
    assert "CAP Passé" not in page.words
    page = visit("/calendriers/", passes="1")
    assert "CAP Passé" in page.words
    assert "terminé" in page.words
    assert "terminé" in visit(over.get_absolute_url()).words


@pytest.fixture
def three():
    """Three calendars that differ in all that can be asked."""
    start = today() + 10 * DAY
    return [
        published(
            program_name="CAP Ébéniste",
            level=3,
            diploma="CAP",
            start_on=start,
            school=make.school(name="Lycée du Maroni", commune=make.commune("Mana")),
        ),
        published(
            program_name="BTS Tourisme",
            level=5,
            diploma="BTS",
            start_on=start + 30 * DAY,
            skills_sought=["Accueil des visiteurs"],
            school=make.school(name="Lycée de l’Île", commune=make.commune("Cayenne")),
        ),
        published(
            program_name="Licence Biologie",
            level=6,
            diploma="LICENCE",
            start_on=start + 60 * DAY,
            school=make.school(name="Université", commune=make.commune("Kourou")),
        ),
    ]


FILTERS = {
    "school": lambda rows: {"etablissement": rows[1].school.uai},
    "level": lambda rows: {"niveau": "5"},
    "commune": lambda rows: {"commune": rows[1].school.commune.insee_code},
    "dates": lambda rows: {
        "debut_apres": (rows[1].start_on - DAY).isoformat(),
        "debut_avant": (rows[1].start_on + DAY).isoformat(),
    },
    "dates as they are typed": lambda rows: {
        "debut_apres": f"{rows[1].start_on:%d/%m/%Y}",
        "debut_avant": f"{rows[1].start_on:%d/%m/%Y}",
    },
    "programme": lambda rows: {"q": "TOURISME"},
    "skill, without its accents": lambda rows: {"q": "accueil visiteurs"},
    "school's name, without its accents": lambda rows: {"q": "ile lycee"},
    "all at once": lambda rows: {"q": "bts", "niveau": "5", "etablissement": rows[1].school.uai},
}


@pytest.mark.parametrize("query", FILTERS.values(), ids=FILTERS.keys())
@pytest.mark.parametrize("path", ["/calendriers/", "/calendriers.ics"])
def test_each_filter_keeps_what_it_says(visit, three, query, path):
    answer = visit(path, **query(three)).html

    if path.endswith("/"):
        answer = answer.partition("list-head")[2]
    assert "BTS Tourisme" in answer
    assert "CAP Ébéniste" not in answer
    assert "Licence Biologie" not in answer


@pytest.mark.parametrize(
    "query",
    [
        {"etablissement": "9730000X"},
        {"niveau": "99"},
        {"niveau": "quatre"},
        {"commune": "\x00"},
        {"debut_apres": "hier"},
        {"debut_avant": "2027-02-31"},
        {"q": "a" * 5_000},
        {"q": "\x00"},
    ],
    ids=str,
)
def test_what_is_not_understood_is_told_and_left_aside(visit, three, query):
    for view in ({}, {"vue": "frise"}):
        page = visit("/calendriers/", **query, **view)
        assert "Une partie de la demande n’a pas été comprise" in page.words
        assert "3 calendriers" in page.words


def test_an_end_before_the_beginning_is_told(visit, three):
    page = visit("/calendriers/", debut_apres="2027-03-01", debut_avant="2027-02-01")

    assert "Cette date précède celle du début." in page.words


def test_nothing_found_is_said_with_what_to_try(visit, three):
    for view in ({}, {"vue": "frise"}):
        page = visit("/calendriers/", q="introuvable", **view)
        assert "Aucun calendrier ne répond à cette demande." in page.words


def test_pages_and_views_keep_the_filters(visit):
    school = make.school()
    make.calendars(31, school=school, state=CalendarState.PUBLISHED)

    page = visit("/calendriers/", etablissement=school.uai, vue="frise")

    kept = f"etablissement={school.uai}"
    assert f'href="?{kept}&amp;vue=frise&amp;page=2"' in page.html
    assert f'href="?{kept}"' in page.html
    assert f'href="/calendriers.ics?{kept}"' in page.html
    assert '<input type="hidden" name="vue" value="frise">' in page.html
    assert visit("/calendriers/", etablissement=school.uai, page="2").main.count("<article") == 1


def test_the_timeline_shades_the_pupils_holidays_and_marks_today(visit):
    start = today() - 2 * DAY
    published(start_on=start, end_on=start + 20 * DAY, number_of_students=17)
    make.school_holiday(start_on=start + 7 * DAY, end_on=start + 14 * DAY, is_assumed=True)
    make.school_holiday(start_on=start, end_on=start + 3 * DAY, population="Enseignants")

    page = visit("/calendriers/", vue="frise")

    background = page.html.partition('id="frise-fond"')[2].partition("</g>")[0]
    assert background.count('class="holiday"') == 1
    assert 'class="today-line"' in background
    assert "certaines dates restent à confirmer" in page.words
    assert re.search(r'<rect class="bar" x="\d+" y="\d+" width="\d+"', page.html)
    assert "17 élèves" in page.words


def test_the_timeline_is_right_when_a_date_was_typed_70_years_late(visit):
    published(start_on=today())
    late = today() + datetime.timedelta(days=70 * 365)
    published(start_on=late, end_on=late + datetime.timedelta(days=20))

    page = visit("/calendriers/", vue="frise")

    assert "La frise s’arrête après un an et demi" in page.words
    assert len(page.html) < 100_000


def test_a_calendar_tells_what_a_company_wants_to_know(visit):
    school = make.school(
        name="Lycée Léon-Bertène",
        commune=make.commune("Kourou"),
        phone="+594594296580",
        email="accueil@lycee.example",
        website="http://lycee.example",
    )
    manager = make.manager(
        school=school,
        title="Mme",
        first_name="Ange",
        last_name="Doré",
        email="ange.dore@lycee.example",
        phone="+594694123456",
    )
    calendar = published(
        school=school,
        program_manager=manager,
        program_name="BTS Tourisme 1re année",
        level=5,
        diploma="BTS",
        year_in_cycle=1,
        start_on=datetime.date(2099, 3, 2),
        end_on=datetime.date(2099, 4, 1),
        number_of_students=12,
        skills_sought=["Accueil", "<i>Langues</i>"],
        description="Des guides pour <script>demain</script>.",
    )
    published(school=school, program_name="CAP Cuisine", start_on=datetime.date(2099, 3, 2))

    page = visit(calendar.get_absolute_url())

    for told in (
        "BTS Tourisme 1re année",
        "du 2 mars au 1er avril 2099",
        "5 semaines",
        "12 élèves",
        "BTS 1re année",
        "2098-2099",
        "Lycée Léon-Bertène",
        "Kourou",
        "Mme Ange Doré",
        "0594 29 65 80",
        "accueil@lycee.example",
        "CAP Cuisine",
    ):
        assert told in page.words
    assert "&lt;i&gt;Langues&lt;/i&gt;" in page.html
    assert "<script" not in page.html
    assert f"/calendriers/{calendar.pk}.ics" in page.html
    assert f"/calendriers/etablissements/{school.uai}.ics" in page.html
    assert "ange.dore@lycee.example" not in page.html
    assert "94123456" not in "".join(page.html.split())


def test_a_manager_who_has_left_is_not_named(visit):
    manager = make.manager(last_name="Partie", is_active=False)
    calendar = published(school=manager.school, program_manager=manager)

    assert "Partie" not in visit(calendar.get_absolute_url()).words


def test_an_old_address_leads_to_the_right_one(client):
    calendar = published(program_name="BTS Tourisme")

    response = client.get(f"/calendriers/{calendar.pk}-bts-hotellerie/")

    assert response.status_code == 301
    assert response["Location"] == calendar.get_absolute_url() == f"/calendriers/{calendar.pk}-bts-tourisme/"


@pytest.mark.parametrize(
    "path", ["/calendriers/0-x/", f"/calendriers/{'9' * 30}-x/", f"/calendriers/{'9' * 30}.ics"]
)
def test_a_number_that_nothing_has_is_not_found(visit, path):
    visit(path, status=404)


@pytest.mark.parametrize("query", [{}, {"vue": "frise"}, {"page": "2"}], ids=str)
def test_the_list_takes_the_same_queries_whatever_its_length(visit, django_assert_max_num_queries, query):
    for _ in range(3):
        school = make.school(commune=make.commune())
        manager = make.manager(school=school)
        make.calendars(40, school=school, program_manager=manager, state=CalendarState.PUBLISHED)

    with django_assert_max_num_queries(9):
        assert "120 calendriers" in visit("/calendriers/", **query).words


def test_a_calendars_page_takes_few_queries(visit, django_assert_max_num_queries):
    school = make.school(commune=make.commune())
    calendar = make.calendars(110, school=school, state=CalendarState.PUBLISHED)[0]

    with django_assert_max_num_queries(5):
        visit(calendar.get_absolute_url())
