"""The engine: real files, what confirming writes, and a number of queries that no row adds to."""

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import tablib
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from backoffice.base.imports.engine import build_plan, write_plan
from backoffice.base.imports.expected import rows_expected
from backoffice.base.imports.plan import RowStatus
from backoffice.base.imports.reading import read_file
from backoffice.kinds import KINDS
from pratik.accounts.services import system_actor
from pratik.calendars.models import InternshipCalendar
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.partners.models import CompanyProfile
from pratik.reference.services import load_reference
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.kit.files import CASES, EBOUE, MELKIOR, csv_bytes, make_ready, xlsx_bytes

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(autouse=True)
def in_french():
    with translation.override("fr"):
        yield


# Real files


@pytest.fixture
def nomenclatures(db):
    load_reference(actor=system_actor(), folder=settings.BASE_DIR / "fixtures" / "reference")


def plan_of(kind, name, actor):
    return build_plan(KINDS[kind](actor=actor), read_file(name=name, content=(DATA / name).read_bytes()))


def test_directory_of_schools_comes_in_whole(nomenclatures, editor):
    plan = plan_of("schools", "schools_guyane.xlsx", editor)
    assert plan.problems == []
    assert plan.refused == []
    write_plan(plan)
    assert SchoolProfile.objects.count() == 109
    eboue = SchoolProfile.objects.get(uai="9730001N")
    assert (eboue.commune.name, eboue.opened_on, eboue.has_general_track, eboue.has_vocational_track) == (
        "Cayenne",
        date(1965, 11, 24),
        True,
        False,
    )
    assert eboue.email == "ce.9730001n@ac-guyane.fr"
    assert plan_of("schools", "schools_guyane.xlsx", editor).counts["unchanged"] == 109


def test_extract_of_the_register_of_companies_comes_in_whole(nomenclatures, editor):
    plan = plan_of("companies", "companies_guyane.xlsx", editor)
    assert plan.problems == []
    assert plan.refused == []
    write_plan(plan)
    assert CompanyProfile.objects.count() == 577
    chamber = CompanyProfile.objects.get(siret="18973302500119")
    assert (chamber.activity.code, chamber.commune.name) == ("85.59A", "Cayenne")
    assert plan_of("companies", "companies_guyane.xlsx", editor).counts["unchanged"] == 577


def test_register_of_apprenticeship_centres_gives_those_of_guyane(nomenclatures, editor):
    """Latin 1, semicolons, a column « commune » that holds the INSEE code, dates as numbers of days."""
    plan = plan_of("schools", "cfa_latin1_semicolon.csv", editor)
    assert plan.problems == []
    assert (plan.counts["created"], plan.counts["refused"]) == (4, 25)
    # All that is refused is elsewhere in France, and is told so at its commune.
    assert {column for _row, column, _message in plan.refused} == {"commune_libe"}
    assert all("n’est pas une commune de Guyane" in message for _row, _column, message in plan.refused)
    write_plan(plan)
    melkior = SchoolProfile.objects.get(uai="9730446X")
    assert (melkior.kind, melkior.sector, melkior.commune.name, melkior.opened_on) == (
        "cfa",
        "public",
        "Cayenne",
        date(2011, 9, 1),
    )


def test_two_directories_one_after_the_other_agree_on_their_schools(nomenclatures, editor):
    """The second source changes the schools that both know, and doubles none."""
    write_plan(plan_of("schools", "schools_guyane.xlsx", editor))
    plan = plan_of("schools", "cfa_latin1_semicolon.csv", editor)
    known = plan.counts["updated"] + plan.counts["unchanged"]
    write_plan(plan)
    assert SchoolProfile.objects.count() == 109 + 4 - known


# What a workbook hides


