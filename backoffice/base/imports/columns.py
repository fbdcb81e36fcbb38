"""The columns of a file that people send: what they are called, and how a cell becomes a value.

A column is a django-import-export field, and a reader is one of its widgets: `clean` reads a cell that was
typed by a person or kept by a spreadsheet, `render` writes a value so that it can be read again.
"""

import datetime
import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import Widget

from pratik.core.text import fold, nearest, unquote_formula
from pratik.reference import identifiers
from pratik.reference.levels import LevelNotUnderstood, level_label, read_level

BLANK = ("", None)


def problem(message, code="unreadable"):
    """A refusal of a cell, in words for the person who typed it."""
    return ValidationError(message, code=code)


def or_suggestion(message, suggestions):
    """The message, and what was perhaps meant: « Vouliez-vous dire … ? »."""
    if not suggestions:
        return message
    quoted = " ou ".join(f"«\u00a0{suggestion}\u00a0»" for suggestion in suggestions)
    return _("%(message)s Vouliez-vous dire %(suggestions)s\u00a0?") % {
        "message": message,
        "suggestions": quoted,
    }


class Column(Field):
    """One column of a resource.

    `aliases` are other names that people give it. `depends` are columns read before, whose values the
    reader needs. A `virtual` column is only read for others that depend on it, and is only shown in exports.
    """

    def __init__(
        self,
        attribute,
        column_name,
        reader=None,
        *,
        aliases=(),
        depends=(),
        virtual=False,
        required=False,
        example="",
        note="",
    ):
        super().__init__(attribute=attribute, column_name=column_name, widget=reader or Text())
        self.aliases = frozenset(fold(alias) for alias in (column_name, *aliases))
        self.depends = depends
        self.virtual = virtual
        self.required = required
        self.example = example
        self.note = note

    @property
    def reader(self):
        return self.widget

    def export(self, instance, **kwargs):
        """The value of the column for one row, as a plain value that a spreadsheet knows."""
        return self.widget.render(self.get_value(instance), instance)


