"""The visitor's address behind proxies that are known by their addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from ..core.settings_parser import Network


class TrustedProxies:
    """A WSGI middleware that believes X-Forwarded-For and X-Forwarded-Proto from these networks only."""

    def __init__(self, app: WSGIApplication, networks: Sequence[Network]) -> None:
        self.app = app
        self.networks = networks

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if is_in(self.networks, environ.get("REMOTE_ADDR", "")):
            environ["REMOTE_ADDR"] = find_client(environ["REMOTE_ADDR"], header_values(environ, "FOR"), self.networks)
            scheme = (header_values(environ, "PROTO") or [""])[-1].lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        return self.app(environ, start_response)


def find_client(peer: str, forwarded: Sequence[str], networks: Sequence[Network]) -> str:
    """Return the last address that is no trusted proxy; each proxy added the address of its caller at the end."""
    for address in reversed(forwarded):
        if not is_in(networks, address):
            return address
        peer = address
    return peer


def header_values(environ: dict[str, Any], name: str) -> list[str]:
    text: str = environ.get(f"HTTP_X_FORWARDED_{name}", "")
    return [value.strip() for value in text.split(",") if value.strip()]


def is_in(networks: Sequence[Network], text: str) -> bool:
    """Return whether an address is in one of the networks; a text that is no address is in none."""
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
