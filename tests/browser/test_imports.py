"""A long file in the browser: the page follows the cluster by itself, and fits wherever it is looked at."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from pratik.accounts.enums import Role
from pratik.calendars.models import InternshipCalendar
from pratik.core.enums import RunState
from pratik.core.models import ImportRun
from tests import factories as make
from tests.backoffice.imports.test_runs import LONG, long_file
from tests.browser.window import fits
from tests.kit.files import make_ready
from tests.kit.queue import run_queue
from tests.kit.world import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, TELEPHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def sent(sign_in, settings):
    """The page of a long file that was just sent."""
    settings.IMPORT_ROWS_AT_ONCE = 3
    make_ready("calendars")
    page = sign_in(make.user(Role.EDITOR))
    page.goto(url(InternshipCalendar, "import"))
    file = {
        "name": "stages-2026.csv",
        "mimeType": "text/csv",
        "buffer": long_file(row4={"Effectif": "beaucoup"}),
    }
    page.set_input_files("#id_file", file)
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_text("Vous pouvez fermer cette page")).to_be_visible()
    return page


def as_if(state, **values):
    """The run as a worker that is at it leaves it from one moment to the next."""
    now = timezone.now()
    ImportRun.objects.update(
        state=state,
        worker="somebody",
        started_at=now - datetime.timedelta(seconds=9),
        alive_at=now,
        rows_total=48_213,
        is_estimated=False,
        **values,
    )


def test_page_follows_the_cluster_to_the_end_by_itself(sent):
    bar = sent.get_by_role("progressbar")
    expect(bar).to_be_visible()
    as_if(RunState.READING, rows_done=19_500)
    expect(sent.get_by_text("19 500 lignes sur 48 213")).to_be_visible()
    expect(bar).to_have_js_property("value", 40)
    expect(sent.locator("[data-part=rate]")).to_have_text("2 167 lignes par seconde")
    expect(sent.locator("[aria-live=polite]")).to_contain_text("40 pour cent")
    ImportRun.objects.update(alive_at=timezone.now() - datetime.timedelta(minutes=3))
    expect(sent.locator("[data-part=warning]")).to_contain_text("Le traitement s’est interrompu.")
    sent.get_by_role("button", name="Reprendre maintenant").click()
    run_queue()
    # The preview comes without a click.
    expect(sent.get_by_role("heading", name="Aperçu\u00a0: stages-2026.csv")).to_be_visible()
    sent.get_by_role("button", name="Confirmer l’import").click()
    expect(sent.get_by_text("L’écriture va commencer.")).to_be_visible()
    run_queue()
    expect(sent.get_by_text("Ce fichier est importé.")).to_be_visible()
    assert InternshipCalendar.objects.count() == LONG - 1


def test_file_is_given_up_by_a_button(sent):
    sent.get_by_role("button", name="Annuler l’import").click()
    expect(sent.get_by_text("L’import est annulé\u00a0: rien n’est écrit.")).to_be_visible()
    sent.get_by_role("button", name="Relire le fichier").click()
    expect(sent.get_by_text("Vous pouvez fermer cette page")).to_be_visible()


@pytest.mark.parametrize("window", [WIDE, TELEPHONE], ids=["wide", "telephone"])
@pytest.mark.parametrize("light", ["light", "dark"])
def test_each_state_fits_its_window(sent, screenshots, window, light):
    sent.set_viewport_size(window)
    sent.emulate_media(color_scheme=light)
    states = {
        "reading": lambda: as_if(RunState.READING, rows_done=19_500),
        "unknown": lambda: ImportRun.objects.update(rows_total=None),
        "interrupted": lambda: ImportRun.objects.update(
            alive_at=timezone.now() - datetime.timedelta(minutes=3), rows_total=48_213
        ),
        "cancelled": lambda: ImportRun.objects.update(state=RunState.CANCELLED, worker=""),
        "failed": lambda: ImportRun.objects.update(
            state=RunState.FAILED,
            error="Une erreur inattendue a arrêté le traitement\u00a0: rien n’est écrit.",
        ),
        "refused": lambda: ImportRun.objects.update(
            state=RunState.REFUSED, problems=["Ligne 41 207 : une cellule a plus de 32 767 caractères."]
        ),
        "waiting": lambda: ImportRun.objects.update(
            state=RunState.WAITING, asked_at=timezone.now() - datetime.timedelta(seconds=31), problems=[]
        ),
        "ready": run_queue,
    }
    address = sent.url
    for state, become in states.items():
        # A page that follows the cluster loads itself anew, maybe in the midst of the next step.
        sent.goto("about:blank")
        become()
        sent.goto(address)
        assert fits(sent), state
        sent.screenshot(path=screenshots / f"import-{state}-{window['width']}-{light}.png")
    sent.goto(url(InternshipCalendar, "import"))
    assert fits(sent)
    sent.screenshot(path=screenshots / f"import-recent-{window['width']}-{light}.png", full_page=True)
