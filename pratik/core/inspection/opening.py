"""Opens one file of a stranger, in a process of its own (see `apart`), and makes what was asked of it.

A line of JSON and the file come in; a line of JSON and what was made go out. A script: it imports nothing of
the house, so that it starts at once and knows nothing.
"""

import base64
import io
import json
import sys
import zlib
from contextlib import suppress

MEMORY = 1536 * 1024 * 1024
SECONDS = 25
# What the streams of a PDF may hold once unpacked: text and drawings each, and all of them together. Images
# are counted by their own points.
STREAM_BYTES = 48 * 1024 * 1024
ALL_BYTES = 256 * 1024 * 1024
IMAGE_BYTES_A_PIXEL = 8
UNPACKED = 64 * 1024

# What a page of a PDF keeps: its size and how it is drawn.
PAGE_KEYS = frozenset(
    (
        *("/Type", "/Parent", "/Resources", "/Contents", "/Group"),
        *("/MediaBox", "/CropBox", "/Rotate", "/UserUnit"),
    )
)
# Keys of a drawing that start something, carry other files, or lead to them.
ACTING_KEYS = frozenset(
    {
        *("/OpenAction", "/AA", "/A", "/PA", "/JS", "/JavaScript", "/XFA", "/Annots"),
        *("/EmbeddedFiles", "/EF", "/AF", "/Collection", "/RichMediaContent", "/RichMediaSettings"),
        *("/Renditions", "/URLS", "/IDS", "/URI", "/AlternatePresentations", "/Ref", "/OPI"),
        *("/Metadata", "/PieceInfo"),
    }
)
# Filters of streams: those of images are bounded by the points of the image.
IMAGE_FILTERS = frozenset(
    ("/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode", "/Crypt")
)

QUALITY = 88
# A4, in the points of a PDF (72 per inch): the largest sheet that a photograph is laid on.
SHEET = (595, 842)


class Problem(Exception):
    """Why nothing is made of a file; its first argument is a word of `looking.refusal`."""

    def __init__(self, word, **details):
        super().__init__(word)
        self.found = {"problem": word, **details}


# PDF


def clean_pdf(content, *, max_pages):
    """A copy of a PDF without what acts, without former versions of itself, and without a password."""
    with opened_pdf(content) as pdf:
        pages = page_count(pdf)
        if not pages:
            raise Problem("broken")
        if pages > max_pages:
            raise Problem("too_many_pages", pages=pages)
        weigh(pdf)
        clean = drawn_pages(pdf)
    with opened_pdf(clean) as pdf:
        if remove_what_acts(pdf) or page_count(pdf) != pages:
            raise Problem("active")
    return {
        "content_type": "application/pdf",
        "suffix": "pdf",
        "pages": pages,
        "width": None,
        "height": None,
    }, clean


def opened_pdf(content):
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(content))
    except pikepdf.PasswordError:
        raise Problem("encrypted") from None
    except (pikepdf.PdfError, ValueError, RuntimeError):
        raise Problem("broken") from None


def page_count(pdf):
    import pikepdf

    try:
        return len(pdf.pages)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError):
        raise Problem("broken") from None


def containers(pdf):
    """Each dictionary, stream and list of a PDF once, those inside of others included."""
    import pikepdf

    for top in pdf.objects:
        waiting = [top]
        while waiting:
            item = waiting.pop()
            if not isinstance(item, (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)):
                continue
            yield item
            inside = item if isinstance(item, pikepdf.Array) else [item.get(key) for key in item]
            # What is shared stands among the objects of the file by itself.
            waiting += [part for part in inside if isinstance(part, pikepdf.Object) and not part.is_indirect]


def drawn_pages(pdf):
    """The pages in a new file, as they are drawn: what was filled in or stamped on them becomes part of the
    drawing, and what a page or the file does, holds or knows besides is left behind.
    """
    import pikepdf

    try:
        if "/AcroForm" in pdf.Root:
            pdf.generate_appearance_streams()
        pdf.flatten_annotations("all")
        bare, made = pikepdf.new(), io.BytesIO()
        for page in pdf.pages:
            for key in [key for key in page.obj if key not in PAGE_KEYS]:
                del page.obj[key]
            bare.pages.append(page)
        remove_what_acts(bare)
        bare.remove_unreferenced_resources()
        bare.save(made, linearize=False)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError):
        raise Problem("broken") from None
    return made.getvalue()


