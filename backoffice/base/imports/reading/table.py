"""The table that every kind of file becomes, and the checks that do not depend on the kind."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .errors import UnreadableFile
from .limits import MAX_CELL_CHARACTERS, MAX_COLUMNS

# How many of these cells are titles that the reader's user knows.
Score = Callable[[tuple], int]

# Titles stand within the first filled rows: a heading, a date and a school's name may stand above them.
TITLES_WITHIN = 10
# One word may be anything; two known titles in a row are a row of titles.
ENOUGH_TITLES = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row.

    `number` is the row's number as the person sees it in the spreadsheet, titles counted, from 1. In a CSV it
    is the line on which the row begins. `cells` has exactly one value per title, "" where nothing is written.
    `extra` holds what stands to the right of the last title, and is empty in a sound row.
    """

    number: int
    cells: tuple
    extra: tuple = ()


@dataclass
class Table:
    """What was read: the titles, the filled rows, and how they were found.

    `rows` may be read as they are asked for, once; until the last one `blank_rows`, which counts the wholly
    blank rows below the titles, and `notes`, sentences for the person about what was passed over, are not
    complete. `format` is "csv", "xlsx" or "paste".
    """

    headers: tuple[str, ...]
    rows: Iterable[Row]
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    blank_rows: int = 0
    notes: list[str] = field(default_factory=list)


def column_letters(index: int) -> str:
    """The name that spreadsheets give to the column of that index, from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def figure(number: int) -> str:
    """A whole number as it is written in the person's language: 50 000."""
    return number_format(number, force_grouping=True)


def is_blank(cells: tuple) -> bool:
    """Does this row hold nothing at all?"""
    return cells.count("") == len(cells)


def without_blank_end(cells: tuple) -> tuple:
    """The cells up to the last one that holds something."""
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return cells[:end]


def too_many_rows(max_rows: int) -> UnreadableFile:
    """The refusal of a file that has more filled rows than the limit."""
    message = ngettext(
        "Il y a plus de %(limit)s ligne remplie. Découpez le tableau en plusieurs fichiers, avec la ligne "
        "de titres dans chacun, et importez-les l’un après l’autre.",
        "Il y a plus de %(limit)s lignes remplies. Découpez le tableau en plusieurs fichiers, avec la ligne "
        "de titres dans chacun, et importez-les l’un après l’autre.",
        max_rows,
    )
    return UnreadableFile(message % {"limit": figure(max_rows)}, "too_many_rows")


def too_many_columns() -> UnreadableFile:
    """The refusal of a table that is wider than the limit."""
    message = _(
        "Il y a plus de %(limit)s colonnes remplies. Gardez seulement les colonnes du modèle, enregistrez, "
        "puis recommencez."
    )
    return UnreadableFile(message % {"limit": figure(MAX_COLUMNS)}, "too_many_columns")


def cell_too_long(number: int) -> UnreadableFile:
    """The refusal of a table with an endless cell in that row."""
    message = _(
        "Ligne %(row)s\u00a0: une cellule a plus de %(limit)s caractères. Un guillemet ouvert sans être "
        "fermé peut en être la cause. Corrigez cette ligne, puis recommencez."
    )
    values = {"row": number, "limit": figure(MAX_CELL_CHARACTERS)}
    return UnreadableFile(message % values, "cell_too_long")


def nothing_written() -> UnreadableFile:
    """The refusal of a file in which nothing is written."""
    message = _(
        "Il n’y a rien à lire\u00a0: aucune cellule n’est remplie. Vérifiez que c’est le bon fichier et "
        "qu’il a été enregistré, puis recommencez."
    )
    return UnreadableFile(message, "empty")


def row_of_titles(rows: list[tuple], score: Score | None) -> int:
    """Which of the first filled rows holds the titles: the first, unless a later one knows better."""
    if score is None:
        return 0
    scores = [score(cells) for cells in rows[:TITLES_WITHIN]]
    best = max(scores, default=0)
    return scores.index(best) if best >= ENOUGH_TITLES else 0


