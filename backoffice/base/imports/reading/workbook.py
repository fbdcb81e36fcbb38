"""Excel workbooks: what is in the package, which sheet to read, and its cells as Python values.

python-calamine reads the cells, but never the package that was sent: it gets a new one with a single sheet,
cleared of blank rows, and the texts and styles that belong to it.
"""

import io
import logging
import posixpath
import zipfile
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from itertools import islice
from typing import BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from python_calamine import CalamineWorkbook

from .errors import UnreadableFile
from .limits import (
    CHUNK_BYTES,
    MAX_CELL_CHARACTERS,
    MAX_CELLS,
    MAX_MEMBERS,
    MAX_OTHER_BYTES,
    MAX_ROW_BYTES,
    MAX_SHEET_BYTES,
    MAX_TEXT_CHARACTERS,
    MAX_TEXTS,
    PART_BYTES,
    PART_CELLS,
)
from .table import (
    TITLES_WITHIN,
    Score,
    Table,
    build_table,
    cell_too_long,
    figure,
    is_blank,
    nothing_written,
    row_of_titles,
    too_many_rows,
)
from .worksheet import SHARED_TEXT, Cells, Damaged, FormulaWithoutResult, Worksheet, check_companion

logger = logging.getLogger(__name__)

DIRECTORY_ENTRY = b"PK\x01\x02"
LOCAL_HEADER_BYTES = 30
ENCRYPTED_FLAG = 1
# Excel writes no other compression, and others may ask for a lot of memory.
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

# A workbook that people send has a few sheets; the titles of these are compared.
SHEETS_COMPARED = 8

# Control characters that no XML may hold.
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))

SHEET_FOLDER = "xl/worksheets/"
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class Sheet:
    """A worksheet: the name on its tab, and where it is in the archive."""

    name: str
    part: zipfile.ZipInfo


@contextmanager
def open_workbook(file: BinaryIO, *, name: str, max_rows: int, score: Score | None = None) -> Iterator[Table]:
    """The table of an Excel workbook (.xlsx or .xlsm), read as its rows are asked for.

    Raises `UnreadableFile`, then or now.
    """
    with ExitStack() as stack:
        with _guarded(name):
            _refuse_endless_directory(file, name)
            archive = stack.enter_context(zipfile.ZipFile(file))
            package = Package(archive, name)
            package.check()
            filled = [sheet for sheet in package.sheets() if _holds_something(archive, sheet)]
            if not filled:
                raise nothing_written()
            sheet = _Sheet(_best_sheet(filled, package, max_rows, score), package, max_rows)
        notes = []
        if len(filled) > 1:
            message = ngettext(
                "Le classeur a %(count)s feuille remplie\u00a0: seule «\u00a0%(sheet)s\u00a0» a été lue.",
                "Le classeur a %(count)s feuilles remplies\u00a0: seule «\u00a0%(sheet)s\u00a0» a été lue.",
                len(filled),
            )
            notes.append(message % {"count": figure(len(filled)), "sheet": sheet.name})
        yield build_table(
            sheet.records(),
            max_rows=max_rows,
            score=score,
            open_ended=True,
            last_row=lambda: sheet.last_row,
            notes=notes,
            format="xlsx",
            sheet=sheet.name,
        )


@contextmanager
def _guarded(name: str) -> Iterator[None]:
    """`UnreadableFile` for whatever may go wrong in the reading of a package."""
    try:
        yield
        return
    except (UnreadableFile, GeneratorExit):
        raise
    except FormulaWithoutResult as formula:
        message = _(
            "La cellule %(cell)s contient une formule dont le résultat n’est pas enregistré dans le fichier. "
            "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le, puis envoyez-le de nouveau."
        )
        raise UnreadableFile(message % {"cell": formula}, "formula_without_result") from None
    except Exception as error:
        # A broken package can fail anywhere in zipfile, zlib, expat or calamine: one answer for all.
        logger.warning("Workbook cannot be read: %r", error)
    except BaseException as error:
        # A crash inside calamine arrives as a PanicException, which is no Exception and cannot be imported.
        if type(error).__module__ != "pyo3_runtime":
            raise
        logger.warning("Workbook cannot be read: %r", error)
    message = _(
        "Le classeur «\u00a0%(name)s\u00a0» est abîmé ou incomplet. Ouvrez-le dans Excel ou LibreOffice, "
        "enregistrez-le de nouveau au format .xlsx, puis envoyez ce nouveau fichier."
    )
    raise UnreadableFile(message % {"name": name}, "damaged")


