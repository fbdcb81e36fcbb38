"""CSV files and pasted cells: encoding, separator, rows."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from .errors import UnreadableFile
from .limits import CHUNK_BYTES, MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_RECORD_CHARACTERS
from .table import (
    Score,
    Table,
    build_table,
    cell_too_long,
    is_blank,
    nothing_written,
    row_of_titles,
    too_many_columns,
    without_blank_end,
)

# In order of preference when two of them fit a file equally well: nobody types a tab within a cell, and a
# comma is common in French text.
DELIMITERS = ("\t", ";", ",")
# Stands for "no separator": csv wants one, and this character is in no one's list.
NO_DELIMITER = "\x1f"
SAMPLE_RECORDS = 100
# What is looked at in one go; a sample lies within the first one.
PART_CHARACTERS = 1 << 20

# Excel's first line that names the separator; Excel itself does not show that line.
SEPARATOR_LINE = re.compile(r'"?sep=([;,\t|])"?[ ;,\t]*(?:\n|\Z)', re.IGNORECASE)

# Tab, line feed, vertical tab (Word's line break), form feed and carriage return do occur in texts.
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r")) + b"\x7f"
CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")

# Blank lines, and the separators and quotation marks of blank cells.
NOTHING = re.compile(r'[\s;,"]*')

MARKUP = re.compile(r"\s*<(?:!doctype|\?xml|html|head|meta|table|style)\b", re.IGNORECASE)

# What a UTF-8 file leaves when it is read byte by byte: an accented letter, and a byte that is no UTF-8.
ACCENTED = re.compile("[\u00c0-\u00ff]")
NOT_UTF8 = re.compile("[\udc80-\udcff]")

# « Ã© » for « é », « â€™ » for « ’ »: a UTF-8 file that was opened as another one, and saved so. The
# last one stands for a letter that was already lost.
BROKEN_LETTERS = re.compile("\u00c3[\u00a0-\u00bf\u2030\u02c6\u0160]|\u00e2\u20ac\u2122|\ufffd")

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"


def open_csv(file: BinaryIO, *, name: str, max_rows: int, score: Score | None = None) -> Table:
    """The table of a CSV file, read as its rows are asked for. Raises `UnreadableFile`, then or now.

    The file is gone through before: what it is, how it is coded, whether it is whole.
    """
    encoding = _encoding(file, name)
    text = _TextFile(file, encoding)
    try:
        seen = _Seen(text)
    except UnicodeError:
        message = _(
            "Le fichier «\u00a0%(name)s\u00a0» est abîmé ou incomplet. Enregistrez-le de nouveau au "
            "format .xlsx ou CSV, puis recommencez."
        )
        raise UnreadableFile(message % {"name": name}, "damaged") from None
    # The bytes 80 to 9F are control characters too once they have been read as such.
    if seen.is_no_text:
        raise _not_text(name)
    if MARKUP.match(seen.head):
        message = _(
            "Le fichier «\u00a0%(name)s\u00a0» est une page web ou du XML, même si son nom dit autre chose. "
            "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le au format .xlsx ou CSV, puis envoyez ce "
            "nouveau fichier."
        )
        raise UnreadableFile(message % {"name": name}, "markup")
    notes = []
    if encoding == "latin-1":
        notes.append(
            _("L’encodage du fichier n’a pas été reconnu avec certitude\u00a0: vérifiez les accents.")
        )
    return _table(text, seen, max_rows=max_rows, score=score, format="csv", encoding=encoding, notes=notes)


def open_text(text: str, *, max_rows: int) -> Table:
    """The table of cells pasted from a spreadsheet, or of pasted CSV text. Raises `UnreadableFile`."""
    held = _TextHeld(text.removeprefix("\ufeff"))
    seen = _Seen(held)
    if seen.is_no_text:
        message = _(
            "Ce qui a été collé n’est pas du texte. Copiez les cellules dans votre tableur, titres compris, "
            "puis collez-les de nouveau."
        )
        raise UnreadableFile(message, "not_text")
    return _table(held, seen, max_rows=max_rows, format="paste", encoding=None, notes=[])


class _TextFile:
    """The text of a file, read anew each time it is asked for; every line ends with a line feed."""

    def __init__(self, file: BinaryIO, encoding: str):
        self.file = file
        self.encoding = encoding

    @contextmanager
    def _opened(self) -> Iterator[io.TextIOWrapper]:
        self.file.seek(0)
        wrapper = io.TextIOWrapper(self.file, encoding=self.encoding, newline=None)
        try:
            yield wrapper
        finally:
            # Whoever stopped reading may have closed the file already.
            if not self.file.closed:
                wrapper.detach()

    def parts(self) -> Iterator[str]:
        with self._opened() as text:
            while part := text.read(PART_CHARACTERS):
                yield part

    def lines(self) -> Iterator[str]:
        with self._opened() as text:
            yield from _lines_of(text)


class _TextHeld:
    """A text that was pasted."""

    def __init__(self, text: str):
        self.text = text

    def parts(self) -> Iterator[str]:
        yield self.text.replace("\r\n", "\n").replace("\r", "\n")

    def lines(self) -> Iterator[str]:
        yield from _lines_of(io.StringIO(self.text, newline=None))


def _lines_of(text: io.TextIOBase) -> Iterator[str]:
    """The lines of a text; of an endless one as much as shows that it is."""
    while line := text.readline(MAX_RECORD_CHARACTERS + 1):
        yield line


class _Seen:
    """What a whole text shows when it is gone through once, without being held."""

    def __init__(self, text: _TextFile | _TextHeld):
        self.head = ""
        self.is_whole_head = True
        self.is_blank = True
        self.broken: tuple[int, str] | None = None
        length = controls = rows = 0
        has_null = False
        end = ""
        for part in text.parts():
            if not length:
                self.head = part
            else:
                self.is_whole_head = False
            length += len(part)
            controls += len(CONTROL_CHARACTERS.findall(part))
            has_null = has_null or "\0" in part
            self.is_blank = self.is_blank and NOTHING.fullmatch(part) is not None
            # Broken letters are of at most three characters, and may lie across two parts.
            if self.broken is None and (found := BROKEN_LETTERS.search(end + part)):
                self.broken = rows + (end + part).count("\n", 0, found.start()) + 1, found[0]
            rows += (end + part).count("\n")
            end = part[-2:]
            rows -= end.count("\n")
        self.is_no_text = has_null or _too_many(controls, length)

    def first_lines(self) -> str:
        """Whole lines from the beginning of the text, enough to know it by."""
        return self.head if self.is_whole_head else self.head[: self.head.rfind("\n") + 1]


def _table(text, seen: _Seen, *, max_rows: int, score: Score | None = None, **found) -> Table:
    if seen.is_blank:
        raise nothing_written()
    _refuse_broken_letters(seen)
    head, lines = seen.first_lines(), text.lines()
    if named := SEPARATOR_LINE.match(head):
        # Spreadsheets hide this line, so that the next one is their row 1.
        next(lines)
        delimiter = named[1]
    else:
        delimiter = _delimiter(head, score)
        if delimiter is None:
            _refuse_bars(head)
    records = _records(lines, delimiter or NO_DELIMITER)
    return build_table(records, max_rows=max_rows, score=score, delimiter=delimiter, **found)


def _refuse_broken_letters(seen: _Seen) -> None:
    if seen.broken:
        row, letters = seen.broken
        message = _(
            "Ligne %(row)s : les accents sont abîmés (« %(broken)s »). Le fichier a été ouvert puis "
            "enregistré avec un mauvais encodage. Reprenez le fichier d’origine, ou corrigez les accents, "
            "enregistrez au format .xlsx ou « CSV UTF-8 », puis recommencez."
        )
        raise UnreadableFile(message % {"row": row, "broken": letters}, "broken_letters")


def _refuse_bars(text: str) -> None:
    """Refuse a table whose columns are separated by bars, which our files write within a cell."""
    lines = [line for line in text.split("\n", SAMPLE_RECORDS) if line.strip()][:-1] or [text]
    if len({line.count("|") for line in lines}) == 1 and "|" in lines[0]:
        message = _(
            "Les colonnes sont séparées par des barres « | », qui séparent ici les éléments d’une liste. "
            "Enregistrez le tableau au format .xlsx, ou en CSV avec des points-virgules, puis recommencez."
        )
        raise UnreadableFile(message, "bars")


# --- encoding -------------------------------------------------------------------------------------------


def _encoding(file: BinaryIO, name: str) -> str:
    """How a text is coded, told by its bytes alone."""
    start = next(_byte_parts(file), b"")
    if start.startswith(UTF16_MARKS):
        return "utf-16"
    length = controls = 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    for part in _byte_parts(file):
        length += len(part)
        controls += len(part) - len(part.translate(None, CONTROLS))
        if b"\0" in part:
            raise _not_text(name)
        is_utf8 = is_utf8 and _decodes(decoder, part)
    if _too_many(controls, length):
        raise _not_text(name)
    if is_utf8 and _decodes(decoder, b"", final=True):
        return "utf-8-sig" if start.startswith(UTF8_MARK) else "utf-8"
    _refuse_mixed_encodings(file)
    decoder = codecs.getincrementaldecoder("cp1252")()
    return "cp1252" if all(_decodes(decoder, part) for part in _byte_parts(file)) else "latin-1"


def _decodes(decoder: codecs.IncrementalDecoder, part: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(part, final)
    except UnicodeDecodeError:
        return False
    return True


def _byte_parts(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while part := file.read(CHUNK_BYTES):
        yield part


def _refuse_mixed_encodings(file: BinaryIO) -> None:
    """Refuse a UTF-8 file with a foreign part in it: read as cp1252, each « é » of it would become « Ã© »."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("surrogateescape"), True)
    line, foreign_line, is_accented = 1, None, False
    for part in _byte_parts(file):
        text = decoder.decode(part)
        is_accented = is_accented or ACCENTED.search(text) is not None
        if foreign_line is None:
            foreign = NOT_UTF8.search(text)
            until = foreign.start() if foreign else len(text)
            line += text.count("\n", 0, until)
            if foreign:
                foreign_line = line
    if foreign_line is None or not is_accented:
        return
    message = _(
        "Ligne %(row)s\u00a0: les accents n’y sont pas codés comme dans le reste du fichier, sans doute "
        "parce que deux fichiers ont été réunis. Ouvrez le fichier dans un tableur, corrigez les "
        "accents, enregistrez-le au format «\u00a0CSV UTF-8\u00a0» ou .xlsx, puis recommencez."
    )
    raise UnreadableFile(message % {"row": foreign_line}, "mixed_encodings")


