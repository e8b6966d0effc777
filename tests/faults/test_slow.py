"""Slow and endless requests are cut, and until then the votes of others continue."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.back_end import Api
from tests.factories import MadeSite, Make
from tests.serving import UNLIMITED, Product
from widget_server.core.config import Config
from widget_server.serve import request_buffer
from widget_server.serve.request_buffer import ConnectionWatch, RequestBuffer

from .record import record
from .slow import ENDLESS, HALF_HEAD, SILENT, STALLED, TRICKLED, json_of, quantile, slow, voters

MANY = [STALLED] * 25 + [TRICKLED] * 25 + [HALF_HEAD] * 50


@pytest.fixture
def products(tmp_path: Path) -> Iterator[Callable[..., Product]]:
    products_made: list[Product] = []

    def make(name: str = "data", **settings: object) -> Product:
        products_made.append(Product(tmp_path / name, **{**UNLIMITED, **settings}))
        products_made[-1].started()
        return products_made[-1]

    yield make
    for product in products_made:
        product.end()


@pytest.mark.server
def test_others_vote_while_many_stall(shared_product: Product) -> None:
    others = voters(shared_product)
    with slow(shared_product.port, MANY):
        others.run(40)
    assert others.unanswered == []
    assert len(others.seconds) == 40


@pytest.mark.server
@pytest.mark.long
def test_too_few_threads_are_found(products: Callable[..., Product]) -> None:
    """Check with fewer threads than stalled visitors."""
    product = products(web_threads=4)
    others = voters(product)
    with slow(product.port, MANY):
        others.run(4)
    assert len(others.unanswered) == 4


@pytest.mark.server
@pytest.mark.long
def test_slow_requests_at_length(products: Callable[..., Product]) -> None:
    """Repeat with rounds longer than the limit for a stalled request, so that all are cut while others vote."""
    product, rounds = products(), 3
    others = voters(product)
    others.run(100)
    others.seconds.clear()
    others.run(2_000)
    alone, others.seconds = quantile(others.seconds, 0.99), []
    cut = 0
    for _ in range(rounds):
        with slow(product.port, [*MANY, *[ENDLESS] * 10, *[SILENT] * 200]) as visitors:
            until = time.monotonic() + request_buffer.BODY_SECONDS + 2
            while time.monotonic() < until:
                others.run(100)
                for visitor in visitors:
                    with suppress(OSError):
                        visitor.trickle()
            cut += sum(visitor.is_cut() for visitor in visitors)
    assert others.unanswered == []
    assert cut == rounds * 310
    together = quantile(others.seconds, 0.99)
    planted = products("planted", web_threads=4)
    starved = voters(planted)
    with slow(planted.port, MANY):
        starved.run(4)
    assert len(starved.unanswered) == 4
    record(
        "A22",
        f"{rounds} times 110 stalled, trickling or endless requests and 200 silent connections: all {cut} cut; "
        f"{len(others.seconds):,} votes of others meanwhile, 0 unanswered, p99 {together / alone:.1f} times that alone",
        "only 4 threads: 0 of 4 votes of others answered",
    )


@pytest.mark.server
@pytest.mark.long
@pytest.mark.parametrize("kind", [STALLED, TRICKLED, ENDLESS], ids=["stalled", "trickled", "endless"])
def test_a_client_that_never_sends_the_rest_is_informed(products: Callable[..., Product], kind: Any) -> None:
    product = products()
    with slow(product.port, [kind, HALF_HEAD, SILENT]) as (visitor, half, _):
        answer = visitor.answer(3 * request_buffer.BODY_SECONDS)
        assert answer.startswith(b"HTTP/1.1 408")
        assert json_of(answer)["code"] == "timeout"
        assert b"access-control-allow-origin: *" in answer.lower()
        assert half.answer(request_buffer.BODY_SECONDS) == b""


@pytest.mark.server
def test_a_body_that_was_cut_is_not_mistaken_for_an_empty_one(shared_product: Product) -> None:
    """Check the end of a conversation, which may have no body, so a lost body must be distinguished from none."""
    make = shared_product.make
    site = make.site()
    make.survey(site)
    chat = make.chat(site)
    with closing(HTTPConnection("127.0.0.1", shared_product.port, timeout=20)) as connection:
        connection.putrequest("POST", f"/api/v1/conversations/{chat}/end")
        for name, value in (("Authorization", f"Bearer {site.api_key}"), ("Content-Type", "application/json")):
            connection.putheader(name, value)
        connection.putheader("Content-Length", "500")
        connection.endheaders(b'{"ended')
        assert isinstance(connection.sock, socket.socket)
        connection.sock.shutdown(socket.SHUT_WR)
        assert connection.getresponse().status == 400
    conversation = make.back_end(site).get(f"/conversations/{chat}").get_json()
    assert conversation["segments"][-1]["ended_at"] is None


class Stream:
    """A body as the server passes it on; `meanwhile` is called while it is awaited."""

    def __init__(self, data: bytes, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.data = data
        self.meanwhile = meanwhile

    def read(self, size: int = -1) -> bytes:
        self.meanwhile()
        read, self.data = (self.data, b"") if size < 0 else (self.data[:size], self.data[size:])
        return read


def call(app: Any, stream: Stream, length: int | None, **more: Any) -> tuple[int, bytes]:
    environ = EnvironBuilder(**{"method": "POST", "content_type": "application/json", **more}).get_environ()
    environ |= {"wsgi.input": stream, "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)
    environ |= {"HTTP_TRANSFER_ENCODING": "chunked"} if length is None else {"CONTENT_LENGTH": str(length)}
    body, status, _ = run_wsgi_app(app, environ)
    return int(status[:3]), b"".join(body)


@pytest.fixture
def echo() -> Flask:
    app = Flask("echo")
    app.add_url_rule("/", view_func=lambda: request.get_data() or b"nothing", methods=["POST"])
    return app


def test_whole_bodies_reach_the_application(echo: Flask) -> None:
    buffer = RequestBuffer(echo, 10)
    assert call(buffer, Stream(b"12345"), 5) == (200, b"12345")
    assert call(buffer, Stream(b"12345"), None) == (200, b"12345")
    assert call(buffer, Stream(b""), 0) == (200, b"nothing")
    assert buffer.deadlines == {}


def test_incomplete_bodies_do_not(echo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(echo, Stream(b""), 5) == (200, b"nothing"), "what the intake is there for"
    assert call(RequestBuffer(echo, 10), Stream(b""), 5)[0] == 400
    assert call(RequestBuffer(echo, 10), Stream(b"1234"), 5)[0] == 400
    monkeypatch.setattr(request_buffer, "BODY_SECONDS", 0.0)
    assert call(RequestBuffer(echo, 10), Stream(b"1234"), 5)[0] == 408
    assert call(RequestBuffer(echo, 10), Stream(b"1234"), None)[0] == 408


def test_an_endless_body_is_read_only_up_to_the_limit(echo: Flask) -> None:
    assert call(RequestBuffer(echo, 10), Stream(b"x" * 1000), None) == (200, b"x" * 11)
    statuses: list[int] = []
    large = Stream(b"x" * 1000, lambda: statuses.append(1))
    echo.config["MAX_CONTENT_LENGTH"] = 10
    assert call(RequestBuffer(echo, 10), large, 1000)[0] == 413
    assert statuses == []


def is_locked(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        return False


@pytest.mark.parametrize("waits_first", [True, False])
def test_the_database_is_free_while_a_body_is_awaited(
    app: Flask, config: Config, make: Make, site: MadeSite, waits_first: bool
) -> None:
    """Check that a slow back end does not hold the one writing connection, which all votes need."""
    locked: list[bool] = []
    stream = Stream(b"{}", lambda: locked.append(is_locked(config.sqlite_path)))
    api = Api(app.test_client(), site.api_key)
    headers = {"Authorization": f"Bearer {api.key}"}
    app_under_test = RequestBuffer(app, 1000) if waits_first else app
    assert call(app_under_test, stream, 2, method="PUT", path="/api/v1/conversations/c1", headers=headers)[0] == 200
    assert locked[0] is not waits_first


class Visits:
    """Connections to a port of this process, from both of their ends."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.opened: list[socket.socket] = [self.listener]

    def connect(self) -> tuple[socket.socket, socket.socket]:
        visitor = socket.create_connection(("127.0.0.1", self.port), 5)
        server, _ = self.listener.accept()
        server.settimeout(0.2)
        self.opened += [visitor, server]
        return visitor, server


