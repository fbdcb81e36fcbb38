"""The light markup in which templates are written, read into blocks.

    # Heading                      one or two #
    A paragraph goes on until a blank line.
    - an item of a list
    | label | value |              a row of a table; a row of dashes below the first makes it a heading
    ---                            a new page
    [signatures]                   who signs, one line each below it: - Role | Name
    **bold**  *italic*  \\*         a backslash before a sign leaves it as it is
    {{ field }}                    a value; alone in its paragraph, a list or a table may take its place
    {% if field %} … {% if not field %} … {% else %} … {% endif %}    not one inside another

Values are set in after the markup was read: nothing in them is ever markup.
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST = 100_000
MOST_COLUMNS = 8
# Headings, paragraphs, items and rows: an agreement has about a hundred. More of them take minutes to draw.
MOST_PARTS = 1_000
MOST_RUNS = 5_000
MOST_PAGE_BREAKS = 40

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
# Bounded, so that a line of nothing but braces is read as fast as any other.
_TAG = re.compile(r"(?<!\\)\{%([^%{}]{0,200})%\}|(?<!\\)\{\{([^{}]{0,200})\}\}")
_IF = re.compile(r"if\s+(not\s+)?(" + FIELD_NAME.pattern + ")")
_HALF_TAG = re.compile(r"\{[{%]|[}%]\}")
_RULE_CELL = re.compile(r":?-{2,}:?")
_ESCAPED = "\\*|{}#-[%"
_KNOWN_TAGS = "{% if champ %}, {% if not champ %}, {% else %}, {% endif %}"
SIGNATURES = "[signatures]"
# How a line begins that is no paragraph's.
_OTHER = re.compile(r"#|- |\||-{3,}$|\[signatures\]$")


@dataclass(frozen=True)
class Fault:
    """Something in a template that cannot stand, said to who wrote it; `line` counts from 1, 0 is no line."""

    line: int
    text: str

    def __str__(self):
        if not self.line:
            return self.text
        return _("Ligne %(line)d : %(fault)s") % {"line": self.line, "fault": self.text}


class PaperRefused(ValidationError):
    """A document cannot be drawn; `faults` say each where and why."""

    def __init__(self, faults):
        self.faults = list(faults)
        super().__init__([str(fault) for fault in self.faults], code="paper")


@dataclass(frozen=True)
class Text:
    """A stretch of text of one look."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True)
