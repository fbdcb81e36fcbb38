"""The two ways in: a file, and pasted cells."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.utils.translation import gettext as _

from .errors import UnreadableFile
from .limits import MAX_FILE_BYTES, MAX_ROWS, MIB
from .table import Score, Table, figure, nothing_written
from .text import read_csv, read_text
from .workbook import read_workbook

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names in the directory of an OLE file are in UTF-16.
OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PDF_START = b"%PDF-"

SHOWN_NAME_CHARACTERS = 100


def read_file(
    *, name: str, content: bytes | BinaryIO, max_rows: int = MAX_ROWS, score: Score | None = None
) -> Table:
    """Read a file that someone sends: CSV or Excel workbook, told apart by the content.

    `name` is the file's name, used in messages only. `content` is its bytes, or an open binary file, read
    from its beginning. `max_rows` is the number of filled rows, titles not counted, that it may have. `score`
    tells how many known titles a row holds: with it, titles are found below a heading or in another sheet.

    Raises `UnreadableFile`, and nothing else, for whatever the file may hold.
    """
    name = _shown(name)
    data = _read(content, name)
    if data.startswith(ZIP_STARTS):
        return read_workbook(data, name=name, max_rows=max_rows, score=score)
    if data.startswith(OLE_START):
        raise _old_or_encrypted(data, name)
    if data.startswith(PDF_START):
        message = _(
            "Le fichier «\u00a0%(name)s\u00a0» est un PDF, dont on ne peut pas lire les cellules. Envoyez le "
            "tableau d’origine au format .xlsx ou CSV."
        )
        raise UnreadableFile(message % {"name": name}, "pdf")
    return read_csv(data, name=name, max_rows=max_rows, score=score)


@contextmanager
def open_file(
    *, name: str, file: BinaryIO, max_rows: int = MAX_ROWS, score: Score | None = None
) -> Iterator[Table]:
    """The table of a file that someone sends, for as long as the block lasts."""
    yield read_file(name=name, content=file, max_rows=max_rows, score=score)


def read_pasted(text: str, max_rows: int = MAX_ROWS) -> Table:
    """Read cells pasted from a spreadsheet (separated by tabs), or pasted CSV text.

    Row numbers count from the first pasted line. Raises `UnreadableFile`, and nothing else.
    """
    if len(text) > MAX_FILE_BYTES:
        message = _(
            "Le texte collé est trop long. Enregistrez le tableau au format .xlsx ou CSV et envoyez le "
            "fichier, ou collez-le en plusieurs fois."
        )
        raise UnreadableFile(message, "too_big")
    return read_text(text, max_rows=max_rows)


def _shown(name: str) -> str:
    """The file's name as it can stand in a sentence."""
    name = "".join(character for character in name if character.isprintable())
    if len(name) > SHOWN_NAME_CHARACTERS:
        # The end is kept: it has the extension.
        half = SHOWN_NAME_CHARACTERS // 2
        name = f"{name[:half]}…{name[-half:]}"
    return name


def _read(content: bytes | BinaryIO, name: str) -> bytes:
    if isinstance(content, bytes):
        data = content
    else:
        if content.seekable():
            # Whoever took the checksum of the upload has left it at its end.
            content.seek(0)
        data = content.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        message = _(
            "Le fichier «\u00a0%(name)s\u00a0» pèse plus de %(limit)s\u00a0Mo. Retirez les images et les "
            "feuilles inutiles, ou découpez-le en plusieurs fichiers, puis recommencez."
        )
        raise UnreadableFile(message % {"name": name, "limit": figure(MAX_FILE_BYTES // MIB)}, "too_big")
    if not data:
        raise nothing_written()
    return data


def _old_or_encrypted(data: bytes, name: str) -> UnreadableFile:
    if OLE_ENCRYPTED in data:
        message = _(
            "Le fichier «\u00a0%(name)s\u00a0» est protégé par un mot de passe. Ouvrez-le, retirez le mot de "
            "passe, enregistrez, puis envoyez-le de nouveau."
        )
        return UnreadableFile(message % {"name": name}, "password")
    message = _(
        "Le fichier «\u00a0%(name)s\u00a0» est à un ancien format d’Office (.xls, par exemple). Ouvrez-le "
        "dans Excel ou LibreOffice, enregistrez-le au format .xlsx ou CSV, puis envoyez ce nouveau fichier."
    )
    return UnreadableFile(message % {"name": name}, "old_format")