@pytest.fixture
def visits() -> Iterator[Visits]:
    other_visits = Visits()
    yield other_visits
    for one in other_visits.opened:
        one.close()


def has_ended(server: socket.socket) -> bool:
    try:
        while server.recv(100):
            pass
    except TimeoutError:
        return False
    return True


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="this system does not say how silent a connection is")
def test_connections_without_an_answer_are_ended_and_no_others(visits: Visits) -> None:
    (silent, first), (talking, second), (answered, third) = (visits.connect() for _ in range(3))
    beside = socket.socketpair()
    stop = threading.Event()

    def talk() -> None:
        while not stop.wait(0.05):
            talking.sendall(b"a")

    talker = threading.Thread(target=talk)
    talker.start()
    time.sleep(0.6)
    third.sendall(b"answer")
    ConnectionWatch(RequestBuffer(lambda environ, start: [], 0), visits.port).end_silent(0.5)
    stop.set()
    talker.join()
    assert (has_ended(first), has_ended(second), has_ended(third)) == (True, True, False)
    first.sendall(b"goodbye")
    assert silent.recv(100) == b"goodbye"
    assert answered.recv(100) == b"answer"
    for other in beside:
        other.close()


def test_the_watch_checks_more_often_only_while_a_body_is_overdue(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = RequestBuffer(lambda environ, start: [], 100)
    overdue_states: list[bool] = []
    stream = Stream(b"12", lambda: overdue_states.append(buffer.has_overdue()))
    buffer.read_body(stream, 2)
    monkeypatch.setattr(request_buffer, "BODY_SECONDS", -1.0)
    buffer.read_body(stream, 2)
    assert overdue_states == [False, True]
    assert not buffer.has_overdue()


@pytest.mark.parametrize(("method", "path", "seconds"), [("PUT", "/screenshot", 32.0), ("POST", "/votes", 0.0)])
def test_a_screenshot_may_take_longer_by_its_bytes(method: str, path: str, seconds: float) -> None:
    environ = {"REQUEST_METHOD": method, "PATH_INFO": f"/w/KEY/votes/ID{path}"}
    assert request_buffer.extra_seconds(environ, 2 * 1024 * 1024) == seconds
