"""A school sees nothing of another school: not in a list, a box, a file, a figure or an error message."""

import io
import json
import re
import zipfile
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.urls import reverse

from backoffice.base.exports import ExportPages
from backoffice.base.importing import ImportableAdmin
from pratik.accounts.enums import Role
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core.services import save_row
from pratik.core.text import fold
from pratik.schools.models import ProgramManager
from tests import factories as make
from tests.conftest import person
from tests.kit.world import PAGES, own_row, rights, url

pytestmark = pytest.mark.django_db

UAI = "9730008W"
# More than any key of a row in these tests, so that no address or name holds it by chance.
STUDENTS = 70_001_003


@pytest.fixture
def account():
    """A member of a school, in a world where another school has everything too."""
    return make.school_user(make.school(name="Lycée Alizé", uai="9730009X"))


@pytest.fixture
def client(client_for, account):
    return client_for(account)


@pytest.fixture
def other(account):
    """The other school, with managers, members and calendars; « zanzibar » stands in all that is its own."""
    school = make.school(
        name="Lycée Zanzibar",
        uai=UAI,
        email="zanzibar@example.org",
        commune=make.commune("Commune Zanzibar", insee_code="97399"),
    )
    manager = make.manager(school=school, last_name="Zanzibar", email="resp@zanzibar.example.org")
    make.school_user(school, email="membre@zanzibar.example.org", last_name="Zanzibar")
    for state in CalendarState:
        make.calendar(
            school=school,
            program_name=f"Bac pro Zanzibar {state}",
            program_manager=manager,
            state=state,
            school_year=2031,
        )
    for rows in (InternshipCalendar._base_manager, InternshipCalendar.history):
        rows.filter(school=school).update(number_of_students=STUDENTS)
    return school


def tells(response):
    """Whether an answer tells anything of the other school. Communes are public, so theirs does not count."""
    if response.headers["Content-Type"].startswith("application/vnd.openxml"):
        with zipfile.ZipFile(io.BytesIO(response.content)) as book:
            text = " ".join(book.read(name).decode() for name in book.namelist())
    else:
        text = response.content.decode()
    folded = fold(text.replace("Commune Zanzibar", ""))
    # Thousands are set apart by a space in French, by a comma in English; a total is a multiple.
    numbers = re.findall(r"\d+", re.sub(r"(?<=\d)[\s,](?=\d{3}\b)", "", folded))
    told = any(int(number) and int(number) % STUDENTS == 0 for number in numbers)
    return told or "zanzibar" in folded or UAI.lower() in folded


def test_what_tells_is_seen(client_for, administrator, account, other):
    """Who sees the other school is told all of it: its name, its UAI, its figures and their totals."""
    page = client_for(administrator).get(url(InternshipCalendar, "changelist"))
    assert tells(page)
    in_french = f"{3 * STUDENTS:,}".replace(",", "\u202f")
    for told in ("Lycée Zanzibar", UAI, str(STUDENTS), f"{STUDENTS:,}", in_french):
        assert tells(HttpResponse(f"<td>{told}</td>"))
    assert not tells(HttpResponse("<td>777</td><td>70 001</td>"))


@pytest.fixture
def pages(account):
    return [model for model in PAGES if "view" in rights(account, model)]


def test_other_school_is_in_no_list_and_in_no_filter(client, account, other, pages):
    for model in pages:
        own_row(model, account)
        for query in ("", "?q=zanzibar", f"?q={UAI}", "?all="):
            response = client.get(url(model, "changelist") + query)
            assert response.status_code == 200
            if not (query.startswith("?q=")):
                assert not tells(response), model
            else:
                assert not response.context_data["cl"].result_list or model.__name__ == "Commune", model


def test_filters_narrow_within_the_scope(client, account, other):
    """An address made by hand with another school's key shows nothing."""
    calendars = url(InternshipCalendar, "changelist")
    managers = url(ProgramManager, "changelist")
    for address in (
        f"{calendars}?school__id__exact={other.pk}",
        f"{calendars}?school__exact={other.pk}",
        f"{managers}?school__id__exact={other.pk}",
    ):
        response = client.get(address, follow=True)
        assert response.status_code == 200
        assert not tells(response)


def test_totals_count_the_own_rows_alone(client, account, other):
    own = [own_row(InternshipCalendar, account) for _ in range(2)]
    response = client.get(url(InternshipCalendar, "changelist"))
    figures = [number for number, _name in response.context_data["totals"]]
    assert figures == [2, sum(calendar.number_of_students for calendar in own), 1]


def test_other_school_is_in_no_form_and_no_history(client, account, other, pages):
    for model in pages:
        row = own_row(model, account)
        addresses = [url(model, "add")] if "add" in rights(account, model) else []
        if row is not None:
            addresses += [url(model, "change", row.pk), url(model, "history", row.pk)]
        for address in addresses:
            assert not tells(client.get(address)), address


def test_other_school_is_not_in_the_palette(client, account, other):
    make.manager(school=account.schoolmemberships.get().organisation, last_name="Zanzou")
    for term in ("zanz", "Lycée", UAI, "bac pro"):
        for extended in ("", "&extended=1"):
            response = client.get(f"{reverse('admin:search')}?s={quote(term)}{extended}")
            assert response.status_code == 200
            assert not tells(response), term


def test_palette_finds_the_own_rows(client, account, other):
    """The search that finds nothing of others is not one that finds nothing."""
    make.calendar(school=account.schoolmemberships.get().organisation, program_name="Bac pro Alizé")
    response = client.get(f"{reverse('admin:search')}?s=alize&extended=1")
    assert "Bac pro Alizé" in response.content.decode()


