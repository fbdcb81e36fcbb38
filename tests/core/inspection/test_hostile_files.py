"""What must not be kept is refused with a sentence that says what to do, and costs no memory and no time."""

import io
import resource
import subprocess
import sys
import time
import tracemalloc

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import File
from PIL import Image

from pratik.core.inspection import (
    Limits,
    antivirus,
    apart,
    document_limits,
    inspect,
    inspect_together,
    page_picture,
    small_pictures,
)
from pratik.core.inspection.kinds import HEIC, JPEG, PDF, PNG
from tests import documents

MEBIBYTE = 1024 * 1024


def refused(content, name, limits=None):
    """The code of the refusal; its sentence is whole and says what to do."""
    with pytest.raises(ValidationError) as caught:
        inspect(documents.sent(content, name), name=name, limits=limits or document_limits())
    (sentence,) = caught.value.messages
    assert sentence.endswith(".") and "%(" not in sentence
    return caught.value.code


PDF_BYTES, JPEG_BYTES, PNG_BYTES = documents.pdf(), documents.image("JPEG"), documents.image("PNG")
ZIP = documents.zip_bytes(virus=b"MZ")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(documents.HTML, "piece.pdf", id="HTML as PDF"),
        pytest.param(documents.SVG, "piece.pdf", id="SVG as PDF"),
        pytest.param(b'<?xml version="1.0"?>' + documents.SVG, "piece.pdf", id="SVG with a head as PDF"),
        pytest.param(documents.SVG, "photo.png", id="SVG as PNG"),
        pytest.param(ZIP, "piece.pdf", id="ZIP as PDF"),
        pytest.param(documents.word_bomb(1), "piece.pdf", id="Word as PDF"),
        pytest.param(b"MZ" + bytes(2000), "piece.pdf", id="program as PDF"),
        pytest.param(b"\x7fELF" + bytes(2000), "photo.jpg", id="program as JPEG"),
        pytest.param(b"%!PS-Adobe-3.0\n", "piece.pdf", id="PostScript as PDF"),
        pytest.param(b"bonjour", "piece.pdf", id="text as PDF"),
        pytest.param(documents.EICAR, "piece.pdf", id="EICAR as PDF"),
        pytest.param(documents.image("TIFF"), "photo.heic", id="TIFF as HEIC"),
        pytest.param(documents.image("AVIF"), "photo.heic", id="AVIF as HEIC"),
        pytest.param(documents.image("GIF"), "photo.png", id="GIF as PNG"),
        pytest.param(documents.image("WEBP"), "photo.jpg", id="WebP as JPEG"),
        pytest.param(JPEG_BYTES, "photo.png", id="JPEG as PNG"),
        pytest.param(PNG_BYTES, "piece.pdf", id="PNG as PDF"),
        pytest.param(PDF_BYTES, "photo.jpg", id="PDF as JPEG"),
        pytest.param(documents.HTML + PDF_BYTES, "piece.pdf", id="HTML before a PDF"),
        pytest.param(b"\n" + PDF_BYTES, "piece.pdf", id="PDF that begins late"),
        pytest.param(ZIP + PDF_BYTES, "piece.pdf", id="ZIP before a PDF"),
        pytest.param(JPEG_BYTES + PDF_BYTES, "piece.pdf", id="JPEG before a PDF"),
    ],
)
def test_a_content_that_is_not_what_the_name_says_is_refused(content, name):
    assert refused(content, name) == "wrong_content"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(PDF_BYTES + ZIP, "piece.pdf", id="PDF and ZIP"),
        pytest.param(
            PDF_BYTES + ZIP[:-2] + b"\x05\x00%%EOF", "piece.pdf", id="PDF and ZIP whose comment ends as a PDF"
        ),
        pytest.param(PDF_BYTES + documents.HTML, "piece.pdf", id="PDF and HTML"),
        pytest.param(PDF_BYTES + JPEG_BYTES, "piece.pdf", id="PDF and JPEG"),
        pytest.param(
            PDF_BYTES.replace(b"\n", b"\n%" + documents.HTML + b"\n", 1),
            "piece.pdf",
            id="HTML in a PDF's head",
        ),
        pytest.param(JPEG_BYTES + ZIP, "photo.jpg", id="JPEG and ZIP"),
        pytest.param(PNG_BYTES + ZIP, "photo.png", id="PNG and ZIP"),
        pytest.param(JPEG_BYTES + documents.HTML, "photo.jpg", id="JPEG and HTML"),
        pytest.param(PNG_BYTES + documents.SVG, "photo.png", id="PNG and SVG"),
        pytest.param(JPEG_BYTES + PDF_BYTES, "photo.jpg", id="JPEG and PDF"),
        pytest.param(
            documents.image("JPEG", comment=b"<?php system('id')?>"), "photo.jpg", id="JPEG and PHP"
        ),
        pytest.param(
            documents.image("JPEG", comment=documents.HTML), "photo.jpg", id="HTML in a JPEG's head"
        ),
    ],
)
def test_a_file_of_two_kinds_at_once_is_refused(content, name):
    assert refused(content, name) == "several_kinds"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../etc/passwd", "strange_name"),
        ("../../etc/passwd.pdf", "strange_name"),
        ("..\\..\\windows\\piece.pdf", "strange_name"),
        ("/etc/piece.pdf", "strange_name"),
        ("piece\x00.pdf", "strange_name"),
        ("piece.exe\x00.pdf", "strange_name"),
        ("piece\r\nSet-Cookie: a=b.pdf", "strange_name"),
        ("piece\u202efdp.exe", "strange_name"),
        ("", "strange_name"),
        ("piece", "wrong_kind"),
        (".pdf", "wrong_kind"),
        ("piece.", "wrong_kind"),
        ("piece.pdf.exe", "wrong_kind"),
        ("piece.pdf;.exe", "wrong_kind"),
        ("piece.svg", "wrong_kind"),
        ("piece.docx", "wrong_kind"),
        ("piece.zip", "wrong_kind"),
        ("piece.html", "wrong_kind"),
        ("piece.exe.pdf", "double_extension"),
        ("piece.php.pdf", "double_extension"),
        ("piece.HTML .pdf", "double_extension"),
        ("piece.svg.v2.pdf", "double_extension"),
        ("photo.jpg.pdf", "double_extension"),
        ("piece.docx.pdf", "double_extension"),
    ],
)
def test_a_name_that_lies_or_leads_elsewhere_is_refused(name, code):
    with pytest.raises(ValidationError) as caught:
        inspect(io_file(PDF_BYTES), name=name, limits=document_limits())
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["doc.pdf", "Doc.pdf", "zip.pdf", "jpg.pdf", "php.pdf"])
def test_a_name_that_is_a_word_has_one_extension(name):
    assert inspect(io_file(PDF_BYTES), name=name, limits=document_limits()).name == name


