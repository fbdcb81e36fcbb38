"""The two storages, what goes into them, and links to one file that are good for one person and a moment."""

import secrets
from contextlib import contextmanager
from pathlib import PurePath

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

IMAGE_FORMATS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
IMAGE_MAX_BYTES = 2 * 1024 * 1024
IMAGE_MAX_PIXELS = 20_000_000
IMAGE_SUFFIXES = (*IMAGE_FORMATS.values(), "jpeg")
# Those of the clean copies that the inspection makes.
DOCUMENT_SUFFIXES = ("pdf", "jpg", "png")

FILE_LINK_SALT = "pratik.core.files"
FILE_LINK_SECONDS = 60
FILE_LINK_MAX_SECONDS = 300


def private_storage():
    """Where documents are kept; only a view that checks the reader hands them out."""
    return storages["private"]


def public_storage():
    """Where logos and covers are kept; anyone may read them."""
    return storages["public"]


@deconstructible
class RandomName:
    """A file name that tells nothing and takes nothing from the person's own name for it.

    Of that name only the ending stays, and only when it is one of `suffixes` (images unless said).
    """

    def __init__(self, folder, suffixes=IMAGE_SUFFIXES):
        self.folder = folder
        self.suffixes = suffixes

    def __call__(self, instance, filename):
        suffix = PurePath(filename).suffix.lower()
        known = suffix if suffix[1:] in self.suffixes else ""
        return f"{self.folder}/{secrets.token_hex(12)}{known}"


@contextmanager
def removed_on_failure(field_file):
    """Removes the file that was kept in `field_file` when the block fails, so that no file is left without
    its row: `field_file.save(…, save=False)` and the write of the row both stand inside.
    """
    before = field_file.name
    try:
        yield
    except BaseException:
        if field_file.name and field_file.name != before:
            field_file.storage.delete(field_file.name)
        raise


def sign_file_link(user, label, pk, seconds=FILE_LINK_SECONDS):
    """A token by which one person opens one file of row `pk` for some seconds, at most five minutes.

    `label` names the kind of row and what of it (« verification.document », « …page »): a token for one kind
    opens no other.
    """
    seconds = max(1, min(int(seconds), FILE_LINK_MAX_SECONDS))
    return _file_link_signer(label).sign_object([user.pk, pk, seconds])


def read_file_link(user, label, token):
    """The `pk` that a token of `sign_file_link` was made for.

    Raises `ValidationError`: `link_expired` when its seconds are over, `link_refused` when it was changed,
    or made for somebody else or something else. Whether the person may still see the row is asked elsewhere.
    """
    signer = _file_link_signer(label)
    try:
        owner, pk, seconds = signer.unsign_object(token)
        signer.unsign_object(token, max_age=seconds)
    except signing.SignatureExpired:
        raise ValidationError(
            _("Ce lien n’est plus valable. Revenez à la page du document et ouvrez-le de nouveau."),
            code="link_expired",
        ) from None
    except (signing.BadSignature, ValueError, TypeError):
        owner, pk = None, None
    if owner is None or owner != user.pk:
        raise ValidationError(
            _("Ce lien n’ouvre rien pour vous. Revenez à la page du document et ouvrez-le de là."),
            code="link_refused",
        )
    return pk


def _file_link_signer(label):
    return signing.TimestampSigner(salt=f"{FILE_LINK_SALT}:{label}")


def validate_image(file):
    """Refuses what is not a PNG, JPEG or WebP image, by its content, and what is too large to show."""
    if file.size > IMAGE_MAX_BYTES:
        raise ValidationError(
            _("L’image pèse plus de %(limit)s Mo. Réduisez-la, puis envoyez-la de nouveau.")
            % {"limit": IMAGE_MAX_BYTES // 1024 // 1024},
            code="image_too_heavy",
        )
    try:
        file.seek(0)
        with Image.open(file) as image:
            known = image.format in IMAGE_FORMATS
            too_large = image.width * image.height > IMAGE_MAX_PIXELS
            if known and not too_large:
                image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        known, too_large = False, False
    finally:
        file.seek(0)
    if not known:
        raise ValidationError(_("Envoyez une image PNG, JPEG ou WebP."), code="image_unreadable")
    if too_large:
        raise ValidationError(
            _("L’image a trop de points. Réduisez-la à 2 000 points de côté."), code="image_too_large"
        )