def _too_many(controls: int, length: int) -> bool:
    # A stray control character happens (an end-of-file mark, a Word break); one in a hundred is no text.
    return controls > 2 + length // 100


def _not_text(name: str) -> UnreadableFile:
    message = _(
        "Le fichier «\u00a0%(name)s\u00a0» n’est pas un fichier texte\u00a0: ce n’est ni un CSV ni un "
        "classeur .xlsx, quel que soit son nom. Enregistrez votre tableau au format .xlsx ou CSV, puis "
        "envoyez ce nouveau fichier."
    )
    return UnreadableFile(message % {"name": name}, "not_text")


# --- separator ------------------------------------------------------------------------------------------


def _delimiter(text: str, score: Score | None) -> str | None:
    """The separator under which the rows agree best with the titles; None for a single column."""
    best, best_fit = None, (0, 0)
    for delimiter in DELIMITERS:
        sample = _sample(text, delimiter) or [()]
        titles, *others = sample[row_of_titles(sample, score) :]
        width = len(without_blank_end(titles))
        if width < 2:
            continue
        # Agreement weighs by the number of columns: « 4,35 » in every row makes two regular columns too.
        agreement = sum(_agreement(record, titles) for record in others) / len(others) if others else 1
        fit = (agreement * (width - 1), width)
        if fit > best_fit:
            best, best_fit = delimiter, fit
    return best


