"""Which kind a file is, told by its name and by its content; what says two things is refused."""

import io
import re
import zipfile
from dataclasses import dataclass

import puremagic
from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Kind:
    """A kind of file: what people call it, how its names end, what puremagic calls it, how it begins."""

    label: str
    suffixes: tuple
    content_types: frozenset
    beginning: re.Pattern


PDF = Kind("PDF", ("pdf",), frozenset({"application/pdf"}), re.compile(rb"%PDF-[12]\.\d"))
JPEG = Kind("JPEG", ("jpg", "jpeg"), frozenset({"image/jpeg"}), re.compile(rb"\xff\xd8\xff"))
PNG = Kind("PNG", ("png",), frozenset({"image/png"}), re.compile(rb"\x89PNG\r\n\x1a\n"))
HEIC = Kind(
    "HEIC",
    ("heic", "heif"),
    # The box that films use too: by that alone it is a film; the brand, below, tells them apart.
    frozenset({"image/heif", "image/heic", "video/mp4"}),
    re.compile(rb"(?s).{4}ftyp(?:heic|heix|heim|heis|hevc|hevx|mif1|msf1)"),
)
IMAGES = (JPEG, PNG, HEIC)
KINDS = (PDF, *IMAGES)

# Endings of what runs, of pages and of archives: a name that also has one of these says two things.
TELLTALE = frozenset(
    {
        *("apk", "asp", "aspx", "bat", "cmd", "dll", "doc", "docm", "docx", "dmg"),
        *("exe", "gz", "hta", "htm", "html", "iso", "jar", "js", "jsp", "lnk"),
        *("mht", "mhtml", "msi", "odp", "ods", "odt", "phar", "php", "phtml", "ppt"),
        *("pptm", "pptx", "ps1", "rar", "scr", "sh", "svg", "swf", "tar", "vbs"),
        *("wsf", "xhtml", "xls", "xlsm", "xlsx", "xml", "zip", "7z"),
    }
)
# U+202A…U+202E and U+2066…U+2069 turn the direction of writing: « fdp.exe » is then read « exe.pdf ».
STRANGE_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# A browser takes a file for a page when it finds one of these near its beginning.
MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|object|embed|svg)\b|<\?(?:php|xml-stylesheet)",
    re.IGNORECASE,
)
NEAR = 1024
NAME_LENGTH = 200


def kind_of(content, *, name, kinds):
    """The kind of a file, when its name and its content agree on one of `kinds`; else `ValidationError`."""
    kind = kind_by_name(name, kinds)
    if not is_of_kind(content, kind):
        raise ValidationError(
            _(
                "Le contenu de ce fichier n’est pas celui d’un fichier %(kind)s. Enregistrez-le de nouveau "
                "au format %(kind)s, puis envoyez-le."
            ),
            code="wrong_content",
            params={"kind": kind.label},
        )
    if is_something_else_too(content, kind):
        raise ValidationError(
            _(
                "Ce fichier est de plusieurs formats à la fois, ce qui n’est pas accepté. Numérisez le "
                "document de nouveau, ou imprimez-le en PDF, puis envoyez ce nouveau fichier."
            ),
            code="several_kinds",
        )
    return kind


def kind_by_name(name, kinds):
    """The one of `kinds` that a file name ends with; else `ValidationError`."""
    if not name or STRANGE_IN_NAMES.search(name):
        raise ValidationError(
            _(
                "Le nom de ce fichier contient des caractères interdits. Renommez-le, puis "
                "envoyez-le de nouveau."
            ),
            code="strange_name",
        )
    stem, *endings = (part.strip().lower() for part in name.split("."))
    kind = next((kind for kind in kinds if endings and stem and endings[-1] in kind.suffixes), None)
    if kind is None:
        accepted = get_text_list([kind.label for kind in kinds], _("ou"))
        raise ValidationError(
            _("Ce type de fichier n’est pas accepté. Envoyez un fichier %(accepted)s."),
            code="wrong_kind",
            params={"accepted": accepted},
        )
    others = {suffix for other in KINDS if other is not kind for suffix in other.suffixes}
    if set(endings[:-1]) & (TELLTALE | others):
        raise ValidationError(
            _(
                "Le nom de ce fichier a deux extensions. Renommez-le pour qu’il n’en garde qu’une, puis "
                "envoyez-le de nouveau."
            ),
            code="double_extension",
        )
    return kind


def is_of_kind(content, kind):
    """Whether a content begins as this kind does, and a second opinion says so too."""
    if not kind.beginning.match(content):
        return False
    try:
        told = {match.mime_type for match in puremagic.magic_string(content)}
    except puremagic.PureError:
        # It knows every PDF, JPEG and PNG, but not each brand of HEIC; whether it opens, the opening tells.
        return kind is HEIC
    return bool(told & kind.content_types)


def is_something_else_too(content, kind):
    """Whether another program could read the same bytes as an archive, a page, or a PDF in an image."""
    end = content[-NEAR:]
    if kind is PDF:
        # What follows the last end of file mark belongs to no PDF.
        end = content[content.rfind(b"%%EOF") + len(b"%%EOF") :] if b"%%EOF" in content else b""
        if end.strip(b"\x00\t\n\x0c\r ") != b"":
            return True
    elif b"%PDF-" in content:
        return True
    return bool(
        MARKUP.search(content[:NEAR]) or MARKUP.search(end) or zipfile.is_zipfile(io.BytesIO(content))
    )


def shown_name(name):
    """What a person called a file, fit to be shown: for the eye alone, never for a storage."""
    return STRANGE_IN_NAMES.sub("", name)[-NAME_LENGTH:]