class Reader(Widget):
    """Turns a cell into a value. `blank` is what an empty cell means."""

    blank = ""

    def prepare(self, context):
        """Takes what the reader needs for a whole file; called once, so that no cell makes a query."""

    def clean(self, value, row=None, **kwargs):
        """The value of a cell. Raises `ValidationError` with a sentence for the person."""
        if isinstance(value, str):
            value = unquote_formula(value.strip())
        return self.empty() if value in BLANK else self.read(value, **kwargs)

    def empty(self):
        return self.blank

    def read(self, value):
        return self.text_of(value)

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else value

    def is_same(self, kept, read):
        """Whether a cell says what is kept already."""
        return kept == read

    @staticmethod
    def text_of(value):
        """A cell as text: a number that a spreadsheet made of a code loses its « .0 » again."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, datetime.date):
            return value.strftime("%d/%m/%Y")
        return str(value).strip()


class Text(Reader):
    pass


class Name(Reader):
    """What something is called, spaced as the models keep it, so that a file sent again changes nothing."""

    def read(self, value):
        return " ".join(self.text_of(value).split())


class MultilineText(Reader):
    def read(self, value):
        return self.text_of(value).replace("\r\n", "\n").replace("\r", "\n")

    def is_same(self, kept, read):
        """A form ends lines in another way than a file, and keeps the space around a text."""
        return kept == read or (isinstance(kept, str) and self.read(kept) == read)


class Email(Reader):
    def read(self, value):
        return self.text_of(value).lower()


class WebAddress(Reader):
    def read(self, value):
        text = self.text_of(value)
        return text if "://" in text else f"https://{text}"


CENT = Decimal("0.01")
# What people count, and write behind the number.
COUNTED = re.compile(r"(eleves?|etudiants?|stagiaires?|apprentis?)$")


class WholeNumber(Reader):
    """« 1 200 », « 24 », 24.0, « 24 élèves »."""

    blank = None

    def read(self, value):
        text = re.sub(r"[\s\u00a0\u202f]", "", self.text_of(value))
        if not text.isascii() or text[-1:].isalpha():
            text = COUNTED.sub("", fold(text))
        text = re.sub(r"[.,]0{1,2}$", "", text)
        if not re.fullmatch(r"[+-]?\d{1,9}", text):
            raise problem(_("« %(value)s » n’est pas un nombre entier.") % {"value": value})
        return int(text)


class Number(Reader):
    """A number with a comma or a point."""

    blank = None

    def read(self, value):
        text = re.sub(r"[\s\u00a0\u202f]", "", str(value)).replace(",", ".")
        if not re.fullmatch(r"[+-]?\d{1,9}(\.\d+)?", text):
            raise problem(_("« %(value)s » n’est pas un nombre.") % {"value": value})
        return float(text)


class Money(Number):
    """A sum in euros, shown with its cents: « 4,5 », 4.50, « 4,50 »."""

    def read(self, value):
        return Decimal(str(super().read(value)))

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else value.quantize(CENT)


MONTHS = {
    fold(name): number
    for number, names in enumerate(
        (
            ("janvier", "janv"),
            ("février", "fevr", "fev"),
            ("mars",),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("août",),
            ("septembre", "sept"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("décembre", "dec"),
        ),
        start=1,
    )
    for name in names
}
# Days since 1899-12-30: what a spreadsheet keeps for a date. 1927 to 2064, so that no year is taken for one.
SERIAL_DATES = range(10_000, 60_001)


class Date(Reader):
    """A day as French people write it: 5/1/2027, 05-01-2027, 5 janvier 2027, 2027-01-05."""

    blank = None

    def read(self, value):
        if isinstance(value, datetime.datetime):
            return value.date()
        if isinstance(value, datetime.date):
            return value
        text = self.text_of(value)
        if text.isdigit() and int(text) in SERIAL_DATES:
            return datetime.date(1899, 12, 30) + datetime.timedelta(days=int(text))
        day, month, year = self._parts(text)
        if year < 100:
            year += 2000
        try:
            return datetime.date(year, month, day)
        except ValueError:
            raise problem(_("La date « %(value)s » n’existe pas.") % {"value": text}) from None

    @staticmethod
    def _parts(text):
        if found := re.fullmatch(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})", text):
            return tuple(map(int, found.groups()))
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?", text):
            return tuple(map(int, reversed(found.groups())))
        words = fold(text).replace("1er ", "1 ").split()
        if words and words[0].isalpha():
            words = words[1:]
        if len(words) == 3 and words[0].isdigit() and words[2].isdigit() and words[1] in MONTHS:
            return int(words[0]), MONTHS[words[1]], int(words[2])
        raise problem(
            _("« %(value)s » n’est pas une date : écrivez-la JJ/MM/AAAA, par exemple 05/01/2027.")
            % {"value": text}
        )


TRUE_WORDS = frozenset({"oui", "o", "vrai", "true", "1", "x", "yes", "y"})
FALSE_WORDS = frozenset({"non", "n", "faux", "false", "0", "no"})


class YesNo(Reader):
    """« oui » or « non »; what is neither is refused, never taken for « non »."""

    def __init__(self, blank=False):
        super().__init__()
        self.blank = blank

    def read(self, value):
        word = fold(self.text_of(value))
        if word in TRUE_WORDS:
            return True
        if word in FALSE_WORDS:
            return False
        raise problem(_("« %(value)s » : écrivez « oui » ou « non ».") % {"value": value})

    def render(self, value, obj=None, **kwargs):
        return "oui" if value else "non"


class Choice(Reader):
    """One of a vocabulary, by its code or its French label, with other words for it."""

    def __init__(self, choices, aliases=None):
        super().__init__()
        self.choices = choices
        self.known = {fold(str(word)): code for word, code in (aliases or {}).items()}

    def prepare(self, context):
        from django.utils import translation

        with translation.override("fr"):
            for code, label in self.choices.choices:
                self.known[fold(str(label))] = code
                self.known.setdefault(fold(str(code)), code)

    def read(self, value):
        text = self.text_of(value)
        try:
            return self.known[fold(text)]
        except KeyError:
            from django.utils import translation

            with translation.override("fr"):
                labels = [str(label) for label in self.choices.labels]
            message = _("« %(value)s » n’est pas connu. Les choix sont : %(labels)s.") % {
                "value": text,
                "labels": ", ".join(labels),
            }
            raise problem(or_suggestion(message, nearest(text, labels))) from None

    def render(self, value, obj=None, **kwargs):
        from django.utils import translation

        with translation.override("fr"):
            return str(self.choices(value).label) if value else ""


class TextList(Reader):
    """Several texts in one cell, told apart by « | », « ; » or a new line (and « , » where asked)."""

    def __init__(self, commas=False):
        super().__init__()
        self.separators = [r"\|", ";|\n", ","] if commas else [r"\|", ";|\n"]

    def empty(self):
        return []

    def read(self, value):
        text = self.text_of(value)
        separator = next((s for s in self.separators if re.search(s, text)), None)
        items = re.split(separator, text) if separator else [text]
        return list(dict.fromkeys(" ".join(item.split()) for item in items if item.strip()))

    def render(self, value, obj=None, **kwargs):
        """One text with a comma in it is marked as one, so that it is read as it was written."""
        text = " | ".join(value or [])
        return f"{text} |" if value and len(value) == 1 and self.read(text) != value else text


class Identifier(Reader):
    """A code with its own rules: SIRET, UAI, postcode, telephone."""

    def __init__(self, read):
        super().__init__()
        self.read = read


def siret():
    return Identifier(identifiers.read_siret)


def uai():
    return Identifier(identifiers.read_uai)


def postcode():
    return Identifier(identifiers.read_postcode)


class Phone(Identifier):
    def __init__(self):
        super().__init__(identifiers.read_phone)

    def render(self, value, obj=None, **kwargs):
        return identifiers.format_phone(str(value)) if value else ""


class Level(Reader):
    """A qualification level, read from what people write."""

    blank = None

    def read(self, value):
        text = self.text_of(value)
        try:
            return read_level(text)
        except LevelNotUnderstood as error:
            message = _(
                "Le niveau « %(value)s » n’est pas compris : écrivez par exemple « BTS 2e année »."
            ) % {"value": text}
            raise problem(or_suggestion(message, error.suggestions)) from None

    def render(self, value, obj=None, **kwargs):
        return level_label(value) if value else ""
