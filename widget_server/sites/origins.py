"""Origins of pages in the form that browsers send; an origin in any other form would match no page."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from ..core.errors import Invalid

DEFAULT_PORTS = {"http": 80, "https": 443}
#: `null` is the origin of sandboxed frames and of files. Electron and Android's WebView send `file://` for files.
WITHOUT_HOST = ("null", "file://")
#: Schemes that no page of an app has as its origin.
NO_APP_SCHEMES = {"about", "blob", "data", "file", "ftp", "javascript", "ws", "wss"}
#: Browsers choose the host of an extension at random for each installation, so the host may be `*`.
RANDOM_HOST_SCHEMES = {"moz-extension", "safari-web-extension"}
#: The host of an app; apps of Electron also use `-` and `.` alone.
APP_HOST = re.compile(r"[a-z0-9_.-]{1,253}")
#: Longer names do not exist in the domain name system.
MAX_HOST_LENGTH = 253
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Letters, marks and numbers. Browsers differ on all other characters of a name, so they are rejected.
NAME_KINDS = ("L", "M", "N")


def normalize_origin(origin: str) -> str | None:
    """Return an origin as browsers send it, or None if the text is not an origin.

    That is in lower case, without the default port, and with an international name in ASCII. In addition, the port
    may be `*`, and the host of extensions whose host is random.
    """
    if origin in WITHOUT_HOST:
        return origin
    any_port = origin.endswith(":*")
    try:
        parts = urlsplit(origin.removesuffix(":*"))
        is_web = parts.scheme in DEFAULT_PORTS
        host = _host(parts.hostname or "") if is_web else _app_host(parts.scheme, parts.hostname or "")
        port = parts.port
    except ValueError:
        return None
    is_plain = parts.geturl().lower() == f"{parts.scheme}://{parts.netloc}".lower() and "@" not in parts.netloc
    has_port = any_port or port is not None
    if host is None or not is_plain or (any_port and port is not None) or (host == "*" and has_port):
        return None
    if any_port:
        return f"{parts.scheme}://{host}:*"
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{port}")


def _app_host(scheme: str, name: str) -> str | None:
    """Return the host of an app's or extension's origin, or None if pages of such an origin do not exist."""
    if scheme in NO_APP_SCHEMES or not scheme:
        return None
    is_host = APP_HOST.fullmatch(name) or (name == "*" and scheme in RANDOM_HOST_SCHEMES)
    return name if is_host else None


def _host(name: str) -> str | None:
    """Return a host name or address as the address bar shows it, or None if it is not a name.

    Raises:
        ValueError: an address is malformed, or a name has a character that is not allowed.
    """
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    # Browsers also end a label at the ideographic full stop.
    labels = unicodedata.normalize("NFKC", name).replace("\u3002", ".").lower().split(".")
    if NUMBER.fullmatch(labels[-1]):
        return str(ipaddress.IPv4Address(".".join(labels)))
    ascii_labels = [_label(label) for label in labels]
    nonempty_labels = ascii_labels[:-1] if ascii_labels[-1] == "" else ascii_labels
    is_name = bool(nonempty_labels) and all(LABEL.fullmatch(label) for label in nonempty_labels)
    is_name = is_name and len(".".join(nonempty_labels)) <= MAX_HOST_LENGTH
    return ".".join(ascii_labels) if is_name else None


def _label(label: str) -> str:
    """Return one label of a name in ASCII. Browsers keep ß; Python's own codec would replace it."""
    if label.isascii():
        return label
    if not all(letter == "-" or unicodedata.category(letter)[0] in NAME_KINDS for letter in label):
        raise ValueError("character is not allowed in a host name")
    return f"xn--{label.encode('punycode').decode('ascii')}"


def is_allowed(origin: str | None, patterns: Iterable[str], public_url: str) -> bool:
    """Return whether a page of `origin` may use the key of a site that allows `patterns`.

    The server's own pages always may. A request without an origin is not from a browser, and a list of origins can
    stop only browsers.
    """
    if origin is None:
        return True
    if origin == public_url:
        return True
    return any(_matches(origin, pattern) for pattern in patterns)


def _matches(origin: str, pattern: str) -> bool:
    scheme, separator, rest = origin.partition("://")
    if scheme not in DEFAULT_PORTS:
        # Some browsers keep the case of an app's host.
        origin = f"{scheme}{separator}{rest.lower()}"
    if pattern.endswith("://*"):
        return bool(pattern == f"{scheme}://*" and APP_HOST.fullmatch(rest.lower()))
    if not pattern.endswith(":*"):
        return origin == pattern
    base = pattern[:-2]
    port = origin[len(base) :]
    return origin.startswith(base) and (port == "" or (port[0] == ":" and port[1:].isdigit()))


def check_origins(value: list[str], name: str = "allowed_origins") -> list[str]:
    """Return the origins as browsers send them, without duplicates.

    Raises:
        Invalid: with a pointer to the first text that is not an origin.
    """
    origins = [normalize_origin(origin) for origin in value]
    for position, origin in enumerate(origins):
        if origin is None:
            raise Invalid(
                f"Origin {value[position]!r} is malformed; write https://shop.example without a path, or an app's"
                " capacitor://localhost. The port may be *.",
                pointer=f"/{name}/{position}",
            )
    return list(dict.fromkeys(filter(None, origins)))


def check_agent_origins(value: list[str]) -> list[str]:
    """Return the origins as browsers send them, without duplicates.

    Raises:
        Invalid: `frame-ancestors` cannot name one of them. It supports neither origins without a host name nor
            addresses in brackets.
    """
    for position, origin in enumerate(value):
        if origin in WITHOUT_HOST or "[" in origin or origin.endswith("://."):
            raise Invalid(
                f"Origin {origin!r} cannot embed a frame; use the host name of the embedding page.",
                pointer=f"/agent_origins/{position}",
            )
    return check_origins(value, "agent_origins")
