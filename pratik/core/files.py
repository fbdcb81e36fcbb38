"""The two storages and what goes into them."""

import secrets
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

IMAGE_FORMATS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
IMAGE_MAX_BYTES = 2 * 1024 * 1024
IMAGE_MAX_PIXELS = 20_000_000


def private_storage():
    """Where documents are kept; only a view that checks the reader hands them out."""
    return storages["private"]


def public_storage():
    """Where logos and covers are kept; anyone may read them."""
    return storages["public"]


@deconstructible
class RandomName:
    """A file name that tells nothing and takes nothing from the person's own name for it."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, instance, filename):
        suffix = PurePath(filename).suffix.lower()
        known = suffix if suffix[1:] in {*IMAGE_FORMATS.values(), "jpeg"} else ""
        return f"{self.folder}/{secrets.token_hex(12)}{known}"


def validate_image(file):
    """Refuses what is not a PNG, JPEG or WebP image, by its content, and what is too large to show."""
    if file.size > IMAGE_MAX_BYTES:
        raise ValidationError(
            _("L’image pèse plus de %(limit)s Mo. Réduisez-la, puis envoyez-la de nouveau.")
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
