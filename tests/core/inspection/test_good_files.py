"""What people rightly send is accepted, and comes back upright, without metadata and what acts."""

import hashlib
import io

import pikepdf
import pytest
from PIL import Image

from pratik.core.inspection import (
    document_limits,
    inspect,
    inspect_together,
    page_picture,
    picture_limits,
    small_pictures,
)
from pratik.core.inspection.limits import SHEET_PIXELS
from tests import documents

CERFA = (documents.SAMPLES / "cerfa_15059-02.pdf").read_bytes()


def inspected(content, name, limits=None):
    return inspect(documents.sent(content, name), name=name, limits=limits or document_limits())


def opened(result):
    return Image.open(io.BytesIO(result.content.read()))


@pytest.mark.parametrize(
    ("name", "form", "content_type", "suffix"),
    [
        ("piece.jpg", "JPEG", "image/jpeg", "jpg"),
        ("PIECE.JPEG", "JPEG", "image/jpeg", "jpg"),
        ("Pièce d’identité (recto) - 2026.01.02.png", "PNG", "image/png", "png"),
        ("IMG_0042.HEIC", "HEIF", "image/jpeg", "jpg"),
        ("photo.jpg.jpeg", "JPEG", "image/jpeg", "jpg"),
    ],
)
def test_an_image_is_accepted(name, form, content_type, suffix):
    content = documents.image(form)
    found = inspected(content, name)
    assert (found.content_type, found.suffix, found.pages) == (content_type, suffix, 1)
    assert (found.width, found.height) == (60, 40) == opened(found).size
    assert found.content.name == f"document.{suffix}"
    assert found.name == name


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1"])
def test_each_brand_of_heic_is_accepted(brand):
    content = documents.image("HEIF")
    assert inspected(content[:8] + brand + content[12:], "IMG_0042.heic").content_type == "image/jpeg"


def test_a_pdf_is_accepted_and_its_pages_are_counted():
    found = inspected(CERFA, "convention.pdf")
    assert (found.content_type, found.suffix, found.pages) == ("application/pdf", "pdf", 4)
    assert (found.width, found.height) == (None, None)
    with pikepdf.open(io.BytesIO(found.content.read())) as clean:
        assert len(clean.pages) == 4
        assert "/AcroForm" not in clean.Root, "what was filled in is part of the page"


def test_the_fingerprint_and_the_size_are_of_what_was_sent():
    content = documents.telephone_photo()
    found = inspected(content, "photo.jpg")
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.size == len(content)
    assert hashlib.sha256(found.content.read()).hexdigest() != found.sha256


@pytest.mark.parametrize(
    ("form", "name"), [("JPEG", "photo.jpg"), ("HEIF", "photo.heic"), ("PNG", "photo.png")]
)
def test_a_photo_comes_back_upright_and_says_nothing_of_place_and_device(form, name):
    content = documents.telephone_photo(form)
    assert b"Telephone" in content
    found = inspected(content, name)
    clean = found.content.read()
    with Image.open(io.BytesIO(clean)) as picture:
        assert picture.size == (40, 80) == (found.width, found.height)
        assert not picture.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)
        above, below = picture.convert("RGB").getpixel((20, 5)), picture.convert("RGB").getpixel((20, 75))
    assert above[0] > 200 > above[2] + 100 and below[2] > 200 > below[0] + 100, "red above, blue below"
    assert b"Telephone" not in clean and b"Exif" not in clean


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_each_kind_of_png_is_accepted(mode):
    assert opened(inspected(documents.image("PNG", mode=mode), "dessin.png")).mode in {"L", "RGB", "RGBA"}