def remove_what_acts(pdf):
    """Removes what a reader would run, open, send or play. Returns how much it removed."""
    import pikepdf

    removed = 0
    for item in containers(pdf):
        if isinstance(item, pikepdf.Array):
            continue
        acting = [key for key in item if key in ACTING_KEYS]
        if isinstance(item, pikepdf.Stream):
            # Contents that lie in another file, or behind an address.
            acting += [key for key in ("/F", "/FFilter", "/FDecodeParms") if key in item]
        for key in acting:
            del item[key]
        removed += len(acting)
    return removed


def weigh(pdf):
    """Refuses a PDF that is small until it is read: unpacks its streams, and throws away what comes out."""
    import pikepdf

    total, drawings = 0, drawing_streams(pdf)
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Stream):
            continue
        is_image = str(item.get("/Subtype", "")) == "/Image" and item.objgen not in drawings
        limit = min(STREAM_BYTES, ALL_BYTES - total)
        if is_image:
            limit = max(STREAM_BYTES, image_pixels(item) * IMAGE_BYTES_A_PIXEL)
        size = unpacked_size(item.read_raw_bytes(), filters=filters_of(item), limit=limit)
        if not is_image:
            total += size


def drawing_streams(pdf):
    """What a page or a letter is drawn by, whatever it calls itself; each as the file numbers it."""
    import pikepdf

    try:
        found = [page.obj.get("/Contents") for page in pdf.pages]
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError):
        raise Problem("broken") from None
    for item in containers(pdf):
        if not isinstance(item, pikepdf.Array) and isinstance(item.get("/CharProcs"), pikepdf.Dictionary):
            found += [item["/CharProcs"].get(name) for name in item["/CharProcs"]]
    parts = [part for one in found for part in (one if isinstance(one, pikepdf.Array) else [one])]
    return {part.objgen for part in parts if isinstance(part, pikepdf.Stream)}


def filters_of(item):
    """How a stream is packed: [(filter, whether LZW changes its width a code early)], the outermost first."""
    import pikepdf

    filters, details = item.get("/Filter"), item.get("/DecodeParms")
    filters = filters if isinstance(filters, pikepdf.Array) else [filters]
    details = details if isinstance(details, pikepdf.Array) else [details]
    return [
        (
            str(name),
            not (
                number < len(details)
                and isinstance(details[number], pikepdf.Dictionary)
                and details[number].get("/EarlyChange", 1) == 0
            ),
        )
        for number, name in enumerate(filters)
        if name is not None
    ]


def image_pixels(item):
    """The points that an image of a PDF says it has, no more than the largest scan of a page."""
    try:
        return min(int(item.get("/Width", 0)) * int(item.get("/Height", 0)), 40_000_000)
    except (TypeError, ValueError, OverflowError):
        raise Problem("broken") from None


def unpacked_size(raw, *, filters, limit):
    """How many bytes come out of a stream; `Problem` once there are more than `limit`."""
    size = 0
    for name, early in filters:
        if name in IMAGE_FILTERS:
            break
        match name:
            case "/FlateDecode" | "/Fl":
                raw = unzipped(raw, limit=limit)
            case "/LZWDecode" | "/LZW":
                raw = from_lzw(raw, limit=limit, early=early)
            case "/RunLengthDecode" | "/RL":
                raw = from_runs(raw, limit=limit)
            case "/ASCII85Decode" | "/A85":
                raw = from_letters(raw, b"~>", base64.a85decode)
            case "/ASCIIHexDecode" | "/AHx":
                raw = from_letters(
                    raw, b">", lambda text: bytes.fromhex((text + b"0" * (len(text) % 2)).decode())
                )
            case _:
                raise Problem("broken")
        size = len(raw)
    return size


def unzipped(raw, *, limit):
    unpacker, made = zlib.decompressobj(), bytearray()
    with suppress(zlib.error):  # What is damaged is for the reader to make the best of.
        while raw and not unpacker.eof:
            made += unpacker.decompress(raw, UNPACKED)
            raw = unpacker.unconsumed_tail
            if len(made) > limit:
                raise Problem("bomb")
    return bytes(made)


