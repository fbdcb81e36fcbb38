"""What people send is read as they see it, or refused with a sentence that says what to do."""

import codecs
import csv
import io
import json
import math
import random
import subprocess
import sys
import time
import zipfile
from datetime import date, datetime, timedelta
from datetime import time as clock
from html import escape
from itertools import chain
from pathlib import Path

import openpyxl
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.base.imports.reading import (
    MAX_FILE_BYTES,
    MAX_ROWS,
    UnreadableFile,
    open_file,
    read_file,
    read_pasted,
)
from backoffice.base.imports.reading import text as text_module
from backoffice.base.imports.reading import workbook as workbook_module

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def in_french():
    with translation.override("fr"):
        yield


def csv_file(text: str, encoding: str = "utf-8", name: str = "stages.csv", **options):
    return read_file(name=name, content=text.encode(encoding), **options)


def refusal(content: bytes, name: str = "stages.csv", **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_file(name=name, content=content, **options)
    return caught.value


def cells(table) -> list[tuple]:
    return [row.cells for row in table.rows]


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def book_of(*rows, title: str = "Stages") -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    return book


def written(column: str, row: int, text: str) -> str:
    return f'<c r="{column}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


TITLES = f'<row r="1">{written("A", 1, "nom")}{written("B", 1, "commune")}</row>'
DUPONT = f'<row r="2">{written("A", 2, "Dupont")}{written("B", 2, "Kourou")}</row>'


def sheet_of(*rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def package(sheet, *, workbook: str = "", parts: dict | None = None, target=None) -> io.BytesIO:
    """A workbook put together by hand; `sheet` is XML or an iterable of pieces of it."""
    stream = target or io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}<sheets>'
            '<sheet name="Feuille" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}">'
            f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
            f'<Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for piece in [sheet] if isinstance(sheet, str | bytes) else sheet:
                part.write(piece if isinstance(piece, bytes) else piece.encode())
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return stream


def packed(*rows: str, **options) -> bytes:
    return package(sheet_of(*rows), **options).getvalue()


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_comma_semicolon_and_tab_are_found(self, delimiter):
        table = csv_file("nom,commune\nDupont,Kourou\n".replace(",", delimiter))
        assert table.headers == ("nom", "commune")
        assert cells(table) == [("Dupont", "Kourou")]
        assert (table.format, table.delimiter, table.sheet) == ("csv", delimiter, None)

    def test_separator_within_quotation_marks_does_not_count(self):
        table = csv_file('nom;adresse\n"A; B";"1, rue X, bât. 2"\nC;"2, rue Y, bât. 3"\n')
        assert table.delimiter == ";"
        assert table.rows[0].cells == ("A; B", "1, rue X, bât. 2")

    def test_decimal_comma_in_every_row_and_in_the_titles_does_not_deceive(self):
        table = csv_file("nom;taux, en €;heures;note\nA;4,35;\nB;4,35;\nC;4,50;\n")
        assert table.delimiter == ";"
        assert table.rows[0].cells == ("A", "4,35", "", "")

    def test_comma_in_titles_is_outvoted_by_the_rows(self):
        assert csv_file("nom, prénom;école\nDupont Léa;X\nDurand Zoé;Y\n").delimiter == ";"

    def test_single_column_is_fine(self):
        table = csv_file("nom\nDupont, Léa\nDurand; Zoé\n")
        assert table.delimiter is None
        assert cells(table) == [("Dupont, Léa",), ("Durand; Zoé",)]

    @pytest.mark.parametrize(
        ("content", "encoding"),
        [
            ("nom;né\nZoé;1\n".encode(), "utf-8"),
            ("nom;né\nZoé;1\n".encode("utf-8-sig"), "utf-8-sig"),
            (codecs.BOM_UTF16_LE + "nom\tné\nZoé\t1\n".encode("utf-16-le"), "utf-16"),
            (codecs.BOM_UTF16_BE + "nom\tné\nZoé\t1\n".encode("utf-16-be"), "utf-16"),
            ("nom;né\nZoé;1\n".encode("cp1252"), "cp1252"),
        ],
    )
    def test_encodings(self, content, encoding):
        table = read_file(name="x.csv", content=content)
        assert table.headers == ("nom", "né")
        assert cells(table) == [("Zoé", "1")]
        assert table.encoding == encoding
        assert table.notes == []

    def test_euro_and_curly_apostrophe_of_windows(self):
        assert csv_file("nom;prix\nl’œuvre;4 €\n", "cp1252").rows[0].cells == ("l’œuvre", "4 €")

    def test_byte_unknown_to_windows_is_read_as_latin_1_and_said(self):
        table = read_file(name="x.csv", content=b"nom;n\xe9\nZo\xe9 \x81;1\n")
        assert table.encoding == "latin-1"
        assert table.headers == ("nom", "né")
        assert "vérifiez les accents" in table.notes[0]

    def test_two_files_of_different_encodings_put_together_are_refused(self):
        error = refusal("nom;né\r\nZoé;1\r\n".encode() + "Léa;2\r\n".encode("cp1252"))
        assert error.code == "mixed_encodings"
        assert str(error).startswith("Ligne 3\u00a0:")

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_line_ends(self, newline):
        table = csv_file(newline.join(["nom;note", "A;1", "B;2"]))
        assert [(row.number, row.cells) for row in table.rows] == [(2, ("A", "1")), (3, ("B", "2"))]

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_line_break_within_a_cell_keeps_the_numbers_of_the_lines(self, newline):
        table = csv_file(newline.join(["nom;note", '"un', 'deux";1', "B;2"]))
        assert [(row.number, row.cells) for row in table.rows] == [(2, ("un\ndeux", "1")), (4, ("B", "2"))]

    def test_doubled_quotation_mark(self):
        assert csv_file('nom;note\n"dit ""Jo""";1\n').rows[0].cells == ('dit "Jo"', "1")

    @pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
    def test_separator_line_of_excel_is_obeyed_and_not_counted(self, first):
        table = csv_file(f"{first}\r\na,b;c\r\n1;2\r\n")
        assert table.headers == ("a,b", "c")
        assert table.rows[0].number == 2

    def test_blank_lines_before_the_titles_keep_the_numbers(self):
        table = csv_file("\n;;\nnom;note\nA;1\n")
        assert table.headers == ("nom", "note")
        assert table.rows[0].number == 4
        assert table.blank_rows == 0

    def test_short_row_is_filled_up(self):
        assert csv_file("a;b;c\n1\n1;2\n").rows[0].cells == ("1", "", "")

    def test_cells_beyond_the_titles_are_kept_apart(self):
        row = csv_file("a;b\n1;2;;trop;\n3;4;;\n").rows
        assert (row[0].cells, row[0].extra) == (("1", "2"), ("", "trop"))
        assert (row[1].cells, row[1].extra) == (("3", "4"), ())

    def test_blank_rows_are_passed_over_and_counted(self):
        table = csv_file("a;b\n1;2\n\n ; \u00a0\n3;4\n;\n")
        assert [row.number for row in table.rows] == [2, 5]
        assert table.blank_rows == 3
        assert table.notes == ["3 lignes vides ont été ignorées."]

    def test_one_blank_row_is_said_in_the_singular(self):
        assert csv_file("a;b\n\n1;2\n").notes == ["1 ligne vide a été ignorée."]

    def test_spaces_around_a_value_go(self):
        assert csv_file("a ;\u00a0b\n\u00a0 x\u202f; y \n").rows[0].cells == ("x", "y")

    def test_open_file_is_read_from_its_beginning(self):
        stream = io.BytesIO(b"a;b\n1;2\n")
        stream.read()
        assert cells(read_file(name="x.csv", content=stream)) == [("1", "2")]

    def test_quotation_mark_never_closed_is_refused_with_its_line(self):
        error = refusal(b'a;b\n1;2\n3;"4\n5;6\n7;8\n')
        assert error.code == "open_quote"
        assert str(error).startswith("Ligne 3\u00a0:")

    def test_quotation_mark_open_on_the_last_line_is_refused(self):
        assert refusal(b'a;b\n1;2\n3;"4').code == "open_quote"

    def test_quotation_mark_closed_rows_later_by_another_cell_is_refused(self):
        error = refusal(b'a;b\n1;"2\n3;4\n5;"6"\n7;8\n')
        assert error.code == "open_quote"
        assert str(error).startswith("Ligne 2\u00a0:")

    def test_stray_quotation_mark_within_a_line_is_kept(self):
        assert cells(csv_file('a;b\ntube 12";1\n"Le Bon" Coin;2')) == [
            ('tube 12"', "1"),
            ("Le Bon Coin", "2"),
        ]

    @pytest.mark.parametrize("length", [32_768, 200_000])
    def test_endless_cell_is_refused_with_its_line(self, length):
        error = refusal(b"a;b\n1;2\n3;" + b"x" * length + b"\n")
        assert error.code == "cell_too_long"
        assert "Ligne 3\u00a0:" in str(error)
        assert "32\u00a0767" in str(error)

    def test_longest_cell_of_excel_is_fine(self):
        assert len(csv_file(f"a;b\n{'x' * 32_767};2\n").rows[0].cells[0]) == 32_767


class TestTitles:
    def test_same_title_twice_names_both_columns(self):
        error = refusal(b"Nom;note;NOM \n1;2;3\n")
        assert error.code == "duplicate_header"
        assert "Les colonnes A et C" in str(error)
        assert "«\u00a0NOM\u00a0»" in str(error)

    def test_filled_column_without_a_title_is_named(self):
        error = refusal(b"nom;;note\n1;;3\n1;2;3\n")
        assert error.code == "blank_header"
        assert "La colonne B" in str(error)
        assert "ligne 3" in str(error)

    def test_filled_column_under_a_blank_title_at_the_end_is_named(self):
        assert "La colonne C" in str(refusal(b"nom;note;;\n1;2;3;\n"))

    def test_blank_columns_at_the_end_are_dropped(self):
        table = csv_file("nom;note;;\n1;2;;\n")
        assert (table.headers, cells(table)) == (("nom", "note"), [("1", "2")])

    def test_blank_column_in_between_keeps_its_place(self):
        table = csv_file("nom;;note\n1;;3\n")
        assert (table.headers, cells(table)) == (("nom", "", "note"), [("1", "", "3")])

    def test_spaces_and_line_breaks_in_a_title_become_one_space(self):
        assert csv_file('"Date de\n début";b\n1;2\n').headers == ("Date de début", "b")


class TestWorkbook:
    def test_values_come_as_what_they_are(self):
        titles = [f"c{number}" for number in range(9)]
        values = [
            "\u00a0 Zoé \u00a0",
            97300,
            4.35,
            True,
            date(2026, 6, 10),
            datetime(2026, 6, 10, 8, 30),
            None,
            "deux\nlignes",
            0,
        ]
        table = read_file(name="x.xlsx", content=saved(book_of(titles, values)))
        expected = (
            "Zoé",
            97300,
            4.35,
            True,
            date(2026, 6, 10),
            datetime(2026, 6, 10, 8, 30),
            "",
            "deux\nlignes",
            0,
        )
        assert table.rows[0].cells == expected
        assert [type(value) for value in table.rows[0].cells] == [type(value) for value in expected]
        assert (table.format, table.sheet, table.encoding, table.delimiter) == ("xlsx", "Stages", None, None)

    def test_hours_and_durations(self):
        table = read_file(
            name="x.xlsx", content=saved(book_of(["heure", "durée"], [clock(8, 30), timedelta(hours=35)]))
        )
        assert table.rows[0].cells == (clock(8, 30), timedelta(hours=35))

    def test_row_of_zeros_is_not_blank(self):
        assert cells(read_file(name="x.xlsx", content=saved(book_of(["a", "b"], [0, False])))) == [(0, False)]

    def test_dates_of_old_macs_count_from_1904(self):
        book = book_of(["le"], [date(2026, 6, 10)])
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        assert cells(read_file(name="x.xlsx", content=saved(book))) == [(date(2026, 6, 10),)]

    @pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#SPILL!"])
    def test_excel_errors_come_as_text(self, error):
        row = f'<row r="2">{written("A", 2, "x")}<c r="B2" t="e"><v>{error}</v></c></row>'
        assert cells(read_file(name="x.xlsx", content=packed(TITLES, row))) == [("x", error)]

    def test_formula_gives_its_result(self):
        row = '<row r="2"><c r="A2"><f>20+1</f><v>21</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
        assert cells(read_file(name="x.xlsx", content=packed(TITLES, row))) == [(21, "")]

    def test_formula_never_computed_is_refused_with_its_cell(self):
        error = refusal(saved(book_of(["a", "b"], [1, "=A2*2"])))
        assert error.code == "formula_without_result"
        assert "La cellule B2" in str(error)

    def test_line_break_of_windows_in_a_cell(self):
        texts = f'<sst xmlns="{MAIN}"><si><t>un_x000D_&#10;deux</t></si></sst>'
        row = f'<row r="2"><c r="A2" t="s"><v>0</v></c>{written("B", 2, "x")}</row>'
        content = packed(TITLES, row, parts={"xl/sharedStrings.xml": texts})
        assert cells(read_file(name="x.xlsx", content=content)) == [("un\ndeux", "x")]

    def test_rows_keep_their_numbers(self):
        book = openpyxl.Workbook()
        for row, value in ((3, "nom"), (4, "A"), (9, "B")):
            book.active.cell(row, 2, value)
        book.active.cell(3, 1, "n°")
        table = read_file(name="x.xlsx", content=saved(book))
        assert [(row.number, row.cells) for row in table.rows] == [(4, ("", "A")), (9, ("", "B"))]
        assert table.blank_rows == 4
        assert table.notes == ["4 lignes vides ont été ignorées."]

    def test_blank_first_column_without_title_keeps_its_place(self):
        book = openpyxl.Workbook()
        book.active["B1"], book.active["B2"] = "nom", "A"
        table = read_file(name="x.xlsx", content=saved(book))
        assert (table.headers, cells(table)) == (("", "nom"), [("", "A")])

    def test_cell_right_of_the_titles_names_its_column(self):
        error = refusal(saved(book_of(["a", "b"], [1, 2], [1, 2, None, "à vérifier"])))
        assert error.code == "blank_header"
        assert "La colonne D" in str(error) and "ligne 3" in str(error)

    def test_formatted_cells_far_to_the_right_do_not_count(self):
        row = f'<row r="2">{written("A", 2, "x")}<c r="XFD2" s="0"/><c r="XFC2"></c></row>'
        assert cells(read_file(name="x.xlsx", content=packed(TITLES, row))) == [("x", "")]

    def test_first_filled_visible_sheet_is_read_and_the_others_are_mentioned(self):
        book = openpyxl.Workbook()
        book.active.title = "Vide"
        hidden = book.create_sheet("Listes")
        hidden.append(["cachée"])
        hidden.sheet_state = "hidden"
        for title in ("Stages 2026", "Anciens"):
            sheet = book.create_sheet(title)
            sheet.append(["nom"])
            sheet.append([title])
        table = read_file(name="x.xlsx", content=saved(book))
        assert table.sheet == "Stages 2026"
        assert cells(table) == [("Stages 2026",)]
        assert table.notes == [
            "Le classeur a 2 feuilles remplies\u00a0: seule «\u00a0Stages 2026\u00a0» a été lue."
        ]

    def test_formula_never_computed_in_another_sheet_does_no_harm(self):
        book = book_of(["nom"], ["A"])
        book.create_sheet("Calculs").append(["=1+1"])
        assert cells(read_file(name="x.xlsx", content=saved(book))) == [("A",)]

    def test_workbook_with_macros_is_read(self):
        content = packed(TITLES, DUPONT, parts={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macros"})
        assert cells(read_file(name="x.xlsm", content=content)) == [("Dupont", "Kourou")]

    def test_tags_with_a_prefix_and_cells_without_address(self):
        rows = (
            "<x:row><x:c t='inlineStr'><x:is><x:t>nom</x:t></x:is></x:c></x:row><x:row/>"
            "<x:row><x:c><x:v>5</x:v></x:c></x:row>"
        )
        sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
        table = read_file(name="x.xlsx", content=package(sheet).getvalue())
        assert [(row.number, row.cells) for row in table.rows] == [(3, (5,))]

    def test_page_breaks_after_the_rows_are_no_rows(self):
        sheet = sheet_of(TITLES, DUPONT).replace("</worksheet>", '<rowBreaks count="1"/></worksheet>')
        assert len(read_file(name="x.xlsx", content=package(sheet).getvalue()).rows) == 1

    def test_two_cells_at_far_corners_take_no_memory(self):
        row = '<row r="1048576"><c r="B1048576"><v>1</v></c></row>'
        table = read_file(name="x.xlsx", content=packed(TITLES, DUPONT, row))
        assert [row.number for row in table.rows] == [2, 1_048_576]
        assert table.notes == ["1\u00a0048\u00a0573 lignes vides ont été ignorées."]


class TestContentDecides:
    def test_workbook_called_csv(self):
        assert read_file(name="x.csv", content=saved(book_of(["a"], [1]))).format == "xlsx"

    def test_csv_called_xlsx(self):
        table = read_file(name="x.xlsx", content=b"a;b\n1;2\n")
        assert (table.format, cells(table)) == ("csv", [("1", "2")])

    @pytest.mark.parametrize(
        "content",
        [
            b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff" + bytes(range(256)) * 4,
            b"\x7fELF\x02\x01\x01\0" + bytes(64),
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
            b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(range(256)),
            bytes(range(1, 256)) * 10,
            b"nom;note\nA\0;1\n",
            codecs.BOM_UTF32_LE + "nom;note\nA;1\n".encode("utf-32-le"),
        ],
        ids=["exe", "elf", "png", "jpeg", "noise", "nul", "utf-32"],
    )
    def test_what_is_no_text_is_refused(self, content):
        error = refusal(content, name="stages.csv")
        assert error.code == "not_text"
        assert "n’est pas un fichier texte" in str(error)
        assert "«\u00a0stages.csv\u00a0»" in str(error)

    def test_pdf(self):
        assert refusal(b"%PDF-1.7\nBT (stages) ET\n").code == "pdf"

    @pytest.mark.parametrize("start", ["<html>", "<!DOCTYPE html>", "\n<table>", '<?xml version="1.0"?>'])
    def test_web_page_called_xls(self, start):
        assert refusal(f"{start}<tr><td>nom</td></tr>".encode(), name="export.xls").code == "markup"

    def test_old_excel(self):
        error = refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "Workbook".encode("utf-16-le"))
        assert error.code == "old_format"
        assert "enregistrez-le au format .xlsx ou CSV" in str(error)

    def test_password(self):
        content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")
        error = refusal(content, name="stages.xlsx")
        assert error.code == "password"
        assert "retirez le mot de passe" in str(error)

    @staticmethod
    def archive(**members: bytes) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, data in members.items():
                archive.writestr(name.replace("__", "/").replace("_", "."), data)
        return stream.getvalue()

    def test_libreoffice(self):
        content = self.archive(
            mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_xml=b"<x/>"
        )
        assert refusal(content).code == "ods"

    def test_binary_workbook(self):
        assert refusal(self.archive(xl__workbook_bin=b"x")).code == "xlsb"

    def test_archive_with_a_workbook_inside_says_to_unpack_it(self):
        error = refusal(self.archive(stages_xlsx=saved(book_of(["a"], [1]))), name="stages.zip")
        assert error.code == "not_workbook"
        assert "décompressez" in str(error)

    def test_empty_archive(self):
        assert refusal(self.archive()).code == "not_workbook"

    def test_name_is_shown_without_line_breaks_and_shortened(self):
        message = str(refusal(b"\0", name="a\nb" + "x" * 500 + ".csv"))
        assert "«\u00a0abx" in message and "….csv" not in message and "x.csv\u00a0»" in message
        assert len(message) < 400


class TestNothingToRead:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\n\n \r\n",
            b";;\n;;\n",
            b'"",""\n',
            b"sep=;\n",
            b"\xef\xbb\xbf\r\n\r\n",
        ],
    )
    def test_empty_file(self, content):
        assert refusal(content).code == "empty"

    def test_empty_workbook(self):
        assert refusal(saved(openpyxl.Workbook())).code == "empty"

    @pytest.mark.parametrize("content", [b"nom;note\n", b"nom;note\n;\n\n", b"nom"])
    def test_titles_only(self, content):
        error = refusal(content)
        assert error.code == "no_rows"
        assert "ligne de titres" in str(error)

    def test_titles_only_in_a_workbook(self):
        assert refusal(saved(book_of(["a", "b"], [None, "  "]))).code == "no_rows"


