"""The caller's address, as rate limits count it."""

from __future__ import annotations

import functools
import ipaddress

from flask import request


def client_network() -> str:
    """What limits count by: the caller's address, an IPv6 one by its /64. Never stored."""
    return _counted_as(request.remote_addr or "127.0.0.1")


@functools.lru_cache(maxsize=4096)
def _counted_as(remote: str) -> str:
    address = _address(remote)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False).network_address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Some proxies add a port, or write a word for what they do not know; all of those count as one."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return ipaddress.IPv4Address(0)