def _refuse_endless_directory(file: BinaryIO, name: str) -> None:
    """Refuse a package with more parts than a workbook has, before its directory is read into memory."""
    file.seek(0)
    entries, end = 0, b""
    while part := file.read(CHUNK_BYTES):
        entries += (end + part).count(DIRECTORY_ENTRY)
        end = part[1 - len(DIRECTORY_ENTRY) :]
    if entries > MAX_MEMBERS:
        raise _bomb(name)
    file.seek(0)


def _best_sheet(filled: list[Sheet], package: "Package", max_rows: int, score: Score | None) -> Sheet:
    """The sheet whose titles are known best; the first one when they are known equally well."""
    if score is None or len(filled) == 1:
        return filled[0]
    return max(filled[:SHEETS_COMPARED], key=lambda sheet: _known_titles(sheet, package, max_rows, score))


def _known_titles(sheet: Sheet, package: "Package", max_rows: int, score: Score) -> int:
    try:
        records = _Sheet(sheet, package, max_rows).records(rows_wanted=2 * TITLES_WITHIN)
        first = [cells for _number, cells in records if not is_blank(cells)]
    except UnreadableFile:
        # What is wrong with a sheet matters only if it is the one to be read.
        return 0
    return score(first[row_of_titles(first, score)]) if first else 0


class _Sheet:
    """A sheet on its way through calamine, which lays out all that it is given: some rows at a time."""

    def __init__(self, sheet: Sheet, package: "Package", max_rows: int):
        self.sheet = sheet
        self.package = package
        self.max_rows = max_rows
        self.last_row = 0

    @property
    def name(self) -> str:
        return self.sheet.name

    def records(self, rows_wanted: int | None = None) -> Iterator[tuple[int, tuple]]:
        """The filled rows, each its number and its values; `last_row` is known after the last one."""
        parts = self._parts(rows_wanted)
        characters = 0
        while True:
            with _guarded(self.package.name):
                part = next(parts, None)
                if part is None:
                    return
                numbers, small_package = part
                values = _cells(small_package)
            # calamine leaves out rows at the end in which it finds nothing.
            for number, row in zip(numbers, values, strict=False):
                characters += sum([len(value) for value in row if type(value) is str])
                if characters > MAX_TEXT_CHARACTERS:
                    raise _too_many_cells()
                yield number, tuple([_plain(value, number) for value in row])

    def _parts(self, rows_wanted: int | None) -> Iterator[tuple[list[int], io.BytesIO]]:
        sizes = self.package.text_sizes
        with self.package.archive.open(self.sheet.part) as stream:
            worksheet = Worksheet(stream)
            cells = Cells(worksheet.prefix)
            filled = self._filled(worksheet, cells)
            if rows_wanted is not None:
                filled = islice(filled, rows_wanted)
            numbers, rows, size = [], [], 0
            for number, xml in filled:
                numbers.append(number)
                rows.append(cells.moved_to(xml, len(numbers)))
                size += len(rows[-1]) + _referred_to(rows[-1], sizes)
                if size > PART_BYTES or len(numbers) * cells.width > PART_CELLS:
                    yield numbers, _small_package(rows, self.package)
                    numbers, rows, size = [], [], 0
            if numbers:
                yield numbers, _small_package(rows, self.package)
            self.last_row = worksheet.last_row

    def _filled(self, worksheet: Worksheet, cells: Cells) -> Iterator[tuple[int, bytes]]:
        # A row whose cells hold nothing but spaces counts as filled here and is found blank later. Beyond
        # this number it is not worth finding out.
        enough = 2 * self.max_rows + 1_000
        found = 0
        for number, xml in worksheet:
            cells.check(number, xml)
            if not cells.hold_something(xml):
                continue
            found += 1
            if found > enough:
                raise too_many_rows(self.max_rows)
            if found * cells.width > MAX_CELLS:
                raise _too_many_cells()
            yield number, xml


def _referred_to(row: bytes, sizes: array) -> int:
    """How many characters a row shows of the texts that cells share. Raises `UnreadableFile`."""
    # The last size, that of the longest, stands for a text which only the spreadsheet reader finds.
    size = sum([sizes[int(index or -1)] for index in SHARED_TEXT.findall(row)])
    if size > MAX_ROW_BYTES:
        raise _too_many_cells()
    return size


def _cells(small_package: io.BytesIO) -> list[list]:
    with CalamineWorkbook.from_filelike(small_package) as workbook:
        return workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)


# --- the package that was sent --------------------------------------------------------------------------


