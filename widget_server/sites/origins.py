"""Origins of pages, spelled as browsers send them: what is spelled otherwise would match no page."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Letters, marks and numbers; what else a browser takes or drops in a name is not worth a guess.
NAME_KINDS = ("L", "M", "N")


def as_browsers_send(origin: str) -> str | None:
    """The origin in lower case, without its default port, and with an international name in ASCII; None for what is no
    origin. `null` and a port of `*` are ours.
    """
    if origin == "null":
        return origin
    any_port = origin.endswith(":*")
    try:
        parts = urlsplit(origin.removesuffix(":*"))
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    is_plain = parts.geturl().lower() == f"{parts.scheme}://{parts.netloc}".lower() and "@" not in parts.netloc
    if host is None or parts.scheme not in DEFAULT_PORTS or not is_plain or (any_port and port is not None):
        return None
    if any_port:
        return f"{parts.scheme}://{host}:*"
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def _host(name: str) -> str | None:
    """A name or address as the address bar has it; ValueError or None for what cannot be one."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    # A browser tells the end of a name's label by the ideographic full stop too.
    labels = unicodedata.normalize("NFKC", name).replace("\u3002", ".").lower().split(".")
    if NUMBER.fullmatch(labels[-1]):
        return str(ipaddress.IPv4Address(".".join(labels)))
    spelled = [_label(label) for label in labels]
    named = spelled[:-1] if spelled[-1] == "" else spelled
    return ".".join(spelled) if named and all(LABEL.fullmatch(label) for label in named) else None


def _label(label: str) -> str:
    """One part of a name in ASCII: a browser has ß stay what it is, which Python's own codec would not."""
    if label.isascii():
        return label
    if not all(letter == "-" or unicodedata.category(letter)[0] in NAME_KINDS for letter in label):
        raise ValueError("no letter of a name")
    return f"xn--{label.encode('punycode').decode('ascii')}"


def is_allowed(origin: str | None, patterns: Iterable[str], public_url: str) -> bool:
    """Whether a page of `origin` may use the key of a site that allows `patterns`; the server's own pages always may.

    Without an origin it is no browser, and a list of origins stops only browsers.
    """
    if origin is None:
        return True
    if origin == public_url:
        return True
    return any(_matches(origin, pattern) for pattern in patterns)


def _matches(origin: str, pattern: str) -> bool:
    if not pattern.endswith(":*"):
        return origin == pattern
    base = pattern[:-2]
    port = origin[len(base) :]
    return origin.startswith(base) and (port == "" or (port[0] == ":" and port[1:].isdigit()))
