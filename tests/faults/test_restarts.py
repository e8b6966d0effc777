"""Restarts under load: every answer is true, and no request is left without one."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from itertools import pairwise
from uuid import UUID

import pytest

from tests.back_end import Api, done
from tests.databases import sqlite_url
from tests.factories import MadeSite
from tests.live.conftest import Reader
from tests.serving import PATIENCE_SECONDS, UNLIMITED, Product
from tests.widget.conftest import press_id
from widget_server.accounts import live_tokens
from widget_server.core import clock
from widget_server.events.outbox_reader import Position

from .readers import Readers, read_stored, reading
from .record import record

pytestmark = pytest.mark.server
Restart = Callable[[Product], object]
BETWEEN_SECONDS = 0.3
#: Less than a vote waits for the database.
LONG_SECONDS = 3.5
RESTARTS, KILLS, MAX_KILLS = 50, 5, 20


@pytest.fixture(scope="module")
def module_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    new_product = Product(tmp_path_factory.mktemp("restarts") / "data", backup_keep_days=0, **UNLIMITED)
    yield new_product
    new_product.end()


@pytest.fixture
def product(module_product: Product) -> Product:
    """Run a server that may be left running or stopped."""
    if module_product.has_ended():
        module_product.started()
    return module_product


def politely(product: Product) -> None:
    assert product.stop(signal.SIGTERM) == 0, product.output()
    assert "was killed" not in product.output()


class Transcript(threading.Thread):
    """An open transcript that reconnects whenever its stream ends, with the last position it received."""

    def __init__(self, product: Product) -> None:
        super().__init__(daemon=True)
        self.port = product.port + 1
        site = product.make.site()
        self.site: MadeSite = site
        self.api = Api(product.client, site.api_key)
        agent = product.make.agent(site)
        conversation = done(self.api.put("/conversations/talk", {}))
        agent_id = done(self.api.put(f"/agents/{agent}", {"name": "Anna"}))["id"]
        grant = live_tokens.grant_to_agent(site.id, UUID(agent_id), UUID(conversation["id"]), clock.now())
        self.token = live_tokens.write_token(product.make.secret_keys, grant)
        self.received: list[str] = []
        self.said = 0
        self.ends = 0
        self.stop = threading.Event()
        #: It receives events from then on.
        self.is_open = threading.Event()

    def say(self) -> None:
        self.said += 1
        message = {"external_id": f"m{self.said}", "author": "visitor", "text": "Hello"}
        done(self.api.post("/conversations/talk/messages", message))

    def run(self) -> None:
        after = ""
        while not self.stop.is_set():
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
                try:
                    connection.request(
                        "GET", f"/live/events?after={after}", headers={"Authorization": f"Bearer {self.token}"}
                    )
                    answer = connection.getresponse()
                except OSError:
                    time.sleep(0.05)
                    continue
                after = self.follow(Reader(answer, connection)) or after

    def follow(self, reader: Reader) -> str:
        """Listen to the end of the stream and return the last position."""
        while (fields := reader.frames.get(timeout=60)) != {}:
            reader.position = fields.get("id", reader.position)
            if fields.get("event") == "hello":
                self.is_open.set()
            if fields.get("event") == "change":
                self.received.append(reader.position)
        self.ends += 1
        return reader.position

    def has_all(self) -> bool:
        return len(self.received) >= self.said


def restarts(product: Product, stop: Restart, count: int) -> tuple[Readers, Transcript]:
    transcript = Transcript(product)
    transcript.start()
    assert transcript.is_open.wait(PATIENCE_SECONDS)
    with reading(product) as readers:
        for _ in range(count):
            transcript.say()
            time.sleep(BETWEEN_SECONDS)
            stop(product)
            product.started()
            transcript.say()
        time.sleep(BETWEEN_SECONDS)
    deadline = time.monotonic() + 20
    while not transcript.has_all() and time.monotonic() < deadline:
        time.sleep(0.05)
    transcript.stop.set()
    return readers, transcript


def assert_nothing_failed(product: Product, readers: Readers, transcript: Transcript) -> None:
    assert read_stored(url_of(product), readers.revision).holds(readers.acknowledged)
    assert (readers.refused, readers.lost_count) == ({}, 0)
    assert len(transcript.received) == transcript.said
    assert all(one < other for one, other in pairwise(map(positioned, transcript.received)))


def positioned(text: str) -> Position:
    position = Position.parse(text)
    assert position is not None
    return position


def url_of(product: Product) -> str:
    return sqlite_url(product.folder / "tilfreds.sqlite3")


def test_a_restart_under_load_loses_no_answer(product: Product) -> None:
    readers, transcript = restarts(product, politely, 1)
    assert_nothing_failed(product, readers, transcript)
    assert transcript.ends >= 1
    assert readers.acknowledged


@pytest.mark.long
def test_a_server_that_does_not_finish_is_found(product: Product) -> None:
    """Check a kill instead of a stop: no acknowledged vote is missing, but answers of saved votes are."""
    with reading(product) as readers:
        for _ in range(MAX_KILLS):
            time.sleep(BETWEEN_SECONDS)
            product.kill()
            product.started()
            time.sleep(BETWEEN_SECONDS)
            if readers.lost_count:
                break
    assert readers.lost_count and readers.cut
    product.stop()
    assert read_stored(url_of(product), readers.revision).holds(readers.acknowledged)


@pytest.mark.long
def test_many_restarts_under_load(product: Product) -> None:
    readers, transcript = restarts(product, politely, RESTARTS)
    assert_nothing_failed(product, readers, transcript)
    assert transcript.ends >= RESTARTS
    killed, _ = restarts(product, Product.kill, KILLS)
    assert killed.cut
    record(
        "A20",
        f"{RESTARTS} restarts: {len(readers.acknowledged):,} votes acknowledged, 0 missing, 0 doubled, 0 saved ones "
        f"unanswered; a transcript came back {transcript.ends} times and received each of {transcript.said} "
        "messages once, in order",
        f"killed in place of stopped, {KILLS} times: {killed.cut} requests cut, {killed.lost_count} of them saved",
    )


def test_a_long_request_is_finished(product: Product) -> None:
    """Hold the request longer than it takes the supervisor to send its signal several times."""
    with reading(product, threads=1) as readers:
        while not readers.acknowledged:
            time.sleep(0.01)
    with closing(sqlite3.connect(product.folder / "tilfreds.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        readers.stop.clear()
        id, count = press_id(), len(readers.acknowledged)
        pressed = threading.Thread(target=readers.rate, args=[id])
        pressed.start()
        time.sleep(0.3)
        product.send(signal.SIGTERM)
        time.sleep(LONG_SECONDS)
        other.execute("ROLLBACK")
        readers.stop.set()
        pressed.join()
    assert product.wait() == 0
    assert (len(readers.acknowledged), readers.cut) == (count + 1, 0)
