"""The antivirus: what it finds is refused by name, and its silence is told apart from « clean »."""

import socket

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ValidationError

from pratik.core.inspection import Scan, antivirus, document_limits, inspect
from tests import documents
from tests.core.inspection import clamav


def inspected(content, name="piece.pdf"):
    return inspect(documents.sent(content, name), name=name, limits=document_limits())


@pytest.fixture
def daemon(settings):
    with clamav.pretended() as server:
        settings.CLAMAV_ADDRESS = server.address
        yield server


def infected_pdf():
    """A PDF that opens, with EICAR in a stream that no page shows."""

    def hide(document):
        document.Root.Hidden = document.make_stream(documents.EICAR)

    return documents.pdf(change=hide, compress_streams=False)


def test_without_an_antivirus_a_file_is_not_scanned(settings):
    assert settings.CLAMAV_ADDRESS == ""
    assert inspected(infected_pdf()).scan == Scan.NOT_SCANNED


def test_a_clean_file_is_said_to_be_clean(daemon):
    content = documents.pdf()
    assert inspected(content).scan == Scan.CLEAN
    assert daemon.received == [content], "the antivirus sees what was sent, not the clean copy"


def test_an_infected_file_is_refused_by_name(daemon):
    with pytest.raises(ValidationError, match="Eicar-Signature") as refused:
        inspected(infected_pdf())
    assert refused.value.code == "infected"


def test_a_large_file_reaches_the_antivirus_whole(daemon):
    content = bytes(range(256)) * 40_000
    assert antivirus.scan(content) == Scan.CLEAN
    assert daemon.received == [content]


@pytest.fixture(params=["port", "socket file"])
def address(request):
    """An address where nobody listens."""
    return f"127.0.0.1:{clamav.free_port()}" if request.param == "port" else "/nowhere/clamd.sock"


def test_while_the_daemon_is_down_a_required_scan_refuses_for_now(settings, address, caplog):
    settings.CLAMAV_ADDRESS, settings.CLAMAV_REQUIRED = address, True
    with pytest.raises(ValidationError, match="Réessayez plus tard") as refused:
        inspected(documents.pdf())
    assert refused.value.code == "scan_unavailable"
    assert address in caplog.text


def test_while_the_daemon_is_down_an_optional_scan_is_said_not_to_be_done(settings, address):
    settings.CLAMAV_ADDRESS, settings.CLAMAV_REQUIRED = address, False
    assert inspected(documents.pdf()).scan == Scan.NOT_SCANNED


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK and more\0"])
def test_an_answer_that_is_no_opinion_is_none(settings, answer):
    with clamav.pretended(answer) as server:
        settings.CLAMAV_ADDRESS, settings.CLAMAV_REQUIRED = server.address, True
        with pytest.raises(ValidationError) as refused:
            antivirus.scan(b"content")
    assert refused.value.code == "scan_unavailable"


def test_a_daemon_that_never_answers_is_not_waited_for(settings, monkeypatch):
    monkeypatch.setattr(antivirus, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.CLAMAV_ADDRESS = f"127.0.0.1:{deaf.getsockname()[1]}"
        assert antivirus.scan(b"content") == Scan.NOT_SCANNED


def test_the_real_daemon_finds_eicar(settings, tmp_path):
    with clamav.real(tmp_path) as address:
        if address is None:
            pytest.skip("clamd is not installed")
        settings.CLAMAV_ADDRESS, settings.CLAMAV_REQUIRED = address, True
        assert inspected(documents.pdf()).scan == Scan.CLEAN
        with pytest.raises(ValidationError, match="Eicar-Test"):
            inspected(infected_pdf())


@pytest.mark.parametrize(
    ("address", "required", "found"),
    [
        ("", False, []),
        ("", True, ["pratik.E003"]),
        ("clamav:3310", True, []),
        ("[::1]:3310", False, []),
        ("/run/clamav/clamd.ctl", True, []),
        ("clamav", False, ["pratik.E004"]),
        ("clamav:port", False, ["pratik.E004"]),
        (":3310", False, ["pratik.E004"]),
        ("clamav:99999", False, ["pratik.E004"]),
    ],
)
def test_the_start_checks_the_address(settings, address, required, found):
    settings.CLAMAV_ADDRESS, settings.CLAMAV_REQUIRED = address, required
    assert [problem.id for problem in run_checks() if problem.id.startswith("pratik.")] == found
