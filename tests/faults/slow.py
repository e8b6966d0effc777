"""Visitors who never send the rest of a request, and others who vote meanwhile."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.factories import ORIGIN
from tests.serving import Product
from tests.widget.conftest import press_id

#: How long an impatient visitor waits for an answer.
PATIENCE_SECONDS = 8
TRICKLE_SECONDS = 0.5

HEAD = b"POST /w/x/votes HTTP/1.1\r\nHost: localhost\r\n"
#: What each kind sends at once, and then repeatedly.
STALLED = (HEAD + b"Content-Length: 1000\r\n\r\n{", b"")
TRICKLED = (HEAD + b"Content-Length: 1000\r\n\r\n{", b" ")
ENDLESS = (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n \r\n")
HALF_HEAD = (HEAD, b"")
SILENT = (b"", b"")
Kind = tuple[bytes, bytes]


class Slow:
    """A visitor with a slow request."""

    def __init__(self, port: int, kind: Kind) -> None:
        first, self.again = kind
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self.socket.sendall(first)

    def trickle(self) -> None:
        if self.again:
            self.socket.sendall(self.again)

    def is_cut(self) -> bool:
        """Return whether the server has answered or closed the connection."""
        self.socket.settimeout(TRICKLE_SECONDS)
        try:
            self.socket.recv(1)
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def answer(self, seconds: float) -> bytes:
        """Return the server's answer; empty if it only closes the connection."""
        deadline = time.monotonic() + seconds
        self.socket.settimeout(TRICKLE_SECONDS)
        response = b""
        while time.monotonic() < deadline:
            try:
                piece = self.socket.recv(65_536)
                response += piece
                if not piece or is_whole(response):
                    return response
            except TimeoutError:
                self.trickle()
        raise AssertionError("the server still waits for the rest")


def is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return length is not None and len(body) >= int(length[1])


@contextmanager
def slow(port: int, kinds: list[Kind]) -> Iterator[list[Slow]]:
    with ExitStack() as stack:
        connections = [Slow(port, kind) for kind in kinds]
        for one in connections:
            stack.enter_context(one.socket)
        yield connections


@dataclass
class Voters:
    """Readers who rate an article each, one after the other, with their answers and durations."""

    product: Product
    key: str
    revision: str
    seconds: list[float] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    def vote(self) -> None:
        body = {"kind": "article", "subject": "/a", "id": press_id(), "rev": 1, "age_ms": 0, "score": 3}
        data = json.dumps({**body, "revision": self.revision}).encode()
        request = urllib.request.Request(f"{self.product.url}/w/{self.key}/votes", data, {"Origin": ORIGIN})
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):
                self.seconds.append(time.monotonic() - began)
        except OSError as error:
            self.unanswered.append(f"{type(error).__name__}: {error}")

    def run(self, count: int, threads: int = 4) -> None:
        def some() -> None:
            for _ in range(count // threads):
                self.vote()

        running = [threading.Thread(target=some) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()


def voters(product: Product) -> Voters:
    site = product.make.site()
    return Voters(product, site.key, str(product.make.survey(site, "article").revision))


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def json_of(answer: bytes) -> dict[str, object]:
    return dict(json.loads(answer.partition(b"\r\n\r\n")[2]))