def io_file(content):
    """A file that was sent, whatever its name: a form itself would have shortened it."""
    return File(io.BytesIO(content), name="file")


@pytest.mark.parametrize("name", ["piece.pdf", "photo.jpg", "photo.heic"])
def test_an_empty_file_is_refused(name):
    assert refused(b"", name) == "empty"


def test_a_file_of_just_the_limit_is_read_and_one_byte_more_is_not(settings):
    content = documents.pdf()
    settings.DOCUMENT_MAX_BYTES = len(content)
    assert inspect(io_file(content), name="piece.pdf", limits=document_limits()).size == len(content)
    settings.DOCUMENT_MAX_BYTES -= 1
    assert refused(content, "piece.pdf") == "too_heavy"


def test_a_file_that_lies_about_its_size_is_not_read_beyond_the_limit(settings):
    settings.DOCUMENT_MAX_BYTES = 100_000

    class Endless(File):
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return b"%PDF-1.7\n".ljust(size)

    endless = Endless(io.BytesIO(), name="piece.pdf")
    endless.size = 10
    with pytest.raises(ValidationError) as caught:
        inspect(endless, name="piece.pdf", limits=document_limits())
    assert caught.value.code == "too_heavy"
    assert endless.taken < 300_000


# PDF


@pytest.mark.parametrize("change", documents.ACTIVE.values(), ids=documents.ACTIVE)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_what_acts_in_a_pdf_is_removed(change, packed):
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    sent = documents.pdf(change=change, object_stream_mode=mode)
    clean = inspect(io_file(sent), name="piece.pdf", limits=document_limits()).content.read()
    with pikepdf.open(io.BytesIO(sent)) as before, pikepdf.open(io.BytesIO(clean)) as after:
        assert b"PRATIK-ACTS" in readable(before), "the file did act"
        left = readable(after)
        assert len(after.pages) == len(before.pages)
    for trace in (
        b"PRATIK-ACTS",
        b"/JavaScript",
        b"/JS",
        b"/OpenAction",
        b"/AA",
        b"/Launch",
        b"/EmbeddedFile",
    ):
        assert trace not in left