class TestReadAsAskedFor:
    """A file of 500,000 rows is never held whole; what is wrong further down is said where it is reached."""

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_rows_come_one_after_the_other_and_the_notes_with_the_last(self, kind):
        lines = [["a", "b"], *([number, "é"] for number in range(1, 8))]
        if kind == "csv":
            content = "\n".join(";".join(map(str, line)) for line in [*lines, ["", ""]]).encode()
        else:
            content = saved(book_of(*lines[:4], [None, None], *lines[4:]))
        with open_file(name=f"x.{kind}", content=io.BytesIO(content)) as table:
            assert table.headers == ("a", "b") and table.notes == []
            rows = iter(table.rows)
            assert str(next(rows).cells[0]) == "1"
            assert len(list(rows)) == 6
            assert table.blank_rows == 1 and table.notes == ["1 ligne vide a été ignorée."]

    def test_a_bad_line_far_down_is_said_when_it_is_reached(self):
        content = b"a;b\n" + b"1;2\n" * 40 + b'3;"never closed\n'
        with open_file(name="x.csv", content=content) as table:
            rows = iter(table.rows)
            assert [next(rows).number for _ in range(40)] == list(range(2, 42))
            with pytest.raises(UnreadableFile) as caught:
                next(rows)
        assert caught.value.code == "open_quote" and "Ligne 42" in str(caught.value)

    def test_a_workbook_read_in_parts_is_the_workbook_read_at_once(self, monkeypatch):
        content = saved(
            book_of(["Nom", "Jour"], *([f"Texte {n % 7}", date(2027, 1, 1 + n % 28)] for n in range(90)))
        )
        whole = read_file(name="x.xlsx", content=content)
        monkeypatch.setattr(workbook_module, "PART_CELLS", 20)
        assert read_file(name="x.xlsx", content=content).rows == whole.rows
        assert [row.number for row in whole.rows] == list(range(2, 92))

    @pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
    def test_letters_and_lines_cut_by_a_part_are_whole(self, monkeypatch, ends):
        monkeypatch.setattr(text_module, "PART_CHARACTERS", 31)
        monkeypatch.setattr(text_module, "CHUNK_BYTES", 3)
        lines = ["Élève;Ville", *(f"Zoé{n};Rémire" for n in range(30))]
        rows = read_file(name="x.csv", content=ends.join(lines).encode()).rows
        assert [row.cells for row in rows] == [(f"Zoé{n}", "Rémire") for n in range(30)]
        assert refusal(ends.join([*lines, "DÃ©but;x"]).encode()).code == "broken_letters"
        mixed = ends.join(lines).encode() + "é;é".encode("cp1252")
        assert "Ligne 31" in str(refusal(mixed))


