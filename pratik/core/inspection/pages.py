"""What is shown of files that were kept: a page of a PDF, an image in small sizes."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from . import apart

PDF = "application/pdf"
# Pixels: wide enough to read small print.
PAGE_WIDTH = 1400
WIDEST = 4000
SIZES = (320, 640, 1280)
SUFFIXES = {"WEBP": "webp", "JPEG": "jpg"}
CONTENT_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


@dataclass(frozen=True)
class Picture:
    """A picture ready to be shown or kept; `width` and `height` in pixels."""

    content: ContentFile
    suffix: str
    width: int
    height: int

    @property
    def content_type(self):
        return CONTENT_TYPES[self.suffix]


def page_picture(content, *, number=1, width=PAGE_WIDTH):
    """Page `number` (the first is 1) of a PDF, `content` its bytes, as a JPEG of `width` pixels.

    Raises `ValidationError` when there is no such page (`no_such_page`) or it cannot be drawn (`not_drawn`).
    """
    found, made = apart.ask("page", content, number=number, width=min(max(width, 1), WIDEST))
    if problem := found.get("problem"):
        if problem == "no_such_page":
            raise _no_such_page(number)
        raise ValidationError(
            _("Cette page ne peut pas être affichée. Téléchargez le document pour le lire."), code="not_drawn"
        )
    return Picture(ContentFile(made, name="page.jpg"), "jpg", found["width"], found["height"])


def page_of(file, content_type, *, number=1):
    """One page of a document that was kept, as a picture for whoever reads it; an image is its own only page.

    `file` is what the row keeps of it (a `FieldFile`). Raises `ValidationError` as `page_picture`.
    """
    with file.storage.open(file.name) as kept:
        content = kept.read()
    if content_type == PDF:
        return page_picture(content, number=number)
    if number != 1:
        raise _no_such_page(number)
    return small_pictures(content, sizes=(PAGE_WIDTH,), form="JPEG")[PAGE_WIDTH]


def _no_such_page(number):
    return ValidationError(
        _("Ce document n’a pas de page %(number)s."), code="no_such_page", params={"number": number}
    )


def small_pictures(content, *, sizes=SIZES, form="WEBP"):
    """An inspected image, `content` its bytes, in each of `sizes` (pixels of width), never enlarged.

    `form` is WEBP or JPEG. Returns {size: Picture}. Raises `ValidationError` (`broken`) when the image cannot
    be read.
    """
    found, made = apart.ask("smaller", content, widths=list(sizes), form=form)
    if "problem" in found:
        raise ValidationError(
            _("Cette image ne s’ouvre pas. Enregistrez-la de nouveau, puis envoyez-la."), code="broken"
        )
    pictures, start = {}, 0
    for size, one in zip(sizes, found["pictures"], strict=True):
        part = made[start : start + one["size"]]
        start += one["size"]
        name = f"{size}.{SUFFIXES[form]}"
        pictures[size] = Picture(ContentFile(part, name=name), SUFFIXES[form], one["width"], one["height"])
    return pictures