def build_table(
    records: Iterable[tuple[int, tuple]],
    *,
    max_rows: int,
    score: Score | None = None,
    open_ended: bool = False,
    last_row: Callable[[], int] | None = None,
    notes: Iterable[str] = (),
    **found,
) -> Table:
    """Make the table of the records, each a row number and its cells, already stripped.

    The first record that holds something gives the titles, or with `score` the one that holds most known
    ones. With `open_ended` every column of the sheet counts as present in the title row, as in a workbook;
    otherwise the title row ends where its line ends, and what stands further right in another row is that
    row's `extra`. `last_row`, asked at the end, tells the sheet's last row, where the records leave blank
    ones out. `found` goes to the `Table` as it is.

    Raises `UnreadableFile`, here or where the rows are read, when there is no row, too much of anything, or a
    title that is missing or double.
    """
    records = iter(records)
    first = _first_filled(records)
    if not first:
        raise nothing_written()
    found_at = row_of_titles([cells for _number, cells in first if not is_blank(cells)], score)
    filled = [index for index, (_number, cells) in enumerate(first) if not is_blank(cells)]
    title_row, titles = first[filled[found_at]]
    records = chain(first[filled[found_at] + 1 :], records)
    headers = tuple(_as_title(title) for title in without_blank_end(titles))
    declared = MAX_COLUMNS if open_ended else len(titles)
    width = len(headers)
    if width > MAX_COLUMNS:
        raise too_many_columns()
    _refuse_double_titles(headers)

    notes = list(notes)
    if found_at:
        message = _(
            "Les titres des colonnes sont à la ligne %(row)s : ce qui est au-dessus n’est pas repris."
        )
        notes.append(message % {"row": figure(title_row)})
    table = Table(headers=headers, rows=(), notes=notes, **found)
    table.rows = _filled_rows(table, records, title_row, max_rows, declared, last_row)
    return table


def _filled_rows(table, records, title_row, max_rows, declared, last_row) -> Iterator[Row]:
    """The filled rows below the titles; when they end, the table knows what was passed over."""
    width = len(table.headers)
    untitled = [index for index, header in enumerate(table.headers) if not header]
    found = blank = 0
    for number, cells in records:
        if is_blank(cells):
            blank += 1
            continue
        if found == max_rows:
            raise too_many_rows(max_rows)
        extra = ()
        if len(cells) < width:
            cells += ("",) * (width - len(cells))
        elif len(cells) > width:
            cells, extra = cells[:width], without_blank_end(cells[width:])
            if extra:
                if width + len(extra) > MAX_COLUMNS:
                    raise too_many_columns()
                first = width + next(index for index, cell in enumerate(extra) if cell != "")
                if first < declared:
                    raise _untitled_column(first, number)
        for index in untitled:
            if cells[index] != "":
                raise _untitled_column(index, number)
        found += 1
        yield Row(number, cells, extra)
    if not found:
        message = _(
            "Il n’y a que la ligne de titres, sans aucune ligne en dessous. Remplissez au moins une ligne, "
            "enregistrez, puis recommencez."
        )
        raise UnreadableFile(message, "no_rows")
    table.blank_rows = blank if last_row is None else last_row() - title_row - found
    if table.blank_rows:
        passed_over = ngettext(
            "%(count)s ligne vide a été ignorée.",
            "%(count)s lignes vides ont été ignorées.",
            table.blank_rows,
        )
        table.notes.append(passed_over % {"count": figure(table.blank_rows)})


def _first_filled(records: Iterable[tuple[int, tuple]]) -> list[tuple[int, tuple]]:
    """The records up to the tenth that holds something, blank ones between them included."""
    first = []
    filled = 0
    for record in records:
        first.append(record)
        filled += not is_blank(record[1])
        if filled == TITLES_WITHIN:
            break
    return first if filled else []


def _as_title(value) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return " ".join(str(value).split())


def _refuse_double_titles(headers: tuple[str, ...]) -> None:
    seen = {}
    for index, header in enumerate(headers):
        key = "".join(header.casefold().split())
        if not key:
            continue
        if key in seen:
            message = _(
                "Les colonnes %(first)s et %(second)s portent le même titre «\u00a0%(title)s\u00a0». "
                "Renommez ou supprimez l’une des deux, puis recommencez."
            )
            values = {"first": column_letters(seen[key]), "second": column_letters(index), "title": header}
            raise UnreadableFile(message % values, "duplicate_header")
        seen[key] = index


def _untitled_column(index: int, number: int) -> UnreadableFile:
    message = _(
        "La colonne %(column)s n’a pas de titre alors qu’elle est remplie, à la ligne %(row)s par exemple. "
        "Donnez-lui un titre ou videz-la, puis recommencez."
    )
    return UnreadableFile(message % {"column": column_letters(index), "row": number}, "blank_header")