class TestTooMuch:
    def test_rows_over_the_limit(self):
        content = b"a;b\n" + b"1;2\n" * 11
        error = refusal(content, max_rows=10)
        assert error.code == "too_many_rows"
        assert "plus de 10 lignes" in str(error) and "Découpez" in str(error)

    def test_rows_at_the_limit_blank_ones_not_counted(self):
        assert len(csv_file("a;b\n" + "1;2\n;\n" * 10, max_rows=10).rows) == 10

    @pytest.mark.parametrize("count", [51, 2_000])
    def test_rows_over_the_limit_in_a_workbook(self, count):
        content = saved(book_of(["a"], *([1],) * count))
        assert refusal(content, max_rows=50).code == "too_many_rows"

    def test_rows_at_the_limit_in_a_workbook_with_rows_of_spaces(self):
        content = saved(book_of(["a"], *(["x"], [" "]) * 50))
        assert len(read_file(name="x.xlsx", content=content, max_rows=50).rows) == 50

    def test_limit_is_written_the_french_way(self):
        error = refusal(b"a;b\n" + b"1;2\n" * (MAX_ROWS + 1))
        assert "500\u00a0000 lignes" in str(error)

    def test_columns(self):
        titles = ";".join(f"c{number}" for number in range(201))
        assert refusal(f"{titles}\n1\n".encode()).code == "too_many_columns"
        assert refusal(b"a;b\n" + b"1;" * 300 + b"\n").code == "too_many_columns"
        assert (
            refusal(saved(book_of([f"c{number}" for number in range(201)], [1]))).code == "too_many_columns"
        )

    def test_two_hundred_columns_are_fine(self):
        titles = [f"c{number}" for number in range(200)]
        assert len(csv_file(";".join(titles) + ";" * 50 + "\n1\n").headers) == 200
        assert len(read_file(name="x", content=saved(book_of(titles, [1]))).headers) == 200

    def test_endless_cell_in_a_workbook(self):
        row = f'<row r="2">{written("A", 2, "x" * 32_768)}</row>'
        assert "Ligne 2\u00a0:" in str(refusal(packed(TITLES, row)))

    def test_file_over_100_mb(self):
        error = refusal(b"a;b\n" + b" " * MAX_FILE_BYTES)
        assert error.code == "too_big"
        assert "100\u00a0Mo" in str(error)

    def test_large_rectangle(self, monkeypatch):
        monkeypatch.setattr(workbook_module, "MAX_CELLS", 10)
        assert refusal(saved(book_of(["a", "b"], *([1, 2],) * 5))).code == "too_many_cells"

    def test_texts_longer_in_all_than_a_csv_may_be(self, monkeypatch):
        monkeypatch.setattr(workbook_module, "MAX_TEXT_CHARACTERS", 100)
        rows = [["nom", "commune"], *(["Dupont", "Kourou"],) * 8]
        error = refusal(saved(book_of(*rows)))
        assert error.code == "too_many_cells"
        assert "des textes très longs" in str(error)
        assert len(read_file(name="x", content=saved(book_of(*rows[:-1]))).rows) == 7

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
    def test_line_without_end(self, encoding):
        """It is refused before it is taken apart: its cells would fill the memory."""
        start = "nom;commune\nZoé;Kourou\nLéa;"
        filled = start + "é;" * 600_000
        assert refusal(filled.encode(encoding)).code == "too_many_columns"
        error = refusal((start + "é" * 1_200_000).encode(encoding))
        assert error.code == "cell_too_long" and "Ligne 3\u00a0:" in str(error)

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
    def test_row_whose_quoted_cells_hold_line_breaks_without_end(self, encoding):
        start = "nom;commune\nZoé;Kourou\n"
        cells_of_one_line = start + "Léa" + ';"\n"' * 300_000
        assert refusal(cells_of_one_line.encode(encoding)).code == "too_many_columns"
        error = refusal((start + 'Léa;"' + "élève\n" * 30_000 + '"\n').encode(encoding))
        assert error.code == "cell_too_long" and "Ligne 3\u00a0:" in str(error)
        # As many line breaks as one cell may hold are read, and the row below has the number of its line.
        sound = start + 'Léa;"é' + "\n" * 30_000 + 'é"\nIda;Cacao\n'
        last, below = csv_file(sound, encoding).rows[1:]
        assert len(last.cells[1]) == 30_002 and (last.number, below.number) == (3, 30_004)

    def test_long_rows_below_each_other_are_no_row_without_end(self):
        long = ";".join(["x" * 30_000] * 20)
        titles = ";".join(f"c{number}" for number in range(20))
        assert len(csv_file(f"{titles}\n{long}\n{long}\n{long}").rows) == 3

    def test_what_is_refused_takes_no_memory(self, tmp_path):
        path = tmp_path / "stages.csv"
        path.write_text("nom;b\n1;2\n" + "ab;" * 30_000_000)
        measured = measure(path)
        assert measured["refused"] == "too_many_columns"
        assert measured["megabytes"] < 150


