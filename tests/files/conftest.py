"""The storages that files are tested on: a folder, and a real S3."""

import pytest

from pratik.core.storages import DiskStorage
from tests.files import s3


@pytest.fixture(scope="session")
def s3_address(tmp_path_factory):
    """The address of a real S3 server, started for this run."""
    assert s3.program(), "no S3 server: « weed » is missing, install requirements-dev.txt"
    with s3.server(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture
def on_disk(tmp_path):
    return DiskStorage(
        location=tmp_path / "private", file_permissions_mode=0o640, directory_permissions_mode=0o750
    )


@pytest.fixture
def on_s3(s3_address):
    return s3.storage(s3_address)


@pytest.fixture(params=["disk", "s3"])
def storage(request):
    """Runs the test once on each."""
    return request.getfixturevalue({"disk": "on_disk", "s3": "on_s3"}[request.param])


@pytest.fixture(params=["disk", "s3"])
def broken_storage(request, tmp_path):
    """A storage that is down: a folder that is none, a server that is not there."""
    if request.param == "disk":
        (tmp_path / "file").write_bytes(b"")
        return DiskStorage(location=tmp_path / "file" / "private")
    (port,) = s3.free_ports(1)
    return s3.storage(f"http://127.0.0.1:{port}")
