"""A server stops cleanly at any moment of its life."""

from __future__ import annotations

import http.client
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import cycle, product
from urllib.parse import urlencode

import pytest

from tests.long_cases import cases
from widget_server.migrations import run as migrations
from widget_server.storage.sqlite import LOCK_WAIT_SECONDS

from .server import PATIENCE_SECONDS, Server, assert_ended_cleanly, call, interrupt, wait_until

pytestmark = pytest.mark.server
Servers = Callable[..., Server]

#: What can be seen of a start, in order; each moment is some time after one of them, however fast the machine is.
PHASES: dict[str, Callable[[Server], object]] = {
    "called": lambda server: True,
    "locked": lambda server: (server.folder / "tilfreds.sqlite3-lock").exists(),
    "migrating": lambda server: (server.folder / "tilfreds.sqlite3").exists(),
    "supervised": lambda server: server.of("supervise.py"),
    "web started": lambda server: server.of("web.py"),
    "worker forked": lambda server: len(server.of("web.py")) == 2,
    "serving": lambda server: "Live  " in server.output(),
}
DELAYS = (0, 0.04, 0.15, 0.5)
#: Each phase once, and each delay, so that both signals come. The server of conftest.py is stopped while it serves.
SHORT = list(zip((phase for phase in PHASES if phase != "serving"), cycle(DELAYS), strict=False))
CLEAN = {0, -signal.SIGTERM, -signal.SIGINT}


@pytest.mark.parametrize(("phase", "delay"), cases(product(PHASES, DELAYS), short=SHORT))
def test_a_signal_at_any_moment_ends_everything(servers: Servers, phase: str, delay: float) -> None:
    number = signal.SIGINT if DELAYS.index(delay) % 2 else signal.SIGTERM
    server = servers().start()
    assert wait_until(lambda: PHASES[phase](server))
    time.sleep(delay)
    # Python itself exits with 1 if it is interrupted before it has read the first line of a program.
    early = {1} if phase == "called" and number == signal.SIGINT else set()
    status = server.stop(number)
    assert status in CLEAN | early, server.output()
    assert_ended_cleanly(server)


def has_newest_schema(server: Server) -> bool:
    url = f"sqlite:///{server.folder / 'tilfreds.sqlite3'}"
    return migrations.current_revision(url) == migrations.newest_revision()


def test_the_next_start_completes_an_interrupted_first_one(restarted_server: Server) -> None:
    assert has_newest_schema(restarted_server)


@pytest.mark.long
@pytest.mark.parametrize("delay", [0, 0.05])
def test_a_first_start_that_is_interrupted_sooner_or_later(servers: Servers, delay: float) -> None:
    server = servers()
    interrupt(server, delay)
    assert has_newest_schema(server.started())
    assert server.stop() == 0


def test_a_signal_while_the_migration_waits_for_the_database(servers: Servers) -> None:
    server = servers()
    path = server.folder / "tilfreds.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        server.start()
        assert wait_until(lambda: (server.folder / "secret").exists())
        time.sleep(0.5)
        started = time.monotonic()
        assert server.stop() in CLEAN
        assert time.monotonic() - started < LOCK_WAIT_SECONDS
    assert wait_until(server.is_gone)


def test_a_running_request_is_finished(restarted_server: Server) -> None:
    """Check that a request that waits for the database during the signal is answered, and its change is stored."""
    server = restarted_server
    link = call(server.folder, "owner", "link", port=server.port).stdout.strip()
    path = server.folder / "tilfreds.sqlite3"
    answers: list[int] = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)

    def press() -> None:
        page, _, code = link.removeprefix(server.url).partition("#")
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", page, urlencode({"code": code}), headers)
        answers.append(connection.getresponse().status)

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        pressed = threading.Thread(target=press)
        pressed.start()
        # Nothing shows when the request waits for the database, or that the server waits for the request.
        time.sleep(0.7)
        server.send(signal.SIGTERM)
        time.sleep(0.7)
        assert not server.has_ended() and not answers
        other.execute("ROLLBACK")
        pressed.join(PATIENCE_SECONDS)
        assert answers == [303]
    connection.close()
    assert server.wait() == 0, server.output()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM login_session").fetchone() == (1,)
