"""The one way in for what somebody sends."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import antivirus, apart
from .kinds import IMAGES, PDF, kind_by_name, kind_of, shown_name

CHUNK = 64 * 1024
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept.

    `content` is the clean copy, ready for `field.save(inspected.content.name, inspected.content)`; its name
    says nothing. `sha256` and `size` (bytes) are of what was sent, so that the same file is known again; of
    several files sent together, the fingerprint is that of theirs in their order, the size their sum.
    `pages` is 1 for an image, `width` and `height` (pixels) are None for a PDF; `scan` is what the antivirus
    said; `name` is what the person called the file, for the eye alone.
    """

    content: ContentFile
    content_type: str
    suffix: str
    pages: int
    width: int | None
    height: int | None
    sha256: str
    size: int
    scan: str
    name: str


def inspect(file, *, name, limits):
    """Looks into a file that somebody sent and makes the clean copy that may be kept.

    Images come back upright, without metadata, HEIC as JPEG; PDFs without anything that acts. `name` is the
    person's own, `limits` what is accepted (`document_limits()`, `picture_limits()`). Raises
    `ValidationError`, which says what to do, for everything that is not kept; its `code` says which.
    """
    content = read_within(file, limits.max_bytes)
    kind = kind_of(content, name=name, kinds=limits.kinds)
    scan = antivirus.scan(content)
    if kind is PDF:
        found, clean = apart.ask("clean_pdf", content, max_pages=limits.max_pages)
    else:
        found, clean = apart.ask("clean_image", content, kind=kind.label, max_pixels=limits.max_pixels)
    if problem := found.get("problem"):
        raise refusal(problem, found, limits)
    return Inspected(
        content=ContentFile(clean, name=f"document.{found['suffix']}"),
        content_type=found["content_type"],
        suffix=found["suffix"],
        pages=found["pages"],
        width=found["width"],
        height=found["height"],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        scan=scan,
        name=shown_name(name),
    )


def inspect_together(files, *, limits):
    """Looks into the files (`(file, name)`, in their order) that somebody sent as one paper.

    One file is looked into as by `inspect`. Several are photographs of its sides or pages, each looked into
    just so, and become the pages of one PDF. Several files with a PDF among them are refused: what PDFs bring
    along (forms, jumps, layers) does not survive being joined, and people have one program for it already.
    Raises `ValidationError`, which says all that is wrong and with which file.
    """
    if len(files) == 1:
        [(file, name)] = files
        return inspect(file, name=name, limits=limits)
    if len(files) > limits.max_together:
        raise ValidationError(
            ngettext(
                "Vous avez choisi trop de fichiers : au plus %(limit)s photo pour une pièce. "
                "Réunissez ses pages dans un seul PDF.",
                "Vous avez choisi trop de fichiers : au plus %(limit)s photos pour une pièce. "
                "Réunissez ses pages dans un seul PDF.",
                limits.max_together,
            )
            % {"limit": limits.max_together},
            code="too_many_files",
        )
    sheets, problems = [], []
    for file, name in files:
        try:
            sheets.append(inspected_sheet(file, name, limits, number=len(files)))
        except ValidationError as error:
            problems.append(of_file(name, error))
            if error.code == "too_long":
                # Whoever waits is not made to wait for each of the others too.
                break
    if problems:
        raise ValidationError(problems)
    return bound(sheets, [name for _file, name in files], limits)


@dataclass(frozen=True)
class Sheet:
    """One of several photographs: `found` and `clean` are what the process apart made of it."""

    found: dict
    clean: bytes
    digest: bytes
    size: int
    scan: str


def inspected_sheet(file, name, limits, *, number):
    """One of `number` photographs, looked into; raises `ValidationError`."""
    if kind_by_name(name, limits.kinds) is PDF:
        raise ValidationError(
            _(
                "Un PDF s’envoie seul. Réunissez tout dans un seul PDF, ou choisissez seulement des photos "
                "(JPEG, PNG ou HEIC)."
            ),
            code="pdf_among_others",
        )
    content = read_within(file, limits.max_bytes)
    kind = kind_of(content, name=name, kinds=IMAGES)
    scan = antivirus.scan(content)
    found, clean = apart.ask(
        "clean_sheet",
        content,
        kind=kind.label,
        max_pixels=limits.max_pixels,
        sheet_pixels=limits.sheet_pixels(number),
    )
    if problem := found.get("problem"):
        raise refusal(problem, found, limits)
    return Sheet(found, clean, hashlib.sha256(content).digest(), len(content), scan)


