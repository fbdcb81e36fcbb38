"""Answers about documents: which template they are made from, and what a code certifies."""

import re
from dataclasses import dataclass

from .enums import TemplateState
from .models import PaperTemplate

# No 0 and O, no 1, I and L.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 16
_CODE = re.compile(f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}")
_GROUP = 4


def template_in_force(kind, *, audience="", day):
    """The template that new documents of a kind are made from on a day, or None.

    One that is made for this kind of placement comes before one that is for all.
    """
    rows = PaperTemplate.objects.filter(
        kind=kind, state=TemplateState.ACTIVE, valid_from__lte=day, audience__in={"", audience}
    )
    return max(rows, key=lambda row: row.audience, default=None)


@dataclass(frozen=True)
class Certified:
    """What a verification code certifies, for whoever holds the document.

    `title` names the document, `lines` are pairs of words (what, value); `warning` says in a sentence why the
    document no longer counts, when it does not; `note` what is to be known of one that does: that it was
    changed since, or that not everybody has signed it.
    """

    title: str
    lines: tuple = ()
    warning: str = ""
    note: str = ""


_resolvers = []


def register_certified(resolve):
    """Adds who answers for codes: `resolve(code)` gives a `Certified`, or None for a code it does not know.

    Called from an area's `apps.ready`. Returns the function, so that it serves as a decorator too.
    """
    if resolve not in _resolvers:
        _resolvers.append(resolve)
    return resolve


def read_code(text):
    """The code that a person typed, spaces and hyphens being theirs; None when it cannot be one."""
    code = re.sub(r"[\s\-–.]", "", str(text)[:100]).upper()
    return code if _CODE.fullmatch(code) else None


def written_code(code):
    """A code as it is printed and read: in groups of four."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def certified(text):
    """What a code, as a person typed it, certifies; None when nobody knows it."""
    code = read_code(text)
    if code is None:
        return None
    return next((found for resolve in _resolvers if (found := resolve(code)) is not None), None)
