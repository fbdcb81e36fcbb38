"""Drawing documents: a template's blocks and its values, as data, through one layout, to one PDF.

Values never become markup, neither ours nor the layout's: the layout is a file of its own and everything
that is written in a document reaches it as JSON. The PDF is tagged, in French, and carries no date, so that
the same document gives the same bytes.
"""

import io
import json
import re
import secrets
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, pairwise
from pathlib import Path

import segno
import typst
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from pratik.core.links import verification_page

from ..fields import is_blank
from ..markup import Fault, PaperRefused, Placeholder, clean, named_fields, read
from ..reports import CODE_LENGTH, CODE_LETTERS, written_code

LAYOUT = Path(__file__).resolve().parent.parent / "layout"
# What a blank value leaves in its place.
NOTHING = "—"
LISTED_FAULTS = 5
# Letters that are surely in the fonts; others are tried.
_SURE = re.compile("[ -~\xa0-\u0148\u014a-\u017f’‘“”–—…€\u202f\n]+")
# A word longer than a line may be cut anywhere; what wraps only there is not read as a space.
_LONG_WORD = re.compile(r"\S{40,}")
_PIECE = 20
# The accessible flavour of PDF: the drawing fails rather than leave a letter out.
_STANDARD = "ua-1"
_NO_LETTER = "could not be displayed", "disallowed codepoint"


@dataclass(frozen=True)
class Paper:
    """One document of several; what each part is, `draw` tells."""

    body: str
    values: dict
    title: str
    number: str
    code: str
    header: str = ""


def new_code():
    """A fresh verification code: 16 letters and digits that nobody takes for one another."""
    return "".join(secrets.choice(CODE_LETTERS) for _each in range(CODE_LENGTH))


def draw(template_body, values, *, title, number, code, header=""):
    """The PDF of one document, in bytes.

    `title` stands at its head, `number` beside it, `header` below it and on every page (who it is about);
    `code` is its verification code, printed with its address on every page. Raises `PaperRefused`, with the
    line or the field at fault, for a template that cannot be read, a field without a value, or a letter that
    no font has.
    """
    return draw_many([Paper(template_body, values, title, number, code, header)], title=title)


def draw_many(papers, *, title=""):
    """Several documents in one PDF, in bytes, each with its own page numbers; one run of the layout.

    `title` is what the file calls itself. Raises `PaperRefused` as `draw` does, `ValueError` without papers.
    """
    return _compile(papers, title, format="pdf", pdf_standards=[_STANDARD])


def draw_pages(template_body, values, *, title, number, code, header="", dots_per_inch=80):
    """The pages of a document as pictures (PNG), to look at. Raises as `draw` does."""
    paper = Paper(template_body, values, title, number, code, header)
    # What cannot be printed is refused here too, and pictures alone would not tell.
    draw_many([paper])
    pages = _compile([paper], title, format="png", ppi=dots_per_inch)
    return pages if isinstance(pages, list) else [pages]


def _compile(papers, title, **options):
    papers = list(papers)
    if not papers:
        raise ValueError("There is nothing to draw.")
    # Documents are in French, whoever asks for them; what is refused is told in the person's language.
    with override("fr"):
        words = {
            "page": _("Page"),
            "verify": _("Vérifier ce document :"),
            "sign_here": _("Date et signature"),
            "qr": _("Code à lire avec un téléphone pour vérifier ce document"),
        }
    several = len(papers) > 1
    data = {
        "title": _printed(title or papers[0].title),
        "words": words,
        "papers": [_paper(paper, place, several) for place, paper in enumerate(papers)],
    }
    try:
        return _run((LAYOUT / "paper.typ").read_bytes(), data, **options)
    except typst.TypstError as error:
        if not any(words in error.message for words in _NO_LETTER):
            raise
        faults = islice((fault for paper in papers for fault in _unprintable(paper, several)), LISTED_FAULTS)
        raise PaperRefused(
            list(faults) or [Fault(0, _("Le document contient un signe qui ne s’imprime pas."))]
        ) from error


def _named(fault, paper, several):
    """A fault, told with the number of its document when there are several."""
    if not several:
        return fault
    return Fault(0, _("%(number)s : %(fault)s") % {"number": paper.number, "fault": fault})


def _run(source, data, **options):
    return typst.compile(
        source,
        root=str(LAYOUT),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, sort_keys=True)},
        **options,
    )


@cache
def _fonts():
    """The fonts that come with the library: the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def _paper(paper, place, several):
    try:
        blocks = _blocks(paper)
    except PaperRefused as refusal:
        raise PaperRefused(_named(fault, paper, several) for fault in refusal.faults) from refusal
    address = f"{settings.SITE_URL}{verification_page(paper.code)}"
    return {
        "title": _printed(paper.title),
        "number": _printed(paper.number),
        "header": _printed(paper.header),
        "code": written_code(paper.code),
        "address": _printed(re.sub("^https?://", "", address)),
        "qr": _qr(address),
        "start": f"start-{place}",
        "end": f"end-{place}",
        "blocks": blocks,
    }


@lru_cache(maxsize=1024)
def _qr(address):
    """A square code that leads to an address, as a picture (SVG)."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=0, dark="#15231c", xmldecl=False, nl=False)
    return out.getvalue().decode()