def test_a_scan_of_sixteen_bits_keeps_its_greys():
    content = documents.image("PNG", mode="I;16", color=40_000)
    assert abs(opened(inspected(content, "scan.png")).getpixel((5, 5)) - 40_000 // 257) <= 1


def test_a_transparent_heic_or_printers_colours_become_a_plain_jpeg():
    assert opened(inspected(documents.image("JPEG", mode="CMYK"), "scan.jpg")).mode == "RGB"
    assert opened(inspected(documents.image("HEIF", mode="RGBA"), "scan.heic")).mode == "RGB"


def test_of_several_frames_the_first_is_kept():
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    with opened(inspected(out.getvalue(), "film.png")) as picture:
        assert getattr(picture, "n_frames", 1) == 1
        assert picture.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_a_pdf_that_only_forbids_printing_is_accepted_and_opens_freely():
    locked = documents.pdf(encryption=pikepdf.Encryption(owner="printer", user=""))
    with pikepdf.open(io.BytesIO(inspected(locked, "attestation.pdf").content.read())) as clean:
        assert not clean.is_encrypted


def test_what_was_written_into_a_form_stays_readable():
    def fill(document):
        look = document.make_stream(b"0 0 0 rg 0 0 100 40 re f", Type=pikepdf.Name.XObject)
        look.stream_dict.update({"/Subtype": pikepdf.Name.Form, "/BBox": pikepdf.Array([0, 0, 100, 40])})
        field = documents.annotation(
            document,
            pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T=pikepdf.String("name"),
            V=pikepdf.String("Solange"),
            AP=pikepdf.Dictionary(N=look),
            F=4,
        )
        field.Rect = [100, 700, 200, 740]
        document.Root.AcroForm = pikepdf.Dictionary(Fields=[field])

    clean = inspected(documents.pdf(change=fill), "acte.pdf").content.read()
    with pikepdf.open(io.BytesIO(clean)) as document:
        assert "/Annots" not in document.pages[0]
        assert "/Info" not in document.trailer, "who wrote it, and with what, stays with them"
    with Image.open(page_picture(clean, width=600).content) as drawn:
        left, top = drawn.width * 150 // 612, drawn.height * (792 - 720) // 792
        assert drawn.convert("L").getpixel((left, top)) < 60


def test_the_largest_image_that_is_allowed_is_read(settings):
    settings.DOCUMENT_MAX_PIXELS = 40_000_000
    found = inspected(documents.image("PNG", size=(8000, 5000), mode="RGBA"), "plan.png")
    assert (found.width, found.height) == (8000, 5000)


def test_a_pdf_of_many_large_scans_is_no_bomb():
    """Thirty white pages of 300 points per inch are 780 MB of points, and a few kilobytes."""

    def scan(document):
        data = documents.packed(25)
        for page in document.pages:
            stream = pikepdf.Stream(document, data)
            stream.write(data, filter=pikepdf.Name.FlateDecode)
            stream.stream_dict.update(
                {
                    "/Subtype": pikepdf.Name.Image,
                    "/Type": pikepdf.Name.XObject,
                    "/Width": 2480,
                    "/Height": 3508,
                }
            )
            stream.ColorSpace, stream.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
            page.Resources = pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(Im0=document.make_indirect(stream))
            )

    assert inspected(documents.pdf(30, change=scan), "bail.pdf").pages == 30


# Several photographs of one paper


def together(*files):
    """What becomes of `(content, name)` that were sent as one paper."""
    sent = [(documents.sent(content, name), name) for content, name in files]
    return inspect_together(sent, limits=document_limits())


def pages_of(found):
    """The pictures on the pages of a PDF, and how large its pages are."""
    with pikepdf.open(io.BytesIO(found.content.read())) as pdf:
        pictures = [
            pikepdf.PdfImage(page.Resources.XObject.Sheet).as_pil_image().copy() for page in pdf.pages
        ]
        return pictures, [[float(side) for side in page.mediabox[2:]] for page in pdf.pages]


def test_two_photos_become_a_pdf_of_two_upright_pages_that_says_nothing_of_place_and_device():
    recto, verso = documents.telephone_photo(), documents.telephone_photo("HEIF")
    found = together((recto, "recto.jpg"), (verso, "verso.heic"))
    assert (found.content_type, found.suffix, found.pages) == ("application/pdf", "pdf", 2)
    assert (found.width, found.height, found.name) == (None, None, "recto + verso.pdf")
    assert found.size == len(recto) + len(verso)
    made = found.content.read()
    found.content.seek(0)
    for trace in (b"Telephone", b"Exif", b"GPS", b"/Metadata", b"/Info", b"recto", b"verso"):
        assert trace not in made
    pictures, sizes = pages_of(found)
    for picture in pictures:
        assert picture.size == (40, 80)
        above, below = picture.getpixel((20, 5)), picture.getpixel((20, 75))
        assert above[0] > 200 > above[2] + 100 and below[2] > 200 > below[0] + 100, "red above, blue below"
        assert not picture.getexif()
    assert sizes == [[421.0, 842.0]] * 2, "as high as A4"


