"""Writing a template in the browser: its pages beside it, a fault that leads to its line, a field put in."""

import pytest
from playwright.sync_api import expect

from pratik.accounts.enums import Role
from pratik.papers import reports, services
from tests import factories as make
from tests.papers.conftest import REFERENCE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def agreement():
    body = (REFERENCE / "papers" / "agreement.txt").read_text(encoding="utf-8")
    return make.paper_template(kind="agreement", name="Convention de stage", body=body)


def test_the_pages_follow_what_is_typed(page, sign_in, agreement):
    sign_in(make.user(Role.EDITOR))
    page.set_default_timeout(60_000)
    page.goto(f"/console/papers/papertemplate/{agreement.pk}/change/")
    pages = page.locator(".template-pages img")
    expect(pages).to_have_count(5, timeout=60_000)
    box = page.locator("#id_body")
    box.press("Control+End")
    page.locator("[data-kind=agreement] summary").first.click()
    page.locator("[data-insert='{{ tutor_name }}']").first.click()
    assert box.input_value().endswith("{{ tutor_name }}")
    box.press_sequentially("\n\n{{ nobody }}")
    fault = page.locator(".template-faults button")
    expect(fault).to_contain_text("nobody", timeout=60_000)
    fault.click()
    assert page.evaluate("document.getSelection().toString()") == "{{ nobody }}"
    # The pages that were drawn stay in sight while the fault is mended.
    expect(pages).to_have_count(5)


def test_a_document_is_checked_by_its_code(page, monkeypatch):
    code = services.new_code()
    known = reports.Certified(
        "Convention de stage", (("Stagiaire", "Maëlys A."), ("Numéro", "C-2026-000123"))
    )
    monkeypatch.setattr(reports, "_resolvers", [{code: known}.get])
    page.goto("/verifier/")
    page.get_by_label("Code du document").fill(reports.written_code(code).lower())
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("Document authentique")).to_be_visible()
    expect(page.get_by_text("C-2026-000123")).to_be_visible()