def _sample(text: str, delimiter: str) -> list[tuple[str, ...]]:
    """The first records that hold something."""
    records = (tuple(record) for record in csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter))
    sample = []
    try:
        for record in islice(records, SAMPLE_RECORDS):
            if not is_blank(record):
                sample.append(record)
    except csv.Error:
        # An endless cell: the reading proper will name its row.
        pass
    return sample


def _agreement(record: tuple[str, ...], titles: tuple[str, ...]) -> float:
    if len(record) == len(titles) or len(without_blank_end(record)) == len(titles):
        return 1
    # Some programs leave out the blank cells at the end of a row.
    return 0.5 if 1 < len(record) < len(titles) else 0


# --- rows -----------------------------------------------------------------------------------------------


class _Endless(Exception):
    """A record that is longer than any row."""


class _Lines:
    """Lines on their way to the reader of records: those of the present record, and whether one follows.

    Raises `_Endless` before a record is taken apart that would fill the memory.
    """

    def __init__(self, lines: Iterator[str]):
        self.lines = lines
        self.taken: list[str] = []
        self.length = 0
        self.is_last = False

    def __iter__(self) -> Iterator[str]:
        line = next(self.lines, None)
        while line is not None:
            following = next(self.lines, None)
            self.is_last = following is None
            self.taken.append(line)
            self.length += len(line)
            if self.length > MAX_RECORD_CHARACTERS:
                raise _Endless
            yield line
            line = following

    def take(self) -> tuple[list[str], int]:
        """The lines of the record that was just read, and their length."""
        taken, length = self.taken, self.length
        self.taken, self.length = [], 0
        return taken, length


