"""Files on disk and on S3: the same is true of both. Private unless handed out, whole or not at all."""

import errno
import os
import re
import stat
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.http import Http404
from django.test import override_settings

from backoffice.base.downloads import hand_out, show_picture
from pratik.core.files import RandomName, removed_on_failure
from pratik.core.inspection import page_picture
from pratik.core.models import Upload
from pratik.core.storages import StorageUnavailable
from pratik.core.uploads import forget_abandoned_uploads, keep_upload
from tests import documents
from tests.files import s3
from tests.kit.queue import run_queue

CONTENT = documents.pdf(2)


@pytest.fixture
def kept(storage):
    """The name of a private file in the storage."""
    return storage.save(RandomName("documents", ("pdf",))(None, "Ma pièce.pdf"), ContentFile(CONTENT))


@pytest.fixture
def uploads_in(monkeypatch):
    """`uploads_in(storage)`: files that wait for their confirmation are kept there."""

    def keep_in(storage):
        monkeypatch.setattr(Upload._meta.get_field("file"), "storage", storage)
        monkeypatch.setitem(storages._storages, "private", storage)

    return keep_in


# What both do


def test_a_file_is_kept_whole_read_back_and_removed(storage, kept):
    assert re.fullmatch(r"documents/[0-9a-f]{24}\.pdf", kept)
    assert storage.exists(kept) and storage.size(kept) == len(CONTENT)
    with storage.open(kept) as file:
        assert file.read() == CONTENT
    storage.delete(kept)
    assert not storage.exists(kept)
    storage.delete(kept)
    with pytest.raises(FileNotFoundError):
        storage.open(kept)


def test_a_second_file_of_the_same_name_replaces_nothing(storage, kept):
    other = storage.save(kept, ContentFile(b"another"))
    assert other != kept
    with storage.open(kept) as file:
        assert file.read() == CONTENT


def test_a_large_file_arrives_whole(storage):
    content = os.urandom(9 * 1024 * 1024)
    name = storage.save("documents/large.bin", ContentFile(content))
    with storage.open(name) as file:
        assert file.read() == content


def test_a_name_cannot_lead_out_of_the_storage(storage):
    for name in ("../outside.pdf", "/etc/outside.pdf", "a/../../outside.pdf"):
        with pytest.raises(SuspiciousFileOperation):
            storage.save(name, ContentFile(b"x"))


def test_a_file_that_waits_is_kept_and_forgotten(storage, uploads_in, actor):
    uploads_in(storage)
    upload = keep_upload(owner=actor, purpose="test", name="piece.pdf", content=CONTENT)
    with Upload.objects.get(pk=upload.pk).file.open() as file:
        assert file.read() == CONTENT
    assert forget_abandoned_uploads(now=upload.created_at + timedelta(days=3)) == 1
    run_queue()
    assert not storage.exists(upload.file.name)


def test_a_file_whose_row_is_not_written_is_not_kept(storage, uploads_in, actor, monkeypatch):
    uploads_in(storage)
    seen = []

    def fails(upload, *args, **kwargs):
        seen.append(upload.file.name)
        raise RuntimeError

    monkeypatch.setattr(Upload, "save", fails)
    with pytest.raises(RuntimeError):
        keep_upload(owner=actor, purpose="test", name="piece.pdf", content=CONTENT)
    assert seen[0] and not storage.exists(seen[0])


def test_a_file_that_was_there_before_outlives_a_failure(storage, kept):
    field = Upload._meta.get_field("file")
    held = field.attr_class(Upload(), field, kept)
    held.storage = storage
    with pytest.raises(RuntimeError), removed_on_failure(held):
        raise RuntimeError
    assert storage.exists(kept)


# Handing out


def handed_out(rf, storage, name, **more):
    return hand_out(
        rf.get("/"), storage, name, **{"shown_as": "Pièce.pdf", "content_type": "application/pdf"} | more
    )


def read(answer):
    """What a browser gets from an answer, an address that it is sent to included: headers and content."""
    if answer.status_code == 302:
        status, headers, content = s3.asked(answer["Location"])
        assert status == 200
        return headers, content
    content = b"".join(answer.streaming_content)
    answer.file_to_stream.close()
    return answer.headers, content


@pytest.mark.parametrize(("inline", "way"), [(False, "attachment"), (True, "inline")])
def test_a_file_is_handed_out_under_its_own_name_and_runs_nothing(rf, storage, kept, inline, way):
    answer = handed_out(rf, storage, kept, inline=inline)
    headers, content = read(answer)
    assert content == CONTENT
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == f"{way}; filename*=utf-8''Pi%C3%A8ce.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == headers["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_name_cannot_add_a_header(rf, storage, kept):
    answer = handed_out(rf, storage, kept, shown_as='a"; filename="b.exe')
    headers, _content = read(answer)
    assert headers["Content-Disposition"] == 'attachment; filename="a\\"; filename=\\"b.exe"'


