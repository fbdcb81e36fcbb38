"""Antivirus daemons for tests: one that speaks the protocol, and ClamAV itself where it is installed."""

import os
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import time
from contextlib import contextmanager

from tests import documents

PATIENCE = 120


class Told(socketserver.StreamRequestHandler):
    """Reads a file as the protocol sends it and answers with what the server was told to say."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        read = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            read += self.rfile.read(size)
        self.server.received.append(read)
        answer = self.server.answer
        if answer is None:
            answer = b"stream: Eicar-Signature FOUND\0" if documents.EICAR in read else b"stream: OK\0"
        self.wfile.write(answer)


@contextmanager
def pretended(answer=None):
    """A daemon that finds EICAR, or that always answers the same. `.address`, and `.received`: each file."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Told) as server:
        server.daemon_threads = True
        server.answer, server.received = answer, []
        server.address = f"127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def real(folder):
    """ClamAV's own daemon with one signature, that of EICAR; its address. None where it is not installed."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:" + (os.environ.get("PATH", "")))
    if not program:
        yield None
        return
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "test.ndb").write_text(f"Eicar-Test:0:*:{documents.EICAR.hex()}\n")
    port, config = free_port(), folder / "clamd.conf"
    config.write_text(
        f"TCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\nDatabaseDirectory {signatures}\n"
        f"TemporaryDirectory {folder}\nLogFile {folder / 'clamd.log'}\n"
    )
    with (folder / "output").open("wb") as output:
        daemon = subprocess.Popen([program, "--config-file", str(config)], stdout=output, stderr=output)
        try:
            until = time.monotonic() + PATIENCE
            while daemon.poll() is None and time.monotonic() < until:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            assert daemon.poll() is None, (folder / "output").read_text()
            yield f"127.0.0.1:{port}"
        finally:
            daemon.kill()
            daemon.wait()
