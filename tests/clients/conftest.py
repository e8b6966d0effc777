"""A running server for those who call it from outside, and a stand-in that answers as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.factories import MadeSite
from tests.serving import UNLIMITED, Product, running


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("clients"), **UNLIMITED) as serving:
        yield serving


@pytest.fixture
def site(product: Product) -> MadeSite:
    made = product.make.site()
    product.make.survey(made)
    product.make.survey(made, "article")
    return made


class StandIn(ThreadingHTTPServer):
    """Answers each call with the next of `answers` (status, headers, body), the last one again and again."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.calls: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def problem(self, status: int, code: str, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, json.dumps({"code": code, "detail": "Later."}).encode()))

    def page(self, status: int, content: bytes) -> None:
        self.answers.append((status, {}, content))


class Handler(BaseHTTPRequestHandler):
    server: StandIn

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.calls.append(f"{self.command} {self.path}")
        answers = self.server.answers
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = answer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test says what was asked."""


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