def test_photos_are_pages_in_the_order_in_which_they_were_chosen_whatever_their_names():
    files = [
        (documents.image("PNG", mode="RGBA", size=(90, 60), color=(0, 0, 255, 255)), "z.png"),
        (documents.image("JPEG", color=(255, 0, 0)), "a.jpg"),
        (documents.image("PNG", mode="L", color=128), "k.png"),
    ]
    pictures, sizes = pages_of(together(*files))
    blue, red, grey = (picture.convert("RGB").getpixel((9, 9)) for picture in pictures)
    assert blue[2] > 240 > 20 > blue[0] and red[0] > 240 > 20 > red[2]
    assert max(grey) - min(grey) < 3 and abs(grey[0] - 128) < 3
    assert all(width > height for width, height in sizes), "lying, as the pictures"
    picture = page_picture(pdf_of(files), number=2, width=300)
    with Image.open(picture.content) as drawn:
        assert drawn.getpixel((150, 100))[0] > 240 and (picture.width, picture.height) == (300, 200)


def pdf_of(files):
    return together(*files).content.read()


def test_the_fingerprint_of_several_is_that_of_the_files_in_their_order():
    one, other = (documents.image("JPEG", color=colour) for colour in ("red", "blue"))
    found = together((one, "a.jpg"), (other, "b.jpg"))
    digests = hashlib.sha256(one).digest() + hashlib.sha256(other).digest()
    assert found.sha256 == hashlib.sha256(digests).hexdigest()
    assert together((one, "IMG_1.jpg"), (other, "IMG_2.jpg")).sha256 == found.sha256
    assert together((other, "b.jpg"), (one, "a.jpg")).sha256 != found.sha256


@pytest.mark.parametrize(
    ("content", "name"), [(documents.telephone_photo(), "photo.jpg"), (documents.pdf(), "p.pdf")]
)
def test_one_file_alone_is_kept_as_by_itself(content, name):
    alone, found = inspected(content, name), together((content, name))
    assert (found.sha256, found.name, found.content_type) == (alone.sha256, name, alone.content_type)
    assert (found.width, found.height, found.suffix) == (alone.width, alone.height, alone.suffix)


def test_large_photos_are_kept_as_large_as_a_sheet_is_read(settings):
    photo = documents.image("JPEG", size=(4000, 3000))
    pictures, _sizes = pages_of(together((photo, "a.jpg"), (photo, "b.jpg")))
    for picture in pictures:
        assert 0.99 * SHEET_PIXELS < picture.width * picture.height <= SHEET_PIXELS
        assert abs(picture.width / picture.height - 4 / 3) < 0.01
    settings.DOCUMENT_MAX_PIXELS = 12_000_000
    pictures, _sizes = pages_of(together(*[(photo, "a.jpg")] * 6))
    assert sum(picture.width * picture.height for picture in pictures) <= 12_000_000


# What is shown


def test_a_page_is_drawn():
    picture = page_picture(CERFA, number=2, width=700)
    with Image.open(picture.content) as drawn:
        assert drawn.format == "JPEG"
        assert drawn.size == (picture.width, picture.height) and drawn.width == 700
        darkest, lightest = drawn.convert("L").getextrema()
    assert darkest < 80 and lightest > 230, "there is writing on it"


def test_a_page_that_is_not_there_is_told():
    for number in (0, 5, -1):
        with pytest.raises(Exception, match="n’a pas de page") as refused:
            page_picture(CERFA, number=number)
        assert refused.value.code == "no_such_page"


@pytest.mark.parametrize("box", [[0, 0, 14_400, 14_400], [0, 0, 1, 14_400], [0, 0, 14_400, 1], [0, 0, 0, 0]])
def test_a_page_of_any_size_makes_a_picture_of_bounded_size(box):
    def resize(document):
        document.pages[0].MediaBox = box

    picture = page_picture(documents.pdf(change=resize), width=500)
    assert picture.width <= 500 and picture.height <= 2000


@pytest.mark.parametrize("form", ["WEBP", "JPEG"])
def test_an_image_is_made_in_small_sizes_and_never_larger(form):
    pictures = small_pictures(documents.image("PNG", size=(900, 600)), form=form)
    assert {size: (one.width, one.height) for size, one in pictures.items()} == {
        320: (320, 213),
        640: (640, 427),
        1280: (900, 600),
    }
    for one in pictures.values():
        with Image.open(one.content) as picture:
            assert picture.format == form and picture.size == (one.width, one.height)
        assert one.content_type == f"image/{form.lower()}"


def test_pictures_are_no_pdf():
    with pytest.raises(Exception, match="JPEG, PNG ou HEIC") as refused:
        inspected(documents.pdf(), "photo.pdf", picture_limits())
    assert refused.value.code == "wrong_kind"