def test_palette_forgets_at_once_what_a_person_may_no_longer_see(client, account, administrator):
    school = account.schoolmemberships.get().organisation
    make.calendar(school=school, program_name="Bac pro Alizé")
    address = f"{reverse('admin:search')}?s=alize&extended=1"
    assert "Bac pro Alizé" in client.get(address).content.decode()
    membership = account.schoolmemberships.get()
    membership.is_active = False
    save_row(actor=administrator, row=membership)
    assert "Bac pro Alizé" not in client.get(address).content.decode()


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", ""])
def test_any_page_of_the_palette_answers(client, account, page):
    assert client.get(f"{reverse('admin:search')}?s=a&extended=1&page={page}").status_code == 200


def test_boxes_to_choose_from_never_offer_the_other_school(client, account, other, pages):
    for model in pages:
        for name in PAGES[model].autocomplete_fields:
            parameters = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": name,
                "term": "zanzibar",
            }
            response = client.get(reverse("admin:autocomplete"), parameters)
            if name != "commune" and response.status_code != 403:
                assert json.loads(response.content)["results"] == [], (model, name)


@pytest.mark.parametrize("file_format", ["0", "1"], ids=["xlsx", "csv"])
def test_other_school_is_in_no_export(client, account, other, pages, file_format):
    for model in pages:
        page = PAGES[model]
        if not isinstance(page, ExportPages) or "export" not in rights(account, model):
            continue
        own_row(model, account)
        resource = page.resource_classes[0]
        columns = {f"{resource.__name__.lower()}_{name}": "on" for name in resource(actor=account).fields}
        response = client.post(url(model, "export"), {"format": file_format, "resource": "0", **columns})
        assert response.status_code == 200
        assert "attachment" in response.headers.get("Content-Disposition", ""), model
        assert not tells(response), model


def test_choosing_another_schools_rows_for_export_exports_none(client, account, other):
    response = client.post(
        url(InternshipCalendar, "changelist"),
        {
            "action": "export_admin_action",
            "_selected_action": [row.pk for row in InternshipCalendar._base_manager.all()],
        },
        follow=True,
    )
    assert not tells(response)


def refusal_of(client, model, pasted):
    response = client.post(url(model, "import"), {"pasted": pasted}, follow=True)
    assert response.status_code == 200
    return [problem["message"] for row in response.context_data["refused"] for problem in row["problems"]]


CALENDAR = "{uai};{name};Bac pro Vente;1re bac pro;04/01/2027;29/01/2027;12"
HEADER = "UAI;Établissement;Filière;Niveau;Début;Fin;Effectif"


def test_refusal_of_an_import_does_not_say_whether_a_school_exists(client, account, other):
    """The same sentence for another school's UAI as for one that nobody has."""
    nobodys = make.uai(7)
    [there] = refusal_of(client, InternshipCalendar, f"{HEADER}\n{CALENDAR.format(uai=UAI, name='')}")
    [nowhere] = refusal_of(client, InternshipCalendar, f"{HEADER}\n{CALENDAR.format(uai=nobodys, name='')}")
    assert there == nowhere.replace(nobodys, UAI)
    assert "zanzibar" not in fold(there)


@pytest.mark.parametrize("name", ["Lycée Zanzibard", "Lycée Zanzibar", "zanzibar"])
def test_suggestion_of_an_import_never_names_the_other_school(client, account, other, name):
    [message] = refusal_of(client, InternshipCalendar, f"{HEADER}\n{CALENDAR.format(uai='', name=name)}")
    assert "Vouliez-vous" not in message
    assert UAI not in message


def test_near_miss_of_the_other_uai_is_not_corrected(client, account, other):
    for typed in ("9730008X", "973008W", "9730018W"):
        for message in refusal_of(
            client, InternshipCalendar, f"{HEADER}\n{CALENDAR.format(uai=typed, name='')}"
        ):
            assert UAI not in message


def test_other_schools_managers_are_unknown_to_an_import(client, account, other):
    header = f"{HEADER};Responsable (e-mail)"
    row = f"{CALENDAR.format(uai='', name='')};resp@zanzibar.example.org"
    [message] = refusal_of(client, InternshipCalendar, f"{header}\n{row}")
    assert "Aucun responsable de cet établissement" in message


def test_own_row_with_the_other_schools_manager_is_refused_in_the_form(client, account, other):
    """The box is a list of keys; a key that it does not offer is refused."""
    calendar = own_row(InternshipCalendar, account)
    page = client.get(url(type(calendar), "change", calendar.pk))
    form = page.context_data["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    data = {name: "" if value is None else value for name, value in data.items()}
    data |= {"level_text": "Bac pro", "skills_sought": "", "program_manager": other.program_managers.get().pk}
    response = client.post(url(type(calendar), "change", calendar.pk), data)
    assert response.status_code == 200
    assert list(response.context_data["adminform"].form.errors) == ["program_manager"]


@pytest.mark.parametrize("role", [Role.COMPANY, Role.STUDENT, Role.TRAINING_CENTER], ids=str)
def test_no_other_kind_of_account_sees_drafts(client_for, other, role):
    client = client_for(person(role))
    response = client.get(f"{reverse('admin:search')}?s=zanzibar&extended=1")
    assert "Bac pro Zanzibar" not in response.content.decode()


def test_every_importable_page_refuses_the_other_schools_rows(client, account, other, pages):
    importable = [model for model in pages if isinstance(PAGES[model], ImportableAdmin)]
    assert [model.__name__ for model in importable if "import" in rights(account, model)] == [
        "InternshipCalendar",
        "ProgramManager",
    ]
    messages = refusal_of(
        client, ProgramManager, f"UAI;Nom;Prénom;E-mail\n{UAI};Zanzibar;Ana;resp@zanzibar.example.org"
    )
    assert len(messages) == 1 and "vos établissements" in messages[0]
