"""A long operation is taken back in the browser: the page follows the cluster, and tells what came of it."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from backoffice.core import undoing
from pratik.accounts.enums import Role
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import UndoRun
from pratik.core.services import save_row
from tests import factories as make
from tests.backoffice.test_long_undoings import LONG, progress_url, rows_of, undo_url
from tests.backoffice.test_operations_pages import page_of
from tests.browser.window import fits
from tests.kit.files import CASES, make_ready
from tests.kit.queue import run_queue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, TELEPHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def imported(settings):
    """An import that is long, of which somebody has changed a row since."""
    settings.UNDO_ROWS_AT_ONCE = 5
    make_ready("calendars")
    editor = make.user(Role.EDITOR, first_name="Inès", last_name="Palmot")
    operation = CASES["calendars"].write(editor, rows_of())[1]
    changed = InternshipCalendar.objects.order_by("pk").first()
    changed.number_of_students = 30
    save_row(actor=editor, row=changed)
    return operation


@pytest.fixture
def page(sign_in, imported):
    """The operation's page, before anybody has asked for anything."""
    page = sign_in(make.user(Role.EDITOR))
    page.goto(page_of(imported))
    return page


def as_if_at_work(monkeypatch, **values):
    """The run as a worker that is at it leaves it from one moment to the next."""
    monkeypatch.setattr(undoing, "is_at_work", lambda run: True)
    monkeypatch.setattr(undoing, "is_locked", lambda run: False)
    started_at = timezone.now() - datetime.timedelta(seconds=9)
    UndoRun.objects.update(started_at=started_at, rows_total=48_213, **values)


def test_page_follows_the_cluster_and_tells_what_was_left(page, imported, monkeypatch):
    page.get_by_role("link", name="Annuler cette opération").click()
    page.get_by_label("Motif (facultatif)").fill("Mauvais fichier")
    page.get_by_role("button", name="Annuler l’opération").click()
    expect(page.get_by_text("L’annulation va commencer.").first).to_be_visible()
    with monkeypatch.context() as patch:
        as_if_at_work(patch, rows_done=19_500)
        expect(page.get_by_text("19 500 lignes sur 48 213")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_js_property("value", 40)
        expect(page.locator("[aria-live=polite]")).to_contain_text("40 pour cent")
    UndoRun.objects.update(started_at=None)
    run_queue()
    # The outcome comes without a click.
    expect(page.get_by_text("11 lignes remises en état")).to_be_visible()
    expect(page.get_by_text("Modifiée depuis par Inès Palmot").first).to_be_visible()
    page.get_by_role("link", name="Voir ce qui a été remis en état").click()
    expect(page.get_by_text("Mauvais fichier")).to_be_visible()
    assert InternshipCalendar.objects.count() == 1


def test_it_is_given_up_by_a_button(page, imported):
    page.goto(undo_url(imported))
    page.get_by_role("button", name="Annuler l’opération").click()
    page.get_by_role("button", name="Renoncer à l’annulation").click()
    expect(page.get_by_role("link", name="Annuler cette opération")).to_be_visible()
    run_queue()
    assert InternshipCalendar.objects.count() == LONG


@pytest.mark.parametrize("window", [WIDE, TELEPHONE], ids=["wide", "telephone"])
@pytest.mark.parametrize("light", ["light", "dark"])
def test_each_state_fits_its_window(page, imported, screenshots, monkeypatch, window, light):
    page.set_viewport_size(window)
    page.emulate_media(color_scheme=light)

    def seen(state, address):
        page.goto(address)
        assert fits(page), state
        page.screenshot(path=screenshots / f"undo-{state}-{window['width']}-{light}.png", full_page=True)
        # A page that follows the cluster loads itself anew, maybe in the midst of the next step.
        page.goto("about:blank")

    page.goto(undo_url(imported))
    page.get_by_role("button", name="Annuler l’opération").click()
    expect(page.get_by_text("L’annulation va commencer.").first).to_be_visible()
    page.goto("about:blank")
    with monkeypatch.context() as patch:
        as_if_at_work(patch, rows_done=19_500)
        seen("working", progress_url(imported))
        seen("operation", page_of(imported))
    UndoRun.objects.update(started_at=timezone.now() - undoing.SILENCE_WHILE_LOCKED)
    seen("interrupted", progress_url(imported))
    UndoRun.objects.update(started_at=None)
    run_queue()
    seen("over", progress_url(imported))
    UndoRun.objects.update(error="Une erreur inattendue a arrêté l’annulation\u00a0: rien n’a changé.")
    seen("failed", progress_url(imported))
    seen("asked", undo_url(imported))
