"""A ClamAV daemon's opinion, where there is one.

The protocol is one command (INSTREAM: chunks with their length before them, a zero, then one line of answer),
spoken here with a deadline for connecting, sending and waiting alike.
"""

import logging
import re
import socket
import struct
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
# Seconds for each step; a daemon that reloads its signatures may take some.
PATIENCE = 20
FOUND = re.compile(r"stream: (?P<name>.+) FOUND")


class Scan(models.TextChoices):
    NOT_SCANNED = "not_scanned", gettext_lazy("non analysé")
    CLEAN = "clean", gettext_lazy("sans virus connu")


class NoAnswer(Exception):
    """The daemon did not say whether a file is clean."""


def scan(content):
    """What the antivirus says of these bytes: `Scan.CLEAN`, or `Scan.NOT_SCANNED` when none is configured.

    Raises `ValidationError` for an infected file (`infected`). When the daemon does not answer, the setting
    CLAMAV_REQUIRED decides: the file is refused for now (`scan_unavailable`), or kept as not scanned.
    """
    if not settings.CLAMAV_ADDRESS:
        return Scan.NOT_SCANNED
    try:
        answer = ask(settings.CLAMAV_ADDRESS, content)
    except (OSError, NoAnswer) as error:
        logger.error("The antivirus at %s gave no opinion: %s", settings.CLAMAV_ADDRESS, error)
        if not settings.CLAMAV_REQUIRED:
            return Scan.NOT_SCANNED
        raise ValidationError(
            _(
                "L’antivirus ne répond pas pour le moment. Réessayez plus tard : rien n’a été "
                "gardé de ce fichier."
            ),
            code="scan_unavailable",
        ) from error
    if answer is None:
        return Scan.CLEAN
    logger.warning("The antivirus found %s in a file that was sent", answer)
    raise ValidationError(
        _(
            "L’antivirus a trouvé « %(virus)s » dans ce fichier : il n’a pas été gardé. Analysez votre "
            "appareil, puis numérisez le document de nouveau."
        ),
        code="infected",
        params={"virus": answer},
    )


def ask(address, content):
    """The name of what the daemon at `address` finds in these bytes, or None.

    Raises `OSError` and `NoAnswer`.
    """
    with connected(address) as daemon:
        # A daemon that has heard enough answers and hangs up while we still send.
        with suppress(BrokenPipeError, ConnectionResetError):
            daemon.sendall(b"zINSTREAM\0")
            view = memoryview(content)
            for start in range(0, len(view), CHUNK):
                chunk = view[start : start + CHUNK]
                daemon.sendall(struct.pack("!L", len(chunk)))
                daemon.sendall(chunk)
            daemon.sendall(struct.pack("!L", 0))
        answer = bytearray()
        while b"\0" not in answer and len(answer) < CHUNK and (received := daemon.recv(4096)):
            answer += received
    told = answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
    if told == "stream: OK":
        return None
    if found := FOUND.fullmatch(told):
        return found["name"]
    raise NoAnswer(told or "it hung up")


def connected(address):
    """A connection to `host:port`, or to the path of a socket file."""
    if "/" in address:
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        daemon.settimeout(PATIENCE)
        try:
            daemon.connect(address)
        except OSError:
            daemon.close()
            raise
        return daemon
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
