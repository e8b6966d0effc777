"""A running server for the clients, and a stub server with the responses of a test."""

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
    new_site = product.make.site()
    product.make.survey(new_site)
    product.make.survey(new_site, "article")
    return new_site


class StubServer(ThreadingHTTPServer):
    """A server that returns the next of `answers` (status, headers, body) to each call, and repeats the last one."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.calls: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def problem(self, status: int, code: str, **headers: str) -> None:
        http_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, http_headers, json.dumps({"code": code, "detail": "Later."}).encode()))

    def page(self, status: int, content: bytes) -> None:
        self.answers.append((status, {}, content))


class Handler(BaseHTTPRequestHandler):
    server: StubServer

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
        """Log nothing, because the test checks the calls."""


@pytest.fixture
def stub() -> Iterator[StubServer]:
    server = StubServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
