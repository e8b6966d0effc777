"""The addresses of a website as a person types them, and the origins that they allow."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from ..core.errors import Invalid
from ..core.marked_texts import marked
from .origins import normalize_origin

MAX_ADDRESSES = 20
EXAMPLE = "https://shop.example"


def to_origins(text: str) -> list[str]:
    """Return the origins of one or more addresses, separated by spaces or commas.

    A path is dropped, and a missing scheme is https, on the own machine http. A domain with two labels also allows its
    `www.` form and the other way round, because most websites answer at both.

    Raises:
        Invalid: an address is malformed, there is none, or there are too many.
    """
    addresses = text.replace(",", " ").split()
    if not addresses:
        raise Invalid(
            marked("Enter the address of your website, for example %(example)s.", example=EXAMPLE), pointer="/website"
        )
    if len(addresses) > MAX_ADDRESSES:
        raise Invalid(
            marked("Enter at most %(max_addresses)s addresses.", max_addresses=MAX_ADDRESSES), pointer="/website"
        )
    origins = [_to_origin(address) for address in addresses]
    return list(dict.fromkeys(origin for one in origins for origin in (one, _www_twin(one)) if origin))


def host_of(origin: str) -> str:
    """Return the host of an origin, the default name of a site."""
    return urlsplit(origin).netloc.removeprefix("www.")


def _to_origin(address: str) -> str:
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        scheme = parts.scheme or ("http" if _is_own_machine(parts.hostname or "") else "https")
        origin = normalize_origin(f"{scheme}://{parts.netloc}") if scheme in ("http", "https") else None
    except ValueError:
        origin = None
    host = host_of(origin) if origin else ""
    if origin is None or not ("." in host or "[" in host or _is_own_machine(host.partition(":")[0])):
        raise Invalid(
            marked(
                "%(value)s is not the address of a website. Write %(example)s.", value=repr(address), example=EXAMPLE
            ),
            pointer="/website",
        )
    return origin


def _is_own_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _www_twin(origin: str) -> str | None:
    """Return the same domain with or without `www.`; None for a deeper subdomain or an address."""
    scheme, _, host = origin.partition("://")
    name = host.partition(":")[0]
    labels = name.split(".")
    if host.startswith("[") or labels[-1].isdigit():
        return None
    if labels[0] == "www" and len(labels) > 2:
        return f"{scheme}://{host.removeprefix('www.')}"
    return f"{scheme}://www.{host}" if len(labels) == 2 and labels[-1] != "localhost" else None
