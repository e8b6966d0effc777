"""Requests on whose end nginx and the server could disagree are refused, or answered once, through the shipped file.

Each form hides a second request, `CANARY`, where one of the two might look for it. If it reached the server, the
server's log would name its route, and the answer to it could be given to the next visitor on that connection.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from .nginx import NAME, Proxied
from .server import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.server
ROUTE = "/api/v1/languages"
CANARY = f"GET {ROUTE} HTTP/1.1\r\nHost: {NAME}\r\nX: ".encode()
#: Ends a connection that is still open, so that its answers can be read to the end.
LAST = f"GET /health/live HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode()
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
AFTER_CHUNKS = b"0\r\n\r\n" + CANARY
LINE = b"POST /w/canary/votes HTTP/1.1\r\nHost: %s\r\n" % NAME.encode()

#: Headers that a server may or may not read as "the body is in chunks".
TRANSFER_ENCODINGS = (
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: Chunked",
    b"Transfer-Encoding : chunked",
    b" Transfer-Encoding: chunked",
    b"Transfer-Encoding:\tchunked",
    b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding: \x00chunked",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity, chunked",
    b"Transfer-Encoding: gzip, chunked",
    b'Transfer-Encoding: "chunked"',
    b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding:\r\n chunked",
    b"Transfer-Encoding\r\n: chunked",
    b"Transfer_Encoding: chunked",
    b"X: y\nTransfer-Encoding: chunked",
    b"X: y\rTransfer-Encoding: chunked",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
    b"Connection: Content-Length",
)
#: Lengths of a body of `%d` bytes that a server may or may not read as 0.
LENGTHS = (
    b"Content-Length: 0\r\nContent-Length: %d",
    b"Content-Length: %d\r\nContent-Length: 0",
    b"Content-Length: %d, 0",
    b"Content-Length: 0, %d",
    b"Content-Length: +%d",
    b"Content-Length: -%d",
    b"Content-Length: 0x%d",
    b"Content-Length: %d.0",
    b"Content-Length: %de0",
    b"Content-Length: %d\x00",
    b"Content-Length: \x0b%d",
    b"Content-Length : %d",
    b"Content-Length: 0\r\n %d",
    b"Content-Length: 18446744073709551616%d",
)
#: Bodies in chunks that a server may or may not take to end before the canary.
CHUNKS = (
    b"+0\r\n\r\n" + CANARY,
    b"-1\r\n\r\n" + CANARY,
    b"0x0\r\n\r\n" + CANARY,
    b" 0\r\n\r\n" + CANARY,
    b"\r\n0\r\n\r\n" + CANARY,
    b"10000000000000000\r\n\r\n" + CANARY,
    b"1\r\nab\r\n0\r\n\r\n" + CANARY,
    b"1;x\n\r\na\r\nz\r\n\r\n" + CANARY,
    b"1\r\na0\r\n\r\n" + CANARY,
    b"g\r\n\r\n" + CANARY,
)
#: Heads after which the canary is a line of the same head for one of the two.
HEADS = (
    b"GET /health/live\r\n" + CANARY,
    b"GET /health/live HTTP/1.1 HTTP/1.1\r\nHost: %s\r\nX: y\r\r\n" % NAME.encode() + CANARY,
    b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nX: y\r\r\n" + CANARY,
    b"GET /health/live%0d%0a HTTP/1.1\r\nX: y\r\r\n" + CANARY,
    b"GET /health/live HTTP/1.1\r\nHost: %s\r\nX: y\r\r" % NAME.encode() + CANARY,
    b"GET /health/live HTTP/1.1\x00\r\nHost: %s\r\n\x00" % NAME.encode() + CANARY,
    b"CONNECT 127.0.0.1:8000 HTTP/1.1\r\nHost: %s\r\n\x00" % NAME.encode() + CANARY,
)


def forms() -> Iterator[bytes]:
    """Yield the bytes of each form."""
    for header in TRANSFER_ENCODINGS:
        yield LINE + b"Content-Length: %d\r\n%s\r\n\r\n%s" % (len(AFTER_CHUNKS), header, AFTER_CHUNKS)
    for lengths in LENGTHS:
        yield LINE + lengths % len(CANARY) + b"\r\n\r\n" + CANARY
    for body in CHUNKS:
        yield LINE + b"Transfer-Encoding: chunked\r\n\r\n" + body
    yield from HEADS


def answers_to(proxied: Proxied, data: bytes) -> list[int]:
    """Return the status of every answer to these bytes and to `LAST` behind them, until nginx ends the connection."""
    connection = proxied.connect()
    plain = connection.sock
    plain.sendall(data + LAST)
    received = bytearray()
    try:
        while part := plain.recv(65_536):
            received += part
    except (ConnectionError, TimeoutError):
        pass
    finally:
        connection.close()
    return [int(status) for status in STATUS.findall(bytes(received))]


def count_canaries(proxied: Proxied) -> int:
    return proxied.product.output().count(ROUTE)


def test_no_form_hides_a_request(proxied: Proxied, subtests: pytest.Subtests) -> None:
    all_forms = list(forms())
    assert len(set(all_forms)) >= 50
    for data in all_forms:
        with subtests.test(data=data[:120]):
            before = count_canaries(proxied)
            statuses = answers_to(proxied, data)
            # One answer to the form, which may be a refusal that ends the connection, and one to the last request.
            assert len(statuses) <= 2, statuses
            # nginx keeps connections to the server: a hidden request would answer one of these.
            assert [proxied.call("GET", "/health/live")[0] for _ in range(2)] == [200, 200]
            assert count_canaries(proxied) == before


def test_a_request_that_is_not_hidden_is_seen(proxied: Proxied) -> None:
    """Check that the test above would see the canary."""
    before = count_canaries(proxied)
    assert len(answers_to(proxied, CANARY + b"y\r\n\r\n")) == 2
    assert wait_until(lambda: count_canaries(proxied) == before + 1)


def test_what_the_server_refuses_itself(proxied: Proxied, subtests: pytest.Subtests) -> None:
    """Send the forms without nginx: the server must not serve two requests where a proxy could have seen one."""
    for data in forms():
        with subtests.test(data=data[:120]):
            before = count_canaries(proxied)
            plain = socket.create_connection(("127.0.0.1", proxied.product.port), PATIENCE_SECONDS)
            with plain:
                plain.sendall(data)
                plain.shutdown(socket.SHUT_WR)
                while plain.recv(65_536):
                    pass
            assert proxied.product.get() == 200
            assert count_canaries(proxied) == before