def from_letters(raw, end, decode):
    """Out of an alphabet of letters: never more than came in."""
    text = b"".join(raw.partition(end)[0].split())
    try:
        return decode(text)
    except ValueError:
        raise Problem("broken") from None


def from_runs(raw, *, limit):
    """Run lengths (PDF 32000-1, 7.4.5): up to 128 bytes out of two."""
    made, at = bytearray(), 0
    while at < len(raw) and raw[at] != 128:
        if raw[at] < 128:
            made += raw[at + 1 : at + 2 + raw[at]]
            at += 2 + raw[at]
        else:
            made += raw[at + 1 : at + 2] * (257 - raw[at])
            at += 2
        if len(made) > limit:
            raise Problem("bomb")
    return bytes(made)


def from_lzw(raw, *, limit, early):
    """LZW (PDF 32000-1, 7.4.4): codes of 9 to 12 bits, 256 begins anew, 257 ends."""
    alphabet = [bytes([number]) for number in range(256)] + [b"", b""]
    table, made, width = list(alphabet), bytearray(), 9
    held = bits = 0
    last = b""
    for byte in raw:
        held, bits = held << 8 | byte, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & ((1 << bits) - 1)
        if code == 257:
            break
        if code == 256:
            table, width, last = list(alphabet), 9, b""
            continue
        if code > len(table) or (code == len(table) and not last):
            raise Problem("broken")
        word = table[code] if code < len(table) else last + last[:1]
        made += word
        if len(made) > limit:
            raise Problem("bomb")
        if last and len(table) < 4096:
            table.append(last + word[:1])
        last = word
        width = min(12, max(9, (len(table) + early).bit_length()))
    return bytes(made)


# Images


def clean_image(content, *, kind, max_pixels):
    """An image upright, in the colours of screens, without metadata; a HEIC one as JPEG."""
    image = clean_points(content, kind, max_pixels)
    made, content_type, suffix = io.BytesIO(), "image/jpeg", "jpg"
    if kind == "PNG":
        image.save(made, "PNG")
        content_type, suffix = "image/png", "png"
    else:
        on_white(image).save(made, "JPEG", quality=QUALITY)
    return {
        "content_type": content_type,
        "suffix": suffix,
        "pages": 1,
        "width": image.width,
        "height": image.height,
    }, made.getvalue()


def clean_sheet(content, *, kind, max_pixels, sheet_pixels):
    """An image as `clean_image` makes it, as one of several sheets: a JPEG of at most `sheet_pixels`."""
    from PIL import Image

    image = on_white(clean_points(content, kind, max_pixels))
    if (times := image.width * image.height / sheet_pixels) > 1:
        size = (max(1, int(side / times**0.5)) for side in image.size)
        image = image.resize(tuple(size), Image.Resampling.LANCZOS)
    made = io.BytesIO()
    image.save(made, "JPEG", quality=QUALITY)
    sheet = {"width": image.width, "height": image.height, "colors": image.mode, "size": made.tell()}
    return sheet, made.getvalue()


def clean_points(content, kind, max_pixels):
    """The points of an image and nothing else of it, upright, in the colours of screens."""
    from PIL import Image, ImageOps

    image = opened_image(content, kind)
    width, height = image.size
    if width * height > max_pixels:
        raise Problem("too_many_pixels", width=width, height=height)
    if not width or not height:
        raise Problem("broken")
    profile = image.info.get("icc_profile")
    try:
        image.seek(0)
        image.load()
        image = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, Image.DecompressionBombError):
        raise Problem("broken") from None
    return plain(image, profile)


def opened_image(content, kind):
    """The image, its size read and nothing more."""
    from PIL import Image, UnidentifiedImageError

    # The number of points is judged by ourselves, before any is read.
    Image.MAX_IMAGE_PIXELS = None
    formats = {"JPEG": ("JPEG",), "PNG": ("PNG",), "HEIC": ("HEIF",)}[kind]
    if kind == "HEIC":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    try:
        return Image.open(io.BytesIO(content), formats=formats)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError, RuntimeError, EOFError):
        raise Problem("broken") from None


