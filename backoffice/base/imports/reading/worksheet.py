"""One worksheet's XML, read as a stream: which rows hold something, and nothing else of it.

A sheet that was formatted as a whole has hundreds of thousands of rows without a value, and two cells at its
far corners make a spreadsheet library lay out billions of cells. So blank rows are dropped here, the others
are numbered anew without gaps, and every cell's address is written by us: the library sees a small, dense
sheet.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

from .limits import CHUNK_BYTES, MAX_COLUMNS, MAX_ROW_BYTES, MAX_SHEET_ROW
from .table import column_letters, too_many_columns


class Damaged(Exception):
    """The XML is cut, contradicts itself, or is written in a way that no spreadsheet program writes."""


class FormulaWithoutResult(Exception):
    """A formula was never computed: its cell looks blank. The argument is the cell's address, « C5 »."""


# Programs may write every tag with a prefix (<x:row>), the same one throughout a part.
SHEET_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData\s*(/?)>")
ROW_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d{1,8})[\"']")

# A cell's tag: its name, its column if the address comes first, its other attributes, how it closes, and the
# end of the cell if nothing is in between. Whatever a parser could take for a cell matches, so that none
# keeps its own address.
CELL = re.compile(
    rb"<(c|[^\s<>/][^\s<>]*:c)(?=[\s/>])"
    rb"(?:\s+r=\"([A-Z]{1,3})\d{1,7}\")?([^<>]*)(>?)(\s*</[^\s<>]*c\s*>)?"
)
ADDRESS = re.compile(rb"\sr\s*=\s*[\"']\$?([A-Za-z]{1,3})\$?\d+[\"']")
# A cell that shows one of the texts that cells share, as `Cells.moved_to` writes its tag, and which one it is
# if that is written as programs do, with nothing that could be taken for another.
SHARED_TEXT = re.compile(rb" t=\"s\">(?:\s*<(?:[\w.-]+:)?v>(\d+)</[^\s<>]+>\s*</)?")
STYLE = re.compile(rb"\ss\s*=\s*[\"'](\d+)[\"']")
KIND = re.compile(rb"\st\s*=\s*[\"'](\w+)[\"']")

# An entity that only a document type definition could explain: parsers drop it, and the text around it.
FOREIGN_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")

# A number of texts or styles, announced by the part that has them, of eight digits or in disguise. calamine
# makes room for that many before it reads them, and the process dies if there is not enough. The parts' own
# limit leaves no room for so many.
ENDLESS = re.compile(rb"\s(?:uniqueC|c)ount\s*=\s*[\"'][^\"'<]*?(?:\d{8}|&)")

# XML in UTF-8: it says so, or says nothing.
UTF8_XML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?!\?xml[^>]*\sencoding\s*=\s*[\"'](?!utf-?8|us-ascii))", re.IGNORECASE
)


def check_companion(xml: bytes) -> None:
    """Refuse the XML of texts or styles that calamine would misread or not survive. Raises `Damaged`."""
    if not UTF8_XML.match(xml) or b"<!DOCTYPE" in xml or FOREIGN_ENTITY.search(xml):
        raise Damaged("encoding or entities")
    if ENDLESS.search(xml):
        raise Damaged("endless count")


class Worksheet:
    """The rows of a worksheet that may hold something; `last_row` is known once they have all been read.

    Iterating, once, gives each such row's number and the XML of its cells. `prefix` is that of the tags.
    Raises `Damaged`.
    """

    def __init__(self, stream: BinaryIO):
        self.stream = stream
        self.last_row = 0
        self.prefix = b""
        self.beginning = self._find_rows()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        buffer = self.beginning
        if buffer is None:
            return
        tag = b"<" + self.prefix
        row_tag = tag + b"row"
        sheet_end = b"</" + self.prefix + b"sheetData"
        # Values, inline texts and formulas; without one of them a row is blank.
        value, text, formula = tag + b"v", tag + b"t", tag + b"f"
        before_rows = True
        complete = False
        while not complete:
            end = buffer.find(sheet_end)
            complete = end >= 0
            if complete:
                # What follows the rows may have tags of similar names (<rowBreaks>).
                buffer = buffer[:end]
            *pieces, rest = buffer.split(row_tag)
            if complete:
                pieces.append(rest)
            if before_rows and pieces:
                del pieces[0]
                before_rows = False
            for piece in pieces:
                cells = self._cells(piece)
                if value in cells or text in cells or formula in cells:
                    if b"<!" in cells or b"<?" in cells:
                        raise Damaged("comment, CDATA or instruction among cells")
                    yield self.last_row, cells
            if not complete:
                buffer = rest + self._more(rest)

    def _find_rows(self) -> bytes | None:
        """What follows the opening <sheetData>; None if the sheet has no row."""
        buffer = self._more(b"")
        if not UTF8_XML.match(buffer):
            raise Damaged("not UTF-8")
        while not (opening := SHEET_DATA.search(buffer)):
            buffer += self._more(buffer)
        if b"<!" in buffer[: opening.start()]:
            raise Damaged("document type or comment")
        if opening[2]:
            return None
        self.prefix = opening[1]
        return buffer[opening.end() :]

    def _more(self, pending: bytes) -> bytes:
        if len(pending) > MAX_ROW_BYTES:
            raise Damaged("endless row")
        chunk = self.stream.read(CHUNK_BYTES)
        if not chunk:
            raise Damaged("cut short")
        return chunk

    def _cells(self, piece: bytes) -> bytes:
        """The XML between <row …> and </row>, given what follows « <row »."""
        tag_end = piece.find(b">")
        if tag_end < 0 or piece[:1] not in (b" ", b">", b"/", b"\n", b"\r", b"\t"):
            raise Damaged("row tag")
        attributes = piece[:tag_end]
        given = ROW_NUMBER.search(attributes)
        number = int(given[1]) if given else self.last_row + 1
        if not self.last_row < number <= MAX_SHEET_ROW:
            raise Damaged("row number")
        self.last_row = number
        if attributes.endswith(b"/"):
            return b""
        end = piece.find(b"</" + self.prefix + b"row", tag_end)
        if end < 0:
            raise Damaged("row not closed")
        return piece[tag_end + 1 : end]


