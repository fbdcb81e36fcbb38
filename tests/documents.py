"""Papers and pictures as people send them, good ones and hostile ones, as bytes.

`sent(content, name)` is one as a form receives it.
"""

import base64
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pillow_heif
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

SAMPLES = Path(__file__).parent / "data" / "documents"
# The agreed harmless file that every antivirus reports; in two parts, so that none reports this one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CAYENNE = {1: "N", 2: (4.0, 56.0, 0.0), 3: "W", 4: (52.0, 20.0, 0.0)}
ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def sent(content, name, content_type="application/octet-stream"):
    """A file as a form receives it."""
    return SimpleUploadedFile(name, content, content_type)


# Good files


def image(form="JPEG", *, size=(60, 40), mode="RGB", color=None, **options):
    """An image in a form that Pillow writes; HEIF when asked for."""
    if form == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    Image.new(mode, size, color or ((20, 110, 70) if mode == "RGB" else 0)).save(out, form, **options)
    return out.getvalue()


def telephone_photo(form="JPEG"):
    """A photo as a telephone writes it: lying on its side, with its maker and where it was taken. Its left
    half is red, its right half blue, as stored; upright, red is above.
    """
    if form == "HEIF":
        pillow_heif.register_heif_opener()
    picture = Image.new("RGB", (80, 40), "blue")
    picture.paste("red", (0, 0, 40, 40))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[MAKER] = "Telephone"
    exif.get_ifd(GPS).update(CAYENNE)
    out = io.BytesIO()
    picture.save(out, form, exif=exif.tobytes(), quality=95)
    return out.getvalue()


def pdf(pages=1, *, change=None, **saving):
    """A PDF of blank pages; `change(pdf)` puts something into it before it is saved."""
    with pikepdf.new() as document:
        for _number in range(pages):
            document.add_blank_page()
        if change:
            change(document)
        out = io.BytesIO()
        document.save(out, **saving)
    return out.getvalue()


def text_pdf(text):
    """A PDF of one page that shows a text, large."""

    def write(document):
        page = document.pages[0]
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(b"BT /F1 48 Tf 60 400 Td (" + text.encode() + b") Tj ET")

    return pdf(change=write)


def saved_on_top(text):
    """A PDF whose text was struck out by saving on top of it: the former version is still in the file."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(text_pdf(text))) as former:
        former.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        number, size = document.pages[0].Contents.objgen[0], int(document.trailer.Size)
        root = document.Root.objgen[0]
    before = out.getvalue()
    blank = b"%d 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\n" % number
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(before))
    previous = int(before.rpartition(b"startxref")[2].split()[0])
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (size, root, previous)
    end = b"startxref\n%d\n%%%%EOF\n" % (len(before) + len(blank))
    return before + blank + table + trailer + end


# PDFs that act


def script(document, code=b"app.alert('PRATIK-ACTS')"):
    """A JavaScript action."""
    return document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Action, S=pikepdf.Name.JavaScript, JS=pikepdf.String(code.decode())
        )
    )


def annotation(document, subtype, **more):
    """An annotation on the first page."""
    page = document.pages[0]
    one = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=subtype, Rect=[0, 0, 50, 50], **more)
    )
    page.Annots = pikepdf.Array([*page.get("/Annots", []), one])
    return one


def on_opening(document):
    document.Root.OpenAction = script(document)


def on_events(document):
    document.Root.AA = pikepdf.Dictionary(WC=script(document))
    document.pages[0].AA = pikepdf.Dictionary(O=script(document))


def named_scripts(document):
    names = pikepdf.Array([pikepdf.String("go"), script(document)])
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=names))


def embedded_file(document):
    document.attachments["virus.exe"] = b"MZ PRATIK-ACTS"


def attached_to_the_page(document):
    held = pikepdf.AttachedFileSpec(document, b"MZ PRATIK-ACTS", filename="virus.exe")
    annotation(document, pikepdf.Name.FileAttachment, FS=held.obj)


def launch(document):
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("PRATIK-ACTS.exe"))
    annotation(document, pikepdf.Name.Link, A=action)


def launch_behind_a_page_change(document):
    hidden = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("PRATIK-ACTS.exe"))
    action = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=[document.pages[0].obj, pikepdf.Name.Fit], Next=hidden)
    annotation(document, pikepdf.Name.Link, A=action)


def sends_the_form(document):
    action = pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F=pikepdf.String("https://PRATIK-ACTS.example"))
    field = annotation(document, pikepdf.Name.Widget, FT=pikepdf.Name.Btn, T=pikepdf.String("b"), A=action)
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[field])


def xfa_form(document):
    packet = document.make_stream(b"<xdp:xdp>PRATIK-ACTS</xdp:xdp>")
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=packet)


def rich_media(document):
    film = document.make_stream(b"PRATIK-ACTS")
    annotation(document, pikepdf.Name.RichMedia, RichMediaContent=pikepdf.Dictionary(Assets=film))


def calls_home(document):
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://PRATIK-ACTS.example"))
    annotation(document, pikepdf.Name.Link, A=action)


def contents_elsewhere(document):
    document.pages[0].Contents = document.make_stream(b"", F=pikepdf.String("https://PRATIK-ACTS.example"))


def form_in_another_file(document):
    drawing = document.make_stream(
        b"",
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[0, 0, 9, 9],
        Ref=pikepdf.Dictionary(F=pikepdf.String("https://PRATIK-ACTS.example"), Page=0),
        OPI=pikepdf.Dictionary(F=pikepdf.String("PRATIK-ACTS")),
    )
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm0=drawing))


def address_of_the_file(document):
    document.Root.URI = pikepdf.Dictionary(Base=pikepdf.String("https://PRATIK-ACTS.example"))


def named_place_that_acts(document):
    action = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://PRATIK-ACTS.example"))
    names = pikepdf.Array([pikepdf.String("there"), action])
    document.Root.Names = pikepdf.Dictionary(Dests=pikepdf.Dictionary(Names=names))


def known_of_its_author(document):
    document.trailer.Info = document.make_indirect(pikepdf.Dictionary(Author=pikepdf.String("PRATIK-ACTS")))


def root_in_the_trailer():
    """A PDF that acts and whose catalogue is no object of its own."""
    sent = pdf(
        change=on_opening, object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False
    )
    with pikepdf.open(io.BytesIO(sent)) as document:
        root = document.Root.unparse(resolved=True)
        number = document.Root.objgen[0]
    return sent.replace(b"/Root %d 0 R" % number, b"/Root " + root)


ACTIVE = {
    change.__name__: change
    for change in (
        on_opening,
        on_events,
        named_scripts,
        embedded_file,
        attached_to_the_page,
        launch,
        launch_behind_a_page_change,
        sends_the_form,
        xfa_form,
        rich_media,
        calls_home,
        contents_elsewhere,
        form_in_another_file,
        address_of_the_file,
        named_place_that_acts,
        known_of_its_author,
    )
}


# Hostile files


def zip_bytes(**members):
    """An archive; `document={"name.txt": b"…"}` or keywords as names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def word_bomb(mebibytes=64):
    """An archive as Word writes it, that is a thousand times larger once unpacked."""
    return zip_bytes(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b" " * (mebibytes << 20)})