class Package:
    """A zip archive that says it is a workbook. `name` is the file's name, for messages."""

    def __init__(self, archive: zipfile.ZipFile, name: str):
        self.archive = archive
        self.name = name
        self.members = archive.infolist()
        # Some programs write backslashes or other capitals than the references to the parts have.
        self.parts = {_part_name(member.filename): member for member in self.members}

    def check(self) -> None:
        """Refuse what is no workbook, and what would fill the memory when decompressed."""
        self._refuse_other_kinds()
        self._refuse_dishonest_members()
        limits = {True: MAX_SHEET_BYTES, False: MAX_OTHER_BYTES}
        declared = {True: 0, False: 0}
        for member in self.members:
            declared[_in_sheet_folder(member)] += member.file_size
        if any(declared[kind] > limits[kind] for kind in limits):
            raise _bomb(self.name)
        # Sizes are claims: every part is decompressed once and its bytes are counted.
        counted = {True: 0, False: 0}
        for member in self.members:
            kind = _in_sheet_folder(member)
            with self.archive.open(member) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    counted[kind] += len(chunk)
                    if counted[kind] > limits[kind]:
                        raise _bomb(self.name)

    def sheets(self) -> list[Sheet]:
        """The visible worksheets, in the order of their tabs."""
        targets = self._targets(self.workbook_part, "/worksheet")
        sheets = []
        for tag, attributes in _elements(self.read(self.workbook_part)):
            if tag != "sheet" or attributes.get("state", "visible") != "visible":
                continue
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), None)
            if relation in targets:
                sheets.append(Sheet(attributes.get("name", ""), self.parts[targets[relation]]))
        return sheets

    @property
    def counts_from_1904(self) -> bool:
        """Do dates count from 1904, as in workbooks made on old Macs?"""
        return any(
            tag == "workbookPr" and attributes.get("date1904") in ("1", "true")
            for tag, attributes in _elements(self.read(self.workbook_part))
        )

    def companion(self, kind: str) -> bytes | None:
        """The part of that kind (texts, styles) that the workbook refers to, if any."""
        part = self._companion_part(kind)
        if part is None:
            return None
        data = self.read(part)
        check_companion(data)
        return data

    @cached_property
    def text_sizes(self) -> array:
        """How many characters each text that cells share has at most, in their order; last, the longest."""
        part = self._companion_part("/sharedStrings")
        sizes = array("I")
        if part is not None:
            with self.archive.open(self.parts[part]) as stream:
                sizes = _text_sizes(stream)
        sizes.append(max(sizes, default=0))
        return sizes

    def _companion_part(self, kind: str) -> str | None:
        return next(iter(self._targets(self.workbook_part, kind).values()), None)

    def read(self, part: str) -> bytes:
        """A part that is held in memory, decompressed."""
        member = self.parts[part]
        if member.file_size > MAX_OTHER_BYTES:
            raise _bomb(self.name)
        return self.archive.read(member)

    @cached_property
    def workbook_part(self) -> str:
        """The part that lists the sheets."""
        return next(iter(self._targets("", "/officeDocument").values()), "xl/workbook.xml")

    def _targets(self, source: str, kind: str) -> dict[str, str]:
        """The existing parts of a kind that a part refers to, by the reference's id."""
        folder, file = posixpath.split(source)
        references = posixpath.join(folder, "_rels", f"{file}.rels")
        if references not in self.parts:
            return {}
        targets = {}
        for tag, attributes in _elements(self.read(references)):
            if tag == "Relationship" and attributes.get("Type", "").endswith(kind):
                target = posixpath.join("/", folder, attributes.get("Target", "").replace("\\", "/"))
                target = _part_name(posixpath.normpath(target))
                if target in self.parts:
                    targets[attributes.get("Id", "")] = target
        return targets

    def _refuse_other_kinds(self) -> None:
        if "mimetype" in self.parts:
            with self.archive.open(self.parts["mimetype"]) as stream:
                if stream.read(len(ODS_TYPE)) == ODS_TYPE:
                    raise self._other_kind(
                        _(
                            "Le fichier «\u00a0%(name)s\u00a0» est un classeur LibreOffice (.ods). Ouvrez-"
                            "le, enregistrez-le au format .xlsx ou CSV, puis envoyez ce nouveau fichier."
                        ),
                        "ods",
                    )
        if "xl/workbook.bin" in self.parts:
            raise self._other_kind(
                _(
                    "Le fichier «\u00a0%(name)s\u00a0» est un classeur Excel binaire (.xlsb). Ouvrez-le dans "
                    "Excel, enregistrez-le au format .xlsx, puis envoyez ce nouveau fichier."
                ),
                "xlsb",
            )
        if not any(part.startswith("xl/") for part in self.parts):
            raise self._other_kind(
                _(
                    "Le fichier «\u00a0%(name)s\u00a0» n’est pas un classeur Excel\u00a0: c’est une archive "
                    "(zip) ou un autre document. Si votre tableau est à l’intérieur, décompressez l’archive "
                    "et envoyez le tableau lui-même, au format .xlsx ou CSV."
                ),
                "not_workbook",
            )

    def _other_kind(self, message: str, code: str) -> UnreadableFile:
        return UnreadableFile(message % {"name": self.name}, code)

    def _refuse_dishonest_members(self) -> None:
        end = 0
        for member in sorted(self.members, key=lambda member: member.header_offset):
            if member.flag_bits & ENCRYPTED_FLAG or member.compress_type not in COMPRESSIONS:
                raise Damaged("encrypted or unusual compression")
            if member.header_offset < end:
                # The same bytes given out as several parts: nothing but a bomb or a broken directory does it.
                raise Damaged("overlapping members")
            end = member.header_offset + LOCAL_HEADER_BYTES + member.compress_size


