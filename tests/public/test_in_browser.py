"""The site in a browser, on a telephone and on a desk, by day and by night."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from pratik.calendars.enums import CalendarState
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paths():
    """The address of each sort of page of a site whose names are long."""
    long = "Accompagnement-soins-et-services-à-la-personne option structure et domicile " * 2
    company = make.company(
        partner=True, name=long[:190], activity=make.activity(), commune=make.commune("Saint-Georges")
    )
    school = make.school(
        name=f"Lycée {long}"[:190], email=f"{'accueil' * 8}@lycee.example", phone="+594594296580"
    )
    calendar = make.calendars(
        8,
        school=school,
        state=CalendarState.PUBLISHED,
        skills_sought=["Électrotechniquement-irréprochable" * 4],
    )[0]
    make.saved(make.calendar_row(school=school, program_name=long[:190], state=CalendarState.PUBLISHED))
    return [
        "/",
        "/partenaires/",
        "/partenaires/?secteur=ZZ&q=rien",
        f"/partenaires/{company.slug}/",
        "/calendriers/",
        "/calendriers/?vue=frise",
        calendar.get_absolute_url(),
        "/a-propos/",
        "/nulle-part/",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_its_screen_and_is_accessible(browser, live_server, paths, scheme, width):
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale="fr-FR", bypass_csp=True
    )
    page = context.new_page()
    for path in paths:
        page.goto(f"{live_server.url}{path}")
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), path
        report = Axe().run(page)
        assert report.violations_count == 0, f"{path}\n{report.generate_report()}"
    context.close()


def test_the_content_policy_stops_nothing_that_the_site_needs(browser, live_server, paths):
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    for path in paths[:-1]:
        page.goto(f"{live_server.url}{path}")
        assert page.evaluate("getComputedStyle(document.querySelector('.weave')).maskImage") != "none"
    context.close()
    assert said == []


def test_the_language_is_switched_without_javascript(browser, live_server, paths):
    context = browser.new_context(locale="fr-FR", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/calendriers/?vue=frise")
    page.click("text=English")
    assert page.url == f"{live_server.url}/calendriers/?vue=frise"
    assert page.locator("html").get_attribute("lang") == "en"
    context.close()