def bound(sheets, names, limits):
    """The PDF of these sheets, as it may be kept; raises `ValidationError`."""
    found, clean = apart.ask(
        "bound_sheets",
        b"".join(sheet.clean for sheet in sheets),
        sheets=[sheet.found for sheet in sheets],
    )
    if problem := found.get("problem"):
        raise refusal(problem, found, limits)
    if len(clean) > limits.max_bytes:
        raise ValidationError(
            _("Ensemble, ces photos pèsent plus de %(limit)s Mo. Envoyez-en moins, ou moins grandes."),
            code="too_heavy",
            params={"limit": mebibytes(limits.max_bytes)},
        )
    scans = {sheet.scan for sheet in sheets}
    return Inspected(
        content=ContentFile(clean, name=f"document.{found['suffix']}"),
        content_type=found["content_type"],
        suffix=found["suffix"],
        pages=found["pages"],
        width=found["width"],
        height=found["height"],
        sha256=hashlib.sha256(b"".join(sheet.digest for sheet in sheets)).hexdigest(),
        size=sum(sheet.size for sheet in sheets),
        scan=antivirus.Scan.CLEAN if scans == {antivirus.Scan.CLEAN} else antivirus.Scan.NOT_SCANNED,
        name=shown_name(f"{' + '.join(PurePath(name).stem for name in names)}.pdf"),
    )


def of_file(name, error):
    """What is wrong with one of several files, with the name of that file before it."""
    why = " ".join(error.messages)
    return ValidationError(
        _("%(name)s : %(why)s"), code=error.code, params={"name": shown_name(name), "why": why}
    )


def read_within(file, max_bytes):
    """The bytes of a file, when there are any and no more than `max_bytes`; reads no further than that."""
    if (file.size or 0) > max_bytes:
        raise too_heavy(max_bytes)
    file.seek(0)
    read = bytearray()
    while chunk := file.read(CHUNK):
        read += chunk
        if len(read) > max_bytes:
            raise too_heavy(max_bytes)
    if not read:
        raise ValidationError(
            _("Ce fichier est vide. Vérifiez qu’il s’ouvre sur votre appareil, puis envoyez-le de nouveau."),
            code="empty",
        )
    return bytes(read)


def too_heavy(max_bytes):
    """Why a file of more than `max_bytes` is refused."""
    return ValidationError(
        _(
            "Ce fichier pèse plus de %(limit)s Mo. Prenez une photo moins grande, ou numérisez-le à 200 "
            "points par pouce, puis envoyez-le de nouveau."
        ),
        code="too_heavy",
        params={"limit": mebibytes(max_bytes)},
    )


def mebibytes(size):
    """So many bytes in mebibytes, as people write numbers."""
    return number_format(round(size / MEBIBYTE, 1) if size % MEBIBYTE else size // MEBIBYTE)


def refusal(problem, found, limits):
    """What the process apart found, as a sentence to the person who sent the file."""
    match problem:
        case "encrypted":
            message = _(
                "Ce PDF est protégé par un mot de passe. Enregistrez-le sans mot de passe, puis envoyez-le."
            )
        case "too_many_pages":
            message = ngettext(
                "Ce PDF a trop de pages : au plus %(limit)s page. N’envoyez que les pages utiles.",
                "Ce PDF a trop de pages : au plus %(limit)s pages. N’envoyez que les pages utiles.",
                limits.max_pages,
            ) % {"limit": limits.max_pages}
        case "too_many_pixels":
            message = _(
                "Cette image a trop de points (%(width)s × %(height)s). Réduisez-la, puis "
                "envoyez-la de nouveau."
            ) % {"width": found["width"], "height": found["height"]}
        case "active":
            message = _(
                "Ce PDF contient des éléments actifs qui n’ont pas pu être retirés. Imprimez-le en PDF, puis "
                "envoyez ce nouveau fichier."
            )
        case "bomb":
            message = _(
                "Ce fichier prend une place démesurée une fois ouvert. Imprimez-le en PDF, puis envoyez ce "
                "nouveau fichier."
            )
        case "too_long":
            message = _(
                "Ce fichier est trop compliqué à lire. Imprimez-le en PDF ou photographiez le document, puis "
                "envoyez ce nouveau fichier."
            )
        case _:
            problem = "broken"
            message = _(
                "Ce fichier est abîmé et ne s’ouvre pas. Enregistrez-le ou numérisez-le de nouveau, "
                "puis envoyez-le."
            )
    return ValidationError(message, code=problem)
