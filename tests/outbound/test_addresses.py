"""Hosts entered in the console never lead into the internal network, unless the operator allows them."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from widget_server.outbound.addresses import is_public, resolve
from widget_server.outbound.deliveries import DeliveryError

INTERNAL = (
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1"),
    *("2001:db8::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::", "2002:7f00:1::"),
    "2001:0:53aa:64c::1",
    "fec0::1",
)
PUBLIC = ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::"]


def test_each_form_of_an_internal_address_is_found(subtests: pytest.Subtests) -> None:
    for is_expected_public, addresses in ((False, INTERNAL), (True, PUBLIC)):
        for text in addresses:
            with subtests.test(address=text):
                assert is_public(ipaddress.ip_address(text)) == is_expected_public


def answer(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have every host name resolve to these addresses."""
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 25)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: entries)


def test_one_internal_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "1.1.1.1", "10.0.0.5")
    with pytest.raises(DeliveryError, match="internal address 10.0.0.5"):
        resolve("mail.shop.example", 25, is_trusted=False)
    assert resolve("mail.shop.example", 25, is_trusted=True) == ["1.1.1.1", "10.0.0.5"]


def test_the_operator_allows_hosts_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "10.0.0.5")
    for allowed in (("Mail.Internal",), ("10.0.0.0/24",), ("10.0.0.5",), ("other", "10.0.0.5")):
        assert resolve("mail.internal", 25, is_trusted=False, allowed=allowed) == ["10.0.0.5"]
    for refused in (("internal",), ("10.0.1.0/24",), ("fc00::/7",), ()):
        with pytest.raises(DeliveryError):
            resolve("mail.internal", 25, is_trusted=False, allowed=refused)


def test_the_checked_address_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time must not lead the connection elsewhere."""
    answers: list[Any] = [[(0, 0, 0, "", ("1.1.1.1", 25))], [(0, 0, 0, "", ("127.0.0.1", 25))]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: answers.pop(0))
    assert resolve("rebound.example", 25, is_trusted=False) == ["1.1.1.1"]
    assert len(answers) == 1


def test_unknown_names_are_explained() -> None:
    for name in ("no-such-host.invalid", "a" * 70 + ".example", "..", "bad host"):
        with pytest.raises(DeliveryError, match="cannot be resolved"):
            resolve(name, 25, is_trusted=True)
