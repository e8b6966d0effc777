"""The only HTTP client. It sends one request to another network, with limits of time and bytes.

The host is resolved once and refused if any of its addresses is internal. The connection leads to the checked address,
with the name and the certificate of the host. A redirect is a new request with the same checks.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import Message
from typing import Any, NamedTuple, cast
from urllib.parse import quote, urljoin, urlsplit

from . import addresses
from .connections import CONNECT_SECONDS, Reach, connect, explain, seconds_until
from .deliveries import DeliveryError

DEFAULT_PORTS = {"http": 80, "https": 443}
#: The status line, the headers and the framing of a chunked body.
MAX_OVERHEAD_BYTES = 64 * 1024
MAX_SHOWN_LENGTH = 200
#: What is valid in an address as it is; other characters are percent-encoded.
SAFE_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"
REDIRECTS = (301, 302, 303, 307, 308)
#: Never sent to another origin after a redirect.
SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization")
USER_AGENT = "Tilfreds"


@dataclass(frozen=True)
class Limits:
    """The limits of one request; the time includes its redirects."""

    connect_seconds: float = CONNECT_SECONDS
    total_seconds: float = 10.0
    max_bytes: int = 64 * 1024
    max_redirects: int = 0


#: No internal address at all.
PUBLIC = Reach()
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Response:
    """A complete response; its headers compare names without case."""

    status: int
    headers: Message
    body: bytes
    #: The address that answered, after redirects.
    url: str


@dataclass(frozen=True)
class Request:
    """A request; `body` is sent as it is."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class _Target(NamedTuple):
    """Where a request goes. `authority` is the host as its header names it."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str


class _TimedReader(io.RawIOBase):
    """Read a socket until a deadline, also if the host sends a byte now and then.

    `max_bytes` limits all that is read, so that endless headers end, too.
    """

    def __init__(self, channel: socket.socket, deadline: float, max_bytes: int) -> None:
        self.channel = channel
        self.deadline = deadline
        self.remaining_bytes = max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.channel.settimeout(seconds_until(self.deadline))
        count = self.channel.recv_into(buffer)
        self.remaining_bytes -= count
        if self.remaining_bytes < 0:
            raise http.client.LineTooLong("response")
        return count


class _TimedSocket:
    """What http.client uses of a socket, with one deadline for all of it. The caller closes the socket."""

    def __init__(self, channel: socket.socket, deadline: float, max_bytes: int) -> None:
        self.channel = channel
        self.deadline = deadline
        self.max_bytes = max_bytes

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self.channel, self.deadline, self.max_bytes))

    def sendall(self, data: bytes) -> None:
        self.channel.settimeout(seconds_until(self.deadline))
        self.channel.sendall(data)

    def close(self) -> None:
        """Keep the socket open, as http.client closes it before the body is read."""


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    reach: Reach = PUBLIC,
    limits: Limits = DEFAULT_LIMITS,
) -> Response:
    """Send a request and return its response. Only GET and HEAD follow redirects; other methods return them.

    Raises:
        DeliveryError: the address is not allowed, the host cannot be reached, or the response exceeds a limit.
    """
    deadline = time.monotonic() + limits.total_seconds
    current = Request(method, url, headers or {}, body)
    for _ in range(limits.max_redirects + 1):
        response = _send(current, reach, limits, deadline)
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or not location or limits.max_redirects == 0:
            return response
        if method not in ("GET", "HEAD"):
            return response
        current, reach = _redirected(current, location, reach)
    raise DeliveryError(f"{_to_target(url).host} redirects more than {limits.max_redirects} times.")


def _redirected(previous: Request, location: str, reach: Reach) -> tuple[Request, Reach]:
    """Return the request of a redirect. Another origin receives no secret and is never trusted."""
    try:
        url = urljoin(previous.url, quote(location.encode("latin-1"), SAFE_CHARACTERS))
    except ValueError:
        url = location
    target = replace(previous, url=url)
    if _to_target(target.url)[:3] == _to_target(previous.url)[:3]:
        return target, reach
    headers = {name: value for name, value in previous.headers.items() if name.lower() not in SECRET_HEADERS}
    return replace(target, headers=headers), replace(reach, is_trusted=False)


def _to_target(url: str) -> _Target:
    """Return where an address leads.

    Raises:
        DeliveryError: it is not a plain address of HTTP.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        host, port = "", 0
    if not host or "@" in parts.netloc or not url.isprintable():
        raise DeliveryError(f"{url[:MAX_SHOWN_LENGTH]} is not an address that begins with https:// or http://.")
    name = f"[{host}]" if ":" in host else host
    authority = name if port == DEFAULT_PORTS[parts.scheme] else f"{name}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return _Target(parts.scheme, host, port, authority, quote((parts.path or "/") + query, SAFE_CHARACTERS))


def _send(outgoing: Request, reach: Reach, limits: Limits, deadline: float) -> Response:
    """Send one request without redirects."""
    target = _to_target(outgoing.url)
    where = f"{target.host}, port {target.port},"
    is_free = reach.is_trusted or addresses.is_listed(target.host, reach.allowed_hosts)
    if target.port not in DEFAULT_PORTS.values() and not is_free:
        raise DeliveryError(f"{where} is not allowed. Use port 443 or 80, or add the host to ALLOWED_INTERNAL_HOSTS.")
    try:
        seconds = seconds_until(deadline)
        with connect(target.host, target.port, reach, seconds, limits.connect_seconds) as plain:
            plain.settimeout(seconds_until(deadline))
            with _encrypt(plain, target) as channel:
                timed = _TimedSocket(channel, deadline, limits.max_bytes + MAX_OVERHEAD_BYTES)
                return _exchange(timed, target, outgoing, limits)
    except http.client.HTTPException as error:
        raise DeliveryError(f"{where} does not answer with valid HTTP: {type(error).__name__}.") from error
    except (OSError, ValueError) as error:
        raise DeliveryError(explain(where, error)) from error


def _exchange(channel: _TimedSocket, target: _Target, outgoing: Request, limits: Limits) -> Response:
    connection = http.client.HTTPConnection(target.host)
    connection.sock = cast(socket.socket, channel)
    fixed = {"Host": target.authority, "Accept-Encoding": "identity", "Connection": "close"}
    connection.request(
        outgoing.method, target.path, outgoing.body, {"User-Agent": USER_AGENT, **outgoing.headers, **fixed}
    )
    answer = connection.getresponse()
    body = answer.read(limits.max_bytes + 1)
    if len(body) > limits.max_bytes:
        raise DeliveryError(f"{target.host} answers with more than {limits.max_bytes} bytes.")
    if answer.length:
        raise http.client.IncompleteRead(body, answer.length)
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise DeliveryError(f"{target.host} answers with a compression that was not requested.")
    return Response(answer.status, answer.headers, body, outgoing.url)


def _encrypt(plain: socket.socket, target: _Target) -> socket.socket:
    if target.scheme == "http":
        return plain
    return tls_context().wrap_socket(plain, server_hostname=target.host)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the context of all requests, which holds the certificates of the system."""
    return ssl.create_default_context()