def shared(*texts: str) -> dict:
    """The part with the texts that cells refer to by number."""
    return {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(texts)}</sst>'}


LONG_TEXT = f"<si><t>{'x' * 32_000}</t></si>"


class TestTextsThatCellsShare:
    """A workbook writes a text once, however many cells show it."""

    def test_each_cell_has_its_own(self):
        texts = shared(
            "<si><t>Dupont</t></si>",
            "<si/>",
            "<si><r><t>Kou</t></r><r><t>rou</t></r></si>",
            "<si><t>L&amp;M\x0b</t></si>",
            LONG_TEXT,
        )
        rows = [
            '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>2</v></c></row>',
            '<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3" t="s"><v>1</v></c></row>',
            '<row r="4"><c r="A4" t="s">\n<v>4</v>\n</c></row>',
        ]
        assert cells(read_file(name="x", content=packed(TITLES, *rows, parts=texts))) == [
            ("Dupont", "Kourou"),
            ("L&M", ""),
            ("x" * 32_000, ""),
        ]

    @pytest.mark.parametrize(
        "value",
        ["<v>1</v>", "<v>0</v><v>1</v>", '<v a=">0</v></">1</v>', "<f>A1</f><v>1</v>"],
        ids=["plain", "another before", "another in an attribute", "formula before"],
    )
    def test_one_text_shown_by_thousands_of_cells_is_refused_in_no_memory(self, tmp_path, value):
        """35 kB of file stood for two gigabytes of text, in the process that answers the page."""
        titles = "".join(written(column, 1, f"titre {column}") for column in "ABCDEFGHIJ")
        row = f'<c t="s">{value}</c>' * 10
        rows = (f'<row r="{number}">{row}</row>' for number in range(2, 2_003))
        path = tmp_path / "stages.xlsx"
        parts = shared("<si><t>a</t></si>", LONG_TEXT)
        package(sheet_of(f'<row r="1">{titles}</row>', *rows), parts=parts, target=path)
        assert path.stat().st_size < 35_000
        measured = measure(path)
        assert measured["refused"] == "too_many_cells"
        # As many rows as are read until then are held here.
        assert measured["megabytes"] < 300

    def test_row_that_shows_gigabytes(self):
        endless = f"<si><t>{'x' * 10_000_000}</t></si>"
        row = '<row r="2">' + '<c t="s"><v>0</v></c>' * 2 + "</row>"
        assert refusal(packed(TITLES, row, parts=shared(endless))).code == "too_many_cells"

    @pytest.mark.parametrize(
        "texts",
        [("<si/>",) * 9, ("<si><t>x</t><si><t>y</t></si></si>",)],
        ids=["millions of blank texts", "text within a text"],
    )
    def test_texts_that_no_program_writes(self, monkeypatch, texts):
        monkeypatch.setattr(workbook_module, "MAX_TEXTS", 8)
        assert refusal(packed(TITLES, DUPONT, parts=shared(*texts))).code == "damaged"

    def test_character_that_no_database_keeps_is_left_out(self):
        """A workbook can hold it, and hides it from whoever opens it."""
        row = f'<row r="2">{written("A", 2, "beau_x0000_coup")}<c r="B2" t="s"><v>0</v></c></row>'
        content = packed(TITLES, row, parts=shared("<si><t>_x0000_ Kourou</t></si>"))
        assert cells(read_file(name="x", content=content)) == [("beaucoup", "Kourou")]