@pytest.mark.parametrize(
    ("header", "cell", "field", "value"),
    [
        ("Description", "Beau_x0000_coup de monde", "description", "Beaucoup de monde"),
        ("Filière", "BTS_x0000_ MCO", "program_name", "BTS MCO"),
        ("UAI", f"_x0000_{EBOUE}", "school__uai", EBOUE),
    ],
)
def test_character_that_no_database_keeps_stops_no_row(db, editor, header, cell, field, value):
    """It is written without it, and found again without it; a key that has it finds its row."""
    make_ready("calendars")
    case = CASES["calendars"]
    first = case.rows[0] | {header: cell}
    content = xlsx_bytes(case.headers, [tuple(first.values())])
    plan, _operation = case.write(editor, content, "stages.xlsx")
    assert plan.counts["created"] == 1
    assert InternshipCalendar.objects.filter(**{field: value}).count() == 1
    assert case.plan(editor, content, "stages.xlsx").counts["unchanged"] == 1


# How many rows a file seems to have


def workbook_that_says(extent):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f'<worksheet><dimension ref="{extent}"/>')
    return stream


@pytest.mark.parametrize(
    ("extent", "rows"),
    [
        ("A1:P50001", 50_000),
        ("A1:P1048576", 1_048_575),
        ("A1:P0", None),
        ("A1:P1", None),
        ("A1:P3000000001", None),
        ("A1:P" + "9" * 23, None),
        ("A1", None),
    ],
)
def test_workbook_is_believed_only_where_it_may_say_the_truth(extent, rows):
    """The number is kept in a column that takes none below zero and none of 23 digits."""
    file = workbook_that_says(extent)
    assert rows_expected(file) == rows
    assert file.tell() == 0


def test_lines_of_a_csv_are_about_its_rows():
    assert rows_expected(io.BytesIO(b"a;b\n" + b"1;2\n" * 9)) == 10
    assert rows_expected(io.BytesIO(b"a;b")) is None
    assert rows_expected(io.BytesIO(b"a\n" * 1_048_577)) is None


# Number of queries


def calendars_file(number):
    headers = CASES["calendars"].headers
    first = CASES["calendars"].cells()[0]
    return csv_bytes(headers, [(EBOUE, f"BTS MCO {row}", *first[2:]) for row in range(number)])