def _part_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _in_sheet_folder(member: zipfile.ZipInfo) -> bool:
    return _part_name(member.filename).startswith(SHEET_FOLDER)


def _bomb(name: str) -> UnreadableFile:
    message = _(
        "Le classeur «\u00a0%(name)s\u00a0» est beaucoup trop volumineux une fois décompressé. Copiez les "
        "cellules remplies dans un nouveau classeur, enregistrez-le, puis envoyez ce nouveau fichier."
    )
    return UnreadableFile(message % {"name": name}, "zip_bomb")


def _elements(data: bytes) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small XML part, each its local name and attributes. No document type is allowed."""
    found = []

    def start(tag, attributes):
        found.append((tag.rpartition(":")[2], attributes))
        if len(found) > 100 * MAX_MEMBERS:
            raise Damaged("endless part")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(data, True)
    return found


def _text_sizes(stream: BinaryIO) -> array:
    """How many characters each text of the part of texts has at most, all its runs and readings together."""
    sizes = array("I")
    size, is_within = 0, False

    def start(tag, _attributes):
        nonlocal size, is_within
        if tag == "si" or tag.endswith(":si"):
            if is_within:
                raise Damaged("text within a text")
            size, is_within = 0, True

    def end(tag):
        nonlocal is_within
        if tag == "si" or tag.endswith(":si"):
            sizes.append(size)
            is_within = False
            if len(sizes) > MAX_TEXTS:
                raise Damaged("endless texts")

    def characters(text):
        nonlocal size
        size += len(text)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := stream.read(CHUNK_BYTES):
        # Some programs leave control characters in texts, which the spreadsheet reader forgives.
        parser.Parse(chunk.translate(None, CONTROLS), False)
    parser.Parse(b"", True)
    return sizes


def _refuse_doctype(*_arguments) -> None:
    raise Damaged("document type")


# --- the sheet that is read -----------------------------------------------------------------------------


def _holds_something(archive: zipfile.ZipFile, sheet: Sheet) -> bool:
    with archive.open(sheet.part) as stream:
        worksheet = Worksheet(stream)
        cells = Cells(worksheet.prefix)
        return any(cells.hold_something(xml) for _number, xml in worksheet)


def _small_package(rows: list[bytes], package: Package) -> io.BytesIO:
    """A package with these rows alone, and what their cells refer to."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            part.writelines(rows)
            part.write(b"</sheetData></worksheet>")
        for name, kind in (("xl/sharedStrings.xml", "/sharedStrings"), ("xl/styles.xml", "/styles")):
            data = package.companion(kind)
            if data is not None:
                archive.writestr(name, data)
        for name, text in _frame(package.counts_from_1904).items():
            archive.writestr(name, text)
    made.seek(0)
    return made


def _too_many_cells() -> UnreadableFile:
    message = _(
        "Il y a trop de cellules remplies (plus de %(limit)s, ou des textes très longs). Gardez seulement "
        "les colonnes du modèle ou découpez le tableau en plusieurs fichiers, puis recommencez."
    )
    return UnreadableFile(message % {"limit": figure(MAX_CELLS)}, "too_many_cells")


def _frame(counts_from_1904: bool) -> dict[str, str]:
    """The parts that make a workbook of a single worksheet."""
    base = "1" if counts_from_1904 else "0"
    return {
        "_rels/.rels": (
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
            f'Type="{DOCUMENT_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT_RELATIONS}"><workbookPr date1904="{base}"/>'
            f'<sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" '
            f'Type="{DOCUMENT_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
    }


def _plain(value, number: int):
    """The value of a cell: text stripped, whole numbers as int, days as date."""
    kind = type(value)
    if kind is str:
        if len(value) > MAX_CELL_CHARACTERS:
            raise cell_too_long(number)
        # PostgreSQL refuses it, and whoever opens the workbook does not see it.
        if "\0" in value:
            value = value.replace("\0", "")
        if "\r" in value:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        return value.strip()
    if kind is float:
        if value.is_integer():
            return int(value)
        # « inf » and « nan » are no numbers to compute with.
        return value if value - value == 0 else str(value)
    if kind is datetime and value.time() == time.min:
        return value.date()
    return value