def readable(document):
    """All of a PDF, written out plainly."""
    out = io.BytesIO()
    document.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
    )
    return out.getvalue()


def test_a_name_written_in_another_way_hides_no_script():
    sent = documents.pdf(change=documents.on_opening, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    hidden = sent.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/OpenAction", b"/Open#41ction")
    assert hidden != sent
    clean = inspect(io_file(hidden), name="piece.pdf", limits=document_limits()).content.read()
    with pikepdf.open(io.BytesIO(clean)) as document:
        assert b"PRATIK-ACTS" not in readable(document)


def test_former_versions_of_a_pdf_are_not_kept():
    """Saving on top leaves the former version in the file, where what was struck out can still be read."""
    sent = documents.saved_on_top("SECRET")
    with pikepdf.open(io.BytesIO(sent)) as document:
        assert b"SECRET" in sent and b"SECRET" not in readable(document)
    clean = inspect(io_file(sent), name="piece.pdf", limits=document_limits()).content.read()
    with pikepdf.open(io.BytesIO(clean)) as document:
        assert all(
            b"SECRET" not in one.read_bytes() for one in document.objects if isinstance(one, pikepdf.Stream)
        )
    assert page_picture(clean).content.size == page_picture(documents.pdf()).content.size, "a blank page"


def test_a_pdf_behind_a_password_is_refused():
    locked = documents.pdf(encryption=pikepdf.Encryption(owner="maitre", user="sesame"))
    assert refused(locked, "piece.pdf") == "encrypted"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"%PDF-1.7\n%%EOF", id="nothing in it"),
        pytest.param(b"%PDF-1.7\n" + bytes(3000), id="zeros"),
        pytest.param(b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n%%EOF", id="a root that is not there"),
        pytest.param(
            b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF", id="no pages"
        ),
        pytest.param(b"%PDF-1.7\n1 0 obj\n" + b"[" * 50_000 + b"\n%%EOF", id="a deep list"),
    ],
)
def test_a_broken_pdf_is_refused(content):
    assert refused(content, "piece.pdf") == "broken"


def test_a_pdf_may_have_so_many_pages_and_no_more(settings):
    settings.DOCUMENT_MAX_PAGES = 3
    assert inspect(io_file(documents.pdf(3)), name="p.pdf", limits=document_limits()).pages == 3
    assert refused(documents.pdf(4), "p.pdf") == "too_many_pages"


@pytest.mark.parametrize("twice", [False, True], ids=["a drawing", "packed twice"])
def test_a_pdf_that_takes_all_memory_once_read_is_refused(twice):
    bomb = documents.pdf_bomb(twice=twice)
    assert len(bomb) < MEBIBYTE
    assert within_bounds(lambda: refused(bomb, "piece.pdf")) == "bomb"


