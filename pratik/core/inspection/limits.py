"""How large a file may be that somebody sends, and of which kinds."""

from dataclasses import dataclass

from django.conf import settings

from .kinds import HEIC, IMAGES, JPEG, PDF, PNG

# Photographs that may be sent together as one paper: each is opened by itself, while the person waits.
MOST_TOGETHER = 10
# Points of each of them as it is kept: those of an A4 sheet at 200 points per inch.
SHEET_PIXELS = 4_000_000


@dataclass(frozen=True)
class Limits:
    """What is accepted: `max_bytes` of a file, `max_pages` of a PDF, `max_pixels` of an image, `kinds`.

    They hold for what is sent, and for the PDF that is made of several photographs all in all.
    """

    max_bytes: int
    max_pages: int
    max_pixels: int
    kinds: tuple

    @property
    def max_together(self):
        """How many photographs one paper may be sent as."""
        return min(self.max_pages, MOST_TOGETHER)

    def sheet_pixels(self, number):
        """The points that each of so many photographs is kept with."""
        return max(1, min(self.max_pixels // number, SHEET_PIXELS))


def document_limits():
    """For papers that prove something: a PDF or a photograph of it."""
    return Limits(
        max_bytes=settings.DOCUMENT_MAX_BYTES,
        max_pages=settings.DOCUMENT_MAX_PAGES,
        max_pixels=settings.DOCUMENT_MAX_PIXELS,
        kinds=(PDF, JPEG, PNG, HEIC),
    )


def picture_limits():
    """For pictures that are shown: as heavy and as large as a document may be, but no PDF."""
    return Limits(
        max_bytes=settings.DOCUMENT_MAX_BYTES,
        max_pages=1,
        max_pixels=settings.DOCUMENT_MAX_PIXELS,
        kinds=IMAGES,
    )
