"""What leaves the console: the chosen columns of the rows that the person sees, readable and harmless."""

import csv
import io

import openpyxl
import pytest
from django.contrib.admin import helpers

from backoffice.base.exports import workbook
from pratik.accounts.models import User
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import Operation
from pratik.notifications.models import Notice
from pratik.partners.models import CompanyProfile
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.kit.files import CASES, EBOUE, make_ready
from tests.kit.world import PAGES, notice, operation_of, url

pytestmark = pytest.mark.django_db

XLSX, CSV = "0", "1"


@pytest.fixture
def client(client_for, editor):
    return client_for(editor)


def exported(client, model, file_format, *columns, actor=None, query=""):
    """The bytes of an export of these columns (all unless said)."""
    resource = PAGES[model].resource_classes[0]
    chosen = columns or tuple(resource(actor=actor).fields)
    boxes = {f"{resource.__name__.lower()}_{name}": "on" for name in chosen}
    response = client.post(url(model, "export") + query, {"format": file_format, "resource": "0", **boxes})
    assert response.status_code == 200
    assert "attachment" in response.headers.get("Content-Disposition", ""), response.content[-2_000:]
    return response


def table_of(response):
    """The rows of a CSV file as it leaves."""
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def cells_of(response):
    return list(openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows())


@pytest.mark.parametrize("kind", sorted(CASES))
@pytest.mark.parametrize("file_format", [XLSX, CSV], ids=["xlsx", "csv"])
def test_export_can_be_imported_again_as_it_is(client, editor, kind, file_format):
    make_ready(kind)
    case = CASES[kind]
    case.write(editor, case.csv({case.text: "=1+1"}))
    response = exported(client, case.model, file_format, actor=editor)
    plan = case.plan(editor, response.content, "export")
    assert plan.problems == []
    assert set(plan.counts.items()) == {
        ("created", 0),
        ("updated", 0),
        ("unchanged", case.model.objects.count()),
        ("refused", 0),
    }


def test_only_the_chosen_columns_leave(client, editor):
    make_ready("companies")
    case = CASES["companies"]
    case.write(editor, case.csv())
    rows = table_of(exported(client, CompanyProfile, CSV, "siret", "name", "commune"))
    assert rows == [
        ["SIRET", "Raison sociale", "Commune"],
        ["35600000000048", "La Poste", ""],
        ["73282932000074", "Menuiserie du Larivot", "Matoury"],
    ]
    # Fewer columns still make a file that can be sent back.
    content = exported(client, CompanyProfile, CSV, "siret", "name", "commune").content
    assert case.plan(editor, content).counts["unchanged"] == 2


def test_export_follows_the_filters_of_the_list(client, editor):
    make_ready("companies")
    CASES["companies"].write(editor, CASES["companies"].csv())
    rows = table_of(exported(client, CompanyProfile, CSV, "siret", query="?q=larivot"))
    assert rows == [["SIRET"], ["73282932000074"]]


def test_chosen_rows_alone_are_exported(client, editor):
    one, _other = make.company(), make.company()
    page = client.post(
        url(CompanyProfile, "changelist"),
        {"action": "export_admin_action", helpers.ACTION_CHECKBOX_NAME: [one.pk]},
        follow=True,
    )
    assert page.status_code == 200
    resource = PAGES[CompanyProfile].resource_classes[0]
    data = {
        "format": CSV,
        "resource": "0",
        f"{resource.__name__.lower()}_siret": "on",
        "export_items": [str(one.pk)],
    }
    assert table_of(client.post(url(CompanyProfile, "export"), data)) == [["SIRET"], [one.siret]]


def test_workbook_has_real_days_and_numbers_and_codes_as_text(client, editor):
    make_ready("companies")
    CASES["companies"].write(editor, CASES["companies"].csv({"Description": "=1+1"}))
    header, *rows = cells_of(exported(client, CompanyProfile, XLSX, actor=editor))
    names = [cell.value for cell in header]
    [row] = [row for row in rows if row[names.index("SIRET")].value == "73282932000074"]
    cell = dict(zip(names, row, strict=True))
    assert cell["SIRET"].data_type == cell["Code postal"].data_type == "s"
    assert cell["Date de création"].is_date
    assert cell["Longitude"].value == -52.3
    assert (cell["Description"].data_type, cell["Description"].value) == ("s", "'=1+1")


HIDDEN = "a\x00b\x01c\x0bd\x0ce\x1ff\ufffeg\uffffh"


def test_character_that_no_workbook_can_hold_is_left_out_of_one(client, editor):
    """Word's line breaks stay line breaks; the others nobody has ever seen."""
    make.company(name="La\x01 Poste", description="Une\x0bdeux\x0cligne\x1fs")
    header, row = cells_of(exported(client, CompanyProfile, XLSX, actor=editor))
    cells = dict(zip([cell.value for cell in header], [cell.value for cell in row], strict=True))
    assert (cells["Raison sociale"], cells["Description"]) == ("La Poste", "Une\ndeux\nlignes")


def test_title_and_cell_with_such_a_character_are_no_formula_without_it():
    content = workbook([HIDDEN, "\x01=1+1"], [[HIDDEN, "\x01=1+1"]], title="Lignes refusées")
    titles, cells = openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows()
    assert [cell.value for cell in titles] == ["abc\nd\nefgh", "=1+1"]
    assert [cell.value for cell in cells] == ["abc\nd\nefgh", "'=1+1"]
    assert {cell.data_type for cell in (*titles, *cells)} == {"s"}


def test_no_cell_of_any_export_is_a_formula(client, editor):
    school = make.school(name="=HYPERLINK(1)", address="+33", description="@x")
    make.calendar(school=school, program_name="-1", description="=2+2", skills_sought=["=3"])
    make.company(name="=cmd()", acronym="=A1")
    notice(editor, subject="=1")
    operation_of(make.user(last_name="=2", first_name="="))
    for model in (SchoolProfile, InternshipCalendar, CompanyProfile, Notice, Operation, User):
        for row in cells_of(exported(client, model, XLSX, actor=editor)):
            assert all(cell.data_type != "f" for cell in row), model
        for row in table_of(exported(client, model, CSV, actor=editor)):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row), row


def test_member_of_a_school_exports_the_own_rows(client_for, editor):
    make_ready("calendars")
    CASES["calendars"].write(editor, CASES["calendars"].csv())
    account = make.school_user(SchoolProfile.objects.get(uai=EBOUE))
    rows = table_of(exported(client_for(account), InternshipCalendar, CSV, "school"))
    assert rows == [["UAI"], [EBOUE]]


def test_secrets_are_in_no_export(client, editor):
    make.user(password="md5$secret$abc")
    for file_format in (XLSX, CSV):
        response = exported(client, User, file_format, actor=editor)
        content = (
            response.content
            if file_format == CSV
            else b"".join(str(cell.value).encode() for row in cells_of(response) for cell in row)
        )
        assert b"secret" not in content


@pytest.mark.parametrize("file_format", [XLSX, CSV], ids=["xlsx", "csv"])
def test_export_takes_as_many_queries_for_many_rows(
    client, editor, file_format, django_assert_max_num_queries
):
    school = make.school()
    make.calendars(200, school=school, program_manager=make.manager(school=school))
    with django_assert_max_num_queries(15):
        exported(client, InternshipCalendar, file_format, actor=editor)
