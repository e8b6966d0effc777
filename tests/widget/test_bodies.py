"""Malicious bodies, sent to the real server, are rejected at once and do not grow its memory."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from widget_server.core.config import Config

from ..factories import MadeSite
from ..serving import Product
from .conftest import press_id

MEGABYTE = 1 << 20
MAX_GROWTH = 50 * MEGABYTE
SECONDS = 30


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("served"), votes_per_source_per_minute=100_000)
    product.started()
    yield product
    product.end()


@pytest.fixture(scope="module")
def body(product: Product) -> dict[str, Any]:
    """Return a vote that the server accepts."""
    site: MadeSite = product.make.site()
    revision = str(product.make.survey(site, "article").revision)
    return {"key": site.key, "kind": "article", "subject": "/a", "rev": 1, "revision": revision, "score": 3}


def memory(product: Product) -> int:
    """Return the peak memory of the server's processes, in bytes."""
    total = 0
    for pid in product.family():
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text()
            total += int(status.partition("VmHWM:")[2].split()[0]) * 1024
    assert total > MEGABYTE
    return total


def send(product: Product, path: str, pieces: Iterator[bytes], headers: dict[str, str]) -> int:
    """Send a body piece by piece and return the status; 0 when the server closed the connection without a response."""
    connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=SECONDS)
    try:
        connection.putrequest("POST", path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                connection.send(piece)
        try:
            return connection.getresponse().status
        except (http.client.BadStatusLine, ConnectionError):
            return 0
    finally:
        connection.close()


def vote(product: Product, body: dict[str, Any], **more: Any) -> int:
    """Send a vote as a browser does, with unescaped letters, and return the status."""
    fields = {**{name: value for name, value in body.items() if name != "key"}, "id": press_id(), **more}
    content = json.dumps(fields, ensure_ascii=False).encode()
    headers = {"Content-Length": str(len(content)), "Origin": "https://shop.example"}
    return send(product, f"/w/{body['key']}/votes", iter([content]), headers)


def plain(size: int) -> Iterator[bytes]:
    piece = b"x" * MEGABYTE
    return (piece for _ in range(size // MEGABYTE))


def chunked(size: int) -> Iterator[bytes]:
    piece = b"%x\r\n%s\r\n" % (MEGABYTE, b"x" * MEGABYTE)
    yield from (piece for _ in range(size // MEGABYTE))
    yield b"0\r\n\r\n"


def test_a_hundred_megabytes(product: Product, body: dict[str, Any]) -> None:
    """Send them with and without a length, to the widget's addresses and to the API."""
    size = 100 * MEGABYTE
    before = memory(product)
    for path in (f"/w/{body['key']}/votes", "/api/v1/sites", "/w/none/ended", "/nothing"):
        for headers, pieces in (
            ({"Content-Length": str(size)}, plain(size)),
            ({"Transfer-Encoding": "chunked"}, chunked(size)),
        ):
            status = send(product, path, pieces, {"Content-Type": "application/json", **headers})
            # The server does not read a body without a length, so it is not JSON.
            assert status in (0, 400, 401, 404, 413, 415), (path, headers, status)
    assert memory(product) - before <= MAX_GROWTH
    assert vote(product, body) == 200


def test_a_gzip_bomb_is_not_opened(product: Product, body: dict[str, Any]) -> None:
    """Send 100 MB that are small on the wire. Without decompression they are not JSON."""
    bomb = gzip.compress(b'{"comment": "' + b"0" * 10 * MEGABYTE + b'"}')
    assert len(bomb) < 16_384
    before = memory(product)
    for path, code in ((f"/w/{body['key']}/votes", 400), ("/api/v1/sites", 415)):
        for encoding in ("gzip", "br", "deflate", "gzip, gzip"):
            headers = {
                "Content-Length": str(len(bomb)),
                "Content-Encoding": encoding,
                "Content-Type": "application/json",
            }
            assert send(product, path, iter([bomb]), headers) == code
    assert memory(product) - before <= MAX_GROWTH


def test_ten_thousand_parts(product: Product, body: dict[str, Any]) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    form = part * 10_000 + b"--x--\r\n"
    for path in (f"/w/{body['key']}/votes", "/api/v1/sites", "/console/sign-in/link"):
        headers = {"Content-Length": str(len(form)), "Content-Type": "multipart/form-data; boundary=x"}
        assert send(product, path, iter([form]), headers) in (0, 403, 413, 415), path


def test_a_body_shorter_than_its_length_delays_no_other_request(product: Product, body: dict[str, Any]) -> None:
    """Open all but one of WEB_THREADS such connections; a vote still gets through."""
    connections = []
    for _ in range(Config().web_threads - 1):
        connections.append(socket.create_connection(("127.0.0.1", product.port), SECONDS))
        promise = f"POST /w/{body['key']}/votes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\n{{"
        connections[-1].sendall(promise.encode())
    started = time.monotonic()
    try:
        assert vote(product, body) == 200
        assert time.monotonic() - started < 5
    finally:
        for connection in connections:
            connection.close()


def test_the_largest_answer_that_a_visitor_can_give_is_accepted(product: Product, body: dict[str, Any]) -> None:
    """Send full comments in the letters with the most bytes; they fit within the limit."""
    for comment in ("\u6f22" * 4_000, "\U0001f600" * 2_000, '"' * 4_000, "\n" * 4_000):
        assert vote(product, body, comment=comment) == 200
    assert vote(product, body, comment="x" * 4_001) == 422
    assert vote(product, body, comment="x" * 20_000) == 413


def test_many_large_bodies_at_once(product: Product, body: dict[str, Any]) -> None:
    before = memory(product)
    size = 10 * MEGABYTE
    headers = {"Content-Length": str(size)}
    with ThreadPoolExecutor(10) as pool:
        jobs = [pool.submit(send, product, f"/w/{body['key']}/votes", plain(size), headers) for _ in range(10)]
        statuses = {job.result(SECONDS) for job in jobs}
    assert statuses <= {0, 413}
    assert memory(product) - before <= MAX_GROWTH
    assert vote(product, body) == 200


@pytest.mark.server
def test_a_screenshot_that_is_too_large_is_refused_unread(product: Product, body: dict[str, Any]) -> None:
    path = f"/w/{body['key']}/votes/01890000-0000-7000-8000-000000000000/screenshot"
    before = memory(product)
    with socket.create_connection(("127.0.0.1", product.port), SECONDS) as connection:
        head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {900 * MEGABYTE}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403")
    assert memory(product) - before < MAX_GROWTH