@pytest.mark.parametrize("filter_name", ["/ASCII85Decode", "/ASCIIHexDecode"])
def test_a_bomb_that_is_written_in_letters_is_refused(filter_name):
    assert within_bounds(lambda: refused(documents.lettered_bomb(filter_name), "piece.pdf")) == "bomb"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(lambda: documents.other_bomb("/RunLengthDecode", b"\x81\x00" * 500_000), id="runs"),
        pytest.param(lambda: documents.other_bomb("/LZWDecode", documents.lzw_of_zeros()), id="LZW"),
        pytest.param(documents.drawing_that_calls_itself_image, id="no image"),
    ],
)
def test_a_bomb_that_is_packed_otherwise_is_refused(sent):
    assert within_bounds(lambda: refused(sent(), "piece.pdf")) == "bomb"


@pytest.mark.parametrize(
    ("filter_name", "data"),
    [
        ("/RunLengthDecode", b"\x00q\x01 Q\xfe \x80"),
        ("/LZWDecode", bytes.fromhex("800b6050220c0c8501")),  # The example of PDF 32000-1, 7.4.4.2.
        ("/ASCIIHexDecode", b"71 20 51>"),
        ("/ASCII85Decode", b"E+Mf~>"),
    ],
)
def test_a_drawing_that_is_packed_in_an_old_way_is_read(filter_name, data):
    sent = documents.other_bomb(filter_name, data)
    assert inspect(io_file(sent), name="acte.pdf", limits=document_limits()).pages == 1


def test_a_drawing_in_letters_that_are_none_is_refused():
    assert refused(documents.other_bomb("/ASCIIHexDecode", b"zz>"), "piece.pdf") == "broken"


def test_a_catalogue_that_stands_in_the_trailer_keeps_nothing_that_acts():
    sent = documents.root_in_the_trailer()
    assert b"/Root <<" in sent
    clean = inspect(io_file(sent), name="piece.pdf", limits=document_limits()).content.read()
    with pikepdf.open(io.BytesIO(clean)) as document:
        assert b"PRATIK-ACTS" not in readable(document)
        assert "/OpenAction" not in document.Root


def test_a_pdf_whose_objects_take_all_memory_is_refused():
    bomb = documents.object_stream_bomb()
    assert len(bomb) < 4 * MEBIBYTE
    assert within_bounds(lambda: refused(bomb, "piece.pdf")) in {"bomb", "broken"}


def test_a_bomb_of_word_is_not_even_unpacked():
    bomb = documents.word_bomb()
    assert within_bounds(lambda: refused(bomb, "piece.docx")) == "wrong_kind"
    assert within_bounds(lambda: refused(bomb, "piece.pdf")) == "wrong_content"


def within_bounds(action):
    """The result of what neither took long nor made this process or its children any larger than allowed."""
    start = time.monotonic()
    tracemalloc.start()
    try:
        result = action()
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    assert most < 50 * MEBIBYTE
    assert children < 1600 * MEBIBYTE
    assert time.monotonic() - start < apart.PATIENCE + 5
    return result


# Images


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (documents.png_of_size(50_000, 50_000), "photo.png"),
        (documents.png_of_size(40_000_001, 1), "photo.png"),
        (documents.jpeg_of_size(65_000, 65_000), "photo.jpg"),
    ],
    ids=["PNG", "long PNG", "JPEG"],
)
def test_an_image_of_too_many_points_is_refused_by_its_head(content, name):
    assert within_bounds(lambda: refused(content, name)) == "too_many_pixels"


