"""Every page works with a keyboard, and says to a screen reader what it says to the eye.

The stories below press keys and nothing else. Axe looks at the same pages, light and dark.
"""

import datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import expect

from backoffice.base.imports.uploads import receive
from backoffice.calendars.resources import CalendarResource
from pratik.accounts.enums import Role
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import Operation
from tests import factories as make
from tests.browser.window import becomes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/console/calendars/internshipcalendar/"
MOST_STEPS = 80
# What axe reports and we keep, with why: { rule: reason }.
KNOWN = {}


@pytest.fixture(autouse=True)
def november(monkeypatch):
    day = datetime.datetime(2026, 11, 23, 13, 0, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: day)


@pytest.fixture
def drafts(db):
    school = make.school(name="Lycée Félix Éboué")
    return [make.calendar(school=school, program_name=f"BTS {letter}") for letter in "ABC"]


def tab_to(page, selector, *, back=False):
    """Presses Tab until the focus is on the element, as somebody without a mouse would."""
    target = page.locator(selector).first
    for _step in range(MOST_STEPS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if target.count() and target.evaluate("element => element === document.activeElement"):
            return target
    raise AssertionError(f"No Tab leads to {selector}")


def has_ring(page):
    """Whether one sees where the keyboard is."""
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    return style != "none" and width >= 2


def focused(page, selector):
    return page.locator(selector).evaluate("element => element.contains(document.activeElement)")


def test_first_key_leads_past_the_menus(sign_in, editor, drafts):
    page = sign_in(editor)
    page.goto(LIST)
    page.keyboard.press("Tab")
    expect(page.locator(".pratik-skip")).to_be_focused()
    expect(page.locator(".pratik-skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    page.keyboard.press("Tab")
    assert focused(page, "main")


def test_list_filter_action_confirm(sign_in, editor, drafts):
    page = sign_in(editor)
    page.goto(LIST)
    opener = tab_to(page, "#filter-opener")
    assert has_ring(page)
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#filter-title")).to_be_focused()

    # The focus stays in the filters, and Escape gives it back.
    for _step in range(40):
        page.keyboard.press("Tab")
        assert focused(page, "#changelist-filter section")
    page.keyboard.press("Escape")
    expect(page.locator("#changelist-filter")).to_be_hidden()
    expect(opener).to_be_focused()

    # Filtered: those that are visible to companies.
    page.keyboard.press("Enter")
    tab_to(page, "#changelist-filter input[type=radio]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**is_visible_to_companies*")

    tab_to(page, "#action-toggle")
    page.keyboard.press("Space")
    tab_to(page, "select[name=action]")
    page.keyboard.type("Publier")
    tab_to(page, "button[name=index]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#confirm_form")
    assert "Lycée Félix Éboué" in page.locator("#confirm_form").inner_text(), "which school's"
    tab_to(page, "#reason")
    page.keyboard.type("Relus")
    tab_to(page, "#confirm_form button[type=submit]")
    assert has_ring(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=lignes changées")
    assert set(InternshipCalendar.objects.values_list("state", flat=True)) == {"published"}


def test_account_menu_and_the_way_out(sign_in, editor):
    page = sign_in(editor)
    page.goto("/console/")
    opener = tab_to(page, "#account-opener")
    assert has_ring(page)
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#account-menu")).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#account-menu")).to_be_visible()
    tab_to(page, "#account-menu button[aria-pressed]")
    tab_to(page, "#logout-form button")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/console/" not in url or "login" in url)
    page.goto("/console/")
    expect(page.locator("input[type=password]")).to_have_count(1)


def test_menus_open_and_the_side_bar_folds(sign_in, administrator):
    page = sign_in(administrator)
    page.goto("/console/")
    opener = tab_to(page, "#nav-sidebar-apps h2 button")
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    # Alpine shows the list one tick after it says so: a Tab pressed between the two would pass it by.
    listed = page.locator(f"#{opener.get_attribute('aria-controls')}")
    expect(listed).to_be_visible()
    page.keyboard.press("Tab")
    expect(listed.locator("a:focus")).to_have_count(1)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.reload()
    fold = tab_to(page, "header button[aria-controls=nav-wrapper]")
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#nav-sidebar")).to_be_hidden()


def test_side_bar_of_a_telephone_opens_and_closes(sign_in, editor):
    page = sign_in(editor)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/console/")
    opener = tab_to(page, "#nav-opener")
    page.keyboard.press("Enter")
    expect(page.locator("#nav-sidebar")).to_be_visible()
    expect(page.locator("#nav-closer")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    expect(opener).to_be_focused()


def test_tabs_of_a_form_are_walked_with_the_arrows(sign_in, editor, drafts):
    page = sign_in(editor)
    page.goto(f"{LIST}{drafts[0].pk}/change/")
    first = tab_to(page, "[role=tab]")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowRight")
    second = page.locator("[role=tab]").nth(1)
    expect(second).to_be_focused()
    expect(second).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=tabpanel]").first).to_be_hidden()
    expect(page.locator("[role=tabpanel]").nth(1)).to_be_visible()


def test_menu_of_a_related_row_opens_and_gives_the_focus_back(sign_in, editor, drafts):
    page = sign_in(editor)
    page.goto(f"{LIST}{drafts[0].pk}/change/")
    opener = tab_to(page, "[x-ref=relatedWidgetWrapperschool]")
    page.keyboard.press("Enter")
    menu = page.locator("#related-widget-wrapper-school")
    expect(menu).to_be_visible()
    assert becomes(
        page, "document.getElementById('related-widget-wrapper-school').contains(document.activeElement)"
    )
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()


def test_date_is_typed_or_chosen(sign_in, editor, drafts):
    page = sign_in(editor)
    page.goto(f"{LIST}{drafts[0].pk}/change/")
    box = tab_to(page, "#id_start_on")
    page.keyboard.press("Control+A")
    page.keyboard.type("04/01/2027")
    expect(box).to_have_value("04/01/2027")


def test_palette_opens_finds_and_closes(sign_in, editor, drafts):
    page = sign_in(editor)
    page.goto("/console/")
    page.keyboard.press("Control+k")
    box = page.get_by_label("Rechercher dans la console").locator("visible=true").last
    expect(page.locator("#search-input-command")).to_be_focused()
    assert box.count()
    page.keyboard.type("Éboué")
    page.wait_for_selector("#command-results-list li")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#search-input-command")).to_be_hidden()


# What axe finds


@pytest.fixture
def places(drafts, editor):
    """The pages that axe looks at."""
    content = (
        "UAI;Filière;Niveau;Début;Fin;Effectif\n"
        f"{drafts[0].school.uai};BTS D;BTS 2e année;05/01/2027;29/01/2027;12\n"
        f"{drafts[0].school.uai};BTS E;BTS 2e année;05/01/2027;29/01/2026;12\n"
    ).encode()
    upload = receive(
        owner=editor,
        purpose="calendars.internshipcalendar",
        name="a.csv",
        file=ContentFile(content),
        resource=CalendarResource(actor=editor),
    )
    row = drafts[0]
    return {
        "home": "/console/",
        "list": LIST,
        "editable list": "/console/schools/programmanager/",
        "form": f"{LIST}{row.pk}/change/",
        "import": f"{LIST}import/",
        "preview": f"{LIST}import/{upload.pk}/",
        "export": f"{LIST}export/",
        "confirmation": f"{LIST}{row.pk}/publish/",
        "history": f"{LIST}{row.pk}/history/",
        "operation": f"/console/core/operation/{Operation.objects.first().pk}/change/",
        "operations": "/console/core/operation/",
    }


def reported(page):
    """What axe finds serious or critical on the page, but for what is known."""
    return [
        f"{found['id']}: {found['help']} ({node['html'][:120]})"
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical") and found["id"] not in KNOWN
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, live_server, client_for, editor, places, scheme):
    make.manager(school=InternshipCalendar.objects.first().school)
    session = client_for(editor).cookies["sessionid"].value
    # Axe is put into the page, which the console's own content policy would forbid.
    context = browser.new_context(
        base_url=live_server.url, locale="fr-FR", color_scheme=scheme, bypass_csp=True
    )
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    found = {}
    for name, address in places.items():
        page.goto(address)
        page.wait_for_timeout(300)
        assert page.locator("main").count() == 1, name
        assert page.locator("h1").count() == 1, name
        if problems := reported(page):
            found[name] = problems
        if name == "list":
            page.locator("#filter-opener").press("Enter")
            page.wait_for_timeout(300)
            if problems := reported(page):
                found["filters"] = problems
    context.close()
    assert not found


def test_axe_finds_nothing_serious_for_a_student(browser, live_server, client_for, student_user):
    """The home page of somebody outside the team, on a telephone, with the side bar open."""
    assert student_user.role == Role.STUDENT
    session = client_for(student_user).cookies["sessionid"].value
    context = browser.new_context(
        base_url=live_server.url, locale="fr-FR", viewport={"width": 390, "height": 844}, bypass_csp=True
    )
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto("/console/")
    page.locator("#nav-opener").press("Enter")
    page.wait_for_timeout(300)
    problems = reported(page)
    context.close()
    assert not problems
