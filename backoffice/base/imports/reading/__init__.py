"""Reading the files that people send: CSV, Excel workbooks and cells pasted from a spreadsheet.

Whatever the file is, the answer is a `Table` of titles and rows, or an `UnreadableFile` whose message tells
the person what happened and what to do. The content decides what a file is, never its name. Nothing here
knows a model or opens the database.
"""

from .errors import UnreadableFile
from .files import open_file, read_file, read_pasted
from .limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS
from .table import Row, Table, column_letters

__all__ = [
    "MAX_CELL_CHARACTERS",
    "MAX_COLUMNS",
    "MAX_FILE_BYTES",
    "MAX_ROWS",
    "Row",
    "Table",
    "UnreadableFile",
    "column_letters",
    "open_file",
    "read_file",
    "read_pasted",
]
