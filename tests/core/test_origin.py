"""Where a request comes from: only what a trusted proxy says is believed."""

import pytest

from pratik.core.origin import Origin, coming_from, current_origin, is_trusted, visitor_address

PROXIES = ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        # The visitor wrote a line of their own, which the proxy kept in front of the true one.
        ("10.0.0.1", "192.0.2.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        # No proxy in between: the header is the visitor's own invention.
        ("203.0.113.7", "192.0.2.1", "203.0.113.7"),
        # Every hop is one of ours: a machine of ours asked.
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        # Whatever the visitor wrote in front, however long and however well made.
        ("10.0.0.1", "10.0.0.9, 127.0.0.1, ::1, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", ", ".join(["10.0.0.5"] * 1_000), "10.0.0.5"),
        ("10.0.0.1", "n’importe quoi", None),
        ("10.0.0.1", "203.0.113.7, n’importe quoi", None),
        ("10.0.0.1", "unknown", None),
        ("10.0.0.1", "<script>, 10.0.0.2", None),
        # Some proxies add the port.
        ("10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::7]:443", "2001:db8::7"),
        ("10.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("10.0.0.1", "203.0.113.7, 10.0.0.2:8080", "203.0.113.7"),
        # One address has one way of being written.
        ("2001:0DB8:0:0:0:0:0:7", "", "2001:db8::7"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        ("::ffff:10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("10.0.0.1", ", ,", "10.0.0.1"),
        ("", "203.0.113.7", None),
    ],
)
def test_address_of_the_visitor(peer, forwarded_for, address):
    assert visitor_address(peer, forwarded_for, PROXIES) == address


def test_a_proxy_on_the_same_machine_comes_by_a_socket_file():
    assert visitor_address("", "203.0.113.7", ["unix"]) == "203.0.113.7"
    assert is_trusted("", ["unix"])
    assert not is_trusted("203.0.113.7", ["unix"])


def test_nobody_is_trusted_unless_named():
    assert not is_trusted("127.0.0.1", [])
    for garbage in ("garbage", "10.0.0", "10.0.0.1.2", "999.1.1.1", "[", ":", "%"):
        assert not is_trusted(garbage, PROXIES)


def test_a_socket_file_trusts_no_network():
    assert not is_trusted("10.0.0.1", ["unix"])
    assert not is_trusted("", ["10.0.0.0/8"])


def test_an_origin_holds_as_long_as_its_request():
    assert current_origin() == Origin()
    with coming_from(Origin(address="203.0.113.7")):
        assert current_origin().address == "203.0.113.7"
    assert current_origin() == Origin()
