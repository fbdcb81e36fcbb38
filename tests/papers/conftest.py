"""Texts of PDFs, and the templates that a release brings along."""

import pypdfium2
import pytest
from django.conf import settings

from pratik.accounts.services import system_actor
from pratik.papers import services

REFERENCE = settings.BASE_DIR / "fixtures" / "reference"
CODE = "ABCDEFGHJKMNPQRS"


def pages_of(pdf):
    """The text of each page of a PDF, its line breaks and cuts of long words taken out."""
    document = pypdfium2.PdfDocument(pdf)
    return [
        " ".join(page.get_textpage().get_text_range().replace("\u200b", "").replace("\ufffe", "").split())
        for page in document
    ]


def text_of(pdf):
    return " ".join(pages_of(pdf))


def draw(body, **values):
    """A document drawn from a text and values, with the rest as always."""
    return services.draw(body, values, title="Essai", number="N-1", code=CODE)


@pytest.fixture
def defaults(db):
    """The templates that a release brings along, in force."""
    services.load_templates(actor=system_actor(), folder=REFERENCE)