class TestHostileWorkbooks:
    def test_sheet_that_unpacks_to_half_a_gigabyte(self):
        pieces = chain(["<worksheet><sheetData>"], (b" " * 1024 * 1024 for _ in range(401)))
        assert refusal(package(pieces).getvalue()).code == "zip_bomb"

    def test_other_part_that_unpacks_to_too_much(self):
        content = packed(TITLES, DUPONT, parts={"xl/media/image1.png": bytes(65 * 1024 * 1024)})
        assert refusal(content).code == "zip_bomb"

    def test_sheet_that_understates_its_size(self):
        content = package(chain([sheet_of(TITLES, DUPONT)], [b" " * 5_000_000])).getvalue()
        size = len(sheet_of(TITLES, DUPONT).encode()) + 5_000_000
        lied = content.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
        assert lied != content
        assert refusal(lied).code == "damaged"

    def test_thousands_of_parts(self):
        content = packed(TITLES, DUPONT, parts={f"xl/part{number}": b"" for number in range(2_001)})
        assert refusal(content).code == "zip_bomb"

    def test_parts_that_share_their_bytes(self):
        stream = package(sheet_of(TITLES, DUPONT))
        with zipfile.ZipFile(stream, "a") as archive:
            archive.writestr("xl/a.xml", b"x" * 1_000)
            archive.writestr("xl/b.xml", b"x" * 1_000)
            archive.getinfo("xl/b.xml").header_offset = archive.getinfo("xl/a.xml").header_offset
        assert refusal(stream.getvalue()).code == "damaged"

    @pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
    def test_document_type_and_entities(self, part):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        texts = {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>x</t></si></sst>'}
        content = packed(TITLES, DUPONT, parts=texts)
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
            for name in old.namelist():
                new.writestr(name, bomb.encode() + old.read(name) if name == part else old.read(name))
        assert refusal(stream.getvalue()).code == "damaged"

    @pytest.mark.parametrize(
        "cell",
        [
            '<c r="A2" t="str"><v>Dupont &who; fils</v></c>',
            '<c r="A2" t="str"><v><![CDATA[Dupont]]></v></c>',
            '<c r="A2"><!-- <v>1</v> --></c>',
            '<c r="A2" t="s"><v>7</v></c>',
            '<c r="A2" t="b"><v>7</v></c>',
            '<c x="<" r="XFD1048576"><v>1</v></c>',
        ],
        ids=["entity", "cdata", "comment", "no such text", "no boolean", "broken tag"],
    )
    def test_cell_that_could_be_misread_is_refused(self, cell):
        assert refusal(packed(TITLES, f'<row r="2">{cell}</row>')).code == "damaged"

    @pytest.mark.parametrize(
        "cell",
        [
            '<c r="XFD1048576"><v>1</v></c>',
            "<c\n r = 'XFD1048576' ><v>1</v></c>",
            '<x:c r="XFD1048576"><v>1</v></x:c>',
            '<v a="<c r=\'XFD1048576\'>"><c r="A2"><v>1</v></c>',
        ],
    )
    def test_value_in_the_last_column_of_all(self, cell):
        assert refusal(packed(TITLES, f'<row r="2">{cell}</row>')).code == "too_many_columns"

    @pytest.mark.parametrize("address", ['x=">" r="XFD1048576"', 'r="A2" r="XFD1048576"', 'r="A1048576"'])
    def test_address_that_contradicts_itself_has_no_effect(self, address):
        row = f'<row r="2"><c {address}><v>1</v></c></row>'
        assert cells(read_file(name="x", content=packed(TITLES, row))) == [(1, "")]

    @pytest.mark.parametrize(
        "rows",
        [
            ('<row r="9"><c r="A9"><v>1</v></c></row>', '<row r="5"><c r="A5"><v>1</v></c></row>'),
            ('<row r="1048577"><c r="A1"><v>1</v></c></row>',),
            ('<row r="2"><c r="A2"><v>1</v></c>',),
        ],
        ids=["backwards", "beyond the last", "not closed"],
    )
    def test_rows_in_disorder(self, rows):
        assert refusal(packed(TITLES, *rows)).code == "damaged"

    @pytest.mark.parametrize(
        "sheet",
        [
            "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row>",
            sheet_of(TITLES, DUPONT).encode("utf-16"),
            '<?xml version="1.0" encoding="ISO-8859-1"?>' + sheet_of(TITLES, DUPONT),
            "<worksheet/>",
        ],
        ids=["cut short", "utf-16", "latin-1", "no rows part"],
    )
    def test_sheet_that_is_no_sheet(self, sheet):
        assert refusal(package(sheet).getvalue()).code == "damaged"

    @pytest.mark.parametrize("count", ["99999999999999", "+99999999999999", "&#57;9999999999999"])
    @pytest.mark.parametrize("part", ["sharedStrings", "styles"])
    def test_announcing_billions_of_texts_does_not_end_the_process(self, part, count):
        xml = {
            "sharedStrings": f'<sst count="{count}" uniqueCount="{count}"><si><t>a</t></si></sst>',
            "styles": f'<styleSheet><cellXfs count="{count}"><xf numFmtId="0"/></cellXfs></styleSheet>',
        }
        content = packed(TITLES, DUPONT, parts={f"xl/{part}.xml": xml[part]})
        assert refusal(content).code == "damaged"

    def test_archive_with_a_password(self):
        content = bytearray(packed(TITLES, DUPONT))
        start = 0
        while (start := content.find(b"PK\x01\x02", start)) >= 0:
            content[start + 8] |= 1
            start += 4
        assert refusal(bytes(content)).code == "damaged"

    def test_cut_workbook(self):
        content = saved(book_of(["a", "b"], *([1, 2],) * 100))
        for share in (0.01, 0.3, 0.6, 0.9, 0.99):
            error = refusal(content[: int(len(content) * share)], name="stages.xlsx")
            assert error.code in ("damaged", "not_text")
            assert "«\u00a0stages.xlsx\u00a0»" in str(error)


class TestPasted:
    def test_cells_from_a_spreadsheet(self):
        table = read_pasted('nom\tnote\r\nDupont, Léa\t"deux\nlignes"\r\n\r\nZoé\t\r\n')
        assert (table.format, table.delimiter, table.encoding) == ("paste", "\t", None)
        assert [(row.number, row.cells) for row in table.rows] == [
            (2, ("Dupont, Léa", "deux\nlignes")),
            (5, ("Zoé", "")),
        ]

    def test_csv_text(self):
        assert cells(read_pasted("\ufeffnom;note\nA;1")) == [("A", "1")]

    @pytest.mark.parametrize(
        ("text", "code"),
        [("", "empty"), (" \n\t\n", "empty"), ("a\tb", "no_rows"), ("a\tA\n1\t2", "duplicate_header")],
    )
    def test_refusals(self, text, code):
        with pytest.raises(UnreadableFile) as caught:
            read_pasted(text)
        assert caught.value.code == code

    def test_what_is_no_text(self):
        with pytest.raises(UnreadableFile, match="n’est pas du texte"):
            read_pasted("a\tb\n\0\t1")

    def test_too_many_rows(self):
        with pytest.raises(UnreadableFile, match="plus de 2 lignes"):
            read_pasted("a\n1\n2\n3\n", max_rows=2)

    def test_too_long(self):
        with pytest.raises(UnreadableFile) as caught:
            read_pasted("a" * (MAX_FILE_BYTES + 1))
        assert caught.value.code == "too_big"


FILLED = 6_869
LAST = 768_000


def huge_sheet(filled: set[int], *, styled: bool):
    """The XML of a sheet formatted down to row 768 000, filled in the given rows."""
    columns = "ABCDEFGHIJ"
    yield f'<worksheet xmlns="{MAIN}"><dimension ref="A1:J{LAST}"/><sheetData><row r="1" spans="1:10">'
    yield from (written(column, 1, f"titre {column}") for column in columns)
    yield "</row>"
    blank = "".join(f'<c r="{column}%d" s="1"/>' for column in columns)
    value = "".join(f'<c r="{column}%d" s="1"><v>7</v></c>' for column in columns)
    for first in range(2, LAST + 1, 2_000):
        block = []
        for number in range(first, min(first + 2_000, LAST + 1)):
            if number in filled:
                block.append(f'<row r="{number}" spans="1:10">{value % ((number,) * 10)}</row>')
            elif styled:
                block.append(f'<row r="{number}" spans="1:10">{blank % ((number,) * 10)}</row>')
        yield "".join(block)
    yield "</sheetData></worksheet>"


# In a process of its own: the peak of this one says nothing about one file.
MEASURE = """
import json, pathlib, re, sys, time
from django.conf import settings
settings.configure(USE_I18N=False)
from backoffice.base.imports.reading import UnreadableFile, read_file
start = time.process_time()
table = refused = None
with open(sys.argv[1], "rb") as stream:
    try:
        table = read_file(name="stages.xlsx", content=stream)
    except UnreadableFile as error:
        refused = error.code
# Of this program alone: ru_maxrss begins with the size of the process that started it.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())
print(json.dumps({
    "seconds": time.process_time() - start,
    "megabytes": int(peak[1]) / 1024,
    "refused": refused,
} | ({} if refused else {
    "rows": len(table.rows), "last": table.rows[-1].number, "cells": table.rows[-1].cells,
    "blank_rows": table.blank_rows, "notes": table.notes,
})))
"""


def measure(path) -> dict:
    """What reading a file takes in a process of its own, and what it gives."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, cwd=ROOT, check=True, timeout=180
    )
    return json.loads(done.stdout)


class TestSheetFormattedToTheBottom:
    """768 000 rows, of which 6 869 hold something."""

    @pytest.mark.parametrize(
        ("filled", "styled", "blank_rows"),
        [
            (set(range(2, FILLED + 2)), True, LAST - 1 - FILLED),
            ({LAST - 111 * step for step in range(FILLED)}, True, LAST - 1 - FILLED),
            ({LAST - 111 * step for step in range(FILLED)}, False, LAST - 1 - FILLED),
            (set(range(2, FILLED + 2)), False, 0),
        ],
        ids=["at the top", "scattered", "scattered, others absent", "dimension only"],
    )
    def test_only_the_filled_rows_cost(self, tmp_path, filled, styled, blank_rows):
        path = tmp_path / "stages.xlsx"
        package(huge_sheet(filled, styled=styled), target=path)
        measured = measure(path)
        assert measured["rows"] == FILLED
        assert measured["last"] == max(filled)
        assert measured["cells"] == [7] * 10
        assert measured["blank_rows"] == blank_rows
        said = [f"{blank_rows:,} lignes vides ont été ignorées."] if blank_rows else []
        assert measured["notes"] == said
        assert measured["seconds"] < 15
        assert measured["megabytes"] < 300


def quickest(action):
    """The seconds of the processor that the quickest of three takes; other work weighs little in them."""
    found = math.inf
    for _attempt in range(3):
        start = time.process_time()
        action()
        found = min(found, time.process_time() - start)
    return found


class TestSpeed:
    """Generous bounds, beside the plain reader of the same file: they catch a step that looks at each row
    again and again, or dearly.
    """

    def test_fifty_thousand_csv_rows(self):
        row = ";".join(["Dupont", "Zoé", "2026-06-10", "97300", "Cayenne", "0694000000", *"abcdef"])
        text = "\n".join([";".join(f"c{n}" for n in range(12)), *[row] * 50_000])
        content = text.encode("cp1252")
        assert len(read_file(name="x.csv", content=content).rows) == 50_000
        plain = quickest(lambda: list(csv.reader(io.StringIO(text), delimiter=";")))
        assert quickest(lambda: read_file(name="x.csv", content=content)) < 25 * plain

    def test_ten_thousand_workbook_rows(self):
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Stages")
        sheet.append([f"c{number}" for number in range(12)])
        for number in range(10_000):
            sheet.append(["Dupont", "Zoé", date(2026, 6, 10), 97300, f"n° {number}", 4.35, *range(6)])
        content = saved(book)
        assert len(read_file(name="x.xlsx", content=content).rows) == 10_000
        plain = quickest(
            lambda: list(openpyxl.load_workbook(io.BytesIO(content), read_only=True)["Stages"].values)
        )
        assert quickest(lambda: read_file(name="x.xlsx", content=content)) < plain


def answers(content: bytes, name: str = "x") -> None:
    """Reads the content, or refuses it with a sentence and a code; any other exception fails the test."""
    try:
        table = read_file(name=name, content=content)
    except UnreadableFile as error:
        assert str(error).endswith(".")
        assert error.code.replace("_", "").isalpha()
    else:
        assert table.rows
        assert all(len(row.cells) == len(table.headers) for row in table.rows)


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORKBOOK = packed(TITLES, DUPONT, parts={"xl/sharedStrings.xml": "<sst><si><t>x</t></si></sst>"})


class TestNothingElseEverEscapes:
    @QUICK
    @given(
        st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"a;b\n"])
    )
    def test_random_bytes(self, content, start):
        answers(start + content)

    @QUICK
    @given(st.text(alphabet='ab é";,\t\n\r\x0b\x85\u2028=', max_size=60))
    def test_random_tables(self, text):
        answers(text.encode())
        answers(text.encode("cp1252", "replace"))
        answers(text.encode("utf-16"))

    @QUICK
    @given(st.text(max_size=60))
    def test_random_pasted_text(self, text):
        try:
            assert read_pasted(text).rows
        except UnreadableFile as error:
            assert str(error)

    @QUICK
    @given(st.data())
    def test_damaged_archive(self, data):
        content = bytearray(WORKBOOK)
        for _ in range(data.draw(st.integers(1, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        answers(bytes(content[: data.draw(st.integers(1, len(content)))]))
        answers(bytes(content))

    @QUICK
    @given(st.integers(0, 2**32))
    def test_damaged_xml(self, seed):
        chance = random.Random(seed)
        with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        victim = chance.choice(list(parts))
        xml = parts[victim]
        pieces = [
            b"<",
            b">",
            b'"',
            b"&",
            b"</row>",
            b"<row>",
            b"\xff",
            b"\0",
            b'<c r="XFD1048576"><v>1</v></c>',
        ]
        for _ in range(chance.randint(1, 3)):
            at = chance.randint(0, len(xml))
            xml = xml[:at] + chance.choice(pieces) + xml[at + chance.randint(0, 10) :]
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, xml if name == victim else part)
        answers(stream.getvalue())

    @QUICK
    @given(
        st.lists(
            st.lists(st.text(alphabet='xyzé ;,"\n\t', max_size=6), min_size=3, max_size=3),
            min_size=1,
            max_size=8,
        )
    )
    def test_what_a_workbook_holds_is_what_is_read(self, rows):
        filled = [tuple(cell.strip() for cell in row) for row in rows]
        filled = [row for row in filled if any(row)]
        content = saved(book_of(["a", "b", "c"], *rows))
        try:
            assert cells(read_file(name="x.xlsx", content=content)) == filled
        except UnreadableFile as error:
            assert error.code == "no_rows" and not filled


class TestWhatLooksWrong:
    @pytest.mark.parametrize("broken", ["Ã©lève", "lâ€™école", "Ã‰tat", "élève \ufffd"])
    def test_broken_accents_are_refused_with_their_line(self, broken):
        error = refusal(f"nom;note\nDupont;1\n{broken};2\n".encode())
        assert error.code == "broken_letters"
        assert "Ligne 3" in str(error)
        assert "CSV UTF-8" in str(error)

    def test_sound_accents_of_other_languages_pass(self):
        table = csv_file("nom;note\nJoão Ávila;1\nÃO;2\n")
        assert cells(table) == [("João Ávila", "1"), ("ÃO", "2")]

    def test_bars_between_columns_are_refused_in_words(self):
        error = refusal("nom|note\nDupont|1\nLéa|2\n".encode())
        assert error.code == "bars"
        assert ".xlsx" in str(error)

    def test_bars_within_the_cells_of_one_column_are_a_list(self):
        assert cells(csv_file("filières\nBTS MCO | BTS GPME\nCAP\n")) == [("BTS MCO | BTS GPME",), ("CAP",)]