def queries_of(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_number_of_queries_does_not_grow_with_the_rows(db, editor):
    """100 rows or 1 000 of the same school: planned, written and planned again with as many queries."""
    make_ready("calendars")
    case = CASES["calendars"]
    told = []
    for number in (100, 1_000):
        content = calendars_file(number)
        planned = queries_of(lambda content=content: case.plan(editor, content))
        plan = case.plan(editor, content)
        written = queries_of(lambda plan=plan: write_plan(plan))
        again = queries_of(lambda content=content: case.plan(editor, content))
        changed = case.plan(editor, content.replace(b";24;", b";25;"))
        assert changed.counts["updated"] == number
        updated = queries_of(lambda changed=changed: write_plan(changed))
        told.append((planned, written, again, updated))
    few, many = told
    # Of rows that are there already the schools and the managers are asked for, each once.
    assert few[0] == 3 and few[2] == many[0] == many[2] == 5
    if connection.features.max_query_params:
        # SQLite takes so many values in one statement, thus about fifty rows.
        assert max(many) <= 1_000 / 50 + 10
    else:
        # Nine hundred that are new and a hundred that changed are copied apart.
        assert max(many) <= 14


def test_many_schools_take_no_more_queries_than_one(db, editor):
    make_ready("calendars")
    case = CASES["calendars"]
    one = queries_of(lambda: case.plan(editor, calendars_file(50)))
    headers, first = case.headers, case.cells()[0]
    for number in range(50):
        make.school(uai=make.uai(6_000 + number))
    rows = [(make.uai(6_000 + number), "BTS MCO", *first[2:7], "", *first[8:]) for number in range(50)]
    content = csv_bytes(headers, rows)
    assert case.plan(editor, content).counts["created"] == 50
    assert queries_of(lambda: case.plan(editor, content)) == one


# What confirming writes


def test_operation_keeps_where_the_rows_came_from(db, editor):
    make_ready("calendars")
    case = CASES["calendars"]

    class Source:
        name, sha256, size = "stages.csv", "0" * 64, 123

    _plan, operation = case.write(editor, case.csv(), source=Source)
    assert (operation.source_name, operation.source_sha256, operation.source_size) == (
        "stages.csv",
        "0" * 64,
        123,
    )
    assert operation.finished_at is not None
    line = InternshipCalendar.objects.first().history.get()
    assert (line.operation, line.history_user, line.history_type) == (operation, editor, "+")


def test_history_of_a_changed_row_holds_its_new_values(db, editor):
    make_ready("calendars")
    case = CASES["calendars"]
    case.write(editor, case.csv())
    case.write(editor, case.csv({"Effectif": 30}))
    row = InternshipCalendar.objects.get(school__uai=EBOUE)
    assert [line.number_of_students for line in row.history.order_by("history_id")] == [24, 30]


def test_import_can_be_taken_back_whole(db, editor):
    make_ready("calendars")
    case = CASES["calendars"]
    case.write(editor, case.csv())
    _plan, operation = case.write(editor, case.csv({"Effectif": 30}))
    report = undo_operation(actor=editor, operation=operation)
    assert (report.restored, report.left) == (1, [])
    assert case.plan(editor, case.csv()).counts["unchanged"] == 2


def test_row_that_would_leave_the_scope_is_not_written(db, school_user, monkeypatch):
    """The last word is the scope's, asked once the rows are there: a mistake above it writes nothing."""
    make_ready("calendars")
    case = CASES["calendars"]
    keeper = make.user("editor")
    plan = case.plan(keeper, case.csv())
    plan.resource.actor = school_user
    before = InternshipCalendar.objects.count(), InternshipCalendar.history.count()
    with pytest.raises(PermissionDenied):
        write_plan(plan)
    assert (InternshipCalendar.objects.count(), InternshipCalendar.history.count()) == before


def test_mark_of_a_plan_follows_what_it_would_do(db, editor):
    make_ready("calendars")
    case = CASES["calendars"]
    first = case.plan(editor, case.csv())
    assert first.digest == case.plan(editor, case.csv()).digest
    case.write(editor, case.csv())
    assert case.plan(editor, case.csv()).digest != first.digest
    changed = case.plan(editor, case.csv({"Effectif": 30})).digest
    assert case.plan(editor, case.csv({"Effectif": 31})).digest != changed


def test_mark_of_a_plan_follows_the_school_that_a_name_means(db, editor):
    """Between the preview and its confirmation, the name of a school may pass to another one."""
    make_ready("calendars")
    case = CASES["calendars"]
    headers = ("Établissement", *case.headers[1:])
    content = csv_bytes(headers, [("Lycée Félix Éboué", *case.cells()[1][1:])])
    first = case.plan(editor, content)
    for uai, name in ((EBOUE, "Ancien lycée"), (MELKIOR, "Lycée Félix Éboué")):
        school = SchoolProfile.objects.get(uai=uai)
        school.name = name
        save_row(actor=editor, row=school)
    second = case.plan(editor, content)
    assert first.counts == second.counts
    assert first.digest != second.digest


def test_own_entry_of_the_library_gives_the_same_plan(db, editor):
    """django-import-export's `import_data` obeys the same rules."""
    make_ready("calendars")
    case = CASES["calendars"]
    resource = case.resource(actor=editor)
    dataset = tablib.Dataset(*case.cells({"Effectif": "beaucoup"}), headers=case.headers)
    result = resource.import_data(dataset, dry_run=True)
    assert (result.totals["new"], result.totals["invalid"]) == (1, 1)
    assert not InternshipCalendar.objects.exists()
    result = resource.import_data(dataset)
    assert InternshipCalendar.objects.count() == 1
    assert result.invalid_rows[0].error.message_dict == {
        "Effectif": ["« beaucoup » n’est pas un nombre entier."]
    }


def test_rows_of_a_plan_keep_the_numbers_of_the_spreadsheet(db, editor):
    make_ready("calendars")
    case = CASES["calendars"]
    content = case.csv().replace(b"\r\n", b"\r\n\r\n", 1)
    assert [row.number for row in case.plan(editor, content).of(RowStatus.CREATED)] == [3, 4]


# Files as people really make them


KNOWN = "UAI;Filière;Niveau;Début;Fin;Effectif"
ROW = f"{EBOUE};BTS MCO;BTS 2e année;05/01/2027;29/01/2027;12"


def calendars_plan(actor, content, name="fichier.csv"):
    resource = KINDS["calendars"](actor=actor)
    return build_plan(resource, read_file(name=name, content=content, score=resource.known_in))


@pytest.fixture
def eboue(db):
    return make.school(uai=EBOUE, name="Lycée Félix Éboué")


def test_titles_are_found_below_a_heading(editor, eboue):
    """A school's name, a year and a blank line stand above them, as in a printed table."""
    text = f"Lycée Félix Éboué\nStages 2026-2027;;;;;\n\n{KNOWN}\n{ROW}\n"
    plan = calendars_plan(editor, text.encode())
    assert plan.problems == []
    assert plan.counts["created"] == 1
    assert plan.rows[0].number == 5
    assert plan.notes[0] == (
        "Les titres des colonnes sont à la ligne 4\u00a0: ce qui est au-dessus n’est pas repris."
    )


def test_titles_on_the_first_line_are_not_sought_further(editor, eboue):
    """A row of values never takes the place of the titles, whatever is written in it."""
    text = f"{KNOWN};Remarque\n{ROW};Fin\n{ROW.replace('MCO', 'GPME')};Début\n"
    plan = calendars_plan(editor, text.encode())
    assert (plan.counts["created"], [row.number for row in plan.rows]) == (2, [2, 3])


def test_sheet_with_the_titles_is_read_wherever_it_is(editor, eboue):
    book = openpyxl.Workbook()
    book.active.title = "À lire"
    book.active.append(["Consignes", "Remplissez la deuxième feuille"])
    sheet = book.create_sheet("Stages")
    sheet.append(["Stages 2026-2027"])
    sheet.append(KNOWN.split(";"))
    sheet.append(ROW.split(";"))
    stream = io.BytesIO()
    book.save(stream)
    plan = calendars_plan(editor, stream.getvalue(), "stages.xlsx")
    assert plan.problems == []
    assert plan.counts["created"] == 1
    assert plan.notes[0] == ("Le classeur a 2 feuilles remplies\u00a0: seule «\u00a0Stages\u00a0» a été lue.")


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Fin", "Date fin"),
        ("Début", "Date début"),
        ("Effectif", "Effectifs"),
        ("Effectif", "Nb élèves"),
        ("Niveau", "Niveaux"),
        ("Filière", "Formations"),
    ],
)
def test_columns_are_known_by_the_names_that_people_give_them(editor, eboue, title, written):
    plan = calendars_plan(editor, f"{KNOWN.replace(title, written)}\n{ROW}\n".encode())
    assert plan.problems == []
    assert plan.counts["created"] == 1