def test_a_heic_of_too_many_points_is_refused(settings):
    settings.DOCUMENT_MAX_PIXELS = 2399
    assert refused(documents.image("HEIF", size=(60, 40)), "photo.heic") == "too_many_pixels"
    settings.DOCUMENT_MAX_PIXELS = 2400
    content = documents.image("HEIF", size=(60, 40))
    assert inspect(io_file(content), name="photo.heic", limits=document_limits()).width == 60


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (JPEG_BYTES[:200], "photo.jpg"),
        (PNG_BYTES[:50], "photo.png"),
        (documents.image("HEIF")[:150], "photo.heic"),
        (documents.image("PNG", size=(400, 400), color=(1, 2, 3))[:120], "photo.png"),
    ],
    ids=["JPEG", "PNG", "HEIC", "large PNG"],
)
def test_an_image_that_is_cut_off_is_refused(content, name):
    assert refused(content, name) == "broken"


def test_limits_are_those_that_are_asked_for():
    limits = Limits(max_bytes=1000, max_pages=1, max_pixels=100, kinds=(PNG,))
    assert refused(PDF_BYTES, "piece.pdf", limits) == "wrong_kind"
    assert refused(PNG_BYTES, "photo.png", limits) == "too_many_pixels"
    assert refused(bytes(1001), "photo.png", limits) == "too_heavy"
    assert {PDF, JPEG, PNG, HEIC} == set(document_limits().kinds)


# Several files as one paper


def refused_together(*files):
    """The codes of the refusals, in order, and their sentences."""
    with pytest.raises(ValidationError) as caught:
        inspect_together([(io_file(content), name) for content, name in files], limits=document_limits())
    assert all(sentence.endswith(".") and "%(" not in sentence for sentence in caught.value.messages)
    return [error.code for error in caught.value.error_list], caught.value.messages


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "verso.jpg", "empty"),
        (documents.HTML, "verso.jpg", "wrong_content"),
        (JPEG_BYTES + ZIP, "verso.jpg", "several_kinds"),
        (JPEG_BYTES[:200], "verso.jpg", "broken"),
        (JPEG_BYTES, "verso.exe", "wrong_kind"),
        (JPEG_BYTES, "../verso.jpg", "strange_name"),
        (documents.png_of_size(50_000, 50_000), "verso.png", "too_many_pixels"),
        (PDF_BYTES, "verso.jpg", "wrong_content"),
        (PDF_BYTES, "verso.pdf", "pdf_among_others"),
    ],
)
def test_the_one_that_is_wrong_of_several_is_named(content, name, code):
    codes, [sentence] = refused_together((JPEG_BYTES, "recto.jpg"), (content, name))
    assert codes == [code]
    assert sentence.startswith(f"{name.replace('/', '')} : ")


def test_all_that_is_wrong_with_several_is_said_at_once():
    codes, sentences = refused_together((b"", "recto.png"), (JPEG_BYTES, "b.jpg"), (b"x", "verso.heic"))
    assert codes == ["empty", "wrong_content"]
    assert [sentence.partition(" : ")[0] for sentence in sentences] == ["recto.png", "verso.heic"]


def test_several_pdfs_are_refused():
    assert refused_together((PDF_BYTES, "a.pdf"), (PDF_BYTES, "b.pdf"))[0] == ["pdf_among_others"] * 2


def test_no_more_photos_than_a_paper_may_have_are_opened(settings, monkeypatch):
    monkeypatch.setattr(apart, "ask", lambda *args, **kwargs: pytest.fail("a file was opened"))
    photos = [(JPEG_BYTES, f"{number}.jpg") for number in range(11)]
    codes, [sentence] = refused_together(*photos)
    assert codes == ["too_many_files"] and "au plus 10 photos" in sentence
    settings.DOCUMENT_MAX_PAGES = 2
    assert refused_together(*photos[:3])[0] == ["too_many_files"]


def test_each_photo_has_the_limit_of_a_file_and_their_pdf_too(settings):
    noise = Image.effect_noise((300, 300), 80)
    out = io.BytesIO()
    noise.save(out, "PNG")
    photo = out.getvalue()
    settings.DOCUMENT_MAX_BYTES = len(photo) - 1
    assert refused_together((JPEG_BYTES, "a.jpg"), (photo, "b.png"))[0] == ["too_heavy"]
    settings.DOCUMENT_MAX_BYTES = len(photo)
    assert refused_together(*[(photo, "b.png")] * 5)[0] == ["too_heavy"]