class Placeholder:
    """Where a value goes."""

    name: str
    line: int
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list, table, page break or place for signatures.

    `rows` holds what it is made of, each row a list of cells, each cell a list of `Text` and `Placeholder`.
    """

    kind: str
    line: int
    rows: tuple = ()
    level: int = 0
    has_header: bool = False

    @property
    def lone_field(self):
        """The placeholder that a paragraph is made of, and nothing else; None in any other block."""
        if self.kind != "paragraph":
            return None
        inlines = [part for part in self.rows[0][0] if isinstance(part, Placeholder) or part.text.strip()]
        return inlines[0] if len(inlines) == 1 and isinstance(inlines[0], Placeholder) else None


def clean(text):
    """A template's or a value's text with one kind of line break, and without what no printer prints.

    Control characters, and marks that turn the direction of what follows or hide in it, are taken out: they
    would let a document say something else than it shows.
    """
    text = str(text).replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\t", " ")
    return _INVISIBLE.sub("", text)


_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufe00-\ufe0f\ud800-\udfff\ufffe\uffff\U000e0000-\U000e007f]"
)


def faults(body):
    """What is wrong with a template, by line; an empty list when it can be drawn."""
    body = clean(body)
    if len(body) > LONGEST:
        most = ngettext(
            "Le modèle dépasse %(most)d caractère.", "Le modèle dépasse %(most)d caractères.", LONGEST
        ) % {"most": LONGEST}
        return [Fault(0, most)]
    if not body.strip():
        return [Fault(0, _("Le modèle est vide."))]
    found = []
    whole = _choose(body, None, found)
    blocks = _Reader(whole, found).read()
    if not found:
        # What is left when no condition holds must stand by itself too.
        _Reader(_choose(body, lambda name: False, []), found).read()
        if not blocks:
            found.append(Fault(0, _("Le modèle est vide.")))
        found += _too_long(blocks)
    return sorted(dict.fromkeys(found), key=lambda fault: fault.line)


def _too_long(blocks):
    """What would take too long to draw, at the line where it becomes too much."""
    parts = runs = breaks = 0
    for block in blocks:
        parts += max(len(block.rows), 1)
        runs += sum(len(cell) for row in block.rows for cell in row)
        breaks += block.kind == "page_break"
        if parts > MOST_PARTS:
            most = _("le modèle est trop long : au plus %(most)d titres, paragraphes, points et lignes.")
            return [Fault(block.line, most % {"most": MOST_PARTS})]
        if runs > MOST_RUNS:
            return [Fault(block.line, _("le modèle change trop souvent de caractères, ou a trop de champs."))]
        if breaks > MOST_PAGE_BREAKS:
            most = _("le modèle a trop de sauts de page : au plus %(most)d.")
            return [Fault(block.line, most % {"most": MOST_PAGE_BREAKS})]
    return []


def read(body, is_blank):
    """The blocks of a template; `is_blank(name)` tells which conditions do not hold.

    Raises `PaperRefused` when the template has faults.
    """
    if wrong := faults(body):
        raise PaperRefused(wrong)
    lines = _choose(clean(body), lambda name: not is_blank(name), [])
    wrong = []
    blocks = _Reader(lines, wrong).read()
    if wrong:
        raise PaperRefused(wrong)
    return blocks


def named_fields(body):
    """Every field that a template names, in its text and its conditions: [(line, name)], in order."""
    named = []
    for number, line in enumerate(clean(body).split("\n"), 1):
        for match in _TAG.finditer(line):
            tag, name = match.groups()
            if tag is None:
                name = name.strip()
            elif condition := _IF.fullmatch(tag.strip()):
                name = condition[2]
            if name and FIELD_NAME.fullmatch(name):
                named.append((number, name))
    return named


def has_signatures(body):
    """Whether a template has a place for signatures."""
    return any(line.strip() == SIGNATURES for line in clean(body).split("\n"))


def _choose(body, holds, found):
    """The lines that stay once conditions are decided: [(number, text)]. What they leave empty goes.

    Without `holds`, all stays, of both sides of an else too. Faults of the conditions are added to `found`.
    """
    lines, opened, keeps = [], None, True
    for number, line in enumerate(body.split("\n"), 1):
        kept, at, had_tag = [], 0, False
        for match in _TAG.finditer(line):
            if match[1] is None:
                continue
            kept.append(line[at : match.start()] if keeps else "")
            at, had_tag, tag = match.end(), True, match[1].strip()
            if condition := _IF.fullmatch(tag):
                if opened:
                    found.append(
                        Fault(
                            number,
                            _(
                                "une condition est ouverte dans une autre :"
                                " fermez d’abord celle de la ligne %(line)d."
                            )
                            % {"line": opened[0]},
                        )
                    )
                wanted = holds is None or holds(condition[2]) is not bool(condition[1])
                opened, keeps = (number, wanted), wanted
            elif tag in ("else", "endif"):
                if not opened:
                    found.append(
                        Fault(
                            number,
                            _("« %(tag)s » ne ferme aucune condition.") % {"tag": match[0]},
                        )
                    )
                elif tag == "else":
                    keeps = holds is None or not opened[1]
                    continue
                opened, keeps = None, True
            else:
                found.append(
                    Fault(
                        number,
                        _("« %(tag)s » n’est pas connu : écrivez %(known)s.")
                        % {"tag": match[0][:60], "known": _KNOWN_TAGS},
                    )
                )
        kept.append(line[at:] if keeps else "")
        text = "".join(kept)
        if text.strip() or (keeps and not had_tag):
            lines.append((number, text))
    if opened:
        found.append(
            Fault(
                opened[0],
                _("cette condition n’est pas fermée : ajoutez « %(tag)s » à sa fin.")
                % {"tag": "{% endif %}"},
            )
        )
    return lines


class _Reader:
    """Reads lines into blocks; what is wrong is added to `found`."""

    def __init__(self, lines, found):
        self.lines = lines
        self.found = found
        self.at = 0
        self.blocks = []

    def read(self):
        while self.at < len(self.lines):
            number, line = self.lines[self.at]
            text = line.strip()
            if not text:
                self.at += 1
            elif text.startswith("#"):
                self.heading(number, text)
            elif text.startswith("- "):
                rows = [(self.inlines(at, item[2:]),) for at, item in self.take("- ")]
                self.blocks.append(Block("list", number, tuple(rows)))
            elif text.startswith("|"):
                self.table(number)
            elif text == SIGNATURES:
                self.signatures(number)
            elif len(text) >= 3 and not text.strip("-"):
                self.at += 1
                self.blocks.append(Block("page_break", number))
            else:
                self.paragraph(number)
        return self.blocks

    def wrong(self, number, text):
        self.found.append(Fault(number, text))

    def take(self, start):
        """The lines from here on that begin alike."""
        taken = []
        while self.at < len(self.lines) and self.lines[self.at][1].strip().startswith(start):
            number, line = self.lines[self.at]
            taken.append((number, line.strip()))
            self.at += 1
        return taken

    def heading(self, number, text):
        self.at += 1
        sign, _space, words = text.partition(" ")
        if sign not in ("#", "##"):
            self.wrong(
                number,
                _("un titre s’écrit « # Titre » ou « ## Titre », avec une espace (« \\# » écrit un dièse)."),
            )
        elif not words.strip():
            self.wrong(number, _("ce titre est vide."))
        else:
            row = (self.inlines(number, words.strip()),)
            self.blocks.append(Block("heading", number, (row,), level=len(sign)))

    def table(self, number):
        taken = [(at, self.cells(at, line)) for at, line in self.take("|")]
        has_header = len(taken) > 1 and all(_RULE_CELL.fullmatch(cell) for cell in taken[1][1])
        if has_header:
            del taken[1]
        width = len(taken[0][1])
        rows = []
        for at, cells in taken:
            if not 2 <= len(cells) <= MOST_COLUMNS:
                self.wrong(
                    at,
                    _("une ligne de tableau a de 2 à %(most)d cases, entre des « | ».")
                    % {"most": MOST_COLUMNS},
                )
            elif len(cells) != width:
                self.wrong(
                    at,
                    _("cette ligne a %(number)d cases et la première du tableau en a %(width)d.")
                    % {"number": len(cells), "width": width},
                )
            rows.append(tuple(self.inlines(at, cell) for cell in cells))
        self.blocks.append(Block("table", number, tuple(rows), has_header=has_header))

    def cells(self, number, line):
        if not re.search(r"(?<!\\)\|$", line) or len(line) < 2:
            self.wrong(number, _("une ligne de tableau commence et finit par « | »."))
        return [cell.strip() for cell in _split(line.strip("|") if line.endswith("|") else line[1:])]

    def signatures(self, number):
        self.at += 1
        rows = []
        for at, line in self.take("- "):
            parts = [part.strip() for part in _split(line[2:])]
            if len(parts) > 2 or not parts[0]:
                self.wrong(at, _("écrivez « - Rôle | Nom » pour chaque personne qui signe."))
            rows.append(tuple(self.inlines(at, part) for part in parts[:2]))
        if not rows:
            self.wrong(
                number, _("dites qui signe : une ligne « - Rôle | Nom » par personne sous « [signatures] ».")
            )
        self.blocks.append(Block("signatures", number, tuple(rows)))

    def paragraph(self, number):
        inlines = []
        while self.at < len(self.lines):
            at, line = self.lines[self.at]
            text = line.strip()
            if not text or (inlines and _OTHER.match(text)):
                break
            if inlines:
                inlines.append(Text(" "))
            inlines += self.inlines(at, text)
            self.at += 1
        self.blocks.append(Block("paragraph", number, ((tuple(inlines),),)))

    def inlines(self, number, text):
        """A line's text and placeholders, with their look."""
        parts, bold, italic, plain, at = [], False, False, [], 0

        def flush():
            if plain:
                parts.append(Text("".join(plain), bold, italic))
                plain.clear()

        while at < len(text):
            if text[at] == "\\" and text[at + 1 : at + 2] and text[at + 1] in _ESCAPED:
                plain.append(text[at + 1])
                at += 2
            elif match := _TAG.match(text, at):
                name = (match[2] or "").strip()
                if not FIELD_NAME.fullmatch(name):
                    self.wrong(
                        number,
                        _("« %(tag)s » n’est pas un champ : écrivez son nom entre « {{ » et « }} ».")
                        % {"tag": match[0][:60]},
                    )
                flush()
                parts.append(Placeholder(name, number, bold, italic))
                at = match.end()
            elif _HALF_TAG.match(text, at):
                self.wrong(
                    number,
                    _(
                        "des accolades ne sont pas fermées ou pas ouvertes :"
                        " un champ s’écrit « {{ champ }} »."
                    ),
                )
                return tuple(parts)
            elif text.startswith("**", at):
                flush()
                bold = not bold
                at += 2
            elif text[at] == "*" and self.turns_italic(text, at, italic):
                flush()
                italic = not italic
                at += 1
            else:
                plain.append(text[at])
                at += 1
        flush()
        if bold:
            self.wrong(number, _("il manque « ** » pour fermer le gras (« \\* » écrit une étoile)."))
        elif italic:
            self.wrong(number, _("il manque « * » pour fermer l’italique (« \\* » écrit une étoile)."))
        return tuple(parts)

    @staticmethod
    def turns_italic(text, at, is_italic):
        """A star between spaces is a star."""
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        return bool(before.strip()) if is_italic else bool(after.strip())


def _split(text):
    """The cells of a line, at bars that no backslash stands before."""
    return re.split(r"(?<!\\)\|", text)