def _records(text: Iterator[str], delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    lines = _Lines(text)
    number = 1
    try:
        for record in csv.reader(lines, delimiter=delimiter):
            taken, length = lines.take()
            if len(taken) > 1 or lines.is_last:
                _refuse_open_quote(taken, delimiter, number)
            if length > MAX_CELL_CHARACTERS and max(map(len, record)) > MAX_CELL_CHARACTERS:
                raise cell_too_long(number)
            yield number, tuple(map(str.strip, record))
            number += len(taken)
    except csv.Error:
        # The module's own limit for one cell, which is higher than ours.
        raise cell_too_long(number) from None
    except _Endless:
        if sum(line.count(delimiter) for line in lines.taken) >= MAX_COLUMNS:
            raise too_many_columns() from None
        raise cell_too_long(number) from None


def _refuse_open_quote(lines: list[str], delimiter: str, number: int) -> None:
    """Refuse a record whose quotation mark is never closed, or closed rows later by another cell's.

    Rows would silently disappear into one cell. A stray mark within a single line does no such harm.
    """
    try:
        if len(lines) > 1:
            list(csv.reader(lines, delimiter=delimiter, strict=True))
        # One more line is swallowed only if a quotation mark is still open.
        if len(list(csv.reader([*lines, "."], delimiter=delimiter))) == 2:
            return
    except csv.Error:
        pass
    message = _(
        'Ligne %(row)s\u00a0: un guillemet (") y est ouvert et n’est pas fermé au bon endroit, si bien que '
        "les lignes suivantes se confondent avec elle. Corrigez cette ligne, puis recommencez."
    )
    raise UnreadableFile(message % {"row": number}, "open_quote")