def test_what_takes_too_long_is_not_followed_by_the_others(monkeypatch):
    asked = []
    monkeypatch.setattr(
        apart, "ask", lambda job, *args, **kwargs: asked.append(job) or ({"problem": "too_long"}, b"")
    )
    assert refused_together((JPEG_BYTES, "a.jpg"), (JPEG_BYTES, "b.jpg"))[0] == ["too_long"]
    assert asked == ["clean_sheet"]


def test_each_of_several_is_shown_to_the_antivirus(monkeypatch):
    seen, answers = [], iter([antivirus.Scan.CLEAN, antivirus.Scan.NOT_SCANNED])
    monkeypatch.setattr(antivirus, "scan", lambda content: seen.append(content) or next(answers))
    files = [(io_file(JPEG_BYTES), "a.jpg"), (io_file(PNG_BYTES), "b.png")]
    found = inspect_together(files, limits=document_limits())
    assert seen == [JPEG_BYTES, PNG_BYTES]
    assert found.scan == antivirus.Scan.NOT_SCANNED, "clean only where each was found so"


# The process apart


def test_what_takes_too_long_is_refused(monkeypatch):
    def never(*args, timeout, **kwargs):
        raise subprocess.TimeoutExpired(args, timeout)

    monkeypatch.setattr(apart.subprocess, "run", never)
    assert refused(PDF_BYTES, "piece.pdf") == "too_long"


def test_a_process_that_used_up_its_time_is_told_apart(monkeypatch, tmp_path):
    ended = tmp_path / "ended.py"
    ended.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGXCPU)")
    monkeypatch.setattr(apart, "SCRIPT", ended)
    assert refused(PDF_BYTES, "piece.pdf") == "too_long"


def test_the_process_apart_bounds_itself(tmp_path):
    """It may neither write a file nor take all memory, whatever a library does in it."""
    code = (
        "import runpy, sys; bounded = runpy.run_path(sys.argv[1])['bounded']; bounded()\n"
        "try:\n    bytearray(2 << 30)\nexcept MemoryError:\n    print('no memory')\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n    open(sys.argv[2], 'wb', buffering=0).write(b'x')\nexcept OSError:\n    print('no file')\n"
    )
    command = [sys.executable, "-c", code, str(apart.SCRIPT), str(tmp_path / "written")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["no memory", "no file"]


def test_the_process_apart_gets_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hidden")
    started = []
    run = subprocess.run
    monkeypatch.setattr(
        apart.subprocess, "run", lambda *args, **kwargs: started.append(kwargs) or run(*args, **kwargs)
    )
    inspect(io_file(PDF_BYTES), name="piece.pdf", limits=document_limits())
    assert started and all("SECRET_KEY" not in one["env"] for one in started)


def test_a_process_that_ends_badly_is_a_broken_file(monkeypatch, caplog):
    monkeypatch.setattr(apart, "SCRIPT", apart.SCRIPT.with_name("nothing-here.py"))
    assert refused(PDF_BYTES, "piece.pdf") == "broken"
    assert "ended with" in caplog.text


def test_a_page_that_cannot_be_drawn_is_told():
    for content in (b"%PDF-1.7\n%%EOF", b"", JPEG_BYTES):
        with pytest.raises(ValidationError) as caught:
            page_picture(content)
        assert caught.value.code == "not_drawn"


def test_drawing_a_bomb_ends_in_a_sentence():
    bomb = documents.object_stream_bomb()
    with pytest.raises(ValidationError) as caught:
        within_bounds(lambda: page_picture(bomb))
    assert caught.value.code == "not_drawn"


def test_small_sizes_of_what_is_no_image_are_told():
    for content in (PDF_BYTES, b"", PNG_BYTES[:40]):
        with pytest.raises(ValidationError) as caught:
            small_pictures(content)
        assert caught.value.code == "broken"
