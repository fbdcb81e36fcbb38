"""The two kinds of place that files live in. Both fail alike: with a sentence for the person who waits."""

import logging
from contextlib import contextmanager, suppress

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.utils.translation import gettext as _
from storages.backends import s3

logger = logging.getLogger(__name__)

# Seconds: a storage that is up answers at once, and somebody waits.
CONNECTING = 3
ANSWERING = 20
NOT_FOUND = 404


class StorageUnavailable(ValidationError):
    """The storage could not keep, find or give a file; nothing of it was kept, and later it may work."""

    def __init__(self):
        super().__init__(
            _(
                "Les fichiers sont inaccessibles pour le moment. Réessayez dans quelques minutes ; si cela "
                "dure, prévenez l’équipe de PRATIK."
            ),
            code="storage_unavailable",
        )

    def __reduce__(self):
        return type(self), ()


@contextmanager
def failing_clearly(what, name):
    """Turns what goes wrong in a storage into `StorageUnavailable`, and leaves a line for who looks after it.
    A file that is not there is no failure: `FileNotFoundError` passes.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, BotoCoreError, Boto3Error, ClientError) as error:
        logger.error("The storage could not %s %s: %s", what, name, error)
        raise StorageUnavailable from error


class DiskStorage(FileSystemStorage):
    """A folder. A file that could not be written whole is not left there in part."""

    # Whether a browser may be sent to the file itself, by an address that is good for a moment.
    signs_addresses = False

    def _open(self, name, mode="rb"):
        with failing_clearly("open", name):
            return super()._open(name, mode)

    def _save(self, name, content):
        others = self.exists(name)
        try:
            with failing_clearly("keep", name):
                return super()._save(name, content)
        except BaseException:
            if not others:
                with suppress(OSError):
                    super().delete(name)
            raise

    def delete(self, name):
        with failing_clearly("remove", name):
            super().delete(name)


class S3Storage(s3.S3Storage):
    """A bucket of an S3, Amazon's or another's."""

    signs_addresses = True

    def __init__(self, **settings):
        super().__init__(**settings)
        self.client_config = self.client_config.merge(
            Config(connect_timeout=CONNECTING, read_timeout=ANSWERING, retries={"total_max_attempts": 2})
        )

    def _open(self, name, mode="rb"):
        with failing_clearly("open", name):
            file = super()._open(name, mode)
            if "r" in mode:
                # Fetched here and now, where a failure has a sentence.
                file.open()
            return file

    def _save(self, name, content):
        with failing_clearly("keep", name):
            return super()._save(name, content)

    def delete(self, name):
        with failing_clearly("remove", name):
            super().delete(name)

    def exists(self, name):
        with failing_clearly("find", name):
            return super().exists(name)

    def size(self, name):
        with failing_clearly("measure", name):
            return super().size(name)

    def address(self, name, *, seconds, content_type, disposition):
        """An address of one file that is good for some seconds, and says how a browser is to treat it."""
        return self.url(
            name,
            parameters={
                "ResponseContentType": content_type,
                "ResponseContentDisposition": disposition,
                "ResponseCacheControl": "private, no-store",
            },
            expire=seconds,
        )
