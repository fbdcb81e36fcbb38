"""Documents as PDFs: what stands in them, what never can, and that they are the same for ever."""

import io
import time

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import ValidationError

from pratik.papers import services
from pratik.papers.enums import PaperKind
from pratik.papers.fields import preview_values
from pratik.papers.markup import PaperRefused
from pratik.papers.models import faults_of
from pratik.papers.reports import CODE_LETTERS
from pratik.papers.services import drawing

from .conftest import CODE, REFERENCE, draw, pages_of, text_of

KINDS = [*PaperKind]


def body_of(kind):
    return (REFERENCE / "papers" / f"{kind.value}.txt").read_text(encoding="utf-8")


def sample(kind, **values):
    return services.draw(
        body_of(kind),
        preview_values(kind) | values,
        title="Convention de stage",
        number="C-2026-000123",
        code=CODE,
        header="Maëlys Apatou",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_document_gives_the_same_bytes(kind):
    assert sample(kind) == sample(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_pdfs_are_tagged_in_french_and_carry_no_date(kind):
    with pikepdf.open(io.BytesIO(sample(kind))) as pdf:
        root = pdf.Root
        assert root.Lang == "fr"
        assert root.MarkInfo.Marked
        assert "/StructTreeRoot" in root
        assert "/CreationDate" not in pdf.docinfo
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Convention de stage"


def test_each_page_has_the_number_the_code_its_address_and_its_place(settings):
    settings.SITE_URL = "https://pratik.example"
    pages = pages_of(sample(PaperKind.AGREEMENT))
    assert len(pages) == 5
    for number, page in enumerate(pages, 1):
        assert f"Page {number} / 5" in page
        assert "ABCD-EFGH-JKMN-PQRS" in page
        assert f"pratik.example/verifier/{CODE}/" in page
        assert "C-2026-000123" in page
        assert "Maëlys Apatou" in page


@pytest.mark.parametrize(
    "text", ["œuvre Œuvre", "l’été à Cayenne", "4,50 €", "«\u00a0Maëlys\u00a0» Ÿ ç ï – —", "Kali’na, Aluku"]
)
def test_french_is_drawn(text):
    assert " ".join(text.split()) in text_of(draw("# Titre\n\n{{ x }} **{{ x }}** *{{ x }}*", x=text))


HOSTILE = {
    "layout": '#panic("x") #read("/etc/passwd") $x^2$ @label <a> *b* `c` \\u{7}',
    "markup": "# Titre **gras** {{ student_name }} {% if x %} | a | - b [signatures]",
    "html": "<script>alert(1)</script>&lt;b&gt;",
    "hebrew": "שלום",
    "arabic": "مرحبا",
    "names": "N’Djuka-Àïyé Þórr Łęcki",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_values_say_is_text_and_nothing_else(text):
    """Neither our markup, nor the layout's, nor any other is read in a value."""
    drawn = text_of(draw("Avant {{ x }} après\n\n{{ x }}\n\n| a | {{ x }} |", x=text))
    if text.isascii() or "names" in text or "Ł" in text:
        assert drawn.count(" ".join(text.split())) == 3
    else:
        # A reader may give letters that run from right to left in the order in which they stand.
        assert all(drawn.count(letter) >= 3 for letter in set(text))


def test_the_layouts_own_signs_are_text_in_a_template_too():
    body = 'a \\#read("/etc/passwd") $x$ #panic() `b` <c> @d'
    assert faults_of("recommendation", body) == []
    assert 'a #read("/etc/passwd") $x$ #panic() `b` <c> @d' in text_of(draw(body))


def test_control_characters_and_hidden_marks_are_left_out():
    drawn = text_of(draw("{{ x }}", x="a\x00b\x07c\u202ed\u200be\u2066f"))
    assert "abcdef" in drawn


@pytest.mark.parametrize("text", ["Bravo 🎉", "你好", "ไทย"])
def test_a_letter_that_no_font_has_is_refused_with_its_field(text):
    with pytest.raises(PaperRefused) as refusal:
        draw("# T\n\n{{ comment }}", comment=text)
    (sentence, *_others) = refusal.value.messages
    assert "comment" in sentence
    assert text[-1] in " ".join(refusal.value.messages)


def test_a_letter_that_no_font_has_is_refused_with_its_line():
    with pytest.raises(ValidationError, match="Ligne 3"):
        draw("# T\n\nBravo 🎉")


def test_a_letter_in_the_title_is_refused_too():
    with pytest.raises(PaperRefused, match="title"):
        services.draw("a", {}, title="🎉", number="1", code=CODE)


def test_very_long_values_are_drawn_whole_within_the_page():
    long, word = "mot " * 25_000, "é" * 100_000
    before = time.monotonic()
    pages = pages_of(draw("{{ long }}\n\n{{ word }}", long=long, word=word))
    assert time.monotonic() - before < 60
    assert sum(page.count("mot") for page in pages) == 25_000
    assert sum(page.count("é") for page in pages) >= 100_000


def test_a_long_word_stays_within_the_page():
    page = pypdfium2.PdfDocument(draw("| a | {{ x }} |\n\n{{ x }}", x="W" * 500))[0]
    width = page.get_width()
    textpage = page.get_textpage()
    for number in range(textpage.count_rects()):
        assert textpage.get_rect(number)[2] <= width - 30


def test_five_hundred_documents_are_one_file_with_their_own_pages():
    papers = [
        services.Paper(
            "# Attestation\n\n{{ name }}\n\n---\n\nFin",
            {"name": f"Élève {number:03d}"},
            "Attestation",
            f"A-{number}",
            CODE,
        )
        for number in range(500)
    ]
    before = time.monotonic()
    pages = pages_of(services.draw_many(papers, title="Attestations de la classe"))
    assert time.monotonic() - before < 120
    assert len(pages) == 1000
    assert all("Page 1 / 2" in page for page in pages[::2])
    assert all("Page 2 / 2" in page for page in pages[1::2])
    assert all(f"Élève {number:03d}" in pages[2 * number] for number in range(500))


def test_a_batch_tells_whose_document_cannot_be_drawn():
    good = services.Paper("{{ a }}", {"a": "x"}, "T", "1", CODE)
    bad = services.Paper("{{ a }}", {"a": "🎉"}, "T", "2", CODE)
    with pytest.raises(PaperRefused) as refusal:
        services.draw_many([good, bad])
    (sentence,) = refusal.value.messages
    assert sentence.startswith("2\u00a0: Champ «\u00a0a\u00a0»\u00a0: «\u00a0🎉\u00a0»")


def test_nothing_to_draw_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="nothing"):
        services.draw_many([])


def test_a_field_without_a_value_is_refused_with_its_line():
    with pytest.raises(PaperRefused) as refusal:
        draw("a\n\n{{ b }}\n\n{{ c }} {{ b }}", a="1")
    assert [fault.line for fault in refusal.value.faults] == [3, 5]


@pytest.mark.parametrize("blank", ["", "  \n", None, [], [""], [["", ""]]])
def test_a_blank_value_is_a_dash_and_no_condition(blank):
    drawn = text_of(draw("Nom : {{ x }}.\n\n{% if x %}PRÉSENT{% else %}ABSENT{% endif %}", x=blank))
    assert "Nom : —." in drawn
    assert "ABSENT" in drawn
    assert "PRÉSENT" not in drawn


def test_lists_and_tables_take_the_place_of_their_paragraph_and_are_read_in_line_too():
    values = {"skills": ["Souder", "Mesurer"], "week": [["Jour", "Heures"], ["Lundi", "7"], ["Mardi"]]}
    drawn = text_of(draw("{{ skills }}\n\n{{ week }}\n\nEn ligne : {{ skills }}.", **values))
    assert "– Souder – Mesurer" in drawn
    assert "Jour Heures Lundi 7 Mardi" in drawn
    assert "En ligne : Souder, Mesurer." in drawn


def test_line_breaks_of_a_value_are_kept():
    one = draw("{{ x }}", x="un deux")
    two = draw("{{ x }}", x="un\ndeux")
    assert one != two
    assert "un deux" in text_of(two)


@pytest.mark.parametrize("kind", KINDS)
def test_default_templates_leave_no_braces_and_name_what_they_know(kind):
    drawn = text_of(sample(kind))
    assert "{" not in drawn
    assert "None" not in drawn
    assert preview_values(kind)["student_name"] in drawn


@pytest.mark.parametrize("kind", KINDS)
def test_default_templates_are_drawn_when_every_field_is_blank(kind):
    """Nothing of a document depends on what somebody left out."""
    blank = dict.fromkeys(preview_values(kind), "")
    assert "—" in text_of(sample(kind, **blank))


def test_pages_are_pictures_of_the_same_document():
    pages = services.draw_pages("a\n\n---\n\nb", {}, title="T", number="1", code=CODE)
    assert len(pages) == 2
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_codes_are_long_unambiguous_and_fresh():
    codes = {services.new_code() for _each in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == 16 and set(code) <= set(CODE_LETTERS) for code in codes)
    assert not set("01OIL") & set(CODE_LETTERS)


def test_letters_that_no_font_has_are_found_in_a_few_drawings(monkeypatch):
    """Thousands of them, in a value that somebody typed, keep nobody waiting."""
    runs, run = [], drawing._run
    monkeypatch.setattr(drawing, "_run", lambda *args, **options: runs.append(1) or run(*args, **options))
    odd = "".join(chr(0x4E00 + number) for number in range(4_000))
    with pytest.raises(PaperRefused) as refused:
        drawing.draw("{{ post }}", {"post": odd}, title="Essai", number="1", code="MODELE")
    assert "一" in str(refused.value.messages[0])
    assert len(runs) < 60