def test_a_file_that_is_not_there_is_not_found(rf, storage):
    with pytest.raises(Http404):
        handed_out(rf, storage, "documents/nothing.pdf")


def test_a_page_is_shown_from_memory_and_kept_nowhere(storage, kept):
    with storage.open(kept) as file:
        answer = show_picture(page_picture(file.read(), number=2))
    assert answer["Content-Type"] == "image/jpeg" and answer.content.startswith(b"\xff\xd8\xff")
    assert answer["Cache-Control"] == "private, no-store"


# Private


def test_on_disk_only_the_own_account_and_its_group_may_read(on_disk):
    name = on_disk.save("documents/piece.pdf", ContentFile(CONTENT))
    assert stat.S_IMODE(os.stat(on_disk.path(name)).st_mode) == 0o640
    assert stat.S_IMODE(os.stat(on_disk.path("documents")).st_mode) == 0o750
    for options in (settings.STORAGES[alias]["OPTIONS"] for alias in ("default", "private")):
        assert options["file_permissions_mode"] == 0o640
        assert "base_url" not in options


def test_on_s3_nobody_reads_or_writes_without_a_signature(s3_address, on_s3):
    name = on_s3.save("documents/piece.pdf", ContentFile(CONTENT))
    bare = f"{s3_address}/{s3.PRIVATE}/{name}"
    assert s3.asked(bare)[0] == 403
    assert s3.asked(bare, method="PUT", body=b"mine")[0] == 403
    assert s3.asked(bare, method="DELETE")[0] == 403
    assert s3.asked(f"{s3_address}/{s3.PRIVATE}/?list-type=2")[0] == 403
    with on_s3.open(name) as file:
        assert file.read() == CONTENT


def test_on_s3_the_public_bucket_is_read_by_anyone_and_written_by_nobody_else(s3_address):
    public = s3.storage(s3_address, bucket=s3.PUBLIC, signed=False)
    address = public.url(public.save("logos/logo.png", ContentFile(b"logo")))
    assert "Signature" not in address
    status, _headers, content = s3.asked(address)
    assert (status, content) == (200, b"logo")
    assert s3.asked(address, method="PUT", body=b"mine")[0] == 403


def test_a_signed_address_is_good_for_its_seconds_alone(rf, on_s3):
    name = on_s3.save("documents/piece.pdf", ContentFile(CONTENT))
    address = handed_out(rf, on_s3, name, seconds=2)["Location"]
    assert s3.asked(address)[0] == 200
    time.sleep(3.2)
    status, _headers, content = s3.asked(address)
    assert status == 403 and CONTENT not in content


def test_a_signed_address_is_never_good_for_more_than_a_minute(rf, on_s3):
    name = on_s3.save("documents/piece.pdf", ContentFile(CONTENT))
    address = handed_out(rf, on_s3, name, seconds=86_400)["Location"]
    assert "X-Amz-Expires=60&" in address


def test_a_signed_address_that_was_changed_opens_nothing(rf, on_s3):
    name = on_s3.save("documents/piece.pdf", ContentFile(CONTENT))
    other = on_s3.save("documents/other.pdf", ContentFile(b"another person's"))
    address = handed_out(rf, on_s3, name, seconds=30)["Location"]
    signature = re.search(r"X-Amz-Signature=(\w+)", address)[1]
    for changed in (
        address.replace(signature, signature[::-1]),
        address.replace(name, other),
        address.replace("X-Amz-Expires=30", "X-Amz-Expires=86400"),
        address.replace("attachment", "inline"),
        address.replace("application%2Fpdf", "text%2Fhtml"),
        urlsplit(address)._replace(query="").geturl(),
    ):
        assert changed != address
        status, _headers, content = s3.asked(changed)
        assert status == 403 and content not in (CONTENT, b"another person's")
    assert s3.asked(address, method="DELETE")[0] == 403
    assert s3.asked(address)[0] == 200


# A storage that is down


@pytest.mark.parametrize("verb", ["save", "open", "delete"])
def test_a_storage_that_is_down_says_so_to_the_person(broken_storage, verb, caplog):
    name = "documents/piece.pdf"
    verbs = {
        "save": lambda: broken_storage.save(name, ContentFile(CONTENT)),
        "open": lambda: broken_storage.open(name).read(),
        "delete": lambda: broken_storage.delete(name),
    }
    start = time.monotonic()
    with pytest.raises(ValidationError, match="inaccessibles pour le moment") as refused:
        verbs[verb]()
    assert refused.value.code == "storage_unavailable"
    assert isinstance(refused.value, StorageUnavailable)
    assert time.monotonic() - start < 15
    assert "documents/piece.pdf" in caplog.text