def plain(image, profile):
    """The points alone, as RGB, RGBA or greys of eight bits, without anything that came along with them."""
    from PIL import Image, ImageCms

    if image.mode.startswith("I") or image.mode == "F":
        image = image.convert("I").point(lambda level: level * (1 / 257)).convert("L")
    alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    target = "RGBA" if alpha else "L" if image.mode in ("1", "L") else "RGB"
    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        # A profile that cannot be read leaves the colours as they are.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            image = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=target if image.mode != "CMYK" else "RGB",
            )
    if image.mode != target:
        image = image.convert(target)
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def on_white(image):
    """Without transparency, as on paper."""
    from PIL import Image

    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def bound_sheets(content, *, sheets):
    """One PDF of the sheets that `clean_sheet` made, which stand one behind the other in `content`.

    Each is a page as large as fits on A4, upright or lying as the sheet itself.
    """
    import pikepdf

    made, start = io.BytesIO(), 0
    with pikepdf.new() as pdf:
        for sheet in sheets:
            picture = pikepdf.Stream(pdf, content[start : start + sheet["size"]])
            start += sheet["size"]
            picture.stream_dict.update(
                {
                    "/Type": pikepdf.Name.XObject,
                    "/Subtype": pikepdf.Name.Image,
                    "/Width": sheet["width"],
                    "/Height": sheet["height"],
                    "/ColorSpace": pikepdf.Name.DeviceGray
                    if sheet["colors"] == "L"
                    else pikepdf.Name.DeviceRGB,
                    "/BitsPerComponent": 8,
                    "/Filter": pikepdf.Name.DCTDecode,
                }
            )
            width, height = sheet_size(sheet["width"], sheet["height"])
            page = pdf.add_blank_page(page_size=(width, height))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Sheet=pdf.make_indirect(picture)))
            page.Contents = pdf.make_stream(b"q %.2f 0 0 %.2f 0 0 cm /Sheet Do Q" % (width, height))
        pdf.save(made)
    return {
        "content_type": "application/pdf",
        "suffix": "pdf",
        "pages": len(sheets),
        "width": None,
        "height": None,
    }, made.getvalue()


def sheet_size(width, height):
    """The width and height of the page for a picture of so many points; no side below what a PDF allows."""
    short, long = SHEET
    scale = min(short / min(width, height), long / max(width, height))
    return max(3.0, width * scale), max(3.0, height * scale)


# What is shown of files that were kept


def page(content, *, number, width):
    """A page of a PDF (the first is 1) as a JPEG of `width` pixels, no higher than four times that."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(content)
        with suppress(pypdfium2.PdfiumError):
            # Forms that were filled in are drawn with what was written into them.
            pdf.init_forms()
        if not 1 <= number <= len(pdf):
            raise Problem("no_such_page", pages=len(pdf))
        sheet = pdf[number - 1]
        across, down = sheet.get_size()
        if not (across > 0 and down > 0):
            raise Problem("broken")
        scale = min(width / across, 4 * width / down)
        image = sheet.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    except pypdfium2.PdfiumError:
        raise Problem("broken") from None
    return as_jpeg(image)


def smaller(content, *, widths, form):
    """An image in several widths, none larger than itself; the pictures stand one behind the other."""
    from PIL import Image

    image = opened_image(content, "PNG" if content.startswith(b"\x89PNG") else "JPEG")
    try:
        image.load()
    except (OSError, ValueError, SyntaxError):
        raise Problem("broken") from None
    image = image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGB")
    found, made = [], b""
    for width in widths:
        small = image.copy()
        small.thumbnail((width, 4 * width), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        if form == "JPEG":
            on_white(small).save(out, "JPEG", quality=QUALITY, progressive=True)
        else:
            small.save(out, "WEBP", quality=80)
        made += out.getvalue()
        found.append({"width": small.width, "height": small.height, "size": len(out.getvalue())})
    return {"pictures": found}, made


def as_jpeg(image):
    made = io.BytesIO()
    image.save(made, "JPEG", quality=QUALITY)
    return {"width": image.width, "height": image.height}, made.getvalue()


JOBS = {job.__name__: job for job in (clean_pdf, clean_image, clean_sheet, bound_sheets, page, smaller)}


def bounded():
    """Bounds this process: memory, time of the processor, no file written."""
    try:
        import resource
    except ImportError:  # Windows; the clock of `apart` still runs.
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def main():
    bounded()
    order = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    try:
        found, made = JOBS[order.pop("job")](content, **order)
    except Problem as problem:
        found, made = problem.found, b""
    except MemoryError:
        found, made = {"problem": "bomb"}, b""
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n" + made)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
