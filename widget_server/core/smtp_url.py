"""The address of a mail server: `smtp://USER:PASSWORD@HOST:PORT` or `smtps://...`."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args
from urllib.parse import parse_qs, unquote, urlsplit

#: "tls" from the first byte, "starttls" before anything secret is sent, "none" for a relay on a trusted network.
TlsMode = Literal["tls", "starttls", "none"]
TLS_MODES: tuple[TlsMode, ...] = get_args(TlsMode)
DEFAULT_PORTS: dict[TlsMode, int] = {"tls": 465, "starttls": 587, "none": 25}
#: The sender of mails: an address, alone or behind a name. Python's parser accepts more.
ADDRESS = r"[^@\s<>,;:\"\\]+@[^@\s<>,;:\"\\]+"
SENDER = re.compile(rf"{ADDRESS}|[^<>@,;:\"\\]*<{ADDRESS}>")


class SmtpAddress(NamedTuple):
    """Where a mail server is, and how to sign in to it."""

    host: str
    port: int
    tls: TlsMode
    user: str
    password: str


def parse_smtp_url(text: str) -> SmtpAddress:
    """Return the parts of a mail server's address.

    Raises: ValueError: it is no such address.
    """
    parts = urlsplit(text)
    options = parse_qs(parts.query, keep_blank_values=True)
    is_plain = options == {"tls": ["none"]}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.fragment:
        raise ValueError("not a mail server")
    if options and not is_plain or is_plain and (parts.scheme == "smtps" or parts.password):
        raise ValueError("an unknown option, or a password without TLS")
    tls: TlsMode = "tls" if parts.scheme == "smtps" else "none" if is_plain else "starttls"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmtpAddress(parts.hostname, parts.port or DEFAULT_PORTS[tls], tls, user, password)