def packed(mebibytes):
    """So many mebibytes of zeros, packed by zlib: one packed block, repeated without ever unpacking it."""
    packer, part = zlib.compressobj(9), bytes(1 << 20)
    first, again = (packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH) for _time in range(2))
    # The checksum of n zeros (RFC 1950): its first half stays 1, its second half counts them.
    checksum = ((mebibytes << 20) % 65521) << 16 | 1
    return first + again * (mebibytes - 1) + b"\x03\x00" + struct.pack(">I", checksum)


def pdf_bomb(mebibytes=600, *, twice=False):
    """A small PDF with a page whose drawing takes all memory; packed `twice`, it is smaller still."""

    def fill(document):
        data = packed(mebibytes)
        names = pikepdf.Name.FlateDecode
        if twice:
            data, names = zlib.compress(data, 9), [pikepdf.Name.FlateDecode] * 2
        stream = pikepdf.Stream(document, data)
        stream.write(data, filter=pikepdf.Array(names) if twice else names)
        document.pages[0].Contents = document.make_indirect(stream)

    return pdf(change=fill, compress_streams=False)


def lettered_bomb(filter_name, mebibytes=300):
    """A bomb that is written in letters: base 85, or hexadecimal."""
    data = packed(mebibytes)
    text = base64.a85encode(data) + b"~>" if filter_name == "/ASCII85Decode" else data.hex().encode() + b">"

    def fill(document):
        stream = pikepdf.Stream(document, text)
        stream.write(text, filter=pikepdf.Array([pikepdf.Name(filter_name), pikepdf.Name.FlateDecode]))
        document.pages[0].Contents = document.make_indirect(stream)

    return pdf(change=fill, compress_streams=False)


def other_bomb(filter_name, data):
    """A drawing that is packed in another way than zlib's."""

    def fill(document):
        stream = pikepdf.Stream(document, data)
        stream.write(data, filter=pikepdf.Name(filter_name))
        document.pages[0].Contents = document.make_indirect(stream)

    return pdf(change=fill, compress_streams=False)


def lzw_of_zeros(codes=70_000):
    """Zeros packed by LZW: each code is a byte longer than the one before, until the table is full."""
    word, bits, width, table = 256, "", 9, 258
    parts = [f"{word:09b}", f"{0:09b}"]
    for _code in range(codes):
        word = table if table < 4095 else 4094
        parts.append(f"{word:0{width}b}")
        if table < 4095:
            table += 1
        width = min(12, (table + 1).bit_length())
    bits = "".join(parts)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def drawing_that_calls_itself_image(mebibytes=250):
    """A page whose drawing claims the room of an image."""

    def fill(document):
        data = packed(mebibytes)
        stream = pikepdf.Stream(document, data)
        stream.write(data, filter=pikepdf.Name.FlateDecode)
        stream.stream_dict.update({"/Subtype": pikepdf.Name.Image, "/Width": 20_000, "/Height": 2_000})
        document.pages[0].Contents = document.make_indirect(stream)

    return pdf(change=fill, compress_streams=False)


def object_stream_bomb(mebibytes=3000):
    """A PDF whose table of objects itself takes all memory."""
    data = packed(mebibytes)
    parts = [
        b"%PDF-1.5\n",
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n",
        b"2 0 obj\n<</Type/ObjStm/N 1/First 8/Filter/FlateDecode/Length %d>>\nstream\n" % len(data)
        + data
        + b"\nendstream\nendobj\n",
    ]
    start = sum(map(len, parts))
    table = struct.pack(">BHBBHBBHBBHB", 0, 0, 0, 1, len(parts[0]), 0, 2, 3, 0, 1, start & 0xFFFF, 0)
    # Offsets beyond 65,535 are found again by the reader's repair.
    parts.append(
        b"3 0 obj\n<</Type/XRef/Size 4/W[1 2 1]/Root 1 0 R/Length %d>>\nstream\n" % len(table)
        + table
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    )
    return b"".join(parts)


def png_of_size(width, height):
    """The head of a PNG that says it has so many points, and little more."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed(1)) + chunk(b"IEND", b"")


def jpeg_of_size(width, height):
    """A JPEG that says it has so many points; only its head was changed."""
    content = bytearray(image("JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content)