def test_address_of_the_manager_is_known_by_its_usual_names(editor, eboue):
    manager = make.manager(school=eboue)
    text = f"{KNOWN};Responsable email\n{ROW};{manager.email}\n"
    plan = calendars_plan(editor, text.encode())
    assert plan.rows[0].instance.program_manager == manager


def test_missing_column_is_looked_for_among_the_unknown_ones(editor, eboue):
    """Which columns are ignored is said even when the file can't be used."""
    text = f"{KNOWN.replace('Fin', 'Date fn')};Couleur\n{ROW};vert\n"
    plan = calendars_plan(editor, text.encode())
    told = " ".join(plan.problems)
    assert "«\u00a0Fin\u00a0»" in told
    assert "«\u00a0Date fn\u00a0»" in told
    assert "Couleur" in " ".join(plan.notes + plan.problems)


def test_uai_is_compulsory_only_where_nothing_else_names_the_school(editor, eboue):
    make.school()
    own = KINDS["calendars"](actor=make.member(eboue).user)
    assert own.presence_of("school").startswith("facultative")
    assert own.presence_of("program_name") == "obligatoire"
    everywhere = KINDS["calendars"](actor=editor)
    assert everywhere.presence_of("school") == "obligatoire, sauf si l’établissement est nommé"
    assert KINDS["schools"](actor=editor).presence_of("uai") == "obligatoire"
