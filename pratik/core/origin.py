"""Where the present act comes from: the visitor's address, their device, and who acts in their name.

A door says it once for each request (`coming_from`); the journal of accesses and the operations read it.
What a task does has no address.
"""

import ipaddress
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Origin:
    """`impersonator` is the administrator who acts in the name of the person who is signed in, or None."""

    address: str | None = None
    device: str = ""
    impersonator: object = None


_current = ContextVar("pratik_origin", default=None)


def current_origin():
    """Where the act under way comes from."""
    return _current.get() or Origin()


def in_anothers_name():
    """Whether an administrator does this in the name of somebody else."""
    return current_origin().impersonator is not None


@contextmanager
def coming_from(origin):
    """What is done inside comes from there."""
    token = _current.set(origin)
    try:
        yield origin
    finally:
        _current.reset(token)


def is_trusted(peer, trusted):
    """Whether the machine that connected is one of the proxies in front; `trusted` holds networks, and
    "unix" for a proxy on the same machine that comes by a socket file.
    """
    if not peer:
        return "unix" in trusted
    address = _read(peer)
    return address is not None and any(
        address in ipaddress.ip_network(network) for network in trusted if network != "unix"
    )


def visitor_address(peer, forwarded_for, trusted):
    """The visitor's own address: the last one of X-Forwarded-For that no trusted proxy wrote for another.

    A header that comes from elsewhere than a trusted proxy is what anybody may have typed, and is ignored.
    Returns None when nothing readable is known.
    """
    seen = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not is_trusted(seen, trusted):
            break
        seen = hop
    address = _read(seen)
    return str(address) if address is not None else None


@lru_cache(maxsize=1024)
def _read(text):
    """An address as machines write it, with or without a port (`[2001:db8::7]:443`), or None.

    An IPv4 address that came by an IPv6 socket (`::ffff:203.0.113.7`) is the IPv4 address.
    """
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