def test_while_the_storage_is_down_no_row_is_written(broken_storage, uploads_in, actor):
    uploads_in(broken_storage)
    with pytest.raises(StorageUnavailable):
        keep_upload(owner=actor, purpose="test", name="piece.pdf", content=CONTENT)
    assert not Upload.objects.exists()


@pytest.mark.django_db
def test_while_s3_is_down_a_file_is_answered_by_a_page_that_says_so(rf, actor):
    (port,) = s3.free_ports(1)
    request = rf.get("/")
    request.user = actor
    answer = hand_out(
        request,
        s3.storage(f"http://127.0.0.1:{port}"),
        "documents/piece.pdf",
        shown_as="piece.pdf",
        content_type="application/pdf",
    )
    assert answer.status_code == 503 and answer["Retry-After"]
    assert "inaccessibles pour le moment" in answer.content.decode()


def test_keys_that_are_refused_are_no_riddle_for_the_person(s3_address, caplog):
    with pytest.raises(StorageUnavailable) as refused:
        s3.storage(s3_address, key=s3.OTHER_KEY).save("documents/a.pdf", ContentFile(b"x"))
    assert s3.OTHER_KEY not in str(refused.value.messages)
    assert "could not" in caplog.text


def test_a_bucket_that_is_missing_is_no_riddle_for_the_person(s3_address):
    with pytest.raises(StorageUnavailable):
        s3.storage(s3_address, bucket="nowhere").save("documents/a.pdf", ContentFile(b"x"))


class FullDisk(ContentFile):
    """What is written half when the disk has no room left."""

    def chunks(self, chunk_size=None):
        yield b"%PDF-1.7 half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_keeps_no_half_file(on_disk):
    with pytest.raises(StorageUnavailable):
        on_disk.save("documents/piece.pdf", FullDisk(CONTENT))
    assert not on_disk.exists("documents/piece.pdf")
    assert on_disk.listdir("documents") == ([], [])


def test_a_disk_that_is_full_takes_no_other_file_along(on_disk, monkeypatch):
    name = on_disk.save("documents/piece.pdf", ContentFile(CONTENT))
    monkeypatch.setattr(on_disk, "get_available_name", lambda name, max_length=None: name)
    with pytest.raises(StorageUnavailable):
        on_disk._save(name, FullDirectory(CONTENT))
    with on_disk.open(name) as file:
        assert file.read() == CONTENT


class FullDirectory(ContentFile):
    """Fails before anything is written."""

    def temporary_file_path(self):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_s3_upload_that_breaks_off_keeps_nothing(on_s3):
    with pytest.raises(StorageUnavailable):
        on_s3.save("documents/broken-off.pdf", BreaksOff(12 * 1024 * 1024))
    assert not on_s3.exists("documents/broken-off.pdf")


class BreaksOff(ContentFile):
    """A large file that cannot be read to its end."""

    def __init__(self, size):
        super().__init__(bytes(size))

    def read(self, size=-1):
        if self.file.tell() > 7 * 1024 * 1024:
            raise OSError(errno.EIO, "Input/output error")
        return self.file.read(size)


# What the start says of the settings


def with_storages(**changed):
    options = {"bucket_name": "a", "access_key": "k", "secret_key": "s", "querystring_expire": 60}
    told = {alias: {"BACKEND": "x.S3Storage", "OPTIONS": dict(options)} for alias in ("private", "public")}
    told["public"]["OPTIONS"]["bucket_name"] = "b"
    for name, value in changed.items():
        alias, _underscore, key = name.partition("_")
        told[alias]["OPTIONS"][key] = value
    return told


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"private_bucket_name": ""}, ["pratik.W001"]),
        ({"public_secret_key": None}, ["pratik.W001"]),
        ({"private_querystring_auth": False}, ["pratik.E001"]),
        ({"private_querystring_expire": 301}, ["pratik.W002"]),
        ({"public_bucket_name": "a"}, ["pratik.E002"]),
    ],
)
def test_the_start_reproaches_what_would_open_or_close_the_storages(changed, found):
    with override_settings(STORAGES=settings.STORAGES | with_storages(**changed)):
        told = [problem.id for problem in run_checks() if problem.id.startswith("pratik.")]
    assert told == found


def test_the_start_reproaches_one_folder_for_both(tmp_path):
    one = {"BACKEND": "pratik.core.storages.DiskStorage", "OPTIONS": {"location": tmp_path}}
    with override_settings(STORAGES=settings.STORAGES | {"private": one, "public": one}):
        assert "pratik.E002" in [problem.id for problem in run_checks()]
