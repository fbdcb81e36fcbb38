"""Every kind of file through the same cases: what is right is taken, what is not says where and why."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from backoffice.base.exports import csv_file, workbook
from backoffice.base.imports.engine import write_plan
from backoffice.base.imports.plan import RowStatus
from backoffice.kinds import KINDS
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.services import archive_calendars, publish_calendars
from pratik.core.models import Operation
from pratik.partners.enums import SizeBand
from pratik.partners.models import CompanyProfile
from pratik.schools.models import ProgramManager, SchoolProfile
from tests import factories as make
from tests.kit.files import CASES, EBOUE, MELKIOR, NOBODY, csv_bytes, make_ready, xlsx_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_french():
    with translation.override("fr"):
        yield


@pytest.fixture(params=sorted(CASES))
def case(request, db):
    """Each kind of file, with what it refers to already there."""
    make_ready(request.param)
    return CASES[request.param]


@pytest.fixture
def calendars(db):
    make_ready("calendars")
    return CASES["calendars"]


@pytest.fixture
def companies(db):
    make_ready("companies")
    return CASES["companies"]


@pytest.fixture
def schools(db):
    make_ready("schools")
    return CASES["schools"]


@pytest.fixture
def managers(db):
    make_ready("managers")
    return CASES["managers"]


def counts(plan):
    assert plan.problems == []
    return tuple(plan.counts[status.value] for status in RowStatus)


def refusals(plan):
    """{row number: {column: message}}."""
    told = {}
    for number, column, message in plan.refused:
        told.setdefault(number, {})[column] = message
    return told


def test_every_kind_has_its_cases():
    assert set(CASES) == set(KINDS)


# What is right


def test_fresh_file_creates_its_rows(case, editor):
    before = case.model.objects.count()
    plan, operation = case.write(editor, case.csv())
    assert counts(plan) == (2, 0, 0, 0)
    assert case.model.objects.count() == before + 2
    assert operation.counts == {"created": 2, "unchanged": 0, "refused": 0}
    assert operation.actor == editor


def test_same_file_twice_changes_nothing(case, editor):
    case.write(editor, case.csv())
    lines, operations = case.model.history.count(), Operation.objects.count()
    plan, operation = case.write(editor, case.csv())
    assert counts(plan) == (0, 0, 2, 0)
    assert operation is None
    assert (case.model.history.count(), Operation.objects.count()) == (lines, operations)


def test_changed_cell_is_told_from_what_to_what(case, editor):
    case.write(editor, case.csv())
    header, new, shown_old, shown_new = case.change
    plan, operation = case.write(editor, case.csv({header: new}))
    assert counts(plan) == (0, 1, 1, 0)
    [row] = plan.of(RowStatus.UPDATED)
    assert [(change.column, change.shown_old, change.shown_new) for change in row.changes] == [
        (header, shown_old, shown_new)
    ]
    assert operation.counts["updated"] == 1
    assert counts(case.plan(editor, case.csv({header: new}))) == (0, 0, 2, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_and_separators_of_every_spreadsheet(case, editor, encoding, delimiter):
    case.write(editor, case.csv())
    plan = case.plan(editor, case.csv(encoding=encoding, delimiter=delimiter))
    assert counts(plan) == (0, 0, 2, 0)


def test_workbook_with_real_dates_and_numbers(case, editor):
    case.write(editor, case.csv())
    content = xlsx_bytes(case.headers, case.cells())
    assert counts(case.plan(editor, content, "fichier.xlsx")) == (0, 0, 2, 0)


def test_workbook_with_moments_for_days(case, editor):
    """A spreadsheet keeps a day as its midnight."""
    if not case.day:
        pytest.skip("no day in this file")
    header, attribute = case.day
    midnight = datetime(2026, 4, 3)
    case.write(editor, xlsx_bytes(case.headers, case.cells({header: midnight})), "fichier.xlsx")
    assert date(2026, 4, 3) in set(case.model.objects.values_list(attribute, flat=True))


@pytest.mark.parametrize("written", ["03/04/2026", "3/4/26", "03-04-2026", "03.04.2026", "2026-04-03"])
def test_third_of_april_is_never_the_fourth_of_march(case, editor, written):
    if not case.day:
        pytest.skip("no day in this file")
    header, attribute = case.day
    case.write(editor, case.csv({header: written}))
    assert case.model.objects.filter(**{attribute: date(2026, 4, 3)}).count() == 1


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("31/12/2026", date(2026, 12, 31)),
        ("46115", date(2026, 4, 3)),
        ("3 avril 2026", date(2026, 4, 3)),
        ("vendredi 1er janvier 2027", date(2027, 1, 1)),
    ],
)
def test_other_ways_to_write_a_day(calendars, editor, written, day):
    calendars.write(editor, calendars.csv({"Début": written, "Fin": "31/01/2027"}))
    assert InternshipCalendar.objects.filter(start_on=day).count() == 1


@pytest.mark.parametrize("written", ["31/02/2027", "2027", "bientôt", "13/13/2027", "04/31/2026", "12/2026"])
def test_what_is_no_day_is_refused(calendars, editor, written):
    plan = calendars.plan(editor, calendars.csv({"Début": written}))
    assert list(refusals(plan)[2]) == ["Début"]


@pytest.mark.parametrize("text", ["=1+1", "-5 %", "+33", "@all", "=cmd|' /C calc'!A0", "'=1+1"])
def test_text_that_looks_like_a_formula_is_text(case, editor, text):
    plan, _operation = case.write(editor, case.csv({case.text: f"'{text}"}))
    assert counts(plan) == (2, 0, 0, 0)
    attribute = next(c.attribute for c in case.resource().columns.values() if c.column_name == case.text)
    assert text in set(case.model.objects.values_list(attribute, flat=True))
    # What leaves in an export comes back as it was.
    exported = case.resource(actor=editor).export(case.model.objects.all())
    assert f"'{text}".encode() in csv_file(exported)
    assert counts(case.plan(editor, csv_file(exported))) == (0, 0, len(exported), 0)
    book = workbook(exported.headers, exported, title="Export")
    assert counts(case.plan(editor, book, "export.xlsx")) == (0, 0, len(exported), 0)


@pytest.mark.parametrize("text", ["=1+1", "-5 %", "+33", "@all"])
def test_formula_typed_as_text_is_stored_as_it_is(case, editor, text):
    case.write(editor, case.csv({case.text: text}))
    attribute = next(c.attribute for c in case.resource().columns.values() if c.column_name == case.text)
    assert text in set(case.model.objects.values_list(attribute, flat=True))


def test_template_can_be_sent_back_once_filled(case, editor):
    """The columns of the template are those that are read."""
    template = case.resource(actor=editor).template()
    plan = case.plan(editor, csv_bytes(template.headers, template))
    assert plan.problems == []
    assert plan.notes == []


def test_export_of_all_columns_can_be_imported_as_it_is(case, editor):
    case.write(editor, case.csv())
    exported = case.resource(actor=editor).export(case.model.objects.all())
    number = case.model.objects.count()
    assert counts(case.plan(editor, csv_file(exported))) == (0, 0, number, 0)
    book = workbook(exported.headers, exported, title="Export")
    assert counts(case.plan(editor, book, "export.xlsx")) == (0, 0, number, 0)


# Columns


def test_unknown_column_that_is_nearly_right_stops_the_file(case, editor):
    typo, meant = case.typo
    headers = [typo if header == meant else header for header in case.headers]
    plan, operation = case.write(editor, csv_bytes(headers, case.cells()))
    assert operation is None
    [problem] = [told for told in plan.problems if typo in told]
    assert f"«\u00a0{meant}\u00a0»" in problem


def test_unknown_column_that_is_like_nothing_is_passed_over_and_said(case, editor):
    headers = [*case.headers, "Couleur préférée"]
    plan = case.plan(editor, csv_bytes(headers, [(*row, "bleu") for row in case.cells()]))
    assert counts(plan) == (2, 0, 0, 0)
    assert any("Couleur préférée" in note for note in plan.notes)


def test_missing_required_column_stops_the_file_and_names_it(case, editor):
    at = case.headers.index(case.required)
    rows = [row[:at] + row[at + 1 :] for row in case.cells()]
    plan, operation = case.write(editor, csv_bytes(case.headers[:at] + case.headers[at + 1 :], rows))
    assert operation is None
    assert any(f"«\u00a0{case.required}\u00a0»" in problem for problem in plan.problems)


def test_column_in_capitals_without_accents_is_known(case, editor):
    case.write(editor, case.csv())
    headers = [
        header.upper().replace("É", "E").replace("È", "E").replace("’", " ") for header in case.headers
    ]
    assert counts(case.plan(editor, csv_bytes(headers, case.cells()))) == (0, 0, 2, 0)


def test_column_said_twice_in_other_words_is_refused(companies, editor):
    headers = [*companies.headers, "Dénomination"]
    plan = companies.plan(editor, csv_bytes(headers, [(*row, "x") for row in companies.cells()]))
    assert plan.problems == [
        "Les colonnes « Raison sociale » et « Dénomination » disent la même chose : gardez-en une."
    ]


def test_absent_column_leaves_values_and_blank_cell_empties_them(companies, editor):
    companies.write(editor, companies.csv())
    headers = ("SIRET", "Raison sociale")
    content = csv_bytes(headers, [row[:2] for row in companies.cells()])
    assert counts(companies.plan(editor, content)) == (0, 0, 2, 0)
    plan, _operation = companies.write(editor, companies.csv({"Adresse": "", "Code NAF": ""}))
    assert counts(plan) == (0, 1, 1, 0)
    company = CompanyProfile.objects.get(siret="73282932000074")
    assert (company.address, company.activity) == ("", None)


# Rows


def test_blank_key_never_matches(case, editor):
    case.write(editor, case.csv())
    plan = case.plan(editor, case.csv({case.key: ""}))
    assert counts(plan) == (0, 0, 1, 1)
    assert list(refusals(plan)) == [2]
    assert case.key in refusals(plan)[2]


def test_same_row_twice_in_a_file_is_refused_with_the_number_of_the_first(case, editor):
    rows = case.cells()
    plan = case.plan(editor, csv_bytes(case.headers, [*rows, rows[0]]))
    assert counts(plan) == (2, 0, 0, 1)
    [message] = refusals(plan)[4].values()
    assert message == "La ligne 2 décrit déjà la même fiche."


def test_too_long_text_is_refused_and_not_cut(case, editor):
    header, text = case.long
    plan, _operation = case.write(editor, case.csv({header: text}))
    assert counts(plan) == (1, 0, 0, 1)
    assert list(refusals(plan)[2]) == [header]


def test_row_with_more_cells_than_titles_is_refused(case, editor):
    rows = case.cells()
    rows[1] = (*rows[1], "de trop")
    plan = case.plan(editor, csv_bytes(case.headers, rows))
    assert counts(plan) == (1, 0, 0, 1)
    assert "de trop" in refusals(plan)[3][""]


def test_all_errors_of_a_file_are_told_at_once_by_row_and_column(case, editor):
    plan, operation = case.write(editor, case.csv(case.wrong, case.wrong))
    assert operation is None
    assert counts(plan)[:3] == (0, 0, 0)
    told = refusals(plan)
    assert set(told) == {2, 3}
    assert set(case.wrong) <= set(told[2])
    assert set(case.wrong) <= set(told[3])
    assert not any(
        "Traceback" in message or "class '" in message for row in told.values() for message in row.values()
    )


def test_accepted_rows_are_written_and_refused_ones_are_not(case, editor):
    header, cell = next(iter(case.wrong.items()))
    before = case.model.objects.count()
    plan, operation = case.write(editor, case.csv({}, {header: cell}))
    assert counts(plan) == (1, 0, 0, 1)
    assert case.model.objects.count() == before + 1
    assert operation.counts == {"created": 1, "unchanged": 0, "refused": 1}


def test_all_or_nothing_writes_nothing_while_a_row_is_refused(case, editor):
    header, cell = next(iter(case.wrong.items()))
    before = case.model.objects.count(), case.model.history.count(), Operation.objects.count()
    _plan, operation = case.write(editor, case.csv({}, {header: cell}), all_or_nothing=True)
    assert operation is None
    assert (case.model.objects.count(), case.model.history.count(), Operation.objects.count()) == before


def test_refusing_a_row_that_exists_leaves_it_as_it_is(case, editor):
    case.write(editor, case.csv())
    before = list(case.model._base_manager.order_by("pk").values())
    header, cell = case.long
    wrong = {header: cell} if header != case.key else {case.required: ""}
    plan, operation = case.write(editor, case.csv(wrong))
    assert counts(plan) == (0, 0, 1, 1)
    assert operation is None
    assert list(case.model._base_manager.order_by("pk").values()) == before


def test_person_without_scope_writes_nothing_even_past_the_page(case, company_user):
    """The door is closed by the table of rights; the writing itself holds too."""
    before = case.model.objects.count()
    plan = case.plan(company_user, case.csv())
    if case.school:
        assert counts(plan) == (0, 0, 0, 2)
    else:
        with pytest.raises(PermissionDenied):
            write_plan(plan)
    assert case.model.objects.count() == before


# What a school sends


@pytest.fixture(params=["managers", "calendars"])
def of_school(request, db):
    make_ready(request.param)
    return CASES[request.param]


@pytest.fixture
def secretary(of_school):
    """Somebody of the lycée Félix Éboué, and of no other school."""
    return make.school_user(SchoolProfile.objects.get(uai=EBOUE))


def test_school_writes_its_rows_and_no_others(of_school, secretary):
    plan, operation = of_school.write(secretary, of_school.csv())
    assert counts(plan) == (1, 0, 0, 1)
    assert refusals(plan)[3]["UAI"].startswith(f"L’UAI {MELKIOR} n’est pas celui d’un de vos établissements.")
    assert not of_school.model.objects.filter(school__uai=MELKIOR).exists()
    assert operation.actor == secretary


def test_school_never_changes_anothers_row(of_school, secretary, editor):
    of_school.write(editor, of_school.csv())
    header, new, _old, _new = of_school.change
    before = list(of_school.model._base_manager.filter(school__uai=MELKIOR).values())
    plan, _operation = of_school.write(secretary, of_school.csv({}, {header: new}))
    assert counts(plan) == (0, 0, 1, 1)
    assert list(of_school.model._base_manager.filter(school__uai=MELKIOR).values()) == before


def test_school_with_one_school_may_leave_its_uai_out(of_school, secretary):
    rows = [row[1:] for row in of_school.cells()][:1]
    plan, _operation = of_school.write(secretary, csv_bytes(of_school.headers[1:], rows))
    assert counts(plan) == (1, 0, 0, 0)
    assert of_school.model.objects.filter(school__uai=EBOUE).exists()


def test_person_with_two_schools_says_which(of_school, secretary):
    make.member(SchoolProfile.objects.get(uai=MELKIOR), secretary)
    plan = of_school.plan(secretary, of_school.csv({"UAI": ""}))
    assert refusals(plan)[2]["UAI"] == "Indiquez l’UAI de l’établissement."


def test_editor_without_the_column_of_schools_is_told_to_give_it(of_school, editor):
    rows = [row[1:] for row in of_school.cells()]
    plan = of_school.plan(editor, csv_bytes(of_school.headers[1:], rows))
    assert plan.problems or set(refusals(plan)) == {2, 3}


def test_school_may_be_named_instead_of_coded(of_school, editor):
    headers = ("Établissement", *of_school.headers[1:])
    rows = [("LYCEE FELIX EBOUE", *of_school.cells()[0][1:])]
    plan, _operation = of_school.write(editor, csv_bytes(headers, rows))
    assert counts(plan) == (1, 0, 0, 0)
    assert of_school.model.objects.filter(school__uai=EBOUE).exists()


@pytest.mark.parametrize(
    ("uai", "name"),
    [("", "Lycée Félix Ebouée"), ("9730001X", ""), ("9730010N", ""), ("973001N", ""), (NOBODY, "")],
)
def test_school_nearly_right_is_suggested(of_school, editor, uai, name):
    headers = ("UAI", "Établissement", *of_school.headers[1:])
    plan = of_school.plan(editor, csv_bytes(headers, [(uai, name, *of_school.cells()[0][1:])]))
    message = refusals(plan)[2]["UAI"]
    assert "Vouliez-vous dire" in message
    assert f"Lycée Félix Éboué ({EBOUE})" in message


def test_school_whose_code_and_name_disagree_is_refused_with_both(of_school, editor):
    headers = ("UAI", "Établissement", *of_school.headers[1:])
    row = (EBOUE, "Lycée professionnel Max Joséphine", *of_school.cells()[0][1:])
    plan = of_school.plan(editor, csv_bytes(headers, [row]))
    message = refusals(plan)[2]["UAI"]
    assert EBOUE in message
    assert MELKIOR in message


# Values of each kind


@pytest.mark.parametrize("word", ["peut-être", "2", "ok", "vrais", "-"])
def test_what_is_neither_yes_nor_no_is_refused(companies, editor, word):
    plan = companies.plan(editor, companies.csv({"Visible": word}))
    assert list(refusals(plan)[2]) == ["Visible"]
    assert "oui" in refusals(plan)[2]["Visible"]


@pytest.mark.parametrize(
    ("word", "value"), [("VRAI", True), ("Oui", True), ("1", True), ("faux", False), ("N", False)]
)
def test_yes_and_no_as_people_write_them(companies, editor, word, value):
    companies.write(editor, companies.csv({"Visible": word}))
    assert CompanyProfile.objects.get(siret="73282932000074").is_visible_on_partners_page is value


@pytest.mark.parametrize(
    "written", ["7.32829E+13", "7,32829E+13", "73282932000000", "7328293200007", "732829320"]
)
def test_siret_that_a_spreadsheet_rounded_is_refused(companies, editor, written):
    plan = companies.plan(editor, companies.csv({"SIRET": written}))
    assert "SIRET" in refusals(plan)[2]


@pytest.mark.parametrize(
    "written", [73282932000074, 73282932000074.0, "732 829 320 00074", "732.829.320.00074"]
)
def test_siret_as_people_and_spreadsheets_write_it(companies, editor, written):
    content = xlsx_bytes(companies.headers, companies.cells({"SIRET": written}))
    companies.write(editor, content, "fichier.xlsx")
    assert CompanyProfile.objects.filter(siret="73282932000074").exists()


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        (
            {"Commune": "Mattoury", "Code INSEE": "", "Code postal": ""},
            "Commune",
            ["Vouliez-vous", "Matoury"],
        ),
        ({"Commune": "97351", "Code INSEE": "", "Code postal": ""}, "Commune", ["un code"]),
        ({"Commune": "Cayenne"}, "Commune", ["Cayenne", "97302", "Matoury", "97307"]),
        ({"Commune": "Matoury", "Code INSEE": "", "Code postal": "97300"}, "Commune", ["Matoury", "Cayenne"]),
        ({"Commune": "", "Code INSEE": "97351", "Code postal": ""}, "Commune", ["code postal", "Matoury"]),
        ({"Code NAF": "43.32Q"}, "Code NAF", ["Vouliez-vous", "43.32A"]),
    ],
)
def test_place_and_activity_nearly_right(companies, editor, changes, column, words):
    told = refusals(companies.plan(editor, companies.csv(changes)))[2]
    assert list(told) == [column]
    for word in words:
        assert word in told[column]


@pytest.mark.parametrize(
    ("written", "band"),
    [
        ("10-19", SizeBand.FROM_10),
        ("11", SizeBand.FROM_10),
        ("10 à 19 salariés", SizeBand.FROM_10),
        ("00", SizeBand.ZERO),
    ],
)
def test_bands_of_headcount_of_the_register(companies, editor, written, band):
    companies.write(editor, companies.csv({"Tranche d’effectif": written}))
    assert CompanyProfile.objects.get(siret="73282932000074").size_band == band


def test_level_nearly_right_is_suggested(calendars, editor):
    told = refusals(calendars.plan(editor, calendars.csv({"Niveau": "Bac por"})))[2]
    assert "« Bac por » n’est pas compris" in told["Niveau"]
    assert "Vouliez-vous dire «\u00a0Bac pro\u00a0»" in told["Niveau"]


def test_calendar_that_ends_before_it_starts_is_refused_at_its_end(calendars, editor):
    told = refusals(calendars.plan(editor, calendars.csv({"Fin": "02/04/2026"})))[2]
    assert list(told) == ["Fin"]


def test_archived_calendar_is_not_changed_by_a_file(calendars, editor):
    calendars.write(editor, calendars.csv())
    archive_calendars(actor=editor, pks=InternshipCalendar.objects.values_list("pk", flat=True))
    plan, operation = calendars.write(editor, calendars.csv({"Effectif": 30}))
    assert counts(plan) == (0, 0, 1, 1)
    assert refusals(plan)[2][""] == "Ce calendrier est archivé : il ne se modifie plus."
    assert operation is None


def test_file_never_moves_a_state(calendars, editor):
    """A published calendar that comes again by file stays published, and a new one is a draft."""
    calendars.write(editor, calendars.csv())
    publish_calendars(actor=editor, pks=InternshipCalendar.objects.values_list("pk", flat=True))
    states = set(InternshipCalendar.objects.values_list("state", flat=True))
    calendars.write(editor, calendars.csv({"Effectif": 30}))
    assert set(InternshipCalendar.objects.values_list("state", flat=True)) == states


def test_manager_of_another_school_is_refused(calendars, editor):
    told = refusals(calendars.plan(editor, calendars.csv({}, {"Responsable (e-mail)": "resp@example.org"})))[
        3
    ]
    assert list(told) == ["Responsable (e-mail)"]
    assert "Aucun responsable de cet établissement" in told["Responsable (e-mail)"]


def test_manager_nearly_right_is_suggested(calendars, editor):
    told = refusals(calendars.plan(editor, calendars.csv({"Responsable (e-mail)": "resp@exemple.org"})))[2]
    assert "«\u00a0resp@example.org\u00a0»" in told["Responsable (e-mail)"]


def test_name_written_otherwise_is_the_same_programme(calendars, editor):
    """The natural key forgets case, accents and spaces: the row is changed, not doubled."""
    calendars.write(editor, calendars.csv())
    plan, _operation = calendars.write(editor, calendars.csv({"Filière": "BTS  MCO 2E ANNEE"}))
    assert counts(plan) == (0, 1, 1, 0)
    assert InternshipCalendar.objects.count() == 2


def test_manager_is_known_by_address_whatever_its_case(managers, editor):
    managers.write(editor, managers.csv())
    plan = managers.plan(editor, managers.csv({"E-mail": "Marie-Line.CLET@example.org "}))
    assert counts(plan) == (0, 0, 2, 0)
    assert ProgramManager.objects.count() == 2


def test_column_of_addresses_may_be_called_email(managers, editor):
    """The commonest title of all, in the exports of every other tool."""
    managers.write(editor, managers.csv())
    headers = ["email" if header == "E-mail" else header for header in managers.headers]
    assert counts(managers.plan(editor, csv_bytes(headers, managers.cells()))) == (0, 0, 2, 0)


def test_text_of_several_lines_keeps_them(companies, editor):
    companies.write(editor, companies.csv({"Description": "Portes,\r\nfenêtres"}))
    assert CompanyProfile.objects.get(siret="73282932000074").description == "Portes,\nfenêtres"
    # The next row begins one line further down, as the person sees it.
    plan = companies.plan(editor, companies.csv({"Description": "Portes,\r\nfenêtres"}, {"SIRET": "1"}))
    assert set(refusals(plan)) == {4}


def test_number_with_spaces_is_read(schools, editor):
    schools.write(editor, schools.csv({"Effectif": "1\u202f078"}))
    assert SchoolProfile.objects.get(uai=EBOUE).number_of_students == 1078


def test_school_of_another_letter_is_refused(schools, editor):
    told = refusals(schools.plan(editor, schools.csv({"UAI": "9730001A"})))[2]
    assert "UAI" in told


@pytest.mark.parametrize("written", ["24", "24 élèves", "24 Étudiants", "24 eleves", 24, 24.0])
def test_a_head_count_may_say_whom_it_counts(calendars, editor, written):
    calendars.write(editor, calendars.csv({"Effectif": written}))
    assert 24 in InternshipCalendar.objects.values_list("number_of_students", flat=True)


@pytest.mark.parametrize("written", ["24 tables", "élèves", "12,5", "2 x 12", "1.000"])
def test_what_is_no_number_is_refused(calendars, editor, written):
    plan = calendars.plan(editor, calendars.csv({"Effectif": written}))
    assert list(refusals(plan)[2]) == ["Effectif"]


def test_a_row_tells_all_that_is_wrong_with_it_at_once(calendars, editor):
    plan = calendars.plan(
        editor, calendars.csv({"Effectif": "beaucoup", "Début": "11/01/2027", "Fin": "05/01/2027"})
    )
    assert set(refusals(plan)[2]) == {"Effectif", "Fin"}
