"""How much the reader accepts. Each limit protects the server's memory or the person's time."""

MIB = 1024 * 1024

# 500 000 rows of a dozen columns weigh about 50 MiB as CSV or XLSX: twice that is not a list of ours.
MAX_FILE_BYTES = 100 * MIB

# What one import writes in a single transaction within a few minutes.
MAX_ROWS = 500_000

# The widest file that a school really sends has about 60 columns.
MAX_COLUMNS = 200

# Excel's own limit for one cell: above it, a quotation mark was left open or the file is no table.
MAX_CELL_CHARACTERS = 32_767

# One row of a CSV, with the line breaks within its cells: it is taken apart as a whole. The widest row that a
# school really sends, with its longest description, has 20 000 characters.
MAX_RECORD_CHARACTERS = MIB

# Parts (members) of a workbook. A real one has a few dozen.
MAX_MEMBERS = 2_000

# All worksheets together, decompressed: 768 000 styled rows of ten columns make about 250 MiB, a million of
# them still passes. They are read as a stream and never held in memory.
MAX_SHEET_BYTES = 400 * MIB

# All other parts together, decompressed: texts, styles, pictures. Texts and styles are held in memory.
MAX_OTHER_BYTES = 64 * MIB

# Texts that cells share. One of a single letter, <si><t>x</t></si>, takes more bytes than the part may have
# for each of these: only blank ones, which no program writes, come to more.
MAX_TEXTS = MAX_OTHER_BYTES // 16

# Rows times columns handed to the spreadsheet reader in all: 500 000 rows of 80 columns.
MAX_CELLS = 40_000_000

# The texts of all cells together, each time that they are written. Workbooks write a text once, however many
# cells show it: a few kilobytes may stand for gigabytes. A CSV with so much text would be too large a file.
MAX_TEXT_CHARACTERS = MAX_FILE_BYTES

# What the spreadsheet reader gets at once, as XML and the texts that it refers to, and as rows times columns:
# it copies each text and lays out a full rectangle in memory (about 130 bytes per cell, all copies counted).
PART_BYTES = 16 * MIB
PART_CELLS = 200_000

# One row of a worksheet, as XML or as the texts that it refers to. Excel's widest row, 16 384 styled cells,
# makes less than 1 MiB; 200 texts of Excel's full length make 6.
MAX_ROW_BYTES = 16 * MIB

# The last row that a spreadsheet can have.
MAX_SHEET_ROW = 1_048_576

# Decompressed bytes looked at in one go.
CHUNK_BYTES = MIB
