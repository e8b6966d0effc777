"""Which addresses of the network an outgoing connection may lead to.

A host that the operator sets in the environment is trusted. A host that a person enters in the console must not lead
into the internal network, unless the operator allows it: else the server would be a way around its firewall.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

from .deliveries import DeliveryError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: The well-known prefix under which NAT64 gateways reach IPv4 addresses.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: Networks whose addresses contain another address at a place that only their gateway knows.
TRANSLATED = (ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("2001::/32"))


def resolve(host: str, port: int, *, is_trusted: bool, allowed: Iterable[str] = ()) -> list[str]:
    """Return the addresses of a host, all checked. Connect to these: a second look-up could return others.

    `allowed` are host names, addresses and networks that the operator allows.

    Raises:
        DeliveryError: the name does not resolve, or leads to an internal address.
    """
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        text = f"The host name {host} cannot be resolved. Check its spelling, and the name server of this machine."
        raise DeliveryError(text) from error
    addresses = [str(entry[4][0]) for entry in entries]
    if not is_trusted and not is_listed(host, allowed):
        for text in addresses:
            if not is_permitted(ipaddress.ip_address(text.partition("%")[0]), allowed):
                reason = f"{host} leads to the internal address {text}. Only the operator can allow it: "
                raise DeliveryError(reason + "add the host to ALLOWED_INTERNAL_HOSTS.")
    return list(dict.fromkeys(addresses))


def is_listed(host: str, allowed: Iterable[str]) -> bool:
    """Return whether the operator allows a host by its name, or the network of a numeric one."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower() in (entry.lower() for entry in allowed)
    return any(address in network for network in map(_to_network, allowed) if network)


def is_permitted(address: Address, allowed: Iterable[str]) -> bool:
    """Return whether an address is public, or in a network that the operator allows."""
    return is_public(address) or any(address in network for network in map(_to_network, allowed) if network)


def is_public(address: Address) -> bool:
    """Return whether every host of the internet could be meant, also through a gateway to IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in TRANSLATED):
            return False
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _to_network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
