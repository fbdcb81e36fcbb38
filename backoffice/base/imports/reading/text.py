"""CSV files and pasted cells: encoding, separator, rows."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext as _

from .errors import UnreadableFile
from .limits import MAX_CELL_CHARACTERS
from .table import (
    Score,
    Table,
    build_table,
    cell_too_long,
    is_blank,
    nothing_written,
    row_of_titles,
    without_blank_end,
)

# In order of preference when two of them fit a file equally well: nobody types a tab within a cell, and a
# comma is common in French text.
DELIMITERS = ("\t", ";", ",")
# Stands for "no separator": csv wants one, and this character is in no one's list.
NO_DELIMITER = "\x1f"
SAMPLE_RECORDS = 100

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


def read_csv(content: bytes, *, name: str, max_rows: int, score: Score | None = None) -> Table:
    """Make a table of a CSV file's bytes. Raises `UnreadableFile`."""
    text, encoding = _decoded(content, name)
    if MARKUP.match(text):
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
    return _table(text, max_rows=max_rows, score=score, format="csv", encoding=encoding, notes=notes)


def read_text(text: str, *, max_rows: int) -> Table:
    """Make a table of cells pasted from a spreadsheet, or of pasted CSV text. Raises `UnreadableFile`."""
    text = text.removeprefix("\ufeff")
    controls = len(CONTROL_CHARACTERS.findall(text))
    if "\0" in text or _too_many(controls, len(text)):
        message = _(
            "Ce qui a été collé n’est pas du texte. Copiez les cellules dans votre tableur, titres compris, "
            "puis collez-les de nouveau."
        )
        raise UnreadableFile(message, "not_text")
    return _table(text, max_rows=max_rows, format="paste", encoding=None, notes=[])


def _table(text: str, *, max_rows: int, score: Score | None = None, **found) -> Table:
    if NOTHING.fullmatch(text):
        raise nothing_written()
    _refuse_broken_letters(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if named := SEPARATOR_LINE.match(text):
        # Spreadsheets hide this line, so that the next one is their row 1.
        text = text[named.end() :]
        delimiter = named[1]
    else:
        delimiter = _delimiter(text, score)
        if delimiter is None:
            _refuse_bars(text)
    records = _records(text, delimiter or NO_DELIMITER)
    return build_table(records, max_rows=max_rows, score=score, delimiter=delimiter, **found)


def _refuse_broken_letters(text: str) -> None:
    if broken := BROKEN_LETTERS.search(text):
        row = text.count("\n", 0, broken.start()) + 1
        message = _(
            "Ligne %(row)s : les accents sont abîmés (« %(broken)s »). Le fichier a été ouvert puis "
            "enregistré avec un mauvais encodage. Reprenez le fichier d’origine, ou corrigez les accents, "
            "enregistrez au format .xlsx ou « CSV UTF-8 », puis recommencez."
        )
        raise UnreadableFile(message % {"row": row, "broken": broken[0]}, "broken_letters")


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


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith(UTF16_MARKS):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            message = _(
                "Le fichier «\u00a0%(name)s\u00a0» est abîmé ou incomplet. Enregistrez-le de nouveau au "
                "format .xlsx ou CSV, puis recommencez."
            )
            raise UnreadableFile(message % {"name": name}, "damaged") from None
        encoding = "utf-16"
    else:
        controls = len(content) - len(content.translate(None, CONTROLS))
        if b"\0" in content or _too_many(controls, len(content)):
            raise _not_text(name)
        text, encoding = _decoded_bytes(content)
    # The bytes 80 to 9F are control characters too once they have been read as such.
    if "\0" in text or _too_many(len(CONTROL_CHARACTERS.findall(text)), len(text)):
        raise _not_text(name)
    return text, encoding


def _decoded_bytes(content: bytes) -> tuple[str, str]:
    marked = content.startswith(UTF8_MARK)
    if marked:
        content = content[len(UTF8_MARK) :]
    try:
        return content.decode("utf-8"), "utf-8-sig" if marked else "utf-8"
    except UnicodeDecodeError:
        _refuse_mixed_encodings(content)
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def _refuse_mixed_encodings(content: bytes) -> None:
    """Refuse a UTF-8 file with a foreign part in it: read as cp1252, each « é » of it would become « Ã© »."""
    text = content.decode("utf-8", "surrogateescape")
    if ACCENTED.search(text):
        foreign = NOT_UTF8.search(text).start()
        lines = text[:foreign].replace("\r\n", "\n").replace("\r", "\n").count("\n")
        message = _(
            "Ligne %(row)s\u00a0: les accents n’y sont pas codés comme dans le reste du fichier, sans doute "
            "parce que deux fichiers ont été réunis. Ouvrez le fichier dans un tableur, corrigez les "
            "accents, enregistrez-le au format «\u00a0CSV UTF-8\u00a0» ou .xlsx, puis recommencez."
        )
        raise UnreadableFile(message % {"row": lines + 1}, "mixed_encodings")


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


def _records(text: str, delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    lines = io.StringIO(text, newline="\n").readlines()
    reader = csv.reader(lines, delimiter=delimiter)
    start = 0
    try:
        for record in reader:
            end = reader.line_num
            if end - start > 1 or end == len(lines):
                _refuse_open_quote(lines[start:end], delimiter, start + 1)
            length = sum(map(len, lines[start:end]))
            if length > MAX_CELL_CHARACTERS and max(map(len, record)) > MAX_CELL_CHARACTERS:
                raise cell_too_long(start + 1)
            yield start + 1, tuple(map(str.strip, record))
            start = end
    except csv.Error:
        # The module's own limit for one cell, which is higher than ours.
        raise cell_too_long(start + 1) from None


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
