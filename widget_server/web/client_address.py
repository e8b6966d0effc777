"""The network of the caller, which rate limits count by."""

from __future__ import annotations

import functools
import ipaddress

from flask import request


def client_network() -> str:
    """Return the caller's IPv4 address or the /64 network of an IPv6 address.

    It is never stored.
    """
    return _to_network(request.remote_addr or "127.0.0.1")


def client_prefix() -> str:
    """Return the /24 of the caller's IPv4 address or the /48 of an IPv6 address: what one customer may easily hold."""
    network = client_network()
    length = 48 if ":" in network else 24
    return str(ipaddress.ip_network(f"{network}/{length}", strict=False).network_address)


@functools.lru_cache(maxsize=4096)
def _to_network(remote_address: str) -> str:
    address = _parse_address(remote_address)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)


def _parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an address, which some proxies send with a port.

    Any other text becomes 0.0.0.0.

    Some proxies send a word for an unknown address; all of those count as one caller.
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return ipaddress.IPv4Address(0)
