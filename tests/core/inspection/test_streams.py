"""Files while they arrive: what is too heavy is let go at once, and the person is told beside the field."""

import io
import re
import tracemalloc

import pytest
from django import forms
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from backoffice.base.uploads import takes_documents
from pratik import urls
from pratik.core.inspection import document_limits, inspect
from pratik.core.inspection.streams import FILES_AT_ONCE, BoundedUploads, TooHeavy, most_at_once
from tests import documents

MEBIBYTE = 1024 * 1024
BOUNDARY = "edge"


class Stream(io.RawIOBase):
    """A form with one file of so many mebibytes, made while it is read; `given`: how much was."""

    def __init__(self, mebibytes, name="piece.pdf"):
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nBail\r\n--{BOUNDARY}\r\n'
        file = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        self.head = (head + file + "Content-Type: application/pdf\r\n\r\n").encode()
        self.tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        self.length = len(self.head) + mebibytes * MEBIBYTE + len(self.tail)
        self.given = 0

    def read(self, size=-1):
        end = min(self.given + size, self.length) if size >= 0 else self.length
        part = bytearray(end - self.given)
        for piece, start in ((self.head, 0), (self.tail, self.length - len(self.tail))):
            low, high = max(start, self.given), min(start + len(piece), end)
            if low < high:
                part[low - self.given : high - self.given] = piece[low - start : high - start]
        self.given = end
        return bytes(part)


@pytest.fixture
def arriving():
    """`arriving(stream)` or `arriving(fields)`: a request with a form that is bounded; closed at the end."""
    made = []

    def arrived(form):
        if isinstance(form, Stream):
            request = RequestFactory().post(
                "/",
                CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}",
                CONTENT_LENGTH=str(form.length),
                **{"wsgi.input": form},
            )
        else:
            request = RequestFactory().post("/", form)
        request.upload_handlers = [BoundedUploads(request)]
        made.append(request)
        return request

    yield arrived
    for request in made:
        request.close()


@pytest.fixture
def waiting_room(settings, tmp_path):
    """The folder where files wait while they arrive."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


class OwnForm(forms.Form):
    title = forms.CharField()
    file = forms.FileField()

    def clean_file(self):
        file = self.cleaned_data["file"]
        return inspect(file, name=file.name, limits=document_limits())


def test_a_gigabyte_is_neither_held_nor_kept_nor_read_to_its_end(waiting_room, arriving, monkeypatch):
    stream = Stream(1024)
    request = arriving(stream)
    largest = 0
    receive = BoundedUploads.receive_data_chunk

    def watched(handler, raw_data, start):
        nonlocal largest
        result = receive(handler, raw_data, start)
        largest = max(largest, sum(file.stat().st_size for file in waiting_room.iterdir()))
        return result

    monkeypatch.setattr(BoundedUploads, "receive_data_chunk", watched)
    tracemalloc.start()
    try:
        assert request.POST["title"] == "Bail"
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not request.FILES
    assert stream.given <= most_at_once() + MEBIBYTE
    assert 0 < largest <= document_limits().max_bytes
    assert most < 5 * MEBIBYTE
    assert not list(waiting_room.iterdir())


def test_a_file_that_is_too_heavy_is_told_beside_its_field_and_nothing_typed_is_lost(waiting_room, arriving):
    stream = Stream(30)
    request = arriving(stream)
    form = OwnForm(request.POST, request.FILES)
    assert not form.is_valid()
    assert form.errors.as_data()["file"][0].code == "too_heavy"
    assert form["title"].value() == "Bail"
    assert isinstance(request.FILES["file"], TooHeavy)
    assert request.FILES["file"].size == 30 * MEBIBYTE
    assert stream.given == stream.length, "all was read, so that the browser listens to the answer"
    assert not list(waiting_room.iterdir())


def test_what_is_within_the_limit_arrives_whole(waiting_room, arriving):
    content = documents.telephone_photo()
    file = documents.sent(content, "photo.jpg", "image/jpeg")
    request = arriving({"title": "Carte", "file": file})
    form = OwnForm(request.POST, request.FILES)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["file"].size == len(content)
    request.close()
    assert not list(waiting_room.iterdir()), "nothing waits after the request"


def test_a_file_of_just_the_limit_arrives(waiting_room, arriving, settings):
    settings.DOCUMENT_MAX_BYTES = MEBIBYTE
    request = arriving(Stream(1))
    assert request.FILES["file"].size == MEBIBYTE
    assert len(request.FILES["file"].read()) == MEBIBYTE


def test_the_files_of_one_request_are_counted_together(waiting_room, arriving, settings):
    settings.DOCUMENT_MAX_BYTES = 1000
    files = [documents.sent(bytes(1000), f"{number}.pdf") for number in range(FILES_AT_ONCE + 3)]
    request = arriving({"file": files})
    assert len(request.FILES.getlist("file")) <= FILES_AT_ONCE


def test_an_upload_that_breaks_off_leaves_nothing(waiting_room, arriving):
    class BrokenOff(Stream):
        def read(self, size=-1):
            if self.given > 3 * MEBIBYTE:
                return b""
            return super().read(size)

    request = arriving(BrokenOff(5))
    assert not request.FILES
    request.close()
    assert not list(waiting_room.iterdir())


# In a view, where the check against forged forms reads the form too


@takes_documents
def sends(request):
    form = OwnForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return HttpResponse(form.cleaned_data["file"].content_type)
    if request.method == "POST":
        return HttpResponse(form.errors["file"][0])
    return HttpResponse(f"value={get_token(request)}")


urlpatterns = [path("sends/", sends), *urls.urlpatterns]


@pytest.fixture
def strict(db):
    """A browser without an account, whose forms are checked."""
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(enforce_csrf_checks=True)


def test_a_view_takes_a_document(strict):
    value = re.search(r"value=(\w+)", strict.get("/sends/").content.decode())[1]
    answer = strict.post(
        "/sends/",
        {"title": "Bail", "file": documents.sent(documents.pdf(), "bail.pdf"), "csrfmiddlewaretoken": value},
    )
    assert answer.content == b"application/pdf"


def test_a_view_says_that_a_document_is_too_heavy(strict, settings):
    settings.DOCUMENT_MAX_BYTES = MEBIBYTE
    value = re.search(r"value=(\w+)", strict.get("/sends/").content.decode())[1]
    answer = strict.post(
        "/sends/",
        {"csrfmiddlewaretoken": value, "title": "B", "file": documents.sent(bytes(MEBIBYTE + 1), "bail.pdf")},
    )
    assert "pèse plus de 1\u00a0Mo" in answer.content.decode()


def test_a_forged_form_is_refused_all_the_same(strict):
    answer = strict.post("/sends/", {"title": "B", "file": documents.sent(documents.pdf(), "bail.pdf")})
    assert answer.status_code == 403


def test_a_request_that_announces_too_much_is_not_read(waiting_room, arriving, db):
    stream = Stream(1024)
    request = arriving(stream)
    request.user = None
    answer = sends(request)
    assert answer.status_code == 413
    assert "100\u00a0Mo au plus" in answer.content.decode()
    assert stream.given == 0
