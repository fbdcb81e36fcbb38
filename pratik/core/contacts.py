"""Texts that anyone may read name no way to reach a person."""

import re

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_AT = r"(?:@|[(\[{]\s?(?:at|arr?obase)\s?[)\]}]|\barr?obase\b)"
_DOT = r"(?:\.|[(\[{]\s?(?:dot|point)\s?[)\]}]|\bpoint\b)"
WRITTEN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # E-mail addresses, spelled out or not.
        rf"[\w.+-]+\s?{_AT}\s?[\w-]+\s?{_DOT}\s?[a-z]{{2,}}",
        # Links; without « www. » by the endings that people write here, those that are words before a path.
        r"\b(?:https?://|www\.)\S+",
        r"\b[\w-]+\.(?:com|fr|net|org|gf|eu|info)\b(?:/\S*)?",
        r"\b[\w-]+\.(?:me|be|co|io|ly|gg|tv|app|link)/\S+",
        # Names in the networks.
        r"(?<![\w@])@\w[\w.]{2,}",
        r"\b(?:insta|instagram|snap|snapchat|facebook|fb|telegram|tiktok|messenger)\s?:\s?\S+",
    )
)
# Whoever is called from here without the prefix of a country; with one a number is found whatever country.
REGIONS = (settings.PHONENUMBER_DEFAULT_REGION, "FR")
DATE = re.compile(
    r"(?<![\d/])(?:0?[1-9]|[12]\d|3[01])[/. -](?:0?[1-9]|1[0-2])[/. -](?:19|20)\d\d(?![\d/])"
    r"|(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
)
BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s/,_·|*.–—-]+(?=\d)")
# A number of here, or one with a country in front, whatever figures follow: « 0694 12 34 56, 12 rue… ».
NUMBER = re.compile(r"(?<!\d)0\s?[1-9](?:\s*\d){8}|(?:\+|(?<!\d)00)\s*[1-9](?:\s*\d){8,12}")
LETTER_FOR_ZERO = re.compile(r"(?<!\w)o(?=[\s/,_·|*.–—-]?\d)", re.IGNORECASE)


def contact_in(text):
    """The first telephone number, e-mail address, link or name in a network that a text gives, as written;
    else nothing.
    """
    for pattern in WRITTEN:
        if found := pattern.search(text):
            return found.group()
    digits = _plain_digits(text)
    if found := NUMBER.search(digits):
        return text[found.start() : found.end()].strip()
    for region in REGIONS:
        for found in phonenumbers.PhoneNumberMatcher(digits, region):
            return text[found.start : found.end]
    return ""


def _plain_digits(text):
    """The text with nothing but spaces within numbers and without its dates, each sign where it was."""
    text = DATE.sub(lambda found: ";" * len(found.group()), text)
    text = LETTER_FOR_ZERO.sub("0", text)
    return BETWEEN_DIGITS.sub(lambda found: " " * len(found.group()), text)


def validate_without_contact(text):
    """Refuses a public text that names a telephone number, an e-mail address, a link or a network's name."""
    if found := contact_in(text):
        raise ValidationError(
            _(
                "Retirez « %(found)s » : ce texte est public. Vos coordonnées sont données aux personnes que"
                " vous acceptez."
            )
            % {"found": found},
            code="contact_in_public",
        )
