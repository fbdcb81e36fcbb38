"""How many rows a long file seems to have, at a glance: for a bar that fills up, never for more."""

import re
from zipfile import BadZipFile, ZipFile
from zlib import error as BadCompression

from .reading.limits import MAX_SHEET_ROW

CHUNK = 1024 * 1024
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# A sheet says at its beginning how far it goes: <dimension ref="A1:P50001"/>.
BEGINNING = 4_096
EXTENT = re.compile(rb'<(?:\w+:)?dimension\s+ref="[A-Z]+\d+:[A-Z]+(\d+)"')


def rows_expected(file):
    """About as many rows as an open file has, or None where it does not tell, or tells what no spreadsheet
    holds. Leaves it at its beginning.
    """
    file.seek(0)
    try:
        rows = _rows_of_workbook(file) if file.read(2) == b"PK" else _lines(file)
    finally:
        file.seek(0)
    return rows if rows is not None and 1 <= rows <= MAX_SHEET_ROW else None


def _lines(file):
    file.seek(0)
    return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))


def _rows_of_workbook(file):
    told = []
    try:
        with ZipFile(file) as archive:
            for name in filter(SHEET.fullmatch, archive.namelist()):
                with archive.open(name) as sheet:
                    if found := EXTENT.search(sheet.read(BEGINNING)):
                        told.append(int(found[1]) - 1)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, BadCompression):
        return None
    return max(told, default=None)