class Cells:
    """What the rows of a worksheet hold, given the tags' prefix in its XML.

    `width` is the number of the last filled column among the rows that were moved.
    """

    def __init__(self, prefix: bytes):
        tag = b"<" + re.escape(prefix)
        end = b"</" + re.escape(prefix)
        self.width = 0
        self.filled = re.compile(tag + rb"[vt](?:\s[^<>]*)?>\s*[^<\s]")
        self.formula_sign = b"<" + prefix + b"f"
        self.formula_without_result = re.compile(
            tag + rb"c((?:\s[^<>]*)?)>\s*"
            + tag + rb"f(?:\s[^<>]*)?(?:/>|>[^<]*" + end + rb"f\s*>)\s*"
            + rb"(?:" + tag + rb"v\s*/>|" + tag + rb"v(?:\s[^<>]*)?>\s*" + end + rb"v\s*>)?\s*"
            + end + rb"c\s*>"
        )  # fmt: skip

    def hold_something(self, cells: bytes) -> bool:
        """Is there a value among these cells of a row?"""
        return self.filled.search(cells) is not None

    def check(self, number: int, cells: bytes) -> None:
        """Refuse values that would be lost on the way. Raises `FormulaWithoutResult` and `Damaged`."""
        if self.formula_sign in cells:
            for formula in self.formula_without_result.finditer(cells):
                kind = KIND.search(formula[1])
                # A formula whose result is the empty text says so.
                if not kind or kind[1] != b"str":
                    address = ADDRESS.search(formula[1])
                    column = address[1].decode().upper() if address else ""
                    raise FormulaWithoutResult(f"{column}{number}")
        if b"&" in cells and FOREIGN_ENTITY.search(cells):
            raise Damaged("foreign entity")

    def moved_to(self, cells: bytes, number: int) -> bytes:
        """The row's XML at that row number, with the filled cells only. Raises `UnreadableFile`."""
        column = 0
        row = b"%d" % number

        def moved(match: re.Match) -> bytes:
            nonlocal column
            name, letters, attributes, close, end = match.groups()
            if not close:
                raise Damaged("cell tag")
            if letters is None and (address := ADDRESS.search(attributes)):
                letters = address[1]
            column = _column(letters) if letters else column + 1
            if end or attributes.endswith(b"/"):
                return b""
            if column > self.width:
                if column > MAX_COLUMNS:
                    raise too_many_columns()
                self.width = column
            before, after = _tag(name, column, attributes)
            return before + row + after

        return b'<row r="%b">%b</row>' % (row, CELL.sub(moved, cells))


@lru_cache(maxsize=1024)
def _column(letters: bytes) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - ord("A") + 1
    return column


@lru_cache(maxsize=4096)
def _tag(name: bytes, column: int, attributes: bytes) -> tuple[bytes, bytes]:
    """A cell's opening tag before and after its row number, with its style and kind only."""
    style, kind = STYLE.search(attributes), KIND.search(attributes)
    after = b'"'
    if style:
        after += b' s="%b"' % style[1]
    if kind:
        # As text, an error keeps its name (#N/A): a later step then refuses it instead of seeing a blank.
        after += b' t="%b"' % (b"str" if kind[1] == b"e" else kind[1])
    return b'<%b r="%b' % (name, column_letters(column - 1).encode()), after + b">"
