"""Files while they arrive: what is too heavy is let go at once, and the form says so beside its field."""

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

# How many of the heaviest files may come in one request.
FILES_AT_ONCE = 10


def most_at_once():
    """Bytes of one request beyond which the connection is closed; below, what is too heavy is read and thrown
    away, so that the person gets an answer.
    """
    return FILES_AT_ONCE * settings.DOCUMENT_MAX_BYTES


class TooHeavy(UploadedFile):
    """Stands in a form for a file that was let go: its size without its content."""

    def __init__(self, *, field_name, name, content_type, size):
        super().__init__(None, name, content_type, size, None)
        self.field_name = field_name

    def read(self, *_size):
        return b""

    def seek(self, *_where):
        return 0

    def close(self):
        """Nothing is open."""


class BoundedUploads(FileUploadHandler):
    """Keeps each file of a request in a temporary file until `DOCUMENT_MAX_BYTES`; one that is heavier loses
    what was kept of it. `inspect` then refuses it as too heavy by its size.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.received = 0
        self.temporary = None

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.temporary = TemporaryUploadedFile(
            self.file_name, self.content_type, 0, self.charset, self.content_type_extra
        )

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        if self.received > most_at_once():
            self.let_go()
            raise StopUpload(connection_reset=True)
        if self.temporary and start + len(raw_data) > settings.DOCUMENT_MAX_BYTES:
            self.let_go()
        if self.temporary:
            self.temporary.write(raw_data)

    def file_complete(self, file_size):
        if not self.temporary:
            return TooHeavy(
                field_name=self.field_name,
                name=self.file_name,
                content_type=self.content_type,
                size=file_size,
            )
        complete, self.temporary = self.temporary, None
        complete.seek(0)
        complete.size = file_size
        return complete

    def upload_interrupted(self):
        self.let_go()

    def let_go(self):
        """Closes and thereby removes what was kept of the file that arrives."""
        if self.temporary:
            self.temporary.close()
            self.temporary = None
