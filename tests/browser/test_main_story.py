"""The main job, as people do it: a school imports, staff publish, visitors read, and it is taken back."""

import datetime

import pytest
from django.conf import settings
from django.db import models
from django.utils import timezone

from backoffice.base.imports.engine import build_plan, write_plan
from backoffice.base.imports.reading import read_file
from backoffice.kinds import KINDS
from pratik.accounts.models import User
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import tell_partners
from pratik.notifications.models import Notice
from tests import factories as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEMO = settings.BASE_DIR / "fixtures" / "demo"
PASSWORD = "carbet-du-matin-2026"
UAI = "9730308X"


@pytest.fixture(autouse=True)
def november(monkeypatch):
    """The demonstration's files speak of 2026-2027: the story is told on a day of that year."""
    day = datetime.datetime(2026, 11, 23, 13, 0, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: day)


@pytest.fixture
def lycee(administrator):
    """The school that the example files are of, with its programme managers."""
    school = make.school(uai=UAI, name="Lycée professionnel Élie Castor")
    rows = (DEMO / "managers.csv").read_text(encoding="utf-8").splitlines()
    own = "\n".join([rows[0], *(row for row in rows[1:] if row.startswith(UAI))])
    resource = KINDS["managers"](actor=administrator)
    write_plan(build_plan(resource, read_file(name="managers.csv", content=own.encode())))
    return school


def with_password(user):
    """The person, with a password that they sign in with."""
    user.set_password(PASSWORD)
    models.QuerySet(User).filter(pk=user.pk).update(password=user.password)
    return user


def sign_in(page, user):
    page.goto("/console/")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/console/")


def send(page, path):
    page.goto("/console/calendars/internshipcalendar/import/")
    page.set_input_files("input[name=file]", path)
    page.click("text=Voir l’aperçu")
    page.wait_for_url("**/import/*/")


def public_calendars(page):
    page.goto("/calendriers/")
    return page.locator("main").inner_text()


def test_a_school_imports_staff_publish_the_site_shows_and_undo_takes_it_back(
    page, browser, live_server, lycee, editor
):
    teacher = with_password(make.member(lycee).user)
    partner = make.member(make.company(partner=True)).user
    make.calendar(school=make.school(name="Lycée étranger"), program_name="BTS d’ailleurs")
    sign_in(page, teacher)

    # A file with mistakes: each is named by row and column, and nothing is written.
    send(page, DEMO / "examples" / "calendriers-avec-erreurs.csv")
    preview = page.locator("#content, main, body").first.inner_text()
    assert "La fin doit suivre le début." in preview
    assert "BTS 2e année" in preview
    assert "31/02/2027" in preview
    assert not InternshipCalendar.objects.filter(school=lycee).exists()

    # The real file of a school, as an old spreadsheet wrote it.
    send(page, DEMO / "examples" / "calendriers-lycee.csv")
    assert page.locator(".pratik-figures").inner_text().startswith("14")
    page.click("text=Confirmer l’import")
    page.wait_for_url("**/internshipcalendar/")
    assert "14 lignes créées" in page.locator("body").inner_text()
    assert "BTS d’ailleurs" not in page.locator("#result_list").inner_text()
    assert InternshipCalendar.objects.filter(school=lycee, state="draft").count() == 14
    send(page, DEMO / "examples" / "calendriers-lycee.csv")
    assert "Le fichier ne change rien" in page.locator("body").inner_text()
    assert "CAP Électricien" not in public_calendars(page)

    # Staff read the drafts and publish them together.
    staff = browser.new_context(
        base_url=live_server.url, locale="fr-FR", timezone_id="America/Cayenne"
    ).new_page()
    sign_in(staff, with_password(editor))
    staff.goto("/console/calendars/internshipcalendar/?q=elie castor")
    staff.check("#action-toggle")
    staff.select_option("select[name=action]", "do_publish")
    staff.click("button[name=index]")
    staff.wait_for_selector("#confirm_form")
    assert "14" in staff.locator("#confirm_form").inner_text()
    assert "CAP Électricien" not in public_calendars(page), "asking has published nothing yet"
    staff.click("#confirm_form button[type=submit]")
    staff.wait_for_selector("text=14 lignes changées")

    # Visitors read them; the partner company is told once of each.
    assert "CAP Électricien" in public_calendars(page)
    page.click("text=CAP Électricien 2e année")
    assert "Lycée professionnel Élie Castor" in page.locator("main").inner_text()
    published = list(InternshipCalendar.objects.filter(state="published").values_list("pk", flat=True))
    for _run in range(2):
        tell_partners(pks=published)
    assert Notice.objects.filter(recipient=partner).count() == 14

    # The school can't take back what staff have touched since, and is told who did.
    page.goto("/console/core/operation/")
    page.locator("#result_list tbody a").first.click()
    page.click("text=Annuler cette opération")
    assert str(editor) in page.locator("#undo_form").inner_text()
    assert page.locator("#undo_form button[type=submit]").count() == 0

    # Staff take the publication back, then the school its import.
    staff.click("text=Voir l’opération ou l’annuler")
    staff.click("text=Annuler cette opération")
    staff.click("#undo_form button[type=submit]")
    staff.wait_for_selector("text=14 lignes remises en état.")
    assert "CAP Électricien" not in public_calendars(page)
    page.goto("/console/core/operation/")
    page.locator("#result_list tbody a").first.click()
    page.click("text=Annuler cette opération")
    page.click("#undo_form button[type=submit]")
    page.wait_for_selector("text=14 lignes remises en état.")
    assert not InternshipCalendar.objects.filter(school=lycee).exists()
    staff.context.close()