def _blocks(paper):
    values = {name: _plain(value) for name, value in paper.values.items()}
    lacking = {}
    for line, name in named_fields(paper.body):
        if name not in values:
            lacking.setdefault(name, line)
    if lacking:
        raise PaperRefused(
            Fault(line, _("le champ « %(name)s » n’a pas reçu de valeur.") % {"name": name})
            for name, line in lacking.items()
        )
    drawn, level = [], 1
    for block in read(paper.body, lambda name: is_blank(values[name])):
        if block.kind == "heading":
            # A heading is at most one below the one before it, else those who listen to the page are lost.
            level = min(block.level + 1, level + 1)
            drawn.append({"kind": "heading", "level": level, "runs": _runs(block.rows[0][0], values)})
        elif block.kind == "page_break":
            drawn.append({"kind": "page_break"})
        elif block.kind == "list":
            drawn.append({"kind": "list", "items": [_runs(row[0], values) for row in block.rows]})
        elif block.kind == "table":
            drawn.append(
                _table([[_runs(cell, values) for cell in row] for row in block.rows], block.has_header)
            )
        elif block.kind == "signatures":
            boxes = [
                {"role": _runs(row[0], values), "name": _runs(row[1], values) if len(row) > 1 else None}
                for row in block.rows
            ]
            drawn.append({"kind": "signatures", "boxes": boxes})
        else:
            drawn += _paragraphs(block, values)
    for before, after in pairwise(drawn):
        if before["kind"] == "paragraph" and after["kind"] == "signatures":
            before["leads"] = True
    return drawn


def _paragraphs(block, values):
    """A paragraph; when a value alone makes it, as many as the value has, or its list or table."""
    field = block.lone_field
    value = values[field.name] if field else None
    if not isinstance(value, list) or is_blank(value):
        if field and isinstance(value, str) and "\n\n" in value:
            return [
                {"kind": "paragraph", "runs": _text_runs(part, field)}
                for part in re.split(r"\n{2,}", value)
                if part.strip()
            ]
        return [{"kind": "paragraph", "runs": _runs(block.rows[0][0], values)}]
    if isinstance(value[0], list):
        width = max(map(len, value))
        cells = [[_text_runs(cell, field) for cell in row] + [[]] * (width - len(row)) for row in value]
        return [_table(cells, len(cells) > 1)]
    return [{"kind": "list", "items": [_text_runs(item, field) for item in value if item.strip()]}]


def _table(rows, has_header):
    return {
        "kind": "table",
        "columns": len(rows[0]),
        "header": rows[0] if has_header else None,
        "rows": rows[1:] if has_header else rows,
    }


def _runs(parts, values):
    return [
        run
        for part in parts
        for run in _text_runs(
            _in_line(values[part.name]) if isinstance(part, Placeholder) else part.text, part
        )
    ]


def _text_runs(text, look):
    """A text in the look of a part of the template; its line breaks are kept."""
    runs = []
    for place, line in enumerate(_printed(text).split("\n")):
        if place:
            runs.append({"br": True})
        if line:
            runs.append({"text": line, **_look(look)})
    return runs


def _look(part):
    return {name: True for name in ("bold", "italic") if getattr(part, name)}


def _plain(value):
    """A value as texts: itself, a list of texts, or a list of lists of texts."""
    if isinstance(value, list | tuple):
        rows = [
            [clean(cell) for cell in item] if isinstance(item, list | tuple) else clean(item)
            for item in value
        ]
        if any(isinstance(row, list) for row in rows):
            # A table is all rows, and a row has cells.
            return [row if isinstance(row, list) and row else [row or ""] for row in rows]
        return rows
    return "" if value is None else clean(value)


def _in_line(value):
    """A value within a line of text."""
    if is_blank(value):
        return NOTHING
    if isinstance(value, str):
        return value
    return ", ".join(" ".join(item) if isinstance(item, list) else item for item in value)


def _printed(text):
    """The text as it goes to the layout: what no printer prints is out, long words have places to be cut."""
    return _LONG_WORD.sub(
        lambda word: "\u200b".join(word[0][at : at + _PIECE] for at in range(0, len(word[0]), _PIECE)),
        clean(text),
    )


def _unprintable(paper, several):
    """Which letters no font has: in the template by line, in the values by field."""
    for line, text in enumerate(clean(paper.body).split("\n"), 1):
        for letter in _undrawn(text):
            yield _named(Fault(line, _no_letter(letter)), paper, several)
    named = {name for _line, name in named_fields(paper.body)}
    parts = {name: value for name, value in paper.values.items() if name in named}
    parts |= {"title": paper.title, "number": paper.number, "header": paper.header}
    for name, value in parts.items():
        for letter in _undrawn(json.dumps(_plain(value), ensure_ascii=False)):
            told = _("Champ « %(name)s » : %(fault)s")
            yield _named(Fault(0, told % {"name": name, "fault": _no_letter(letter)}), paper, several)


def _no_letter(letter):
    return _("« %(letter)s » n’est dans aucune police et ne s’imprime pas : écrivez-le autrement.") % {
        "letter": letter
    }


def _undrawn(text):
    """The first letters of a text that no font has."""
    return list(islice(_without_font(sorted(set(_SURE.sub("", text)))), LISTED_FAULTS))


def _without_font(letters):
    """The letters that no font has, found by halving: few pages are drawn, however many letters there are."""
    if not letters or _are_drawn("".join(letters)):
        return
    if len(letters) == 1:
        yield letters[0]
        return
    half = len(letters) // 2
    yield from _without_font(letters[:half])
    yield from _without_font(letters[half:])


@lru_cache(maxsize=1024)
def _are_drawn(letters):
    """Whether the fonts have all these letters: one page with them is drawn to know."""
    source = (
        b'#set document(title: "x", date: none)\n#set text(lang: "fr", font: '
        b'("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono", "New Computer Modern Math"))\n'
        b"#json(bytes(sys.inputs.data)).text"
    )
    try:
        # A mark stands on a letter.
        text = " ".join(f"o{letter}" for letter in letters)
        _run(source, {"text": text}, format="pdf", pdf_standards=[_STANDARD])
    except typst.TypstError:
        return False
    return True
